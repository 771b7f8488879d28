"""Which row of the call list is whose: one human has one open row, however many records the portal keeps of them."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from active_citizens.core.text import folded
from participants.models import Person, User
from projects.models import CallMatter, CallTask

# Any number of our own; writers of the list queue up behind it.
LIST_LOCK = 20261128
# Whom to ring, whose team rings, and till when.
Wanted = tuple[Person, int | None, datetime]


def lock() -> None:
    """The whole list, till the transaction ends: the first step of every verb of it, after the locks of events."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LIST_LOCK])


def callee(person: Person) -> str:
    """Who picks up: a couple on one landline are two, several records with one phone and one name are one human."""
    return f"{person.phone} {folded(person.name)}" if person.phone else f"person:{person.pk}"


class Rows:
    """The open rows of some people. The caller holds the list's lock."""

    def __init__(self, people: Iterable[Person]) -> None:
        people = list(people)
        phones = {person.phone for person in people if person.phone}
        shared = Q(person__in=people) | Q(person__phone__in=phones)
        self.pks: set[int] = set()
        self._by_callee: dict[str, CallTask] = {}
        self._by_person: dict[int, CallTask] = {}
        # The eldest row of a human is the one that stays.
        for row in CallTask.objects.open().filter(shared).select_related("person").order_by("-pk"):
            self._add(row)

    def of(self, person: Person) -> CallTask:
        return self._by_callee.get(callee(person)) or self._by_person[person.pk]

    def open_missing(self, wanted: Iterable[Wanted]) -> None:
        """Open a row for everybody who has none yet; one statement."""
        made: dict[str, CallTask] = {}
        for person, neighbourhood_id, due_at in wanted:
            if callee(person) not in self._by_callee and person.pk not in self._by_person:
                made.setdefault(callee(person), CallTask(person=person, neighbourhood_id=neighbourhood_id, due_at=due_at))
        for row in CallTask.objects.bulk_create(made.values()):
            self._add(row)

    def _add(self, row: CallTask) -> None:
        self.pks.add(row.pk)
        self._by_callee[callee(row.person)] = self._by_person[row.person_id] = row


def close_settled(rows: Collection[int], outcome: str, now: datetime, by: User | None = None) -> None:
    """Close those of the rows with nothing left to say."""
    left = CallMatter.objects.open().filter(task__in=rows).order_by()
    CallTask.objects.open().filter(pk__in=rows).exclude(pk__in=left.values("task")).update(
        done_at=now, done_by=by, outcome=outcome, updated_at=now
    )
    follow_matters(rows)


def follow_matters(rows: Collection[int]) -> None:
    """The rows are due with the earliest of their matters."""
    earliest = CallMatter.objects.open().filter(task=OuterRef("pk")).order_by("due_at").values("due_at")[:1]
    CallTask.objects.open().filter(pk__in=rows).update(due_at=Coalesce(Subquery(earliest), F("due_at")))


def regroup(people: Iterable[Person], at: datetime | None = None) -> None:
    """After a name or a number of these people changed: each human has one open row, with nobody else's matters in it."""
    now, changed = at or timezone.now(), list(people)
    with transaction.atomic():
        lock()
        theirs = CallMatter.objects.open().filter(person__in=changed).order_by().values_list("task", flat=True)
        touched = Rows(changed).pks | set(theirs)
        matters = list(CallMatter.objects.open().filter(task__in=touched).select_related("person", "task").order_by("pk"))
        rows = Rows([*changed, *(matter.person for matter in matters)])
        rows.open_missing((matter.person, matter.task.neighbourhood_id, matter.due_at) for matter in matters)
        for matter in matters:
            _move(matter, rows.of(matter.person), now)
        close_settled(touched | rows.pks, CallTask.Outcome.DROPPED, now)


def hand_over(gone: Person, kept: Person, at: datetime | None = None) -> None:
    """Two records of one human become one: what ``gone`` was called about is ``kept``'s, in one open row."""
    now = at or timezone.now()
    with transaction.atomic():
        lock()
        CallMatter.objects.filter(person=gone).update(person=kept)
        old, home = (CallTask.objects.open().filter(person=person).first() for person in (gone, kept))
        if old is not None and home is not None:
            for matter in old.matters.open():
                _move(matter, home, now)
            close_settled([old.pk, home.pk], CallTask.Outcome.DROPPED, now)
        CallTask.objects.filter(person=gone).update(person=kept)
        regroup([kept], now)


def _move(matter: CallMatter, row: CallTask, now: datetime) -> None:
    """Into the row, unless the same stands there already."""
    if matter.task_id == row.pk:
        return
    if row.matters.open().filter(reason=matter.reason, context=matter.context).exists():
        matter.answer, matter.settled_at = CallMatter.Answer.DROPPED, now
    else:
        matter.task = row
    matter.save(update_fields=["task", "answer", "settled_at", "updated_at"])
