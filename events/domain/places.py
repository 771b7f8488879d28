"""Places: who has one, who waits, who is next.

Every verb locks the event row first, then settles: what expired lapses, what is free goes to the queue in order.
Rows are counted, no counter is kept; no registration is inserted before its event's lock.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events import emails
from events.domain import seats as seat_moves
from events.models import Event, Registration, Seat, SeatMove
from participants.domain.people import mark_verified
from participants.models import Notice, Person, User
from projects.models import Membership

Status = Seat.Status
Why = SeatMove.Why

# From this share of the places on, a sign-up by phone number alone waits for a call before it counts as certain.
NEARLY_FULL = 0.9
# So long before the start a party that needs more places than are free lets the next who fits go first.
PASS_OVER_BEFORE_START = timedelta(hours=24)


@dataclass(frozen=True)
class Room:
    """How an event stands at a moment: heads with a place, heads waiting, and places left (None: no limit)."""

    taken: int
    waiting: int
    free: int | None


@dataclass(frozen=True)
class Head:
    """One person of a party: the name as the animator will call it, and an age band where the event needs one."""

    name: str
    age_band: str = ""


def lock(event: Event) -> Event:
    """The event's row, locked until the transaction ends; the first step of every verb."""
    rows = Event.objects.without_texts("title", "summary", "description", "access_note")
    return rows.select_for_update(no_key=True).get(pk=event.pk)


def register(
    event: Event,
    person: Person,
    heads: Sequence[Head],
    *,
    channel: str = Registration.Channel.WEB,
    key: uuid.UUID | None = None,
    notice: Notice | None = None,
    home: Membership | None = None,
    all_or_none: bool = True,
    actor: User | None = None,
    at: datetime | None = None,
) -> Registration:
    """Give the party its places, or its turn on the waiting list, and book the message that says so.

    ``person`` may be unsaved, and ``home`` say where they live: both are written only once the rules agree. The same
    ``key`` again returns the first registration. Locks the event. Raises RuleBroken: ``cancelled``, ``over``, ``not_open_yet``, ``closed``,
    ``no_sign_up``, ``already_registered``, ``too_many``, ``key_used``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        event = lock(event)
        first = _earlier(event, person, key)
        if first is not None and first.key == key:
            return _repeated(first, event, person)
        _check_open(event, now, actor)
        _check_party(heads, actor)
        if first is not None:
            raise RuleBroken("already_registered", _("This contact is already signed up for this event."), registration=first)
        room = settle(event, now)
        if person.pk is None:
            person.save()
        if home is not None:
            home.person = person
            Membership.objects.bulk_create([home], ignore_conflicts=True)
        registration = Registration.objects.create(
            event=event,
            person=person,
            contact=person.contact,
            channel=channel,
            entered_by=actor,
            key=key or uuid.uuid4(),
            notice=notice,
            all_or_none=all_or_none,
        )
        seats = _seat_newcomer(registration, heads, room, now)
        emails.tell_registered(registration, seats, now)
    return registration


def confirm(registration: Registration, *, actor: User | None = None, at: datetime | None = None) -> Registration:
    """The contact answered: held places become certain, and the person is verified.

    From the mailed link, or, with ``actor``, to the one of the team who rang: a phone number is proved by a call only.
    A late answer gets a place if one is free, else the old position. Asking twice gives the same answer. Locks the
    event. Raises RuleBroken: ``cancelled``, ``over``, ``registration_cancelled``, ``already_registered``, ``call_first``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        event = lock(registration.event)
        _check_runs(event, now)
        registration = Registration.objects.select_related("person").get(pk=registration.pk)
        if actor is None and not registration.person.email:
            raise RuleBroken("call_first", _("We will ring you: a sign-up by phone is confirmed in a call."))
        mark_verified(registration.person, now)
        held = [seat for seat in registration.seats.all() if seat.status == Status.HELD]
        in_time = [seat for seat in held if seat.held_until and seat.held_until > now]
        if in_time:
            emails.drop_calls(registration, now)
            seat_moves.move(in_time, Status.CONFIRMED, Why.VERIFIED, at=now, actor=actor)
            emails.tell(registration, "registration_confirmed", now)
        settle(event, now)
        _revive(event, registration, now)
    return registration


def cancel(
    registration: Registration, *, seats: Sequence[Seat] | None = None, actor: User | None = None, at: datetime | None = None
) -> Registration:
    """Give the places (all, or those named) back; whoever is next in order gets them in the same transaction.

    Asking twice gives the same answer. Locks the event. Raises RuleBroken ``over`` once the event has ended.
    """
    now = at or timezone.now()
    with transaction.atomic():
        event = lock(registration.event)
        if event.is_over(now):
            raise RuleBroken("over", _("This event is over; there is nothing left to cancel."))
        chosen = {seat.pk for seat in seats} if seats is not None else None
        live = [seat for seat in registration.seats.live() if chosen is None or seat.pk in chosen]
        if live:
            seat_moves.move(live, Status.CANCELLED, Why.BY_STAFF if actor else Why.OWN_WISH, at=now, actor=actor)
            _close_empty(event, now)
            registration.refresh_from_db()
            emails.drop_calls(registration, now)
            emails.tell(registration, "registration_cancelled", now)
        settle(event, now)
    return registration


