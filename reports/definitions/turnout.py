"""Sign-ups and turnout per event."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, Count, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from active_citizens.core.tables import Column, Kind, Row
from events.domain import heads as head_counts
from events.models import Event, Registration, Seat
from participants.models import User
from projects.models import Neighbourhood
from reports.definitions.base import Filters, Report, in_language, listed, names
from reports.rules import reported_events

Status = Seat.Status
Attendance = Seat.Attendance
Channel = Registration.Channel

# In the order of the columns; the last, the turnout, is reckoned from the others.
FIGURES = (
    Column(
        "people",
        _("Signed up in all"),
        Kind.INTEGER,
        _("People on all sign-ups for the event, whatever became of them since; those who just came are counted apart."),
    ),
    Column("confirmed", _("Confirmed"), Kind.INTEGER, _("People whose place is certain.")),
    Column("held", _("Held"), Kind.INTEGER, _("People whose place is kept until they confirm it; the time for that still runs.")),
    Column("waiting", _("Waiting"), Kind.INTEGER, _("People on the waiting list.")),
    Column("cancelled", _("Cancelled"), Kind.INTEGER, _("People who gave their place back, or whose place the team cancelled.")),
    Column("lapsed", _("Lapsed"), Kind.INTEGER, _("People who did not confirm a kept place, or answer an offer, in time.")),
    Column("came", _("Came"), Kind.INTEGER, _("People noted as present, those who came without signing up included.")),
    Column("excused", _("Excused"), Kind.INTEGER, _("People with a confirmed place noted as absent with an excuse.")),
    Column("absent", _("Did not come"), Kind.INTEGER, _("People with a confirmed place noted as absent.")),
    Column("not_noted", _("Not noted"), Kind.INTEGER, _("People with a confirmed place and no note of attendance, past or future.")),
    Column("web", _("On-line"), Kind.INTEGER, _("Of all people signed up: those from sign-ups made on-line.")),
    Column("phone", _("By phone"), Kind.INTEGER, _("Of all people signed up: those from sign-ups taken by phone.")),
    Column("paper", _("On paper"), Kind.INTEGER, _("Of all people signed up: those from paper forms.")),
    Column("counter", _("In person"), Kind.INTEGER, _("Of all people signed up: those from sign-ups made in person.")),
    Column("walk_in", _("Without signing up"), Kind.INTEGER, _("Of those who came: those who had not signed up.")),
    Column("extra", _("Beyond the number"), Kind.INTEGER, _("Of the confirmed: those the team took on beyond the number of places.")),
)
# What the closing card says; empty for events that nobody has closed.
REACHED = _(
    "As the closing card says, else those noted as present and those counted without a name, face to face or at a fair; "
    "empty while the event is not closed."
)
VOLUNTEERED = _("Hours that volunteers gave, all together, as the closing card says.")
CLOSING = (
    Column("heads", _("People reached"), Kind.INTEGER, REACHED),
    Column("volunteer_hours", _("Hours of volunteers"), Kind.DECIMAL, VOLUNTEERED, places=2),
    Column("cost", _("Cost (PLN)"), Kind.DECIMAL, _("What the event cost, in złoty, as the closing card says."), places=2),
)
FIGURE_KEYS = [column.key for column in FIGURES]


def counts(at: datetime, prefix: str = "") -> dict[str, Count]:
    """How each figure is counted, once for a row and for the sums: ``prefix`` leads from the model counted from to the seat."""

    def heads(**lookups: Any) -> Count:
        return Count(f"{prefix}pk", filter=Q(**{f"{prefix}{name}": value for name, value in lookups.items()}))

    def confirmed(**lookups: Any) -> Count:
        wanted = {f"{prefix}{name}": value for name, value in {"status": Status.CONFIRMED, **lookups}.items()}
        return Count(f"{prefix}pk", filter=signed_up & Q(**wanted))

    signed_up = ~Q(**{f"{prefix}registration__channel": Channel.WALK_IN})
    lapsed = Q(**{f"{prefix}status": Status.LAPSED}) | Q(**{f"{prefix}status": Status.HELD, f"{prefix}held_until__lte": at})
    return {
        "people": Count(f"{prefix}pk", filter=signed_up),
        "confirmed": confirmed(),
        "held": heads(status=Status.HELD, held_until__gt=at),
        "waiting": heads(status=Status.WAITING),
        "cancelled": heads(status=Status.CANCELLED),
        # A hold that has run out is lapsed, whether or not the worker has come round to writing it down.
        "lapsed": Count(f"{prefix}pk", filter=lapsed),
        "came": heads(status=Status.CONFIRMED, attendance=Attendance.CAME),
        "excused": confirmed(attendance=Attendance.EXCUSED),
        "absent": confirmed(attendance=Attendance.ABSENT),
        "not_noted": confirmed(attendance=Attendance.UNKNOWN),
        "web": heads(registration__channel=Channel.WEB),
        "phone": heads(registration__channel=Channel.PHONE),
        "paper": heads(registration__channel=Channel.PAPER),
        "counter": heads(registration__channel=Channel.COUNTER),
        "walk_in": heads(status=Status.CONFIRMED, attendance=Attendance.CAME, registration__channel=Channel.WALK_IN),
        "extra": confirmed(extra=True),
    }


def turnout(figures: dict[str, int]) -> float | None:
    """Of a hundred who signed up and whose attendance was noted, how many came; None while nothing is noted."""
    came = figures["came"] - figures["walk_in"]
    noted = came + figures["excused"] + figures["absent"]
    return round(100 * came / noted, 1) if noted else None


def reached() -> Case:
    """For a query of events: the people a closed event reached, None for others."""
    return Case(When(closing__isnull=False, then=Coalesce(F("closing__heads"), head_counts.there())), output_field=IntegerField())


def hours(minutes: int | None) -> float | None:
    return None if minutes is None else round(minutes / 60, 2)


def zloty(grosze: int | None) -> float | None:
    return None if grosze is None else round(grosze / 100, 2)


class Array(Func):
    """Several figures of one subquery as one value, so that an event’s seats are read once for all of them."""

    template = "ARRAY[%(expressions)s]"
    output_field = ArrayField(IntegerField())


class Turnout(Report):
    """Every event with its places by state, by attendance and by the way people signed up; nobody is named."""

    slug = "zapisy-i-frekwencja"
    title = _("Sign-ups and turnout")
    summary = _("Published and cancelled events with the number of people signed up, by state of the place, attendance and channel.")
    period_means = _("days on which the events start")
    row_heading = "title"
    version = 3
    columns = (
        Column("title", _("Event"), meaning=_("Title of the event.")),
        Column("starts_at", _("Starts"), Kind.DATETIME, _("Day and hour of the beginning, by the clocks of Kraków.")),
        Column("neighbourhoods", _("Neighbourhoods"), meaning=_("Neighbourhoods the event is for, in alphabetical order.")),
        Column("kind", _("Kind"), choices=dict(Event.Kind.choices), meaning=_("Kind of the event.")),
        Column("venue", _("Venue"), meaning=_("Name of the venue.")),
        Column("capacity", _("Places"), Kind.INTEGER, _("Number of places; empty when there is no limit.")),
        *FIGURES,
        Column(
            "turnout", _("Turnout (%)"), Kind.DECIMAL, _("Of those who signed up and were noted: the share that came."), places=1
        ),
        *CLOSING,
        Column("status", _("State"), choices=dict(Event.Status.choices), meaning=_("Whether the event is published or was cancelled.")),
        Column("project", _("Project"), meaning=_("Edition of the programme.")),
        Column("slug", _("Address"), meaning=_("Last part of the event's address on the portal; it never changes."), on_screen=False),
    )  # fmt: skip

    def _events(self, user: User, filters: Filters) -> QuerySet[Event]:
        events: Any = reported_events(user)
        days = filters.days()
        if days:
            events = events.between(*days)
        if filters.neighbourhood:
            events = events.in_neighbourhoods(Neighbourhood.objects.filter(pk=filters.neighbourhood.pk))
        if filters.project:
            events = events.filter(project=filters.project.pk)
        return events

    def queryset(self, user: User, filters: Filters, at: datetime) -> QuerySet[Event, tuple[Any, ...]]:
        seats = Seat.objects.filter(event=OuterRef("pk")).order_by().values("event")
        figures = seats.annotate(figures=Array(*counts(at).values())).values("figures")
        annotated = self._events(user, filters).annotate(
            title_shown=in_language("title"),
            estates=names(Neighbourhood.objects.filter(events=OuterRef("pk"))),
            project_shown=in_language("project__title"),
            figures=Subquery(figures),
            reached=reached(),
        )
        values: Iterable[str] = (
            "title_shown", "starts_at", "estates", "kind", "venue__name", "capacity", "figures", "reached", "closing__volunteer_minutes",
            "closing__cost_grosze", "status", "project_shown", "slug",
        )  # fmt: skip
        return annotated.order_by("starts_at", "pk").values_list(*values)

    def totals(self, user: User, filters: Filters, at: datetime) -> dict[str, Any]:
        # Places are not summed: events without a limit would make the sum say too little.
        sums = self._events(user, filters).aggregate(rows=Count("pk", distinct=True), **counts(at, "seats__"))
        # Apart from the seats: beside them every event would count as often as it has places.
        events = self._events(user, filters).annotate(reached=reached())
        closed = events.aggregate(heads=Sum("reached"), minutes=Sum("closing__volunteer_minutes"), grosze=Sum("closing__cost_grosze"))
        told = {"heads": closed["heads"], "volunteer_hours": hours(closed["minutes"]), "cost": zloty(closed["grosze"])}
        return sums | {"turnout": turnout(sums)} | told

    def flat(self, found: tuple[Any, ...]) -> Row:
        title, starts_at, estates, kind, venue, capacity, figures, heads, minutes, grosze, *rest = found
        figures = figures or [0] * len(FIGURE_KEYS)
        share = turnout(dict(zip(FIGURE_KEYS, figures, strict=True)))
        return [title, starts_at, listed(estates), kind, venue, capacity, *figures, share, heads, hours(minutes), zloty(grosze), *rest]

    def address(self, row: Row) -> str:
        return reverse("event_detail", args=[self.value(row, "slug")])
