"""Who came: ticked at the door on a phone, or typed in afterwards from the paper list.

Nothing here moves a place of those who signed up, and nobody is told what was noted about them.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events.domain import heads, noting, queue
from events.domain import seats as seat_moves
from events.models import Event, Registration, Seat, SeatMove
from participants.domain import access_log
from participants.models import MINORS, AccessLog, Notice, Person, User


@dataclass(frozen=True)
class Tick:
    """What somebody noted about one seat, and when, as the phone saw it; ``what`` empty takes a tick back."""

    seat: int
    what: str
    ticked_at: datetime


def mark(event: Event, ticks: Iterable[Tick], *, from_paper: bool = False, actor: User, at: datetime | None = None) -> list[Seat]:
    """Note who came, was excused or did not come; says which seats changed.

    The later tick wins, seat by seat, whatever the order in which batches arrive; the same batch again changes
    nothing. A phone's clock is believed between the morning of the event's day and now. Locks the event; one UPDATE
    per batch, all or none. The caller answers for the right. Raises RuleBroken: as ``noting.check_time`` does, and with the
    seats in question in its ``seats``: ``not_theirs``, ``no_place``, ``no_such_mark``.
    """
    last: dict[int, Tick] = {}
    for tick in sorted(ticks, key=lambda tick: tick.ticked_at):
        last[tick.seat] = tick
    with transaction.atomic():
        event = queue.lock(event)
        now = at or timezone.now()
        noting.check_time(event, now)
        found = event.seats.filter(pk__in=last).in_bulk()
        _check_ticks(last, found)
        earliest = noting.day_starts(event)
        changed = []
        for pk, tick in last.items():
            seat, ticked_at = found[pk], min(max(tick.ticked_at, earliest), now)
            if seat.attendance_at is not None and ticked_at <= seat.attendance_at:
                continue
            seat.attendance, seat.attendance_at, seat.attendance_by = tick.what, ticked_at, actor
            seat.attendance_from_paper, seat.updated_at = from_paper and tick.what != "", now
            changed.append(seat)
        if changed:
            _write(changed)
            heads.fill_rest(event, actor)
            _log(event, changed, actor, now)
    return changed


def walk_in(
    event: Event,
    name: str,
    age_band: str = "",
    *,
    key: uuid.UUID,
    notice: Notice | None = None,
    from_paper: bool = False,
    actor: User,
    at: datetime | None = None,
) -> Seat:
    """Write down somebody who came without signing up: a name, a band, and a place counted apart from the number.

    The same ``key`` again gives the same seat. Locks the event. The caller answers for the right. Raises RuleBroken:
    as ``noting.check_time`` does, ``key_used``, ``needs_name``, ``adults_only``.
    """
    with transaction.atomic():
        event = queue.lock(event)
        now = at or timezone.now()
        first = Registration.objects.filter(key=key).first()
        if first is not None:
            return _same(first, event)
        noting.check_time(event, now)
        if not name:
            raise RuleBroken("needs_name", _("Write a name; whoever gives none is counted without one."), field="name")
        if age_band in MINORS and not event.open_to_minors:
            raise RuleBroken("adults_only", _("This event is for adults."), field="age_band")
        person = Person.objects.create(name=name, age_band=age_band, preferred_channel=Person.Channel.NONE)
        registration = Registration.objects.create(
            event=event, person=person, contact=person.contact, channel=Registration.Channel.WALK_IN, entered_by=actor, key=key,
            notice=notice,
        )  # fmt: skip
        start = seat_moves.Start(Seat.Status.CONFIRMED, SeatMove.Why.WALKED_IN, extra=True)
        (seat,) = seat_moves.add(registration, [(name, age_band)], start, at=now, actor=actor)
        seat.attendance, seat.attendance_at, seat.attendance_by = Seat.Attendance.CAME, now, actor
        seat.attendance_from_paper = from_paper
        _write([seat])
        heads.fill_rest(event, actor)
        _log(event, [seat], actor, now)
    return seat


# --- Inside the lock -------------------------------------------------------------------------------------------------------


def _check_ticks(ticks: dict[int, Tick], found: dict[int, Seat]) -> None:
    foreign = [pk for pk in ticks if pk not in found]
    if foreign:
        raise RuleBroken("not_theirs", _("This place belongs to another event."), seats=foreign)
    gone = [pk for pk in ticks if found[pk].status != Seat.Status.CONFIRMED]
    if gone:
        names = ", ".join(found[pk].name for pk in gone)
        raise RuleBroken("no_place", _("Not noted, for the place was given back meanwhile: %(names)s.") % {"names": names}, seats=gone)
    wrong = [pk for pk, tick in ticks.items() if tick.what not in Seat.Attendance.values]
    if wrong:
        raise RuleBroken("no_such_mark", _("Choose: came, excused or did not come."), seats=wrong)


def _same(first: Registration, event: Event) -> Seat:
    if first.event_id != event.pk or first.channel != Registration.Channel.WALK_IN:
        raise RuleBroken("key_used", _("Open this page again and repeat."))
    return first.seats.get()


def _write(seats: list[Seat]) -> None:
    columns = ["attendance", "attendance_at", "attendance_by", "attendance_from_paper", "updated_at"]
    Seat.objects.bulk_update(seats, columns)


def _log(event: Event, seats: list[Seat], actor: User, now: datetime) -> None:
    """One line a batch: which seats, of which event."""
    ids = [seat.pk for seat in seats]
    detail = {"event": event.pk, "what": "attendance"}
    access_log.record(AccessLog.Action.CHANGE, Seat._meta.label_lower, actor=actor, ids=ids, row_count=len(ids), detail=detail, at=now)
