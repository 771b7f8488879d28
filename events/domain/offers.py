"""Offers made by phone: their clock starts when somebody first rang."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from events.domain import holds
from events.domain import seats as seat_moves
from events.domain.queue import lock
from events.models import Registration, Seat, SeatMove
from participants.models import User


def start_clock(registration: Registration, *, actor: User, at: datetime | None = None) -> None:
    """After the first call that nobody answered the offer ends in so many hours of duty; later calls change nothing.

    Locks the event.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        offered = registration.seats.filter(status=Seat.Status.HELD, held_for=Seat.HeldFor.OFFER, held_until__gt=now)
        waiting = list(offered.exclude(moves__why=SeatMove.Why.CALLED))
        if waiting:
            until = holds.called_offer_ends_at(event, now)
            seat_moves.move(
                waiting, Seat.Status.HELD, SeatMove.Why.CALLED, at=now, actor=actor, held_until=until, held_for=Seat.HeldFor.OFFER
            )
