"""What is on: the list and one event."""

from datetime import date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models.functions import TruncMonth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from active_citizens.core.moments import kept
from events.domain import closing
from events.forms import EventFilterForm, this_month
from events.models import Event, Registration
from events.models.events import EventQuerySet
from projects.current import current_project
from projects.models import Project

PER_PAGE = 20


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """Upcoming events, soonest first; ``?when=past`` shows what was, latest first."""
    now = timezone.now()
    project = current_project(request)
    past = request.GET.get("when") == "past"
    every = Event.objects.published()
    events = every.past(now) if past else every.upcoming(now)
    months = kept(f"choices:months:{past}", lambda: _months(events))
    form = EventFilterForm(request.GET, project=project, months=this_month(months))
    chosen = form.chosen()
    found = _filtered(events, chosen, project).for_lists()
    page = Paginator(closing.with_stories(found) if past else found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "past": past, "filtered": bool(chosen), "now": now, "project": project}
    return render(request, "events/event_list.html", context)


def _months(events: EventQuerySet) -> list[date]:
    """The first days of the months the events start in."""
    starts = events.order_by().annotate(month=TruncMonth("starts_at")).values_list("month", flat=True).distinct()
    return [month.date() for month in starts]


def _filtered(events: Any, chosen: dict[str, Any], project: Project | None) -> Any:
    if place := chosen.get("neighbourhood"):
        events = events.filter(neighbourhoods__slug=place)
    if stage := chosen.get("stage"):
        events = events.filter(stage__number=stage, stage__project=project)
    if kind := chosen.get("kind"):
        events = events.filter(kind=kind)
    if month := chosen.get("month"):
        events = events.between(*EventFilterForm.month_of(month))
    return events


@require_safe
def event_detail(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    event = get_object_or_404(shown(now).prefetch_related("organisations"), slug=slug)
    own = own_registration(event, request.user) if request.user.is_authenticated else None
    return render(request, "events/event_detail.html", {"event": event, "own": own, "now": now})


def own_registration(event: Event, user: Any) -> Registration | None:
    """The account's live sign-up for the event."""
    return Registration.objects.live().filter(event=event, person__user=user).prefetch_related("seats").first()


def shown(now: datetime) -> Any:
    """Published events with all that the page of one of them says."""
    return Event.objects.published().select_related("venue", "project", "stage").prefetch_related("neighbourhoods").with_places(now)
