"""Messages: booked as rows in the transaction of what they tell, then claimed, sent and recorded one by one."""

import json
import logging
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from time import monotonic
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.db import Error, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation

from active_citizens.core.keys import fernet_key
from participants import letters, links
from participants.domain import access_log, bounces
from participants.models import AccessLog, Message, Person, User
from participants.smtp import OutcomeUnknown

log = logging.getLogger(__name__)

Status = Message.Status

# After the n-th failure wait this long; after the last one the message has failed. A server away for a weekend is outlived.
BACK_OFF = [
    timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=2),
]  # fmt: skip
# A worker that held a claim this long is dead; whether the mail left is not known.
CLAIM_LASTS = timedelta(minutes=5)
# One turn of the worker sends at most so many, for so many seconds: other work is waiting.
BATCH, BATCH_SECONDS = 50, 5
# Refusals of the portal itself: a changed password or a blocked sender says nothing about the message, so it is tried again.
OURS = (SMTPAuthenticationError, SMTPConnectError, SMTPHeloError, SMTPSenderRefused)
STOPPED = "not sent: mails to this address came back"


# --- Booking ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Booking:
    """One of many messages of a kind: to whom, about which ids, under which once-only key."""

    person: Person
    context: dict[str, Any]
    key: str | None = None


def book(
    template: str,
    person: Person,
    context: dict[str, Any],
    *,
    key: str | None = None,
    at: datetime | None = None,
    due_at: datetime | None = None,
    priority: int = Message.Priority.ORDINARY,
) -> Message | None:
    """Write the message to be sent; None when the person has no e-mail, or when ``key`` was booked before.

    Runs in the caller's transaction: what is told and the telling are one. ``context`` holds ids only. To an address
    that mails come back from nothing is sent: the row says so (DROPPED), and the caller may ring instead.
    """
    if not person.email:
        return None
    stopped = bounces.stopped_among([person.email])
    values = _values(template, Booking(person, context, key), due_at or at or timezone.now(), priority, stopped)
    if key is None:
        return Message.objects.create(**values)
    message, made = Message.objects.get_or_create(key=key, defaults=values)
    return message if made else None


def book_all(
    template: str, bookings: Iterable[Booking], *, at: datetime | None = None, priority: int = Message.Priority.ORDINARY
) -> list[Message]:
    """The same for many people in two statements; says what was written for those with an e-mail, keys booked before included."""
    reached = [booking for booking in bookings if booking.person.email]
    stopped = bounces.stopped_among(booking.person.email for booking in reached)
    rows = [Message(**_values(template, booking, at or timezone.now(), priority, stopped)) for booking in reached]
    return Message.objects.bulk_create(rows, ignore_conflicts=True)


def book_sealed(
    template: str, recipient: str, language: str, content: dict[str, str], *, person: Person | None = None, key: str | None = None
) -> Message:
    """Write a mail whose text (``subject``, ``text``, ``html``) is a secret: encrypted until sent, then wiped.

    ``reply_to`` in the content says who gets the answer. A ``key`` that was booked before books nothing more.
    """
    sealed = Fernet(fernet_key(settings.FIELD_KEY)).encrypt(json.dumps(content).encode())
    values = {"template": template, "recipient": recipient, "language": language, "sealed": sealed, "person": person}
    if key is None:
        return Message.objects.create(**values)
    message, _made = Message.objects.get_or_create(key=key, defaults=values)
    return message


def _values(template: str, booking: Booking, due_at: datetime, priority: int, stopped: set[str]) -> dict[str, Any]:
    person = booking.person
    is_stopped = person.email.lower() in stopped
    return {
        "template": template,
        "person": person if person.pk else None,
        "recipient": person.email,
        "language": person.language,
        "context": booking.context,
        "key": booking.key,
        "priority": priority,
        "due_at": due_at,
        "status": Status.DROPPED if is_stopped else Status.QUEUED,
        "error": STOPPED if is_stopped else "",
    }


# --- Sending ---------------------------------------------------------------------------------------------------------------


class Line:
    """The connection to the mail server, kept open for a batch; backends other than SMTP open what they need for each mail."""

    def __init__(self) -> None:
        self.backend: EmailBackend | None = None

    def open(self) -> BaseEmailBackend | None:
        """Raises SMTPException or OSError when the server does not answer."""
        if self.backend is None:
            backend = get_connection()
            if not isinstance(backend, EmailBackend):
                return None
            self.backend = backend
        self.backend.open()
        return self.backend

    def close(self) -> None:
        try:
            if self.backend is not None:
                self.backend.close()
        except (SMTPException, OSError):
            log.info("The mail server hung up first.")


