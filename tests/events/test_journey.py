"""Hours of the learning journey: presence alone counts, once, by the clock; and how far it is to a certificate."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.domain import journey
from events.models import Event, Seat
from participants.models import Person
from tests.makers import a_module, a_neighbourhood, a_person, a_project, an_event, came_to, signed_up, the_project, warsaw

pytestmark = pytest.mark.django_db


def past(module, minutes=120, *places, **fields):
    """An event of the module that was held a week ago."""
    starts_at = fields.pop("starts_at", timezone.now() - timedelta(days=7))
    return an_event(*places, module=module, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), **fields)


def minutes_of(person, project=None):
    return [step.minutes for step in journey.hours_of(person, project or the_project()).steps]


def test_presence_gives_the_length_of_the_event_to_its_module():
    first, second = a_module(number=1), a_module(number=2)
    person = a_person()
    came_to(past(first, 90), person)
    came_to(past(first, 45), person)
    came_to(past(second, 120), person)

    assert minutes_of(person) == [135, 120]


@pytest.mark.parametrize("attendance", ["", "excused", "absent"])
def test_only_presence_counts(attendance):
    registration = came_to(past(a_module()))
    registration.seats.update(attendance=attendance)

    assert minutes_of(registration.person) == [0]


def test_what_gives_no_hours():
    module, other = a_module(), a_project()
    person = a_person()
    came_to(past(None), person)
    came_to(past(module, status=Event.Status.PUBLISHED, project=other), person)
    came_to(an_event(module=module, in_days=1), person)
    called_off = came_to(past(module), person).event
    Event.objects.filter(pk=called_off.pk).update(status="cancelled", cancelled_at=timezone.now(), cancel_reason="burza")
    gave_back = came_to(past(module), person)
    gave_back.seats.update(status=Seat.Status.CANCELLED)

    assert minutes_of(person) == [0]


def test_an_event_counts_from_its_end():
    event = past(a_module(), 60)
    person = came_to(event).person

    assert journey.hours_of(person, the_project(), event.ends_at).minutes == 60
    assert journey.hours_of(person, the_project(), event.ends_at - timedelta(seconds=1)).minutes == 0


def test_friends_of_a_party_are_names_without_a_person():
    event = past(a_module(), 60)
    person = came_to(event, a_person(name="Anna Żak"), heads=3).person
    assert minutes_of(person) == [60]

    Seat.objects.filter(registration__person=person, number=1).update(attendance="absent")
    assert minutes_of(person) == [0]


def test_the_own_place_is_known_by_its_folded_name():
    registration = came_to(past(a_module(), 60), a_person(name="Łucja  Żółć"))
    registration.seats.update(name="łucja zolc")

    assert minutes_of(registration.person) == [60]


def test_two_places_at_one_event_count_once():
    event = past(a_module(), 60)
    person = a_person()
    first = came_to(event, person)
    first.closed_at = timezone.now()
    first.save()
    came_to(event, person)

    assert minutes_of(person) == [60]


def test_walk_ins_count_like_everybody():
    registration = came_to(past(a_module(), 60))
    registration.channel = "walk_in"
    registration.save()

    assert minutes_of(registration.person) == [60]


@pytest.mark.parametrize(
    ("starts", "ends", "minutes"),
    [
        ("2026-11-10 22:30", "2026-11-11 01:00", 150),
        ("2026-10-24 23:00", "2026-10-25 05:00", 420),
        ("2026-03-28 23:00", "2026-03-29 05:00", 300),
    ],
    ids=["over midnight", "the night with an hour more", "the night with an hour less"],
)
def test_minutes_are_those_of_the_clock(starts, ends, minutes):
    event = an_event(module=a_module(), starts_at=warsaw(starts), ends_at=warsaw(ends))
    person = came_to(event).person

    assert journey.hours_of(person, the_project(), warsaw("2026-12-01 12:00")).minutes == minutes


# --- How far it is ------------------------------------------------------------------------------------------------------


def walked(threshold, *modules):
    return journey.Journey(
        tuple(journey.Step(number, "", whole, whole, done) for number, (whole, done) in enumerate(modules, 1)), threshold
    )


@pytest.mark.parametrize(
    ("journey_", "percent", "enough"),
    [
        (walked(80, (100, 80)), 80, True),
        (walked(80, (100, 79)), 79, False),
        (walked(67, (90, 60)), 66, False),
        (walked(66, (90, 60)), 66, True),
        (walked(100, (60, 60), (60, 60)), 100, True),
        (walked(50, (60, 240), (60, 0)), 50, True),
        (walked(51, (60, 240), (60, 0)), 50, False),
        (walked(None, (60, 60)), 100, False),
        (walked(1), 0, False),
        (walked(1, (0, 0)), 0, False),
    ],
    ids=[
        "just", "just not", "rounded down", "two thirds", "whole", "more of one", "is not the other", "no threshold", "no modules",
        "nothing held",
    ],
)  # fmt: skip
def test_threshold(journey_, percent, enough):
    assert (journey_.percent, journey_.is_enough) == (percent, enough)


def test_a_module_without_a_plan_is_whole_with_what_was_held_where_most_was():
    module = a_module(planned_minutes=None)
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    for place, minutes in ((ugorek, 60), (ugorek, 90), (azory, 120)):
        event = past(module, minutes, place)
    an_event(ugorek, module=module, in_days=1)
    person = came_to(event).person

    (step,) = journey.hours_of(person, the_project()).steps
    assert (step.planned, step.whole, step.minutes) == (None, 150, 120)


# --- Many ---------------------------------------------------------------------------------------------------------------


def queries_for(people):
    project = the_project()
    with CaptureQueriesContext(connection) as captured:
        journey.travellers(project, Person.objects.filter(pk__in=[person.pk for person in people]))
    return len(captured)


def test_many_people_take_as_many_queries_as_one():
    event = past(a_module(planned_minutes=None))
    people = [came_to(event).person for _number in range(30)]

    assert queries_for(people[:1]) == queries_for(people) == 3


def test_travellers_come_in_polish_order_without_those_who_never_came():
    event = past(a_module())
    for name in ("Żak Anna", "Łoś Jan", "Lis Ewa"):
        came_to(event, a_person(name=name))
    signed_up(event, a_person(name="Nie Był"), at=event.starts_at - timedelta(hours=1))

    assert [each.name for each in journey.travellers(the_project(), Person.objects.all())] == ["Lis Ewa", "Łoś Jan", "Żak Anna"]
