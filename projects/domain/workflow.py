"""Moves of an initiative: one table per kind, one ``move()``, and every move leaves a trace."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.models import User
from projects import rules
from projects.domain.requirements import missing
from projects.domain.telling import Occasion, tell_authors_of_each
from projects.models import Initiative, StatusChange

Status = Initiative.Status
Table = Mapping[str, frozenset[str]]


def _table(moves: Mapping[str, set[str]]) -> Table:
    return {before: frozenset(after) for before, after in moves.items()}


# From an idea at a workshop to a public story (domain.md 6.2); "not chosen" and "returned" carry reasons.
MINI_PROJECT = _table(
    {
        Status.IDEA: {Status.PLAN, Status.NOT_CHOSEN, Status.WITHDRAWN},
        Status.PLAN: {Status.SUBMITTED, Status.WITHDRAWN},
        Status.SUBMITTED: {Status.RETURNED, Status.ACCEPTED, Status.NOT_CHOSEN, Status.WITHDRAWN},
        Status.RETURNED: {Status.SUBMITTED, Status.WITHDRAWN},
        Status.ACCEPTED: {Status.AGREEMENT, Status.WITHDRAWN},
        Status.AGREEMENT: {Status.RUNNING, Status.WITHDRAWN},
        Status.RUNNING: {Status.REPORTING, Status.WITHDRAWN},
        Status.REPORTING: {Status.FINISHED, Status.PARTLY_FINISHED},
    }
)
# The portal prepares and tracks: filing and outcome happen at the office, on paper, and are typed in with their day and mark
# (``requirements``). The office may call for a completion, refuse, or grant; everything is settled within the year.
STATUTORY = MINI_PROJECT
GRASSROOTS = _table(
    {
        Status.IDEA: {Status.RUNNING, Status.NOT_CHOSEN, Status.WITHDRAWN},
        Status.RUNNING: {Status.FINISHED, Status.PARTLY_FINISHED, Status.WITHDRAWN},
    }
)
MOVES: Mapping[str, Table] = {
    Initiative.Kind.MINI_PROJECT: MINI_PROJECT,
    Initiative.Kind.STATUTORY: STATUTORY,
    Initiative.Kind.GRASSROOTS: GRASSROOTS,
}
NEEDS_REASON = frozenset({Status.RETURNED, Status.NOT_CHOSEN, Status.WITHDRAWN, Status.PARTLY_FINISHED})


def next_steps(initiative: Initiative) -> frozenset[str]:
    """The states the initiative may move to now; none for what is finished or known from sources only."""
    return MOVES[initiative.kind].get(initiative.status, frozenset())


def start(initiative: Initiative, *, actor: User | None = None, at: datetime | None = None) -> Initiative:
    """Save a new initiative with the first row of its history; relations are added by the caller afterwards."""
    now = at or timezone.now()
    with transaction.atomic():
        initiative.status_since = now
        initiative.save(force_insert=True)
        StatusChange.objects.create(initiative=initiative, before="", after=initiative.status, at=now, actor=actor)
    return initiative


def steps_for(user: User, initiative: Initiative) -> list[str]:
    """The states the account may move the initiative to now, in the order of the workflow; what is missing is asked by ``move``."""
    return in_order(to for to in next_steps(initiative) if rules.may_move(user, initiative, to))


def author_steps(initiative: Initiative) -> list[str]:
    """The same for whoever holds the key of the authors' page."""
    return in_order(next_steps(initiative) & rules.AUTHORS_MAY)


def in_order(states: Iterable[str]) -> list[str]:
    wanted = set(states)
    return [state.value for state in Status if state in wanted]


def move(
    initiative: Initiative,
    to: str,
    *,
    actor: User | None = None,
    reason: str = "",
    complete_by: date | None = None,
    rings: bool = True,
    at: datetime | None = None,
) -> Initiative:
    """Move the initiative, note who, when and why, and tell those behind it. Locks the initiative.

    ``complete_by`` is the last day to complete what is returned. Without ``rings`` nobody calls: they did it themselves.
    Raises RuleBroken: ``no_such_move``, ``needs_reason``, ``needs_day``, and the codes of ``requirements``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        locked = lock(initiative)
        check(locked, to, reason=reason, complete_by=complete_by, at=now)
        carry_out([Step(locked, to, reason, complete_by)], actor=actor, rings=rings, at=now)
    return locked


def lock(initiative: Initiative) -> Initiative:
    """The initiative as it is now, locked till the transaction ends."""
    rows = Initiative.objects.select_for_update(no_key=True, of=("self",)).select_related("project", "grant_call")
    return rows.get(pk=initiative.pk)


def check(initiative: Initiative, to: str, *, reason: str, complete_by: date | None, at: datetime) -> None:
    """Raise what keeps the initiative from moving there; codes as ``move`` names them."""
    if to not in next_steps(initiative):
        raise RuleBroken("no_such_move", _("This initiative cannot move to that state from where it is now."))
    if to in NEEDS_REASON and not reason.strip():
        raise RuleBroken("needs_reason", _("Write why: the author will read it."), field="reason")
    if to == Status.RETURNED and (complete_by is None or complete_by < timezone.localdate(at)):
        raise RuleBroken("needs_day", _("Say by when it is to be completed: a day to come."), field="complete_by")
    for lacking in missing(initiative, to, at):
        raise RuleBroken(lacking.code, lacking.sentence)


@dataclass(frozen=True)
class Step:
    """Where a locked and checked initiative goes, and why."""

    initiative: Initiative
    to: str
    reason: str = ""
    complete_by: date | None = None


def carry_out(steps: Sequence[Step], *, actor: User | None, tells: bool = True, rings: bool = True, at: datetime) -> None:
    """Write the moves: for ``move`` and for verbs that check, or tell, in their own way.

    The number of statements depends on how many different states the moves lead to, not on how many moves there are.
    """
    changes = StatusChange.objects.bulk_create(
        StatusChange(initiative=step.initiative, before=step.initiative.status, after=step.to, at=at, actor=actor, reason=step.reason)
        for step in steps
    )
    alike: dict[tuple[str, date | None], list[int]] = defaultdict(list)
    for step in steps:
        moved, last = step.initiative, step.complete_by if step.to == Status.RETURNED else None
        moved.status, moved.status_since, moved.complete_by, moved.updated_at = step.to, at, last, timezone.now()
        alike[step.to, last].append(moved.pk)
    for (to, last), pks in alike.items():
        Initiative.objects.filter(pk__in=pks).update(status=to, status_since=at, complete_by=last, updated_at=timezone.now())
    if tells:
        news = [Occasion(change.initiative, {"change": change.pk}, str(change.pk)) for change in changes]
        tell_authors_of_each(news, "initiative_moved", at=at, rings=rings)
