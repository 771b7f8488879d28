"""Study trips."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from events.models import StudyTrip


@require_safe
def trip_list(request: HttpRequest) -> HttpResponse:
    trips = StudyTrip.objects.published().select_related("project").order_by("-project__starts_on", "pk")
    return render(request, "events/trip_list.html", {"trips": trips})


@require_safe
def trip_detail(request: HttpRequest, slug: str) -> HttpResponse:
    trip = get_object_or_404(StudyTrip.objects.published().select_related("project"), slug=slug)
    return render(request, "events/trip_detail.html", {"trip": trip})
