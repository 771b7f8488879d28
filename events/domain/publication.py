"""An event's own life: draft, published, copied; how it is called off or moved stands in ``plans``."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from active_citizens.core.days import at_clock
from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import first_free, slug_of
from events.domain import leaders, lottery, queue
from events.models import Event, EventLeader

# Any number of our own: whoever names a new event waits for the one before.
SLUG_LOCK = 20131202
# Whoever clicks twice, or reloads the answer, does so within it.
A_MINUTE = timedelta(minutes=1)


def dated_slug(title: str, starts_at: datetime, taken_by: Event | None = None) -> str:
    """An address with the event's date, free of clashes: ``spacer-badawczy-2026-11-29``.

    Holds a lock till the transaction ends, so that two drafts made at once do not choose the same one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SLUG_LOCK])
    others = Event.objects.exclude(pk=taken_by.pk) if taken_by else Event.objects.all()
    dated = f"{slug_of(title, 90, 'wydarzenie')}-{timezone.localtime(starts_at):%Y-%m-%d}"
    return first_free(dated, lambda slug: others.filter(slug=slug).exists())


def missing_for_publication(event: Event, at: datetime | None = None) -> list[tuple[str, str]]:
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
    if event.waits_for_draw and event.capacity is None:
        missing.append(("capacity", _("Places can be drawn only when their number is known.")))
    if event.waits_for_draw and event.draw_at is not None and event.draw_at <= (at or timezone.now()):
        missing.append(("draw_at", _("The day of the draw has passed already.")))
    return missing + leaders.missing_for_minors(event)


def publish(event: Event, *, at: datetime | None = None) -> Event:
    """Show the event to everybody. Locks the event. Raises RuleBroken: ``incomplete``, ``cancelled``, ``over``."""
    now = at or timezone.now()
    with transaction.atomic():
        event = queue.lock(event)
        if event.is_published:
            return event
        if event.is_cancelled:
            raise RuleBroken("cancelled", _("This event has been cancelled. Make a copy to hold it again."))
        if event.is_over(now):
            raise RuleBroken("over", _("This event's date has passed."), field="starts_at")
        missing = missing_for_publication(event, now)
        if missing:
            raise RuleBroken("incomplete", " ".join(sentence for _field, sentence in missing), missing=missing)
        event.status = Event.Status.PUBLISHED
        event.published_at = now
        event.save(update_fields=["status", "published_at", "updated_at"])
        if event.promotion == Event.Promotion.LOTTERY:
            lottery.prepare(event)
    return event


def stays_published(event: Event, *, led_anew: bool) -> None:
    """What publication asked for still holds after a change: a lottery has its seed, and who leads children is checked.

    ``led_anew`` says that leaders, days or openness to children changed: a check that lapsed since stops no other change.
    Locks the event. Raises RuleBroken ``not_vetted``.
    """
    with transaction.atomic():
        event = queue.lock(event)
        if led_anew:
            leaders.check(event)
        if event.is_published and event.promotion == Event.Promotion.LOTTERY:
            lottery.prepare(event)


def copy(event: Event, *, starts_at: datetime, at: datetime | None = None, **own: Any) -> Event:
    """A draft like the event at another time: texts, venue, neighbourhoods and who leads come along, sign-ups and dates do not.

    ``own`` are columns in which the draft differs. A lottery keeps its distance from the start.
    """
    now = at or timezone.now()
    # Columns without a language hold the Polish text, whoever works in which language.
    with transaction.atomic(), translation.override("pl"):
        neighbourhoods, organisations, led = list(event.neighbourhoods.all()), list(event.organisations.all()), list(event.leaders.all())
        twin = Event.objects.get(pk=event.pk)
        length = twin.ends_at - twin.starts_at
        twin.draw_at = _draw_at(twin, starts_at)
        twin.pk = None
        twin._state.adding = True
        twin.starts_at, twin.ends_at = starts_at, starts_at + length
        twin.opens_at = twin.closes_at = twin.published_at = twin.cancelled_at = None
        twin.drawn_at = twin.fallback_starts_at = twin.moved_at = twin.series = None
        twin.status, twin.cancel_reason, twin.sequence = Event.Status.DRAFT, "", 0
        twin.created_at = now
        for name, value in own.items():
            setattr(twin, name, value)
        twin.slug = dated_slug(twin.title, starts_at)
        twin.save(force_insert=True)
        twin.neighbourhoods.set(neighbourhoods)
        twin.organisations.set(organisations)
        EventLeader.objects.bulk_create(
            EventLeader(event=twin, user_id=leader.user_id, name=leader.name, role=leader.role, minutes=leader.minutes) for leader in led
        )
    return twin


def copy_once(event: Event, *, starts_at: datetime) -> Event:
    """A copy for one of the team; the same form sent twice within a minute makes one. Locks the event."""
    now = timezone.now()
    with transaction.atomic(), translation.override("pl"):
        event = queue.lock(event)
        twins = Event.objects.filter(project=event.project_id, title=event.title, starts_at=starts_at, status=Event.Status.DRAFT)
        return twins.filter(created_at__gt=now - A_MINUTE).exclude(pk=event.pk).first() or copy(event, starts_at=starts_at, at=now)


def _draw_at(event: Event, starts_at: datetime) -> datetime | None:
    """When the places of a copy are drawn: as many days ahead and at the same hour as at the event itself."""
    if event.promotion != Event.Promotion.LOTTERY or event.draw_at is None:
        return None
    drawn, started = timezone.localtime(event.draw_at), timezone.localtime(event.starts_at)
    day = timezone.localdate(starts_at) - (started.date() - drawn.date())
    return min(at_clock(day, drawn.time()), starts_at)
