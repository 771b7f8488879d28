"""The mailbox mails come back to: reports of servers become bounces, everything else is put aside unread."""

import email
import imaplib
import logging
import mailbox
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message as Mail
from time import monotonic
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from participants.domain import bounces
from participants.models import Bounce, Message

log = logging.getLogger(__name__)

EVERY_SECONDS = 600
# One reading takes so many mails, and of each so much: a report says what it has to say at its beginning.
AT_ONCE, LONGEST = 200, 512 * 1024
# Servers give up after five days; a report about something older is late beyond belief, or made up.
BELIEVED_FOR = timedelta(days=14)
PROCESSED = "Processed"
IMAPS_PORT = 993

NUMBER = re.compile(r"^[>\s]*X-Portal-Message:\s*(\d{1,18})\s*$", re.MULTILINE | re.IGNORECASE)
STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
CODE = re.compile(r"\b(5\d\d)\b")
ADDRESS = re.compile(r"[^\s<>;,]+@[^\s<>;,]+")


@dataclass(frozen=True)
class Report:
    """What a server says about one recipient: for good or not, and about which of our messages, if it tells."""

    address: str
    number: int | None
    status: str
    said: str


# --- Reading one mail ------------------------------------------------------------------------------------------------------


def reports(raw: bytes) -> list[Report]:
    """The lasting or final refusals a mail tells of; none for delays, answering machines, people and garbage (RFC 3464)."""
    mail = email.message_from_bytes(raw)
    found = NUMBER.search(_text_of(mail)) or NUMBER.search(raw.decode("utf-8", "replace"))
    number = int(found[1]) if found else None
    blocks = [block for part in mail.walk() if part.get_content_type() == "message/delivery-status" for block in _blocks(part)]
    if blocks:
        return [report for block in blocks if (report := _about(block, number)) is not None]
    return _without_blocks(mail, number)


def _blocks(part: Mail) -> list[Mail]:
    """The groups of fields of a delivery status; the first is about the server, the others about a recipient each."""
    content = part.get_payload()
    return [block for block in content if isinstance(block, Mail)] if isinstance(content, list) else []


def _about(block: Mail, number: int | None) -> Report | None:
    address = ADDRESS.search(str(block.get("Original-Recipient", ""))) or ADDRESS.search(str(block.get("Final-Recipient", "")))
    if str(block.get("Action", "")).strip().lower() != "failed" or address is None:
        return None
    said = " ".join(str(block.get("Diagnostic-Code", "")).split())
    return Report(address[0].lower(), number, _finest(str(block.get("Status", "")), said), said)


def _without_blocks(mail: Mail, number: int | None) -> list[Report]:
    """Servers that write to people only (Exim) name the address in a header of their own."""
    addresses = ADDRESS.findall(str(mail.get("X-Failed-Recipients", "")))
    text = _text_of(mail)
    code = STATUS.search(text) or CODE.search(text)
    return [Report(address.lower(), number, code[1] if code else "", " ".join(text.split())[:200]) for address in addresses]


def _finest(status: str, said: str) -> str:
    """The status; where it is as vague as "5.0.0", the one in the server's own words."""
    own = STATUS.search(status)
    told = STATUS.search(said) or CODE.search(said)
    vague = own is None or own[1].endswith(".0.0")
    return told[1] if vague and told else own[1] if own else ""


def _text_of(mail: Mail) -> str:
    """All text of the mail, decoded, returned headers and nested mails included."""
    pieces = []
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            pieces.append(content.decode("utf-8", "replace") if isinstance(content, bytes) else "")
        elif part.get("X-Portal-Message"):
            pieces.append(f"X-Portal-Message: {part['X-Portal-Message']}")
    return "\n".join(pieces)


# --- Noting it -------------------------------------------------------------------------------------------------------------


def take_in(raw: bytes, at: datetime | None = None) -> int:
    """Note what one mail reports; says how many bounces that made. What is not about a mail of ours is passed over."""
    now = at or timezone.now()
    noted = 0
    for report in reports(raw):
        message = _message_of(report, now)
        weight = bounces.weight_of(report.status) or Bounce.Weight.PASSING
        if message is not None:
            bounces.note(report.address, source=Bounce.Source.MAILBOX, message=message, weight=weight, note=report.said, at=at)
            noted += 1
    return noted


