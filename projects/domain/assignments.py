"""Roles: who lets whom in, on what authorisation, from when till when."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.domain import access_log, messages
from participants.domain.people import account_of, addressee
from participants.models import AccessLog, User
from projects import rules
from projects.models import Assignment, Neighbourhood

# For so many days at most, first and last included, an officer may let somebody stand in for an animator.
SUBSTITUTION_DAYS = 60


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

    ``granted_by`` None is the operator's command line. Raises RuleBroken: ``not_allowed``, and as ``appoint`` does.
    """
    if granted_by is not None and not rules.may_grant_roles(granted_by):
        raise RuleBroken("not_allowed", _("Only a coordinator grants roles."))
    with transaction.atomic():
        assignment = appoint(
            email, role, authorisation=authorisation, granted_by=granted_by, neighbourhood=neighbourhood, name=name,
            starts_on=starts_on, ends_on=ends_on, at=at,
        )  # fmt: skip
        invite(assignment, at)
    return assignment


def appoint(
    email: str,
    role: str,
    *,
    authorisation: str,
    granted_by: User | None,
    neighbourhood: Neighbourhood | None = None,
    name: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    stands_in_for: Assignment | None = None,
    at: datetime | None = None,
) -> Assignment:
    """Write the role down, for an account made when missing; tells nobody. The caller answers for the right to give it.

    A helper may have several roles of one day, each for an event. Raises RuleBroken: ``needs_neighbourhood``,
    ``no_neighbourhood``, ``ends_before_start``, ``already_granted``.
    """
    first_day = starts_on or timezone.localdate(at)
    _check(role, neighbourhood, first_day, ends_on)
    with transaction.atomic():
        user = account_of(email, name)
        twin = Assignment.objects.live(first_day).filter(user=user, role=role, neighbourhood=neighbourhood)
        if role != Assignment.Role.HELPER and twin.exists():
            raise RuleBroken("already_granted", _("This account already has that role."))
        assignment = Assignment.objects.create(
            user=user,
            role=role,
            neighbourhood=neighbourhood,
            authorisation=authorisation,
            starts_on=first_day,
            ends_on=ends_on,
            granted_by=granted_by,
            stands_in_for=stands_in_for,
        )
        access_log.record(AccessLog.Action.RIGHTS, "assignment", actor=granted_by, ids=[assignment.pk], detail={"role": role}, at=at)
    return assignment


def invite(assignment: Assignment, at: datetime | None = None) -> None:
    """Mail the invitation to whoever was given the role."""
    messages.book("staff_invitation", addressee(assignment.user), {"assignment": assignment.pk}, at=at)


def substitute(
    absent: Assignment,
    email: str,
    *,
    name: str = "",
    starts_on: date,
    ends_on: date,
    authorisation: str,
    granted_by: User,
    at: datetime | None = None,
) -> Assignment:
    """Let somebody do an animator's work while the animator is away: for the same neighbourhood, from day to day.

    Both are told by mail. Locks the animator's role. Raises RuleBroken: ``not_allowed``, ``not_an_animator``,
    ``not_in_force``, ``in_the_past``, ``too_long``, ``outlasts``, ``own_role``, and as ``appoint`` does.
    """
    if not rules.may_substitute(granted_by):
        raise RuleBroken("not_allowed", _("Only an officer or a coordinator grants a substitution."))
    with transaction.atomic():
        absent = Assignment.objects.select_for_update(no_key=True, of=("self",)).select_related("user", "neighbourhood").get(pk=absent.pk)
        _check_substitution(absent, email, starts_on, ends_on, timezone.localdate(at))
        made = appoint(
            email, Assignment.Role.ANIMATOR, authorisation=authorisation, granted_by=granted_by, neighbourhood=absent.neighbourhood,
            name=name, starts_on=starts_on, ends_on=ends_on, stands_in_for=absent, at=at,
        )  # fmt: skip
        invite(made, at)
        messages.book("substitution_told", addressee(absent.user), {"assignment": made.pk}, at=at)
    return made


