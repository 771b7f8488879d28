"""The silence list: everything where a resident has waited too long for a person, longest first, in a constant number of queries.

An idea, a plan or a question stands here once it has waited longer than the days of silence of its project; a promise, an
access request or a call once the day that was named for it has passed. Numbers are for the team and the office, never for
the public.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, NullIf
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.domain import access
from events.models import AccessRequest, Event
from events.reasons import reason_of, with_news
from events.rules import manageable_registrations
from events.visibility import visible_calls
from participants.models import User
from projects.models import Answer, Assignment, CallMatter, Initiative, Milestone, Neighbourhood, Question
from projects.rules import is_coordinator, manageable_initiatives

KINDS = {
    "idea": gettext_lazy("ideas without an answer"),
    "plan": gettext_lazy("plans without an outcome"),
    "question": gettext_lazy("questions without an answer"),
    "promise": gettext_lazy("promises whose day has passed without a reason"),
    "access": gettext_lazy("access requests without an answer"),
    "call": gettext_lazy("calls nobody has made"),
}
ONE = {
    "idea": gettext_lazy("idea"),
    "plan": gettext_lazy("plan"),
    "question": gettext_lazy("question"),
    "promise": gettext_lazy("promise"),
    "access": gettext_lazy("access request"),
    "call": gettext_lazy("call to make"),
}
# What the office decides; the rest is the animators' of the neighbourhood to begin with.
OFFICES = frozenset({"plan", "access"})
NOWHERE = 0


@dataclass(frozen=True)
class Silence:
    """One thing somebody waits for: what, since when, where; ``owner_id`` and ``owner`` say who sees to it, if anybody is named."""

    kind: str
    pk: int
    since: datetime
    places: Sequence[int]
    about: str
    link: int
    owner_id: int | None
    owner: str

    def days(self, at: datetime) -> int:
        return (timezone.localdate(at) - timezone.localdate(self.since)).days

    def url(self, user: User) -> str:
        """Where it is seen to; an access request opens for its owner and coordinators, for others the sign-up it belongs to."""
        if self.kind == "call":
            return reverse("admin:projects_calltask_change", args=[self.pk])
        if self.kind == "question":
            return reverse("admin:projects_question_change", args=[self.pk])
        if self.kind != "access":
            return reverse("admin:projects_initiative_change", args=[self.link]) + ("#promises" if self.kind == "promise" else "")
        if is_coordinator(user) or self.owner_id == user.pk:
            return reverse("admin:events_accessrequest_change", args=[self.pk])
        return reverse("admin:events_registration_change", args=[self.link])


@dataclass(frozen=True)
class Total:
    """How many wait for one kind of thing in one neighbourhood, and the longest wait in days."""

    kind: str
    count: int
    longest: int

    @property
    def label(self) -> str:
        return str(KINDS[self.kind])


@dataclass(frozen=True)
class Place:
    """A neighbourhood with its totals; what touches two neighbourhoods counts in both. ``pk`` 0: of no neighbourhood."""

    pk: int
    name: str
    totals: list[Total]

    @property
    def count(self) -> int:
        return sum(total.count for total in self.totals)

    @property
    def longest(self) -> int:
        return max(total.longest for total in self.totals)


# --- What waits ------------------------------------------------------------------------------------------------------------


def waiting_rows(user: User, now: datetime) -> dict[str, QuerySet[Any]]:
    """By kind, the rows that wait and that the account may see."""
    today, mine = timezone.localdate(now), manageable_initiatives(user)
    unanswered = Q(status=Question.Status.SHOWN, taken_down_at=None) & ~Exists(_answers())
    owed = Question.objects.filter(Q(status=Question.Status.WAITING) | unanswered)
    owed = owed.filter(initiative__in=mine).exclude(initiative__status=Initiative.Status.WITHDRAWN)
    waiting = access.to_do(AccessRequest.objects.filter(registration__in=manageable_registrations(user)), now)
    running = Q(registration__event__status=Event.Status.PUBLISHED, registration__closed_at=None, due_on__lt=today)
    return {
        "idea": _silent(mine.filter(status=Initiative.Status.IDEA), "status_since", "project__silence_days", now),
        "plan": _silent(_plans(mine), "waits_since", "project__silence_days", now),
        "question": _silent(owed, "created_at", "initiative__project__silence_days", now),
        "promise": Milestone.objects.standing().late(today).filter(initiative__in=mine),
        "access": waiting.filter(running).order_by(),
        "call": visible_calls(user).open().filter(due_at__lt=now),
    }


def _plans(mine: QuerySet[Initiative]) -> QuerySet[Initiative]:
    """Those that wait for us, as ``Initiative.answer_due_on`` counts: not for the office, and not before their call has closed."""
    closed = Coalesce("grant_call__closes_at", "status_since")
    handed_in = mine.filter(status=Initiative.Status.SUBMITTED).exclude(kind=Initiative.Kind.STATUTORY)
    return handed_in.annotate(waits_since=Greatest("status_since", closed))


def _answers() -> QuerySet[Answer]:
    """What counts as an answer: shown, and not a word back from whoever asked."""
    return Answer.objects.shown().filter(question=OuterRef("pk")).exclude(by=Answer.By.ASKER)


def _silent(rows: QuerySet[Any], since: str, days: str, now: datetime) -> QuerySet[Any]:
    """Those that have waited for longer than the days of their project."""
    wait = ExpressionWrapper(F(days) * Value(timedelta(days=1), DurationField()), DurationField())
    return rows.filter(**{f"{since}__lt": ExpressionWrapper(Value(now, DateTimeField()) - wait, DateTimeField())})


def silences(user: User, at: datetime | None = None) -> list[Silence]:
    """All of it, who waits longest first. One query."""
    rows = waiting_rows(user, at or timezone.now())
    parts = [_columns(kind, found) for kind, found in rows.items()]
    return [Silence(*row) for row in parts[0].union(*parts[1:], all=True).order_by("s_since", "s_kind", "s_row")]


def _columns(kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows of one kind in the columns of ``Silence``."""
    nobody, words = Cast(Value(None), BigIntegerField()), Value("", CharField())
    at_initiative = {"idea": "pk", "plan": "pk"}.get(kind, "initiative_id")
    moved = When(status__in=access.ANSWERED, then=F("registration__event__moved_at"))
    columns: dict[str, dict[str, Any]] = {
        "idea": {"since": F("status_since"), "about": F("title"), "link": F("pk"), "to": F("reviewer_id"), "who": _name("reviewer")},
        "question": {"since": F("created_at"), "about": F("initiative__title"), "link": F("initiative_id"), "to": nobody, "who": words},
        "promise": {
            "since": Cast("due_on", DateTimeField()), "about": F("what"), "link": F("initiative_id"), "to": nobody, "who": F("owner"),
        },
        "access": {
            "since": Case(moved, default=F("created_at")), "about": F("registration__event__title"), "link": F("registration_id"),
            "to": F("owner_id"), "who": _name("owner"),
        },
        "call": {"since": Coalesce(Subquery(_first_matter()), "created_at"), "about": words, "link": F("pk"), "to": nobody, "who": words},
    }  # fmt: skip
    columns["plan"] = {**columns["idea"], "since": F("waits_since")}
    places = {
        "access": Event.neighbourhoods.through.objects.filter(event=OuterRef("registration__event_id")).values("neighbourhood_id"),
        "call": Neighbourhood.objects.filter(pk=OuterRef("neighbourhood_id")).order_by().values("pk"),
    }.get(kind, Initiative.neighbourhoods.through.objects.filter(initiative=OuterRef(at_initiative)).values("neighbourhood_id"))
    named = {"kind": Value(kind, CharField()), "row": F("pk"), "at": ArraySubquery(places), **columns[kind]}
    return rows.order_by().annotate(**{f"s_{name}": column for name, column in named.items()}).values_list(
        *(f"s_{name}" for name in ("kind", "row", "since", "at", "about", "link", "to", "who"))
    )  # fmt: skip


