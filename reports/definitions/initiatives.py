"""The register of initiatives."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from active_citizens.core.tables import Column, Kind, Row
from participants.models import Organisation, User
from projects.models import Initiative, Neighbourhood, Partnership
from reports.definitions.base import Filters, Report, in_language, listed, names
from reports.rules import reported_initiatives


class InitiativeRegister(Report):
    """Every initiative with its state and since when, its estates, organisations, dates and source; nobody is named."""

    slug = "rejestr-inicjatyw"
    title = _("Register of initiatives")
    summary = _("Initiatives in every state, from idea to finished, with the neighbourhoods and organisations they involve.")
    period_means = _("days on which the initiatives entered their present state")
    row_heading = "title"
    version = 1
    columns = (
        Column("title", _("Initiative"), meaning=_("Title as its authors wrote it.")),
        Column("kind", _("Kind"), choices=dict(Initiative.Kind.choices), meaning=_("Kind of the initiative.")),
        Column("status", _("State"), choices=dict(Initiative.Status.choices), meaning=_("State at the moment of the report.")),
        Column("status_since", _("In this state since"), Kind.DATETIME, _("When the initiative entered its present state.")),
        Column("neighbourhoods", _("Neighbourhoods"), meaning=_("Neighbourhoods it is for, in alphabetical order.")),
        Column("organisations", _("Organisations"), meaning=_("Organisations that take part in any role, in alphabetical order.")),
        Column("place", _("Where"), meaning=_("Place in words.")),
        Column("starts_on", _("Starts on"), Kind.DATE, _("First day; empty when it is not known.")),
        Column("ends_on", _("Ends on"), Kind.DATE, _("Last day; empty when it is not known.")),
        Column("date_note", _("Dates in words"), meaning=_("What is known of the dates when the days are not.")),
        Column("project", _("Project"), meaning=_("Edition of the programme.")),
        Column("source", _("Source"), meaning=_("Where the information comes from, for initiatives of the past.")),
        Column("source_url", _("Address of the source"), meaning=_("Where the source can be read.")),
        Column("created_at", _("Entered on"), Kind.DATETIME, _("When the initiative was entered on the portal."), on_screen=False),
        Column("slug", _("Address"), meaning=_("Last part of the initiative's address on the portal; it never changes."), on_screen=False),
    )  # fmt: skip

    def _initiatives(self, user: User, filters: Filters) -> QuerySet[Initiative]:
        initiatives = reported_initiatives(user)
        moments = filters.moments()
        if moments:
            initiatives = initiatives.filter(status_since__gte=moments[0], status_since__lt=moments[1])
        if filters.neighbourhood:
            initiatives = initiatives.filter(neighbourhoods=filters.neighbourhood.pk)
        if filters.project:
            initiatives = initiatives.filter(project=filters.project.pk)
        return initiatives

    def queryset(self, user: User, filters: Filters, at: datetime) -> QuerySet[Initiative, tuple[Any, ...]]:
        taking_part = Partnership.objects.filter(initiative=OuterRef(OuterRef("pk"))).values("organisation")
        annotated = self._initiatives(user, filters).annotate(
            estates=names(Neighbourhood.objects.filter(initiatives=OuterRef("pk"))),
            partners=names(Organisation.objects.filter(pk__in=taking_part)),
            project_shown=in_language("project__title"),
        )
        values: Iterable[str] = (
            "title", "kind", "status", "status_since", "estates", "partners", "place", "starts_on", "ends_on", "date_note",
            "project_shown", "source_label", "source_url", "created_at", "slug",
        )  # fmt: skip
        return annotated.order_by("title_order", "pk").values_list(*values)

    def totals(self, user: User, filters: Filters, at: datetime) -> dict[str, Any]:
        return self._initiatives(user, filters).aggregate(rows=Count("pk"))

    def flat(self, found: tuple[Any, ...]) -> Row:
        row = list(found)
        row[4], row[5] = listed(row[4]), listed(row[5])
        return row

    def address(self, row: Row) -> str:
        if self.value(row, "status") not in Initiative.PUBLIC:
            return ""
        return reverse("initiative_detail", args=[self.value(row, "slug")])
