"""The letters about a sign-up, from "confirm" to "cancelled"."""

from django.utils.translation import gettext as _

from events.emails.frame import letter_about, needs, registration_of
from events.models import Seat
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


@letter("registration_cancelled")
def cancelled(message: Message) -> Letter:
    return letter_about(registration_of(message), _("Your sign-up has been cancelled: %(event)s"))


@letter("event_cancelled")
def event_cancelled(message: Message) -> Letter:
    return letter_about(registration_of(message), _("The event has been cancelled: %(event)s"), with_calendar=True)


@letter("registration_again")
def again(message: Message) -> Letter:
    """Somebody, perhaps the same person, typed this address again: the link to what there is, and nothing new."""
    return letter_about(registration_of(message), _("You are already signed up: %(event)s"))
