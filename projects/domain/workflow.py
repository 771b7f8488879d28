"""Moves of an initiative: one table per kind, one ``move()``, and every move leaves a trace."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.models import User
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
# The portal prepares and tracks; submission and decision happen on paper, so the steps are fewer.
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


def move(initiative: Initiative, to: str, *, actor: User | None = None, reason: str = "", at: datetime | None = None) -> Initiative:
    """Move the initiative and note who, when and why. Locks the initiative.

    Raises RuleBroken: ``no_such_move``, ``needs_reason``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        locked = Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk)
        if to not in next_steps(locked):
            raise RuleBroken("no_such_move", _("This initiative cannot move to that state from where it is now."))
        if to in NEEDS_REASON and not reason.strip():
            raise RuleBroken("needs_reason", _("Write why: the author will read it."), field="reason")
        StatusChange.objects.create(initiative=locked, before=locked.status, after=to, at=now, actor=actor, reason=reason)
        locked.status = to
        locked.status_since = now
        locked.save(update_fields=["status", "status_since", "updated_at"])
    return locked
