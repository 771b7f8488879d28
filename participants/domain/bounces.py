"""Mails that came back: noted once for each message, and after three an address is written to no more."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.domain import access_log
from participants.models import AccessLog, Bounce, Message, User

# So many lasting ones, or so many of any weight, and the address is written to no more.
LASTING_STOP, ANY_STOP = 3, 6
# A server gives up after five days at the latest in practice (RFC 5321, 4.5.4.1): what has not come back by then arrived.
COMES_BACK_WITHIN = timedelta(days=5)
STOPS = Q(lasting__gte=LASTING_STOP) | Q(noted__gte=ANY_STOP)


def note(
    address: str,
    *,
    source: str,
    message: Message | None = None,
    weight: str = Bounce.Weight.LASTING,
    note: str = "",
    actor: User | None = None,
    at: datetime | None = None,
) -> Bounce:
    """Note that a mail came back. One message counts once however often it is reported; the graver report stays.

    Bounces older than a mail that did arrive are forgiven here, so that asking whether an address is stopped stays one
    look at an index. Raises RuleBroken ``noted_already`` when somebody notes by hand what is noted.
    """
    now = at or timezone.now()
    address = address.strip().lower()
    with transaction.atomic():
        if message is not None:
            message = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
        _forgive_before_arrival(address, now)
        earlier = Bounce.objects.filter(message=message).first() if message is not None else None
        if earlier is not None and earlier.forgiven_at is None:
            if source == Bounce.Source.HAND:
                raise RuleBroken("noted_already", _("It is noted already that this mail came back."))
            if weight != Bounce.Weight.LASTING or earlier.weight == Bounce.Weight.LASTING:
                return earlier
        bounce = earlier or Bounce(message=message)
        bounce.address, bounce.source, bounce.weight, bounce.note = address, source, weight, " ".join(note.split())[:300]
        bounce.at, bounce.actor, bounce.forgiven_at = now, actor, None
        bounce.save()
        if actor is not None:
            access_log.record(AccessLog.Action.CHANGE, Bounce._meta.label_lower, actor=actor, ids=[bounce.pk], at=now)
    return bounce


def is_stopped(address: str) -> bool:
    """Whether mails to the address come back so often that none is sent; account mails always are. One query on an index."""
    return bool(stopped_among([address]))


def stopped_among(addresses: Iterable[str]) -> set[str]:
    """Those of the addresses, in lower case, that are written to no more; one query."""
    counted = Bounce.objects.filter(address__in={address.lower() for address in addresses}, forgiven_at=None).order_by().values("address")
    lasting = Count("pk", filter=Q(weight=Bounce.Weight.LASTING))
    return set(counted.annotate(lasting=lasting, noted=Count("pk")).filter(STOPS).values_list("address", flat=True))


def forgive(address: str, actor: User | None = None, *, at: datetime | None = None) -> int:
    """Count what came back from the address no more: somebody checked it, or it answered. Says how many were forgiven."""
    now = at or timezone.now()
    with transaction.atomic():
        ids = list(
            Bounce.objects.select_for_update().filter(address=address.strip().lower(), forgiven_at=None).values_list("pk", flat=True)
        )
        Bounce.objects.filter(pk__in=ids).update(forgiven_at=now)
        if ids and actor is not None:
            access_log.record(AccessLog.Action.CHANGE, Bounce._meta.label_lower, actor=actor, ids=ids, detail={"verb": "forgive"}, at=now)
    return len(ids)


def weight_of(status: str) -> str | None:
    """How grave a server's "no" is, by its enhanced status (RFC 3463) or its plain code; None when it is not about the address.

    "5.7.x", "5.1.7" and "5.1.8" refuse the sender or the text: whoever is refused so, the address may well be right.
    "5.4.1" is how Exchange Online says that it has no such mailbox.
    """
    if status.startswith("5.7.") or status in {"5.1.7", "5.1.8"}:
        return None
    if status.startswith("5.1.") or status in {"5.0.0", "5.2.0", "5.2.1", "5.4.1", "550", "551", "553"}:
        return Bounce.Weight.LASTING
    return Bounce.Weight.PASSING


def _forgive_before_arrival(address: str, now: datetime) -> None:
    """Forgive what came back before a mail that arrived: one sent later that has had its time to come back and did not."""
    came_back = Exists(Bounce.objects.filter(message=OuterRef("pk")))
    sent = Message.objects.filter(person__email__iexact=address, recipient__iexact=address, status=Message.Status.SENT)
    arrived = sent.exclude(came_back).filter(sent_at__lte=now - COMES_BACK_WITHIN).order_by("-sent_at")
    last = arrived.values_list("sent_at", flat=True).first()
    if last is not None:
        Bounce.objects.filter(address=address, forgiven_at=None, at__lt=last).update(forgiven_at=now)
