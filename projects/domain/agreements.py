"""Before an initiative runs: who signs and pays for the group, whose ground it is, and how a statutory one was filed."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.models import Person
from projects.domain import workflow
from projects.models import Filing, Ground, Initiative, InitiativeAgreement, InitiativeMember

Status = Initiative.Status
# An agreement is prepared once the initiative is chosen, and corrected while it runs.
SIGNABLE = frozenset({Status.ACCEPTED, Status.AGREEMENT, Status.RUNNING})


def signers_of(initiative: Initiative) -> Any:
    """Who may sign for the group: its own people."""
    team = InitiativeMember.objects.filter(initiative=initiative).values("person")
    return (Person.objects.filter(pk__in=team) | Person.objects.filter(initiatives=initiative)).distinct().order_by("name_order")


def sign(initiative: Initiative, values: dict[str, Any], at: datetime | None = None) -> InitiativeAgreement:
    """Write down who signs and what was agreed; what is not known yet stays empty, and keeps the initiative from running.

    Locks the initiative. Raises RuleBroken ``not_now``, ``one_signer``, ``not_of_the_group``, ``under_age`` (by the year of
    birth or the age band, where one is known), ``days_turned``.
    """
    with transaction.atomic():
        locked = workflow.lock(initiative)
        if locked.status not in SIGNABLE:
            raise RuleBroken("not_now", _("An agreement is written once the initiative has been chosen, and while it runs."))
        _check_signer(locked, values, timezone.localdate(at))
        first, last = values.get("starts_on"), values.get("ends_on")
        if first and last and last < first:
            raise RuleBroken("days_turned", _("The end cannot come before the start."), field="ends_on")
        agreement, _made = InitiativeAgreement.objects.update_or_create(initiative=locked, defaults=values)
    return agreement


def _check_signer(initiative: Initiative, values: dict[str, Any], today: date) -> None:
    is_adult = values.get("signer") == InitiativeAgreement.Signer.ADULT
    named, other = ("person", "organisation") if is_adult else ("organisation", "person")
    if values.get(named) is None:
        raise RuleBroken("one_signer", _("Name who signs: a patron organisation or an adult of the group."), field=named)
    values[other] = None
    person = values.get("person")
    if person is None:
        return
    if not signers_of(initiative).filter(pk=person.pk).exists():
        raise RuleBroken("not_of_the_group", _("Only somebody of the group signs for it: take them into the team first."), field="person")
    if person.is_under_age(today):
        raise RuleBroken("under_age", _("Only an adult signs for the group."), field="person")


def name_ground(initiative: Initiative, values: dict[str, Any], ground: Ground | None = None) -> Ground:
    """Write down whose ground it is and whether its manager agreed. Locks the initiative.

    Raises RuleBroken ``not_now``, ``needs_reference``: a consent has a number or a mark by which it is found.
    """
    with transaction.atomic():
        if workflow.lock(initiative).has_ended:
            raise RuleBroken("not_now", _("The initiative has ended."))
        if values.get("consented_on") and not values.get("reference", "").strip():
            raise RuleBroken("needs_reference", _("Write where the consent is: the number or mark of the letter."), field="reference")
        ground = ground or Ground(initiative=initiative)
        for name, value in values.items():
            setattr(ground, name, value)
        ground.save()
    return ground


def file(initiative: Initiative, values: dict[str, Any]) -> Filing:
    """Write down the course of a statutory initiative at the office: filed, decided, settled. Locks the initiative.

    Raises RuleBroken ``not_statutory``, ``needs_mark``, ``needs_outcome``, ``before_filing``, ``other_year`` (carried out and
    settled within the calendar year of the filing, domain.md 6.2).
    """
    with transaction.atomic():
        locked = workflow.lock(initiative)
        if locked.kind != Initiative.Kind.STATUTORY:
            raise RuleBroken("not_statutory", _("Only a statutory local initiative is filed at the office."))
        _check_filing(values)
        filing, _made = Filing.objects.update_or_create(initiative=locked, defaults=values)
    return filing


def _check_filing(values: dict[str, Any]) -> None:
    filed, decided, settled = values.get("filed_on"), values.get("decided_on"), values.get("settled_on")
    if bool(filed) != bool(values.get("filed_mark", "").strip()):
        raise RuleBroken("needs_mark", _("A filing has its day and the mark the office gave it: both, or none yet."), field="filed_mark")
    if bool(decided) != bool(values.get("outcome", "").strip()):
        raise RuleBroken("needs_outcome", _("An outcome has its day and its words: both, or none yet."), field="outcome")
    if decided and (filed is None or decided < filed):
        raise RuleBroken("before_filing", _("The outcome cannot come before the filing."), field="decided_on")
    if settled and (decided is None or settled < decided):
        raise RuleBroken("before_filing", _("It is settled after the outcome."), field="settled_on")
    if settled and filed and settled.year != filed.year:
        raise RuleBroken("other_year", _("A statutory initiative is settled in the year it was filed."), field="settled_on")