def end_substitution(made: Assignment, *, ended_by: User, at: datetime | None = None) -> None:
    """End a substitution early: today is its last day; one that has not begun is taken back. Both are told; locks the role.

    Raises RuleBroken: ``not_allowed``, ``not_a_substitution``, ``ended_already``.
    """
    if not rules.may_substitute(ended_by):
        raise RuleBroken("not_allowed", _("Only an officer or a coordinator ends a substitution."))
    today = timezone.localdate(at)
    with transaction.atomic():
        made = Assignment.objects.select_for_update(no_key=True).get(pk=made.pk)
        absent = made.stands_in_for
        if absent is None or made.ends_on is None:
            raise RuleBroken("not_a_substitution", _("This role is not a substitution; a coordinator ends it."))
        if made.ends_on <= today:
            raise RuleBroken("ended_already", _("This substitution ends today or has ended."))
        detail = {"ends_on": str(today)}
        if made.starts_on > today:
            # Nothing was ever done under it: the log keeps that it was given and taken back.
            detail = {"taken_back": f"{made.starts_on} – {made.ends_on}"}
            Assignment.objects.filter(pk=made.pk).delete()
        else:
            made.ends_on = today
            made.save(update_fields=["ends_on", "updated_at"])
        access_log.record(AccessLog.Action.RIGHTS, "assignment", actor=ended_by, ids=[made.pk], detail=detail, at=at)
        for user in (made.user, absent.user):
            messages.book("substitution_ended", addressee(user), {"absent": absent.pk, "substitute": made.user_id}, at=at)


def end(assignment: Assignment, *, ended_by: User, on: date | None = None) -> None:
    """Let the day (today unless said) be the role's last; it stays in the list as what was. Locks the role.

    Whoever stands in for the role stops with it. An end is never put off: that would be a new authorisation. Raises
    RuleBroken: ``not_allowed``, ``ends_before_start``, ``ended_already``.
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
        assignment.substitutions.filter(starts_on__gt=last_day).delete()
        assignment.substitutions.filter(ends_on__gt=last_day).update(ends_on=last_day)
        access_log.record(
            AccessLog.Action.RIGHTS, "assignment", actor=ended_by, ids=[assignment.pk], detail={"ends_on": str(assignment.ends_on)}
        )


def _check_substitution(absent: Assignment, email: str, starts_on: date, ends_on: date, today: date) -> None:
    if absent.role != Assignment.Role.ANIMATOR or absent.stands_in_for_id is not None:
        raise RuleBroken("not_an_animator", _("Only an animator’s own role has a substitution."))
    if not Assignment.objects.live(starts_on).filter(pk=absent.pk).exists():
        raise RuleBroken("not_in_force", _("The animator’s role is not in force on that day."), field="starts_on")
    if starts_on < today:
        raise RuleBroken("in_the_past", _("A substitution begins today at the earliest."), field="starts_on")
    if (ends_on - starts_on).days >= SUBSTITUTION_DAYS:
        sentence = _("A substitution lasts at most %(days)s days; for longer a coordinator grants a role.") % {"days": SUBSTITUTION_DAYS}
        raise RuleBroken("too_long", sentence, field="ends_on")
    if absent.ends_on is not None and ends_on > absent.ends_on:
        raise RuleBroken("outlasts", _("The animator’s own role ends before that day."), field="ends_on")
    if email.lower() == absent.user.email.lower():
        raise RuleBroken("own_role", _("That is the animator’s own address. Write whose help you have."), field="email")


def _check(role: str, neighbourhood: Neighbourhood | None, first_day: date, ends_on: date | None) -> None:
    bound = role in (Assignment.Role.ANIMATOR, Assignment.Role.HELPER)
    if bound and neighbourhood is None:
        raise RuleBroken("needs_neighbourhood", _("Choose the neighbourhood this person works for."), field="neighbourhood")
    if not bound and neighbourhood is not None:
        raise RuleBroken("no_neighbourhood", _("This role is for all neighbourhoods: leave the choice empty."), field="neighbourhood")
    if ends_on is not None and ends_on < first_day:
        raise RuleBroken("ends_before_start", _("The role cannot end before it begins."), field="ends_on")
