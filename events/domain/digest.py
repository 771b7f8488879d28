"""The weekly letter: what is new in neighbourhoods and with initiatives, and one mail a week to every address that wants it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone, translation

from active_citizens.core.days import at_clock
from active_citizens.core.moments import kept
from events.models import Event, EventChange
from participants.models import Message
from projects.domain import subscriptions
from projects.domain.following import Happening, happenings, news_of_neighbours
from projects.models import Initiative, Neighbourhood, Subscription

AHEAD = timedelta(days=14)
BACK = timedelta(days=7)


@dataclass(frozen=True)
class Section:
    """What is new in one neighbourhood."""

    neighbourhood: Neighbourhood
    changes: list[EventChange]
    events: list[Event]
    happenings: list[Happening]

    def __bool__(self) -> bool:
        return bool(self.changes or self.events or self.happenings)


@dataclass(frozen=True)
class Followed:
    """What happened to an initiative that somebody follows, the newest first."""

    initiative: Initiative
    happenings: list[Happening]


def week_of(at: datetime) -> str:
    """The ISO week in Kraków, such as 2026-W47; as text, weeks are in their order."""
    year, week, _day = timezone.localtime(at, timezone.get_default_timezone()).isocalendar()
    return f"{year}-W{week:02}"


def goes_out_at(at: datetime) -> datetime:
    """From when the letter of that week is sent (DIGEST_WEEKDAY, DIGEST_HOUR)."""
    today = timezone.localtime(at, timezone.get_default_timezone()).date()
    day = today + timedelta(days=settings.DIGEST_WEEKDAY - today.isoweekday())
    return at_clock(day, time(settings.DIGEST_HOUR))


def book_due(at: datetime | None = None, batch: int = 200) -> int:
    """Book this week's letters of one batch of subscriptions, one for an address; says how many subscriptions are done.

    Nothing before the day and hour, nothing for weeks gone by, no letter where nothing is new. Subscriptions another
    worker holds are left to it; the key of the address keeps two neighbourhoods in two hands to one letter.
    """
    now = at or timezone.now()
    if now < goes_out_at(now):
        return 0
    week = week_of(now)
    with transaction.atomic():
        due = Subscription.objects.live().filter(last_week__lt=week).with_subjects()
        rows = list(due.order_by("last_week", "pk").select_for_update(skip_locked=True, no_key=True, of=("self",))[:batch])
        by_address: dict[str, list[Subscription]] = defaultdict(list)
        moving = {each.initiative.pk for each in followed(rows, now)}
        for row in rows:
            if row.initiative_id in moving or (row.neighbourhood is not None and section_of(row.neighbourhood, now)):
                by_address[row.email].append(row)
        # In one order, so that two workers who share an address do not wait for each other.
        for email in sorted(by_address):
            first = by_address[email][0]
            key = f"digest:{subscriptions.address_hash(email)}:{week}"
            context = {"subscription": first.pk, "week": week}
            subscriptions.book("weekly_digest", first, context, key=key, priority=Message.Priority.BULK, at=now)
        Subscription.objects.filter(pk__in=[row.pk for row in rows]).update(last_week=week)
    return len(rows)


def followed(rows: Iterable[Subscription], at: datetime) -> list[Followed]:
    """The news of the initiatives among the subscriptions, in their order; as many queries for many as for one."""
    wanted = list(dict.fromkeys(row.initiative_id for row in rows if row.initiative_id is not None))
    if not wanted:
        return []
    since, until = _week(at)
    news: dict[int, list[Happening]] = defaultdict(list)
    for each in happenings(Initiative.objects.filter(pk__in=wanted), since=since, until=until):
        news[each.initiative.pk].append(each)
    return [Followed(news[pk][0].initiative, news[pk]) for pk in wanted if pk in news]


def _week(at: datetime) -> tuple[datetime, datetime]:
    """From letter to letter, by the hour they go out and not by the moment one is written: nothing twice, nothing missed."""
    return goes_out_at(at - BACK), goes_out_at(at)


def section_of(place: Neighbourhood, at: datetime | None = None) -> Section:
    """What is new in the neighbourhood now; made once for all letters that a worker writes in the same moment."""
    return kept(f"digest:{place.pk}:{translation.get_language()}", lambda: _section(place, at or timezone.now()))


def _section(place: Neighbourhood, now: datetime) -> Section:
    if not place.is_published:
        return Section(place, [], [], [])
    places = Prefetch("neighbourhoods", Neighbourhood.objects.for_links().in_order())
    events = Event.objects.published().in_neighbourhood(place).select_related("venue").prefetch_related(places)
    ahead = events.filter(status=Event.Status.PUBLISHED, starts_at__gte=now, starts_at__lt=now + AHEAD).order_by("starts_at", "pk")
    since, until = _week(now)
    return Section(place, _changes(events, now), list(ahead), news_of_neighbours(place, since=since, until=until))


def _changes(events: QuerySet[Event], now: datetime) -> list[EventChange]:
    """Plans that changed within a week and still concern somebody: the newest change of each event, the nearest event first."""
    still = Q(starts_before__gte=now) | Q(starts_after__gte=now)
    newest = EventChange.objects.filter(still, at__gte=now - BACK, event__in=events.order_by()).order_by("event_id", "-at", "-pk")
    changes = newest.distinct("event_id").prefetch_related(Prefetch("event", events))
    return sorted(changes, key=lambda change: (change.starts_before, change.pk))
