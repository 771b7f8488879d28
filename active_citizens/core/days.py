"""Working days by the Polish calendar, hours of duty, and nights in which nobody is disturbed."""

from datetime import date, datetime, time, timedelta
from functools import cache

import holidays
from django.utils import timezone

DAY = timedelta(days=1)
# Nobody is asked for an answer, and no time to answer ends, between these hours by the clocks of Kraków.
QUIET_FROM, QUIET_UNTIL = time(21), time(8)


@cache
def _polish_holidays() -> holidays.HolidayBase:
    """Days off by law (act of 18 January 1951 on days off work); years are worked out when asked for."""
    return holidays.country_holidays("PL", language="pl")


def holiday_name(day: date) -> str:
    """The Polish name of the holiday on that day; empty on others, Saturdays and Sundays included."""
    return _polish_holidays().get(day) or ""


def is_working_day(day: date) -> bool:
    """Monday to Friday but for days off by law."""
    return day.weekday() < 5 and day not in _polish_holidays()


def add_working_days(day: date, count: int) -> date:
    """The day ``count`` working days after ``day`` (before it, when negative), which itself is not counted."""
    step = DAY if count >= 0 else -DAY
    left = abs(count)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def at_clock(day: date, hour: time) -> datetime:
    """That hour of that day by the clocks of Kraków."""
    return datetime.combine(day, hour, timezone.get_default_timezone())


def after_quiet(moment: datetime) -> datetime:
    """The moment itself by day, else the morning after: eight o'clock by the clocks of Kraków."""
    local = timezone.localtime(moment, timezone.get_default_timezone())
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return moment
    day = local.date() + DAY if local.time() >= QUIET_FROM else local.date()
    return at_clock(day, QUIET_UNTIL)


def before_quiet(moment: datetime) -> datetime:
    """The moment itself by day, else the evening before the night it falls into: nine o'clock by the clocks of Kraków."""
    local = timezone.localtime(moment, timezone.get_default_timezone())
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return moment
    return at_clock(local.date() if local.time() >= QUIET_FROM else local.date() - DAY, QUIET_FROM)


def add_duty_hours(moment: datetime, hours: float, *, start: time, end: time) -> datetime:
    """When so many hours of duty have passed since the moment: working days from ``start`` to ``end`` only."""
    left = timedelta(hours=hours)
    day = timezone.localtime(moment, timezone.get_default_timezone()).date()
    while True:
        if is_working_day(day):
            opens, closes = max(at_clock(day, start), moment), at_clock(day, end)
            if opens + left <= closes:
                return opens + left
            left -= max(closes - opens, timedelta())
        day += DAY
