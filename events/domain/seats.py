"""The one place where a seat's status is set: every move writes its row of history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from events.models import Registration, Seat, SeatMove
from participants.models import User


def move(
    seats: Iterable[Seat],
    to: str,
    why: str,
    *,
    at: datetime,
    actor: User | None = None,
    held_until: datetime | None = None,
    held_for: str = "",
    extra: bool = False,
    note: str = "",
) -> list[Seat]:
    """Move the seats and note why; two statements whatever their number. The caller holds the event's lock."""
    moved = list(seats)
    changes = [SeatMove(seat=seat, before=seat.status, after=to, why=why, note=note, at=at, actor=actor) for seat in moved]
    for seat in moved:
        seat.status = to
        seat.held_until = held_until
        seat.held_for = held_for
        # A place beyond the number stays counted apart also when it is given back.
        seat.extra = seat.extra or extra
        seat.updated_at = at
    Seat.objects.bulk_update(moved, ["status", "held_until", "held_for", "extra", "updated_at"])
    SeatMove.objects.bulk_create(changes)
    return moved


def note(seats: Iterable[Seat], why: str, *, at: datetime) -> None:
    """Note once why the seats stay where they are; a second note of the same kind would say nothing new."""
    waiting = list(seats)
    noted = set(SeatMove.objects.filter(seat__in=waiting, why=why).values_list("seat_id", flat=True))
    waiting = [seat for seat in waiting if seat.pk not in noted]
    SeatMove.objects.bulk_create(SeatMove(seat=seat, before=seat.status, after=seat.status, why=why, at=at) for seat in waiting)


@dataclass(frozen=True)
class Start:
    """The first state of new seats, and why."""

    status: str
    why: str
    held_until: datetime | None = None
    held_for: str = ""
    extra: bool = False
    note: str = ""


def add(
    registration: Registration,
    heads: Iterable[tuple[str, str]],
    start: Start,
    *,
    at: datetime,
    actor: User | None,
    first: int = 1,
    group: int = 1,
) -> list[Seat]:
    """Make seats of (name, age band) in their first state, numbered from ``first``, with the first row of their history."""
    seats = Seat.objects.bulk_create(
        Seat(
            registration=registration,
            event_id=registration.event_id,
            number=number,
            group=group,
            name=name,
            age_band=age_band,
            status=start.status,
            held_until=start.held_until,
            held_for=start.held_for,
            extra=start.extra,
        )
        for number, (name, age_band) in enumerate(heads, start=first)
    )
    SeatMove.objects.bulk_create(
        SeatMove(seat=seat, before="", after=start.status, why=start.why, note=start.note, at=at, actor=actor) for seat in seats
    )
    return seats
