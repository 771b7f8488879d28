"""Being for an initiative: an account counts once, and takes it back when it likes."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from projects.domain import teams
from projects.models import Initiative


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def support(request: HttpRequest, slug: str) -> HttpResponse:
    """GET asks, POST counts the account or takes it out again."""
    initiative = get_object_or_404(Initiative.objects.published().select_related("project"), slug=slug)
    if request.method == "POST":
        if request.POST.get("act") == "back":
            teams.take_back_support(initiative, request.user)
        else:
            teams.support(initiative, request.user)
        return redirect(request.path)
    context = {
        "initiative": initiative,
        "is_for": initiative.supports.filter(person__user=request.user.pk).exists(),
        "may": initiative.status in teams.SUPPORTABLE,
        "supporters": teams.supporters(initiative),
    }
    return render(request, "projects/initiative_support.html", context)
