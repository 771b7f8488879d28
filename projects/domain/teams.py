"""Who is behind an initiative: its team, its partner organisations, and those who are for it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.domain.people import person_of
from participants.models import Organisation, Person, User
from projects.domain import telling, workflow
from projects.models import Initiative, InitiativeMember, Partnership, Support
from projects.models.initiatives import new_own_key

Status, Role = Initiative.Status, InitiativeMember.Role
# From the choice till the work is over; before, support stands on paper lists, afterwards it changes nothing.
SUPPORTABLE = frozenset({Status.ACCEPTED, Status.AGREEMENT, Status.RUNNING})


def take_in(initiative: Initiative, name: str, *, email: str = "", phone: str = "", role: str = Role.MEMBER) -> InitiativeMember:
    """Take somebody into the team by name and contact; typing an e-mail never touches an existing person. Locks the initiative.

    Raises RuleBroken ``in_team``: somebody of that contact is in it already.
    """
    person = Person(name=name, email=email, phone=phone)
    person.preferred_channel = Person.Channel.EMAIL if email else Person.Channel.PHONE if phone else Person.Channel.NONE
    with transaction.atomic():
        locked = workflow.lock(initiative)
        known = {member.person.contact for member in locked.members.select_related("person")}
        if (email or phone) and person.contact in known:
            raise RuleBroken("in_team", _("Somebody with that contact is in the team already."), field="contact")
        person.save()
        return InitiativeMember.objects.create(initiative=locked, person=person, role=role)


def let_go(member: InitiativeMember) -> None:
    """Take somebody off the team; whoever led or proposed it loses the page, whose key is renewed. Locks the initiative.

    The leaders who stay hear of it; gone already, nothing happens. Raises RuleBroken ``last_leader``: somebody must lead it.
    """
    with transaction.atomic():
        initiative = workflow.lock(member.initiative)
        # The role may have changed hands since the page was opened.
        standing = initiative.members.filter(pk=member.pk).first()
        if standing is None:
            return
        leads = standing.role == Role.LEADER
        if leads and initiative.members.filter(role=Role.LEADER).count() < 2:
            raise RuleBroken("last_leader", _("Somebody must lead the initiative: hand it over to somebody else first."))
        standing.delete()
        if leads or initiative.proposed_by_id == standing.person_id:
            _close_the_page(initiative, standing.person_id)


def _close_the_page(initiative: Initiative, gone: int) -> None:
    """Whoever left keeps no way in: the key is another one, and the idea counts as that of whoever leads."""
    leads = initiative.members.filter(role=Role.LEADER).select_related("person").order_by("pk").first()
    if initiative.proposed_by_id == gone:
        initiative.proposed_by = leads.person if leads else None
    initiative.own_key = new_own_key()
    initiative.save(update_fields=["own_key", "proposed_by", "updated_at"])
    about = {"initiative": initiative.pk}
    # Whoever has no e-mail has no use for a link: nobody rings.
    people = telling.authors_of(initiative)
    telling.tell(people, initiative, "initiative_key_renewed", about, key=initiative.own_key[:8], at=timezone.now(), rings=False)


def join_partner(initiative: Initiative, organisation: Organisation, role: str) -> Partnership:
    """Note what an organisation is to the initiative. Locks the initiative. Raises RuleBroken ``is_partner``: it has that role already."""
    with transaction.atomic():
        locked = workflow.lock(initiative)
        partnership, made = Partnership.objects.get_or_create(initiative=locked, organisation=organisation, role=role)
        if not made:
            raise RuleBroken("is_partner", _("This organisation has that role already."), field="organisation")
    return partnership


def support(initiative: Initiative, user: User, at: datetime | None = None) -> Support:
    """Count the account among those who are for it; once more changes nothing. Locks the initiative.

    Raises RuleBroken ``not_supportable``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        locked = workflow.lock(initiative)
        if locked.status not in SUPPORTABLE:
            raise RuleBroken("not_supportable", _("On-line support is counted from the choice until the work is over."))
        made, _new = Support.objects.get_or_create(initiative=locked, person=person_of(user, now), defaults={"at": now})
    return made


def take_back_support(initiative: Initiative, user: User) -> None:
    """Take the account out of the number again."""
    Support.objects.filter(initiative=initiative, person__user=user).delete()


def supporters(initiative: Initiative) -> int:
    """How many are for it, on-line and on paper: a number, never names."""
    return initiative.supports.count() + initiative.paper_supporters
