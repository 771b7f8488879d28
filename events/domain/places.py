"""Places: the verbs of signing up.

Every verb locks the event row first, then settles: what expired lapses, what is free goes to the queue in order.
Rows are counted, no counter is kept; no registration is inserted before its event's lock.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events import emails
from events.domain import holds, parties
from events.domain import seats as seat_moves
from events.domain.parties import Head
from events.domain.queue import Room, close_empty, lock, position, positions, promote, settle, settle_due
from events.models import Event, Registration, Seat, SeatMove
from participants.domain import bounces
from participants.domain.people import mark_verified
from participants.models import Notice, Person, User
from projects.domain import subscriptions
from projects.models import Membership

__all__ = [
    "Head", "Room", "accept_offer", "add_heads", "agree_as_guardian", "cancel", "change_capacity", "change_head", "check_open",
    "confirm", "decline_offer", "free_places", "lock", "position", "positions", "refuse_as_guardian", "register", "settle",
    "settle_due", "stay_together", "take_on",
]  # fmt: skip

Status = Seat.Status
HeldFor = Seat.HeldFor
Why = SeatMove.Why
HOUR = timedelta(hours=1)


def register(
    event: Event,
    person: Person,
    heads: Sequence[Head],
    *,
    channel: str = Registration.Channel.WEB,
    key: uuid.UUID | None = None,
    notice: Notice | None = None,
    home: Membership | None = None,
    guardian: Person | None = None,
    all_or_none: bool = True,
    actor: User | None = None,
    beyond: str = "",
    hourly_limit: int | None = None,
    series_key: uuid.UUID | None = None,
    telling: bool = True,
    at: datetime | None = None,
) -> Registration:
    """Give the party its places, or its turn on the waiting list, and book the message that says so.

    ``person`` and ``guardian`` may be unsaved, and ``home`` say where they live: all are written only once the rules
    agree. ``beyond`` is the reason for which one of the team takes the party on although there is no place. The same
    ``key`` again returns the first registration. The seats made are in its ``given``. Locks the event. Raises
    RuleBroken: ``cancelled``, ``over``, ``not_published``, ``not_open_yet``, ``closed``, ``no_sign_up``,
    ``already_registered``, ``key_used``, ``throttled`` past ``hourly_limit`` sign-ups of the contact, ``guardian_first``
    with ``beyond``, and as ``parties.check`` does.
    """
    with transaction.atomic():
        event = lock(event)
        # The clock is read under the lock, so that the order of moves and of their times is one.
        now = at or timezone.now()
        first = _earlier(event, person, key, hourly_limit, now)
        if first is not None and first.key == key:
            return _repeated(first, event, person)
        check_open(event, now, actor)
        parties.check(event, person, heads, guardian=guardian, actor=actor)
        if first is not None:
            raise RuleBroken("already_registered", _("This contact is already signed up for this event."), registration=first)
        room = settle(event, now)
        _write_people(person, guardian, home)
        registration = Registration.objects.create(
            event=event, person=person, contact=person.contact, guardian=guardian, channel=channel, entered_by=actor,
            key=key or uuid.uuid4(), notice=notice, all_or_none=all_or_none, series_key=series_key,
        )  # fmt: skip
        registration.given = _seat_newcomers(registration, heads, room, now, beyond=beyond)
        if telling:
            emails.tell_registered(registration, registration.given, now)
    return registration


def confirm(registration: Registration, *, actor: User | None = None, at: datetime | None = None) -> Registration:
    """The contact answered: held and offered places become certain, and the person is verified.

    From the mailed link, or, with ``actor``, to the one of the team who rang: a phone number is proved by a call only.
    A late answer gets a place if one is free, else the old position. A place that waits for a guardian goes on waiting.
    Asking twice gives the same answer. Locks the event. Raises RuleBroken: ``cancelled``, ``over``,
    ``registration_cancelled``, ``already_registered``, ``call_first``.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        _check_runs(event, now)
        registration = _fresh(registration, event)
        if actor is None and not registration.person.email:
            raise RuleBroken("call_first", _("We will ring you: a sign-up by phone is confirmed in a call."))
        if registration.person.verified_at is None:
            mark_verified(registration.person, now)
        if actor is None:
            # The mailbox answered: the letters asked for with the sign-up begin, and whatever came back before is forgiven.
            subscriptions.confirm_pending_of(registration.person, now)
            bounces.forgive(registration.person.email, at=now)
        held = [seat for seat in registration.seats.all() if seat.status == Status.HELD and seat.held_for != HeldFor.GUARDIAN]
        in_time = [seat for seat in held if seat.held_until and seat.held_until > now]
        if in_time:
            _make_certain(registration, in_time, now, actor)
        settle(event, now)
        _revive(event, registration, now)
    return registration


