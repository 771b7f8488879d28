"""Atom feeds of events: what is to come and what has changed, the newest change first; nobody is named in them."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from active_citizens.core.feeds import host, printable
from events.calendars import changed_at
from events.models import Event, EventChange
from events.models.events import EventQuerySet
from events.templatetags.events import day, hours
from projects.current import current_project
from projects.models import Neighbourhood

# A cancelled or moved event stays so long even when its date has passed.
CHANGES_STAY = timedelta(days=30)
LENGTH = 50


def shown(at: datetime) -> EventQuerySet:
    """Events to come, and those of the last month whose plan broke."""
    since = at - CHANGES_STAY
    return Event.objects.published().filter(Q(ends_at__gte=at) | Q(cancelled_at__gte=since) | Q(moved_at__gte=since))


class EventFeed(Feed):
    """Of one neighbourhood, or of all."""

    feed_type = Atom1Feed
    # A file without a language in its address is in the programme's own.
    language = settings.LANGUAGE_CODE

    def get_object(self, request: HttpRequest, place: Neighbourhood | None) -> dict[str, Any]:
        project = current_project(request)
        return {"place": place, "author": project.title if project else _("Active Citizens")}

    def title(self, feed: dict[str, Any]) -> str:
        place = feed["place"]
        return _("Neighbourhood events: %(name)s") % {"name": place.name} if place else _("Neighbourhood events")

    def subtitle(self, feed: dict[str, Any]) -> str:
        return _("New, moved and cancelled events; the newest change first.")

    def author_name(self, feed: dict[str, Any]) -> str:
        return printable(feed["author"])

    def link(self, feed: dict[str, Any]) -> str:
        place = feed["place"]
        return settings.SITE_URL + (place.get_absolute_url() if place else reverse("event_list"))

    def feed_url(self, feed: dict[str, Any]) -> str:
        place = feed["place"]
        return settings.SITE_URL + (reverse("neighbourhood_feed", args=[place.slug]) if place else reverse("event_feed"))

    def items(self, feed: dict[str, Any]) -> EventQuerySet:
        events = shown(timezone.now())
        if feed["place"]:
            events = events.in_neighbourhood(feed["place"])
        return events.select_related("venue").prefetch_related("changes").order_by("-updated_at", "-pk")[:LENGTH]

    def item_title(self, event: Event) -> str:
        words = "%(title)s"
        if event.is_cancelled:
            words = _("CANCELLED: %(title)s")
        elif event.moved_at:
            words = _("MOVED: %(title)s")
        return printable(words % {"title": event.title})

    def item_description(self, event: Event) -> str:
        """What happened and why, when, where; as HTML, for that is what an Atom summary here is."""
        return str(format_html_join("", "<p>{}</p>", ((printable(line),) for line in _lines(event) if line)))

    def item_link(self, event: Event) -> str:
        return settings.SITE_URL + event.get_absolute_url()

    def item_guid(self, event: Event) -> str:
        """A tag URI (RFC 4151): the same for ever, whatever becomes of the event's title and address."""
        return f"tag:{host()},{event.created_at:%Y-%m-%d}:event-{event.pk}"

    def item_pubdate(self, event: Event) -> datetime | None:
        return event.published_at

    def item_updateddate(self, event: Event) -> datetime:
        return changed_at(event)


def _lines(event: Event) -> list[str]:
    moved = next((change for change in event.changes.all() if change.kind == EventChange.Kind.MOVED), None)
    when = f"{day(event.starts_at)}, {hours(event)}"
    where = f"{event.venue.name}, {event.venue.address}" if event.venue else ""
    if event.is_cancelled:
        return [_("This event has been cancelled: %(reason)s") % {"reason": event.cancel_reason}, when, where]
    news = []
    if moved:
        before = Event(starts_at=moved.starts_before, ends_at=moved.ends_before)
        news = [
            _("It was to be: %(when)s") % {"when": f"{day(before.starts_at)}, {hours(before)}"},
            _("Why it was moved: %(reason)s") % {"reason": moved.reason},
        ]
    return [when, where, *news, event.summary]
