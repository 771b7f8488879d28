"""A person's card: everything the account may see of somebody, and nothing else; what is left out by scope is left out here."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from events.admin.mails import state_of, with_bounces
from events.models import AccessRequest, Registration
from events.reasons import reason_of, with_news
from events.rules import manageable_registrations
from events.visibility import visible_calls, visible_messages
from participants import letters
from participants.domain import consents
from participants.models import Consent, ConsentText, Message, Person, PersonMerge, User
from projects.models import CallMatter, Initiative, Membership
from projects.rules import manageable_initiatives, own_neighbourhoods, sees_everywhere

# The page shows so many rows of each kind; older ones stand in their own lists.
SIGN_UPS_SHOWN, MAILS_SHOWN, CALLS_SHOWN = 20, 50, 20


@dataclass
class Card:
    """What the page of one person shows; why somebody needs something is on no card.

    ``lists`` and ``first``, the first sign-up, say where the person is known from.
    """

    homes: list[Membership]
    lists: list[Membership]
    first: Registration | None
    registrations: list[Registration]
    arrangements: list[AccessRequest]
    consents: list[Consent]
    calls: list[CallMatter]
    initiatives: list[Initiative]
    mails: list[Message]
    merges: list[PersonMerge] = field(default_factory=list)


def card_of(person: Person, user: User) -> Card:
    """The card in a constant number of queries, whatever the person has done."""
    own = manageable_registrations(user).filter(person=person)
    return Card(
        homes=list(person.memberships.select_related("neighbourhood")),
        lists=list(_lists(person, user)),
        first=own.select_related("event").order_by("pk").first(),
        registrations=list(own.with_places().order_by("-event__starts_at", "-pk")[:SIGN_UPS_SHOWN]),
        arrangements=list(_arrangements(own)),
        consents=_consents(person, user),
        calls=_calls(person, user),
        initiatives=list(_initiatives(person, user)),
        mails=mails_to(person, user),
        merges=list(_merges(person, user)),
    )


def mails_to(person: Person, user: User) -> list[Message]:
    """The last mails to the person, as far as the account may see them, newest first."""
    found = list(with_bounces(visible_messages(user).filter(person=person)).order_by("-pk")[:MAILS_SHOWN])
    for message in found:
        message.kind, message.state = letters.name_of(message.template), state_of(message)
    return found


def _lists(person: Person, user: User) -> QuerySet[Membership]:
    """The lists from files the person came with, of one's own neighbourhoods."""
    rows = person.memberships.filter(list_import__isnull=False, neighbourhood__in=own_neighbourhoods(user))
    return rows.select_related("list_import__neighbourhood").order_by("list_import")


def _arrangements(own: QuerySet[Registration]) -> QuerySet[AccessRequest]:
    """What to prepare for the person's sign-ups that one manages; the sealed reason is not even read."""
    rows = AccessRequest.objects.filter(registration__in=own).exclude(status=AccessRequest.Status.WITHDRAWN)
    return rows.defer("sealed").select_related("registration__event").order_by("-registration__event__starts_at", "-pk")


def _consents(person: Person, user: User) -> list[Consent]:
    """What the person agrees to: the team needs to know about pictures, the office sees all."""
    everything = sees_everywhere(user)
    return [consent for consent in consents.standing(person) if everything or consent.text.purpose == ConsentText.Purpose.IMAGE]


def _calls(person: Person, user: User) -> list[CallMatter]:
    """What there is to say, and what was said, about the sign-ups the account manages; ``is_rung`` where it makes the call."""
    rows = with_news(CallMatter.objects.filter(person=person)).select_related("task")
    if not sees_everywhere(user):
        rows = rows.filter(about__in=manageable_registrations(user).values("pk"))
    found = list(rows.order_by("settled_at", "due_at", "pk")[:CALLS_SHOWN])
    rung = set(visible_calls(user).filter(pk__in=[matter.task_id for matter in found]).values_list("pk", flat=True))
    for matter in found:
        matter.said, matter.is_rung = reason_of(matter), matter.task_id in rung
    return found


def _initiatives(person: Person, user: User) -> QuerySet[Initiative]:
    of_person: Any = Q(proposed_by=person) | Q(members__person=person)
    return manageable_initiatives(user).filter(of_person).distinct().order_by("title_order", "pk")


def _merges(person: Person, user: User) -> QuerySet[PersonMerge]:
    """The joinings the record came out of, for the office."""
    rows = PersonMerge.objects.standing().filter(kept=person).select_related("gone", "actor").order_by("-at")
    return rows if sees_everywhere(user) else rows.none()
