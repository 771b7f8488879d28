"""What must be there before an initiative moves on; asked by ``workflow.move`` and shown by the pages beforehand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from active_citizens.core.models import label_of
from projects.models import Filing, Initiative, InitiativeAgreement, Plan

Status, Kind = Initiative.Status, Initiative.Kind


@dataclass(frozen=True)
class Missing:
    """One thing that is not there yet: the code a refusal carries, and the sentence people read."""

    code: str
    sentence: str


Check = Callable[[Initiative, datetime], Missing | None]


def _plan(initiative: Initiative, at: datetime) -> Missing | None:
    plan = Plan.objects.filter(initiative=initiative).first() or Plan()
    empty = [name for name in Plan.NEEDED if not getattr(plan, name).strip()]
    if not empty:
        return None
    labels = ", ".join(f"„{label_of(Plan, name)}”" for name in empty)
    return Missing("plan_incomplete", _("The plan does not say yet: %(what)s") % {"what": labels})


def _budget(initiative: Initiative, at: datetime) -> Missing | None:
    if initiative.budget.exists():
        return None
    return Missing("no_budget", _("Write down what the money is for: at least one line of the budget."))


def _contribution(initiative: Initiative, at: datetime) -> Missing | None:
    """Residents' own work, things or money are the heart of a statutory initiative (art. 19c)."""
    if initiative.contributions.exists():
        return None
    return Missing("no_contribution", _("Write down what you give yourselves: work, things or money."))


def _in_time(initiative: Initiative, at: datetime) -> Missing | None:
    """A mini-project while its call is open; what was returned until the day it was asked for, whatever the call."""
    if initiative.status == Status.RETURNED:
        last = initiative.complete_by
        if last is not None and timezone.localdate(at) > last:
            return Missing("too_late", _("It was to be completed by %(day)s. Ask the team for more time.") % {"day": date_format(last)})
        return None
    call = initiative.grant_call
    if initiative.kind == Kind.STATUTORY:
        return None
    if call is None:
        if not initiative.project.grant_calls.exists():
            return None
        return Missing("no_call", _("Plans are taken in calls: the team must say which call this one is for."))
    if not call.takes_plans(at):
        return Missing("call_closed", _("The call „%(call)s” does not take plans now.") % {"call": call.title})
    return None


def _by_results(initiative: Initiative, at: datetime) -> Missing | None:
    """What a call came to is published for everybody in one step."""
    if initiative.grant_call is None or initiative.status != Status.SUBMITTED:
        return None
    return Missing("by_results", _("The results of a call are published together, on the page of the call."))


def _agreement(initiative: Initiative, at: datetime) -> Missing | None:
    agreement = InitiativeAgreement.objects.filter(initiative=initiative).first()
    if agreement is None:
        return Missing("no_signer", _("Nobody signs and pays for the group yet: name a patron organisation or an adult."))
    if not agreement.is_complete:
        return Missing("no_agreement", _("The agreement is not complete: it needs its number, the day it was signed, money, from and to."))
    return None


def _ground(initiative: Initiative, at: datetime) -> Missing | None:
    grounds = list(initiative.grounds.all())
    if not grounds:
        return Missing("no_ground", _("It is not said yet whose ground it is."))
    waiting = [ground.manager_name for ground in grounds if ground.consented_on is None]
    if not waiting:
        return None
    return Missing("no_consent", _("The manager of the ground has not agreed yet: %(who)s.") % {"who": ", ".join(waiting)})


def _filing(initiative: Initiative) -> Filing:
    return Filing.objects.filter(initiative=initiative).first() or Filing()


def _filed(initiative: Initiative, at: datetime) -> Missing | None:
    if _filing(initiative).filed_on:
        return None
    return Missing(
        "not_filed",
        _("First it is filed at the office on paper. Tell the team the day and the mark you were given: the team writes them down."),
    )


def _decided(initiative: Initiative, at: datetime) -> Missing | None:
    if initiative.status != Status.SUBMITTED or _filing(initiative).decided_on:
        return None
    return Missing("no_outcome", _("Write down the day and the outcome as the office wrote it."))


def _settled(initiative: Initiative, at: datetime) -> Missing | None:
    if _filing(initiative).settled_on:
        return None
    return Missing("not_settled", _("A statutory initiative is settled in the year it was filed: write down the day."))


def _report(initiative: Initiative, at: datetime) -> Missing | None:
    report = getattr(initiative, "report", None)
    if report is not None and report.handed_in_at:
        return None
    return Missing("no_report", _("The report has not been handed in yet."))


# What each move asks for besides standing in the table; grassroots initiatives ask for nothing: no money, no office.
REQUIRED: Mapping[str, Mapping[str, tuple[Check, ...]]] = {
    Kind.MINI_PROJECT: {
        Status.SUBMITTED: (_plan, _budget, _in_time),
        Status.ACCEPTED: (_by_results,),
        Status.NOT_CHOSEN: (_by_results,),
        Status.RUNNING: (_agreement, _ground),
        Status.FINISHED: (_report,),
        Status.PARTLY_FINISHED: (_report,),
    },
    Kind.STATUTORY: {
        Status.SUBMITTED: (_plan, _contribution, _filed, _in_time),
        Status.ACCEPTED: (_decided,),
        Status.NOT_CHOSEN: (_decided,),
        Status.RUNNING: (_agreement, _ground),
        Status.FINISHED: (_report, _settled),
        Status.PARTLY_FINISHED: (_report, _settled),
    },
    Kind.GRASSROOTS: {},
}


def missing(initiative: Initiative, to: str, at: datetime | None = None) -> list[Missing]:
    """Everything that keeps the initiative from moving there now, in the order to see to it; nothing when it may."""
    now = at or timezone.now()
    found = (check(initiative, now) for check in REQUIRED[initiative.kind].get(to, ()))
    return [each for each in found if each is not None]
