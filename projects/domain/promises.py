"""Promises with a date: given, kept, or put off with a reason that everybody reads; never a resident's name beside them."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.models import User
from projects.domain import workflow
from projects.domain.telling import authors_of, tell
from projects.models import Initiative, Milestone, MilestoneDelay

Status = Initiative.Status
# From the yes of the team to the report: before there is nothing to promise, afterwards nothing new.
PROMISABLE = frozenset({Status.ACCEPTED, Status.AGREEMENT, Status.RUNNING, Status.REPORTING})


def promise(initiative: Initiative, what: str, owner: str, due_on: date, *, at: datetime | None = None) -> Milestone:
    """Write down who does what by when. Locks the initiative. Raises RuleBroken: ``not_running``, ``says_nothing``, ``past_day``."""
    with transaction.atomic():
        locked = workflow.lock(initiative)
        if locked.status not in PROMISABLE:
            raise RuleBroken("not_running", _("Promises are made from the outcome to the report: this initiative is not there."))
        if not what.strip():
            raise RuleBroken("says_nothing", _("Write what is promised."), field="what")
        if due_on < timezone.localdate(at):
            raise RuleBroken("past_day", _("A promise is for a day to come."), field="due_on")
        return Milestone.objects.create(initiative=locked, what=what.strip(), owner=owner, due_on=due_on)


def keep(milestone: Milestone, done_on: date | None = None, *, at: datetime | None = None) -> Milestone:
    """Note that it has been done, today unless said. Locks the promise. Raises RuleBroken: ``already_kept``, ``future_day``."""
    today = timezone.localdate(at)
    with transaction.atomic():
        locked = _lock(milestone)
        _check_open(locked)
        if done_on is not None and done_on > today:
            raise RuleBroken("future_day", _("What is to come has not been done yet: write today or an earlier day."), field="done_on")
        locked.done_on = done_on or today
        locked.save(update_fields=["done_on", "updated_at"])
    return locked


def put_off(
    milestone: Milestone, until: date, reason: str, *, actor: User | None = None, rings: bool = True, at: datetime | None = None
) -> MilestoneDelay:
    """Give the reason and the new day, and tell those behind the initiative once. Locks the promise.

    ``rings`` off: nobody is rung, for the group itself says it. Raises RuleBroken: ``already_kept``, ``not_later``,
    ``needs_reason``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        locked = _lock(milestone)
        _check_open(locked)
        if until <= locked.due_on or until < timezone.localdate(now):
            raise RuleBroken("not_later", _("The new day comes after the promised one, and is not past."), field="until")
        if not reason.strip():
            raise RuleBroken("needs_reason", _("Write why: everybody will read it."), field="reason")
        delay = MilestoneDelay.objects.create(
            milestone=locked, due_before=locked.due_on, due_after=until, reason=reason.strip(), at=now, actor=actor
        )
        locked.due_on = until
        locked.save(update_fields=["due_on", "updated_at"])
        initiative, about = locked.initiative, {"initiative": locked.initiative_id, "delay": delay.pk}
        tell(authors_of(initiative), initiative, "promise_put_off", about, key=str(delay.pk), at=now, rings=rings)
    return delay


def reword(milestone: Milestone, what: str) -> Milestone:
    """Mend the words of a promise, and nothing else. Locks the promise. Raises RuleBroken: ``already_kept``, ``says_nothing``."""
    with transaction.atomic():
        locked = _lock(milestone)
        _check_open(locked)
        if not what.strip():
            raise RuleBroken("says_nothing", _("Write what is promised."), field="what")
        locked.what = what.strip()
        locked.save(update_fields=["what", "updated_at"])
    return locked


@dataclass(frozen=True)
class PutOff:
    """One delay as the page shows it."""

    before: date
    after: date
    reason: str


def promises_of(initiative: Initiative, on: date | None = None) -> list[Milestone]:
    """All promises of the initiative, open ones first, by day, each with ``late`` and its ``put_offs`` in order. One query."""
    today = on or timezone.localdate()
    joined = {"before": F("delays__due_before"), "after": F("delays__due_after"), "reason": F("delays__reason")}
    found: dict[int, Milestone] = {}
    for row in initiative.milestones.annotate(**joined).order_by("due_on", "pk", "delays__at", "delays__pk"):
        each = found.setdefault(row.pk, row)
        if each is row:
            each.late, each.put_offs = each.is_late(today), []  # type: ignore[attr-defined]
        if row.before is not None:  # type: ignore[attr-defined]
            each.put_offs.append(PutOff(row.before, row.after, row.reason))  # type: ignore[attr-defined]
    return sorted(found.values(), key=lambda each: each.done_on is not None)


def _lock(milestone: Milestone) -> Milestone:
    return Milestone.objects.select_for_update(no_key=True, of=("self",)).select_related("initiative").get(pk=milestone.pk)


def _check_open(milestone: Milestone) -> None:
    if milestone.done_on is not None:
        raise RuleBroken("already_kept", _("This promise has been kept already."))
