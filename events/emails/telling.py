"""What contacts are told about their sign-ups: a mail to those with an e-mail, a call to those with a phone only."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from events.models import Registration, Seat
from participants.domain import messages
from projects.models import CallTask

# News that cannot wait till the person rings; the rest they heard on the phone or at the counter.
CALLED_ABOUT = frozenset({"registration_held", "registration_promoted", "event_cancelled"})


def tell_registered(registration: Registration, seats: Iterable[Seat], at: datetime) -> None:
    """Book the answer to a fresh sign-up: held, waiting or confirmed."""
    statuses = {seat.status for seat in seats}
    if Seat.Status.HELD in statuses:
        tell(registration, "registration_held", at)
    elif Seat.Status.WAITING in statuses:
        tell(registration, "registration_waiting", at)
    else:
        tell(registration, "registration_confirmed", at)


def tell(registration: Registration, kind: str, at: datetime) -> None:
    """Book the message, or the call in its place, in the transaction of what it tells."""
    person = registration.person
    if person.email:
        messages.book(kind, person, {"registration": registration.pk}, at=at)
    elif person.phone and kind in CALLED_ABOUT:
        CallTask.objects.get_or_create(
            person=person,
            reason=kind,
            context={"registration": registration.pk},
            done_at=None,
            defaults={"neighbourhood": registration.event.neighbourhoods.first(), "due_at": _call_before(registration, at)},
        )


def _call_before(registration: Registration, at: datetime) -> datetime:
    """By when somebody should ring: within the time others have for their mail, at the latest before the event."""
    return min(at + timedelta(hours=settings.HOLD_HOURS), registration.event.starts_at)


def ask_to_call(registration: Registration) -> None:
    """Put the person on the call list: somebody typed this number again, and only a call can tell who."""
    CallTask.objects.get_or_create(
        person=registration.person,
        reason="registration_again",
        context={"registration": registration.pk},
        done_at=None,
        defaults={"neighbourhood": registration.event.neighbourhoods.first(), "due_at": registration.event.starts_at},
    )


def drop_calls(registration: Registration, at: datetime) -> None:
    """Take the registration's open calls off the list: there is nothing left to say."""
    open_calls = CallTask.objects.open().filter(context={"registration": registration.pk})
    open_calls.update(done_at=at, outcome=CallTask.Outcome.DROPPED)
