"""Places: the verbs of signing up.

Every verb locks the event row first, then settles: what expired lapses, what is free goes to the queue in order.
Rows are counted, no counter is kept; no registration is inserted before its event's lock.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events import emails
from events.domain import contacts, envelope, parties
from events.domain import seats as seat_moves
from events.domain.parties import Head
from events.domain.queue import lock, settle
from events.models import Event, Registration, Seat, SeatMove
from participants.domain import bounces
from participants.domain.people import mark_verified
from participants.models import Notice, Person, User
from projects.domain import subscriptions
from projects.models import Membership

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
    notice_read_at: datetime | None = None,
    shares_contact: bool = False,
    at: datetime | None = None,
) -> Registration:
    """Give the party its places, or its turn on the waiting list, and book the message that says so.

    ``person`` and ``guardian`` may be unsaved, and ``home`` say where they live: all are written only once the rules
    agree. ``beyond`` is why one of the team takes the party on although there is no place; ``shares_contact`` says that
    they know who it is: another's sign-up under the same contact does not stand in the way. The same ``key`` again
    returns the first registration. The seats made are in its ``given``. Locks the event. Raises RuleBroken: ``cancelled``,
    ``over``, ``not_published``, ``not_open_yet``, ``closed``, ``no_sign_up``, ``already_registered``, ``key_used``,
    ``throttled`` past ``hourly_limit`` sign-ups of the contact, ``guardian_first`` with ``beyond``, and as ``parties.check``.
    """
    with transaction.atomic():
        event = lock(event)
        # The clock is read under the lock, so that the order of moves and of their times is one.
        now = at or timezone.now()
        first, sharer = _earlier(event, person, key, hourly_limit, now, shares_contact=shares_contact)
        if first is not None and first.key == key:
            return _repeated(first, event, person)
        envelope.check_open(event, now, actor)
        parties.check(event, person, heads, guardian=guardian, actor=actor)
        if first is not None:
            raise RuleBroken("already_registered", _("This contact is already signed up for this event."), registration=first)
        room = settle(event, now)
        _write_people(person, guardian, home)
        registration = Registration.objects.create(
            event=event, person=person, contact=person.contact, guardian=guardian, channel=channel, entered_by=actor, sharer=sharer,
            key=key or uuid.uuid4(), notice=notice, all_or_none=all_or_none, series_key=series_key, notice_read_at=notice_read_at,
        )  # fmt: skip
        registration.given = envelope.seat_newcomers(registration, heads, room, now, beyond=beyond)
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
        envelope.check_runs(event, now)
        registration = envelope.fresh(registration, event)
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
            envelope.make_certain(registration, in_time, now, actor)
        settle(event, now)
        envelope.revive(event, registration, now)
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
        envelope.check_not_over(event, now)
        registration = envelope.fresh(registration, event)
        chosen = {seat.pk for seat in seats} if seats is not None else None
        live = [seat for seat in registration.seats.live() if chosen is None or seat.pk in chosen]
        envelope.give_back(registration, live, Why.BY_STAFF if actor else Why.OWN_WISH, now, actor)
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
        envelope.check_runs(event, now)
        settle(event, now)
        registration = envelope.fresh(registration, event)
        waiting = list(registration.seats.waiting())
        envelope.check_guardian_agreed(registration)
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
        envelope.check_runs(event, now)
        event.capacity = capacity
        event.save(update_fields=["capacity", "updated_at"])
        settle(event, now)
    return event


def free_places(event: Event, at: datetime | None = None) -> int | None:
    """How many places are free now, never below 0; None when there is no limit."""
    if event.capacity is None:
        return None
    return max(0, event.capacity - event.seats.taking(at).count())


# --- Inside the lock -------------------------------------------------------------------------------------------------------


def _write_people(person: Person, guardian: Person | None, home: Membership | None) -> None:
    if person.pk is None:
        person.save()
    if guardian is not None and guardian.pk is None:
        guardian.save()
    if home is not None:
        home.person = person
        Membership.objects.bulk_create([home], ignore_conflicts=True)


def _earlier(
    event: Event, person: Person, key: uuid.UUID | None, hourly_limit: int | None, now: datetime, *, shares_contact: bool
) -> tuple[Registration | None, str]:
    """The registration this form has made before, else the contact's live one for the event; one query.

    Of a shared contact it is the person's own. And whose a new one is: nobody's in particular, unless another stands
    under the contact. Raises RuleBroken ``throttled`` when the contact has signed up too often within an hour.
    """
    same_form = Q(key=key) if key is not None else Q(pk=None)
    same_contact = Q(event=event, contact=person.contact, closed_at=None)
    same_person = Q(event=event, person=person.pk, closed_at=None) if shares_contact and person.pk else Q(pk=None)
    lately = Q(contact=person.contact, created_at__gt=now - HOUR) if hourly_limit is not None else Q(pk=None)
    found = list(Registration.objects.filter(same_form | same_contact | same_person | lately).select_related("person"))
    repeated = next((first for first in found if first.key == key), None)
    if hourly_limit is not None and len(found) >= hourly_limit and repeated is None:
        raise RuleBroken("throttled", _("Too many sign-ups from this contact within an hour. Wait a while, or ring us."))
    live = [first for first in found if first.event_id == event.pk and first.closed_at is None]
    own = contacts.twin(live, person, alone=not shares_contact)
    is_second = any(first.contact == person.contact for first in live)
    return repeated or own, contacts.sharer(person.name) if is_second else ""


def _repeated(first: Registration, event: Event, person: Person) -> Registration:
    """The same form sent again shows the first result; with another event or contact it is not the same form."""
    # Whoever gave neither phone nor e-mail is their own contact, and had no number yet when the form was sent.
    anonymous = person.pk is None and not (person.email or person.phone)
    same = contacts.is_of(first, person.name) if anonymous else first.contact == person.contact
    if first.event_id != event.pk or not same:
        raise RuleBroken("key_used", _("This form has already been used. Open the sign-up page again."))
    first.given = list(first.seats.all())
    return first
