"""Who may what on the programme's floor: role × neighbourhood × date. Lists and predicates must agree."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from participants.models import User
from projects.models import Assignment, Initiative, InitiativeMember, LeaderProfile, Milestone, Neighbourhood, Question, TakeDown
from projects.models.initiatives import InitiativeQuerySet

Role = Assignment.Role
EVERYWHERE = (Role.OFFICER, Role.COORDINATOR)
# Moves that decide about somebody's idea are the office's; the team prepares them and runs what was accepted.
DECISIONS = frozenset({Initiative.Status.RETURNED, Initiative.Status.ACCEPTED, Initiative.Status.NOT_CHOSEN, Initiative.Status.AGREEMENT})
# What those behind an initiative do themselves: hand in, take back, end the work and report.
AUTHORS_MAY = frozenset({Initiative.Status.SUBMITTED, Initiative.Status.WITHDRAWN, Initiative.Status.REPORTING})


def roles(user: User, on: date | None = None) -> set[str]:
    """The roles in force; asked once per account object and day, since every page of the panel asks."""
    return {role for role, _neighbourhood in _live(user, on)}


def _live(user: User, on: date | None = None) -> list[tuple[str, int | None]]:
    if not user.is_authenticated or not user.is_active:
        return []
    cached: dict[date | None, list[tuple[str, int | None]]] = user.__dict__.setdefault("_live_assignments", {})
    if on not in cached:
        cached[on] = list(Assignment.objects.live(on).filter(user=user).values_list("role", "neighbourhood_id"))
    return cached[on]


def is_staff(user: User, on: date | None = None) -> bool:
    """Whether the panel opens at all: some role that works there is in force."""
    return bool(roles(user, on) & {Role.ANIMATOR, Role.OFFICER, Role.COORDINATOR})


def sees_everywhere(user: User, on: date | None = None) -> bool:
    return bool(roles(user, on) & set(EVERYWHERE))


def is_coordinator(user: User, on: date | None = None) -> bool:
    return Role.COORDINATOR in roles(user, on)


def runs(user: User, neighbourhood: Neighbourhood, on: date | None = None) -> bool:
    """Whether the account works for the neighbourhood: as its animator, or for all of them."""
    return sees_everywhere(user, on) or (Role.ANIMATOR, neighbourhood.pk) in _live(user, on)


def own_neighbourhoods(user: User, on: date | None = None) -> QuerySet[Neighbourhood]:
    """The list to go with ``runs``."""
    if sees_everywhere(user, on):
        return Neighbourhood.objects.all()
    return Neighbourhood.objects.filter(pk__in=[place for role, place in _live(user, on) if role == Role.ANIMATOR])


def runs_any(user: User, neighbourhoods: Iterable[Neighbourhood], on: date | None = None) -> bool:
    """Whether the account works for at least one of them, or for all."""
    return sees_everywhere(user, on) or any(runs(user, neighbourhood, on) for neighbourhood in neighbourhoods)


def may_manage_initiative(user: User, initiative: Initiative, on: date | None = None) -> bool:
    return runs_any(user, initiative.neighbourhoods.all(), on)


def may_promise(user: User, initiative: Initiative, owner: str, on: date | None = None) -> bool:
    """Whether the account may give, keep or put off a promise of that owner: the office speaks for itself, for others whoever manages."""
    if owner == Milestone.Owner.OFFICE:
        return sees_everywhere(user, on)
    return may_manage_initiative(user, initiative, on)


def promise_owners(user: User, initiative: Initiative, on: date | None = None) -> list[str]:
    """The list to go with ``may_promise``."""
    return [owner for owner in Milestone.Owner.values if may_promise(user, initiative, owner, on)]


def may_move(user: User, initiative: Initiative, to: str, on: date | None = None) -> bool:
    """Whether the account may move the initiative there: authors hand in, animators run it, the office decides (design, section 6)."""
    if sees_everywhere(user, on):
        return True
    if to not in DECISIONS and may_manage_initiative(user, initiative, on):
        return True
    return to in AUTHORS_MAY and is_author(user, initiative)


def is_author(user: User, initiative: Initiative) -> bool:
    """Whether the account is behind the initiative: it proposed it, or leads it."""
    if not user.is_authenticated or not user.is_active:
        return False
    leads = initiative.members.filter(role=InitiativeMember.Role.LEADER, person__user=user)
    return bool(initiative.proposed_by and initiative.proposed_by.user_id == user.pk) or leads.exists()


def authored_initiatives(user: User) -> QuerySet[Initiative]:
    """The list to go with ``is_author``."""
    if not user.is_authenticated or not user.is_active:
        return Initiative.objects.none()
    leads = InitiativeMember.objects.filter(role=InitiativeMember.Role.LEADER, person__user=user.pk).values("initiative")
    return Initiative.objects.filter(Q(proposed_by__user=user.pk) | Q(pk__in=leads))


def manageable_initiatives(user: User, on: date | None = None) -> InitiativeQuerySet:
    """The list to go with ``may_manage_initiative``."""
    if sees_everywhere(user, on):
        return Initiative.objects.all()
    return Initiative.objects.filter(pk__in=Initiative.neighbourhoods.through.objects.filter(
        neighbourhood__in=own_neighbourhoods(user, on)).values("initiative"))  # fmt: skip


def may_manage_leader(user: User, profile: LeaderProfile, on: date | None = None) -> bool:
    """Whether the account looks after the leader's page: it works for one of the neighbourhoods the leader named."""
    return runs_any(user, profile.neighbourhoods.all(), on)


