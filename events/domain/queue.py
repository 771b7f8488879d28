"""The queue: what expired lapses, what is free goes to those who wait, in one order and by one rule.

Everything here runs under the event's lock. The order is that of the seats' numbers, given under the lock; in a lottery
the drawn come first, in the drawn order. Those added to a party later wait as a group of their own, at the end.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, Min, OuterRef, Q
from django.utils import timezone

from events import emails
from events.domain import holds
from events.domain import seats as seat_moves
from events.models import Event, Registration, Seat, SeatMove
from events.models.events import EventQuerySet

Status = Seat.Status
Why = SeatMove.Why

# So long before the start a party that needs more places than are free lets the next who fits go first.
PASS_OVER_BEFORE_START = timedelta(hours=24)
WHY_LAPSED = {
    Seat.HeldFor.VERIFICATION: Why.HOLD_ENDED,
    Seat.HeldFor.OFFER: Why.OFFER_ENDED,
    Seat.HeldFor.GUARDIAN: Why.NO_GUARDIAN,
}
# What the note of a place says to the contact who got it.
WHY_STUCK = (Why.PASSED_OVER, Why.ANY_OF_QUEUE)


@dataclass(frozen=True)
class Room:
    """How an event stands at a moment: heads with a place, heads waiting, and places left (None: no limit).

    Those taken on beyond the number of places are counted apart, and are in none of these.
    """

    taken: int
    waiting: int
    free: int | None


def lock(event: Event) -> Event:
    """The event's row, locked until the transaction ends; the first step of every verb."""
    # Straight from the table: no text is read, so choosing the language of texts would be wasted.
    rows = EventQuerySet(Event).without_texts("title", "summary", "description", "access_note")
    return rows.select_for_update(no_key=True).get(pk=event.pk)


def settle(event: Event, at: datetime) -> Room:
    """Lapse what expired, then give what is free to the queue in strict order; says how the event stands then.

    The caller holds the event's lock. The one skip rule: within 24 hours of the start a party that does not fit is
    passed over, and the note says so.
    """
    counts = (
        event.seats.live()
        .filter(extra=False)
        .aggregate(
            expired=Count("pk", filter=Q(status=Status.HELD, held_until__lte=at)),
            waiting=Count("pk", filter=Q(status=Status.WAITING)),
            live=Count("pk"),
        )
    )
    if counts["expired"]:
        _lapse(event, at)
    taken = counts["live"] - counts["waiting"] - counts["expired"]
    room = Room(taken, counts["waiting"], None if event.capacity is None else max(0, event.capacity - taken))
    return promote(event, room, at) if room.waiting else room


def promote(event: Event, room: Room, now: datetime) -> Room:
    """Give free places to the queue, party by party in order; says how the event stands afterwards.

    Nothing moves before a lottery is drawn, on a full event, or once the event began. After the time of the last
    offers the places stay free for whoever of the queue answers first, and everybody is told.
    """
    if room.free == 0 or not event.is_published or event.waits_for_draw or now >= event.starts_at:
        return room
    if event.promotion == Event.Promotion.OFFER and now >= event.offers_end_at():
        _call_for_answers(event, now)
        return room
    taken, waiting, free = room.taken, room.waiting, room.free
    strict = event.starts_at - now > PASS_OVER_BEFORE_START
    # In strict order one seat more than is free tells whether its party fits; the rest of a long queue stays unread.
    for party in in_order(event, most=None if free is None or not strict else free + 1):
        registration = party[0].registration
        fits = len(party) if free is None else min(free, len(party))
        if fits < len(party) and registration.all_or_none:
            if strict:
                break
            seat_moves.note(party, Why.PASSED_OVER, at=now)
            continue
        _give(event, registration, party[:fits], taken, now)
        taken, waiting = taken + fits, waiting - fits
        free = None if free is None else free - fits
        if free == 0:
            break
    return Room(taken, waiting, free)


def settle_due(at: datetime | None = None) -> int:
    """Settle one event whose time has come: a hold ran out, or the last day lets smaller parties go first."""
    now = at or timezone.now()
    event_id = Seat.objects.expired(now).order_by("held_until").values_list("event_id", flat=True).first() or _stuck(now)
    if event_id is None:
        return 0
    with transaction.atomic():
        event = lock(Event(pk=event_id))
        settle(event, at or timezone.now())
    return 1


def close_empty(event: Event, now: datetime) -> None:
    """Close the registrations of the event in which nobody has or awaits a place any more."""
    open_ones = event.registrations.live()
    open_ones.exclude(pk__in=event.seats.live().values("registration")).update(closed_at=now)


# --- Reading ---------------------------------------------------------------------------------------------------------------


def in_order(event: Event, most: int | None = None) -> list[list[Seat]]:
    """The waiting seats (the first ``most`` of them) party by party, in the order of the queue."""
    found: dict[tuple[int, int], list[Seat]] = defaultdict(list)
    waiting = event.seats.waiting().select_related("registration__person", "registration__guardian")
    for seat in waiting.order_by(F("registration__draw_rank").asc(nulls_last=True), "pk")[:most]:
        found[seat.registration_id, seat.group].append(seat)
    return list(found.values())


