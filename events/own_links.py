"""The mailed address of everything under one mailbox: sealed, so that no log or history can read it, and short-lived."""

from datetime import UTC, datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from active_citizens.core.keys import fernet_key

# It opens more than one sign-up, so it lives shorter than the link of one.
OVERVIEW_LASTS = timedelta(hours=48)


def token(email: str, at: datetime | None = None) -> str:
    return _cipher().encrypt_at_time(email.lower().encode(), _seconds(at)).decode().rstrip("=")


def overview_url(email: str, at: datetime | None = None) -> str:
    """The full address for a mail: shows all sign-ups of the mailbox, and there one changes them by buttons."""
    return settings.SITE_URL + reverse("own_overview", args=[token(email, at)])


def email_of(text: str, at: datetime | None = None) -> str:
    """The mailbox behind the address. Raises Http404 when it is forged or older than two days."""
    try:
        return _cipher().decrypt_at_time(_padded(text), int(OVERVIEW_LASTS.total_seconds()), _seconds(at)).decode()
    except (InvalidToken, ValueError):
        raise Http404 from None


def ends_at(text: str) -> datetime:
    """Until when the address works; asked of one that does."""
    made = _cipher().extract_timestamp(_padded(text))
    return datetime.fromtimestamp(made, UTC) + OVERVIEW_LASTS


def _cipher() -> Fernet:
    # A key of its own, so that no other sealed text of the portal can pass for an address.
    return Fernet(fernet_key(f"events.own_links:{settings.SECRET_KEY}"))


def _seconds(at: datetime | None) -> int:
    return int((at or timezone.now()).timestamp())


def _padded(text: str) -> bytes:
    return (text + "=" * (-len(text) % 4)).encode()
