"""Texts nobody reads in the database or in an address: encrypted, opened only by code that asks for it."""

from datetime import UTC, datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils import timezone

from active_citizens.core.keys import fernet_key


def seal(text: str) -> bytes:
    """The text as an encrypted column keeps it, under ``FIELD_KEY``; the same text never looks the same twice."""
    return _cipher().encrypt(text.encode())


def unseal(data: bytes | memoryview) -> str:
    """The text behind a sealed column. Raises ``cryptography.fernet.InvalidToken`` for another key or a changed value."""
    return _cipher().decrypt(bytes(data)).decode()


def to_address(purpose: str, text: str, at: datetime | None = None) -> str:
    """The text as a part of an address that no log and no history can read; good for ``purpose`` alone."""
    return _address_cipher(purpose).encrypt_at_time(text.encode(), _seconds(at)).decode().rstrip("=")


def from_address(purpose: str, token: str, lasts: timedelta, at: datetime | None = None) -> str:
    """The text behind a part of an address. Raises ValueError when it is forged, older than ``lasts`` or of another purpose."""
    try:
        return _address_cipher(purpose).decrypt_at_time(_padded(token), int(lasts.total_seconds()), _seconds(at)).decode()
    except InvalidToken:
        raise ValueError("no such address") from None


def address_made_at(purpose: str, token: str) -> datetime:
    """When the part of an address was made; asked of one that works."""
    return datetime.fromtimestamp(_address_cipher(purpose).extract_timestamp(_padded(token)), UTC)


def _cipher() -> Fernet:
    return Fernet(fernet_key(settings.FIELD_KEY))


def _address_cipher(purpose: str) -> Fernet:
    # A key for each purpose, so that no other sealed text of the portal can pass for an address.
    return Fernet(fernet_key(f"{purpose}:{settings.SECRET_KEY}"))


def _seconds(at: datetime | None) -> int:
    return int((at or timezone.now()).timestamp())


def _padded(token: str) -> bytes:
    return (token + "=" * (-len(token) % 4)).encode()
