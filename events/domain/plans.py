"""When plans break: an event is called off or moved, and everybody learns of it before anything else is sent."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events import emails
from events.domain import leaders, queue
from events.domain import seats as seat_moves
from events.models import Event, EventChange, Registration, Seat, SeatMove
from participants.models import Message, User
from projects.models import Venue

# A draw that would come after the new start is moved so long before it: whoever loses must still find other plans.
DRAW_BEFORE_START = timedelta(hours=24)


def cancel_event(event: Event, reason: str, *, actor: User | None = None, at: datetime | None = None) -> Event:
    """Call the event off: everybody with a place or in the queue is told why. Locks the event.

    Raises RuleBroken: ``needs_reason``, ``over``, ``not_published``. Cancelling twice changes nothing.
    """
    _check_reason(reason)
    with transaction.atomic():
        event = queue.lock(event)
        now = at or timezone.now()
        if event.is_cancelled:
            return event
        _check_runs(event, now)
        told = list(event.registrations.live().select_related("person"))
        seat_moves.move(event.seats.live(), Seat.Status.CANCELLED, SeatMove.Why.EVENT_CANCELLED, at=now, actor=actor)
        Registration.objects.filter(pk__in=[registration.pk for registration in told]).update(closed_at=now, updated_at=now)
        change = _change(event, EventChange.Kind.CANCELLED, reason, actor, now)
        event.status = Event.Status.CANCELLED
        event.cancelled_at, event.cancel_reason, event.sequence = now, change.reason, change.sequence
        event.save(update_fields=["status", "cancelled_at", "cancel_reason", "sequence", "updated_at"])
        change.save()
        _tell(change, told, now)
    return event


def reschedule_event(
    event: Event,
    *,
    starts_at: datetime,
    ends_at: datetime | None = None,
    venue: Venue | None = None,
    reason: str,
    actor: User | None = None,
    at: datetime | None = None,
) -> Event:
    """Move the event to another time, as long as before unless said, or another venue. Locks the event.

    Places, queue and address stay; no time to answer outlasts the new start; everybody is told the old and the new date.
    Raises RuleBroken: ``needs_reason``, ``not_published``, ``cancelled``, ``over``, ``in_the_past``,
    ``ends_before_start``, ``same_date``, ``venue_undescribed``, ``draw_too_late``, ``not_vetted``.
    """
    _check_reason(reason)
    with transaction.atomic():
        event = queue.lock(event)
        now = at or timezone.now()
        if event.is_cancelled:
            raise RuleBroken("cancelled", _("This event has been cancelled. Make a copy to hold it again."))
        _check_runs(event, now)
        change = _change(event, EventChange.Kind.MOVED, reason, actor, now)
        change.starts_after = starts_at
        change.ends_after = ends_at or starts_at + (event.ends_at - event.starts_at)
        _check_move(change, venue, now)
        _move(event, change, venue, now)
        leaders.check(event)
        change.save()
        _fit_holds(event, change, now)
        queue.settle(event, now)
        _tell(change, list(event.registrations.live().select_related("person")), now)
    return event


# --- Inside the lock -------------------------------------------------------------------------------------------------------


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise RuleBroken("needs_reason", _("Write why: people will read it."), field="reason")


def _check_runs(event: Event, now: datetime) -> None:
    if not event.is_published:
        raise RuleBroken("not_published", _("This event is not published: nobody has to be told. Change it in its form."))
    if event.is_over(now):
        raise RuleBroken("over", _("This event is over."))


def _change(event: Event, kind: str, reason: str, actor: User | None, now: datetime) -> EventChange:
    """The row that remembers how the event stood; the caller says where it goes, and saves it."""
    return EventChange(
        event=event,
        kind=kind,
        reason=reason.strip(),
        starts_before=event.starts_at,
        ends_before=event.ends_at,
        venue_before=event.venue,
        sequence=event.sequence + 1,
        at=now,
        actor=actor,
    )


def _check_move(change: EventChange, venue: Venue | None, now: datetime) -> None:
    """Whether the new time and venue can be told to people (A11Y-10 for the venue)."""
    assert change.starts_after is not None
    assert change.ends_after is not None
    if change.starts_after <= now:
        raise RuleBroken("in_the_past", _("The new date has passed already."), field="starts_at")
    if change.ends_after <= change.starts_after:
        raise RuleBroken("ends_before_start", _("The event must end after it starts."), field="ends_at")
    elsewhere = venue is not None and venue.pk != change.venue_before_id
    if not elsewhere and (change.starts_after, change.ends_after) == (change.starts_before, change.ends_before):
        raise RuleBroken("same_date", _("This is the date and the venue the event has now."), field="starts_at")
    if elsewhere and venue is not None and not venue.has_access_information:
        raise RuleBroken("venue_undescribed", _("Describe the venue's entrance, the way there and its accessibility first."), field="venue")


def _move(event: Event, change: EventChange, venue: Venue | None, now: datetime) -> None:
    """Write the new time and venue, and whatever of the event's other dates would make no sense beside them."""
    assert change.starts_after is not None
    assert change.ends_after is not None
    event.draw_at = _draw_at(event, change.starts_after, now)
    if event.starts_at != change.starts_after:
        event.moved_at = now
    event.starts_at, event.ends_at, event.venue = change.starts_after, change.ends_after, venue or event.venue
    if event.fallback_starts_at is not None and event.fallback_starts_at <= event.starts_at:
        event.fallback_starts_at = None
    if event.opens_at is not None and event.opens_at >= event.starts_at:
        # Sign-up that would open after the event opens now.
        event.opens_at = None
    event.sequence = change.sequence
    names = ["starts_at", "ends_at", "venue", "moved_at", "fallback_starts_at", "opens_at", "draw_at", "sequence", "updated_at"]
    event.save(update_fields=names)


