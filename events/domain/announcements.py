"""The team writes to an event's people: one row of what was said, one message for each contact."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events.emails.telling import callers_of
from events.models import Announcement, Event, Registration, Seat
from participants.domain import bounces, messages
from participants.models import Message, User
from projects.domain import calls

KIND = "announcement"
# A second message within this time is worth a question.
LATELY = timedelta(hours=1)
STATUSES = {
    Announcement.Audience.ALL: Seat.LIVE,
    Announcement.Audience.CONFIRMED: (Seat.Status.CONFIRMED,),
    Announcement.Audience.WAITING: (Seat.Status.WAITING,),
}


@dataclass(frozen=True)
class Reach:
    """Whom a message reaches: by e-mail, by phone only, and not at all."""

    by_mail: Sequence[Registration]
    by_phone: Sequence[Registration]
    nobody: Sequence[Registration]

    @property
    def total(self) -> int:
        return len(self.by_mail) + len(self.by_phone) + len(self.nobody)


def reach_of(event: Event, audience: str) -> Reach:
    """The contacts of the audience, each once, by the way they can be reached; two queries."""
    seats = Seat.objects.filter(registration=OuterRef("pk"), status__in=STATUSES[Announcement.Audience(audience)])
    registrations = list(event.registrations.live().filter(Exists(seats)).select_related("person").order_by("pk"))
    stopped = bounces.stopped_among(registration.person.email for registration in registrations if registration.person.email)
    ways: dict[str, list[Registration]] = {"mail": [], "phone": [], "none": []}
    for registration in registrations:
        person = registration.person
        has_mail = person.email and person.email.lower() not in stopped
        ways["mail" if has_mail else "phone" if person.phone else "none"].append(registration)
    return Reach(ways["mail"], ways["phone"], ways["none"])


def announce(
    event: Event,
    *,
    subject: str,
    body: str,
    audience: str,
    key: uuid.UUID,
    call_others: bool = False,
    actor: User,
    at: datetime | None = None,
) -> Announcement:
    """Write to everybody of the audience: a mail each, so that nobody sees another's address; calls where asked for.

    The same ``key`` again returns the first message and sends nothing. The number of statements does not depend on the
    number of people. Raises RuleBroken ``nobody`` when the message would reach no one.
    """
    now = at or timezone.now()
    with transaction.atomic():
        values = {"event": event, "subject": " ".join(subject.split()), "body": body.strip(), "audience": audience, "sent_by": actor}
        written, made = Announcement.objects.get_or_create(key=key, defaults=values)
        if not made:
            return written
        reach = reach_of(event, audience)
        called = reach.by_phone if call_others else []
        if not reach.by_mail and not called:
            raise RuleBroken("nobody", _("There is nobody this message would reach."), field="audience")
        bookings = [
            messages.Booking(registration.person, _about(written, registration), f"{KIND}:{written.pk}:{registration.pk}")
            for registration in reach.by_mail
        ]
        messages.book_all(KIND, bookings, at=now)
        _put_on_call_list(written, called, now)
        written.by_mail, written.by_phone = len(bookings), len(called)
        written.save(update_fields=["by_mail", "by_phone", "updated_at"])
    return written


def written_lately(event: Event, at: datetime | None = None) -> Announcement | None:
    """The last message of the past hour, for somebody about to write another."""
    return event.announcements.filter(created_at__gt=(at or timezone.now()) - LATELY).select_related("sent_by").first()


def messages_of(event: Event) -> QuerySet[Message]:
    """The mails of all messages to the event's people, found through the people: their number is the event's, not the portal's."""
    return Message.objects.filter(template=KIND, person__in=event.registrations.values("person"), context__has_key=KIND)


def tallies(event: Event) -> dict[int, dict[str, int]]:
    """For each message to the event's people, how many mails stand in which state; one query."""
    own = messages_of(event).filter(context__announcement__in=list(event.announcements.values_list("pk", flat=True)))
    found: dict[int, dict[str, int]] = {}
    for number, status, count in own.order_by().values_list("context__announcement", "status").annotate(count=Count("pk")):
        found.setdefault(number, {})[status] = count
    return found


def _about(written: Announcement, registration: Registration) -> dict[str, int]:
    return {"announcement": written.pk, "registration": registration.pk}


def _put_on_call_list(written: Announcement, registrations: Sequence[Registration], now: datetime) -> None:
    if not registrations:
        return
    callers = callers_of(written.event, [registration.person for registration in registrations])
    soon, starts_at = now + timedelta(hours=settings.HOLD_HOURS), written.event.starts_at
    due_at = min(soon, starts_at) if starts_at > now else soon
    calls.put_on_list(
        calls.News(registration.person, KIND, _about(written, registration), due_at, starts_at, callers[registration.person_id])
        for registration in registrations
    )
