"""The report of an initiative: written in steps, handed in, given back for changes; and the story made of it for everybody."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import DateField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.days import after_quiet
from active_citizens.core.models import label_of
from active_citizens.core.refusal import RuleBroken
from projects.domain import running, telling, workflow
from projects.models import Initiative, InitiativeReport
from projects.models.outcomes import CHANNELS

Kind, Status = Initiative.Kind, Initiative.Status
# Without these nothing can be handed in.
NEEDED = ("done", "worked", "failed", *CHANNELS)
OVER = frozenset({Status.FINISHED, Status.PARTLY_FINISHED})
# Its authors are reminded on these days around the one it is owed on; a day that was missed by more than a week is let go.
REMINDED = (timedelta(days=-7), timedelta(0), timedelta(days=7))
LATE_BY_MOST = timedelta(days=7)


def report_of(initiative: Initiative) -> InitiativeReport:
    """The report as it stands; an empty one when nothing has been written."""
    return InitiativeReport.objects.filter(initiative=initiative).first() or InitiativeReport(initiative=initiative)


def takes_report(initiative: Initiative) -> bool:
    """Whether the state lets its authors report: after the work; nobody asks a grassroots initiative, so it may while it runs.

    What it came to is public once the team has ended it, so nothing is handed in after that.
    """
    if initiative.kind == Kind.GRASSROOTS:
        return initiative.status == Status.RUNNING
    return initiative.status == Status.REPORTING


def is_writable(initiative: Initiative, report: InitiativeReport) -> bool:
    return takes_report(initiative) and report.handed_in_at is None


def lacking(report: InitiativeReport) -> list[str]:
    """The questions without an answer; nobody is a number too."""
    empty = [name for name in NEEDED if getattr(report, name) is None or not str(getattr(report, name)).strip()]
    return [label_of(InitiativeReport, name) for name in empty]


def write(initiative: Initiative, values: dict[str, Any]) -> InitiativeReport:
    """Keep one step as it was typed. Locks the initiative. Raises RuleBroken ``not_reporting``, ``handed_in``."""
    with transaction.atomic():
        report = _writable(initiative)
        for name, value in values.items():
            setattr(report, name, value)
        report.save()
    return report


def hand_in(initiative: Initiative, *, at: datetime | None = None) -> InitiativeReport:
    """Give the report to the team, story included; handed in before, it stays as it was. Locks the initiative.

    Raises RuleBroken ``not_reporting``, ``report_incomplete``.
    """
    with transaction.atomic():
        locked = workflow.lock(initiative)
        report = _report_for(locked)
        if report.handed_in_at is not None:
            return report
        if empty := lacking(report):
            labels = ", ".join(f"„{label}”" for label in empty)
            raise RuleBroken("report_incomplete", _("The report does not say yet: %(what)s") % {"what": labels})
        report.handed_in_at, report.asked_again = at or timezone.now(), ""
        report.save(update_fields=["handed_in_at", "asked_again", "updated_at"])
    return report


def ask_again(initiative: Initiative, reason: str, *, at: datetime | None = None) -> InitiativeReport:
    """Give the report back to be changed, and tell its authors once; a story that was out comes down. Locks the initiative.

    Raises RuleBroken ``needs_reason``, ``not_handed_in``, ``over`` once it has been accepted.
    """
    now = at or timezone.now()
    if not reason.strip():
        raise RuleBroken("needs_reason", _("Write what is to be changed: the authors will read it."), field="reason")
    with transaction.atomic():
        locked = workflow.lock(initiative)
        if locked.status in OVER:
            raise RuleBroken("over", _("The report has been accepted: it is not given back any more."))
        report = _handed_in(locked)
        occasion = f"{report.pk}:{report.handed_in_at:%Y%m%d%H%M%S}"
        report.handed_in_at, report.asked_again, report.story_published_at = None, reason.strip(), None
        report.save(update_fields=["handed_in_at", "asked_again", "story_published_at", "updated_at"])
        telling.tell_authors(locked, "report_asked_again", {"initiative": locked.pk, "report": report.pk}, key=occasion, at=now)
    return report


def publish_story(initiative: Initiative, *, at: datetime | None = None) -> InitiativeReport:
    """Let everybody read the story its authors handed in; out already, it stays as it was. Locks the initiative.

    Raises RuleBroken ``not_handed_in``, ``taken_down``, ``no_story``.
    """
    with transaction.atomic():
        report = _handed_in(workflow.lock(initiative))
        if report.taken_down_at is not None:
            raise RuleBroken("taken_down", _("The story has been taken down. Restore it first, if it should be read."))
        if not report.story.strip():
            raise RuleBroken("no_story", _("The authors have written no story for everybody."))
        if report.story_published_at is None:
            report.story_published_at = at or timezone.now()
            report.save(update_fields=["story_published_at", "updated_at"])
    return report


def _report_for(locked: Initiative) -> InitiativeReport:
    if not takes_report(locked):
        raise RuleBroken("not_reporting", _("The report is written when the work is over: end the work first."))
    return report_of(locked)


def _writable(initiative: Initiative) -> InitiativeReport:
    report = _report_for(workflow.lock(initiative))
    if report.handed_in_at is not None:
        raise RuleBroken("handed_in", _("The report has been handed in. Ask the team to give it back if something is to be changed."))
    return report


def _handed_in(locked: Initiative) -> InitiativeReport:
    report = report_of(locked)
    if report.handed_in_at is None:
        raise RuleBroken("not_handed_in", _("The report has not been handed in yet."))
    return report


# --- What is owed -----------------------------------------------------------------------------------------------------------


def owing() -> QuerySet[Any]:
    """Initiatives a report is owed of that have not handed it in, with ``due_on``; those whose end is known, the oldest first."""
    ends_on = Coalesce(F("ends_on"), F("agreement__ends_on"))
    due_on = ExpressionWrapper(Cast(ends_on, DateField()) + F("project__report_days"), output_field=DateField())
    asked = Initiative.objects.exclude(kind=Kind.GRASSROOTS).filter(status__in=running.RUNS)
    waiting = asked.filter(Q(report__isnull=True) | Q(report__handed_in_at=None))
    return waiting.annotate(due_on=due_on).filter(due_on__isnull=False).order_by("due_on", "pk")


def overdue(at: datetime | None = None) -> QuerySet[Any]:
    """Those whose day has passed."""
    return owing().filter(due_on__lt=timezone.localdate(at))


def remind_due(at: datetime | None = None, batch: int = 20) -> int:
    """Remind authors of the report: a week before, on the day, a week after, each once and by day. Says how many initiatives.

    Somebody who was away from the portal for two of those days is reminded once.
    """
    now = at or timezone.now()
    if after_quiet(now) != now:
        return 0
    today = timezone.localdate(now)
    with transaction.atomic():
        asked = Q()
        for shift in REMINDED:
            asked |= Q(due_on__lte=today - shift, due_on__gt=today - shift - LATE_BY_MOST) & (
                Q(report_reminded_on=None) | Q(due_on__gt=F("report_reminded_on") - shift)
            )
        rows = owing().filter(asked).select_for_update(skip_locked=True, no_key=True, of=("self",))
        found = list(rows[:batch])
        for initiative in found:
            occasion = _occasion(initiative.due_on, today)
            key = f"{initiative.pk}:{occasion}"
            telling.tell_authors(initiative, "report_due", {"initiative": initiative.pk}, key=key, at=now)
            Initiative.objects.filter(pk=initiative.pk).update(report_reminded_on=occasion)
    return len(found)


def _occasion(due_on: date, today: date) -> date:
    """The latest of the days to remind on that has come."""
    return max(due_on + shift for shift in REMINDED if due_on + shift <= today)