def deliver_due(at: datetime | None = None) -> int:
    """Send what is due, the most urgent first, and set aside what a dead worker left; says how many rows it moved.

    One turn lasts a few seconds and holds one connection. Messages are claimed one by one, so that a worker that dies
    leaves one in doubt and not a batch. Trouble of any kind ends the turn; the next one begins with a new connection.
    """
    moved = _set_aside_orphans(at or timezone.now())
    ends = monotonic() + BATCH_SECONDS
    with closing(Line()) as line:
        for _turn in range(BATCH):
            message = _claim(at or timezone.now())
            if message is None:
                break
            moved += 1
            if not _send(message, line, at) or monotonic() > ends:
                break
    return moved


def _set_aside_orphans(now: datetime) -> int:
    """Messages claimed by a worker that died wait in "check": sent twice would be worse than asked about."""
    orphans = Message.objects.filter(status=Status.SENDING, claimed_at__lt=now - CLAIM_LASTS)
    return orphans.update(status=Status.CHECK, error="The worker stopped while sending; whether the mail left is not known.")


def _claim(now: datetime) -> Message | None:
    """Take the next due message for this worker alone."""
    with transaction.atomic():
        message = Message.objects.due(now).select_for_update(skip_locked=True, no_key=True).first()
        if message is not None:
            message.status = Status.SENDING
            message.claimed_at = now
            message.attempts += 1
            message.save(update_fields=["status", "claimed_at", "attempts", "updated_at"])
    return message


def _send(message: Message, line: Line, at: datetime | None) -> bool:
    """Render, send and record one claimed message; says whether the line is still good for the next."""
    mail = _written(message, at)
    if mail is None:
        return True
    try:
        mail.connection = line.open()
        mail.send()
    except OutcomeUnknown as silence:
        log.warning("message %s: the mail server took the text and did not answer", message.pk)
        _record(message, Status.CHECK, f"The server took the text and did not answer: {silence}", at=at)
    except (SMTPException, OSError) as refused:
        _refused(message, refused, at)
    except ValueError as wrong:
        # An address or a header no mail can have: found out before a word was said to the server.
        _record(message, Status.FAILED, f"{type(wrong).__name__}: {wrong}", at=at)
    else:
        _record(message, Status.SENT, at=at)
        return True
    return False


def _written(message: Message, at: datetime | None) -> EmailMultiAlternatives | None:
    """The mail to send; None when there is none, which is recorded."""
    try:
        if message.sealed is None and bounces.is_stopped(message.recipient):
            _record(message, Status.DROPPED, STOPPED, at=at)
            return None
        with translation.override(message.language):
            mail = _render(message)
            # Whatever cannot be put into a mail shows here, before the server is spoken to.
            mail.message()
    except letters.NoLongerNeeded as reason:
        _record(message, Status.DROPPED, str(reason), at=at)
    except Error as away:
        # The database, not the letter: in a minute it may answer. If it is gone, this raises and the claim runs out.
        _retry(message, away, at)
    except Exception as broken:
        log.exception("message %s cannot be rendered", message.pk)
        _record(message, Status.FAILED, f"{type(broken).__name__}: {broken}", at=at)
    else:
        return mail
    return None


def _render(message: Message) -> EmailMultiAlternatives:
    if message.sealed is not None:
        content = json.loads(Fernet(fernet_key(settings.FIELD_KEY)).decrypt(bytes(message.sealed)))
        mail = _mail(message, content["subject"], content["text"])
        mail.reply_to = [content["reply_to"]] if content.get("reply_to") else []
        if content.get("html"):
            mail.attach_alternative(content["html"], "text/html")
        return mail
    letter = letters.build(message)
    context = {"subject": letter.subject, "site_url": settings.SITE_URL, "language": message.language, **letter.context}
    context["consents_url"] = links.consents_footer(message.person)
    template = letter.template or message.template
    mail = _mail(message, " ".join(letter.subject.split()), render_to_string(f"emails/{template}.txt", context), letter)
    mail.attach_alternative(render_to_string(f"emails/{template}.html", context), "text/html")
    for attachment in letter.attachments:
        mail.attach(attachment.name, attachment.content, attachment.mime_type)
    return mail


