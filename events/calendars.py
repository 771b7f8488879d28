"""Calendar files (RFC 5545): Europe/Warsaw with its zone data, cancelled events as cancelled with a higher sequence.

A file says nothing that depends on the moment it is asked for, so the same rows always make the same bytes.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import icalendar
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar.prop import vDuration

from active_citizens.core.feeds import host, printable
from events.models import Event, Registration, Seat
from participants.models import Person

# How long what is over stays in a calendar that subscribes.
STAYS = timedelta(days=90)
# How often a calendar that subscribes should look; more often than plans change, rarely enough for a phone.
ASK_AGAIN = timedelta(hours=4)
# How long a sign-up given back, or an event called off, stays in one's own calendar, saying so.
GIVEN_BACK_STAYS = timedelta(days=30)
DAY_BEGINS, DAY_ENDS = time(0, 0), time(23, 59)


def calendar(events: Iterable[Event], name: str) -> bytes:
    """The events as an iCalendar file; times carry the zone of Kraków. A draft is left out, whoever asks."""
    return _file((_event(event) for event in events if event.status != Event.Status.DRAFT), name)


def own_calendar(registrations: Iterable[Registration], person: Person, at: datetime) -> bytes:
    """One person's sign-ups, in their language, one entry an event; needs ``event__venue``, seats and ``moves`` (their number).

    A place is CONFIRMED, a turn in the queue or a place yet to be confirmed TENTATIVE, what was given back CANCELLED
    for 30 days. The address is read by other people's servers, so no link in it can confirm or cancel, and nobody is named.
    """
    with translation.override(person.language):
        of_event: dict[int, list[Registration]] = {}
        for registration in registrations:
            of_event.setdefault(registration.event_id, []).append(registration)
        entries = [_sign_up(group, person) for group in of_event.values() if _still_said(group, at)]
        return _file(entries, _("My sign-ups"))


def changed_at(event: Event) -> datetime:
    """When the event, or the place it is held at, was last changed; needs ``venue``."""
    return max(event.updated_at, event.venue.updated_at) if event.venue else event.updated_at


def _file(entries: Iterable[icalendar.Event], name: str) -> bytes:
    book = icalendar.Calendar()
    book.add("prodid", "-//Aktywna Spolecznosc//portal//PL")
    book.add("version", "2.0")
    book.add("calscale", "GREGORIAN")
    book.add("name", printable(name))
    book.add("x-wr-calname", printable(name))
    book.add("x-wr-timezone", settings.TIME_ZONE)
    book.add("refresh-interval", vDuration(ASK_AGAIN), parameters={"VALUE": "DURATION"})
    book.add("x-published-ttl", vDuration(ASK_AGAIN))
    for entry in entries:
        book.add_component(entry)
    book.add_missing_timezones()
    return book.to_ical()


def _event(event: Event) -> icalendar.Event:
    entry = _entry(event, f"event-{event.pk}", changed_at(event))
    title = _("CANCELLED: %(title)s") % {"title": event.title} if event.is_cancelled else event.title
    entry.add("summary", printable(title))
    entry.add("sequence", event.sequence)
    entry.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    text = event.cancel_reason if event.is_cancelled else event.summary
    if text:
        entry.add("description", printable(text))
    return entry


def _sign_up(group: list[Registration], person: Person) -> icalendar.Event:
    """The entry of all sign-ups, one after another, of one person for one event; the newest stands for them."""
    registration = max(group, key=lambda one: (one.closed_at is None, one.pk))
    event = registration.event
    seats = list(registration.seats.all())
    moments = [changed_at(event), registration.updated_at, *(seat.updated_at for seat in seats)]
    entry = _entry(event, f"signup-{person.pk}-{event.pk}", max(moments))
    status, note = _standing(registration, seats)
    entry.add("summary", printable(f"{event.title} ({note})" if note else event.title))
    # Every move of a place is a row that is never taken back, so the sum only grows.
    entry.add("sequence", event.sequence + sum(one.moves for one in group))  # type: ignore[attr-defined]
    entry.add("status", status)
    entry.add("transp", "OPAQUE" if status == "CONFIRMED" else "TRANSPARENT")
    heads = sum(seat.is_live for seat in seats)
    lines = [event.cancel_reason if event.is_cancelled else event.summary]
    if heads > 1:
        lines.append(ngettext("%(count)d person signed up", "%(count)d people signed up", heads) % {"count": heads})
    if text := "\n".join(filter(None, lines)):
        entry.add("description", printable(text))
    return entry


def _standing(registration: Registration, seats: list[Seat]) -> tuple[str, str]:
    """STATUS, and in brackets what to add to the title; the best of the party's places decides."""
    if registration.event.is_cancelled:
        return "CANCELLED", _("cancelled")
    statuses = {seat.status for seat in seats} if registration.closed_at is None else set()
    if Seat.Status.CONFIRMED in statuses:
        return "CONFIRMED", ""
    if Seat.Status.HELD in statuses:
        return "TENTATIVE", _("place to be confirmed")
    if Seat.Status.WAITING in statuses:
        return "TENTATIVE", _("waiting for the draw") if registration.event.waits_for_draw else _("waiting list")
    return "CANCELLED", _("given back")


def _still_said(group: list[Registration], at: datetime) -> bool:
    return any(one.closed_at is None or one.closed_at > at - GIVEN_BACK_STAYS for one in group)


def _entry(event: Event, uid: str, changed: datetime) -> icalendar.Event:
    """What an event and a sign-up for it have in common."""
    entry = icalendar.Event()
    entry.add("uid", f"{uid}@{host()}")
    starts, ends = _span(event)
    entry.add("dtstart", starts)
    entry.add("dtend", ends)
    entry.add("dtstamp", changed)
    entry.add("created", event.created_at)
    entry.add("last-modified", changed)
    entry.add("url", settings.SITE_URL + event.get_absolute_url())
    if event.venue is not None:
        entry.add("location", printable(f"{event.venue.name}, {event.venue.address}"))
    return entry


def _span(event: Event) -> tuple[date, date]:
    """First and last moment; whole days, from midnight to midnight, as dates, the last of which is no longer part of it."""
    starts, ends = (timezone.localtime(moment, timezone.get_default_timezone()) for moment in (event.starts_at, event.ends_at))
    if starts.time() == DAY_BEGINS and ends.time() in (DAY_BEGINS, DAY_ENDS):
        after = ends.date() if ends.time() == DAY_BEGINS else ends.date() + timedelta(days=1)
        return starts.date(), after
    return _moment(starts), _moment(ends)


def _moment(local: datetime) -> datetime:
    """By the clocks of Kraków, but for the hour that comes twice: its second coming can be told in UTC only (RFC 5545, 3.3.5)."""
    return local.astimezone(UTC) if local.fold else local
