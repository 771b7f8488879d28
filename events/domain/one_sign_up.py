"""Two live sign-ups of one person for one event become one, and can be parted again; all under the event's lock.

Names only one of them has move into the older as a group of their own, with the places and the turn they have. A name that
stands in both keeps the better place; the other is given back, and whoever is next in order gets it. Nobody is told that
they are cancelled, for nobody is: links, codes and letters of the newer sign-up lead to the older.
"""

from collections.abc import Sequence
from datetime import datetime

from active_citizens.core.text import folded
from events.domain import queue
from events.domain import seats as seat_moves
from events.models import AccessRequest, Event, Registration, Seat, SeatMove
from participants.models import User
from participants.privacy import Moved
from projects.domain import calls
from projects.models import CallMatter

Status = Seat.Status
# The largest number a group may have.
LAST_GROUP = 99


def can_be_one(older: Registration, newer: Registration) -> bool:
    """Two requests for access cannot be made one without asking anew, so such sign-ups stay two."""
    asked = AccessRequest.objects.exclude(status=AccessRequest.Status.WITHDRAWN).filter(registration__in=(older, newer))
    return asked.count() < 2


def put_together(older: Registration, newer: Registration, *, actor: User, at: datetime) -> Moved:
    """Let the older sign-up hold the places of both; says what moved, for ``take_apart``. The caller holds the event's lock."""
    moving, given_back = _share(list(older.seats.live().order_by("number")), list(newer.seats.live().order_by("number")))
    moved = {f"into_{newer.pk}": [older.pk], f"seats_{newer.pk}": _move_seats(moving, older, at)}
    seat_moves.move(given_back, Status.CANCELLED, SeatMove.Why.JOINED, at=at, actor=actor)
    moved[f"given_back_{newer.pk}"] = [seat.pk for seat in given_back]
    if older.guardian_id is None and newer.guardian_id is not None:
        older.guardian_id, older.guardian_confirmed_at = newer.guardian_id, newer.guardian_confirmed_at
        older.save(update_fields=["guardian", "guardian_confirmed_at", "updated_at"])
        moved[f"guardian_{newer.pk}"] = [older.pk]
    requests = AccessRequest.objects.filter(registration=newer).exclude(status=AccessRequest.Status.WITHDRAWN)
    moved[f"requests_{newer.pk}"] = list(requests.values_list("pk", flat=True))
    requests.update(registration=older, updated_at=at)
    moved[f"calls_{newer.pk}"] = _point_calls(newer, older, at)
    Registration.objects.filter(pk=newer.pk).update(closed_at=at, joined_to=older, updated_at=at)
    queue.settle(queue.lock(Event(pk=older.event_id)), at)
    return moved


def take_apart(moved: Moved, *, actor: User, at: datetime) -> None:
    """Give the newer sign-ups back what is still there; a place given back is waited for in its old position of the queue."""
    for label, (number,) in [(label, rows) for label, rows in moved.items() if label.startswith("into_")]:
        newer = Registration.objects.select_related("event").get(pk=int(label.removeprefix("into_")))
        older = Registration.objects.get(pk=number)
        if newer.joined_to_id == older.pk:
            _part(older, newer, moved, actor, at)


# --- Inside the lock -------------------------------------------------------------------------------------------------------


def _share(olds: Sequence[Seat], news: Sequence[Seat]) -> tuple[list[Seat], list[Seat]]:
    """Which seats of the newer sign-up move, and which of either are given back: of two of one name the weaker."""
    standing = {folded(seat.name): seat for seat in olds}
    moving, given_back = [], []
    for seat in news:
        twin = standing.pop(folded(seat.name), None)
        if twin is None:
            moving.append(seat)
        elif _weight(seat) < _weight(twin):
            moving.append(seat)
            given_back.append(twin)
        else:
            given_back.append(seat)
    return moving, given_back


def _weight(seat: Seat) -> int:
    """Smaller is better: certain, certain beyond the number, held, waiting."""
    return (Status.CONFIRMED, Status.HELD, Status.WAITING).index(Status(seat.status)) * 2 + seat.extra


def _move_seats(seats: Sequence[Seat], older: Registration, at: datetime) -> list[int]:
    """Into the older sign-up, behind its own groups; says number, place and group of each as they were, three by three."""
    before = list(older.seats.values_list("number", "group"))
    number, group = max((row[0] for row in before), default=0), max((row[1] for row in before), default=0)
    said: list[int] = []
    for seat in seats:
        number += 1
        said += [seat.pk, seat.number, seat.group]
        Seat.objects.filter(pk=seat.pk).update(registration=older, number=number, group=min(group + seat.group, LAST_GROUP), updated_at=at)
    seat_moves.note(seats, SeatMove.Why.JOINED, at=at)
    return said


def _point_calls(newer: Registration, older: Registration, at: datetime) -> list[int]:
    """What there is to say about the newer sign-up is about the older now; what would be said twice is dropped."""
    pointed = []
    for matter in CallMatter.objects.open().filter(context__registration=newer.pk).order_by("pk"):
        context = {**matter.context, "registration": older.pk}
        if CallMatter.objects.open().filter(task=matter.task_id, reason=matter.reason, context=context).exists():
            calls.drop(CallMatter.objects.filter(pk=matter.pk), at)
        else:
            CallMatter.objects.filter(pk=matter.pk).update(context=context, updated_at=at)
            pointed.append(matter.pk)
    return pointed


def _part(older: Registration, newer: Registration, moved: Moved, actor: User, at: datetime) -> None:
    said = moved.get(f"seats_{newer.pk}", [])
    for pk, number, group in zip(said[::3], said[1::3], said[2::3], strict=True):
        Seat.objects.filter(pk=pk, registration=older).update(registration=newer, number=number, group=group, updated_at=at)
    if moved.get(f"guardian_{newer.pk}"):
        Registration.objects.filter(pk=older.pk).update(guardian=None, guardian_confirmed_at=None, updated_at=at)
    requests = AccessRequest.objects.filter(pk__in=moved.get(f"requests_{newer.pk}", []), registration=older)
    requests.update(registration=newer, updated_at=at)
    for matter in CallMatter.objects.open().filter(pk__in=moved.get(f"calls_{newer.pk}", [])):
        CallMatter.objects.filter(pk=matter.pk).update(context={**matter.context, "registration": newer.pk}, updated_at=at)
    event = queue.lock(Event(pk=newer.event_id))
    if older.closed_at is None and event.is_published and not event.is_over(at):
        waiting = Seat.objects.filter(pk__in=moved.get(f"given_back_{newer.pk}", []), status=Status.CANCELLED)
        seat_moves.move(waiting, Status.WAITING, SeatMove.Why.JOINED, at=at, actor=actor)
    closed_at = None if newer.seats.live().exists() else newer.closed_at
    Registration.objects.filter(pk=newer.pk).update(joined_to=None, closed_at=closed_at, sharer=_free_sharer(newer), updated_at=at)
    if event.is_published and not event.is_over(at):
        queue.settle(event, at)


def _free_sharer(newer: Registration) -> str:
    """Whose of a shared contact it is, once somebody else has signed up under it meanwhile."""
    others = Registration.objects.live().filter(event=newer.event_id, contact=newer.contact).exclude(pk=newer.pk)
    taken = others.filter(sharer=newer.sharer).exists()
    return folded(newer.person.name)[:150] if taken else newer.sharer
