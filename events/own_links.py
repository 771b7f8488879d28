"""The mailed address of everything under one mailbox: sealed, so that no log or history can read it, and short-lived."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import Http404
from django.urls import reverse

from active_citizens.core import sealed

PURPOSE = "events.own_links"
# It opens more than one sign-up, so it lives shorter than the link of one.
OVERVIEW_LASTS = timedelta(hours=48)


def token(email: str, at: datetime | None = None) -> str:
    return sealed.to_address(PURPOSE, email.lower(), at)


def overview_url(email: str, at: datetime | None = None) -> str:
    """The full address for a mail: shows all sign-ups of the mailbox, and there one changes them by buttons."""
    return settings.SITE_URL + reverse("own_overview", args=[token(email, at)])


def email_of(text: str, at: datetime | None = None) -> str:
    """The mailbox behind the address. Raises Http404 when it is forged or older than two days."""
    try:
        return sealed.from_address(PURPOSE, text, OVERVIEW_LASTS, at)
    except ValueError:
        raise Http404 from None


def ends_at(text: str) -> datetime:
    """Until when the address works; asked of one that does."""
    return sealed.address_made_at(PURPOSE, text) + OVERVIEW_LASTS
