"""Calendars: files outside the language prefixes, in Polish, for programs that come back to ask."""

from collections.abc import Callable
from hashlib import sha1

from django.db.models import Count, Max, Sum
from django.db.models.functions import Extract
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from events import calendars
from events.domain import own
from events.models import Event
from events.models.events import EventQuerySet
from participants.models import Person
from projects.models import Neighbourhood

# To be raised when the files of the same events come to say something else.
EDITION = 1


@require_safe
def event_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    event = get_object_or_404(Event.objects.published().select_related("venue"), slug=slug)
    return _file(calendars.calendar([event], event.title), f"{event.slug}.ics")


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Events to come and of the last 90 days, for a calendar that subscribes; cancelled ones stay."""
    events = _subscribed()
    return _unless_unchanged(request, events, lambda: _file(calendars.calendar(events, _("Neighbourhood events")), "wydarzenia.ics"))


@require_safe
def neighbourhood_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    place = get_object_or_404(Neighbourhood.objects.published().for_links(), slug=slug)
    events = _subscribed().in_neighbourhood(place)
    title = _("Neighbourhood events: %(name)s") % {"name": place.name}
    return _unless_unchanged(request, events, lambda: _file(calendars.calendar(events, title), f"{place.slug}.ics"))


@require_safe
@cache_control(private=True, no_cache=True)
def own_calendar(request: HttpRequest, key: str) -> HttpResponse:
    """Somebody's own sign-ups at their secret address; a wrong address is not found."""
    person = get_object_or_404(Person, calendar_key=key).standing_for()
    now = timezone.now()
    file = calendars.own_calendar(own.calendar_sign_ups(person, now), person, now)
    etag = f'"{sha1(file, usedforsecurity=False).hexdigest()}"'
    response = condition(etag_func=lambda *_args: etag)(lambda *_args: _file(file, "moje-zapisy.ics"))(request)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _subscribed() -> EventQuerySet:
    return Event.objects.published().upcoming(timezone.now() - calendars.STAYS).select_related("venue")


def _unless_unchanged(request: HttpRequest, events: EventQuerySet, make: Callable[[], HttpResponse]) -> HttpResponse:
    """What ``make`` makes, or 304 to whoever has it already; one query tells, for any number of events."""
    # The sum beside the newest: machines whose clocks differ may write a change that is not the newest.
    moments = Sum(Extract("updated_at", "epoch"))
    stamp = events.order_by().aggregate(
        count=Count("pk"), which=Sum("pk"), moments=moments, changed=Max("updated_at"), venue_changed=Max("venue__updated_at")
    )
    etag = f'"{sha1(repr((EDITION, *stamp.values())).encode(), usedforsecurity=False).hexdigest()}"'
    changed = max((moment for moment in (stamp["changed"], stamp["venue_changed"]) if moment), default=None)
    answer = condition(etag_func=lambda *_args: etag, last_modified_func=lambda *_args: changed)
    return answer(lambda *_args: make())(request)


def _file(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
