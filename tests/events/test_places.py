"""Every verb of places, with time as an argument."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events.domain.parties import Head
from events.domain.places import cancel, change_capacity, confirm, free_places, register
from events.domain.plans import cancel_event
from events.domain.queue import position, settle_due
from events.models import Event, Registration, Seat, SeatMove
from participants.models import Message
from projects.models import CallMatter, CallTask
from tests.makers import a_neighbourhood, a_person, a_stranger, an_animator, an_event, signed_up, statuses

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def kinds() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("template", flat=True))


def test_cancelled_place_goes_to_whoever_waited_longest() -> None:
    event = an_event(capacity=1)
    taken, first, second = (signed_up(event) for _number in range(3))
    assert [position(taken), position(first), position(second)] == [None, 1, 2]

    cancel(taken)

    assert statuses(event) == ["cancelled", "confirmed", "waiting"]
    assert [position(first), position(second)] == [None, 1]
    assert Message.objects.filter(template="registration_promoted").get().recipient == first.person.email


def test_newcomer_does_not_overtake_a_waiting_party() -> None:
    event = an_event(capacity=2)
    signed_up(event)
    signed_up(event, heads=2)
    signed_up(event)
    assert statuses(event) == ["confirmed", "waiting", "waiting", "waiting"]
    assert free_places(event) == 1


def test_a_party_larger_than_what_is_free_is_passed_over_only_within_a_day_of_the_start() -> None:
    event = an_event(capacity=2)
    now = timezone.now()
    first, family = signed_up(event), signed_up(event, heads=2)
    single = signed_up(event)

    change_capacity(event, 2, at=event.starts_at - timedelta(hours=25))
    assert statuses(event) == ["confirmed", "waiting", "waiting", "waiting"]

    change_capacity(event, 2, at=event.starts_at - timedelta(hours=23))
    assert statuses(event) == ["confirmed", "waiting", "waiting", "confirmed"]
    assert SeatMove.objects.filter(seat__registration=family, why="passed_over").count() == 2
    assert first.created_at >= now - HOUR
    assert single.pk


def test_as_many_as_possible_takes_what_is_free_and_waits_for_the_rest() -> None:
    event = an_event(capacity=2)
    signed_up(event, heads=3, all_or_none=False)
    assert statuses(event) == ["confirmed", "confirmed", "waiting"]


def test_a_stranger_with_an_e_mail_is_held_until_the_link_is_clicked() -> None:
    event = an_event(capacity=1)
    now = timezone.now()
    registration = signed_up(event, a_stranger(), at=now)
    seat = registration.seats.get()
    assert (seat.status, seat.held_for, seat.held_until) == ("held", "verification", now + 48 * HOUR)

    confirm(registration, at=now + HOUR)
    confirm(registration, at=now + 2 * HOUR)

    assert statuses(event) == ["confirmed"]
    assert kinds() == ["registration_held", "registration_confirmed"]
    assert Registration.objects.get().person.verified_at == now + HOUR


def test_an_expired_hold_lapses_and_the_next_gets_the_place() -> None:
    event = an_event(capacity=1)
    now = timezone.now()
    signed_up(event, a_stranger(), at=now)
    signed_up(event, at=now + HOUR)
    assert settle_due(now + 47 * HOUR) == 0
    assert settle_due(now + 48 * HOUR) == 1
    assert settle_due(now + 48 * HOUR) == 0
    assert statuses(event) == ["lapsed", "confirmed"]


def test_a_late_click_gets_a_free_place_or_the_old_position() -> None:
    now = timezone.now()
    event = an_event(capacity=1)
    late = signed_up(event, a_stranger(), at=now)
    taker, waiting = signed_up(event, at=now + HOUR), signed_up(event, at=now + 2 * HOUR)
    settle_due(now + 49 * HOUR)
    assert statuses(event) == ["lapsed", "confirmed", "waiting"]

    confirm(late, at=now + 50 * HOUR)
    assert [position(late), position(waiting)] == [1, 2]

    cancel(taker, at=now + 51 * HOUR)
    assert statuses(event) == ["confirmed", "cancelled", "waiting"]


def test_a_late_click_on_an_event_with_room_confirms_at_once() -> None:
    now = timezone.now()
    event = an_event(capacity=1)
    late = signed_up(event, a_stranger(), at=now)
    confirm(late, at=now + 60 * HOUR)
    assert statuses(event) == ["confirmed"]
    late.refresh_from_db()
    assert late.closed_at is None


def test_the_hold_ends_when_the_event_starts() -> None:
    event = an_event(in_days=1)
    registration = signed_up(event, a_stranger())
    assert registration.seats.get().held_until == event.starts_at


def test_a_phone_is_believed_while_there_is_room_and_called_when_nearly_full() -> None:
    event = an_event(capacity=2)
    believed = signed_up(event, a_stranger(email="", phone="+48600100200"))
    signed_up(event)
    change_capacity(event, 3)
    called = signed_up(an_event(capacity=1), a_stranger(email="", phone="+48600100201"))
    nearly = an_event(capacity=10)
    for _number in range(9):
        signed_up(nearly)
    held = signed_up(nearly, a_stranger(email="", phone="+48600100202"))
    assert believed.seats.get().status == "confirmed"
    assert called.seats.get().status == "confirmed"
    assert held.seats.get().status == "held"
    assert [(matter.reason, matter.person) for matter in CallMatter.objects.all()] == [("registration_held", held.person)]


def test_a_promoted_phone_person_is_put_on_the_call_list_and_a_cancellation_takes_the_call_off() -> None:
    event = an_event(capacity=1)
    taken = signed_up(event)
    waiting = signed_up(event, a_stranger(email="", phone="+48600100200"), actor=an_animator(a_neighbourhood("Ugorek")))
    cancel(taken)
    assert CallMatter.objects.open().get().reason == "registration_promoted"
    cancel(waiting)
    assert not CallTask.objects.open().exists()


def test_one_live_sign_up_per_contact_and_event() -> None:
    event = an_event(capacity=1)
    signed_up(event, a_stranger(email="ala@example.org"))
    with pytest.raises(RuleBroken) as refused:
        signed_up(event, a_stranger(email="ALA@example.org"))
    assert refused.value.code == "already_registered"
    assert Registration.objects.count() == 1


def test_who_cancelled_may_sign_up_again_at_the_end_of_the_queue() -> None:
    event = an_event(capacity=1)
    person = a_person()
    first = signed_up(event, person)
    waiting = signed_up(event)
    cancel(first)
    again = signed_up(event, person)
    assert statuses(event) == ["cancelled", "confirmed", "waiting"]
    assert position(again) == 1
    assert waiting.seats.get().status == "confirmed"


def test_the_same_form_sent_twice_makes_one_row() -> None:
    event, key = an_event(), uuid.uuid4()
    first = signed_up(event, a_stranger(email="ala@example.org"), key=key)
    second = signed_up(event, a_stranger(email="ala@example.org"), key=key)
    assert first == second
    assert Seat.objects.count() == 1


def test_a_key_of_another_events_form_is_refused() -> None:
    key = uuid.uuid4()
    signed_up(an_event(), a_stranger(), key=key)
    with pytest.raises(RuleBroken) as refused:
        signed_up(an_event(), a_stranger(), key=key)
    assert refused.value.code == "key_used"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": Event.Status.DRAFT}, "not_published"),
        ({"status": Event.Status.CANCELLED, "cancelled_at": timezone.now(), "cancel_reason": "burza"}, "cancelled"),
        ({"in_days": -2}, "over"),
        ({"in_days": -0.01}, "closed"),
        ({"opens_at": timezone.now() + timedelta(days=1)}, "not_open_yet"),
        ({"closes_at": timezone.now() - timedelta(days=1)}, "closed"),
        ({"sign_up": Event.SignUp.NONE}, "no_sign_up"),
        ({"sign_up": Event.SignUp.INVITED}, "no_sign_up"),
    ],
)
def test_sign_up_is_refused_with_a_code(fields: dict[str, object], code: str) -> None:
    event = an_event(**fields)
    with pytest.raises(RuleBroken) as refused:
        signed_up(event, a_stranger())
    assert refused.value.code == code
    assert not Registration.objects.exists()


def test_the_team_may_add_people_after_the_window_and_by_invitation() -> None:
    animator = an_animator(a_neighbourhood("Ugorek"))
    late = an_event(closes_at=timezone.now() - HOUR)
    invited = an_event(sign_up=Event.SignUp.INVITED)
    for event in (late, invited):
        signed_up(event, a_stranger(email="", phone=""), actor=animator, channel="phone")
    assert [statuses(late), statuses(invited)] == [["confirmed"], ["confirmed"]]


def test_nobody_and_too_many_are_refused() -> None:
    event = an_event()
    for heads, code in ([], "nobody"), ([Head(f"Osoba {number}") for number in range(7)], "too_many"):
        with pytest.raises(RuleBroken) as refused:
            register(event, a_stranger(), heads)
        assert refused.value.code == code


def test_lowering_the_number_of_places_evicts_nobody_and_raising_promotes() -> None:
    event = an_event(capacity=3)
    for _number in range(4):
        signed_up(event)
    change_capacity(event, 1)
    assert statuses(event) == ["confirmed"] * 3 + ["waiting"]
    assert free_places(Event.objects.get(pk=event.pk)) == 0
    change_capacity(event, None)
    assert statuses(event) == ["confirmed"] * 4


def test_cancelling_the_event_tells_everybody_once() -> None:
    event = an_event(capacity=1)
    signed_up(event)
    signed_up(event, a_stranger(email="", phone="+48600100200"))
    cancel_event(event, "Burza.")
    cancel_event(event, "Burza.")
    assert statuses(event) == ["cancelled", "cancelled"]
    assert kinds().count("event_cancelled") == 1
    assert CallMatter.objects.get().reason == "event_cancelled"
    assert Event.objects.get().sequence == 1


def test_cancelling_twice_changes_nothing_and_after_the_event_is_refused() -> None:
    event = an_event()
    registration = signed_up(event)
    cancel(registration)
    cancel(registration)
    assert SeatMove.objects.filter(after="cancelled").count() == 1
    with pytest.raises(RuleBroken) as refused:
        cancel(registration, at=event.ends_at + HOUR)
    assert refused.value.code == "over"


def test_confirming_a_cancelled_sign_up_or_event_is_refused() -> None:
    event = an_event()
    gone = signed_up(event, a_stranger())
    cancel(gone)
    with pytest.raises(RuleBroken) as refused:
        confirm(gone)
    assert refused.value.code == "registration_cancelled"
    other = signed_up(event, a_stranger())
    cancel_event(event, "Burza.")
    with pytest.raises(RuleBroken) as refused:
        confirm(other)
    assert refused.value.code == "cancelled"


def test_every_move_leaves_a_row_that_cannot_be_changed() -> None:
    event = an_event(capacity=1)
    first = signed_up(event)
    signed_up(event)
    cancel(first)
    told = list(SeatMove.objects.order_by("pk").values_list("before", "after", "why"))
    assert told == [
        ("", "confirmed", "signed_up"),
        ("", "waiting", "full"),
        ("confirmed", "cancelled", "own_wish"),
        ("waiting", "confirmed", "next_in_order"),
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        SeatMove.objects.update(why="by_staff")


def test_the_database_refuses_a_hold_without_a_deadline_and_a_second_live_sign_up() -> None:
    event = an_event()
    registration = signed_up(event)
    with pytest.raises(IntegrityError), transaction.atomic():
        Seat.objects.filter(registration=registration).update(status="held")
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(event=event, person=registration.person, contact=registration.contact)


def test_a_phone_number_is_proved_by_a_call_only() -> None:
    event = an_event(capacity=10)
    animator = an_animator(a_neighbourhood("Ugorek"))
    taken, *_others = (signed_up(event) for _number in range(10))
    waiting = signed_up(event, a_stranger(email="", phone="+48600100200"))
    cancel(taken)
    assert (waiting.seats.get().status, waiting.seats.get().held_until) == ("held", event.starts_at)
    with pytest.raises(RuleBroken) as refused:
        confirm(waiting)
    assert refused.value.code == "call_first"
    assert Registration.objects.get(pk=waiting.pk).person.verified_at is None

    confirm(waiting, actor=animator)
    assert waiting.seats.get().status == "confirmed"
    assert not CallTask.objects.open().exists()


def test_a_form_sent_again_for_somebody_else_is_not_the_same_form() -> None:
    event, key = an_event(), uuid.uuid4()
    signed_up(event, a_stranger(), key=key)
    with pytest.raises(RuleBroken) as refused:
        signed_up(event, a_stranger(), key=key)
    assert refused.value.code == "key_used"


def test_places_of_a_cancelled_event_do_not_change() -> None:
    event = an_event(capacity=1)
    cancel_event(event, "Burza.")
    with pytest.raises(RuleBroken) as refused:
        change_capacity(event, 5)
    assert refused.value.code == "cancelled"
