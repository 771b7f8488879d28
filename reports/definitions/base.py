"""What every report is made of."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from active_citizens.core.tables import Column, Row, Table
from participants.models import User

# Days a filter may name; outside of them a day means nothing here, and the calendar of the computer comes to its end.
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2100, 12, 31)
# Rows fetched at once from the cursor on the server.
CHUNK = 2000


class Picked(NamedTuple):
    """A neighbourhood or a project chosen in a filter."""

    pk: int
    slug: str
    name: str


@dataclass(frozen=True)
class Filters:
    """What was asked for; nothing else can reach a query (SEC-02)."""

    first: date | None = None
    last: date | None = None
    neighbourhood: Picked | None = None
    project: Picked | None = None

    def days(self) -> tuple[date, date] | None:
        """The period with both ends, or None for all time."""
        if self.first is None and self.last is None:
            return None
        return self.first or FIRST_DAY, self.last or LAST_DAY

    def moments(self) -> tuple[datetime, datetime] | None:
        """The beginning of the first day and of the day after the last, by the clocks of Kraków."""
        days = self.days()
        if days is None:
            return None
        first, after = days[0], days[1] + timedelta(days=1)
        zone = timezone.get_default_timezone()
        return datetime(first.year, first.month, first.day, tzinfo=zone), datetime(after.year, after.month, after.day, tzinfo=zone)

    def as_query(self) -> dict[str, str]:
        """The filters as an address or the access log holds them."""
        said = {
            "first": self.first and self.first.isoformat(),
            "last": self.last and self.last.isoformat(),
            "neighbourhood": self.neighbourhood and self.neighbourhood.slug,
            "project": self.project and self.project.slug,
        }
        return {name: value for name, value in said.items() if value}

    def period(self) -> str:
        """The period in words."""
        first, last = (day and date_format(day, "DATE_FORMAT") for day in (self.first, self.last))
        if first and last:
            return _("from %(first)s to %(last)s") % {"first": first, "last": last}
        if first:
            return _("from %(first)s") % {"first": first}
        return _("to %(last)s") % {"last": last} if last else _("all time")


class Report(ABC):
    """One report: its words, its columns with what each figure counts, and the queries behind them.

    ``row_heading`` is the key of the column that names a row. ``version`` grows with every change of the columns.
    """

    slug: str
    title: Promise
    summary: Promise
    period_means: Promise
    row_heading: str
    version: int
    columns: tuple[Column, ...]

    @abstractmethod
    def queryset(self, user: User, filters: Filters, at: datetime) -> QuerySet[Any, tuple[Any, ...]]:
        """Tuples in the report's order, for ``flat`` to make rows of; may be sliced."""

    @abstractmethod
    def totals(self, user: User, filters: Filters, at: datetime) -> dict[str, Any]:
        """``rows``, and the sums of the columns that have one, over everything asked for; one query."""

    @abstractmethod
    def flat(self, found: tuple[Any, ...]) -> Row:
        """The values of one row in the order of the columns."""

    @abstractmethod
    def address(self, row: Row) -> str:
        """Where the row's subject lives on the portal; empty when strangers see nothing there."""

    def rows(self, found: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
        return map(self.flat, found)

    def value(self, row: Row, key: str) -> Any:
        return row[[column.key for column in self.columns].index(key)]

    def table(self, user: User, filters: Filters, at: datetime) -> Table:
        """The whole report as a table whose rows come from the server as they are read: one query, flat memory."""
        found = self.queryset(user, filters, at).iterator(chunk_size=CHUNK)
        everything = _("all")
        notes = (
            (_("What it counts"), self.summary),
            (_("Period"), f"{filters.period()} ({self.period_means})"),
            (_("Neighbourhood"), filters.neighbourhood.name if filters.neighbourhood else everything),
            (_("Project"), filters.project.name if filters.project else everything),
            (_("As of"), date_format(timezone.localtime(at), "DATETIME_FORMAT")),
        )
        return Table(self.title, self.columns, self.rows(found), self.version, notes)


def in_language(path: str) -> Coalesce:
    """A translated column in the language in force, in Polish where it has not been translated."""
    code = (get_language() or "pl").split("-")[0]
    if code not in dict(settings.LANGUAGES):
        code = "pl"
    return Coalesce(NullIf(F(f"{path}_{code}"), Value("")), F(f"{path}_pl"), output_field=TextField())


def names(queryset: QuerySet[Any]) -> ArraySubquery:
    """The names of what a row touches, in Polish order, as one value."""
    return ArraySubquery(queryset.order_by("name_order", "pk").values("name"))


def listed(found: list[str] | None) -> str:
    return ", ".join(found or ())
