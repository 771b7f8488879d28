"""Messages: booked as rows in the transaction of what they tell, then claimed, sent and recorded one by one."""

import json
import logging
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPResponseException
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from active_citizens.core.keys import fernet_key
from participants import letters
from participants.models import Message, Person

log = logging.getLogger(__name__)

# After the n-th failure wait this long; after the last one the message has failed.
BACK_OFF = [timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6)]
# A worker that held a claim this long is dead; whether the mail left is not known.
CLAIM_LASTS = timedelta(minutes=5)


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

    Runs in the caller's transaction: what is told and the telling are one. ``context`` holds ids only.
    """
    if not person.email:
        return None
    values = {
        "template": template,
        "person": person if person.pk else None,
        "recipient": person.email,
        "language": person.language,
        "context": context,
        "priority": priority,
        "due_at": due_at or at or timezone.now(),
    }
    if key is None:
        return Message.objects.create(**values)
    message, made = Message.objects.get_or_create(key=key, defaults=values)
    return message if made else None


def book_sealed(template: str, recipient: str, language: str, content: dict[str, str]) -> Message:
    """Write an account mail whose text (``subject``, ``text``, ``html``) is a secret: encrypted until sent, then wiped."""
    sealed = Fernet(fernet_key(settings.FIELD_KEY)).encrypt(json.dumps(content).encode())
    return Message.objects.create(template=template, recipient=recipient, language=language, sealed=sealed)


def deliver_due(at: datetime | None = None) -> int:
    """Send one message that is due, and set aside those a dead worker left; says how many rows it moved."""
    now = at or timezone.now()
    moved = _set_aside_orphans(now)
    message = _claim(now)
    if message is None:
        return moved
    _send(message)
    return moved + 1


def send_again(message: Message, at: datetime | None = None) -> None:
    """Put a failed or checked message back into the queue, by somebody who looked."""
    Message.objects.filter(pk=message.pk, status__in=(Message.Status.CHECK, Message.Status.FAILED)).update(
        status=Message.Status.QUEUED, due_at=at or timezone.now(), attempts=0, claimed_at=None
    )


def _set_aside_orphans(now: datetime) -> int:
    """Messages claimed by a worker that died wait in "check": sent twice would be worse than asked about."""
    orphans = Message.objects.filter(status=Message.Status.SENDING, claimed_at__lt=now - CLAIM_LASTS)
    return orphans.update(status=Message.Status.CHECK, error="The worker stopped while sending; whether the mail left is not known.")


def _claim(now: datetime) -> Message | None:
    """Take the next due message for this worker alone."""
    with transaction.atomic():
        message = Message.objects.due(now).select_for_update(skip_locked=True, no_key=True).first()
        if message is not None:
            message.status = Message.Status.SENDING
            message.claimed_at = timezone.now()
            message.attempts += 1
            message.save(update_fields=["status", "claimed_at", "attempts", "updated_at"])
    return message


def _send(message: Message) -> None:
    try:
        with translation.override(message.language):
            mail = _render(message)
    except letters.NoLongerNeeded as reason:
        _record(message, Message.Status.DROPPED, str(reason))
        return
    except Exception as broken:
        log.exception("message %s cannot be rendered", message.pk)
        _record(message, Message.Status.FAILED, f"{type(broken).__name__}: {broken}")
        return
    try:
        mail.send()
    except (SMTPException, OSError) as refused:
        _retry(message, refused)
    else:
        _record(message, Message.Status.SENT)


def _render(message: Message) -> EmailMultiAlternatives:
    if message.sealed is not None:
        content = json.loads(Fernet(fernet_key(settings.FIELD_KEY)).decrypt(bytes(message.sealed)))
        mail = EmailMultiAlternatives(content["subject"], content["text"], to=[message.recipient], headers=_headers(message))
        if content.get("html"):
            mail.attach_alternative(content["html"], "text/html")
        return mail
    letter = letters.build(message)
    context = {"subject": letter.subject, "site_url": settings.SITE_URL, "language": message.language, **letter.context}
    mail = EmailMultiAlternatives(
        " ".join(letter.subject.split()),
        render_to_string(f"emails/{message.template}.txt", context),
        to=[message.recipient],
        reply_to=letter.reply_to or None,
        headers=_headers(message),
    )
    mail.attach_alternative(render_to_string(f"emails/{message.template}.html", context), "text/html")
    for attachment in letter.attachments:
        mail.attach(attachment.name, attachment.content, attachment.mime_type)
    return mail


def _headers(message: Message) -> dict[str, str]:
    """The row's number makes a mail recognisable in the city's mail log; robots do not answer robots."""
    return {"X-Portal-Message": str(message.pk), "Auto-Submitted": "auto-generated"}


def _retry(message: Message, refused: Exception) -> None:
    """Try later after a passing refusal; a lasting one (5xx) or the last try ends in "failed"."""
    lasting = isinstance(refused, SMTPResponseException) and refused.smtp_code >= 500
    if lasting or message.attempts > len(BACK_OFF):
        _record(message, Message.Status.FAILED, f"{type(refused).__name__}: {refused}")
        return
    message.due_at = timezone.now() + BACK_OFF[message.attempts - 1]
    message.save(update_fields=["due_at"])
    _record(message, Message.Status.QUEUED, f"{type(refused).__name__}: {refused}")


def _record(message: Message, status: str, error: str = "") -> None:
    message.status = status
    message.error = error
    message.claimed_at = None
    message.sent_at = timezone.now() if status == Message.Status.SENT else None
    if status in (Message.Status.SENT, Message.Status.DROPPED):
        message.sealed = None
    message.save(update_fields=["status", "error", "claimed_at", "sent_at", "sealed", "updated_at"])
