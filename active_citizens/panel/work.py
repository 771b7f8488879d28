"""What waits for one member of the team, gathered for the start page in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Func, IntegerField, Prefetch, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, JSONObject, RowNumber
from django.utils import timezone

from active_citizens.content.models import DiaryEntry
from active_citizens.content.rules import manageable_photos
from active_citizens.panel.silence import waiting_rows
from events.domain import access, closing
from events.models import Event
from events.reasons import reason_of, with_news
from events.rules import manageable_events
from events.visibility import visible_calls, visible_messages
from participants.models import User
from projects.domain import readiness
from projects.domain.readiness import Answer
from projects.domain.reviews import own_first
from projects.models import CallMatter, ChangeStory, Initiative, Milestone, Project
from projects.rules import is_coordinator, manageable_initiatives, manageable_questions, sees_everywhere

# The start page shows the beginning of each list; the rest is one click away.
SHOWN = 8
Status = Initiative.Status


@dataclass(frozen=True)
class Waiting:
    """The first rows of a list and how many there are in all."""

    rows: Sequence[Any]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


NOTHING = Waiting((), 0)


@dataclass(frozen=True)
class Edition:
    """An edition the coordinator prepares, or the current one, with its checklist."""

    project: Project
    checklist: list[Answer]

    @property
    def missing(self) -> int:
        return sum(not answer.is_done for answer in self.checklist)


@dataclass(frozen=True)
class Work:
    """What waits for one member of the team; ``decisions`` are the office's, ``edition`` the coordinators'."""

    today: list[Event]
    week: list[Event]
    calls: Waiting
    queues: Waiting
    to_close: Waiting
    agreements: Waiting
    ideas: Waiting
    decisions: Waiting
    access: Waiting
    late_promises: Waiting
    edition: Edition | None
    may_prepare: bool
    silent: int
    unsure_messages: int
    withdrawn_photos: int
    questions: int
    diary: int
    reports: int
    stories: int
    at: datetime


def work_of(user: User, at: datetime | None = None) -> Work:
    """Today and the six days after it, who waits for a place, an answer or a call, what is to be closed, decided and checked."""
    now = at or timezone.now()
    day, may_prepare = timezone.localdate(now), is_coordinator(user)
    ideas, decisions = _initiatives(user, now)
    near, queues = _events(user, now)
    return Work(
        today=[event for event in near if timezone.localdate(event.starts_at) == day],
        week=[event for event in near if timezone.localdate(event.starts_at) != day],
        queues=queues,
        calls=_calls(user, now),
        to_close=_first(closing.to_close(user, now)),
        agreements=_agreements(user, now),
        ideas=ideas,
        decisions=decisions,
        access=_access(user, now),
        edition=_edition(day) if may_prepare else None,
        may_prepare=may_prepare,
        **_counts(user, now),
        at=now,
    )


def _events(user: User, now: datetime) -> tuple[list[Event], Waiting]:
    """The events of today and the six days after it, and those somebody waits for a place at; read together."""
    day = timezone.localdate(now)
    mine = manageable_events(user).exclude(status=Event.Status.CANCELLED).for_lists().with_places(now)
    week, waited_for = mine.between(day, day + timedelta(days=6)), mine.filter(queue__gt=0, starts_at__gt=now)
    found = list((week | waited_for).order_by("starts_at", "pk"))
    near = [event for event in found if day <= timezone.localdate(event.starts_at) <= day + timedelta(days=6)]
    # Before a draw everybody waits alike: there is nobody to see to.
    queues = [event for event in found if event.queue and event.starts_at > now and not event.waits_for_draw]
    return near, Waiting(queues[:SHOWN], len(queues))


def _initiatives(user: User, now: datetime) -> tuple[Waiting, Waiting]:
    """Ideas nobody has answered, and what the office decides: submitted ones, which for an animator are ideas like the others.

    What the account sees to itself comes first, then the longest waiting. One query: the first rows of each state, with the
    number of all in it.
    """
    turn = Window(RowNumber(), partition_by="status", order_by=[own_first(user), "status_since", "pk"])
    total = Window(Count("pk"), partition_by="status")
    numbered = manageable_initiatives(user).waiting().select_related("project", "grant_call").annotate(turn=turn, total=total)
    found: dict[str, list[Any]] = {Status.IDEA: [], Status.SUBMITTED: []}
    for initiative in numbered.filter(turn__lte=SHOWN).order_by("turn"):
        initiative.days, initiative.overdue = initiative.days_in_state(now), initiative.is_overdue(now)
        initiative.is_mine = initiative.reviewer_id == user.pk
        found[initiative.status].append(initiative)
    ideas, submitted = (Waiting(rows, rows[0].total if rows else 0) for rows in found.values())
    if sees_everywhere(user):
        return ideas, submitted
    rows = sorted([*ideas.rows, *submitted.rows], key=lambda row: (not row.is_mine, row.status_since, row.pk))
    return Waiting(rows[:SHOWN], ideas.total + submitted.total), NOTHING


def _agreements(user: User, now: datetime) -> Waiting:
    """What was agreed at an event and is to be followed up by today."""
    waiting = _first(closing.agreements_due(user, now))
    for agreement in waiting.rows:
        agreement.is_late = agreement.follow_up_on < timezone.localdate(now)
    return waiting


def _counts(user: User, now: datetime) -> dict[str, Any]:
    """What needs a number alone, in one query: mails nobody knows the fate of, photos that came down with a consent,
    questions, and what residents wrote that the team reads before everybody does.

    The first promises whose day has passed come with them; each number leads to its list.
    """
    late, own = _late_promises(user, now), manageable_initiatives(user)
    found = {
        "unsure_messages": visible_messages(user).to_check(),
        "withdrawn_photos": manageable_photos(user).withdrawn(),
        "questions": manageable_questions(user).to_look_at(),
        "diary": DiaryEntry.objects.waiting().filter(initiative__in=own),
        "reports": own.filter(status=Status.REPORTING, report__handed_in_at__isnull=False),
        "stories": ChangeStory.objects.waiting().filter(initiative__in=own),
        "late_total": late,
        **{f"silent_{kind}": rows for kind, rows in waiting_rows(user, now).items()},
    }
    numbers = {name: Coalesce(Subquery(_number(rows)), 0) for name, rows in found.items()}
    row = JSONObject(pk="pk", what="what", initiative="initiative__title", since="due_on")
    rows = ArraySubquery(late.order_by("due_on", "pk").values(row=row)[:SHOWN])
    counts = User.objects.filter(pk=user.pk).values(late_rows=rows, **numbers).get()
    shown = [{**each, "since": date.fromisoformat(each["since"])} for each in counts.pop("late_rows")]
    silent = sum(counts.pop(name) for name in found if name.startswith("silent_"))
    return {"late_promises": Waiting(shown, counts.pop("late_total")), "silent": silent, **counts}


def _late_promises(user: User, now: datetime) -> QuerySet[Milestone]:
    """Promises whose day has passed and for which the account may give a reason and a new day: see ``projects.rules.may_promise``."""
    late = Milestone.objects.standing().late(timezone.localdate(now)).filter(initiative__in=manageable_initiatives(user))
    return late if sees_everywhere(user) else late.exclude(owner=Milestone.Owner.OFFICE)


def _number(rows: QuerySet[Any]) -> QuerySet[Any]:
    """A plain COUNT in a subquery: Django’s own would group by the row and count each alone."""
    return rows.order_by().annotate(number=Func("pk", function="COUNT", output_field=IntegerField())).values("number")


def _edition(day: date) -> Edition | None:
    """The newest one that lies ahead and is not published, else the current one when something has gone missing."""
    ahead = Project.objects.filter(is_published=False, is_demo=False).exclude(ends_on__lt=day).order_by("-pk").first()
    project = ahead or Project.objects.current()
    if project is None:
        return None
    edition = Edition(project, readiness.checklist(project, day))
    return edition if ahead or edition.missing else None


def _calls(user: User, now: datetime) -> Waiting:
    """What to say and till when, soonest event first; whom to ring stands on the call's own page, where looking leaves a trace."""
    open_matters = Prefetch("matters", with_news(CallMatter.objects.open()))
    waiting = _first(visible_calls(user).open().in_order().prefetch_related(open_matters))
    tonight = timezone.localdate(now)
    for call in waiting.rows:
        matters = call.matters.all()
        call.what = " ".join(dict.fromkeys(reason_of(matter) for matter in matters))
        call.event_title = ", ".join(dict.fromkeys(matter.event_title for matter in matters if matter.event_title))
        call.is_for_today = timezone.localdate(call.due_at) <= tonight
    return waiting


def _access(user: User, now: datetime) -> Waiting:
    """Access needs to answer; who asked and why stands on the request's own page."""
    waiting = _first(access.waiting_for(user, now).select_related("registration__event", "owner").defer("sealed"))
    for asked in waiting.rows:
        asked.overdue = access.is_overdue(asked, timezone.localdate(now))
        asked.moved = access.moved_since_answer(asked)
    return waiting


def _first(found: Any) -> Waiting:
    """The first rows, with the number of all in the same query."""
    rows = list(found.annotate(total=Window(Count("pk")))[:SHOWN])
    return Waiting(rows, rows[0].total if rows else 0)
