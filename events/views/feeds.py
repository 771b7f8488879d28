"""The feeds of events and of neighbourhoods, in the language of their addresses."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from active_citizens.core.feeds import answer
from events.feeds import events_sheet, neighbourhood_sheet
from projects.models import Neighbourhood


@require_safe
def event_feed(request: HttpRequest) -> HttpResponse:
    return answer(request, events_sheet(request, timezone.now()))


@require_safe
def neighbourhood_feed(request: HttpRequest, slug: str) -> HttpResponse:
    place = get_object_or_404(Neighbourhood.objects.published().for_links(), slug=slug)
    return answer(request, neighbourhood_sheet(request, place, timezone.now()))