def _mail(message: Message, subject: str, text: str, letter: letters.Letter | None = None) -> EmailMultiAlternatives:
    """The mail without its HTML. ``BOUNCE_ADDRESS`` is the envelope's sender: what comes back goes there, answers do not.

    The row's number makes a mail recognisable in the city's mail log and when it comes back; robots do not answer robots.
    """
    headers = dict(letter.headers) if letter else {}
    headers |= {"X-Portal-Message": str(message.pk), "Auto-Submitted": "auto-generated"}
    if settings.BOUNCE_ADDRESS:
        headers["From"] = settings.DEFAULT_FROM_EMAIL
    return EmailMultiAlternatives(
        subject,
        text,
        from_email=settings.BOUNCE_ADDRESS or settings.DEFAULT_FROM_EMAIL,
        to=[message.recipient],
        reply_to=(letter.reply_to or None) if letter else None,
        headers=headers,
    )


# --- What became of it -----------------------------------------------------------------------------------------------------


def _refused(message: Message, refused: Exception, at: datetime | None) -> None:
    """A "no" to this mail for good (5xx) ends in "failed", and is noted when it is about the address; the rest is tried later."""
    code, said = _answer(refused)
    if code < 500 or isinstance(refused, OURS):
        _retry(message, refused, at)
        return
    with transaction.atomic():
        _record(message, Status.FAILED, f"{type(refused).__name__}: {code} {said}", at=at)
        status = said.split(" ", 1)[0].split("\n", 1)[0]
        weight = bounces.weight_of(status if status.count(".") == 2 else str(code))
        if isinstance(refused, SMTPRecipientsRefused) and weight is not None:
            bounces.note(message.recipient, source="server", message=message, weight=weight, note=f"{code} {said}", at=at)


def _answer(refused: Exception) -> tuple[int, str]:
    """What the server answered, as code and text; 0 when it did not."""
    if isinstance(refused, SMTPRecipientsRefused):
        code, said = next(iter(refused.recipients.values()))
        return code, said.decode("utf-8", "replace")
    if isinstance(refused, SMTPResponseException):
        told = refused.smtp_error
        return refused.smtp_code, told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    return 0, str(refused)


def _retry(message: Message, refused: Exception, at: datetime | None) -> None:
    """Try later; the last try ends in "failed"."""
    error = f"{type(refused).__name__}: {refused}"
    if message.attempts > len(BACK_OFF):
        _record(message, Status.FAILED, error, at=at)
    else:
        _record(message, Status.QUEUED, error, at=at, due_at=(at or timezone.now()) + BACK_OFF[message.attempts - 1])


def _record(message: Message, status: str, error: str = "", *, at: datetime | None, **also: Any) -> None:
    """Write down what became of the claim; a row somebody else has taken up meanwhile is theirs."""
    now = at or timezone.now()
    values = {"status": status, "error": error[:2000], "claimed_at": None, "updated_at": now, **also}
    values["sent_at"] = now if status == Status.SENT else None
    if status in (Status.SENT, Status.DROPPED):
        values["sealed"] = None
    claim = Message.objects.filter(pk=message.pk, claimed_at=message.claimed_at, status__in=(Status.SENDING, Status.CHECK))
    if not claim.update(**values):
        log.warning("message %s ended as %s, but somebody had moved it meanwhile", message.pk, status)


# --- By somebody who looked ------------------------------------------------------------------------------------------------


def send_again(chosen: "Message | QuerySet[Message]", *, actor: User | None = None, at: datetime | None = None) -> int:
    """Put failed or checked messages back into the queue, by somebody who looked; says how many."""
    now = at or timezone.now()
    return _decide(chosen, (Status.CHECK, Status.FAILED), "send_again", actor, now, status=Status.QUEUED, due_at=now, attempts=0)


def mark_sent(chosen: "Message | QuerySet[Message]", *, actor: User | None = None, at: datetime | None = None) -> int:
    """Note that messages in "check" did arrive, by somebody who looked; says how many."""
    now = at or timezone.now()
    return _decide(chosen, (Status.CHECK,), "mark_sent", actor, now, status=Status.SENT, sent_at=now, sealed=None)


def _decide(
    chosen: "Message | QuerySet[Message]", among: tuple[str, ...], verb: str, actor: User | None, now: datetime, **values: Any
) -> int:
    asked = [chosen.pk] if isinstance(chosen, Message) else list(chosen.values_list("pk", flat=True))
    with transaction.atomic():
        stuck = Message.objects.filter(pk__in=asked, status__in=among)
        ids = list(stuck.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
        Message.objects.filter(pk__in=ids).update(claimed_at=None, updated_at=now, **values)
        if ids and actor is not None:
            label = Message._meta.label_lower
            access_log.record(AccessLog.Action.CHANGE, label, actor=actor, ids=ids, row_count=len(ids), detail={"verb": verb}, at=now)
    return len(ids)
