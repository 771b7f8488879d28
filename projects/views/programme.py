"""Public pages of the programme itself."""

from typing import Any

from django.db.models import Case, Prefetch, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from active_citizens.core.pages import AheadPaginator
from projects.current import current_project
from projects.domain import promises, teams
from projects.domain.dialogue import asked_about
from projects.domain.outcomes import outcome_of
from projects.domain.stories import takes_stories
from projects.forms import InitiativeFilterForm
from projects.models import GrantCall, HistoryItem, Initiative, Neighbourhood, Partnership, Project, ProjectPartner, Stage

PER_PAGE = 20


@require_safe
def project_list(request: HttpRequest) -> HttpResponse:
    projects = Project.objects.published().prefetch_related("neighbourhoods")
    return render(request, "projects/project_list.html", {"projects": projects})


@require_safe
def project_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The programme: what it is, its stages as a timeline, who makes it, what happened with sources."""
    project = get_object_or_404(Project.objects.published(), slug=slug)
    partners = ProjectPartner.objects.filter(project=project).select_related("organisation").order_by("organisation__name_order")
    history = HistoryItem.objects.filter(project=project).prefetch_related("neighbourhoods")
    context = {
        "project": project,
        "stages": project.stages.all(),
        "neighbourhoods": project.neighbourhoods.published().in_order(),
        "partners": partners,
        "history": history,
    }
    return render(request, "projects/project_detail.html", context)


@require_safe
def project_current(request: HttpRequest, rest: str = "") -> HttpResponse:
    """/projekt/… leads to the current project, whatever its name."""
    project = current_project(request)
    if project is None:
        raise Http404
    return redirect(project.get_absolute_url() + rest)


@require_safe
def neighbourhood_list(request: HttpRequest) -> HttpResponse:
    """The estates as an equal list and map."""
    neighbourhoods = Neighbourhood.objects.published().in_order().prefetch_related("streets")
    return render(request, "projects/neighbourhood_list.html", {"neighbourhoods": neighbourhoods, "shapes": shapes(neighbourhoods)})


def shapes(neighbourhoods: Any) -> list[dict[str, Any]]:
    """What the map component draws: one entry per neighbourhood that has a boundary."""
    return [
        {
            "slug": place.slug,
            "name": place.name,
            "url": place.get_absolute_url(),
            "rings": [place.ring],
            "centre": _centre(place),
            "tone": place.slug,
        }
        for place in neighbourhoods
        if place.ring
    ]


def _centre(place: Neighbourhood) -> tuple[float, float] | None:
    if place.centre_longitude is None or place.centre_latitude is None:
        return None
    return float(place.centre_longitude), float(place.centre_latitude)


@require_safe
def initiative_list(request: HttpRequest) -> HttpResponse:
    form = InitiativeFilterForm(request.GET)
    chosen = form.chosen()
    found = Initiative.objects.published().prefetch_related("neighbourhoods").newest_first()
    if place := chosen.get("neighbourhood"):
        found = found.in_neighbourhood(Neighbourhood.objects.get(slug=place))
    if kind := chosen.get("kind"):
        found = found.filter(kind=kind)
    if status := chosen.get("status"):
        found = found.in_status(status)
    page = AheadPaginator(found, PER_PAGE).get_page(request.GET.get("page"))
    calls = list(GrantCall.objects.open().filter(project__is_published=True))
    return render(request, "projects/initiative_list.html", {"form": form, "page": page, "filtered": bool(chosen), "open_calls": calls})


@require_safe
def initiative_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One initiative: what it is, where it stands, how it got there; names of residents are not shown."""
    leading_first = Case(*(When(role=role, then=place) for place, role in enumerate(Partnership.Role.values)))
    partners = Prefetch(
        "partnerships", Partnership.objects.select_related("organisation").order_by(leading_first, "organisation__name_order")
    )
    found = (
        Initiative.objects.published()
        .select_related("project", "stage", "report", "agreement")
        .prefetch_related("neighbourhoods", partners)
    )
    initiative = get_object_or_404(found, slug=slug)
    changes = [change for change in initiative.changes.all() if change.after in Initiative.PUBLIC]
    context = {
        "initiative": initiative,
        "changes": changes,
        "promises": promises.promises_of(initiative),
        "asked": asked_about(initiative),
        "supporters": teams.supporters(initiative),
        "may_support": initiative.status in teams.SUPPORTABLE,
        "outcome": outcome_of(initiative),
        "takes_stories": takes_stories(initiative),
    }
    return render(request, "projects/initiative_detail.html", context)


def stage_of(slug: str, number: int) -> Stage:
    """The published stage at the address. Raises Http404."""
    return get_object_or_404(Stage.objects.select_related("project"), project__slug=slug, project__is_published=True, number=number)