def _draw_at(event: Event, starts_at: datetime, now: datetime) -> datetime | None:
    """The day of the draw, pulled before the new start where it would come after it."""
    if event.draw_at is None or event.draw_at <= starts_at:
        return event.draw_at
    if not event.waits_for_draw:
        return event.drawn_at or starts_at
    draw_at = starts_at - DRAW_BEFORE_START
    if draw_at < now:
        sentence = _("The places are not drawn yet: draw them first, or choose a date at least a day after the draw.")
        raise RuleBroken("draw_too_late", sentence, field="starts_at")
    return draw_at


def _fit_holds(event: Event, change: EventChange, now: datetime) -> None:
    """No time to answer outlasts the new start; the places that wait for a call till the start follow it."""
    held = event.seats.filter(status=Seat.Status.HELD, held_until__gt=now).select_related("registration__person")
    to_fit: dict[str, list[Seat]] = defaultdict(list)
    for seat in held:
        assert seat.held_until is not None
        waits_for_call = not seat.registration.person.email and seat.held_until == change.starts_before
        if seat.held_until > event.starts_at or (waits_for_call and seat.held_until != event.starts_at):
            to_fit[seat.held_for].append(seat)
    for held_for, seats in to_fit.items():
        why, until = SeatMove.Why.EVENT_MOVED, event.starts_at
        seat_moves.move(seats, Seat.Status.HELD, why, at=now, actor=change.actor, held_until=until, held_for=held_for)


def _tell(change: EventChange, registrations: Sequence[Registration], now: datetime) -> None:
    """Tell the contacts, before anything else that is booked: what the change has overtaken is not sent any more."""
    about = [registration.pk for registration in registrations]
    overtaken = Q(template__in=("event_reminder", "event_moved"))
    if change.kind == EventChange.Kind.CANCELLED:
        asking = Q(template__startswith="registration_") | Q(template__startswith="guardian_")
        overtaken |= asking & ~Q(template="registration_cancelled")
    queued = Message.objects.filter(overtaken, status=Message.Status.QUEUED, context__registration__in=about)
    queued.update(status=Message.Status.DROPPED, error="overtaken by a change of plan", updated_at=now)
    emails.tell_change(change, registrations, now)
