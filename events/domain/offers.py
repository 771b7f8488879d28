"""Offers of a place: taken, declined, and by phone begun with the first call."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events import emails
from events.domain import envelope, holds
from events.domain import seats as seat_moves
from events.domain.places import confirm
from events.domain.queue import lock, settle
from events.models import Event, Registration, Seat, SeatMove
from participants.models import User

Status = Seat.Status
Why = SeatMove.Why


def accept(registration: Registration, *, actor: User | None = None, at: datetime | None = None) -> Registration:
    """Take the offered place; after the last offers, the place that is free for whoever of the queue answers first.

    Asking twice gives the same answer. Locks the event. Raises RuleBroken: ``gone`` when somebody else was faster,
    ``guardian_first``, and as ``confirm`` does.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        registration = confirm(registration, actor=actor, at=now)
        if event.promotion != Event.Promotion.OFFER or now < event.offers_end_at() or now >= event.starts_at:
            return registration
        waiting = list(registration.seats.waiting().order_by("pk"))
        if not waiting:
            return registration
        free = settle(event, now).free
        fits = len(waiting) if free is None else min(free, len(waiting))
        envelope.check_guardian_agreed(registration)
        if fits == 0 or (fits < len(waiting) and registration.all_or_none):
            raise RuleBroken("gone", _("Somebody was faster: there is no free place at the moment. You keep your place in the queue."))
        emails.drop_calls(registration, now)
        seat_moves.move(waiting[:fits], Status.CONFIRMED, Why.FIRST_TO_ANSWER, at=now, actor=actor)
        emails.tell(registration, "registration_confirmed", now)
    return registration


def decline(registration: Registration, *, actor: User | None = None, at: datetime | None = None) -> Registration:
    """Say no to the offered place and leave the queue; places that are certain stay. The next in order is asked.

    Asking twice gives the same answer. Locks the event. Raises RuleBroken ``over`` once the event has ended.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        envelope.check_not_over(event, now)
        registration = envelope.fresh(registration, event)
        left = [seat for seat in registration.seats.live() if seat.status in (Status.WAITING, Status.HELD)]
        envelope.give_back(registration, left, Why.DECLINED, now, actor)
        settle(event, now)
    return registration


def start_clock(registration: Registration, *, actor: User, at: datetime | None = None, anew: bool = False) -> None:
    """After the first call that nobody answered the offer ends in so many hours of duty; later calls change nothing.

    ``anew``: the calls so far went to a wrong number, and a clock that runs begins again. Locks the event.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        offered = registration.seats.filter(status=Status.HELD, held_for=Seat.HeldFor.OFFER, held_until__gt=now)
        called = Q(pk__in=SeatMove.objects.filter(why=Why.CALLED).values("seat"))
        waiting = list(offered.filter(called if anew else ~called))
        if waiting:
            until = holds.called_offer_ends_at(event, now)
            seat_moves.move(waiting, Status.HELD, Why.CALLED, at=now, actor=actor, held_until=until, held_for=Seat.HeldFor.OFFER)
