"""Feeds of events, and of all that is new in a neighbourhood: the newest change first; nobody is named in them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from active_citizens.content.models import News
from active_citizens.core.feeds import LENGTH, Entry, Sheet, newest, spoken_in
from events.calendars import changed_at
from events.models import Event, EventChange
from events.models.events import EventQuerySet
from events.templatetags.events import day, hours
from projects import feeds
from projects.domain.following import news_of_neighbours
from projects.models import Neighbourhood

# A cancelled or moved event stays so long even when its date has passed.
CHANGES_STAY = timedelta(days=30)


def planned(at: datetime) -> EventQuerySet:
    """Events to come, and those of the last month whose plan broke."""
    since = at - CHANGES_STAY
    return Event.objects.published().filter(Q(ends_at__gte=at) | Q(cancelled_at__gte=since) | Q(moved_at__gte=since))


def events_sheet(request: HttpRequest, at: datetime) -> Sheet:
    """Of all events."""
    return Sheet(
        title=_("Neighbourhood events"),
        subtitle=_("New, moved and cancelled events; the newest change first."),
        author=feeds.author(request),
        page=reverse("event_list"),
        path=reverse("event_feed"),
        entries=newest(_events(planned(at))),
    )


def neighbourhood_sheet(request: HttpRequest, place: Neighbourhood, at: datetime) -> Sheet:
    """Of one neighbourhood: all its weekly letter tells of, and its news, which nobody consented to have by mail."""
    written = News.objects.published(at).in_neighbourhood(place).newest_first().defer("body", "body_pl", "body_en", "body_uk")
    entries = [
        *_events(planned(at).in_neighbourhood(place)),
        *map(feeds.entry, news_of_neighbours(place, most=LENGTH)),
        *map(_news, written[:LENGTH]),
    ]
    return Sheet(
        title=_("What is new: %(name)s") % {"name": place.name},
        subtitle=_("Events, residents’ initiatives and news of the neighbourhood; the newest change first."),
        author=feeds.author(request),
        page=place.get_absolute_url(),
        path=reverse("neighbourhood_feed", args=[place.slug]),
        entries=newest(entries),
    )


def _events(events: EventQuerySet) -> Iterator[Entry]:
    for event in events.select_related("venue").prefetch_related("changes").order_by("-updated_at", "-pk")[:LENGTH]:
        yield Entry(
            f"event-{event.pk}", event.created_at, changed_at(event), _title(event), event.get_absolute_url(),
            tuple(line for line in _lines(event) if line[0]), spoken_in(event, "title"),
        )  # fmt: skip


def _news(news: News) -> Entry:
    at = max(news.updated_at, news.published_at or news.updated_at)
    lines = ((news.lead, spoken_in(news, "lead")),) if news.lead else ()
    return Entry(f"news-{news.pk}", news.created_at, at, news.title, news.get_absolute_url(), lines, spoken_in(news, "title"))


def _title(event: Event) -> str:
    words = "%(title)s"
    if event.is_cancelled:
        words = _("CANCELLED: %(title)s")
    elif event.moved_at:
        words = _("MOVED: %(title)s")
    return words % {"title": event.title}


def _lines(event: Event) -> Iterable[tuple[str, str]]:
    """What happened and why, when, where; each with its language."""
    moved = next((change for change in event.changes.all() if change.kind == EventChange.Kind.MOVED), None)
    when = f"{day(event.starts_at)}, {hours(event)}"
    where = f"{event.venue.name}, {event.venue.address}" if event.venue else ""
    if event.is_cancelled:
        return [(_("This event has been cancelled: %(reason)s") % {"reason": event.cancel_reason}, ""), (when, ""), (where, "")]
    news = []
    if moved:
        before = Event(starts_at=moved.starts_before, ends_at=moved.ends_before)
        news = [
            (_("It was to be: %(when)s") % {"when": f"{day(before.starts_at)}, {hours(before)}"}, ""),
            (_("Why it was moved: %(reason)s") % {"reason": moved.reason}, ""),
        ]
    return [(when, ""), (where, ""), *news, (event.summary, spoken_in(event, "summary"))]