def position(registration: Registration) -> int | None:
    """The registration's place in the queue, from 1; None when it does not wait."""
    return positions([registration]).get(registration.pk)


def positions(registrations: Iterable[Registration]) -> dict[int, int]:
    """The places in their queues, from 1, of those that wait; one query for all of them.

    Before a lottery is drawn nobody stands before anybody: such events are left out.
    """
    wanted = list(registrations)
    if not wanted:
        return {}
    events = {registration.event_id for registration in wanted}
    waiting = Seat.objects.waiting().filter(event__in=events).exclude(event__promotion=Event.Promotion.LOTTERY, event__drawn_at=None)
    groups = waiting.values("event_id", "registration_id", "group").annotate(rank=Min("registration__draw_rank"), first=Min("pk"))
    found: dict[int, int] = {}
    ahead: dict[int, int] = defaultdict(int)
    for group in groups.order_by(F("rank").asc(nulls_last=True), "first"):
        ahead[group["event_id"]] += 1
        found.setdefault(group["registration_id"], ahead[group["event_id"]])
    return {registration.pk: found[registration.pk] for registration in wanted if registration.pk in found}


def length(event: Event) -> int:
    """How many parties wait."""
    return event.seats.waiting().values("registration", "group").distinct().count()


# --- Inside the lock -------------------------------------------------------------------------------------------------------


def _lapse(event: Event, now: datetime) -> None:
    """Take back what was not answered in time; those who once answered are told that it is over."""
    expired: dict[str, list[Seat]] = defaultdict(list)
    told: dict[int, Registration] = {}
    for seat in event.seats.expired(now).select_related("registration__person"):
        expired[seat.held_for].append(seat)
        if seat.held_for != Seat.HeldFor.VERIFICATION:
            told[seat.registration_id] = seat.registration
    for held_for, seats in expired.items():
        seat_moves.move(seats, Status.LAPSED, WHY_LAPSED[Seat.HeldFor(held_for)], at=now)
    close_empty(event, now)
    for registration in told.values():
        registration.event = event
        emails.drop_calls(registration, now)
        emails.tell(registration, "registration_lapsed", now)


def _give(event: Event, registration: Registration, seats: Sequence[Seat], taken: int, now: datetime) -> None:
    """Give the places that came free: certain, or held for what is still missing."""
    registration.event = event
    hold = holds.on_promotion(event, registration, taken, now)
    drawn = event.promotion == Event.Promotion.LOTTERY and registration.draw_rank is not None
    if hold is None:
        seat_moves.move(seats, Status.CONFIRMED, Why.DRAWN if drawn else Why.NEXT_IN_ORDER, at=now)
        emails.tell(registration, "registration_promoted", now)
        return
    offered = hold.held_for == Seat.HeldFor.OFFER
    why = Why.OFFERED if offered else Why.DRAWN if drawn else Why.NEXT_IN_ORDER
    seat_moves.move(seats, Status.HELD, why, at=now, held_until=hold.until, held_for=hold.held_for)
    if offered:
        emails.tell(registration, "registration_offered", now, due_at=holds.told_at(event, now))
    elif hold.held_for == Seat.HeldFor.GUARDIAN:
        emails.ask_guardian(registration, now)
    else:
        emails.tell(registration, "registration_promoted", now)


def _call_for_answers(event: Event, now: datetime) -> None:
    """Tell everybody in the queue, once for every time a place comes free, that whoever answers first gets it."""
    waiting = in_order(event)
    given_up = SeatMove.objects.filter(
        seat__event=event, before__in=(Status.HELD, Status.CONFIRMED), after__in=(Status.CANCELLED, Status.LAPSED)
    )
    occasion = f"{event.capacity}:{given_up.count()}"
    emails.call_for_answers(
        {party[0].registration_id: party[0].registration for party in waiting}.values(), event, occasion, now, holds.told_at(event, now)
    )
    seat_moves.note([seat for party in waiting for seat in party], Why.ANY_OF_QUEUE, at=now)


def _stuck(now: datetime) -> int | None:
    """An event on whose last day somebody waits beside a free place without a note why."""
    soon = Event.objects.filter(status=Event.Status.PUBLISHED, starts_at__gt=now).drawn_or_in_order()
    last_day = Q(starts_at__lte=now + PASS_OVER_BEFORE_START)
    noted = SeatMove.objects.filter(seat=OuterRef("pk"), why__in=WHY_STUCK)
    unexplained = Seat.objects.waiting().filter(~Exists(noted), event=OuterRef("pk"))
    candidates = soon.filter(last_day | Q(promotion=Event.Promotion.OFFER, starts_at__lte=now + timedelta(hours=336)))
    for event in candidates.filter(Exists(unexplained)).with_places(now):
        last_hours = event.promotion == Event.Promotion.OFFER and now >= event.offers_end_at()
        within = event.starts_at - now <= PASS_OVER_BEFORE_START
        if (event.capacity is None or event.taken < event.capacity) and (within or last_hours):
            return event.pk
    return None
