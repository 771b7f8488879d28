"""The lottery of places: an order nobody can choose and anybody can recompute."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events import emails
from events.domain.queue import in_order, lock, settle
from events.models import Draw, Event, Registration, Seat
from participants.models import User


def digest(seed: str, ticket: int) -> str:
    """What a ticket draws: SHA-256 of "seed:ticket" in hexadecimal; the smallest comes first."""
    return hashlib.sha256(f"{seed}:{ticket}".encode()).hexdigest()


def prepare(event: Event) -> Draw:
    """Make the seed before anybody signs up; its seal is shown from then on. Asking twice gives the same seed."""
    made, _new = Draw.objects.get_or_create(event=event)
    return made


def draw(event: Event, *, actor: User | None = None, at: datetime | None = None) -> Draw:
    """Draw the order of everybody who signed up, give the places, tell each how it went, and write the protocol.

    Ahead of the announced hour only after sign-up has ended. Drawing twice changes nothing. Locks the event.
    Raises RuleBroken: ``no_lottery``, ``cancelled``, ``too_early``.
    """
    with transaction.atomic():
        event = lock(event)
        now = at or timezone.now()
        if event.promotion != Event.Promotion.LOTTERY:
            raise RuleBroken("no_lottery", _("Places of this event are not drawn."))
        if event.is_cancelled or not event.is_published:
            raise RuleBroken("cancelled", _("This event has been cancelled."))
        made = prepare(event)
        if event.drawn_at is not None:
            return made
        if now < event.sign_up_ends_at():
            raise RuleBroken("too_early", _("Places are drawn once sign-up has ended."))
        waiting = {party[0].registration_id: party[0].registration for party in in_order(event)}
        _rank(made, list(waiting.values()))
        event.drawn_at = now
        event.save(update_fields=["drawn_at", "updated_at"])
        settle(event, now)
        _write_protocol(made, event, waiting, actor, now)
        for registration in (
            Registration.objects.filter(pk__in=waiting, seats__status=Seat.Status.WAITING).distinct().select_related("person")
        ):
            registration.event = event
            emails.tell(registration, "registration_not_drawn", now)
    return made


def draw_due(at: datetime | None = None) -> int:
    """Draw one lottery whose hour has come."""
    now = at or timezone.now()
    due = Event.objects.filter(
        status=Event.Status.PUBLISHED, promotion=Event.Promotion.LOTTERY, drawn_at=None, draw_at__lte=now, starts_at__gt=now
    )
    event = due.order_by("draw_at", "pk").first()
    if event is None:
        return 0
    draw(event, at=now)
    return 1


def _rank(made: Draw, registrations: list[Registration]) -> None:
    ordered = sorted(registrations, key=lambda registration: digest(made.seed, registration.pk))
    for rank, registration in enumerate(ordered, start=1):
        registration.draw_rank = rank
    Registration.objects.bulk_update(ordered, ["draw_rank"], batch_size=500)


def _write_protocol(made: Draw, event: Event, drawn: dict[int, Registration], actor: User | None, now: datetime) -> None:
    """Tickets, heads and results without names: what anybody needs to recompute the order and see that it was kept."""
    heads: dict[int, int] = dict.fromkeys(drawn, 0)
    places: dict[int, int] = dict.fromkeys(drawn, 0)
    for registration_id, status in Seat.objects.live().filter(registration__in=drawn).values_list("registration_id", "status"):
        heads[registration_id] += 1
        places[registration_id] += status != Seat.Status.WAITING
    made.protocol = [
        {
            "ticket": registration.pk,
            "digest": digest(made.seed, registration.pk),
            "rank": registration.draw_rank,
            "heads": heads[registration.pk],
            "places": places[registration.pk],
        }
        for registration in sorted(drawn.values(), key=lambda registration: registration.draw_rank or 0)
    ]
    made.capacity, made.drawn_at, made.actor = event.capacity, now, actor
    made.save(update_fields=["protocol", "capacity", "drawn_at", "actor", "updated_at"])