def manageable_leaders(user: User, on: date | None = None) -> QuerySet[LeaderProfile]:
    """The list to go with ``may_manage_leader``."""
    if sees_everywhere(user, on):
        return LeaderProfile.objects.all()
    return LeaderProfile.objects.filter(
        pk__in=LeaderProfile.neighbourhoods.through.objects.filter(neighbourhood__in=own_neighbourhoods(user, on)).values("leaderprofile")
    )


def may_moderate(user: User, question: Question, on: date | None = None) -> bool:
    """Whether the account looks at what was asked about the initiative, and answers."""
    return is_staff(user, on) and may_manage_initiative(user, question.initiative, on)


def manageable_questions(user: User, on: date | None = None) -> QuerySet[Question]:
    """The list to go with ``may_moderate``."""
    if sees_everywhere(user, on):
        return Question.objects.all()
    return Question.objects.filter(initiative__in=manageable_initiatives(user, on))


def may_grant_roles(user: User, on: date | None = None) -> bool:
    return is_coordinator(user, on)


def may_substitute(user: User, on: date | None = None) -> bool:
    """Whether the account may let somebody stand in for an animator: the office fills gaps, it does not staff the team."""
    return sees_everywhere(user, on)


def may_write_programme(user: User, on: date | None = None) -> bool:
    """Project, stages, neighbourhoods, texts, retention: the coordinator's desk."""
    return is_coordinator(user, on)


def may_prepare_results(user: User, on: date | None = None) -> bool:
    """What a call comes to is the office's to prepare and to publish."""
    return sees_everywhere(user, on)


def may_write_answers(user: User, on: date | None = None) -> bool:
    """Prepared answers are written by the office; the whole team begins from them."""
    return sees_everywhere(user, on)


def may_record_vetting(user: User, on: date | None = None) -> bool:
    """Looking somebody up in the register is the office's (GDPR-16)."""
    return sees_everywhere(user, on)


def may_read_take_downs(user: User, on: date | None = None) -> bool:
    """The journal of what was taken down, and why, is the office's."""
    return sees_everywhere(user, on)


def may_restore(user: User, act: TakeDown, on: date | None = None) -> bool:
    """What an animator took down they may show again; what others did, the office decides."""
    return sees_everywhere(user, on) or (is_staff(user, on) and act.actor_id == user.pk)


def accounts_to_lead(user: User, on: date | None = None) -> QuerySet[User]:
    """Whom the account may name as leading an event: itself and the animators of its own neighbourhoods."""
    animators = Assignment.objects.live(on).filter(role=Role.ANIMATOR, neighbourhood__in=own_neighbourhoods(user, on))
    return User.objects.filter(Q(pk=user.pk) | Q(pk__in=animators.values("user")))


def accounts_to_review(initiative: Initiative, on: date | None = None) -> QuerySet[User]:
    """Who may see to an initiative: the office, and the animators of its neighbourhoods, with a role in force."""
    animators = Q(role=Role.ANIMATOR, neighbourhood__in=initiative.neighbourhoods.all())
    found = Assignment.objects.live(on).filter(Q(role__in=EVERYWHERE) | animators)
    return User.objects.filter(pk__in=found.values("user"), is_active=True)
