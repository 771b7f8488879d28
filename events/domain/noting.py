"""When attendance may be noted: from the morning of the event's day until the paper lists are in."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.days import at_clock
from active_citizens.core.refusal import RuleBroken
from events.models import Event

# A paper list turns up in a drawer: so long after the event it may be typed in, and in any case until the project ends.
NOTED_WITHIN = timedelta(days=60)


def check_time(event: Event, now: datetime) -> None:
    """Raises RuleBroken: ``cancelled``, ``not_published``, ``too_early``, ``too_late``."""
    if event.is_cancelled:
        raise RuleBroken("cancelled", _("This event has been cancelled."))
    if not event.is_published:
        raise RuleBroken("not_published", _("This event is not published."))
    if now < day_starts(event):
        raise RuleBroken("too_early", _("Attendance can be noted from the day of the event."))
    if _day(now) > last_day(event):
        raise RuleBroken("too_late", _("The time to note attendance for this event has passed."))


def day_of(event: Event) -> date:
    """The event's day by the clocks of Kraków: the one on which it starts."""
    return _day(event.starts_at)


def day_starts(event: Event) -> datetime:
    return at_clock(day_of(event), time.min)


def last_day(event: Event) -> date:
    """The project's last day, or ``NOTED_WITHIN`` after the event when that is later."""
    after = _day(event.ends_at + NOTED_WITHIN)
    return max(after, event.project.ends_on) if event.project.ends_on else after


def is_after(event: Event, now: datetime) -> bool:
    """Whether the event's day is over, so that what is noted now most likely comes from paper."""
    return _day(now) > day_of(event)


def _day(moment: datetime) -> date:
    return timezone.localdate(moment, timezone.get_default_timezone())
