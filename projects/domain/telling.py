"""What those behind an initiative are told: a mail, or a call where there is no e-mail; each person once for each thing."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from active_citizens.core.days import before_quiet
from participants.domain import messages
from participants.models import Message, Person
from projects.domain import calls
from projects.models import Initiative, InitiativeMember

# Nobody on the list waits longer for a call than so.
CALLED_WITHIN = timedelta(days=2)


def authors_of(initiative: Initiative) -> list[Person]:
    """Those an initiative's news is for: who proposed it and who leads it, each human once."""
    leaders = initiative.members.filter(role=InitiativeMember.Role.LEADER).select_related("person").order_by("pk")
    people = [*([initiative.proposed_by] if initiative.proposed_by else []), *(member.person for member in leaders)]
    return list({person.contact: person for person in reversed(people)}.values())[::-1]


def tell_authors(initiative: Initiative, kind: str, context: Mapping[str, int], *, key: str, at: datetime) -> None:
    """Book the letter for everybody behind the initiative, in the transaction of what it tells."""
    tell(authors_of(initiative), initiative, kind, context, key=key, at=at)


def tell(
    people: Iterable[Person], initiative: Initiative, kind: str, context: Mapping[str, int], *, key: str, at: datetime, rings: bool = True
) -> None:
    """Book the letter for each of them; ``key`` names the occasion, so that a second call tells nobody again.

    Without an e-mail somebody rings, unless ``rings`` is off: then the page or the slip has said it already.
    """
    place = initiative.neighbourhoods.order_by("pk").first()
    to_call = []
    for person in people:
        message = messages.book(kind, person, dict(context), key=f"{kind}:{key}:{person.pk}", at=at)
        unreached = not person.email or (message is not None and message.status == Message.Status.DROPPED)
        if rings and unreached and person.phone:
            due_at = before_quiet(at + CALLED_WITHIN)
            to_call.append(calls.News(person, kind, context, due_at, None, place.pk if place else None))
    calls.put_on_list(to_call)