def change_capacity(event: Event, capacity: int | None, *, at: datetime | None = None) -> Event:
    """Set the number of places (None: no limit). Raising promotes at once; lowering never evicts. Locks the event.

    Raises RuleBroken: ``cancelled``, ``over``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        event = lock(event)
        _check_runs(event, now)
        event.capacity = capacity
        event.save(update_fields=["capacity", "updated_at"])
        settle(event, now)
    return event


def settle(event: Event, at: datetime) -> Room:
    """Lapse what expired, then give what is free to the queue in strict order; says how the event stands then.

    The caller holds the event's lock. The one skip rule: within 24 hours of the start a party that does not fit is
    passed over, and the note says so.
    """
    counts = event.seats.live().aggregate(
        expired=Count("pk", filter=Q(status=Status.HELD, held_until__lte=at)),
        waiting=Count("pk", filter=Q(status=Status.WAITING)),
        live=Count("pk"),
    )
    if counts["expired"]:
        expired = event.seats.expired(at).select_related("registration")
        seat_moves.move(expired, Status.LAPSED, Why.HOLD_ENDED, at=at)
        _close_empty(event, at)
    taken = counts["live"] - counts["waiting"] - counts["expired"]
    room = Room(taken, counts["waiting"], None if event.capacity is None else max(0, event.capacity - taken))
    if room.waiting and room.free != 0 and event.is_published and at < event.starts_at:
        return _promote(event, room, at)
    return room


def settle_due(at: datetime | None = None) -> int:
    """Settle one event that has an expired hold; the worker's share of the queue's life."""
    now = at or timezone.now()
    event_id = Seat.objects.expired(now).order_by("held_until").values_list("event_id", flat=True).first()
    if event_id is None:
        return 0
    with transaction.atomic():
        settle(lock(Event(pk=event_id)), now)
    return 1


def free_places(event: Event, at: datetime | None = None) -> int | None:
    """How many places are free now, never below 0; None when there is no limit."""
    if event.capacity is None:
        return None
    return max(0, event.capacity - event.seats.taking(at).count())


def position(registration: Registration) -> int | None:
    """The registration's place in the queue, from 1; None when it does not wait."""
    return positions([registration]).get(registration.pk)


def positions(registrations: Iterable[Registration]) -> dict[int, int]:
    """The places in their queues, from 1, of those that wait; one query for all of them."""
    waits = Exists(Seat.objects.waiting().filter(registration=OuterRef("pk")))
    ahead = Registration.objects.live().filter(waits, pk__lt=OuterRef("pk"), event=OuterRef("event"))
    counted = ahead.order_by().values("event").annotate(parties=Count("pk")).values("parties")
    own = Registration.objects.filter(waits, pk__in=[registration.pk for registration in registrations])
    return {pk: before + 1 for pk, before in own.annotate(before=Coalesce(Subquery(counted), 0)).values_list("pk", "before")}


# --- Inside the lock -------------------------------------------------------------------------------------------------------


def _seat_newcomer(registration: Registration, heads: Sequence[Head], room: Room, now: datetime) -> list[Seat]:
    """Seat the party if all fit and nobody waits; else it joins the queue, and takes what it may of what is free."""
    event, actor = registration.event, registration.entered_by
    names = [(head.name, head.age_band) for head in heads]
    if room.waiting or (room.free is not None and len(heads) > room.free):
        seats = seat_moves.add(registration, names, Status.WAITING, Why.FULL, at=now, actor=actor)
        if not room.waiting and room.free:
            _promote(event, Room(room.taken, len(seats), room.free), now)
            return list(registration.seats.all())
        return seats
    until = _hold_until(event, registration, room.taken, now)
    if until is None:
        return seat_moves.add(registration, names, Status.CONFIRMED, Why.SIGNED_UP, at=now, actor=actor)
    held_for = Seat.HeldFor.VERIFICATION
    return seat_moves.add(registration, names, Status.HELD, Why.SIGNED_UP, at=now, actor=actor, held_until=until, held_for=held_for)


def _hold_until(event: Event, registration: Registration, taken: int, now: datetime) -> datetime | None:
    """Till when the places wait for the contact to answer; None when they are certain at once.

    Staff vouch for whom they enter, a verified contact has answered before. A phone number alone is believed while
    there is room, and called when the event is nearly full: its place waits for the team's call, till the start.
    """
    person = registration.person
    nearly_full = event.capacity is not None and taken >= NEARLY_FULL * event.capacity
    if registration.entered_by_id or person.verified_at or (not person.email and not nearly_full):
        return None
    if not person.email:
        return event.starts_at
    return min(now + timedelta(hours=settings.HOLD_HOURS), event.starts_at)


