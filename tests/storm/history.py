"""The proof from the history: every move of the event is played again in the order in which it happened.

Moves are written under the event's lock, so the order of their numbers is the order of what happened.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from events.domain.lottery import digest
from tests.storm.portal import Line

WITH_PLACE = frozenset({"held", "confirmed"})
# Places that came free, and went to whoever was first in order.
FROM_THE_QUEUE = frozenset({"next_in_order", "offered", "drawn"})


@dataclass
class Seat:
    pk: int
    registration: int
    group: int
    rank: float
    extra: bool
    all_or_none: bool
    status: str = ""

    @property
    def turn(self) -> tuple[float, int]:
        return self.rank, self.pk

    @property
    def counts(self) -> bool:
        return self.status in WITH_PLACE and not self.extra


@dataclass
class Found:
    """What the history of an event says; the lists of wrongs are empty when all is right."""

    most: int
    why: dict[str, int]
    wrongs: list[str]
    seats: dict[int, Seat]

    @property
    def taken(self) -> int:
        return sum(seat.counts for seat in self.seats.values())

    @property
    def queue(self) -> list[list[Seat]]:
        """Parties that wait, in order."""
        waiting = sorted((seat for seat in self.seats.values() if seat.status == "waiting"), key=lambda seat: seat.turn)
        found: dict[tuple[int, int], list[Seat]] = defaultdict(list)
        for seat in waiting:
            found[seat.registration, seat.group].append(seat)
        return list(found.values())


SEATS = """SELECT s.id, s.registration_id, s."group", coalesce(r.draw_rank, 'infinity'::float), s.extra, r.all_or_none
    FROM events_seat s JOIN events_registration r ON r.id = s.registration_id WHERE s.event_id = %s"""
MOVES = """SELECT m.at, m.seat_id, m.before, m.after, m.why
    FROM events_seatmove m JOIN events_seat s ON s.id = m.seat_id WHERE s.event_id = %s ORDER BY m.id"""


def replay(line: Line, event: int, capacity: int) -> Found:
    """Play the moves of an event that is more than a day away, and look at every step whether it was right.

    Right is: never more heads with a place than ``capacity``; a place that came free goes to the first of the queue; a
    newcomer gets one at once only while nobody waits; a party that comes together is not torn apart; a seat is
    where its last move left it.
    """
    found = Found(0, defaultdict(int), [], {row[0]: Seat(*row) for row in line.rows(SEATS, [event])})
    moves = line.rows(MOVES, [event])
    for _at, verb in groupby(moves, key=lambda row: row[0]):
        rows = list(verb)
        for row in rows:
            _play(found, row)
            found.most = max(found.most, found.taken)
            if found.taken > capacity:
                found.wrongs.append(f"{found.taken} of {capacity} places after {row}")
        _look_for_torn_parties(found, {row[1] for row in rows if row[4] in FROM_THE_QUEUE})
    for pk, status in line.rows("SELECT id, status FROM events_seat WHERE event_id = %s", [event]):
        if found.seats[pk].status != status:
            found.wrongs.append(f"seat {pk} is {status}, its history says {found.seats[pk].status}")
    return found


def _play(found: Found, move: tuple[Any, ...]) -> None:
    _at, pk, before, after, why = move
    seat = found.seats[pk]
    waiting = [other for other in found.seats.values() if other.status == "waiting"]
    if seat.status != before:
        found.wrongs.append(f"{move} began at {seat.status}")
    if why in FROM_THE_QUEUE and seat is not min(waiting, key=lambda other: other.turn, default=None):
        found.wrongs.append(f"{move} overtook somebody")
    if before == "" and after in WITH_PLACE and not seat.extra and waiting:
        found.wrongs.append(f"{move} came past {len(waiting)} who waited")
    seat.status = after
    found.why[why] += 1


def _look_for_torn_parties(found: Found, moved: set[int]) -> None:
    for pk in moved:
        seat = found.seats[pk]
        left = [other for other in found.seats.values() if other.registration == seat.registration and other.group == seat.group]
        if seat.all_or_none and any(other.status == "waiting" for other in left):
            found.wrongs.append(f"the party of seat {pk} was torn apart")


def idle_places(found: Found, capacity: int) -> int:
    """How many places stay free although the first of the queue would fit."""
    free = capacity - found.taken
    if not found.queue or free <= 0:
        return 0
    first = found.queue[0]
    return free if len(first) <= free or not first[0].all_or_none else 0


def check_draw(line: Line, event: int) -> int:
    """Recompute the draw from its published protocol, as anybody can; how many took part."""
    ((seed, protocol, capacity),) = line.rows("SELECT seed, protocol, capacity FROM events_draw WHERE event_id = %s", [event])
    expected = sorted(protocol, key=lambda row: digest(seed, row["ticket"]))
    assert [row["rank"] for row in expected] == list(range(1, len(protocol) + 1))
    assert [row["digest"] for row in expected] == [digest(seed, row["ticket"]) for row in expected]
    assert sum(row["places"] for row in protocol) <= capacity
    return len(protocol)
