"""Texts nobody reads in the database: encrypted columns, opened only by code that asks for it."""

from cryptography.fernet import Fernet
from django.conf import settings

from active_citizens.core.keys import fernet_key


def seal(text: str) -> bytes:
    """The text as an encrypted column keeps it, under ``FIELD_KEY``; the same text never looks the same twice."""
    return _cipher().encrypt(text.encode())


def unseal(data: bytes | memoryview) -> str:
    """The text behind a sealed column. Raises ``cryptography.fernet.InvalidToken`` for another key or a changed value."""
    return _cipher().decrypt(bytes(data)).decode()


def _cipher() -> Fernet:
    return Fernet(fernet_key(settings.FIELD_KEY))
