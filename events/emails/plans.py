"""News that a plan broke: booked for everybody of an event at once, ahead of all other mail."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from events.emails.frame import letter_about, registration_of
from events.emails.telling import TO_GUARDIAN, callers_of
from events.models import EventChange, Registration, Seat
from events.reasons import ASKING
from participants.domain import messages
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message
from projects.domain import calls
from projects.models import CallMatter

# However near the old start is, somebody needs so long to make the call.
CALL_TAKES = timedelta(minutes=15)


@letter("event_moved")
def moved(message: Message) -> Letter:
    """The old and the new date, and what became of the place; news a later change has overtaken is not sent."""
    registration = registration_of(message)
    event = registration.event
    seats = [seat for seat in registration.seats.all() if seat.is_live]
    change = event.changes.select_related("venue_before").first()
    if change is None or change.pk != message.context["change"] or change.kind != EventChange.Kind.MOVED or not seats:
        raise NoLongerNeeded("the event was called off or moved again, or the sign-up is cancelled")
    known = _known_before(registration, change)
    new_date = known.starts_before != event.starts_at or known.ends_before != event.ends_at
    new_venue = known.venue_before_id != event.venue_id
    if not new_date and not new_venue:
        raise NoLongerNeeded("the event is back at the date the person knows")
    subject = _("New date: %(event)s") if new_date else _("New place: %(event)s")
    made = letter_about(registration, subject, with_calendar=True)
    statuses = {seat.status for seat in seats}
    standing = next((status for status in (Seat.Status.HELD, Seat.Status.CONFIRMED) if status in statuses), Seat.Status.WAITING)
    made.context.update(change=change, known=known, new_date=new_date, new_venue=new_venue, standing=standing.value)
    return made


def _known_before(registration: Registration, change: EventChange) -> EventChange:
    """The first change the contact has not been told of: the date before it is the one they wrote down."""
    told = Message.objects.filter(template="event_moved", status=Message.Status.SENT, context__registration=registration.pk)
    last = max((row["change"] for row in told.values_list("context", flat=True)), default=0)
    news = change.event.changes.filter(kind=EventChange.Kind.MOVED, pk__gt=last, at__gte=registration.created_at)
    return news.select_related("venue_before").order_by("pk").first() or change


def tell_change(change: EventChange, registrations: Sequence[Registration], at: datetime) -> None:
    """Book a mail, or a call where no mail arrives, for each contact; a handful of statements whatever their number.

    Nobody is asked twice about one event: see ``_asked_anyway``.
    """
    kind = f"event_{change.kind}"
    extra = {"change": change.pk} if change.kind == EventChange.Kind.MOVED else {}
    booked = messages.book_all(
        kind,
        [messages.Booking(registration.person, {"registration": registration.pk} | extra) for registration in registrations],
        priority=Message.Priority.URGENT,
        at=at,
    )
    mailed = {message.person_id for message in booked if message.status == Message.Status.QUEUED}
    spoken = _asked_anyway(change, registrations, at)
    to_call = [each for each in registrations if each.person.phone and each.person_id not in mailed and each.pk not in spoken]
    callers = callers_of(change.event, [registration.person for registration in to_call])
    before = _call_before(change, at)
    calls.put_on_list(
        calls.News(registration.person, kind, {"registration": registration.pk}, before, before, callers[registration.person_id])
        for registration in to_call
    )


def _asked_anyway(change: EventChange, registrations: Sequence[Registration], at: datetime) -> set[int]:
    """Make room on the call list; says which sign-ups' contacts are asked something anyway, and learn the news with it.

    A cancelled event leaves nothing else to say. After a move the earlier news of it goes, and questions (does the
    person come, does the guardian agree) stay, to be asked before the person would leave home.
    """
    about = CallMatter.objects.open().filter(context__registration__in=[registration.pk for registration in registrations])
    calls.drop(about.filter(reason="event_moved") if change.kind == EventChange.Kind.MOVED else about, at)
    if change.kind == EventChange.Kind.CANCELLED:
        return set()
    calls.bring_forward(about, _call_before(change, at), at)
    asked = about.filter(reason__in=ASKING - {TO_GUARDIAN})
    return {context["registration"] for context in asked.values_list("context", flat=True)}


def _call_before(change: EventChange, at: datetime) -> datetime:
    """Before the person would leave home for either date."""
    starts = min(change.starts_before, change.starts_after or change.starts_before)
    return max(starts, at + CALL_TAKES)
