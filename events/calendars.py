"""Calendar files: Europe/Warsaw with its zone data, cancelled events as cancelled with a higher sequence."""

from collections.abc import Iterable

import icalendar
from django.conf import settings
from django.utils import timezone

from events.models import Event


def calendar(events: Iterable[Event], name: str) -> bytes:
    """The events as an iCalendar file; times carry the zone of Kraków."""
    book = icalendar.Calendar()
    book.add("prodid", "-//Aktywna Spolecznosc//portal//PL")
    book.add("version", "2.0")
    book.add("x-wr-calname", name)
    for event in events:
        book.add_component(_entry(event))
    book.add_missing_timezones()
    return book.to_ical()


def _entry(event: Event) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("uid", f"event-{event.pk}@{settings.SITE_URL.split('//')[-1].split(':')[0]}")
    entry.add("summary", event.title)
    entry.add("dtstart", timezone.localtime(event.starts_at))
    entry.add("dtend", timezone.localtime(event.ends_at))
    entry.add("dtstamp", event.updated_at)
    entry.add("sequence", event.sequence)
    entry.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    entry.add("url", settings.SITE_URL + event.get_absolute_url())
    if event.venue is not None:
        entry.add("location", f"{event.venue.name}, {event.venue.address}")
    text = event.cancel_reason if event.is_cancelled else event.summary
    if text:
        entry.add("description", text)
    return entry
