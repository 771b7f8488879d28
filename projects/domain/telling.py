"""What those behind an initiative are told: a mail, or a call where there is no e-mail; each person once for each thing."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

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


def authors_of(initiative: Initiative) -> list[Person]:
    """Those an initiative's news is for: who proposed it and who leads it, each human once."""
    leaders = initiative.members.filter(role=InitiativeMember.Role.LEADER).select_related("person").order_by("pk")
    people = [*([initiative.proposed_by] if initiative.proposed_by else []), *(member.person for member in leaders)]
    return list({person.contact: person for person in reversed(people)}.values())[::-1]


def tell_authors(initiative: Initiative, kind: str, context: Mapping[str, int], *, key: str, at: datetime, rings: bool = True) -> None:
    """Book the letter for everybody behind the initiative, in the transaction of what it tells."""
    tell(authors_of(initiative), initiative, kind, context, key=key, at=at, rings=rings)


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
