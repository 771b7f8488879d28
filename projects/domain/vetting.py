"""Who was looked up in the register before working with children, and till when that counts (GDPR-16)."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.domain import access_log
from participants.models import AccessLog, User
from projects import rules
from projects.models import Vetting


def record(user: User, checked_on: date, next_due_on: date, reference: str, *, actor: User, on: date | None = None) -> Vetting:
    """Note that the account was checked in the register; a check is never rewritten, the next one stands beside it.

    Raises RuleBroken: ``not_allowed``, ``not_yet``, ``due_before_checked``, ``needs_reference``.
    """
    if not rules.may_record_vetting(actor):
        raise RuleBroken("not_allowed", _("Checks in the register are noted by an officer or a coordinator."))
    if checked_on > (on or timezone.localdate()):
        raise RuleBroken("not_yet", _("The check must have taken place already."), field="checked_on")
    if next_due_on <= checked_on:
        raise RuleBroken("due_before_checked", _("The next check comes after this one."), field="next_due_on")
    if not reference.strip():
        raise RuleBroken("needs_reference", _("Write where the printout is kept."), field="reference")
    with transaction.atomic():
        vetting = Vetting.objects.create(
            user=user, checked_on=checked_on, next_due_on=next_due_on, reference=reference.strip(), checked_by=actor
        )
        access_log.record(AccessLog.Action.RIGHTS, "vetting", actor=actor, ids=[vetting.pk], detail={"next_due_on": str(next_due_on)})
    return vetting


def is_vetted(user: User, on: date | None = None) -> bool:
    """Whether a check counts on the day; the day it is due again still counts."""
    return Vetting.objects.valid(on).filter(user=user).exists()


def vetted(users: set[int], on: date) -> set[int]:
    """Those of the accounts, by their numbers, for whom a check counts on the day: the list to go with ``is_vetted``."""
    return set(Vetting.objects.valid(on).filter(user__in=users).values_list("user_id", flat=True))
