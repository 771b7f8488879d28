"""Calls for mini-projects: which call a plan is for, results prepared line by line, and published for everybody in one step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from active_citizens.core.amounts import zloty
from active_citizens.core.refusal import RuleBroken
from participants.models import User
from projects.domain import workflow
from projects.models import GrantCall, GrantResult, Initiative, Project, StatusChange

Status = Initiative.Status
# As long as the authors have not handed in: afterwards the call they handed it in to decides.
BEFORE_HANDING_IN = frozenset({Status.IDEA, Status.PLAN})


# --- Which call a plan is for -----------------------------------------------------------------------------------------------


def calls_to_choose(project: Project, at: datetime | None = None) -> QuerySet[GrantCall]:
    """The calls a plan can still be meant for: those that have not closed."""
    return project.grant_calls.filter(closes_at__gt=at or timezone.now()).order_by("opens_at", "pk")


def choose_call(initiative: Initiative, call: GrantCall | None, *, at: datetime | None = None) -> Initiative:
    """Say which call the plan is for, or that it is for none. Locks the initiative.

    Raises RuleBroken: ``handed_in``, ``not_for_calls`` (another kind), ``other_call`` (another project's, or closed).
    """
    now = at or timezone.now()
    with transaction.atomic():
        locked = workflow.lock(initiative)
        if locked.status not in BEFORE_HANDING_IN:
            raise RuleBroken("handed_in", _("The call can be changed only before the plan is handed in."), field="grant_call")
        if call is not None and locked.kind != Initiative.Kind.MINI_PROJECT:
            raise RuleBroken("not_for_calls", _("Calls are for mini social projects only."), field="grant_call")
        if call is not None and (call.project_id != locked.project_id or call.closes_at <= now):
            raise RuleBroken("other_call", _("Choose a call of the same project that has not closed yet."), field="grant_call")
        locked.grant_call = call
        locked.save(update_fields=["grant_call", "updated_at"])
    return locked


def begin_plan(initiative: Initiative, *, at: datetime | None = None) -> GrantCall | None:
    """An idea that has become a plan is for the one call that is open; where there are none or several, somebody chooses.

    Returns the call it was given. Locks the initiative.
    """
    if initiative.status != Status.PLAN or initiative.kind != Initiative.Kind.MINI_PROJECT or initiative.grant_call_id:
        return None
    open_ones = list(GrantCall.objects.filter(project=initiative.project).open(at)[:2])
    if len(open_ones) != 1:
        return None
    choose_call(initiative, open_ones[0], at=at)
    return open_ones[0]


# --- Results ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """What the office means to say about one initiative; ``is_chosen`` None takes back what was prepared."""

    is_chosen: bool | None
    grosze: int | None = None
    reasons: str = ""


@dataclass(frozen=True)
class Standing:
    """How far the results are, against what the call has: plans, money in grosze, places."""

    plans: int
    returned: int
    undecided: int
    chosen: int
    granted: int
    pool: int
    places: int

    @property
    def money_left(self) -> int:
        return self.pool - self.granted

    @property
    def places_left(self) -> int:
        return self.places - self.chosen

    @property
    def over_pool(self) -> str:
        """How much more is given than there is; empty when there is enough."""
        return zloty(-self.money_left) if self.money_left < 0 else ""

    @property
    def over_places(self) -> int:
        return max(0, -self.places_left)


def plans_of(call: GrantCall) -> QuerySet[Initiative]:
    """The plans handed in to the call that wait for its results, in the order of the alphabet."""
    return call.initiatives.filter(kind=Initiative.Kind.MINI_PROJECT, status=Status.SUBMITTED).order_by("title_order", "pk")


def returned_of(call: GrantCall) -> QuerySet[Initiative]:
    """Those their authors are still completing. Everybody of a call gets an answer before its results are out, so they block
    the results: until they come back, or the team withdraws them and says why."""
    return call.initiatives.filter(kind=Initiative.Kind.MINI_PROJECT, status=Status.RETURNED).order_by("complete_by", "pk")


def came(call: GrantCall) -> int:
    """How many plans were handed in to the call, whatever became of them."""
    handed_in = StatusChange.objects.filter(initiative__grant_call=call, after=Status.SUBMITTED)
    return handed_in.aggregate(number=Count("initiative", distinct=True))["number"]


def drafts_of(call: GrantCall) -> QuerySet[GrantResult]:
    """What is prepared for plans that still wait; of those that were withdrawn nothing is published."""
    return call.results.filter(initiative__in=plans_of(call).order_by())


def standing_of(call: GrantCall) -> Standing:
    """Three queries, whatever the number of plans."""
    drafts = drafts_of(call)
    found = drafts.aggregate(prepared=Count("pk"), chosen=Count("grosze"), granted=Sum("grosze"))
    plans = plans_of(call).count()
    return Standing(
        plans, returned_of(call).count(), plans - found["prepared"], found["chosen"], found["granted"] or 0, call.pool_grosze, call.places
    )


def prepare(call: GrantCall, verdicts: Mapping[int, Verdict], *, actor: User) -> None:
    """Keep what the office means to say, by the number of the initiative; residents see nothing of it yet. Locks the call.

    Numbers of initiatives that do not wait in this call (withdrawn meanwhile) are passed over. Raises RuleBroken:
    ``already_published``, ``needs_money``, ``needs_reasons``.
    """
    for verdict in verdicts.values():
        _check_verdict(verdict)
    with transaction.atomic():
        call = _lock(call)
        waiting = set(plans_of(call).filter(pk__in=verdicts).values_list("pk", flat=True))
        decided = {pk: verdict for pk, verdict in verdicts.items() if pk in waiting}
        call.results.filter(initiative__in=[pk for pk, verdict in decided.items() if verdict.is_chosen is None]).delete()
        now = timezone.now()
        rows = [
            GrantResult(
                call=call, initiative_id=pk, is_chosen=verdict.is_chosen, grosze=verdict.grosze if verdict.is_chosen else None,
                reasons=verdict.reasons.strip(), prepared_by=actor, updated_at=now,
            )
            for pk, verdict in decided.items() if verdict.is_chosen is not None
        ]  # fmt: skip
        changed = ["call", "is_chosen", "grosze", "reasons", "prepared_by", "updated_at"]
        GrantResult.objects.bulk_create(rows, update_conflicts=True, unique_fields=["initiative"], update_fields=changed)


def _check_verdict(verdict: Verdict) -> None:
    if verdict.is_chosen and not verdict.grosze:
        raise RuleBroken("needs_money", _("Write how much money it gets."), field="grosze")
    if verdict.is_chosen is False and not verdict.reasons.strip():
        raise RuleBroken("needs_reasons", _("Write why: the author will read it."), field="reasons")


def publish_results(call: GrantCall, *, actor: User, at: datetime | None = None) -> GrantCall:
    """Publish what the call came to, in one step: every plan moves, everybody is told once, all of it or nothing.

    Locks the call, then its initiatives in the order of their numbers. Raises RuleBroken: ``already_published``, ``not_public``,
    ``not_closed``, ``still_returned``, ``undecided``, ``over_pool``, ``over_places``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        call = _lock(call)
        # All of them, plans being handed in this very moment included: they are waited for.
        everyone = Initiative.objects.select_for_update(no_key=True, of=("self",)).select_related("project")
        locked = list(everyone.filter(grant_call=call).order_by("pk"))
        check_results(call, standing_of(call), now)
        results = {result.initiative_id: result for result in drafts_of(call)}
        workflow.carry_out([_step(each, results[each.pk]) for each in locked if each.pk in results], actor=actor, at=now)
        call.results.exclude(initiative__in=list(results)).delete()
        call.results_published_at = now
        call.save(update_fields=["results_published_at", "updated_at"])
    return call


def _lock(call: GrantCall) -> GrantCall:
    """The call as it is now, locked till the transaction ends. Raises RuleBroken ``already_published``."""
    locked = GrantCall.objects.select_for_update(no_key=True, of=("self",)).select_related("project").get(pk=call.pk)
    if locked.results_published_at is not None:
        raise RuleBroken("already_published", _("The results of this call have been published already."))
    return locked


def check_results(call: GrantCall, standing: Standing, at: datetime) -> None:
    """Raise what keeps the results from being published, as ``publish_results`` names it."""
    if not call.is_published:
        raise RuleBroken("not_public", _("Publish the call first: the results stand on its page."))
    if at < call.closes_at:
        raise RuleBroken("not_closed", _("The call is still open: results come after it has closed."))
    if number := standing.returned:
        sentence = ngettext(
            "%(number)s plan is still being completed by its authors.",
            "%(number)s plans are still being completed by their authors.",
            number,
        )
        raise RuleBroken("still_returned", sentence % {"number": number})
    if number := standing.undecided:
        sentence = ngettext("%(number)s plan has no result yet.", "%(number)s plans have no result yet.", number)
        raise RuleBroken("undecided", sentence % {"number": number})
    if standing.over_pool:
        raise RuleBroken("over_pool", _("The chosen plans get %(money)s more than the pool has.") % {"money": standing.over_pool})
    if number := standing.over_places:
        sentence = ngettext("%(number)s plan too many is chosen.", "%(number)s plans too many are chosen.", number)
        raise RuleBroken("over_places", sentence % {"number": number})


def _step(initiative: Initiative, result: GrantResult) -> workflow.Step:
    return workflow.Step(initiative, Status.ACCEPTED if result.is_chosen else Status.NOT_CHOSEN, result.reasons)


# --- What everybody sees -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """The list residents read: chosen ones by title, then the others with reasons, and the money given."""

    chosen: list[GrantResult]
    not_chosen: list[GrantResult]

    @property
    def granted(self) -> int:
        return sum(result.grosze or 0 for result in self.chosen)


def outcome_of(call: GrantCall) -> Outcome:
    """What stands on the call's page once it is published; before, what would stand there. One query."""
    rows = drafts_of(call) if call.results_published_at is None else call.results.all()
    found = list(rows.select_related("initiative").order_by("initiative__title_order", "pk"))
    return Outcome([each for each in found if each.is_chosen], [each for each in found if not each.is_chosen])
