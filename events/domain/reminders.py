"""Reminders: due and not yet sent, asked of the registrations themselves; a date that moved is a date to be reminded of."""

from collections import defaultdict
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from active_citizens.core.days import DAY, QUIET_FROM, QUIET_UNTIL, after_quiet, at_clock
from events.models import Event, Registration, Seat
from participants.domain import messages

# Somebody who signed up so shortly before the reminder is due knows the date.
KNOWS_ANYWAY = timedelta(hours=12)
# A reminder due at night goes out in the evening before it.
EVENING = time(20)
# The longest a night, and a change of the clocks, bring a reminder forward.
NIGHT = timedelta(hours=14)


def remind_at(starts_at: datetime) -> datetime:
    """When people are reminded of the start: a day before it, at the same hour by the clocks of Kraków; if that falls into
    the quiet hours, in the evening before them."""
    due = timezone.localtime(starts_at, timezone.get_default_timezone()) - timedelta(hours=settings.REMIND_HOURS_BEFORE)
    if due.time() >= QUIET_FROM:
        return at_clock(due.date(), EVENING)
    return at_clock(due.date() - DAY, EVENING) if due.time() < QUIET_UNTIL else due


def remind_due(at: datetime | None = None, batch: int = 100) -> int:
    """Book a reminder for everybody with a certain place at an event that starts soon; the worker's share.

    Each registration is reminded once of each date: ``reminded_for`` is written with the message, and rows another
    worker holds are left to it. Never in quiet hours, never after the start. Says how many registrations it settled.
    """
    now = at or timezone.now()
    if after_quiet(now) != now:
        return 0
    with transaction.atomic():
        due = _registrations(now)[:batch]
        bookings, dates = [], defaultdict(list)
        for registration in due:
            starts_at = registration.event.starts_at
            dates[starts_at].append(registration.pk)
            if registration.created_at <= remind_at(starts_at) - KNOWS_ANYWAY:
                context = {"registration": registration.pk, "starts_at": starts_at.isoformat()}
                key = f"reminder:{registration.pk}:{starts_at:%Y%m%d%H%M}"
                bookings.append(messages.Booking(registration.person, context, key))
        messages.book_all("event_reminder", bookings, at=now)
        for starts_at, registrations in dates.items():
            Registration.objects.filter(pk__in=registrations).update(reminded_for=starts_at, updated_at=now)
    return sum(map(len, dates.values()))


def _soon(now: datetime) -> list[int]:
    """Published events whose reminder is due and which have not begun; a handful, found by the index on starts."""
    latest = now + timedelta(hours=settings.REMIND_HOURS_BEFORE) + NIGHT
    events = Event.objects.filter(status=Event.Status.PUBLISHED, starts_at__gt=now, starts_at__lte=latest)
    return [pk for pk, starts_at in events.values_list("pk", "starts_at") if remind_at(starts_at) <= now]


def _registrations(now: datetime) -> QuerySet[Registration]:
    """Those with a certain place that have not been reminded of this date, locked for this worker."""
    has_place = Exists(Seat.objects.filter(registration=OuterRef("pk"), status=Seat.Status.CONFIRMED))
    unreminded = Q(reminded_for=None) | ~Q(reminded_for=F("event__starts_at"))
    found = Registration.objects.live().filter(has_place, unreminded, event__in=_soon(now))
    return found.select_related("event", "person").select_for_update(of=("self",), no_key=True, skip_locked=True).order_by("pk")
