"""Signing up from the public pages: who the newcomer is, what is answered, and what a stranger may not learn."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events import emails
from events.domain import places
from events.links import Receipt
from events.models import Event, Registration, Seat
from participants.domain import messages
from participants.domain.people import person_of
from participants.models import Notice, Person, User
from projects.models import Membership


@dataclass(frozen=True)
class Newcomer:
    """What somebody without an account typed; ``home`` is a neighbourhood's number, "other", "unknown" or empty."""

    name: str
    email: str = ""
    phone: str = ""
    home: str = ""
    language: str = "pl"

    def person(self) -> Person:
        """An unsaved, unverified person: typing somebody's e-mail never touches an existing one."""
        channel = Person.Channel.EMAIL if self.email else Person.Channel.PHONE
        return Person(name=self.name, email=self.email, phone=self.phone, preferred_channel=channel, language=self.language)


def sign_up_newcomer(event: Event, newcomer: Newcomer, *, key: uuid.UUID, notice: Notice | None, at: datetime | None = None) -> Receipt:
    """Sign somebody up without an account; a known e-mail is answered as a new one, a known number by a call (decision 4).

    Raises RuleBroken as ``places.register`` does, but for ``already_registered``, which only the mailbox or a call
    tells; and ``throttled``.
    """
    now = at or timezone.now()
    person = newcomer.person()
    _brake(person.contact, now)
    try:
        registration = places.register(
            event, person, [places.Head(newcomer.name)], key=key, notice=notice, home=Membership.answered(newcomer.home), at=now
        )
    except RuleBroken as broken:
        if broken.code != "already_registered":
            raise
        return _answer_duplicate(event, newcomer, broken.context["registration"], now)
    return _receipt(registration, now)


def sign_up_account(
    event: Event, user: User, typed: Newcomer, *, key: uuid.UUID, notice: Notice | None, at: datetime | None = None
) -> Registration:
    """Sign up the person behind an account; what they typed about themselves fills what was empty.

    Raises RuleBroken as ``places.register`` does.
    """
    now = at or timezone.now()
    with transaction.atomic():
        person = person_of(user, now)
        if not user.name:
            user.name = person.name = typed.name
            user.save(update_fields=["name"])
        person.phone = person.phone or typed.phone
        person.save()
        home = Membership.answered(typed.home)
        return places.register(event, person, [places.Head(typed.name)], key=key, notice=notice, home=home, at=now)


def send_links(email: str, at: datetime | None = None) -> None:
    """Mail the links of every live sign-up under the address; silent when there is none, and at most one mail in ten minutes."""
    now = at or timezone.now()
    recent = Registration.objects.live().filter(contact=email, event__ends_at__gte=now).select_related("person").order_by("-pk").first()
    if recent is None:
        return
    address = sha256(email.encode()).hexdigest()[:32]
    messages.book("registration_link", recent.person, {}, key=f"link:{address}:{now:%Y%m%d%H}{now.minute // 10}", at=now)


def by_code(code: str, contact: str, at: datetime | None = None) -> Registration:
    """The sign-up behind a spoken code. Raises RuleBroken ``no_such_code`` alike for a wrong code and a wrong contact."""
    found = Registration.objects.filter(code=code).select_related("person", "event").first()
    known = {found.person.email.lower(), found.person.phone} - {""} if found is not None else set()
    if found is None or contact not in known:
        raise RuleBroken("no_such_code", _("There is no sign-up with that code and that phone or e-mail. Check both."), field="code")
    return found


def _brake(contact: str, now: datetime) -> None:
    tries = Registration.objects.filter(contact=contact, created_at__gt=now - timedelta(hours=1)).count()
    if tries >= settings.SIGN_UPS_PER_CONTACT_PER_HOUR:
        raise RuleBroken("throttled", _("Too many sign-ups from this contact within an hour. Wait a while, or ring us."))


def _answer_duplicate(event: Event, newcomer: Newcomer, first: Registration, now: datetime) -> Receipt:
    """Tell the owner of the contact, and show the stranger what a fresh sign-up would have been told."""
    with transaction.atomic():
        if not newcomer.email:
            emails.ask_to_call(first)
            return Receipt(event.pk, "call", newcomer.phone, by_mail=False)
        messages.book("registration_again", first.person, {"registration": first.pk}, key=f"again:{first.pk}:{now:%Y%m%d%H}", at=now)
    free = places.free_places(event, now)
    queue = event.seats.waiting().values("registration").distinct().count()
    if free == 0 or queue:
        return Receipt(event.pk, Seat.Status.WAITING, newcomer.email, by_mail=True, position=queue + 1)
    until = min(now + timedelta(hours=settings.HOLD_HOURS), event.starts_at)
    return Receipt(event.pk, Seat.Status.HELD, newcomer.email, by_mail=True, until=until.isoformat())


def _receipt(registration: Registration, now: datetime) -> Receipt:
    """What the page after the form says of a fresh sign-up."""
    seat = registration.seats.all()[0]
    person = registration.person
    if not person.email and seat.status == Seat.Status.HELD:
        return Receipt(registration.event_id, "call", person.phone, by_mail=False)
    return Receipt(
        event=registration.event_id,
        state=seat.status,
        contact=person.email or person.phone,
        by_mail=bool(person.email),
        until=seat.held_until.isoformat() if seat.held_until else "",
        position=(places.position(registration) or 0) if seat.status == Seat.Status.WAITING else 0,
        code="" if person.email else registration.code,
    )