def accept_offer(registration: Registration, *, actor: User | None = None, at: datetime | None = None) -> Registration:
    """Take the offered place; after the last offers, the place that is free for whoever of the queue answers first.

    Asking twice gives the same answer. Locks the event. Raises RuleBroken: ``gone`` when somebody else was faster,
    ``guardian_first``, and as ``confirm`` does.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        registration = confirm(registration, actor=actor, at=now)
        if event.promotion != Event.Promotion.OFFER or now < event.offers_end_at() or now >= event.starts_at:
            return registration
        waiting = list(registration.seats.waiting().order_by("pk"))
        if not waiting:
            return registration
        free = settle(event, now).free
        fits = len(waiting) if free is None else min(free, len(waiting))
        _check_guardian_agreed(registration)
        if fits == 0 or (fits < len(waiting) and registration.all_or_none):
            raise RuleBroken("gone", _("Somebody was faster: there is no free place at the moment. You keep your place in the queue."))
        emails.drop_calls(registration, now)
        seat_moves.move(waiting[:fits], Status.CONFIRMED, Why.FIRST_TO_ANSWER, at=now, actor=actor)
        emails.tell(registration, "registration_confirmed", now)
    return registration


def decline_offer(registration: Registration, *, actor: User | None = None, at: datetime | None = None) -> Registration:
    """Say no to the offered place and leave the queue; places that are certain stay. The next in order is asked.

    Asking twice gives the same answer. Locks the event. Raises RuleBroken ``over`` once the event has ended.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        _check_not_over(event, now)
        registration = _fresh(registration, event)
        left = [seat for seat in registration.seats.live() if seat.status in (Status.WAITING, Status.HELD)]
        _give_back(registration, left, Why.DECLINED, now, actor)
        settle(event, now)
    return registration


def agree_as_guardian(registration: Registration, *, actor: User | None = None, at: datetime | None = None) -> Registration:
    """The guardian of a 16- or 17-year-old agrees, by the mailed link or, with ``actor``, in a call (GDPR-07).

    The place then waits for the young person's own contact, if that has not answered yet. Asking twice gives the same
    answer; a late one gets a place if one is free, else the old position. Locks the event. Raises RuleBroken:
    ``cancelled``, ``over``, ``no_guardian``, and as a late click does.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        _check_runs(event, now)
        registration = _fresh(registration, event)
        if registration.guardian is None:
            raise RuleBroken("no_guardian", _("Nobody asked for a guardian’s agreement here."))
        if registration.awaits_guardian:
            registration.guardian_confirmed_at = now
            registration.save(update_fields=["guardian_confirmed_at", "updated_at"])
            mark_verified(registration.guardian, now)
            emails.drop_guardian_calls(registration, now)
        held = [seat for seat in registration.seats.all() if seat.status == Status.HELD and seat.held_for == HeldFor.GUARDIAN]
        in_time = [seat for seat in held if seat.held_until and seat.held_until > now]
        if in_time:
            _hold_on(event, registration, in_time, now, actor)
        settle(event, now)
        _revive(event, registration, now)
    return registration


def refuse_as_guardian(registration: Registration, *, actor: User | None = None, at: datetime | None = None) -> Registration:
    """The guardian does not agree: the places are given back, and the young person is told. Locks the event.

    Raises RuleBroken ``over`` once the event has ended. Asking twice gives the same answer.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        _check_not_over(event, now)
        registration = _fresh(registration, event)
        _give_back(registration, list(registration.seats.live()), Why.GUARDIAN_REFUSED, now, actor)
        emails.drop_guardian_calls(registration, now)
        settle(event, now)
    return registration


