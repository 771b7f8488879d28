"""The story of one sign-up: what became of its places, when and why, in words that resident and animator both read."""

from dataclasses import dataclass
from datetime import datetime

from events.models import Registration, SeatMove
from participants.models import User


@dataclass(frozen=True)
class Step:
    """One thing that happened to some of the places: why, to whom of the party, and in whose words."""

    at: datetime
    why: str
    names: list[str]
    whole: bool
    note: str
    actor: User | None


def of(registration: Registration) -> list[Step]:
    """The steps in the order they happened; moves of several places at once are one step. One query."""
    moves = SeatMove.objects.filter(seat__registration=registration).select_related("seat", "actor").order_by("at", "pk")
    found: dict[tuple[datetime, str, str], list[SeatMove]] = {}
    for move in moves:
        found.setdefault((move.at, move.why, move.after), []).append(move)
    party = len({move.seat_id for moves in found.values() for move in moves})
    return [
        Step(at, first.get_why_display(), [move.seat.name for move in moved], len(moved) == party, first.note, first.actor)
        for (at, _why, _after), moved in found.items()
        for first in moved[:1]
    ]
