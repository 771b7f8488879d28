"""The people of one sign-up, after it was made: added, corrected, together or as many as fit. Taking one out is ``places.cancel``."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events import emails
from events.domain import envelope, parties
from events.domain.parties import Head
from events.domain.queue import lock, settle
from events.models import Registration, Seat
from participants.models import User


def add_heads(
    registration: Registration,
    heads: Sequence[Head],
    *,
    key: uuid.UUID | None = None,
    actor: User | None = None,
    at: datetime | None = None,
) -> list[Seat]:
    """Add people to a sign-up: with a place if one is free and nobody waits, else as a group at the end of the queue.

    The same ``key`` again adds nobody. Locks the event. Raises RuleBroken: ``registration_cancelled``, as
    ``check_open`` and ``parties.check`` do.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        registration = envelope.fresh(registration, event)
        before = list(registration.seats.all())
        sent = next((seat for seat in before if key is not None and seat.key == key), None)
        if sent is not None:
            return [seat for seat in before if seat.group == sent.group]
        envelope.check_open(event, now, actor)
        if registration.closed_at is not None:
            raise RuleBroken("registration_cancelled", _("This sign-up was cancelled. You can sign up again."))
        already = sum(seat.is_live for seat in before)
        parties.check(event, registration.person, heads, guardian=registration.guardian, actor=actor, already=already)
        room = settle(event, now)
        made = envelope.seat_newcomers(registration, heads, room, now, before=before, actor=actor)
        Seat.objects.filter(pk=made[0].pk).update(key=key)
        emails.tell(registration, "registration_changed", now)
    return made


def change_head(seat: Seat, head: Head, *, actor: User | None = None, at: datetime | None = None) -> Seat:
    """Correct a name or an age band; the place stays what it is. Locks the event.

    Raises RuleBroken: ``over``, ``not_live``, ``guardian_agreed``, and as ``parties.check`` does. Who named a guardian
    stays of the age they gave.
    """
    with transaction.atomic():
        event = lock(seat.registration.event)
        now = at or timezone.now()
        envelope.check_not_over(event, now)
        registration = envelope.fresh(seat.registration, event)
        seat = registration.seats.get(pk=seat.pk)
        if not seat.is_live:
            raise RuleBroken("not_live", _("This place was given back."))
        if registration.guardian_confirmed_at is not None and actor is None:
            raise RuleBroken("guardian_agreed", _("Your guardian agreed to just this: ring us to change it."))
        band = head.age_band if registration.guardian_id is None else seat.age_band
        parties.check(event, registration.person, [Head(head.name, band)], guardian=registration.guardian, actor=actor)
        seat.name, seat.age_band = head.name, band
        seat.save(update_fields=["name", "age_band", "updated_at"])
    return seat


def stay_together(registration: Registration, together: bool, *, at: datetime | None = None) -> Registration:
    """Choose whether the party comes together or not at all; as many as possible may get places at once. Locks the event."""
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        envelope.check_runs(event, now)
        registration = envelope.fresh(registration, event)
        registration.all_or_none = together
        registration.save(update_fields=["all_or_none", "updated_at"])
        settle(event, now)
    return registration