def cancel(
    registration: Registration, *, seats: Sequence[Seat] | None = None, actor: User | None = None, at: datetime | None = None
) -> Registration:
    """Give the places (all, or those named) back; whoever is next in order gets them in the same transaction.

    Asking twice gives the same answer. Locks the event. Raises RuleBroken ``over`` once the event has ended.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        _check_not_over(event, now)
        registration = _fresh(registration, event)
        chosen = {seat.pk for seat in seats} if seats is not None else None
        live = [seat for seat in registration.seats.live() if chosen is None or seat.pk in chosen]
        _give_back(registration, live, Why.BY_STAFF if actor else Why.OWN_WISH, now, actor)
        settle(event, now)
    return registration


def add_heads(
    registration: Registration,
    heads: Sequence[Head],
    *,
    key: uuid.UUID | None = None,
    actor: User | None = None,
    at: datetime | None = None,
) -> list[Seat]:
    """Add people to a sign-up: with a place if one is free and nobody waits, else as a group at the end of the queue.

    The same ``key`` again adds nobody. Locks the event. Raises RuleBroken: ``registration_cancelled``, as
    ``check_open`` and ``parties.check`` do.
    """
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        registration = _fresh(registration, event)
        before = list(registration.seats.all())
        sent = next((seat for seat in before if key is not None and seat.key == key), None)
        if sent is not None:
            return [seat for seat in before if seat.group == sent.group]
        check_open(event, now, actor)
        if registration.closed_at is not None:
            raise RuleBroken("registration_cancelled", _("This sign-up was cancelled. You can sign up again."))
        already = sum(seat.is_live for seat in before)
        parties.check(event, registration.person, heads, guardian=registration.guardian, actor=actor, already=already)
        room = settle(event, now)
        made = _seat_newcomers(registration, heads, room, now, before=before, actor=actor)
        Seat.objects.filter(pk=made[0].pk).update(key=key)
        emails.tell(registration, "registration_changed", now)
    return made


def change_head(seat: Seat, head: Head, *, actor: User | None = None, at: datetime | None = None) -> Seat:
    """Correct a name or an age band; the place stays what it is. Locks the event.

    Raises RuleBroken: ``over``, ``not_live``, ``guardian_agreed``, and as ``parties.check`` does. Who named a guardian
    stays of the age they gave.
    """
    with transaction.atomic():
        event = lock(seat.registration.event)
        now = at or timezone.now()
        _check_not_over(event, now)
        registration = _fresh(seat.registration, event)
        seat = registration.seats.get(pk=seat.pk)
        if not seat.is_live:
            raise RuleBroken("not_live", _("This place was given back."))
        if registration.guardian_confirmed_at is not None and actor is None:
            raise RuleBroken("guardian_agreed", _("Your guardian agreed to just this: ring us to change it."))
        band = head.age_band if registration.guardian_id is None else seat.age_band
        parties.check(event, registration.person, [Head(head.name, band)], guardian=registration.guardian, actor=actor)
        seat.name, seat.age_band = head.name, band
        seat.save(update_fields=["name", "age_band", "updated_at"])
    return seat


def stay_together(registration: Registration, together: bool, *, at: datetime | None = None) -> Registration:
    """Choose whether the party comes together or not at all; as many as possible may get places at once. Locks the event."""
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        _check_runs(event, now)
        registration = _fresh(registration, event)
        registration.all_or_none = together
        registration.save(update_fields=["all_or_none", "updated_at"])
        settle(event, now)
    return registration


def take_on(registration: Registration, reason: str, *, actor: User, at: datetime | None = None) -> Registration:
    """One of the team gives those who wait a place beyond the number, for a reason that is written down and counted apart.

    Locks the event. Raises RuleBroken: ``needs_reason``, ``cancelled``, ``over``, ``nobody_waits``, ``guardian_first``.
    """
    if not reason.strip():
        raise RuleBroken("needs_reason", _("Write why: it stays in the history of the place."), field="reason")
    with transaction.atomic():
        event = lock(registration.event)
        now = at or timezone.now()
        _check_runs(event, now)
        settle(event, now)
        registration = _fresh(registration, event)
        waiting = list(registration.seats.waiting())
        _check_guardian_agreed(registration)
        if not waiting:
            raise RuleBroken("nobody_waits", _("Nobody of this sign-up waits for a place."))
        seat_moves.move(waiting, Status.CONFIRMED, Why.OVER_CAPACITY, at=now, actor=actor, extra=True, note=reason.strip()[:300])
        emails.tell(registration, "registration_promoted", now)
    return registration


def change_capacity(event: Event, capacity: int | None, *, at: datetime | None = None) -> Event:
    """Set the number of places (None: no limit). Raising promotes at once; lowering never evicts. Locks the event.

    Raises RuleBroken: ``cancelled``, ``over``.
    """
    with transaction.atomic():
        event = lock(event)
        now = at or timezone.now()
        _check_runs(event, now)
        event.capacity = capacity
        event.save(update_fields=["capacity", "updated_at"])
        settle(event, now)
    return event


def free_places(event: Event, at: datetime | None = None) -> int | None:
    """How many places are free now, never below 0; None when there is no limit."""
    if event.capacity is None:
        return None
    return max(0, event.capacity - event.seats.taking(at).count())


def check_open(event: Event, now: datetime, actor: User | None) -> None:
    """Whether the event takes sign-ups now; the team may add people outside the sign-up window, till the end.

    Raises RuleBroken: ``cancelled``, ``over``, ``not_published``, ``no_sign_up``, ``not_open_yet``, ``closed``.
    """
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


# --- Inside the lock -------------------------------------------------------------------------------------------------------


def _seat_newcomers(
    registration: Registration,
    heads: Sequence[Head],
    room: Room,
    now: datetime,
    *,
    before: Sequence[Seat] = (),
    actor: User | None = None,
    beyond: str = "",
) -> list[Seat]:
    """Seat the group if all fit and nobody waits; else it joins the end of the queue, and takes what the queue leaves it."""
    event = registration.event
    group = 1 + max((seat.group for seat in before), default=0)
    seat = partial(
        seat_moves.add,
        registration,
        [(head.name, head.age_band) for head in heads],
        at=now,
        actor=actor or registration.entered_by,
        first=1 + max((seat.number for seat in before), default=0),
        group=group,
    )
    no_room = room.free is not None and len(heads) > room.free
    if beyond and (room.waiting or no_room):
        _check_guardian_agreed(registration)
        return seat(seat_moves.Start(Status.CONFIRMED, Why.OVER_CAPACITY, extra=True, note=beyond.strip()[:300]))
    if room.waiting or no_room or event.waits_for_draw:
        seats = seat(seat_moves.Start(Status.WAITING, Why.IN_DRAW if event.waits_for_draw else Why.FULL))
        if room.free == 0 or event.waits_for_draw:
            return seats
        # Within the rules the newcomer may still get what nobody before them can use.
        promote(event, Room(room.taken, room.waiting + len(seats), room.free), now)
        return list(registration.seats.filter(group=group))
    hold = holds.on_arrival(event, registration, room.taken, now)
    why = Why.ADDED if before else Why.SIGNED_UP
    if hold is None:
        return seat(seat_moves.Start(Status.CONFIRMED, why))
    return seat(seat_moves.Start(Status.HELD, why, hold.until, hold.held_for))


def _make_certain(registration: Registration, held: Sequence[Seat], now: datetime, actor: User | None) -> None:
    """Let held places be certain: verified by the link, or accepted as offered."""
    emails.drop_calls(registration, now)
    for held_for, why in ((HeldFor.VERIFICATION, Why.VERIFIED), (HeldFor.OFFER, Why.ACCEPTED)):
        seats = [seat for seat in held if seat.held_for == held_for]
        if seats:
            seat_moves.move(seats, Status.CONFIRMED, why, at=now, actor=actor)
    emails.tell(registration, "registration_confirmed", now)


def _hold_on(event: Event, registration: Registration, held: Sequence[Seat], now: datetime, actor: User | None) -> None:
    """After the guardian's yes: certain, or held on for what is still missing."""
    hold = holds.on_arrival(event, registration, 0, now)
    if hold is None:
        seat_moves.move(held, Status.CONFIRMED, Why.GUARDIAN_AGREED, at=now, actor=actor)
        emails.tell(registration, "registration_confirmed", now)
        return
    seat_moves.move(held, Status.HELD, Why.GUARDIAN_AGREED, at=now, actor=actor, held_until=hold.until, held_for=hold.held_for)
    emails.tell(registration, "registration_held", now)


