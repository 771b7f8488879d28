"""Checks in the register (GDPR-16): who notes them, how long they count, and what they open."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events.domain import leaders, publication
from events.models import EventLeader
from participants.models import AccessLog
from projects.domain import vetting
from projects.models import Vetting
from projects.rules import accounts_to_lead
from tests.makers import a_coordinator, a_former_animator, a_neighbourhood, an_animator, an_event, an_officer, warsaw

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 10)
ADD, LIST = reverse("admin:projects_vetting_add"), reverse("admin:projects_vetting_changelist")


@pytest.fixture
def ugorek():
    return a_neighbourhood("Ugorek")


@pytest.fixture
def animator(ugorek):
    return an_animator(ugorek)


def checked(user, first=date(2026, 1, 1), due=date(2026, 12, 31)):
    return Vetting.objects.create(user=user, checked_on=first, next_due_on=due, checked_by=user, reference="KRS/1")


def for_children(ugorek, *who, **fields):
    """A draft for 10 May 2026, open to minors, led by the accounts and names."""
    event = an_event(ugorek, status="draft", open_to_minors=True, starts_at=warsaw("2026-05-10 16:00"), **fields)
    for person in who:
        EventLeader.objects.create(event=event, **({"name": person} if isinstance(person, str) else {"user": person}))
    return event


@pytest.mark.parametrize(
    ("first", "due", "on", "counts"),
    [
        (date(2026, 5, 10), date(2027, 5, 10), DAY, True),
        (date(2025, 5, 10), date(2026, 5, 10), DAY, True),
        (date(2025, 5, 9), date(2026, 5, 9), DAY, False),
        (date(2026, 5, 11), date(2027, 5, 11), DAY, False),
    ],
)
def test_check_counts_from_its_day_to_the_day_it_is_due_again(animator, first, due, on, counts):
    checked(animator, first, due)

    assert vetting.is_vetted(animator, on) is counts
    assert vetting.vetted({animator.pk}, on) == ({animator.pk} if counts else set())


def test_recording_leaves_a_line_in_the_access_log_without_names(animator):
    officer = an_officer()
    made = vetting.record(animator, DAY, DAY + timedelta(days=365), " KRS/7 ", actor=officer, on=DAY)
    entry = AccessLog.objects.get()

    assert (made.reference, made.checked_by) == ("KRS/7", officer)
    assert (entry.action, entry.actor, entry.subject_ids, entry.detail) == ("rights", officer, [made.pk], {"next_due_on": "2027-05-10"})


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("not_yet", {"checked_on": DAY + timedelta(days=1)}),
        ("due_before_checked", {"next_due_on": DAY}),
        ("needs_reference", {"reference": "  "}),
    ],
)
def test_what_cannot_be_recorded(animator, code, change):
    values = {"checked_on": DAY, "next_due_on": DAY + timedelta(days=365), "reference": "KRS/1", **change}
    with pytest.raises(RuleBroken) as refusal:
        vetting.record(animator, **values, actor=an_officer(), on=DAY)

    assert (refusal.value.code, Vetting.objects.count()) == (code, 0)


def test_animator_does_not_record_checks(animator):
    with pytest.raises(RuleBroken) as refusal:
        vetting.record(animator, DAY, DAY + timedelta(days=1), "KRS/1", actor=animator, on=DAY)

    assert refusal.value.code == "not_allowed"


@pytest.mark.parametrize(
    ("case", "sentences"),
    [
        ("nobody leads", 1),
        ("led by a checked animator", 0),
        ("led by an unchecked animator", 1),
        ("check lapses the day before", 1),
        ("checked animator and unchecked helper", 1),
        ("checked animator and a guest without an account", 1),
        ("only a guest without an account", 2),
        ("only somebody who assists", 1),
    ],
)
def test_event_open_to_minors_needs_everybody_checked(ugorek, animator, case, sentences):
    other = an_animator(ugorek)
    who = {
        "nobody leads": (), "led by an unchecked animator": (other,), "checked animator and unchecked helper": (animator, other),
        "checked animator and a guest without an account": (animator, "Gość"), "only a guest without an account": ("Gość",),
    }.get(case, (animator,))  # fmt: skip
    checked(animator, due=date(2026, 5, 9) if "lapses" in case else date(2026, 12, 31))
    event = for_children(ugorek, *who)
    if "assists" in case:
        event.leaders.update(role=EventLeader.Role.ASSISTS)

    assert [field for field, _sentence in leaders.missing_for_minors(event)] == ["open_to_minors"] * sentences


def test_checks_that_follow_one_another_carry_an_event_over_several_days(ugorek, animator):
    checked(animator, due=date(2026, 5, 10))
    event = for_children(ugorek, animator)
    event.ends_at = warsaw("2026-05-12 12:00")
    assert len(leaders.missing_for_minors(event)) == 1

    checked(animator, first=date(2026, 5, 11))
    assert leaders.missing_for_minors(event) == []


def test_publication_refuses_children_without_a_checked_leader(ugorek, animator):
    event = for_children(ugorek, animator)
    with pytest.raises(RuleBroken) as refusal:
        publication.publish(event, at=warsaw("2026-05-01 12:00"))
    assert refusal.value.code == "incomplete"

    checked(animator)
    assert publication.publish(event, at=warsaw("2026-05-01 12:00")).is_published


def test_event_for_adults_asks_for_nothing(ugorek):
    assert leaders.missing_for_minors(an_event(ugorek)) == []


def test_accounts_to_lead_are_oneself_and_the_animators_of_own_neighbourhoods(ugorek, animator):
    here, elsewhere = an_animator(ugorek), an_animator(a_neighbourhood("Azory"))
    a_former_animator(ugorek)
    coordinator = a_coordinator()

    assert set(accounts_to_lead(animator)) == {animator, here}
    assert set(accounts_to_lead(coordinator)) == {animator, here, elsewhere, coordinator}


# --- The panel ------------------------------------------------------------------------------------------------------------


def test_officer_notes_a_check_and_sees_who_is_due_soon(animator):
    today = timezone.localdate()
    client = Client()
    client.force_login(an_officer())
    client.post(
        ADD,
        {
            "user": animator.pk,
            "checked_on": today.isoformat(),
            "next_due_on": (today + timedelta(days=30)).isoformat(),
            "reference": "KRS/3",
        },
    )
    soon = client.get(LIST, {"state": "soon"})

    assert [check.reference for check in soon.context["cl"].result_list] == ["KRS/3"]
    assert client.get(LIST, {"state": "valid"}).context["cl"].result_count == 0


def test_wrong_check_is_answered_at_its_field(animator):
    today = timezone.localdate()
    client = Client()
    client.force_login(an_officer())
    typed = {"user": animator.pk, "checked_on": today.isoformat(), "next_due_on": today.isoformat(), "reference": "KRS/3"}
    answer = client.post(ADD, typed)

    assert list(answer.context["adminform"].form.errors) == ["next_due_on"]
    assert Vetting.objects.count() == 0


def test_replaced_check_alarms_nobody(animator):
    today = timezone.localdate()
    checked(animator, today - timedelta(days=400), today - timedelta(days=35))
    checked(animator, today - timedelta(days=30), today + timedelta(days=335))
    client = Client()
    client.force_login(an_officer())

    assert [client.get(LIST, {"state": state}).context["cl"].result_count for state in ("lapsed", "replaced", "valid")] == [0, 1, 1]


@pytest.mark.parametrize(
    ("who", "status"), [(an_officer, 200), (a_coordinator, 200), (lambda: an_animator(a_neighbourhood("Ugorek")), 403)]
)
def test_checks_are_the_office_s(who, status):
    client = Client()
    client.force_login(who())

    assert client.get(LIST).status_code == status
