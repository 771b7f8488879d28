"""An event's own life: draft, published, copied, cancelled."""

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import plain
from events import emails
from events.domain import places
from events.domain import seats as seat_moves
from events.models import Event, Registration, Seat, SeatMove
from participants.models import User

# Any number of our own: whoever names a new event waits for the one before.
SLUG_LOCK = 20131202


def dated_slug(title: str, starts_at: datetime, taken_by: Event | None = None) -> str:
    """An address with the event's date, free of clashes: ``spacer-badawczy-2026-11-29``.

    Holds a lock till the transaction ends, so that two drafts made at once do not choose the same one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SLUG_LOCK])
    base = f"{slugify(plain(title))[:90].strip('-') or 'wydarzenie'}-{timezone.localtime(starts_at):%Y-%m-%d}"
    others = Event.objects.exclude(pk=taken_by.pk) if taken_by else Event.objects.all()
    slug, number = base, 1
    while others.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug


def missing_for_publication(event: Event) -> list[tuple[str, str]]:
    """What still keeps the event from being published: (field, sentence) pairs, empty when it may go out (A11Y-10)."""
    missing: list[tuple[str, str]] = []
    if event.venue is None:
        missing.append(("venue", _("Choose the venue: people must know where to come.")))
    elif not event.venue.has_access_information:
        missing.append(("venue", _("Describe the venue's entrance, the way there and its accessibility first.")))
    if not event.access_contact:
        missing.append(("access_contact", _("Say whom to ask about access: a phone or an e-mail.")))
    if not event.summary.strip():
        missing.append(("summary", _("Write two or three sentences on what will happen.")))
    if not event.neighbourhoods.exists():
        missing.append(("neighbourhoods", _("Choose at least one neighbourhood.")))
    return missing


def publish(event: Event, *, actor: User | None = None, at: datetime | None = None) -> Event:
    """Show the event to everybody. Locks the event. Raises RuleBroken: ``incomplete``, ``cancelled``, ``over``."""
    now = at or timezone.now()
    with transaction.atomic():
        event = places.lock(event)
        if event.is_published:
            return event
        if event.is_cancelled:
            raise RuleBroken("cancelled", _("This event has been cancelled. Make a copy to hold it again."))
        if event.is_over(now):
            raise RuleBroken("over", _("This event's date has passed."), field="starts_at")
        missing = missing_for_publication(event)
        if missing:
            raise RuleBroken("incomplete", " ".join(sentence for _field, sentence in missing), missing=missing)
        event.status = Event.Status.PUBLISHED
        event.published_at = now
        event.save(update_fields=["status", "published_at", "updated_at"])
    return event


def copy(event: Event, *, starts_at: datetime, at: datetime | None = None) -> Event:
    """A draft like the event at another time: texts, venue and neighbourhoods come along, sign-ups and dates do not."""
    now = at or timezone.now()
    with transaction.atomic():
        neighbourhoods, organisations = list(event.neighbourhoods.all()), list(event.organisations.all())
        length = event.ends_at - event.starts_at
        twin = Event.objects.get(pk=event.pk)
        twin.pk = None
        twin._state.adding = True
        twin.starts_at, twin.ends_at = starts_at, starts_at + length
        twin.opens_at = twin.closes_at = twin.published_at = twin.cancelled_at = None
        twin.status, twin.cancel_reason, twin.sequence = Event.Status.DRAFT, "", 0
        twin.created_at = now
        twin.slug = dated_slug(twin.title, starts_at)
        twin.save(force_insert=True)
        twin.neighbourhoods.set(neighbourhoods)
        twin.organisations.set(organisations)
    return twin


def cancel_event(event: Event, reason: str, *, actor: User | None = None, at: datetime | None = None) -> Event:
    """Call the event off: everybody with a place or in the queue is told why. Locks the event.

    Raises RuleBroken: ``needs_reason``, ``over``, ``not_published``. Cancelling twice changes nothing.
    """
    now = at or timezone.now()
    if not reason.strip():
        raise RuleBroken("needs_reason", _("Write why: people will read it."), field="reason")
    with transaction.atomic():
        event = places.lock(event)
        if event.is_cancelled:
            return event
        if not event.is_published:
            raise RuleBroken("not_published", _("Only a published event can be cancelled."))
        if event.is_over(now):
            raise RuleBroken("over", _("This event is over."))
        told = list(event.registrations.live().select_related("person"))
        seat_moves.move(event.seats.live(), Seat.Status.CANCELLED, SeatMove.Why.EVENT_CANCELLED, at=now, actor=actor)
        Registration.objects.filter(pk__in=[registration.pk for registration in told]).update(closed_at=now)
        event.status = Event.Status.CANCELLED
        event.cancelled_at, event.cancel_reason = now, reason.strip()
        event.sequence += 1
        event.save(update_fields=["status", "cancelled_at", "cancel_reason", "sequence", "updated_at"])
        for registration in told:
            emails.drop_calls(registration, now)
            emails.tell(registration, "event_cancelled", now)
    return event
