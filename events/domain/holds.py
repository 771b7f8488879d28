"""What a place waits for before it is certain, and till when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from active_citizens.core.days import add_duty_hours, after_quiet
from events.models import Event, Registration, Seat

HeldFor = Seat.HeldFor
# From this share of the places on, a sign-up by phone number alone waits for a call before it counts as certain.
NEARLY_FULL = 0.9


@dataclass(frozen=True)
class Hold:
    """Till when a place is kept, and for what."""

    until: datetime
    held_for: str


def on_arrival(event: Event, registration: Registration, taken: int, now: datetime) -> Hold | None:
    """What a newcomer's place waits for; None when it is certain at once.

    A 16- or 17-year-old's waits for the guardian, whoever typed it in. Staff vouch for the contact of whom they enter,
    a verified contact has answered before. A phone number alone is believed while there is room, and called when the
    event is nearly full: its place waits for the team's call, till the start.
    """
    person = registration.person
    if registration.awaits_guardian:
        return Hold(_answer_by(event, now), HeldFor.GUARDIAN)
    nearly_full = event.capacity is not None and taken >= NEARLY_FULL * event.capacity
    if registration.entered_by_id or person.verified_at or (not person.email and not nearly_full):
        return None
    return Hold(_answer_by(event, now) if person.email else event.starts_at, HeldFor.VERIFICATION)


def on_promotion(event: Event, registration: Registration, taken: int, now: datetime) -> Hold | None:
    """What a place waits for that came free for somebody of the queue: as on arrival, or the answer to an offer."""
    if event.promotion != Event.Promotion.OFFER or registration.awaits_guardian:
        return on_arrival(event, registration, taken, now)
    if registration.person.email:
        return Hold(offer_ends_at(event, now), HeldFor.OFFER)
    # Nobody loses a place because nobody rang: the clock of the phone starts with the first call.
    return Hold(event.starts_at, HeldFor.OFFER)


def offer_ends_at(event: Event, now: datetime) -> datetime:
    """The end of an offer by mail: nights do not count at either end, and never after the start."""
    return min(after_quiet(after_quiet(now) + timedelta(hours=event.offer_hours)), event.starts_at)


def called_offer_ends_at(event: Event, now: datetime) -> datetime:
    """The end of an offer by phone, counted from the first call in hours of duty, and never after the start."""
    project = event.project
    return min(add_duty_hours(now, event.offer_hours, start=project.duty_from, end=project.duty_until), event.starts_at)


def told_at(event: Event, now: datetime) -> datetime:
    """When an offer is mailed: not at night, unless the event would have begun by the morning."""
    morning = after_quiet(now)
    return morning if morning < event.starts_at else now


def _answer_by(event: Event, now: datetime) -> datetime:
    return min(now + timedelta(hours=settings.HOLD_HOURS), event.starts_at)
