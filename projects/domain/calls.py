"""The call list: what there is to say to whom, and how the calls went.

Every verb locks the list, after the events it touches. What an answer means for places is the events' floor's to know
(``events/domain/desk.py``); who shares a row stands in ``call_rows``.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min, QuerySet
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.models import Person, User
from projects.domain.call_rows import Rows, close_settled, follow_matters, lock
from projects.models import CallMatter, CallTask, CallTry

Outcome = CallTask.Outcome
Answer = CallMatter.Answer

# After so many calls that nobody answered the matter is over, and a place it was about goes to the next in the queue.
TRIES = 2
# What nobody said till a day after the event is not to be said any more.
PAST_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class News:
    """One thing to say to a person: the message it stands for, the ids of what it is about, and till when.

    ``about_at`` is when the event starts; the team of ``neighbourhood_id`` rings, unless the person has a row already.
    """

    person: Person
    reason: str
    context: Mapping[str, int]
    due_at: datetime
    about_at: datetime | None = None
    neighbourhood_id: int | None = None


def put_on_list(news: Iterable[News]) -> None:
    """Put what is to be said into the open row of the person, or of another record of the same human; else a new row.

    A matter that is open already stays as it is. The number of statements does not depend on the number of people.
    """
    to_say = list(news)
    if not to_say:
        return
    with transaction.atomic():
        lock()
        rows = Rows(each.person for each in to_say)
        rows.open_missing((each.person, each.neighbourhood_id, each.due_at) for each in to_say)
        CallMatter.objects.bulk_create(
            [
                CallMatter(
                    task=rows.of(each.person), person=each.person, reason=each.reason, context=dict(each.context),
                    about_at=each.about_at, due_at=each.due_at,
                )
                for each in to_say
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        follow_matters({rows.of(each.person).pk for each in to_say})


def drop(matters: QuerySet[CallMatter], at: datetime | None = None) -> None:
    """Take the matters off the list: there is nothing left to say about them. Rows with nothing left are closed."""
    now = at or timezone.now()
    found = matters.filter(settled_at=None).order_by()
    if not found.exists():
        return
    with transaction.atomic():
        lock()
        rows = dict(found.values_list("pk", "task"))
        _settle(dict.fromkeys(rows, Answer.DROPPED), None, now)
        close_settled(rows.values(), Outcome.DROPPED, now)


def bring_forward(matters: QuerySet[CallMatter], before: datetime, at: datetime | None = None) -> None:
    """What the matters are about comes at another time: they are to be said before that."""
    now = at or timezone.now()
    found = matters.filter(settled_at=None).order_by()
    if not found.exists():
        return
    with transaction.atomic():
        lock()
        rows = set(found.values_list("task", flat=True))
        found.update(due_at=Least(F("due_at"), before), about_at=before, updated_at=now)
        follow_matters(rows)


def note_failed(task: CallTask, outcome: str, seen: Collection[int], *, actor: User, at: datetime | None = None) -> list[CallMatter]:
    """Nobody answered, or somebody of the household did: returns the matters that are over with this call.

    A matter is over after two such calls; the row stays as long as one is open. ``seen`` are the matters the caller saw:
    only they were rung about. Raises RuleBroken: ``done`` when somebody else has made the call meanwhile, ``too_soon``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        task, matters = _as_seen(task, seen)
        _check_pause(task, now)
        _note(task, outcome, actor, now)
        CallMatter.objects.filter(pk__in=seen).update(attempts=F("attempts") + 1, updated_at=now)
        over = [matter for matter in matters if matter.attempts + 1 >= TRIES]
        _settle({matter.pk: Answer.NOT_REACHED for matter in over}, actor, now)
        close_settled([task.pk], Outcome.NOT_REACHED, now, actor)
    return over


def note_reached(
    task: CallTask, outcome: str, answers: Mapping[int, str], seen: Collection[int], *, actor: User, at: datetime | None = None
) -> None:
    """The person was reached: what was answered is settled; the row stays as long as something is open.

    ``seen`` are the matters the caller saw. Raises RuleBroken ``done`` when somebody else has made the call meanwhile.
    """
    now = at or timezone.now()
    with transaction.atomic():
        task, _matters = _as_seen(task, seen)
        _note(task, outcome, actor, now)
        _settle(answers, actor, now)
        close_settled([task.pk], outcome, now, actor)


def note_new_number(task: CallTask, *, actor: User, at: datetime | None = None) -> None:
    """Another number was found: calls to the wrong one do not count. Raises RuleBroken ``done``."""
    now = at or timezone.now()
    with transaction.atomic():
        task, _matters = _as_seen(task, ())
        _note(task, Outcome.NEW_NUMBER, actor, now)
        CallTask.objects.filter(pk=task.pk).update(attempts=0, last_attempt_at=None)
        task.matters.open().update(attempts=0, updated_at=now)


def drop_past(at: datetime | None = None) -> int:
    """The worker's: a day after the event began and the call was due, what nobody said is not to be said any more."""
    now = at or timezone.now()
    past = CallMatter.objects.open().filter(about_at__lt=now - PAST_AFTER, due_at__lt=now - PAST_AFTER)
    found = list(past.order_by("pk").values_list("pk", flat=True)[:100])
    drop(CallMatter.objects.filter(pk__in=found), now)
    return len(found)


def tries_of(task: CallTask, most: int = TRIES) -> list[CallTry]:
    """The last calls that nobody answered, in order."""
    return list(task.tries.filter(outcome__in=CallTask.FAILED).order_by("-at", "-pk")[:most])[::-1]


# --- Inside the lock -------------------------------------------------------------------------------------------------------


def _as_seen(task: CallTask, seen: Collection[int]) -> tuple[CallTask, list[CallMatter]]:
    """The row and the matters of it that the caller saw, as they stand under the lock."""
    lock()
    task = CallTask.objects.get(pk=task.pk)
    matters = list(task.matters.open().filter(pk__in=seen))
    if task.done_at is not None or len(matters) < len(set(seen)):
        raise RuleBroken("done", _("Somebody has already made this call. Look at what is left to say."))
    return task, matters


def _check_pause(task: CallTask, now: datetime) -> None:
    """Two calls within a few minutes are one try."""
    if task.last_attempt_at is None:
        return
    ahead = task.matters.open().filter(about_at__gt=task.last_attempt_at)
    again_at = task.next_try_at(ahead.aggregate(first=Min("about_at"))["first"])
    if again_at is not None and now < again_at:
        sentence = _("Somebody of the team rang at %(rang)s. Another try counts from %(again)s.")
        raise RuleBroken(
            "too_soon", sentence % {"rang": _clock(task.last_attempt_at, now), "again": _clock(again_at, now)}, field="outcome"
        )


def _note(task: CallTask, outcome: str, actor: User, now: datetime) -> None:
    CallTry.objects.create(task=task, at=now, by=actor, outcome=outcome)
    CallTask.objects.filter(pk=task.pk).update(attempts=F("attempts") + 1, last_attempt_at=now, updated_at=now)


def _settle(answers: Mapping[int, str], actor: User | None, now: datetime) -> None:
    for answer in set(answers.values()):
        chosen = [pk for pk, given in answers.items() if given == answer]
        CallMatter.objects.open().filter(pk__in=chosen).update(answer=answer, settled_at=now, settled_by=actor, updated_at=now)


def _clock(moment: datetime, now: datetime) -> str:
    """The hour, with the day when it is not today's."""
    local = timezone.localtime(moment)
    return date_format(local, "TIME_FORMAT" if local.date() == timezone.localdate(now) else "SHORT_DATETIME_FORMAT")
