"""Ideas: taken from anybody in four fields, answered in so many days, joined when two people had the same one."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import first_free, slug_of
from participants.domain.people import person_of
from participants.models import Person, User
from projects.domain import telling, workflow
from projects.models import Initiative, InitiativeMember, Neighbourhood, Project, Support

Status = Initiative.Status
# The first words become the title, which the team and the author may change.
TITLE_LENGTH = 80
# What stands under /inicjatywy/ and is no initiative.
RESERVED = frozenset({"zglos"})
# So often an address is looked for that nobody takes in the same moment.
TRIES = 5
# What is not further than this can still become part of another one.
JOINABLE = frozenset({Status.IDEA, Status.PLAN})


@dataclass(frozen=True)
class Idea:
    """What somebody wants to do, where, who they are and how to reach them: an e-mail, a phone, or neither for an account."""

    what: str
    where: Neighbourhood | None
    who: str
    email: str = ""
    phone: str = ""
    place: str = ""
    language: str = "pl"


def propose(
    idea: Idea,
    project: Project,
    *,
    user: User | None = None,
    person: Person | None = None,
    actor: User | None = None,
    key: UUID | None = None,
    at: datetime | None = None,
) -> Initiative:
    """Take the idea in and tell its author; the same form sent twice is the same idea.

    ``user`` is the account that proposes, ``person`` somebody a member of the team (``actor``) enters it for. Raises
    RuleBroken ``too_many``: so many ideas of one contact wait already (IDEAS_PER_CONTACT).
    """
    now = at or timezone.now()
    if key is not None and (found := Initiative.objects.filter(entry_key=key).first()):
        return found
    for _try in range(TRIES):
        with suppress(IntegrityError), transaction.atomic():
            return _propose(idea, project, _author(idea, user, person, now), actor or user, key, now)
        # Sent twice in one moment: the first has just been taken in. Or two ideas begin alike, and the address is taken.
        if key is not None and (found := Initiative.objects.filter(entry_key=key).first()):
            return found
    raise RuleBroken("busy", _("Too many ideas come in at this moment. Send it once more."))


def _author(idea: Idea, user: User | None, person: Person | None, now: datetime) -> Person:
    """Typing somebody's e-mail never touches an existing person: without an account a new one is made."""
    if person is not None:
        return person
    if user is not None:
        return person_of(user, now)
    channel = Person.Channel.EMAIL if idea.email else Person.Channel.PHONE if idea.phone else Person.Channel.NONE
    return Person(name=idea.who, email=idea.email, phone=idea.phone, language=idea.language, preferred_channel=channel)


def _propose(idea: Idea, project: Project, author: Person, actor: User | None, key: UUID | None, now: datetime) -> Initiative:
    _check_number(author, project)
    if author.pk is None:
        author.save()
    initiative = workflow.start(
        Initiative(
            project=project, kind=Initiative.Kind.GRASSROOTS, slug=free_slug(title_of(idea.what)), title=title_of(idea.what),
            summary=idea.what, place=idea.place, lang=idea.language, proposed_by=author, entry_key=key,
        ),
        actor=actor, at=now,
    )  # fmt: skip
    if idea.where is not None:
        initiative.neighbourhoods.add(idea.where)
    InitiativeMember.objects.create(initiative=initiative, person=author, role=InitiativeMember.Role.LEADER)
    about = {"initiative": initiative.pk}
    telling.tell([author], initiative, "initiative_received", about, key=str(initiative.pk), at=now, rings=False)
    return initiative


def _check_number(author: Person, project: Project) -> None:
    same = Q(proposed_by__email__iexact=author.email) if author.email else Q(proposed_by__phone=author.phone)
    if not (author.email or author.phone):
        return
    waiting = Initiative.objects.filter(same, project=project, status=Status.IDEA).count()
    if waiting >= settings.IDEAS_PER_CONTACT:
        raise RuleBroken("too_many", _("You have given us several ideas already. Wait for the answer to them, or ring us."))


def of_mailbox(email: str) -> QuerySet[Initiative]:
    """What somebody who opened the mailbox is behind: proposed or led by a person of that e-mail; the newest move first."""
    leads = InitiativeMember.objects.filter(role=InitiativeMember.Role.LEADER, person__email__iexact=email).values("initiative")
    found = Initiative.objects.filter(Q(proposed_by__email__iexact=email) | Q(pk__in=leads))
    return found.exclude(joined_to__isnull=False).order_by("-status_since", "pk")


def title_of(what: str) -> str:
    """The first sentence, cut at a word where it is long; a point after a short word is no end: „Ul. Fiołkowa”."""
    first = re.split(r"(?<=\w{4}[.!?…])\s|\n", what.strip(), maxsplit=1)[0].rstrip(".")
    cut = shorten(first, TITLE_LENGTH, placeholder="…")
    title = cut if len(cut) > 1 else Truncator(first).chars(TITLE_LENGTH)
    return title if any(letter.isalnum() for letter in title) else _("New idea")


def free_slug(title: str) -> str:
    """An address made of the title that no other initiative has."""
    return first_free(slug_of(title, 70, "inicjatywa"), lambda slug: slug in RESERVED or Initiative.objects.filter(slug=slug).exists())


def join_twins(gone: Initiative, into: Initiative, *, actor: User, at: datetime | None = None) -> Initiative:
    """Two people had the same idea: one initiative goes on, the other's author and supporters come into it, both are told.

    Locks both in the order of their numbers. Raises RuleBroken ``same``, ``not_joinable``.
    """
    now = at or timezone.now()
    if gone.pk == into.pk:
        raise RuleBroken("same", _("An idea cannot be joined to itself."), field="into")
    with transaction.atomic():
        locked = {each.pk: workflow.lock(each) for each in sorted((gone, into), key=lambda each: each.pk)}
        gone, into = locked[gone.pk], locked[into.pk]
        if gone.status not in JOINABLE or not workflow.next_steps(into):
            raise RuleBroken("not_joinable", _("Only an idea or a plan can be joined, and only to an initiative that still goes on."))
        workflow.carry_out([workflow.Step(gone, Status.WITHDRAWN, _("Joined to “%s”.") % into.title)], actor=actor, at=now, tells=False)
        Initiative.objects.filter(pk=gone.pk).update(joined_to=into)
        known = {person.contact for person in telling.authors_of(into)}
        for person in telling.authors_of(gone):
            if person.contact not in known:
                InitiativeMember.objects.get_or_create(initiative=into, person=person, defaults={"role": InitiativeMember.Role.MEMBER})
        _bring_supporters(gone, into)
        people = {person.contact: person for each in (gone, into) for person in telling.authors_of(each)}
        telling.tell(people.values(), into, "initiative_joined", {"initiative": gone.pk}, key=str(gone.pk), at=now)
    gone.joined_to = into
    return gone


def _bring_supporters(gone: Initiative, into: Initiative) -> None:
    """Whoever was for both is counted once."""
    new = gone.supports.exclude(person__in=into.supports.values("person"))
    new.update(initiative=into)
    Support.objects.filter(initiative=gone).delete()
    if gone.paper_supporters:
        into.paper_supporters += gone.paper_supporters
        into.save(update_fields=["paper_supporters", "updated_at"])