def _name(relation: str) -> Any:
    return Coalesce(NullIf(f"{relation}__name", Value("")), f"{relation}__email", Value(""), output_field=CharField())


def _first_matter() -> QuerySet[Any]:
    return CallMatter.objects.open().filter(task=OuterRef("pk")).order_by("created_at").values("created_at")[:1]


# --- Totals, and rows in words ------------------------------------------------------------------------------------------------


def totals(rows: Iterable[Silence], at: datetime | None = None) -> list[Place]:
    """Per neighbourhood and kind how many, and the longest wait; the longest waiting neighbourhood first. One query."""
    now = at or timezone.now()
    counts: Counter[tuple[int, str]] = Counter()
    longest: dict[tuple[int, str], int] = {}
    for row in rows:
        for place in row.places or [NOWHERE]:
            counts[place, row.kind] += 1
            longest[place, row.kind] = max(longest.get((place, row.kind), 0), row.days(now))
    names = place_names()
    places = {place for place, _kind in counts}
    found = [
        Place(place, names[place], [Total(kind, counts[place, kind], longest[place, kind]) for kind in KINDS if (place, kind) in counts])
        for place in places
    ]
    return sorted(found, key=lambda place: (-place.longest, place.name))


def place_names() -> dict[int, str]:
    return {NOWHERE: _("of no neighbourhood"), **dict(Neighbourhood.objects.values_list("pk", "name"))}


