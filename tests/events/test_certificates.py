"""Certificates: at the threshold, numbered one after another, annulled with a reason, printed from what was written down."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events.domain import certificates, journey, trainings
from events.models import Certificate, Training, TrainingPerson
from participants.domain import merging
from participants.models import AccessLog
from tests import poppler
from tests.makers import a_module, a_person, a_project, a_user, an_event, an_officer, an_organisation, came_to, the_project, warsaw

pytestmark = pytest.mark.django_db


@contextmanager
def refused_as(code):
    with pytest.raises(RuleBroken) as refused:
        yield
    assert refused.value.code == code


def present(minutes, **fields):
    """Somebody who was at so many of the 120 minutes of the one module; the certificate takes 75 %."""
    project = the_project()
    project.certificate_threshold = 75
    project.save()
    starts_at = timezone.now() - timedelta(days=3)
    module = project.modules.first() or a_module(project, title="Ja i Ty", planned_minutes=120)
    return came_to(an_event(module=module, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes)), a_person(**fields)).person


def issue(person, **how):
    return certificates.issue(person, the_project(), actor=how.pop("actor", None) or an_officer(), **how)


def test_certificate_keeps_the_figures_of_its_day():
    person = present(90)
    made = issue(person)
    the_project().modules.update(title_pl="Inaczej", planned_minutes=600)

    made.refresh_from_db()
    assert (made.minutes, made.threshold) == (90, 75)
    assert made.modules == [{"number": 1, "title": "Ja i Ty", "minutes": 90}]
    assert AccessLog.objects.filter(subject="events.certificate", subject_ids=[made.pk]).count() == 1


def test_below_the_threshold_it_is_refused_with_the_figures():
    with pytest.raises(RuleBroken) as refused:
        issue(present(89))

    assert (refused.value.code, refused.value.context["percent"], refused.value.context["threshold"]) == ("below_threshold", 74, 75)
    assert not Certificate.objects.exists()


def test_without_a_threshold_there_are_no_certificates():
    person, project = a_person(), a_project()
    with pytest.raises(RuleBroken) as refused:
        certificates.issue(person, project, actor=an_officer())
    assert refused.value.code == "no_threshold"


def test_one_live_certificate_a_person_and_a_new_one_after_annulling():
    person, officer = present(120), an_officer()
    first = issue(person, actor=officer)
    with refused_as("already_issued"):
        issue(person)

    certificates.annul(first, "Pomyłka w nazwisku.", actor=officer)
    second = issue(person)
    assert [second.sequence, Certificate.objects.live().get()] == [first.sequence + 1, second]


def test_the_database_holds_one_live_certificate():
    made = issue(present(120))
    made.pk, made.sequence, made.number = None, 99, "AS/2026/0099"
    with pytest.raises(IntegrityError, match="certificate_one_live_per_person"), transaction.atomic():
        made.save(force_insert=True)


def test_annulling_twice_keeps_the_first_reason_and_needs_one():
    made, officer = issue(present(120)), an_officer()
    with refused_as("no_reason"):
        certificates.annul(made, " ", actor=officer)
    certificates.annul(made, "Pomyłka.", actor=officer)

    assert certificates.annul(made, "Inaczej.", actor=officer).annul_reason == "Pomyłka."


def test_numbers_begin_anew_each_year_by_the_clocks_of_krakow():
    people = [present(120) for _number in range(3)]
    module = the_project().modules.get()
    module.events.update(starts_at=warsaw("2026-01-01 10:00"), ends_at=warsaw("2026-01-01 12:00"))
    moments = ("2026-12-30 12:00", "2026-12-31 23:59", "2027-01-01 00:00")
    numbers = [issue(person, at=warsaw(moment)).number for person, moment in zip(people, moments, strict=True)]

    assert numbers == ["AS/2026/0001", "AS/2026/0002", "AS/2027/0001"]


@pytest.mark.django_db(transaction=True)
def test_numbers_given_at_once_are_different_and_without_gaps():
    people, officer = [present(120) for _number in range(6)], an_officer()
    project = the_project()

    def press(person):
        try:
            certificates.issue(person, project, actor=officer)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Certificate.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5, 6]


# --- On paper -------------------------------------------------------------------------------------------------------------


def test_the_paper_says_it_in_polish_letters_and_is_tagged():
    made = issue(present(150, name="Łucja Żak"))
    paper = certificates.as_pdf(made)
    words = poppler.text(paper)

    assert {"Tagged": "yes", "Title": "Zaświadczenie", "Pages": "1"}.items() <= poppler.info(paper).items()
    for said in ("Łucja Żak", "1. Ja i Ty", made.number, "/zaswiadczenia/"):
        assert said in words


def test_a_joined_record_brings_its_certificate_and_of_two_the_kept_ones_counts():
    kept, gone, third = present(90), present(120), present(100)
    first, second, alone = issue(kept), issue(gone), issue(third)
    merging.merge(kept, gone, actor=an_officer())
    other = a_person()
    joined = merging.merge(other, third, actor=an_officer())

    for row in (first, second, alone):
        row.refresh_from_db()
    assert [(row.person, row.is_live) for row in (first, second, alone)] == [(kept, True), (kept, False), (other, True)]
    assert first.number in second.annul_reason

    merging.undo(joined, actor=an_officer())
    alone.refresh_from_db()
    assert alone.person == third


def test_an_annulled_certificate_is_not_printed():
    made = certificates.annul(issue(present(120)), "Pomyłka.", actor=an_officer())
    with refused_as("annulled"):
        certificates.as_pdf(made)


@pytest.mark.parametrize(
    ("number", "name", "valid"),
    [("AS/{year}/0001", "Żak", True), ("as/{year}/0001 ", "zak", True), ("AS/{year}/0002", "Żak", False),
     ("AS/{year}/0001", "Łucja", False),
     ("AS/{year}/0001", "", False), ("", "Żak", False)],
)  # fmt: skip
def test_checking_a_number_needs_the_last_name(number, name, valid):
    made = issue(present(120, name="Łucja Żak"))
    assert certificates.is_valid(number.format(year=made.year), name) is valid

    certificates.annul(made, "Pomyłka.", actor=an_officer())
    assert not certificates.is_valid(made.number, "Żak")


def test_what_the_page_shows_of_a_person():
    person = present(90)
    made = issue(person)

    (shown,) = journey.panel_context(person)["journeys"]
    assert (shown["project"], shown["journey"].percent, shown["certificates"]) == (the_project(), 75, [made])
    assert journey.panel_context(a_person()) == {"journeys": []}


# --- Trainings of facilitators ----------------------------------------------------------------------------------------------


def test_trainings_count_people_once_and_hours_by_head():
    user, project = a_user(), the_project()
    for day, minutes in (("2026-03-01", 300), ("2026-09-01", 60)):
        training = Training.objects.create(project=project, title="Szkolenie", held_on=day, minutes=minutes, trained_by="British Council")
        TrainingPerson.objects.create(training=training, user=user)
    TrainingPerson.objects.create(training=training, name="Jan Gość")

    assert trainings.trained(project) == trainings.Trained(2, 2, 360, 420)
    assert trainings.trained(first=warsaw("2026-09-01 00:00").date()) == trainings.Trained(1, 2, 60, 120)
    assert trainings.trained(a_project()) == trainings.Trained(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("fields", "constraint"), [({"minutes": 0}, "training_takes_time"), ({"trained_by": ""}, "training_says_who_trained")]
)
def test_a_training_takes_time_and_says_who_trained(fields, constraint):
    values = {"project": the_project(), "title": "Szkolenie", "held_on": "2026-03-01", "minutes": 60, "trained_by": "ktoś", **fields}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Training.objects.create(**values)
    Training.objects.create(**values | {"minutes": 1, "organisation": an_organisation()})


def test_whoever_was_trained_has_an_account_or_a_name():
    training = Training.objects.create(project=the_project(), title="S", held_on="2026-03-01", minutes=1, trained_by="x")
    for fields in ({}, {"user": a_user(), "name": "Jan"}):
        with pytest.raises(IntegrityError, match="training_person_is_account_or_name"), transaction.atomic():
            TrainingPerson.objects.create(training=training, **fields)
