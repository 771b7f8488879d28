"""What the verbs of places share, all under the event's lock: reading, seating, giving back, and the checks of the event."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events import emails
from events.domain import contacts, holds
from events.domain import seats as seat_moves
from events.domain.parties import Head
from events.domain.queue import Room, close_empty, lock, promote, settle
from events.models import Event, Registration, Seat, SeatMove
from participants.models import User

Status = Seat.Status
HeldFor = Seat.HeldFor
Why = SeatMove.Why


def fresh(registration: Registration, event: Event) -> Registration:
    """The registration as it stands under the lock."""
    found = Registration.objects.select_related("person", "guardian").get(pk=registration.pk)
    found.event = event
    return found


def seat_newcomers(
    registration: Registration,
    heads: Sequence[Head],
    room: Room,
    now: datetime,
    *,
    before: Sequence[Seat] = (),
    actor: User | None = None,
    beyond: str = "",
) -> list[Seat]:
    """Seat the group if all fit and nobody waits; else it joins the end of the queue, and takes what the queue leaves it."""
    event = registration.event
    group = 1 + max((seat.group for seat in before), default=0)
    seat = partial(
        seat_moves.add,
        registration,
        [(head.name, head.age_band) for head in heads],
        at=now,
        actor=actor or registration.entered_by,
        first=1 + max((seat.number for seat in before), default=0),
        group=group,
    )
    no_room = room.free is not None and len(heads) > room.free
    if beyond and (room.waiting or no_room):
        check_guardian_agreed(registration)
        return seat(seat_moves.Start(Status.CONFIRMED, Why.OVER_CAPACITY, extra=True, note=beyond.strip()[:300]))
    if room.waiting or no_room or event.waits_for_draw:
        seats = seat(seat_moves.Start(Status.WAITING, Why.IN_DRAW if event.waits_for_draw else Why.FULL))
        if room.free == 0 or event.waits_for_draw:
            return seats
        # Within the rules the newcomer may still get what nobody before them can use.
        promote(event, Room(room.taken, room.waiting + len(seats), room.free), now)
        return list(registration.seats.filter(group=group))
    hold = holds.on_arrival(event, registration, room.taken, now)
    why = Why.ADDED if before else Why.SIGNED_UP
    if hold is None:
        return seat(seat_moves.Start(Status.CONFIRMED, why))
    return seat(seat_moves.Start(Status.HELD, why, hold.until, hold.held_for))


def make_certain(registration: Registration, held: Sequence[Seat], now: datetime, actor: User | None) -> None:
    """Let held places be certain: verified by the link, or accepted as offered."""
    emails.drop_calls(registration, now)
    for held_for, why in ((HeldFor.VERIFICATION, Why.VERIFIED), (HeldFor.OFFER, Why.ACCEPTED)):
        seats = [seat for seat in held if seat.held_for == held_for]
        if seats:
            seat_moves.move(seats, Status.CONFIRMED, why, at=now, actor=actor)
    emails.tell(registration, "registration_confirmed", now)


def give_back(registration: Registration, seats: Sequence[Seat], why: str, now: datetime, actor: User | None) -> None:
    """Take the seats out; the contact is told once what is left of the sign-up."""
    if not seats:
        return
    seat_moves.move(seats, Status.CANCELLED, why, at=now, actor=actor)
    close_empty(registration.event, now)
    registration.refresh_from_db(fields=["closed_at"])
    emails.drop_calls(registration, now, whole=registration.closed_at is not None)
    emails.tell(registration, "registration_cancelled" if registration.closed_at else "registration_changed", now)


def let_go(registration: Registration, held_for: Sequence[str], note: str, now: datetime, actor: User | None) -> None:
    """Nobody could be reached in two calls: places held for an answer lapse, and the next in the queue is asked.

    The note says when it was rung. A late answer has the old position, as after any hold that ends.
    """
    event = lock(registration.event)
    registration = fresh(registration, event)
    held = [seat for seat in registration.seats.all() if seat.status == Status.HELD and seat.held_for in held_for]
    if held:
        seat_moves.move(held, Status.LAPSED, Why.NOT_REACHED, at=now, actor=actor, note=note)
        close_empty(event, now)
        emails.drop_calls(registration, now)
        emails.tell(registration, "registration_lapsed", now)
    settle(event, now)


def revive(event: Event, registration: Registration, now: datetime) -> None:
    """After a late click: lapsed seats go back to their old position in the queue, and up if a place is free."""
    registration.refresh_from_db(fields=["closed_at"])
    if registration.closed_at is None:
        return
    lapsed = [seat for seat in registration.seats.all() if seat.status == Status.LAPSED]
    if not lapsed:
        raise RuleBroken("registration_cancelled", _("This sign-up was cancelled. You can sign up again."))
    newer = contacts.live_under(event, registration.contact)
    if any(row.sharer == registration.sharer or contacts.is_of(row, registration.person.name) for row in newer):
        raise RuleBroken("already_registered", _("There is a newer sign-up from this contact for this event."))
    registration.closed_at = None
    registration.save(update_fields=["closed_at", "updated_at"])
    seat_moves.move(lapsed, Status.WAITING, Why.LATE_CLICK, at=now)
    settle(event, now)
    # Whoever answers late has said yes already: an offer made to them just now is taken.
    offered = list(registration.seats.filter(status=Status.HELD, held_for=HeldFor.OFFER))
    if offered:
        make_certain(registration, offered, now, None)
    if registration.seats.waiting().exists():
        emails.tell(registration, "registration_waiting", now)


def check_open(event: Event, now: datetime, actor: User | None) -> None:
    """Whether the event takes sign-ups now; the team may add people outside the sign-up window, till the end.

    Raises RuleBroken: ``cancelled``, ``over``, ``not_published``, ``no_sign_up``, ``not_open_yet``, ``closed``.
    """
    check_runs(event, now)
    if not event.is_published:
        raise RuleBroken("not_published", _("This event is not published."))
    if actor is not None and event.sign_up != Event.SignUp.NONE:
        return
    if not event.takes_sign_ups:
        raise RuleBroken("no_sign_up", _("This event needs no sign-up here."))
    if event.opens_at is not None and now < event.opens_at:
        raise RuleBroken("not_open_yet", _("Sign-up for this event has not opened yet."))
    if now >= event.sign_up_ends_at():
        raise RuleBroken("closed", _("Sign-up for this event has closed."))


def check_runs(event: Event, now: datetime) -> None:
    if event.is_cancelled:
        raise RuleBroken("cancelled", _("This event has been cancelled."))
    if event.is_over(now):
        raise RuleBroken("over", _("This event is over."))


def check_not_over(event: Event, now: datetime) -> None:
    if event.is_over(now):
        raise RuleBroken("over", _("This event is over; there is nothing left to cancel."))


def check_guardian_agreed(registration: Registration) -> None:
    """No place is certain for somebody of 16 or 17 before a guardian agrees, whoever gives it (GDPR-07)."""
    if registration.awaits_guardian:
        raise RuleBroken("guardian_first", _("The parent or guardian has to agree first; we have asked them."))