def _give_back(registration: Registration, seats: Sequence[Seat], why: str, now: datetime, actor: User | None) -> None:
    """Take the seats out; the contact is told once what is left of the sign-up."""
    if not seats:
        return
    seat_moves.move(seats, Status.CANCELLED, why, at=now, actor=actor)
    close_empty(registration.event, now)
    registration.refresh_from_db(fields=["closed_at"])
    emails.drop_calls(registration, now, whole=registration.closed_at is not None)
    emails.tell(registration, "registration_cancelled" if registration.closed_at else "registration_changed", now)


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
    # Whoever answers late has said yes already: an offer made to them just now is taken.
    offered = list(registration.seats.filter(status=Status.HELD, held_for=HeldFor.OFFER))
    if offered:
        _make_certain(registration, offered, now, None)
    if registration.seats.waiting().exists():
        emails.tell(registration, "registration_waiting", now)


def _fresh(registration: Registration, event: Event) -> Registration:
    """The registration as it stands under the lock."""
    found = Registration.objects.select_related("person", "guardian").get(pk=registration.pk)
    found.event = event
    return found


def _write_people(person: Person, guardian: Person | None, home: Membership | None) -> None:
    if person.pk is None:
        person.save()
    if guardian is not None and guardian.pk is None:
        guardian.save()
    if home is not None:
        home.person = person
        Membership.objects.bulk_create([home], ignore_conflicts=True)


