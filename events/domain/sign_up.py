"""Signing up from the public pages: who the newcomer is, what is answered, and what a stranger may not learn."""

import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import folded, plain
from events import emails
from events.domain import contacts, places, queue, series
from events.domain.parties import Head
from events.links import Receipt
from events.models import Event, Registration, Seat
from participants.domain import consents, messages
from participants.domain.people import person_of
from participants.models import MINORS, ConsentText, Notice, Person, User
from projects.domain import subscriptions
from projects.models import Membership, Neighbourhood


@dataclass(frozen=True)
class Guardian:
    """Whom a 16- or 17-year-old names to agree: an e-mail or a phone is enough."""

    name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Newcomer:
    """What somebody without an account typed; ``home`` is a neighbourhood's number, "other", "unknown" or empty."""

    name: str
    email: str = ""
    phone: str = ""
    home: str = ""
    language: str = "pl"
    age_band: str = ""
    guardian: Guardian | None = None

    def person(self) -> Person:
        """An unsaved, unverified person: typing somebody's e-mail never touches an existing one."""
        return _unsaved(self.name, self.email, self.phone, self.language, self.age_band)

    def guardian_person(self) -> Person | None:
        """The guardian as a person of their own, unsaved and unverified, too."""
        named = self.guardian
        return _unsaved(named.name, named.email, named.phone, self.language) if named else None


def _unsaved(name: str, email: str, phone: str, language: str, age_band: str = "") -> Person:
    channel = Person.Channel.EMAIL if email else Person.Channel.PHONE
    return Person(name=name, email=email, phone=phone, preferred_channel=channel, language=language, age_band=age_band)


@dataclass(frozen=True)
class Party:
    """Who comes, and whether all together or as many as possible."""

    heads: Sequence[Head]
    all_or_none: bool = True


@dataclass(frozen=True)
class Wishes:
    """What somebody wished besides taking part: each its own unticked box (GDPR-02); and all dates of a series at once."""

    newsletter: bool = False
    image: bool = False
    all_dates: bool = False


def sign_up_newcomer(
    event: Event,
    newcomer: Newcomer,
    party: Party | None = None,
    wishes: Wishes | None = None,
    *,
    key: uuid.UUID,
    notice: Notice | None,
    at: datetime | None = None,
) -> Receipt:
    """Sign somebody up without an account; a known e-mail is answered as a new one, a known number by a call (decision 4).

    Raises RuleBroken as ``places.register`` does, but for ``already_registered``, which only the mailbox or a call tells.
    """
    now = at or timezone.now()
    party, wishes = party or Party([Head(newcomer.name, newcomer.age_band)]), wishes or Wishes()
    how: dict[str, Any] = {"key": key, "notice": notice, "hourly_limit": settings.SIGN_UPS_PER_CONTACT_PER_HOUR, "at": now}
    # One transaction with what was wished besides; without wishes the verb's own is enough.
    together = transaction.atomic() if wishes.image or wishes.newsletter else nullcontext()
    try:
        with together:
            registration = _register(event, newcomer.person(), newcomer, party, wishes, how)
            _note_wishes(event, registration.person, newcomer, wishes, now)
    except RuleBroken as broken:
        if broken.code != "already_registered":
            raise
        return _answer_duplicate(event, newcomer, party, broken.context["registration"], now)
    if registration.event_id != event.pk:
        # Of a series only other dates were new: for this one the contact was known, and the answer must not show it.
        twin = contacts.twin(contacts.live_under(event, registration.contact), registration.person)
        return _answer_duplicate(event, newcomer, party, twin, now) if twin else _receipt(registration, now)
    return _receipt(registration, now)


def sign_up_account(
    event: Event,
    user: User,
    typed: Newcomer,
    party: Party | None = None,
    wishes: Wishes | None = None,
    *,
    key: uuid.UUID,
    notice: Notice | None,
    at: datetime | None = None,
) -> Registration:
    """Sign up the person behind an account; what they typed about themselves fills what was empty.

    Raises RuleBroken as ``places.register`` does.
    """
    now = at or timezone.now()
    party = party or Party([Head(typed.name, typed.age_band)])
    with transaction.atomic():
        person = fill_in(user, typed, now)
        return _register(event, person, typed, party, wishes or Wishes(), {"key": key, "notice": notice, "at": now})


def _register(event: Event, person: Person, typed: Newcomer, party: Party, wishes: Wishes, how: dict[str, Any]) -> Registration:
    """The sign-up for the event, or for every date of its series; then the one for this date, or else the first, is the answer."""
    how |= {"home": Membership.answered(typed.home), "guardian": typed.guardian_person(), "all_or_none": party.all_or_none}
    if not wishes.all_dates or event.series is None:
        return places.register(event, person, party.heads, **how)
    made = series.sign_up_for_all(event.series, person, party.heads, **how)
    return next((registration for registration in made if registration.event_id == event.pk), made[0])