@dataclass(frozen=True)
class Line:
    """A row in words, for the page and the letter."""

    kind: str
    what: str
    places: str
    owner: str
    days: int
    url: str


def lines(rows: Sequence[Silence], user: User, at: datetime | None = None) -> list[Line]:
    """The rows in words. Three queries, whatever their number."""
    now = at or timezone.now()
    names, said, team = place_names(), _said([row.pk for row in rows if row.kind == "call"]), _animators(now)
    return [
        Line(
            kind=str(ONE[row.kind]),
            what=said.get(row.pk, "") if row.kind == "call" else row.about,
            places=", ".join(names[place] for place in row.places or [NOWHERE]),
            owner=_owner(row, team),
            days=row.days(now),
            url=row.url(user),
        )
        for row in rows
    ]


def _said(calls: list[int]) -> dict[int, str]:
    """What each call is to say; whom to ring stands on the call's own page, where looking leaves a trace."""
    found: dict[int, list[str]] = {}
    for matter in with_news(CallMatter.objects.open().filter(task__in=calls)).order_by("task", "pk"):
        found.setdefault(matter.task_id, []).append(reason_of(matter))
    return {task: " ".join(dict.fromkeys(sentences)) for task, sentences in found.items()}


def _animators(now: datetime) -> dict[int, list[str]]:
    """The animators of each neighbourhood, substitutes included."""
    live = Assignment.objects.live(timezone.localdate(now)).filter(role=Assignment.Role.ANIMATOR).select_related("user")
    found: dict[int, list[str]] = {}
    for role in live.order_by("user__name", "pk"):
        found.setdefault(role.neighbourhood_id or NOWHERE, []).append(str(role.user))
    return found


def _owner(row: Silence, team: dict[int, list[str]]) -> str:
    """Who sees to it: whoever is named, else the office or the animators of the place; of a promise, who gave it."""
    if row.kind == "promise":
        return str(Milestone.Owner(row.owner).label)
    if row.owner:
        return row.owner
    if row.kind in OFFICES:
        return _("the office: nobody is named yet")
    there = dict.fromkeys(name for place in row.places for name in team.get(place, []))
    return ", ".join(there) or _("nobody: there is no animator here")
