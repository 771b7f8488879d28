"""Roles: who lets whom in, on what authorisation, from when till when."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.domain import access_log, messages
from participants.models import AccessLog, Person, User
from projects import rules
from projects.models import Assignment, Neighbourhood


def grant(
    email: str,
    role: str,
    *,
    authorisation: str,
    granted_by: User | None,
    neighbourhood: Neighbourhood | None = None,
    name: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    at: datetime | None = None,
) -> Assignment:
    """Give a role to the account with that e-mail, made when missing, and mail an invitation.

    ``granted_by`` None is the operator's command line. Raises RuleBroken: ``not_allowed``, ``needs_neighbourhood``,
    ``no_neighbourhood``, ``ends_before_start``, ``already_granted``.
    """
    if granted_by is not None and not rules.may_grant_roles(granted_by):
        raise RuleBroken("not_allowed", _("Only a coordinator grants roles."))
    first_day = starts_on or timezone.localdate(at)
    _check(role, neighbourhood, first_day, ends_on)
    with transaction.atomic():
        user = User.objects.filter(email__iexact=email).first() or User.objects.create_user(email, name=name)
        twin = Assignment.objects.live(first_day).filter(user=user, role=role, neighbourhood=neighbourhood)
        if twin.exists():
            raise RuleBroken("already_granted", _("This account already has that role."))
        assignment = Assignment.objects.create(
            user=user,
            role=role,
            neighbourhood=neighbourhood,
            authorisation=authorisation,
            starts_on=first_day,
            ends_on=ends_on,
            granted_by=granted_by,
        )
        access_log.record(AccessLog.Action.RIGHTS, "assignment", actor=granted_by, ids=[assignment.pk], detail={"role": role}, at=at)
        messages.book(
            "staff_invitation", Person(name=str(user), email=user.email, language=user.language), {"assignment": assignment.pk}, at=at
        )
    return assignment


def end(assignment: Assignment, *, ended_by: User, on: date | None = None) -> None:
    """Let the day (today unless said) be the role's last; it stays in the list as what was. Locks the role.

    An end is never put off: that would be a new authorisation. Raises RuleBroken: ``not_allowed``,
    ``ends_before_start``, ``ended_already``.
    """
    if not rules.may_grant_roles(ended_by):
        raise RuleBroken("not_allowed", _("Only a coordinator ends roles."))
    last_day = on or timezone.localdate()
    with transaction.atomic():
        assignment = Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
        if last_day < assignment.starts_on:
            raise RuleBroken("ends_before_start", _("The role cannot end before it begins."), field="on")
        if assignment.ends_on is not None and last_day >= assignment.ends_on:
            raise RuleBroken("ended_already", _("The role ends before that day already. To let it run longer, grant it anew."), field="on")
        assignment.ends_on = last_day
        assignment.save(update_fields=["ends_on", "updated_at"])
        access_log.record(
            AccessLog.Action.RIGHTS, "assignment", actor=ended_by, ids=[assignment.pk], detail={"ends_on": str(assignment.ends_on)}
        )


def _check(role: str, neighbourhood: Neighbourhood | None, first_day: date, ends_on: date | None) -> None:
    bound = role in (Assignment.Role.ANIMATOR, Assignment.Role.HELPER)
    if bound and neighbourhood is None:
        raise RuleBroken("needs_neighbourhood", _("Choose the neighbourhood this person works for."), field="neighbourhood")
    if not bound and neighbourhood is not None:
        raise RuleBroken("no_neighbourhood", _("This role is for all neighbourhoods: leave the choice empty."), field="neighbourhood")
    if ends_on is not None and ends_on < first_day:
        raise RuleBroken("ends_before_start", _("The role cannot end before it begins."), field="ends_on")
