"""Who takes part: organisations by the kinds the programme names, and the page of each."""

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from active_citizens.core.text import polish_key
from participants.models import Organisation
from projects.forms import OrganisationFilterForm
from projects.models import Initiative, Partnership, ProjectPartner


@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    """Organisations by kind, in Polish order; of one kind when it is chosen."""
    form = OrganisationFilterForm(request.GET)
    kind = form.chosen()
    organisations = with_parts(Organisation.objects.published().in_order())
    if kind:
        organisations = organisations.filter(kind=kind)
    by_kind: dict[str, list[Organisation]] = {}
    for organisation in organisations:
        by_kind.setdefault(str(organisation.get_kind_display()), []).append(organisation)
    context = {"form": form, "by_kind": sorted(by_kind.items(), key=lambda row: polish_key(row[0])), "filtered": bool(kind)}
    return render(request, "projects/organisation_list.html", context)


@require_safe
def organisation_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What the organisation is, what it was to each edition and initiative that visitors see, and where we know it from."""
    organisation = get_object_or_404(with_parts(Organisation.objects.published()), slug=slug)
    return render(request, "projects/organisation_detail.html", {"organisation": organisation})


def with_parts(organisations: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """The organisations with their parts in what visitors see: published editions and public initiatives."""
    public = (
        Partnership.objects.filter(initiative__in=Initiative.objects.published())
        .select_related("initiative")
        .order_by("initiative__title_order", "initiative", "role")
    )
    roles = (
        ProjectPartner.objects.filter(project__is_published=True)
        .select_related("project")
        .order_by("-project__starts_on", "project", "role")
    )
    return organisations.prefetch_related(Prefetch("partnerships", public), Prefetch("project_roles", roles))
