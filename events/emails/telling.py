"""What contacts are told about their sign-ups: a mail to those with an e-mail, a call to those with a phone only."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings

from active_citizens.core.days import before_quiet
from events.models import Event, Registration, Seat
from participants.domain import messages
from participants.models import Message, Person
from projects.domain import calls
from projects.models import CallMatter, Membership

# The one question that goes to somebody else than the contact.
TO_GUARDIAN = "guardian_asked"
# News that cannot wait till the person rings; the rest they heard on the phone or at the counter.
CALLED_ABOUT = frozenset({
    "registration_held", "registration_promoted", "registration_offered", "registration_first_answer", TO_GUARDIAN,
    "event_cancelled", "event_moved",
})  # fmt: skip
ABOUT_PLACES = CALLED_ABOUT | {"registration_again"}
URGENT = frozenset({"registration_offered", "registration_promoted", "registration_first_answer", "event_cancelled", "event_moved"})


def tell_registered(registration: Registration, seats: Iterable[Seat], at: datetime) -> None:
    """Book the answer to a fresh sign-up: what it waits for, or that it is certain; and the question to a guardian."""
    held_for = {seat.held_for for seat in seats}
    statuses = {seat.status for seat in seats}
    if registration.awaits_guardian:
        ask_guardian(registration, at)
    if Seat.HeldFor.GUARDIAN in held_for:
        tell(registration, "registration_guardian", at)
    elif Seat.Status.HELD in statuses:
        tell(registration, "registration_held", at)
    elif registration.event.waits_for_draw:
        tell(registration, "registration_in_draw", at)
    elif Seat.Status.WAITING in statuses:
        tell(registration, "registration_waiting", at)
    else:
        tell(registration, "registration_confirmed", at)


def tell(registration: Registration, kind: str, at: datetime, *, due_at: datetime | None = None) -> None:
    """Book the message, or the call in its place, in the transaction of what it tells."""
    _book_or_call(registration, registration.person, kind, at, due_at)


def ask_guardian(registration: Registration, at: datetime) -> None:
    """Ask the guardian of a young person who signed up alone to agree: by mail, else by phone."""
    if registration.guardian is not None:
        _book_or_call(registration, registration.guardian, TO_GUARDIAN, at)


def call_for_answers(registrations: Iterable[Registration], event: Event, occasion: str, at: datetime, due_at: datetime) -> None:
    """Tell the whole queue that a place goes to whoever answers first; once for each occasion, in three statements."""
    kind, waiting = "registration_first_answer", list(registrations)
    bookings = {
        registration.pk: messages.Booking(registration.person, {"registration": registration.pk}, f"first:{registration.pk}:{occasion}")
        for registration in waiting
        if registration.person.email
    }
    if bookings and Message.objects.filter(key=next(iter(bookings.values())).key).exists():
        return
    booked = messages.book_all(kind, bookings.values(), at=due_at, priority=Message.Priority.URGENT)
    mailed = {message.context["registration"] for message in booked if message.status != Message.Status.DROPPED}
    called = [registration for registration in waiting if registration.pk not in mailed and registration.person.phone]
    callers = callers_of(event, [registration.person for registration in called])
    calls.put_on_list(
        calls.News(
            registration.person, kind, {"registration": registration.pk}, event.starts_at, event.starts_at,
            callers[registration.person.pk],
        )
        for registration in called
    )  # fmt: skip


def ask_to_call(registration: Registration) -> None:
    """Put the person on the call list: somebody typed this number again, and only a call can tell who."""
    _put_on_call_list(registration, registration.person, "registration_again", registration.event.starts_at)


def drop_calls(registration: Registration, at: datetime, *, whole: bool = False) -> None:
    """Take what the contact was to be called about off the list; ``whole``: also messages of the team and access needs."""
    about = CallMatter.objects.filter(context__registration=registration.pk).exclude(reason=TO_GUARDIAN)
    calls.drop(about if whole else about.filter(reason__in=ABOUT_PLACES), at)


def drop_guardian_calls(registration: Registration, at: datetime) -> None:
    """Take the question to the guardian off the list."""
    calls.drop(CallMatter.objects.filter(context={"registration": registration.pk}, reason=TO_GUARDIAN), at)


def _book_or_call(registration: Registration, person: Person, kind: str, at: datetime, due_at: datetime | None = None) -> None:
    """A mail; a call instead where there is no e-mail, or none that mails arrive at."""
    priority = Message.Priority.URGENT if kind in URGENT else Message.Priority.ORDINARY
    message = messages.book(kind, person, {"registration": registration.pk}, at=at, due_at=due_at, priority=priority)
    unreached = message is None or message.status == Message.Status.DROPPED
    if unreached and person.phone and kind in CALLED_ABOUT:
        # Nobody rings at night, so the call is due in the evening before.
        due_at = max(at, before_quiet(at + timedelta(hours=settings.HOLD_HOURS)))
        _put_on_call_list(registration, person, kind, min(due_at, registration.event.starts_at))


def _put_on_call_list(registration: Registration, person: Person, reason: str, due_at: datetime) -> None:
    caller, starts_at = callers_of(registration.event, [person])[person.pk], registration.event.starts_at
    calls.put_on_list([calls.News(person, reason, {"registration": registration.pk}, due_at, starts_at, caller)])


def callers_of(event: Event, people: Sequence[Person]) -> dict[int, int | None]:
    """For each person the neighbourhood whose team rings: their own where the event is its too, else the event's first."""
    estates = list(event.neighbourhoods.order_by("pk").values_list("pk", flat=True))
    first = estates[0] if estates else None
    homes = Membership.objects.filter(person__in=people, neighbourhood__in=estates).values_list("person_id", "neighbourhood_id")
    return {person.pk: first for person in people} | dict(homes)
