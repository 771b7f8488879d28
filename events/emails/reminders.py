"""The reminder of an event that starts soon."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.emails.frame import letter_about, needs, registration_of
from events.models import Seat
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message


@letter("event_reminder", name=gettext_lazy("reminder"))
def reminder(message: Message) -> Letter:
    """When, where, for whom, and how to give the place back; nothing when the plan changed since or the event has begun."""
    registration = registration_of(message)
    event = registration.event
    if not event.is_published or event.starts_at != datetime.fromisoformat(message.context["starts_at"]):
        raise NoLongerNeeded("the event was called off or moved")
    if event.starts_at <= timezone.now():
        raise NoLongerNeeded("the event has begun")
    needs(registration, Seat.Status.CONFIRMED)
    made = letter_about(registration, _("A reminder: %(event)s"))
    made.context["seats"] = [seat for seat in registration.seats.all() if seat.status == Seat.Status.CONFIRMED]
    return made
