"""Calls for mini-projects as residents see them: what is open, the rules, and what a call came to."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from projects.domain import grant_calls
from projects.models import GrantCall, Initiative


def public_calls() -> Any:
    return GrantCall.objects.published().filter(project__is_published=True).select_related("project")


@require_safe
def grant_call_list(request: HttpRequest) -> HttpResponse:
    """The calls by what can be done: hand in now, get ready, wait for the results, read them."""
    now = timezone.now()
    handed_in = Count("initiatives", filter=Q(initiatives__changes__after=Initiative.Status.SUBMITTED), distinct=True)
    calls = list(public_calls().annotate(came=handed_in).order_by("-opens_at", "pk"))
    context = {
        "open": [call for call in calls if call.takes_plans(now)],
        "coming": [call for call in calls if call.opens_at > now][::-1],
        "closed": [call for call in calls if call.closes_at <= now],
        "has_calls": bool(calls),
    }
    return render(request, "projects/grant_call_list.html", context)


@require_safe
def grant_call_detail(request: HttpRequest, slug: str) -> HttpResponse:
    call = get_object_or_404(public_calls(), slug=slug)
    return render(request, "projects/grant_call_detail.html", page_of(call))


def page_of(call: GrantCall) -> dict[str, Any]:
    """What the public page of the call shows; the preview in the panel is made of the same."""
    now = timezone.now()
    context = {"call": call, "is_open": call.takes_plans(now), "is_coming": call.opens_at > now, "came": grant_calls.came(call)}
    return context | {"outcome": grant_calls.outcome_of(call) if call.results_published_at else None}