def _note_wishes(event: Event, person: Person, newcomer: Newcomer, wishes: Wishes, now: datetime) -> None:
    """Write down what was ticked; the weekly letter begins once the mailed link is clicked."""
    if wishes.image:
        consents.give(person, ConsentText.Purpose.IMAGE, language=newcomer.language, at=now)
    if wishes.newsletter:
        places_of = Neighbourhood.objects.filter(pk=newcomer.home) if newcomer.home.isdecimal() else event.neighbourhoods.all()
        subscriptions.ask(newcomer.email, places_of, language=newcomer.language, person=person, at=now)


def fill_in(user: User, typed: Newcomer, now: datetime) -> Person:
    """The account's person, with what was typed where nothing stood before; the age is what it is today."""
    person = person_of(user, now)
    if not user.name:
        user.name = person.name = typed.name
        user.save(update_fields=["name"])
    person.phone = person.phone or typed.phone
    person.age_band = typed.age_band or ("" if person.age_band in MINORS else person.age_band)
    person.save()
    return person


def by_code(code: str, contact: str, at: datetime | None = None) -> Registration:
    """The sign-up behind a spoken code, to whoever knows the phone or e-mail, too; who gave neither says the name instead.

    Raises RuleBroken ``no_such_code`` alike for a wrong code, a wrong contact and a wrong name.
    """
    found = Registration.objects.filter(code=code).select_related("person", "event").first()
    if found is None or not _knows(found.person, contact):
        raise RuleBroken("no_such_code", _("There is no sign-up with that code and that phone, e-mail or name. Check both."), field="code")
    return Registration.objects.select_related("person", "event").standing_for(found.pk) or found


def _knows(person: Person, contact: str) -> bool:
    known = {person.email.lower(), person.phone} - {""}
    return contact in known if known else plain(folded(contact)) == plain(folded(person.name))


def _answer_duplicate(event: Event, newcomer: Newcomer, party: Party, first: Registration, now: datetime) -> Receipt:
    """Tell the owner of the contact, and show the stranger what a fresh sign-up would have been told."""
    with transaction.atomic():
        if not newcomer.email:
            emails.ask_to_call(first)
            return Receipt(event.pk, "call", newcomer.phone, by_mail=False)
        messages.book("registration_again", first.person, {"registration": first.pk}, key=f"again:{first.pk}:{now:%Y%m%d%H}", at=now)
    event = Event.objects.get(pk=event.pk)
    guardian = newcomer.guardian is not None
    if event.waits_for_draw:
        return Receipt(event.pk, "draw", newcomer.email, by_mail=True, guardian=guardian)
    free, waiting = places.free_places(event, now), queue.length(event)
    if waiting or (free is not None and free < len(party.heads)):
        return Receipt(event.pk, Seat.Status.WAITING, newcomer.email, by_mail=True, position=waiting + 1, guardian=guardian)
    until = min(now + timedelta(hours=settings.HOLD_HOURS), event.starts_at)
    state = "guardian" if guardian else Seat.Status.HELD
    return Receipt(event.pk, state, newcomer.email, by_mail=True, until=until.isoformat(), guardian=guardian)


def _receipt(registration: Registration, now: datetime) -> Receipt:
    """What the page after the form says of a fresh sign-up: the state of its places, or what they wait for."""
    person, event, given = registration.person, registration.event, registration.given
    state = _state(registration, given)
    if not person.email and state == Seat.Status.HELD:
        return Receipt(event.pk, "call", person.phone, by_mail=False)
    until = next((seat.held_until for seat in given if seat.held_until), None)
    return Receipt(
        event=event.pk,
        state=state,
        contact=person.email or person.phone,
        by_mail=bool(person.email),
        until=until.isoformat() if until else "",
        position=(queue.position(registration) or 0) if state == Seat.Status.WAITING else 0,
        code="" if person.email else registration.code,
        guardian=registration.awaits_guardian,
    )


def _state(registration: Registration, given: Sequence[Seat]) -> str:
    if registration.event.waits_for_draw:
        return "draw"
    if any(seat.held_for == Seat.HeldFor.GUARDIAN for seat in given):
        return "guardian"
    statuses = {seat.status for seat in given}
    ladder = (Seat.Status.WAITING, Seat.Status.HELD, Seat.Status.CONFIRMED)
    return next((status.value for status in ladder if status in statuses), Seat.Status.CANCELLED)
