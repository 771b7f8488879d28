"""The letters about a sign-up, from "confirm" to "cancelled"."""

from django.utils import timezone
from django.utils.translation import gettext as _

from events import links
from events.emails.frame import letter_about, needs, registration_of, reply_to
from events.models import Registration, Seat
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message


@letter("registration_held")
def held(message: Message) -> Letter:
    registration = registration_of(message)
    needs(registration, Seat.Status.HELD)
    return letter_about(registration, _("Confirm your place: %(event)s"))


@letter("registration_waiting")
def waiting(message: Message) -> Letter:
    registration = registration_of(message)
    needs(registration, Seat.Status.WAITING)
    return letter_about(registration, _("You are on the waiting list: %(event)s"))


@letter("registration_confirmed")
def confirmed(message: Message) -> Letter:
    registration = registration_of(message)
    needs(registration, Seat.Status.CONFIRMED)
    return letter_about(registration, _("You have a place: %(event)s"), with_calendar=True)


@letter("registration_promoted")
def promoted(message: Message) -> Letter:
    registration = registration_of(message)
    if not any(seat.status in (Seat.Status.CONFIRMED, Seat.Status.HELD) for seat in registration.seats.all()):
        raise NoLongerNeeded("the place was given back")
    return letter_about(registration, _("A place has come free for you: %(event)s"), with_calendar=True)


@letter("registration_offered")
def offered(message: Message) -> Letter:
    """The question whether they come: with the time to answer, and a way to say no at once."""
    registration = registration_of(message)
    if not any(seat.held_for == Seat.HeldFor.OFFER for seat in registration.seats.all()):
        raise NoLongerNeeded("the offer has been answered or has ended")
    return letter_about(registration, _("A place is waiting for your answer: %(event)s"))


@letter("registration_first_answer")
def first_answer(message: Message) -> Letter:
    registration = registration_of(message)
    needs(registration, Seat.Status.WAITING)
    return letter_about(registration, _("A place is free, whoever answers first gets it: %(event)s"))


@letter("registration_lapsed")
def lapsed(message: Message) -> Letter:
    registration = registration_of(message)
    needs(registration, Seat.Status.LAPSED)
    return letter_about(registration, _("The time to answer is over: %(event)s"))


@letter("registration_in_draw")
def in_draw(message: Message) -> Letter:
    registration = registration_of(message)
    needs(registration, Seat.Status.WAITING)
    return letter_about(registration, _("You are in the draw: %(event)s"))


@letter("registration_not_drawn")
def not_drawn(message: Message) -> Letter:
    registration = registration_of(message)
    needs(registration, Seat.Status.WAITING)
    return letter_about(registration, _("You are on the waiting list after the draw: %(event)s"))


@letter("registration_changed")
def changed(message: Message) -> Letter:
    registration = registration_of(message)
    if registration.closed_at is not None:
        raise NoLongerNeeded("the sign-up has been cancelled since")
    return letter_about(registration, _("Your sign-up has changed: %(event)s"))


@letter("registration_guardian")
def guardian_is_asked(message: Message) -> Letter:
    """To the young person: the guardian has been asked."""
    registration = registration_of(message)
    if not registration.awaits_guardian:
        raise NoLongerNeeded("the guardian has agreed")
    return letter_about(registration, _("We have asked your guardian: %(event)s"))


@letter("guardian_asked")
def guardian_asked(message: Message) -> Letter:
    """To the guardian of somebody of 16 or 17: who signed up for what, and a link that agrees or refuses."""
    registration = registration_of(message)
    if not registration.awaits_guardian or registration.closed_at is not None:
        raise NoLongerNeeded("the guardian has answered, or the sign-up is gone")
    built = letter_about(registration, _("Your agreement is needed: %(event)s"))
    built.context["guardian_url"] = links.guardian_url(registration)
    return built


@letter("registration_cancelled")
def cancelled(message: Message) -> Letter:
    return letter_about(registration_of(message), _("Your sign-up has been cancelled: %(event)s"))


@letter("event_cancelled")
def event_cancelled(message: Message) -> Letter:
    return letter_about(registration_of(message), _("The event has been cancelled: %(event)s"), with_calendar=True)


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
    return Letter(_("Your sign-ups"), {"found": found, "project": project}, reply_to=reply_to(project))


@letter("registration_again")
def again(message: Message) -> Letter:
    """Somebody, perhaps the same person, typed this address again: the link to what there is, and nothing new."""
    return letter_about(registration_of(message), _("You are already signed up: %(event)s"))
