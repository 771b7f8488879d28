"""An edition's life: ready line by line, published only when green, taken off, and begun empty."""

from datetime import date

import pytest

from active_citizens.content.models import AccessibilityDeclaration
from active_citizens.core.refusal import RuleBroken
from participants.models import AccessLog, Notice
from projects.domain import editions, readiness
from projects.models import Assignment, Module, Project
from tests.makers import (
    a_coordinator,
    a_neighbourhood,
    a_notice,
    a_project,
    a_stage,
    an_animator,
    an_event,
    an_officer,
    warsaw,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 28)
NOW = warsaw("2026-11-28 12:00")
LINES = ["controller", "protection_officer", "notices", "phones", "estates", "people", "declaration"]


def a_declaration(**fields):
    return AccessibilityDeclaration.objects.create(**{
        "body_name": "UMK", "site_name": "Portal", "site_published_on": TODAY, "site_changed_on": TODAY, "drawn_up_on": TODAY,
        "method": ".", "gaps": ".", "contact_name": "Zespół", "contact_email": "dostepnosc@krakow.invalid",
        "contact_phone": "12 616 00 00", "architecture": ".", "communication": ".", **fields,
    })  # fmt: skip


def an_edition(**fields):
    """One that lacks nothing, unless said."""
    return a_project(**{
        "is_published": False, "controller_pl": "Prezydent", "protection_officer_pl": "iod@krakow.invalid", "phone_line": "12 616 00 00",
        "phone_hours_pl": "pn.–pt. 9–15", "contact_email": "program@krakow.invalid", **fields,
    })  # fmt: skip


@pytest.fixture
def ready():
    place = a_neighbourhood("Ugorek")
    project = an_edition()
    place.projects.set([project])
    an_animator(place)
    an_officer()
    for purpose in Notice.Purpose:
        a_notice(purpose, published_at=warsaw("2026-11-01 12:00"))
    a_declaration()
    return project


def lacking(project, on=TODAY):
    return [answer.code for answer in readiness.missing(project, on)]


def spoil(project, **fields):
    Project.objects.filter(pk=project.pk).update(**fields)
    project.refresh_from_db()


def test_nothing_is_missing_and_every_line_was_looked_at(ready):
    assert lacking(ready) == []
    assert [answer.code for answer in readiness.checklist(ready, TODAY)] == LINES


@pytest.mark.parametrize(
    ("line", "break_it"),
    [
        ("controller", lambda project: spoil(project, controller_pl=" ")),
        ("protection_officer", lambda project: spoil(project, protection_officer_pl="")),
        ("notices", lambda project: Notice.objects.filter(purpose=Notice.Purpose.PHONE).update(published_at=None)),
        ("notices", lambda project: Notice.objects.filter(purpose=Notice.Purpose.SIGN_UP).update(language="en")),
        ("notices", lambda project: Notice.objects.update(published_at=warsaw("2026-12-24 12:00"))),
        ("phones", lambda project: spoil(project, phone_line="")),
        ("phones", lambda project: spoil(project, phone_hours_pl="")),
        ("phones", lambda project: spoil(project, contact_email="")),
        ("estates", lambda project: project.neighbourhoods.clear()),
        ("estates", lambda project: project.neighbourhoods.update(is_published=False)),
        ("people", lambda project: project.neighbourhoods.add(a_neighbourhood("Azory"))),
        ("people", lambda project: Assignment.objects.filter(role="officer").delete()),
        ("people", lambda project: Assignment.objects.filter(role="animator").update(ends_on=date(2026, 11, 27))),
        ("declaration", lambda project: AccessibilityDeclaration.objects.all().delete()),
        ("declaration", lambda project: AccessibilityDeclaration.objects.update(contact_email="dostepnosc@example.org")),
        ("declaration", lambda project: AccessibilityDeclaration.objects.update(contact_phone="12 000 00 00")),
    ],
)
def test_what_is_missing_is_named_and_publishing_refused(ready, line, break_it):
    break_it(ready)

    assert lacking(ready) == [line]
    with pytest.raises(RuleBroken) as refused:
        editions.publish(ready, actor=a_coordinator(), at=NOW)
    assert refused.value.code == "not_ready"
    assert not Project.objects.get(pk=ready.pk).is_published


def test_an_edition_that_has_ended_is_history_and_needs_nothing(ready):
    spoil(ready, controller_pl="", starts_on=date(2013, 12, 1), ends_on=date(2026, 11, 27))
    assert lacking(ready) == []

    spoil(ready, ends_on=TODAY)
    assert lacking(ready) == ["controller"]


def test_published_and_taken_off_leave_a_trace_each_once(ready):
    coordinator = a_coordinator()
    for _time in range(2):
        editions.publish(ready, actor=coordinator, at=NOW)
    assert Project.objects.get(pk=ready.pk).is_published

    for _time in range(2):
        editions.take_off(ready, actor=coordinator, at=NOW)
    assert not Project.objects.get(pk=ready.pk).is_published
    assert [entry.detail["verb"] for entry in AccessLog.objects.filter(subject="project").order_by("pk")] == ["publish", "take_off"]


@pytest.mark.parametrize("verb", [editions.publish, editions.take_off])
def test_only_a_coordinator_publishes_or_takes_off(ready, verb):
    with pytest.raises(RuleBroken) as refused:
        verb(ready, actor=an_officer())
    assert refused.value.code == "not_allowed"


def test_an_empty_edition_takes_over_lists_and_never_events_or_dates(ready):
    a_stage(ready, 1, title_pl="Szkolenie", starts_on=date(2026, 1, 1), source_note_pl="źródło")
    Module.objects.create(project=ready, number=1, title_pl="Ja", planned_minutes=120)
    an_event(project=ready)

    begun = editions.start_empty("Druga edycja", "druga", like=ready, take_over=editions.TAKEN_OVER, actor=a_coordinator())

    stage = begun.stages.get()
    assert (begun.title_pl, begun.is_published, begun.is_current, begun.controller_pl) == ("Druga edycja", False, False, "Prezydent")
    assert list(begun.neighbourhoods.values_list("slug", flat=True)) == ["ugorek"]
    assert (stage.title_pl, stage.starts_on, stage.source_note_pl or "") == ("Szkolenie", None, "")
    assert list(begun.modules.values_list("title_pl", "planned_minutes")) == [("Ja", 120)]
    assert begun.events.count() == 0


def test_an_edition_from_scratch_is_quite_empty(ready):
    begun = editions.start_empty("Nowa", "nowa", like=ready, actor=a_coordinator())

    assert (begun.stages.count(), begun.modules.count(), begun.neighbourhoods.count(), begun.phone_line) == (0, 0, 0, "")


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("slug_taken", {"slug": "zajety"}),
        ("ends_before_start", {"starts_on": TODAY, "ends_on": date(2026, 1, 1)}),
    ],
)
def test_a_wrong_beginning_is_refused_with_a_code(code, wrong):
    a_project(slug="zajety")
    with pytest.raises(RuleBroken) as refused:
        editions.start_empty("Nowa", **{"slug": "nowa", **wrong}, actor=a_coordinator())
    assert refused.value.code == code