def _message_of(report: Report, now: datetime) -> Message | None:
    """Our message the report is about: by its number, else the last one lately sent to that address.

    Anybody can write to the mailbox, so a number counts only together with the address it was sent to.
    """
    lately = Message.objects.filter(status__in=(Message.Status.SENT, Message.Status.CHECK), due_at__gte=now - BELIEVED_FOR, due_at__lte=now)
    same = lately.filter(recipient__iexact=report.address)
    numbered = same.filter(pk=report.number).first() if report.number is not None else None
    return numbered or same.filter(person__email__iexact=report.address).order_by("-pk").first()


# --- The mailbox -----------------------------------------------------------------------------------------------------------

_next_reading = 0.0


def read_due() -> int:
    """Read the mailbox, if there is one and nobody did in the last ten minutes; the worker's share."""
    global _next_reading  # noqa: PLW0603 - the clock of this process; the cache's is everybody's
    if not settings.BOUNCE_MAILBOX or monotonic() < _next_reading:
        return 0
    _next_reading = monotonic() + EVERY_SECONDS
    if not cache.add("bounces:read", 1, EVERY_SECONDS - 5):
        return 0
    try:
        read, _noted = read_mailbox(settings.BOUNCE_MAILBOX)
    except (OSError, imaplib.IMAP4.error, mailbox.Error) as away:
        log.warning("The mailbox of returned mails cannot be read: %s", type(away).__name__)
        return 0
    return read


def read_mailbox(address: str, at: datetime | None = None) -> tuple[int, int]:
    """Take in what lies unread in ``imaps://user:password@host/INBOX`` or ``maildir:///path``: mails read, bounces noted.

    A mail nobody can make sense of is logged by its place and put aside like the others. Raises ImproperlyConfigured for
    another kind of address; OSError, mailbox.Error and imaplib.IMAP4.error when the mailbox cannot be reached.
    """
    parts = urlsplit(address)
    kinds = {"imaps": _imap, "maildir": _maildir}
    if parts.scheme not in kinds:
        raise ImproperlyConfigured("BOUNCE_MAILBOX starts with imaps:// or maildir://")
    read = noted = 0
    with kinds[parts.scheme](address) as mails:
        for place, raw in mails:
            read += 1
            try:
                noted += take_in(raw, at)
            except (ValueError, LookupError, TypeError, AttributeError):
                # What Python's parser raises for mails that are none; the database's errors end the reading instead.
                log.warning("A returned mail makes no sense and is put aside: %s", place)
    return read, noted


@contextmanager
def _maildir(address: str) -> Iterator[Iterable[tuple[str, bytes]]]:
    box = mailbox.Maildir(unquote(urlsplit(address).path), create=False)

    def mails() -> Iterator[tuple[str, bytes]]:
        for key in sorted(box.keys())[:AT_ONCE]:
            yield key, box.get_bytes(key)[:LONGEST]
            done = box.add_folder(PROCESSED) if PROCESSED not in box.list_folders() else box.get_folder(PROCESSED)
            done.add(box.get_message(key))
            box.remove(key)

    try:
        yield mails()
    finally:
        box.close()


@contextmanager
def _imap(address: str) -> Iterator[Iterable[tuple[str, bytes]]]:
    parts = urlsplit(address)
    host = imaplib.IMAP4_SSL(parts.hostname or "", parts.port or IMAPS_PORT, timeout=settings.EMAIL_TIMEOUT)
    try:
        host.login(unquote(parts.username or ""), unquote(parts.password or ""))
        answer, _data = host.select(f'"{unquote(parts.path.strip("/")) or "INBOX"}"')
        if answer != "OK":
            raise imaplib.IMAP4.error("no such folder")
        yield _unseen(host)
    finally:
        try:
            host.logout()
        except (OSError, imaplib.IMAP4.error):
            log.info("The mailbox hung up first.")


def _unseen(host: imaplib.IMAP4) -> Iterator[tuple[str, bytes]]:
    """Unread mails, each marked read and moved to "Processed" once it has been taken in."""
    host.create(PROCESSED)
    _answer, found = host.uid("SEARCH", "UNSEEN")
    for uid in (found[0] or b"").split()[:AT_ONCE]:
        number = uid.decode()
        _answer, data = host.uid("FETCH", number, f"(BODY.PEEK[]<0.{LONGEST}>)")
        yield number, next((piece[1] for piece in data if isinstance(piece, tuple)), b"")
        host.uid("STORE", number, "+FLAGS", r"(\Seen)")
        copied, _data = host.uid("COPY", number, PROCESSED)
        if copied == "OK":
            host.uid("STORE", number, "+FLAGS", r"(\Deleted)")
    host.expunge()