def _promote(event: Event, room: Room, now: datetime) -> Room:
    """Give free places to the queue, party by party in order; says how the event stands afterwards."""
    taken, waiting, free = room.taken, room.waiting, room.free
    for party in _queue(event):
        registration = party[0].registration
        fits = len(party) if free is None else min(free, len(party))
        if fits < len(party) and registration.all_or_none:
            if event.starts_at - now > PASS_OVER_BEFORE_START:
                break
            seat_moves.note(party, Why.PASSED_OVER, at=now)
            continue
        _give(event, registration, party[:fits], taken, now)
        taken, waiting = taken + fits, waiting - fits
        free = None if free is None else free - fits
        if free == 0:
            break
    return Room(taken, waiting, free)


def _queue(event: Event) -> list[list[Seat]]:
    """The waiting seats party by party, in the order of the queue."""
    parties: dict[int, list[Seat]] = defaultdict(list)
    waiting = event.seats.waiting().select_related("registration__person")
    for seat in waiting.order_by("registration_id", "number"):
        parties[seat.registration_id].append(seat)
    return list(parties.values())


def _give(event: Event, registration: Registration, seats: Sequence[Seat], taken: int, now: datetime) -> None:
    """Give the places that came free: certain for a verified contact, held for one who has yet to answer."""
    registration.event = event
    until = _hold_until(event, registration, taken, now)
    if until is None:
        seat_moves.move(seats, Status.CONFIRMED, Why.NEXT_IN_ORDER, at=now)
    else:
        seat_moves.move(seats, Status.HELD, Why.NEXT_IN_ORDER, at=now, held_until=until, held_for=Seat.HeldFor.VERIFICATION)
    emails.tell(registration, "registration_promoted", now)


def _revive(event: Event, registration: Registration, now: datetime) -> None:
    """After a late click: lapsed seats go back to their old position in the queue, and up if a place is free."""
    registration.refresh_from_db(fields=["closed_at"])
    if registration.closed_at is None:
        return
    lapsed = [seat for seat in registration.seats.all() if seat.status == Status.LAPSED]
    if not lapsed:
        raise RuleBroken("registration_cancelled", _("This sign-up was cancelled. You can sign up again."))
    if Registration.objects.live().filter(event=event, contact=registration.contact).exists():
        raise RuleBroken("already_registered", _("There is a newer sign-up from this contact for this event."))
    registration.closed_at = None
    registration.save(update_fields=["closed_at", "updated_at"])
    seat_moves.move(lapsed, Status.WAITING, Why.LATE_CLICK, at=now)
    settle(event, now)
    if event.seats.waiting().filter(registration=registration).exists():
        emails.tell(registration, "registration_waiting", now)


def _close_empty(event: Event, now: datetime) -> None:
    """Close the registrations of the event in which nobody has or awaits a place any more."""
    open_ones = event.registrations.live()
    open_ones.exclude(pk__in=event.seats.live().values("registration")).update(closed_at=now)


def _check_runs(event: Event, now: datetime) -> None:
    if event.is_cancelled:
        raise RuleBroken("cancelled", _("This event has been cancelled."))
    if event.is_over(now):
        raise RuleBroken("over", _("This event is over."))


def _check_open(event: Event, now: datetime, actor: User | None) -> None:
    """Whether the event takes sign-ups now; the team may add people outside the sign-up window, till the end."""
    _check_runs(event, now)
    if not event.is_published:
        raise RuleBroken("not_published", _("This event is not published."))
    if actor is not None and event.sign_up != Event.SignUp.NONE:
        return
    if not event.takes_sign_ups:
        raise RuleBroken("no_sign_up", _("This event needs no sign-up here."))
    if event.opens_at is not None and now < event.opens_at:
        raise RuleBroken("not_open_yet", _("Sign-up for this event has not opened yet."))
    if now >= event.sign_up_ends_at():
        raise RuleBroken("closed", _("Sign-up for this event has closed."))


def _check_party(heads: Sequence[Head], actor: User | None) -> None:
    if not heads:
        raise RuleBroken("nobody", _("Name at least one person."), field="name")
    if actor is None and len(heads) > settings.SEATS_PER_CONTACT:
        raise RuleBroken("too_many", _("One contact can sign up at most %(limit)s people.") % {"limit": settings.SEATS_PER_CONTACT})


def _earlier(event: Event, person: Person, key: uuid.UUID | None) -> Registration | None:
    """The registration this form has made before, else the contact's live one for the event; one query."""
    same_form = Q(key=key) if key is not None else Q(pk=None)
    same_contact = Q(event=event, contact=person.contact, closed_at=None)
    found = list(Registration.objects.filter(same_form | same_contact))
    return min(found, key=lambda registration: registration.key != key, default=None)


def _repeated(first: Registration, event: Event, person: Person) -> Registration:
    """The same form sent again shows the first result; with another event or contact it is not the same form."""
    if first.event_id != event.pk or first.contact != person.contact:
        raise RuleBroken("key_used", _("This form has already been used. Open the sign-up page again."))
    return first
