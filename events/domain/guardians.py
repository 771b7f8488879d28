"""The word of a parent or guardian for somebody of 16 or 17 who signed up alone (GDPR-07)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events import emails
from events.domain import envelope, holds
from events.domain import seats as seat_moves
from events.domain.queue import lock, settle
from events.models import Event, Registration, Seat, SeatMove
from participants.domain.people import mark_verified
from participants.models import User

Status = Seat.Status
HeldFor = Seat.HeldFor
Why = SeatMove.Why


def agree(registration: Registration, *, actor: User | None = None, at: datetime | None = None) -> Registration:
    """The guardian of a 16- or 17-year-old agrees, by the mailed link or, with ``actor``, in a call (GDPR-07).

    The place then waits for the young person's own contact, if that has not answered yet. Asking twice gives the same
    answer; a late one gets a place if one is free, else the old position. Locks the event. Raises RuleBroken:
    ``cancelled``, ``over``, ``no_guardian``, and as a late click does.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        envelope.check_runs(event, now)
        registration = envelope.fresh(registration, event)
        if registration.guardian is None:
            raise RuleBroken("no_guardian", _("Nobody asked for a guardian’s agreement here."))
        if registration.awaits_guardian:
            registration.guardian_confirmed_at = now
            registration.save(update_fields=["guardian_confirmed_at", "updated_at"])
            mark_verified(registration.guardian, now)
            emails.drop_guardian_calls(registration, now)
        held = [seat for seat in registration.seats.all() if seat.status == Status.HELD and seat.held_for == HeldFor.GUARDIAN]
        in_time = [seat for seat in held if seat.held_until and seat.held_until > now]
        if in_time:
            _hold_on(event, registration, in_time, now, actor)
        settle(event, now)
        envelope.revive(event, registration, now)
    return registration


def refuse(registration: Registration, *, actor: User | None = None, at: datetime | None = None) -> Registration:
    """The guardian does not agree: the places are given back, and the young person is told. Locks the event.

    Raises RuleBroken ``over`` once the event has ended. Asking twice gives the same answer.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        envelope.check_not_over(event, now)
        registration = envelope.fresh(registration, event)
        envelope.give_back(registration, list(registration.seats.live()), Why.GUARDIAN_REFUSED, now, actor)
        emails.drop_guardian_calls(registration, now)
        settle(event, now)
    return registration


def _hold_on(event: Event, registration: Registration, held: Sequence[Seat], now: datetime, actor: User | None) -> None:
    """After the guardian's yes: certain, or held on for what is still missing."""
    hold = holds.on_arrival(event, registration, 0, now)
    if hold is None:
        seat_moves.move(held, Status.CONFIRMED, Why.GUARDIAN_AGREED, at=now, actor=actor)
        emails.tell(registration, "registration_confirmed", now)
        return
    seat_moves.move(held, Status.HELD, Why.GUARDIAN_AGREED, at=now, actor=actor, held_until=hold.until, held_for=hold.held_for)
    emails.tell(registration, "registration_held", now)
