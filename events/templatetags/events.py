"""The words of events and places: days, hours, what is free, where somebody stands in the queue."""

from datetime import datetime, timedelta
from hashlib import sha1
from typing import Any

from django import forms, template
from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, npgettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from active_citizens.core.templatetags.components import filters
from active_citizens.core.text import bind
from events.models import Event, EventChange, Registration, Seat

register = template.Library()

# Seconds a row may be kept; long enough to be worth it, short enough for the year on its calendar leaf to turn.
ROW_LASTS = 60
# So long after a move the lists mark the date as a new one.
NEW_DATE_SHOWS = timedelta(days=14)

# „od wtorku", „do wtorku": after these words Polish and Ukrainian bend the day's name.
WEEKDAYS = (
    pgettext_lazy("from or until", "Monday"),
    pgettext_lazy("from or until", "Tuesday"),
    pgettext_lazy("from or until", "Wednesday"),
    pgettext_lazy("from or until", "Thursday"),
    pgettext_lazy("from or until", "Friday"),
    pgettext_lazy("from or until", "Saturday"),
    pgettext_lazy("from or until", "Sunday"),
)


# --- Days and hours ---------------------------------------------------------------------------------------------------


def _date(moment: datetime, *, year: bool) -> str:
    date = date_format(moment, "j E").replace(" ", "\N{NO-BREAK SPACE}")
    return pgettext("a date", "%(date)s %(year)s") % {"date": date, "year": moment.year} if year else date


@register.filter
def day(moment: datetime) -> str:
    """„wtorek, 3 czerwca 2026 r.”"""
    moment = timezone.localtime(moment)
    weekday = date_format(moment, "l")
    return bind(f"{weekday if get_language() == 'en' else weekday.lower()}, {_date(moment, year=True)}")


@register.filter
def until(moment: datetime) -> str:
    """What follows „do” or „od”: „wtorku, 3 czerwca, godz. 18:00”; another year than this one is named."""
    moment = timezone.localtime(moment)
    words = {
        "weekday": WEEKDAYS[moment.weekday()],
        "date": _date(moment, year=moment.year != timezone.localdate().year),
        "time": f"{moment:%H:%M}",
    }
    return bind(pgettext("from or until", "%(weekday)s, %(date)s, %(time)s") % words)


@register.filter
def moment(when: datetime) -> str:
    """A day and an hour that no word bends: „wtorek, 3 czerwca, godz. 18:00”; another year than this one is named."""
    when = timezone.localtime(when)
    weekday = date_format(when, "l")
    words = {
        "weekday": weekday if get_language() == "en" else weekday.lower(),
        "date": _date(when, year=when.year != timezone.localdate().year),
        "time": f"{when:%H:%M}",
    }
    return bind(pgettext("from or until", "%(weekday)s, %(date)s, %(time)s") % words)


@register.filter
def hours(event: Event) -> str:
    """„godz. 17:00–19:30”; an event over several days names both."""
    return _hours(event.starts_at, event.ends_at)


@register.filter
def hours_before(change: EventChange) -> str:
    """The hours as they were before the plan broke."""
    return _hours(change.starts_before, change.ends_before)


