"""How many were reached: those who came by name, and those counted without one. Decision 15 says what is in which number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Expression, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from active_citizens.core.refusal import RuleBroken
from events.domain import noting, queue
from events.models import Event, HeadCount, Registration, Seat
from participants.domain import access_log
from participants.models import AccessLog, User

Dimension = HeadCount.Dimension
Channel = HeadCount.Channel
# Those counted while they stood there; a reader of a poster or of a page was reached, but is no head at the event.
THERE = (Channel.FACE_TO_FACE, Channel.FESTIVAL)
PARTS = (Dimension.AGE, Dimension.GENDER)


@dataclass(frozen=True)
class Heads:
    """The numbers of one event; nobody is named, and no two ways of looking are crossed."""

    signed_up: int = 0
    came: int = 0
    excused: int = 0
    absent: int = 0
    walk_ins: int = 0
    counted: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def not_noted(self) -> int:
        return self.signed_up - self.came - self.excused - self.absent

    @property
    def named(self) -> int:
        """Those who came and stand on the list, with or without having signed up."""
        return self.came + self.walk_ins

    @property
    def by_channel(self) -> Mapping[str, int]:
        return self.counted.get(Dimension.CHANNEL, {})

    @property
    def there(self) -> int:
        """Heads at the event: whoever counts a crowd counts those on the list with it, so the larger number holds."""
        return max(self.named, sum(self.by_channel.get(channel, 0) for channel in THERE))

    @property
    def reached(self) -> int:
        """Everybody reached: heads at the event, and readers on-line and in print."""
        return self.there + self.by_channel.get(Channel.DIGITAL, 0) + self.by_channel.get(Channel.PRINT, 0)


def heads_of(event: Event) -> Heads:
    """Who came and how many were counted; two queries. ``signed_up`` to ``absent`` are without walk-ins."""
    walked_in = Q(registration__channel=Registration.Channel.WALK_IN)
    figures = event.seats.filter(status=Seat.Status.CONFIRMED).aggregate(
        signed_up=Count("pk", filter=~walked_in),
        came=Count("pk", filter=~walked_in & Q(attendance=Seat.Attendance.CAME)),
        excused=Count("pk", filter=~walked_in & Q(attendance=Seat.Attendance.EXCUSED)),
        absent=Count("pk", filter=~walked_in & Q(attendance=Seat.Attendance.ABSENT)),
        # Somebody noted by mistake is taken back by taking back the tick.
        walk_ins=Count("pk", filter=walked_in & Q(attendance=Seat.Attendance.CAME)),
    )
    counted: dict[str, dict[str, int]] = {}
    for row in event.head_counts.all():
        counted.setdefault(row.dimension, {})[row.value] = row.heads
    return Heads(**figures, counted=counted)


def there() -> Expression:
    """The same heads at the event (``Heads.there``) for a query of events."""
    present = Seat.objects.filter(event=OuterRef("pk"), status=Seat.Status.CONFIRMED, attendance=Seat.Attendance.CAME)
    named = present.order_by().values("event").annotate(heads=Count("pk")).values("heads")
    met = HeadCount.objects.filter(event=OuterRef("pk"), dimension=Dimension.CHANNEL, value__in=THERE)
    counted = met.order_by().values("event").annotate(sum=Sum("heads")).values("sum")
    return Greatest(Coalesce(Subquery(named), 0), Coalesce(Subquery(counted, output_field=IntegerField()), 0))


def count_heads(
    event: Event,
    *,
    channel: Mapping[str, int] | None = None,
    age: Mapping[str, int] | None = None,
    gender: Mapping[str, int] | None = None,
    actor: User,
    at: datetime | None = None,
) -> Heads:
    """Write down heads counted without names, each way of looking anew as a whole; None leaves one as it was.

    „Brak odpowiedzi” is not typed: it fills what age or gender leave of the heads at the event. Locks the event. The
    caller answers for the right. Raises RuleBroken: as ``noting.check_time`` does, ``no_such_value``, ``more_than_heads``.
    """
    typed = {Dimension.CHANNEL: channel, Dimension.AGE: age, Dimension.GENDER: gender}
    with transaction.atomic():
        event = queue.lock(event)
        noting.check_time(event, at or timezone.now())
        for dimension, numbers in typed.items():
            if numbers is not None:
                _check_values(dimension, numbers)
                _replace(event, dimension, numbers, actor)
        heads = heads_of(event)
        for dimension in PARTS:
            _check_part(dimension, heads)
        fill_rest(event, actor, heads)
        detail = {"event": event.pk, "counted": sorted(dimension for dimension, numbers in typed.items() if numbers is not None)}
        access_log.record(AccessLog.Action.CHANGE, HeadCount._meta.label_lower, actor=actor, detail=detail, at=at)
        return heads_of(event)


def fill_rest(event: Event, actor: User, heads: Heads | None = None) -> None:
    """Let „brak odpowiedzi” of age and gender follow the heads at the event. The caller holds the event's lock.

    Where nobody counted by age or gender nothing is written; a tick taken back never refuses, it leaves no rest.
    """
    if not event.head_counts.filter(dimension__in=PARTS).exists():
        return
    now = heads or heads_of(event)
    for dimension in PARTS:
        parts = {value: number for value, number in now.counted.get(dimension, {}).items() if value != HeadCount.NO_ANSWER}
        if parts:
            _replace(event, dimension, {**parts, HeadCount.NO_ANSWER: max(0, now.there - sum(parts.values()))}, actor)


# --- Inside the lock -------------------------------------------------------------------------------------------------------


def _check_values(dimension: Dimension, numbers: Mapping[str, int]) -> None:
    known = set(HeadCount.VALUES[dimension]) - {HeadCount.NO_ANSWER}
    if set(numbers) - known or any(number < 0 for number in numbers.values()):
        raise RuleBroken("no_such_value", _("Write whole numbers, one for each line."), field=dimension)


def _check_part(dimension: Dimension, heads: Heads) -> None:
    parts = heads.counted.get(dimension, {})
    told = sum(number for value, number in parts.items() if value != HeadCount.NO_ANSWER)
    if told <= heads.there:
        return
    sentence = ngettext(
        "Together that is %(told)s, but there was %(there)s person at the event. Count the heads first, or correct the numbers.",
        "Together that is %(told)s, but there were %(there)s people at the event. Count the heads first, or correct the numbers.",
        heads.there,
    )
    raise RuleBroken("more_than_heads", sentence % {"told": told, "there": heads.there}, field=dimension)


def _replace(event: Event, dimension: Dimension, numbers: Mapping[str, int], actor: User) -> None:
    """The dimension's rows become these numbers; a zero is no row."""
    event.head_counts.filter(dimension=dimension).delete()
    HeadCount.objects.bulk_create(
        HeadCount(event=event, dimension=dimension, value=value, heads=number, counted_by=actor)
        for value, number in numbers.items()
        if number
    )
