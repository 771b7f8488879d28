"""While an initiative runs: what was spent, on what receipt, and who worked for nothing how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from active_citizens.core.pictures import LARGE, Picture
from active_citizens.core.refusal import RuleBroken
from projects.domain import workflow
from projects.models import BudgetLine, Expense, Initiative, InitiativeReport, VolunteerWork
from projects.models.delivery import new_receipt_key

Status = Initiative.Status
RUNS = frozenset({Status.RUNNING, Status.REPORTING})
# The same work noted again so soon is the button pressed twice.
TWICE_WITHIN = timedelta(minutes=1)
Row = TypeVar("Row", Expense, VolunteerWork)


@dataclass(frozen=True)
class Spent:
    """What was paid for, on which receipt; ``budget_line`` is None for what nobody planned."""

    paid_on: date
    what: str
    grosze: int
    receipt_number: str
    budget_line: BudgetLine | None = None


@dataclass(frozen=True)
class LineAccount:
    """One line of the budget, or with ``what`` empty everything outside of them."""

    what: str
    planned: int
    spent: int

    @property
    def left(self) -> int:
        return self.planned - self.spent

    @property
    def over(self) -> int:
        return max(-self.left, 0)


@dataclass(frozen=True)
class Account:
    """The money of an initiative in grosze: its lines, what was planned and spent, and what the agreement gives (None: no money agreed)."""

    lines: list[LineAccount]
    planned: int
    spent: int
    granted: int | None

    @property
    def has_limit(self) -> bool:
        """Whether anything was planned or agreed that spending can be held against."""
        return bool(self.planned) or self.granted is not None

    @property
    def left(self) -> int:
        """What may still be spent: of the agreement, or of the plan where there is none."""
        return (self.planned if self.granted is None else self.granted) - self.spent

    @property
    def over(self) -> int:
        return max(-self.left, 0) if self.has_limit else 0


@dataclass(frozen=True)
class Worked:
    """Work given for nothing; ``grosze`` is None where the project sets no worth of an hour."""

    minutes: int
    grosze: int | None


def is_open(initiative: Initiative, report: InitiativeReport | None = None) -> bool:
    """Whether spending and hours may be written down now: it runs, and no report with their sums lies with the team.

    One query at most, none where the ``report`` is at hand.
    """
    if initiative.status != Status.REPORTING:
        return initiative.status == Status.RUNNING
    if report is None:
        return not InitiativeReport.objects.filter(initiative=initiative, handed_in_at__isnull=False).exists()
    return report.handed_in_at is None


def spend(
    initiative: Initiative, spent: Spent, *, picture: Picture | None = None, key: UUID | None = None, at: datetime | None = None
) -> Expense:
    """Write down what was paid for, with the picture of its receipt; the same form sent twice is one expense. Locks the initiative.

    Raises RuleBroken ``not_running``, ``future_day``, ``other_budget``. No file stays without its row.
    """
    now = at or timezone.now()
    with transaction.atomic():
        locked = _open(initiative)
        _check_spent(locked, spent, now)
        expense = Expense(initiative=locked, **vars(spent))
        if key is not None:
            # A key somebody typed names no file of another initiative.
            expense.receipt_key = salted_hmac("receipt", f"{locked.pk}:{key}", algorithm="sha256").hexdigest()[:24]
            if before := Expense.objects.filter(receipt_key=expense.receipt_key).first():
                return before
        _save_with(expense, picture)
    return expense


def correct_expense(
    initiative: Initiative, number: int, spent: Spent, *, picture: Picture | None = None, at: datetime | None = None
) -> Expense:
    """Put right what was mistyped; without a new picture of the receipt the one of before stays. Locks the initiative.

    Raises RuleBroken ``not_running``, ``taken_off``, ``future_day``, ``other_budget``. No file stays without its row.
    """
    with transaction.atomic():
        locked = _open(initiative)
        expense = _standing(locked.expenses.filter(pk=number).first())
        _check_spent(locked, spent, at or timezone.now())
        for name, value in vars(spent).items():
            setattr(expense, name, value)
        if picture is not None:
            expense.drop_receipt()
            expense.receipt_key = new_receipt_key()
        _save_with(expense, picture)
    return expense


def _check_spent(locked: Initiative, spent: Spent, now: datetime) -> None:
    _check_day(spent.paid_on, "paid_on", now)
    if spent.budget_line is not None and spent.budget_line.initiative_id != locked.pk:
        raise RuleBroken("other_budget", _("Choose a line of the budget of this initiative."), field="budget_line")


def _save_with(expense: Expense, picture: Picture | None) -> None:
    """Save the row, with the picture where there is a new one; a row that cannot be saved leaves no file."""
    if picture is None:
        expense.save()
        return
    expense.receipt.save("receipt.webp", ContentFile(picture.files[LARGE]), save=False)
    try:
        with transaction.atomic():
            expense.save()
    except BaseException:
        expense.receipt.delete(save=False)
        raise


def take_off_expense(initiative: Initiative, number: int) -> None:
    """Take off what was mistyped, with the picture of its receipt; gone already, nothing happens. Locks the initiative.

    Raises RuleBroken ``not_running``.
    """
    with transaction.atomic():
        if expense := _open(initiative).expenses.filter(pk=number).first():
            expense.delete()


def note_work(initiative: Initiative, *, done_on: date, people: int, minutes: int, what: str, at: datetime | None = None) -> VolunteerWork:
    """Write down work that was given for nothing; the button pressed twice is one entry. Locks the initiative.

    Raises RuleBroken ``not_running``, ``future_day``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        locked = _open(initiative)
        _check_day(done_on, "done_on", now)
        values = {"done_on": done_on, "people": people, "minutes": minutes, "what": what}
        before = locked.volunteer_work.filter(**values, created_at__gte=now - TWICE_WITHIN).first()
        return before or VolunteerWork.objects.create(initiative=locked, **values)


