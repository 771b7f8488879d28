"""„Moje zapisy": what a mailbox proves to be one's own, its corrections, the secret calendar, and claiming for an account."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import folded
from events.calendars import STAYS
from events.domain import places, queue
from events.models import Event, Registration, Seat
from events.models.registrations import RegistrationQuerySet
from participants.domain import access_log, consents, messages
from participants.domain.people import person_of
from participants.models import AccessLog, Consent, Person, User
from projects.models import Membership

# How far back one's own sign-ups are shown.
PAST_SHOWN = timedelta(days=365)


@dataclass
class Holder:
    """One name under a mailbox: couples share an address, and whoever signs up without an account is a new row each time."""

    name: str
    people: list[Person]
    registrations: list[Registration] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    # Whether the mailbox proves more than the sign-ups: not of an account, nor of somebody who has moved to another e-mail.
    editable: bool = False

    @property
    def person(self) -> Person:
        """The row that stands for all: the one whose calendar has an address, else the newest."""
        return max(self.people, key=lambda person: (person.calendar_key is not None, person.pk))

    @property
    def has_account(self) -> bool:
        return self.person.user_id is not None

    def agreed(self) -> list[Consent]:
        """What holds of any of the rows, each purpose and scope once."""
        return list({(consent.text.purpose, consent.scope): consent for consent in self.consents}.values())

    @property
    def phones(self) -> list[str]:
        return sorted({person.phone_shown for person in self.people if person.phone})

    @property
    def homes(self) -> list[str]:
        """Where they said they live; needs ``memberships__neighbourhood``."""
        return sorted({str(membership) for person in self.people for membership in person.memberships.all()})


def holders(email: str, at: datetime | None = None) -> list[Holder]:
    """Everybody of a mailbox by name, with their sign-ups of the past year and to come; six queries whatever their number."""
    now = at or timezone.now()
    registrations = list(
        Registration.objects.with_places().filter(contact=email, event__ends_at__gte=now - PAST_SHOWN).order_by("event__starts_at", "pk")
    )
    numbers = {registration.person_id for registration in registrations}
    known = Person.objects.unmerged().filter(email=email) | Person.objects.unmerged().filter(pk__in=numbers)
    found: dict[tuple[int | None, bool, str], Holder] = {}
    of_person: dict[int, Holder] = {}
    for person in known.prefetch_related("memberships__neighbourhood").in_order():
        editable = person.user_id is None and person.email == email
        holder = found.setdefault((person.user_id, editable, folded(person.name)), Holder(person.name, [], editable=editable))
        holder.people.append(person)
        of_person[person.pk] = holder
    for registration in registrations:
        of_person[registration.person_id].registrations.append(registration)
    for consent in _standing(person for person, holder in of_person.items() if holder.editable):
        of_person[consent.person_id].consents.append(consent)
    return list(found.values())


def send_links(email: str, at: datetime | None = None) -> None:
    """Mail the way to everything under the address; silent when nothing is, and at most one mail in ten minutes."""
    now = at or timezone.now()
    person = Person.objects.unmerged().filter(email=email).order_by("-pk").first()
    if person is None:
        return
    address = sha256(email.encode()).hexdigest()[:32]
    messages.book("registration_link", person, {}, key=f"link:{address}:{now:%Y%m%d%H}{now.minute // 10}", at=now)


def correct(people: Sequence[Person], *, name: str, phone: str, language: str, at: datetime | None = None) -> None:
    """Put right what somebody without an account told about themselves; a new name stands on the lists of events to come.

    Another e-mail would need an answer from the new mailbox, so the team changes it. Locks the events of their live
    sign-ups. Raises RuleBroken ``has_account``.
    """
    now = at or timezone.now()
    if any(person.user_id is not None for person in people):
        raise RuleBroken("has_account", _("This person has an account and corrects the details there."))
    with transaction.atomic():
        coming = Registration.objects.live().filter(person__in=people, event__ends_at__gte=now)
        _lock_events(coming.values_list("event_id", flat=True))
        rows = list(Person.objects.filter(pk__in=[person.pk for person in people], user=None).select_for_update(no_key=True).order_by("pk"))
        typed = {"name": name, "phone": phone, "language": language}
        changed = sorted(key for key, value in typed.items() if any(getattr(row, key) != value for row in rows))
        if not changed:
            return
        called = {row.name for row in rows}
        Person.objects.filter(pk__in=[row.pk for row in rows]).update(**typed, updated_at=now)
        Seat.objects.live().filter(registration__in=coming, name__in=called).exclude(name=name).update(name=name, updated_at=now)
        detail = {"fields": changed, "by": "mailed link"}
        access_log.record(AccessLog.Action.CHANGE, "person", actor=None, ids=[row.pk for row in rows], detail=detail, at=now)


def withdraw(holder: Holder, purpose: str, scope: str, *, at: datetime | None = None) -> None:
    """Withdraw one consent wherever it holds under the name: each sign-up without an account may have given it anew."""
    with transaction.atomic():
        for person in sorted({consent.person_id for consent in holder.consents}):
            consents.withdraw(Person(pk=person), purpose, scope=scope, at=at)


# --- The calendar at a secret address ---------------------------------------------------------------------------------


def renew_calendar(people: Sequence[Person], at: datetime | None = None) -> str:
    """Give the person's calendar a new secret address, and say it; the one before stops working at once."""
    key = secrets.token_urlsafe(32)
    with transaction.atomic():
        end_calendar(people, at)
        newest = max(person.pk for person in people)
        Person.objects.filter(pk=newest).update(calendar_key=key, updated_at=at or timezone.now())
    return key


