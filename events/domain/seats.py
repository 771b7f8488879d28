"""The one place where a seat's status is set: every move writes its row of history."""

from collections.abc import Iterable
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
) -> list[Seat]:
    """Move the seats and note why; two statements whatever their number. The caller holds the event's lock."""
    moved = list(seats)
    changes = [SeatMove(seat=seat, before=seat.status, after=to, why=why, at=at, actor=actor) for seat in moved]
    for seat in moved:
        seat.status = to
        seat.held_until = held_until
        seat.held_for = held_for
        seat.updated_at = at
    Seat.objects.bulk_update(moved, ["status", "held_until", "held_for", "updated_at"])
    SeatMove.objects.bulk_create(changes)
    return moved


def note(seats: Iterable[Seat], why: str, *, at: datetime) -> None:
    """Note once why the seats stay where they are; a second note of the same kind would say nothing new."""
    waiting = list(seats)
    noted = set(SeatMove.objects.filter(seat__in=waiting, why=why).values_list("seat_id", flat=True))
    waiting = [seat for seat in waiting if seat.pk not in noted]
    SeatMove.objects.bulk_create(SeatMove(seat=seat, before=seat.status, after=seat.status, why=why, at=at) for seat in waiting)


def add(registration: Registration, names: Iterable[tuple[str, str]], status: str, why: str, *, at: datetime, actor: User | None,
        held_until: datetime | None = None, held_for: str = "") -> list[Seat]:  # fmt: skip
    """Make the seats of a new registration in their first state, with the first row of their history."""
    seats = Seat.objects.bulk_create(
        Seat(
            registration=registration,
            event_id=registration.event_id,
            number=number,
            name=name,
            age_band=age_band,
            status=status,
            held_until=held_until,
            held_for=held_for,
        )
        for number, (name, age_band) in enumerate(names, start=1)
    )
    SeatMove.objects.bulk_create(SeatMove(seat=seat, before="", after=status, why=why, at=at, actor=actor) for seat in seats)
    return seats
