"""What calendars and feeds share: names that never change, text that any reader takes."""

import unicodedata

from django.conf import settings


def printable(text: str) -> str:
    """The text without control characters: neither a calendar nor XML may hold them."""
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) != "Cc")


def host() -> str:
    """The portal's name, for identifiers that never change."""
    return settings.SITE_URL.split("//")[-1].split(":")[0]