def _check_guardian_agreed(registration: Registration) -> None:
    """No place is certain for somebody of 16 or 17 before a guardian agrees, whoever gives it (GDPR-07)."""
    if registration.awaits_guardian:
        raise RuleBroken("guardian_first", _("The parent or guardian has to agree first; we have asked them."))


def _check_runs(event: Event, now: datetime) -> None:
    if event.is_cancelled:
        raise RuleBroken("cancelled", _("This event has been cancelled."))
    if event.is_over(now):
        raise RuleBroken("over", _("This event is over."))


def _check_not_over(event: Event, now: datetime) -> None:
    if event.is_over(now):
        raise RuleBroken("over", _("This event is over; there is nothing left to cancel."))


def _earlier(event: Event, person: Person, key: uuid.UUID | None, hourly_limit: int | None, now: datetime) -> Registration | None:
    """The registration this form has made before, else the contact's live one for the event; one query.

    Raises RuleBroken ``throttled`` when the contact has signed up too often within an hour.
    """
    same_form = Q(key=key) if key is not None else Q(pk=None)
    same_contact = Q(event=event, contact=person.contact, closed_at=None)
    lately = Q(contact=person.contact, created_at__gt=now - HOUR) if hourly_limit is not None else Q(pk=None)
    found = list(Registration.objects.filter(same_form | same_contact | lately))
    twins = [first for first in found if first.key == key or (first.event_id == event.pk and first.closed_at is None)]
    twin = min(twins, key=lambda first: first.key != key, default=None)
    if hourly_limit is not None and len(found) >= hourly_limit and (twin is None or twin.key != key):
        raise RuleBroken("throttled", _("Too many sign-ups from this contact within an hour. Wait a while, or ring us."))
    return twin


def _repeated(first: Registration, event: Event, person: Person) -> Registration:
    """The same form sent again shows the first result; with another event or contact it is not the same form."""
    if first.event_id != event.pk or first.contact != person.contact:
        raise RuleBroken("key_used", _("This form has already been used. Open the sign-up page again."))
    first.given = list(first.seats.all())
    return first
