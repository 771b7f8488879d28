"""Signed addresses: the link in a mail opens one sign-up, a receipt shows one result; neither is stored anywhere."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.http import Http404
from django.urls import reverse

from active_citizens.core import sealed
from events.models import Registration
from participants.models import Person

# A link works until the event is this long past: long enough to look back, short enough for a lost mailbox.
LINK_OUTLIVES_EVENT = timedelta(days=30)
RECEIPT_LASTS = timedelta(days=7)

_registrations = signing.Signer(salt="events.registration")
_guardians = signing.Signer(salt="events.guardian")


def token(registration: Registration) -> str:
    return _registrations.sign(str(registration.pk))


def registration_url(registration: Registration) -> str:
    """The full address for a mail: shows the sign-up, and there one confirms or cancels by a button."""
    return settings.SITE_URL + reverse("registration", args=[token(registration)])


def registration_of(text: str, at: datetime) -> Registration:
    """The sign-up behind a mailed link, or the one it was joined to. Raises Http404 for a forged link or one that outlived its event."""
    return _behind(_registrations, text, at)


def guardian_url(registration: Registration) -> str:
    """The full address for the guardian's mail; it shows less than the young person's own, and answers one question."""
    return settings.SITE_URL + reverse("guardian", args=[_guardians.sign(f"{registration.pk}.{registration.guardian_id}")])


def guarded_by(text: str, at: datetime) -> Registration:
    """The sign-up a guardian is asked about. Raises Http404 as above, and when another guardian has been named since."""
    registration = _behind(_guardians, text, at)
    named = Person.objects.filter(pk=int(_guardians.unsign(text).partition(".")[2] or 0)).first()
    if named is None or named.standing_for().pk != registration.guardian_id:
        raise Http404
    return registration


def _behind(signer: signing.Signer, text: str, at: datetime) -> Registration:
    try:
        pk = int(signer.unsign(text).partition(".")[0])
    except (signing.BadSignature, ValueError):
        raise Http404 from None
    registration = Registration.objects.with_places().standing_for(pk)
    if registration is None or registration.event.ends_at + LINK_OUTLIVES_EVENT < at:
        raise Http404
    return registration


@dataclass(frozen=True)
class Receipt:
    """What the page after the form says; sealed, so that a stranger can make up none, and no log reads who signed up.

    ``state`` is a seat's status, "draw", "guardian" while one is asked, or "call" when somebody will ring back. Times are ISO texts.
    """

    event: int
    state: str
    contact: str
    by_mail: bool
    until: str = ""
    position: int = 0
    code: str = ""
    guardian: bool = False

    def url(self) -> str:
        return reverse("receipt", args=[sealed.to_address("events.receipt", json.dumps(asdict(self)))])


def receipt_of(text: str) -> Receipt:
    """The receipt behind its address. Raises Http404 when forged or older than a week."""
    try:
        return Receipt(**json.loads(sealed.from_address("events.receipt", text, RECEIPT_LASTS)))
    except (ValueError, TypeError):
        raise Http404 from None
