"""What contacts are told about their sign-ups: a mail to those with an e-mail, a call to those with a phone only."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from events import calendars, links
from events.models import Registration, Seat
from participants.domain import messages
from participants.letters import Attachment, Letter, NoLongerNeeded, letter
from participants.models import Message
from projects.models import CallTask, Project

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


def _registration(message: Message) -> Registration:
    registration = Registration.objects.with_places().filter(pk=message.context["registration"]).first()
    if registration is None:
        raise NoLongerNeeded("the sign-up is gone")
    return registration


def _letter(registration: Registration, subject: str, *, with_calendar: bool = False) -> Letter:
    event = registration.event
    seats = [seat for seat in registration.seats.all() if seat.is_live]
    attachments = []
    if with_calendar:
        attachments = [Attachment("wydarzenie.ics", calendars.calendar([event], event.title), "text/calendar; charset=utf-8")]
    context = {
        "registration": registration,
        "event": event,
        "project": event.project,
        "seats": seats,
        "held_until": next((seat.held_until for seat in seats if seat.held_until), None),
        "url": links.registration_url(registration),
    }
    return Letter(subject % {"event": event.title}, context, attachments, _reply_to(event.project))


def _reply_to(project: Project) -> list[str]:
    """Answers go to the programme's mailbox, when it has one."""
    return [project.contact_email] if project.contact_email else []


def _needs(registration: Registration, status: str) -> None:
    if not any(seat.status == status for seat in registration.seats.all()):
        raise NoLongerNeeded(f"no seat is {status} any more")


@letter("registration_held")
def held(message: Message) -> Letter:
    registration = _registration(message)
    _needs(registration, Seat.Status.HELD)
    return _letter(registration, _("Confirm your place: %(event)s"))


@letter("registration_waiting")
def waiting(message: Message) -> Letter:
    registration = _registration(message)
    _needs(registration, Seat.Status.WAITING)
    return _letter(registration, _("You are on the waiting list: %(event)s"))


@letter("registration_confirmed")
def confirmed(message: Message) -> Letter:
    registration = _registration(message)
    _needs(registration, Seat.Status.CONFIRMED)
    return _letter(registration, _("You have a place: %(event)s"), with_calendar=True)


@letter("registration_promoted")
def promoted(message: Message) -> Letter:
    registration = _registration(message)
    if not any(seat.status in (Seat.Status.CONFIRMED, Seat.Status.HELD) for seat in registration.seats.all()):
        raise NoLongerNeeded("the place was given back")
    return _letter(registration, _("A place has come free for you: %(event)s"), with_calendar=True)


@letter("registration_cancelled")
def cancelled(message: Message) -> Letter:
    return _letter(_registration(message), _("Your sign-up has been cancelled: %(event)s"))


@letter("event_cancelled")
def event_cancelled(message: Message) -> Letter:
    return _letter(_registration(message), _("The event has been cancelled: %(event)s"), with_calendar=True)


@letter("registration_link")
def link(message: Message) -> Letter:
    """The answer to "send me my link again": every live sign-up of the address, each with its own link."""
    at = timezone.now() - links.LINK_OUTLIVES_EVENT
    own = Registration.objects.with_places().live().filter(contact=message.recipient.lower(), event__ends_at__gte=at)
    registrations = list(own.order_by("event__starts_at"))
    if not registrations:
        raise NoLongerNeeded("nothing is signed up under this address any more")
    found = [{"registration": registration, "url": links.registration_url(registration)} for registration in registrations]
    project = registrations[0].event.project
    return Letter(_("Your sign-ups"), {"found": found, "project": project}, reply_to=_reply_to(project))


@letter("registration_again")
def again(message: Message) -> Letter:
    """Somebody, perhaps the same person, typed this address again: the link to what there is, and nothing new."""
    return _letter(_registration(message), _("You are already signed up: %(event)s"))