def _hours(starts_at: datetime, ends_at: datetime) -> str:
    start, end = timezone.localtime(starts_at), timezone.localtime(ends_at)
    if start.date() == end.date():
        return bind(pgettext("hours of a day", "%(start)s–%(end)s") % {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"})
    parts = [
        pgettext("a day and an hour", "%(date)s, %(time)s") % {"date": _date(moment, year=False), "time": f"{moment:%H:%M}"}
        for moment in (start, end)
    ]
    return bind(" – ".join(parts))


@register.simple_tag
def hold_until(event: Event, hold_hours: int, now: datetime) -> datetime:
    """Till when a place given now would wait for its confirmation."""
    return min(now + timedelta(hours=hold_hours), event.starts_at)


@register.simple_tag
def last_move(event: Event) -> EventChange | None:
    """The newest change of date or venue, asked for only where the event's calendar sequence says that there was one."""
    if event.is_cancelled or not event.sequence:
        return None
    return event.changes.filter(kind=EventChange.Kind.MOVED).select_related("venue_before").first()


@register.simple_tag
def has_new_date(event: Event, now: datetime) -> bool:
    """Whether the event was moved to another date so lately that people may know the old one."""
    return event.moved_at is not None and event.is_published and not event.is_over(now) and now - event.moved_at <= NEW_DATE_SHOWS


# --- Where ------------------------------------------------------------------------------------------------------------


@register.filter
def estate(event: Event) -> str:
    """The slug whose colour and emblem the event wears: its only neighbourhood's, or none's."""
    places_of = list(event.neighbourhoods.all())
    return places_of[0].slug if len(places_of) == 1 else ""


@register.filter
def eyebrow(event: Event) -> str:
    """„Ugorek, Olsza II · warsztat"."""
    names = ", ".join(place.name for place in event.neighbourhoods.all())
    return " · ".join(filter(None, [names, str(event.get_kind_display())]))


# --- Places -----------------------------------------------------------------------------------------------------------


@register.filter
def free(event: Event) -> int | None:
    """Places a newcomer can have: none while somebody waits, but before a draw all; None where there is no limit. Needs ``with_places``."""
    if event.capacity is None or event.waits_for_draw:
        return event.capacity
    return 0 if event.queue else max(0, event.capacity - event.taken)


@register.filter
def places(event: Event) -> str:
    """„są 4 miejsca”, „ostatnie miejsce”, „lista rezerwowa: 3 osoby”, „bez zapisów”, „bez limitu miejsc”."""
    if event.sign_up == Event.SignUp.NONE:
        return _("no sign-up needed")
    if event.sign_up == Event.SignUp.INVITED:
        return _("by invitation")
    if event.waits_for_draw:
        return ngettext("draw: %(count)d person signed up", "draw: %(count)d people signed up", event.queue) % {"count": event.queue}
    left = free(event)
    if left is None:
        return _("no limit of places")
    if event.queue:
        return ngettext("waiting list: %(count)d person", "waiting list: %(count)d people", event.queue) % {"count": event.queue}
    if left == 0:
        return _("no free places, the waiting list is open")
    if left == 1:
        return _("the last place")
    return ngettext("%(count)d free place", "%(count)d free places", left) % {"count": left}


@register.filter
def places_kind(event: Event) -> str:
    """The badge that goes with ``places``; the words say everything, the colour only repeats it."""
    if event.sign_up != Event.SignUp.OPEN:
        return ""
    left = free(event)
    return "warning" if left is not None and left <= 1 else "success"


@register.simple_tag
def sign_up_state(event: Event, now: datetime) -> str:
    """One word to branch on: cancelled, over, none, invited, not_yet, closed, full or open."""
    plain = {Event.SignUp.NONE: "none", Event.SignUp.INVITED: "invited"}
    if event.is_cancelled:
        return "cancelled"
    if event.is_over(now):
        return "over"
    if event.sign_up in plain:
        return plain[Event.SignUp(event.sign_up)]
    if event.opens_at is not None and now < event.opens_at:
        return "not_yet"
    if now >= event.sign_up_ends_at():
        return "closed"
    return "full" if free(event) == 0 else "open"


@register.simple_tag
def event_row(event: Event, now: datetime, level: int = 3) -> SafeString:
    """One event as a notice on the board; needs ``for_lists``, ``with_stories`` too to mark those told; ``level`` is of its heading.

    A row costs more than the query that found it, so it is kept under everything it shows: it is never out of date.
    """
    estates = [place.slug for place in event.neighbourhoods.all()]
    venue = event.venue and event.venue.updated_at
    shown = [event.pk, event.updated_at, venue, event.taken, event.queue, sign_up_state(event, now), level, get_language(), estates]
    shown += [event.phone_line, event.phone_hours, has_new_date(event, now), getattr(event, "is_told", False)]
    key = f"event-row:{sha1(repr(shown).encode(), usedforsecurity=False).hexdigest()}"
    row = caches["pages"].get(key)
    if row is None:
        row = render_to_string("events/_event_row.html", {"event": event, "now": now, "level": level})
        caches["pages"].set(key, row, ROW_LASTS)
    return row


@register.simple_tag
def next_position(event: Event) -> int:
    """The position somebody signing up now would have on the waiting list."""
    return event.seats.waiting().values("registration").distinct().count() + 1


@register.filter
def position_sentence(position: int) -> str:
    return _("You are number %(position)d on the waiting list.") % {"position": position}


# --- Somebody's own sign-up --------------------------------------------------------------------------------------------


@register.filter
def standing(registration: Registration) -> str:
    """How a sign-up stands, by the best of its live places: confirmed, held, waiting; else cancelled."""
    statuses = {seat.status for seat in registration.seats.all()}
    ladder = (Seat.Status.CONFIRMED, Seat.Status.HELD, Seat.Status.WAITING)
    return next((status.value for status in ladder if status in statuses), "cancelled")


@register.filter
def having(seats: list[Seat]) -> str:
    """„Masz miejsce” or „Masz 3 miejsca”, by the confirmed ones."""
    count = sum(seat.status == Seat.Status.CONFIRMED for seat in seats)
    if count <= 1:
        return _("You have a place")
    return npgettext("own places", "You have %(count)d place", "You have %(count)d places", count) % {"count": count}


@register.filter
def seat_state(seat: Seat) -> str:
    """What to say beside one name of a party."""
    if seat.status == Seat.Status.HELD and seat.held_until:
        return _("held until %(moment)s") % {"moment": until(seat.held_until)}
    if seat.status == Seat.Status.WAITING and seat.registration.event.waits_for_draw:
        return _("in the draw")
    return str(seat.get_status_display())


# --- The list ----------------------------------------------------------------------------------------------------------


@register.simple_tag
def event_filters(form: forms.Form, *, past: bool, active: bool) -> SafeString:
    """The filter form; looking at the past stays looking at the past, and so does „clear"."""
    if past:
        form.fields["when"] = forms.CharField(required=False, widget=forms.HiddenInput)
    values: dict[str, Any] = {"label": _("Filter the events"), "submit": _("Show events"), "active": active}
    return filters(form, action="?when=past" if past else "", **values)


# --- The code ----------------------------------------------------------------------------------------------------------


@register.filter
def grouped(code: str) -> str:
    """The code as it is written: „ACDE 3467"."""
    return f"{code[:4]} {code[4:]}"


@register.filter
def spelled(code: str) -> str:
    """The code letter by letter, for a voice that would read it as a word."""
    return ", ".join(code)
