"""When the dates of a series fall, by the clocks of Kraków, and what stands in their way."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.core.days import at_clock
from events.models import Event

# A year of weeks and some: whoever plans further makes the next series then.
MOST_DATES = 60


class Every(models.TextChoices):
    WEEK = "week", _("every week")
    FORTNIGHT = "fortnight", _("every two weeks")
    MONTH = "month", _("every month, on the same weekday")
    BY_HAND = "by_hand", _("on days written by hand")


def after(starts_at: datetime, every: str, *, count: int = MOST_DATES, until: date | None = None) -> list[datetime]:
    """The next dates in the rhythm, at most ``count`` and not after ``until``; the hour on the wall stays the same.

    A month's date is that of the same weekday: the third Tuesday after the third Tuesday; after a fifth one, the last.
    """
    first = timezone.localtime(starts_at)
    dates: list[datetime] = []
    while len(dates) < count:
        number = len(dates) + 1
        day = _weekday_of_month(first.date(), number) if every == Every.MONTH else first.date() + _step(every) * number
        if until is not None and day > until:
            break
        dates.append(at_clock(day, first.time()))
    return dates


def _step(every: str) -> timedelta:
    return timedelta(weeks=2 if every == Every.FORTNIGHT else 1)


def _weekday_of_month(day: date, months: int) -> date:
    """The same weekday of the month so many months later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    found = first + timedelta(days=(day.weekday() - first.weekday()) % 7, weeks=(day.day - 1) // 7)
    return found if found.month == first.month else found - timedelta(weeks=1)


def clashes(dates: Iterable[tuple[datetime, datetime, int | None]]) -> list[list[Event]]:
    """For each (start, end, number of the venue) the other events there at that time; one query for all of them."""
    asked = list(dates)
    if not any(venue for _start, _end, venue in asked):
        return [[] for _date in asked]
    near = Event.objects.exclude(status=Event.Status.CANCELLED).filter(
        venue__in={venue for _start, _end, venue in asked if venue},
        starts_at__lt=max(end for _start, end, _venue in asked),
        ends_at__gt=min(start for start, _end, _venue in asked),
    )
    found = list(near.without_texts("summary", "description", "access_note").order_by("starts_at"))
    return [
        [event for event in found if event.venue_id == venue and event.starts_at < end and start < event.ends_at]
        for start, end, venue in asked
    ]