def correct_work(
    initiative: Initiative, number: int, *, done_on: date, people: int, minutes: int, what: str, at: datetime | None = None
) -> VolunteerWork:
    """Put right hours that were mistyped. Locks the initiative. Raises RuleBroken ``not_running``, ``taken_off``, ``future_day``."""
    with transaction.atomic():
        row = _standing(_open(initiative).volunteer_work.filter(pk=number).first())
        _check_day(done_on, "done_on", at or timezone.now())
        row.done_on, row.people, row.minutes, row.what = done_on, people, minutes, what
        row.save()
    return row


def take_off_work(initiative: Initiative, number: int) -> None:
    """Take off hours that were mistyped. Locks the initiative. Raises RuleBroken ``not_running``."""
    with transaction.atomic():
        _open(initiative).volunteer_work.filter(pk=number).delete()


def check_open(initiative: Initiative) -> None:
    """Raise RuleBroken ``not_running`` when nothing may be written down now."""
    if not is_open(initiative):
        raise RuleBroken("not_running", _("Spending and hours are written down while the initiative runs, until its report is handed in."))


def _open(initiative: Initiative) -> Initiative:
    locked = workflow.lock(initiative)
    check_open(locked)
    return locked


def _standing(row: Row | None) -> Row:
    if row is None:
        raise RuleBroken("taken_off", _("This has been taken off meanwhile. Write it down again, if it should stand."))
    return row


def _check_day(day: date, field: str, now: datetime) -> None:
    if day > timezone.localdate(now):
        raise RuleBroken("future_day", _("This day is still to come. Write down what has been."), field=field)


# --- What it adds up to -----------------------------------------------------------------------------------------------------


def account(initiative: Initiative, expenses: list[Expense] | None = None) -> Account:
    """Budget against expenses against the agreement; three queries, two where the expenses are at hand."""
    found = list(initiative.expenses.all()) if expenses is None else expenses
    by_line: dict[int | None, int] = {}
    for expense in found:
        by_line[expense.budget_line_id] = by_line.get(expense.budget_line_id, 0) + expense.grosze
    planned = list(initiative.budget.all())
    lines = [LineAccount(line.what, line.grosze, by_line.get(line.pk, 0)) for line in planned]
    if beside := by_line.get(None):
        lines.append(LineAccount("", 0, beside))
    granted = getattr(getattr(initiative, "agreement", None), "grosze", None)
    return Account(lines, sum(line.grosze for line in planned), sum(by_line.values()), granted)


def worked(initiative: Initiative, rows: list[VolunteerWork] | None = None) -> Worked:
    """Hours given for nothing, and their worth at the rate of the project; one query at most."""
    found = list(initiative.volunteer_work.all()) if rows is None else rows
    return worth_of(sum(row.minutes for row in found), initiative)


def worth_of(minutes: int, initiative: Initiative) -> Worked:
    rate = initiative.project.volunteer_hour_grosze
    return Worked(minutes, None if rate is None else minutes * rate // 60)


def own_part(initiative: Initiative, done: Worked) -> Mapping[str, int | None]:
    """Own work as it was planned and as it was done, in minutes; money and things of one's own stand in the plan alone."""
    planned = list(initiative.contributions.all())
    return {
        "planned_minutes": sum(each.minutes or 0 for each in planned),
        "planned_grosze": sum(each.grosze or 0 for each in planned),
        "done_minutes": done.minutes,
        "done_grosze": done.grosze,
    }
