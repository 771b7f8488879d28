"""What initiatives came to: people reached, hours given, money."""

from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from active_citizens.core.tables import Column, Kind, Row
from participants.models import User
from projects.domain.reporting import OVER
from projects.domain.running import RUNS
from projects.models import Expense, Initiative, InitiativeReport, Neighbourhood, VolunteerWork
from projects.models.outcomes import CHANNELS
from reports.definitions.base import Filters, Report, listed, names
from reports.rules import reported_initiatives

HANDED_IN = _("As the report its group handed in says; empty before that.")
# Kept in minutes and grosze, shown in hours and złoty.
PER_UNIT = {"minutes": 60, "worth": 100, "granted": 100, "spent": 100}


def _channel(name: str) -> Column:
    return Column(name, InitiativeReport._meta.get_field(name).verbose_name, Kind.INTEGER, HANDED_IN)  # type: ignore[union-attr]


class InitiativeOutcomes(Report):
    """Every initiative that runs or has ended with what it reached, what was given and what was spent; nobody is named."""

    slug = "wyniki-inicjatyw"
    title = _("Results of initiatives")
    summary = _("Initiatives that run or have ended: people reached by channel, hours of volunteers and their worth, money.")
    period_means = _("days on which the initiatives entered their present state")
    row_heading = "title"
    version = 1
    columns = (
        Column("title", _("Initiative"), meaning=_("Title as its authors wrote it.")),
        Column("status", _("State"), choices=dict(Initiative.Status.choices), meaning=_("State at the moment of the report.")),
        Column("neighbourhoods", _("Neighbourhoods"), meaning=_("Neighbourhoods it is for, in alphabetical order.")),
        *(_channel(name) for name in CHANNELS),
        Column("minutes", _("Hours of volunteers"), Kind.DECIMAL, _("Hours given for nothing, of all together.")),
        Column("worth", _("Worth of the hours (PLN)"), Kind.DECIMAL, _("At the rate of the project; empty where it sets none.")),
        Column("granted", _("Money granted (PLN)"), Kind.DECIMAL, _("Money of the agreement, in złoty.")),
        Column("spent", _("Money spent (PLN)"), Kind.DECIMAL, _("Sum of the receipts written down, in złoty.")),
        Column("slug", _("Address"), meaning=_("Last part of the initiative's address on the portal; it never changes."), on_screen=False),
    )  # fmt: skip
    figures = (*CHANNELS, *PER_UNIT)

    def _initiatives(self, user: User, filters: Filters) -> QuerySet[Any]:
        found = reported_initiatives(user).filter(status__in=RUNS | OVER)
        moments = filters.moments()
        if moments:
            found = found.filter(status_since__gte=moments[0], status_since__lt=moments[1])
        if filters.neighbourhood:
            found = found.filter(neighbourhoods=filters.neighbourhood.pk)
        if filters.project:
            found = found.filter(project=filters.project.pk)
        found = found.annotate(
            minutes=_sum(VolunteerWork, "minutes"),
            spent=_sum(Expense, "grosze"),
            granted=F("agreement__grosze"),
            **{f"people_{name}": _handed_in(name) for name in CHANNELS},
        )
        return found.annotate(worth=F("minutes") * F("project__volunteer_hour_grosze") / 60)

    def queryset(self, user: User, filters: Filters, at: datetime) -> QuerySet[Any, tuple[Any, ...]]:
        annotated = self._initiatives(user, filters).annotate(estates=names(Neighbourhood.objects.filter(initiatives=OuterRef("pk"))))
        people = (f"people_{name}" for name in CHANNELS)
        return annotated.order_by("title_order", "pk").values_list("title", "status", "estates", *people, *PER_UNIT, "slug")

    def totals(self, user: User, filters: Filters, at: datetime) -> dict[str, Any]:
        sums = {f"sum_{name}": Sum(f"people_{name}") for name in CHANNELS} | {f"sum_{name}": Sum(name) for name in PER_UNIT}
        found = self._initiatives(user, filters).aggregate(rows=Count("pk"), **sums)
        return {"rows": found["rows"], **{name: _shown(name, found[f"sum_{name}"]) for name in self.figures}}

    def flat(self, found: tuple[Any, ...]) -> Row:
        row = dict(zip((column.key for column in self.columns), found, strict=True))
        row["neighbourhoods"] = listed(row["neighbourhoods"])
        return [_shown(key, value) for key, value in row.items()]

    def address(self, row: Row) -> str:
        return reverse("initiative_detail", args=[self.value(row, "slug")])


def _sum(model: Any, column: str) -> Coalesce:
    """The sum of an initiative's rows; nought where there are none."""
    rows = model._default_manager.filter(initiative=OuterRef("pk")).order_by().values("initiative")
    return Coalesce(Subquery(rows.values(all=Sum(column)), output_field=IntegerField()), 0)


def _handed_in(name: str) -> Case:
    return Case(When(report__handed_in_at__isnull=False, then=F(f"report__{name}")), output_field=IntegerField())


def _shown(key: str, value: Any) -> Any:
    return value if value is None or key not in PER_UNIT else round(value / PER_UNIT[key], 2)