def end_calendar(people: Sequence[Person], at: datetime | None = None) -> None:
    """Take the calendar's address away."""
    numbers = [person.pk for person in people]
    Person.objects.filter(pk__in=numbers, calendar_key__isnull=False).update(calendar_key=None, updated_at=at or timezone.now())


def calendar_sign_ups(person: Person, at: datetime | None = None) -> QuerySet[Registration]:
    """What one's own calendar shows: sign-ups for events to come and of the last 90 days, as ``calendars.own_calendar`` needs them.

    Of somebody without an account also those under the same mailbox and name, which are rows of their own.
    """
    now = at or timezone.now()
    own = Person.objects.filter(pk=person.pk)
    if person.user_id is None and person.email:
        own |= Person.objects.filter(email=person.email, user=None, name__iexact=person.name)
    seen = Event.objects.published().filter(ends_at__gte=now - STAYS)
    mine = Registration.objects.filter(person__in=own, event__in=seen).annotate(moves=Count("seats__moves"))
    return mine.select_related("event__venue").prefetch_related("seats").order_by("event__starts_at", "pk")


# --- Claiming for an account -------------------------------------------------------------------------------------------


def claimable(user: User) -> list[Holder]:
    """Sign-ups made without the account under an e-mail the account has verified, by name; offered, never taken by itself."""
    found: dict[str, Holder] = {}
    rows = _without_account(verified(user)).select_related("person", "event").order_by("person__name_order", "event__starts_at", "pk")
    for registration in rows:
        person = registration.person
        holder = found.setdefault(folded(person.name), Holder(person.name, []))
        if person not in holder.people:
            holder.people.append(person)
        holder.registrations.append(registration)
    return list(found.values())


def claim(user: User, person_ids: Collection[int], *, at: datetime | None = None) -> list[Registration]:
    """Move the chosen people's sign-ups, and where they said they live, to the account; their own rows stay behind.

    Only what stands under a verified e-mail of the account moves. Locks the events of the live ones. Raises RuleBroken:
    ``not_verified``, ``nothing_to_claim``.
    """
    now = at or timezone.now()
    emails = verified(user)
    if not emails.exists():
        raise RuleBroken("not_verified", _("Confirm the e-mail of your account first."))
    with transaction.atomic():
        wanted = _without_account(emails).filter(person__in=person_ids)
        _lock_events(wanted.live().values_list("event_id", flat=True))
        claimed = list(wanted.select_for_update(of=("self",), no_key=True).order_by("pk"))
        if not claimed:
            raise RuleBroken("nothing_to_claim", _("There is no sign-up to take over. Perhaps you have done it already."))
        target = person_of(user, now)
        before = sorted({registration.person_id for registration in claimed})
        free = _under_one_contact(claimed, target)
        numbers = [registration.pk for registration in claimed]
        Registration.objects.filter(pk__in=numbers).update(person=target, updated_at=now)
        Registration.objects.filter(pk__in=free).update(contact=target.contact)
        _bring_homes(before, target)
        for registration in Registration.objects.filter(pk__in=numbers, seats__held_for=Seat.HeldFor.VERIFICATION).distinct():
            # The account's mailbox has answered: what waited for that is certain, where there is still something to come.
            with suppress(RuleBroken):
                places.confirm(registration, at=now)
        detail = {"claimed_from": before, "person": target.pk}
        access_log.record(AccessLog.Action.CHANGE, "registration", actor=user, ids=numbers, detail=detail, at=now)
    return claimed


def verified(user: User) -> QuerySet[EmailAddress, str]:
    """The e-mails of the account that have answered, in small letters as a contact is."""
    return EmailAddress.objects.filter(user=user, verified=True).values_list(Lower("email"), flat=True)


def _without_account(emails: QuerySet[EmailAddress, str]) -> RegistrationQuerySet:
    return Registration.objects.filter(contact__in=emails, person__user=None)


def _standing(people: Iterable[int]) -> list[Consent]:
    """As ``consents.standing``, for many people at once."""
    rows = Consent.objects.filter(person__in=list(people)).select_related("text")
    newest = rows.order_by("person", "text__purpose", "scope", "-at", "-pk").distinct("person", "text__purpose", "scope")
    return [row for row in newest if row.act == Consent.Act.GIVEN]


def _under_one_contact(claimed: Sequence[Registration], target: Person) -> list[int]:
    """The live ones whose contact can become the account's own; an event the account is signed up for already keeps the two apart."""
    live = [registration for registration in claimed if registration.closed_at is None and registration.contact != target.contact]
    events = [registration.event_id for registration in live]
    taken = set(Registration.objects.live().filter(contact=target.contact, event__in=events).values_list("event_id", flat=True))
    free = []
    for registration in live:
        if registration.event_id not in taken:
            taken.add(registration.event_id)
            free.append(registration.pk)
    return free


def _bring_homes(people: Sequence[int], target: Person) -> None:
    """Copies of what is not there yet; "elsewhere" says nothing to somebody who has named a neighbourhood."""
    has: set[tuple[int | None, str]] = set(target.memberships.values_list("neighbourhood", "kind"))
    for home in Membership.objects.filter(person__in=people).order_by("pk"):
        if (home.neighbourhood_id, home.kind) in has or (home.neighbourhood_id is None and has):
            continue
        has.add((home.neighbourhood_id, home.kind))
        Membership.objects.create(person=target, neighbourhood_id=home.neighbourhood_id, elsewhere=home.elsewhere, kind=home.kind)


def _lock_events(events: QuerySet[Registration, int]) -> None:
    """Several events are locked in the order of their numbers, as everywhere."""
    for number in sorted(set(events)):
        queue.lock(Event(pk=number))
