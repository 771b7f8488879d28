"""The plan of an initiative: written step by step while it is a plan or has been returned; what it adds up to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from active_citizens.core.models import label_of
from active_citizens.core.refusal import RuleBroken
from projects.domain import workflow
from projects.models import BudgetLine, Contribution, Initiative, Plan

Status = Initiative.Status
MOST_LINES = 60
WRITABLE = frozenset({Status.PLAN, Status.RETURNED})


@dataclass(frozen=True)
class Totals:
    """What a plan adds up to: money asked for, and what residents give, in grosze and minutes.

    ``work_grosze`` is None where the project sets no worth of an hour.
    """

    asked: int
    minutes: int
    things: int
    money: int
    work_grosze: int | None

    @property
    def has_own(self) -> bool:
        """Whether residents give anything: a line of theirs has time or money, never neither."""
        return bool(self.minutes or self.things or self.money)

    @property
    def own(self) -> int:
        """Everything residents give that has a worth in money."""
        return self.things + self.money + (self.work_grosze or 0)


def is_writable(initiative: Initiative) -> bool:
    """Whether its authors may write the plan now: after the team said yes, and again when it comes back."""
    return initiative.status in WRITABLE


def write(initiative: Initiative, values: dict[str, str]) -> Plan:
    """Keep the texts of one step. Locks the initiative. Raises RuleBroken ``plan_closed``."""
    with transaction.atomic():
        _check_writable(initiative)
        plan, _made = Plan.objects.update_or_create(initiative=initiative, defaults=values)
    return plan


def write_lines(
    initiative: Initiative, keep: Iterable[BudgetLine | Contribution], drop: Iterable[BudgetLine | Contribution], *, shown: int
) -> None:
    """Keep the lines of one step and take off the dropped ones. Locks the initiative.

    ``shown`` is how many lines stood there when the form was made: where others stand by now it may have been sent before,
    and new lines that are there already are not added twice. Raises RuleBroken ``plan_closed``, ``too_many_lines``.
    """
    with transaction.atomic():
        _check_writable(initiative)
        for line in drop:
            line.delete()
        stood: dict[Any, int] = {}
        for line in keep:
            line.initiative = initiative
            rows = type(line)._default_manager.filter(initiative=initiative)
            before = stood.setdefault(type(line), rows.count())
            if line.pk is None and before > shown and _just_added(line):
                continue
            if line.pk is None and rows.count() >= MOST_LINES:
                raise RuleBroken("too_many_lines", _("There are too many lines. Put small things together into one."))
            line.save()


def _just_added(line: BudgetLine | Contribution) -> bool:
    """Whether the same line stands there already: somebody pressed the button twice."""
    said = {field.name: getattr(line, field.name) for field in line._meta.concrete_fields if not field.primary_key}
    return type(line)._default_manager.filter(**said).exists()


def _check_writable(initiative: Initiative) -> None:
    """Locks the initiative."""
    if not is_writable(workflow.lock(initiative)):
        raise RuleBroken("plan_closed", _("The plan cannot be changed now: it has been handed in, or the team has not answered yet."))


def totals(initiative: Initiative) -> Totals:
    """Two queries."""
    lines, given = list(initiative.budget.all()), list(initiative.contributions.all())
    worth: dict[str, int] = {kind.value: sum(each.grosze or 0 for each in given if each.kind == kind) for kind in Contribution.Kind}
    minutes = sum(each.minutes or 0 for each in given)
    rate = initiative.project.volunteer_hour_grosze
    work = None if rate is None else minutes * rate // 60
    return Totals(sum(line.grosze for line in lines), minutes, worth["things"], worth["money"], work)


def plan_of(initiative: Initiative) -> Plan:
    """The plan as it stands; an empty one when nothing has been written."""
    return Plan.objects.filter(initiative=initiative).first() or Plan(initiative=initiative)


def answers(plan: Plan) -> list[tuple[str, Any]]:
    """Question and answer, in the order of the plan; what was not answered is left out."""
    fields = ("need", "aim", "actions", "timetable", "audience", "risks", "afterwards")
    return [(label_of(Plan, name), text) for name in fields if (text := getattr(plan, name))]
