"""What those behind an initiative are told: a mail, or a call where there is no e-mail; each person once for each thing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, prefetch_related_objects
from django.utils.translation import gettext_lazy

from active_citizens.core.days import before_quiet
from participants.domain import messages
from participants.models import Message, Person
from projects.domain import calls
from projects.models import Initiative, InitiativeMember

# Nobody on the list waits longer for a call than so.
CALLED_WITHIN = timedelta(days=2)
Status = Initiative.Status
# What a move means for those who wait for it, in one sentence.
MEANING = {
    Status.PLAN: gettext_lazy("The team likes the idea. Now write the plan: step by step, each step is kept."),
    Status.SUBMITTED: gettext_lazy("Your plan has been handed in. We tell you as soon as something happens to it."),
    Status.RETURNED: gettext_lazy("Something is missing in the plan. Complete it and hand it in again."),
    Status.ACCEPTED: gettext_lazy("Your initiative has been chosen. The next step is the agreement."),
    Status.NOT_CHOSEN: gettext_lazy("Your initiative has not been chosen this time. The reasons stand below."),
    Status.AGREEMENT: gettext_lazy("The agreement is being prepared. The team gets in touch about who signs it and whose ground it is."),
    Status.RUNNING: gettext_lazy("Everything is ready: the initiative is running."),
    Status.REPORTING: gettext_lazy("The work is over. Now write the report."),
    Status.FINISHED: gettext_lazy("The initiative is finished. Thank you!"),
    Status.PARTLY_FINISHED: gettext_lazy("The initiative is finished, though not everything came about. Thank you!"),
    Status.WITHDRAWN: gettext_lazy("The initiative has been withdrawn."),
}


@dataclass(frozen=True)
class Occasion:
    """Something to tell about an initiative; ``key`` names it, so that nobody is told twice."""

    initiative: Initiative
    context: Mapping[str, int]
    key: str


def authors_of(initiative: Initiative) -> list[Person]:
    """Those an initiative's news is for: who proposed it and who leads it, each human once."""
    return _authors_of_each([initiative])[initiative.pk]


def _authors_of_each(initiatives: Sequence[Initiative]) -> dict[int, list[Person]]:
    prefetch_related_objects(initiatives, "proposed_by")
    people = {each.pk: [each.proposed_by] if each.proposed_by else [] for each in initiatives}
    leaders = InitiativeMember.objects.filter(initiative__in=people, role=InitiativeMember.Role.LEADER)
    for member in leaders.select_related("person").order_by("pk"):
        people[member.initiative_id].append(member.person)
    return {pk: list({person.contact: person for person in reversed(found)}.values())[::-1] for pk, found in people.items()}


def tell_authors(initiative: Initiative, kind: str, context: Mapping[str, int], *, key: str, at: datetime, rings: bool = True) -> None:
    """Book the letter for everybody behind the initiative, in the transaction of what it tells."""
    tell_authors_of_each([Occasion(initiative, context, key)], kind, at=at, rings=rings)


def tell_authors_of_each(occasions: Sequence[Occasion], kind: str, *, at: datetime, rings: bool = True) -> None:
    """The same for many initiatives, in a number of statements that does not depend on how many there are."""
    authors = _authors_of_each([occasion.initiative for occasion in occasions])
    _tell([(occasion, person) for occasion in occasions for person in authors[occasion.initiative.pk]], kind, at, rings)


def tell(
    people: Iterable[Person], initiative: Initiative, kind: str, context: Mapping[str, int], *, key: str, at: datetime, rings: bool = True
) -> None:
    """Book the letter for each of them; ``key`` names the occasion, so that a second call tells nobody again.

    Without an e-mail somebody rings, unless ``rings`` is off: then the page or the slip has said it already.
    """
    occasion = Occasion(initiative, context, key)
    _tell([(occasion, person) for person in people], kind, at, rings)


def _tell(to_tell: Sequence[tuple[Occasion, Person]], kind: str, at: datetime, rings: bool) -> None:
    keys = {(occasion.key, person.pk): f"{kind}:{occasion.key}:{person.pk}" for occasion, person in to_tell}
    told = set(Message.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    bookings = [
        messages.Booking(person, dict(occasion.context), key)
        for occasion, person in to_tell
        if (key := keys[occasion.key, person.pk]) not in told
    ]
    booked = messages.book_all(kind, bookings, at=at)
    dropped = {message.key for message in booked if message.status == Message.Status.DROPPED}
    to_call = [
        (occasion, person)
        for occasion, person in to_tell
        if rings and person.phone and (not person.email or keys[occasion.key, person.pk] in dropped)
    ]
    if not to_call:
        return
    places, due_at = _first_places(occasion.initiative for occasion, _person in to_call), before_quiet(at + CALLED_WITHIN)
    calls.put_on_list(
        calls.News(person, kind, occasion.context, due_at, None, places.get(occasion.initiative.pk)) for occasion, person in to_call
    )


def _first_places(initiatives: Iterable[Initiative]) -> dict[int, int]:
    """The neighbourhood whose team rings, by the number of the initiative."""
    places = Initiative.neighbourhoods.through.objects.filter(initiative__in={each.pk for each in initiatives})
    return dict(places.values("initiative").values_list("initiative", Min("neighbourhood")))
