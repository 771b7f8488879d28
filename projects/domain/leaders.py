"""Somebody else leads: the old key dies, both are told, and it stands who led till when and why."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.models import Person, User
from projects.domain import telling, workflow
from projects.models import Initiative, InitiativeMember, LeaderChange
from projects.models.initiatives import new_own_key

Role = InitiativeMember.Role


def hand_over(initiative: Initiative, to: Person, reason: str, *, actor: User | None = None, at: datetime | None = None) -> LeaderChange:
    """Let ``to`` lead: whoever led stays in the team, the page gets a new key, both are told once. Locks the initiative.

    The news of the initiative is for the new leader from now on, so the idea counts as theirs. Raises RuleBroken
    ``needs_reason``, ``over`` when it does not go on, ``under_age`` where the year of birth or the age band says so, ``same``.
    """
    now, to = at or timezone.now(), to.standing_for()
    if not reason.strip():
        raise RuleBroken("needs_reason", _("Write why somebody else leads: it stays in the history."), field="reason")
    with transaction.atomic():
        locked = workflow.lock(initiative)
        if not workflow.next_steps(locked):
            raise RuleBroken("over", _("This initiative does not go on, so nobody takes it over."))
        if to.is_under_age(timezone.localdate(now)):
            raise RuleBroken("under_age", _("An adult leads an initiative: this person is under 18."), field="to")
        before = leader_of(locked)
        if before is not None and before.contact == to.contact:
            raise RuleBroken("same", _("This person leads the initiative already."), field="to")
        InitiativeMember.objects.filter(initiative=locked, role=Role.LEADER).update(role=Role.MEMBER, updated_at=now)
        InitiativeMember.objects.update_or_create(initiative=locked, person=to, defaults={"role": Role.LEADER})
        change = LeaderChange.objects.create(initiative=locked, before=before, after=to, at=now, actor=actor, reason=reason.strip())
        locked.own_key, locked.proposed_by = new_own_key(), to
        locked.save(update_fields=["own_key", "proposed_by", "updated_at"])
        people = [person for person in (before, to) if person is not None]
        telling.tell(people, locked, "leader_changed", {"initiative": locked.pk, "leader_change": change.pk}, key=str(change.pk), at=now)
    return change


def leader_of(initiative: Initiative) -> Person | None:
    """Who leads it; whoever proposed it where nobody is named."""
    leads = initiative.members.filter(role=Role.LEADER).select_related("person").order_by("pk").first()
    return leads.person if leads else initiative.proposed_by
