"""Calendar files, outside the language prefixes."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events import calendars
from events.models import Event


@require_safe
def event_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    event = get_object_or_404(Event.objects.published().select_related("venue"), slug=slug)
    return _calendar_file([event], event.title, f"{event.slug}.ics")


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Every upcoming event, for a calendar that subscribes."""
    events = Event.objects.published().upcoming().select_related("venue")
    return _calendar_file(events, _("Neighbourhood events"), "wydarzenia.ics")


def _calendar_file(events: Any, title: str, name: str) -> HttpResponse:
    response = HttpResponse(calendars.calendar(events, title), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
