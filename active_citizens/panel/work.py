"""What waits for one member of the team, gathered for the start page in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Prefetch, Window
from django.utils import timezone

from events.domain import access
from events.models import Event
from events.reasons import reason_of, with_news
from events.rules import manageable_events
from events.visibility import visible_calls, visible_messages
from participants.models import User
from projects.models import CallMatter
from projects.rules import manageable_initiatives

# The start page shows the beginning of each list; the rest is one click away.
SHOWN = 8


@dataclass(frozen=True)
class Waiting:
    """The first rows of a list and how many there are in all."""

    rows: Sequence[Any]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Work:
    today: list[Event]
    week: list[Event]
    queues: Waiting
    ideas: Waiting
    calls: Waiting
    access: Waiting
    unsure_messages: int
    at: datetime


def work_of(user: User, at: datetime | None = None) -> Work:
    """Today and the six days after it, who waits for a place, an answer or a call, and mails nobody knows the fate of."""
    now = at or timezone.now()
    day = timezone.localdate(now)
    mine = manageable_events(user).exclude(status=Event.Status.CANCELLED)
    near = list(mine.between(day, day + timedelta(days=6)).for_lists().order_by("starts_at", "pk"))
    return Work(
        today=[event for event in near if timezone.localdate(event.starts_at) == day],
        week=[event for event in near if timezone.localdate(event.starts_at) != day],
        queues=_first(mine.filter(starts_at__gt=now).drawn_or_in_order().with_places(now).filter(queue__gt=0).order_by("starts_at", "pk")),
        ideas=_ideas(user, now),
        calls=_calls(user, now),
        access=_access(user, now),
        unsure_messages=visible_messages(user).to_check().count(),
        at=now,
    )


def _ideas(user: User, now: datetime) -> Waiting:
    waiting = _first(manageable_initiatives(user).waiting().prefetch_related("neighbourhoods"))
    for idea in waiting.rows:
        idea.days = (now - idea.status_since).days
    return waiting


def _calls(user: User, now: datetime) -> Waiting:
    """What to say and till when, soonest event first; whom to ring stands on the call's own page, where looking leaves a trace."""
    open_matters = Prefetch("matters", with_news(CallMatter.objects.open()))
    waiting = _first(visible_calls(user).open().in_order().prefetch_related(open_matters))
    tonight = timezone.localdate(now)
    for call in waiting.rows:
        matters = call.matters.all()
        call.what = " ".join(dict.fromkeys(reason_of(matter) for matter in matters))
        call.event_title = ", ".join(dict.fromkeys(matter.event_title for matter in matters if matter.event_title))
        call.is_for_today = timezone.localdate(call.due_at) <= tonight
    return waiting


def _access(user: User, now: datetime) -> Waiting:
    """Access needs to answer; who asked and why stands on the request's own page."""
    waiting = _first(access.waiting_for(user, now).select_related("registration__event", "owner").defer("sealed"))
    for asked in waiting.rows:
        asked.overdue = access.is_overdue(asked, timezone.localdate(now))
        asked.moved = access.moved_since_answer(asked)
    return waiting


def _first(found: Any) -> Waiting:
    """The first rows, with the number of all in the same query."""
    rows = list(found.annotate(total=Window(Count("pk")))[:SHOWN])
    return Waiting(rows, rows[0].total if rows else 0)
