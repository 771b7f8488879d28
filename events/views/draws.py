"""The lottery of one event: before it the seal, after it everything needed to recompute it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.models import Draw, Event
from events.views.events import shown


@require_safe
def event_draw(request: HttpRequest, slug: str) -> HttpResponse:
    """How the draw works, its seal and, once drawn, the seed and the order: tickets only, no names."""
    now = timezone.now()
    event = get_object_or_404(shown(now), slug=slug)
    draw = Draw.objects.filter(event=event).first()
    if event.promotion != Event.Promotion.LOTTERY or draw is None:
        raise Http404
    return render(request, "events/event_draw.html", {"event": event, "draw": draw, "now": now, "drawn": event.drawn_at is not None})
