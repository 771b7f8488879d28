"""Offers: when they are mailed, when they end, and the last hours in which whoever answers first has the place."""

from datetime import timedelta

import pytest

from events.domain import desk, offers, places
from events.models import Event, Seat
from participants.domain import messages
from participants.models import Message, Person
from projects.models import CallTask
from tests.makers import a_person, an_event, an_officer, said_to_all, signed_up, warsaw

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def an_offering_event(starts: str = "2026-12-10 17:00", **fields: object) -> Event:
    return an_event(
        **{"starts_at": warsaw(starts), "capacity": 1, "promotion": "offer", "offer_hours": 12, "offers_end_hours": 24, **fields}
    )


def offered(event: Event, at: str, person: Person | None = None) -> Seat:
    """A place comes free at that hour, and the next of the queue is asked."""
    taken = signed_up(event, at=warsaw("2026-11-23 12:00"))
    waiting = signed_up(event, person, at=warsaw("2026-11-23 13:00"))
    places.cancel(taken, at=warsaw(at))
    return waiting.seats.get()


@pytest.mark.parametrize(
    ("freed", "mailed", "ends"),
    [
        ("2026-11-24 08:00", "2026-11-24 08:00", "2026-11-24 20:00"),
        ("2026-11-24 10:00", "2026-11-24 10:00", "2026-11-25 08:00"),  # ten at night is no hour to lose a place
        ("2026-11-24 22:30", "2026-11-25 08:00", "2026-11-25 20:00"),  # nobody is asked at night
        ("2026-11-25 03:00", "2026-11-25 08:00", "2026-11-25 20:00"),
        ("2026-12-09 16:30", "2026-12-09 16:30", "2026-12-10 08:00"),
    ],
)
def test_nights_do_not_count(freed: str, mailed: str, ends: str) -> None:
    seat = offered(an_offering_event(), freed)
    assert (seat.status, seat.held_for, seat.held_until) == ("held", "offer", warsaw(ends))
    assert Message.objects.get(template="registration_offered").due_at == warsaw(mailed)


def test_an_offer_ends_when_the_event_starts() -> None:
    seat = offered(an_offering_event("2026-12-10 09:00", offers_end_hours=2, offer_hours=48), "2026-12-09 15:00")
    assert seat.held_until == warsaw("2026-12-10 09:00")


def test_an_offer_by_phone_waits_for_the_first_call_and_counts_hours_of_duty() -> None:
    person = a_person(email="", phone="+48600100200", preferred_channel="phone")
    event = an_offering_event(offer_hours=8)
    seat = offered(event, "2026-11-27 10:00", person)
    assert seat.held_until == event.starts_at
    call = CallTask.objects.open().get(matters__reason="registration_offered")

    desk.answer_call(call, CallTask.Outcome.NO_ANSWER, actor=an_officer(), at=warsaw("2026-11-27 13:00"))
    seat.refresh_from_db()
    # Friday from one to three, Monday from nine to three.
    assert seat.held_until == warsaw("2026-11-30 15:00")

    desk.answer_call(call, CallTask.Outcome.REACHED, answers=said_to_all(call), actor=an_officer(), at=warsaw("2026-11-30 10:00"))
    seat.refresh_from_db()
    assert seat.status == "confirmed"


def test_in_the_last_hours_everybody_waiting_is_told_once_for_each_place() -> None:
    event = an_offering_event()
    taken = signed_up(event, at=warsaw("2026-11-23 12:00"))
    waiting = [signed_up(event, at=warsaw("2026-11-23 13:00")) for _number in range(3)]
    places.cancel(taken, at=warsaw("2026-12-09 20:00"))
    places.change_capacity(event, 1, at=warsaw("2026-12-09 20:30"))
    told = Message.objects.filter(template="registration_first_answer")
    assert told.count() == 3

    offers.accept(waiting[2], at=warsaw("2026-12-10 08:00"))
    places.cancel(waiting[2], at=warsaw("2026-12-10 09:00"))
    assert told.count() == 5
    assert set(told.values_list("priority", flat=True)) == {Message.Priority.URGENT}


def test_an_address_that_mails_come_back_from_is_called() -> None:
    from participants.domain import bounces

    person = a_person(phone="+48600100200")
    for _number in range(3):
        bounces.note(person.email, source="hand")
    offered(an_offering_event(), "2026-11-24 08:00", person)
    assert CallTask.objects.open().filter(matters__reason="registration_offered", person=person).count() == 1
    assert Message.objects.get(template="registration_offered").status == Message.Status.DROPPED
    assert messages.deliver_due(warsaw("2026-11-24 09:00")) >= 0
