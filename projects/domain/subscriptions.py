"""The weekly letter of neighbourhoods and of initiatives somebody follows: asked for by anybody, begun from the mailbox alone, ended by one
click (GDPR-12).

Locks come in one order: the address, people by number, as the consents ledger has it, then subscriptions by their neighbourhood and
initiative. Somebody who clicks in two windows, or twice in one, is heard one click after the other.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.domain import consents, messages
from participants.domain.people import mark_verified, person_of
from participants.models import ConsentText, Message, Person, User
from projects.choices import neighbourhood_choices
from projects.models import Initiative, Neighbourhood, Subscription
from projects.models.subscriptions import INITIATIVE, scope_of

Subject = Neighbourhood | Initiative
NEWSLETTER = ConsentText.Purpose.NEWSLETTER
# Asked for and never confirmed: somebody mistyped, or somebody else typed the address; it is kept no longer than this.
PENDING_LASTS = timedelta(days=14)


# --- Asking ---------------------------------------------------------------------------------------------------------------


def ask(
    email: str,
    subjects: Iterable[Subject],
    *,
    language: str,
    user: User | None = None,
    person: Person | None = None,
    at: datetime | None = None,
) -> None:
    """Ask for the letters of neighbourhoods and initiatives; whether the address is known, only its mailbox learns.

    An account asking for its own confirmed address has them at once. With ``person`` (somebody who signs up and will be
    mailed a link anyway) no mail is sent: ``confirm_pending_of`` begins them. Raises RuleBroken ``no_text``.
    """
    now = at or timezone.now()
    email = email.strip().lower()
    # The order of the locks, as ``_locked`` has it.
    wanted = sorted(subjects, key=lambda each: (isinstance(each, Initiative), each.pk))
    consents.text_to_agree(NEWSLETTER, language)
    if user is not None and email == user.email.lower() and owns(user):
        for subject in wanted:
            subscribe(user, subject, language=language, at=now)
        return
    with transaction.atomic():
        _lock_address(email)
        asked = _ask_all(email, wanted, language, person)
        if person is None and asked:
            # A mail for everything that waits; for what the address gets already, it says just that.
            newest = max(asked, key=lambda row: (not row.is_live, row.pk))
            key = f"subscription:{address_hash(email)}:{newest.pk}:{now:%Y%m%d%H}{now.minute // 10}"
            book("subscription_confirm", newest, {"subscription": newest.pk}, key=key, at=now)


def _ask_all(email: str, subjects: list[Subject], language: str, person: Person | None) -> list[Subscription]:
    """The open subscription of the address to every subject, made where there was none."""
    owner = person or _reader(open_ones(email))
    asked = []
    for subject in subjects:
        # Typing somebody's e-mail never touches an existing person: a new one is made when there is something to keep.
        row, made = _open(email, subject, owner or partial(_newcomer, email, language), language)
        owner = row.person if made else owner
        asked.append(row)
    for row in asked:
        before = row.person_id
        after = person.pk if person is not None else before
        waiting = Subscription.objects.filter(pk=row.pk, confirmed_at=None, ended_at=None)
        if waiting.update(person=after, language=language, updated_at=timezone.now()):
            row.person_id, row.language = after, language
            _forget_unused({before} - {after})
    return asked


def _open(email: str, subject: Subject, owner: Person | Callable[[], Person], language: str) -> tuple[Subscription, bool]:
    """The open subscription of the address to the subject, and whether it is new; two who ask at once get the same one."""
    values = {"person": owner, "language": language}
    which = "neighbourhood" if isinstance(subject, Neighbourhood) else "initiative"
    return Subscription.objects.with_subjects().get_or_create(email=email, ended_at=None, **{which: subject}, defaults=values)


def _newcomer(email: str, language: str) -> Person:
    return Person.objects.create(name=email.partition("@")[0], email=email, language=language)


def subscribe(user: User, subject: Subject, *, language: str = "", at: datetime | None = None) -> Subscription:
    """Begin the letter for an account at once: its address was confirmed. Raises RuleBroken ``not_verified``, ``no_text``."""
    now = at or timezone.now()
    if not owns(user):
        raise RuleBroken("not_verified", _("Confirm the e-mail address of your account first."))
    with transaction.atomic():
        _lock_address(user.email)
        person = _lock_person(person_of(user, now))
        row, _made = _open(user.email.lower(), subject, person, language or user.language)
        if not row.is_live:
            _begin([row], person, now, language)
    return row


def owns(user: User) -> bool:
    """Whether the account's e-mail has answered."""
    return EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()


# --- Beginning ------------------------------------------------------------------------------------------------------------


def confirm(key: str, *, only: Iterable[str] | None = None, language: str = "", at: datetime | None = None) -> list[Subscription]:
    """Begin what waits for the address behind the key, by somebody who opened its mail; ``only`` what they were shown, by its scope.

    ``language`` is that of the text they were shown. Says what the address gets now.
    Raises RuleBroken ``no_such_subscription``, ``ended``, ``no_text``.
    """
    now = at or timezone.now()
    shown = None if only is None else set(only)
    with transaction.atomic():
        row = _held(key)
        if row.ended_at is not None:
            raise RuleBroken("ended", _("This subscription has ended. You can ask for it again."))
        reader = _lock_person(_reader(open_ones(row.email)) or row.person)
        waiting = [one for one in _locked(open_ones(row.email)) if not one.is_live and (shown is None or one.scope in shown)]
        if waiting:
            _begin(waiting, reader, now, language)
    return standing_for(row.email)


def confirm_pending_of(person: Person, at: datetime | None = None) -> list[Subscription]:
    """Begin what the person asked for while signing up, now that their mailed link was used.

    What somebody else asked for under the same address goes on waiting for its own mail.
    """
    now = at or timezone.now()
    if not person.email:
        return []
    with transaction.atomic():
        _lock_address(person.email)
        person = _lock_person(person)
        waiting = _locked(open_ones(person.email).filter(person=person, confirmed_at=None))
        if waiting:
            _begin(waiting, person, now)
    return waiting


def _begin(rows: list[Subscription], person: Person, now: datetime, language: str = "") -> None:
    """Note the consent for each and make it live; the mailbox has answered, so the person's address is true."""
    left = {row.person_id for row in rows} - {person.pk}
    for row in rows:
        row.person = person
        row.confirmed_at = now
        row.save(update_fields=["person", "confirmed_at", "updated_at"])
        consents.give(person, NEWSLETTER, scope=row.scope, language=language or row.language, at=now)
    if person.email.lower() == rows[0].email:
        mark_verified(person, now)
    _forget_unused(left)


@consents.on_giving(NEWSLETTER)
def _start(person: Person, scope: str, at: datetime) -> None:
    """A consent given elsewhere brings the letter too: at once to an address that has answered, else after it does."""
    subject = subject_of(scope)
    if subject is None or not person.email:
        return
    email = person.email.lower()
    row = Subscription.objects.of(subject).filter(Q(person=person) | Q(email=email), ended_at=None).first()
    if row is not None and row.is_live:
        return
    if person.verified_at is None:
        ask(email, [subject], language=person.language, at=at)
        return
    if row is None:
        row, _made = _open(email, subject, person, person.language)
    row.person = person
    row.confirmed_at = at
    row.save()


# --- Ending ---------------------------------------------------------------------------------------------------------------


def end(subscription: Subscription, at: datetime | None = None) -> None:
    """End the letter and withdraw the consent to it; once more changes nothing."""
    now = at or timezone.now()
    with transaction.atomic():
        _lock_address(subscription.email)
        consents.withdraw(subscription.person, NEWSLETTER, scope=subscription.scope, at=now)
        _end(Subscription.objects.filter(pk=subscription.pk), now)


def end_by_key(key: str, *, only: Iterable[str] | None = None, at: datetime | None = None) -> list[Subscription]:
    """End what the address behind the key gets: all of it, as one letter brings it all, or ``only`` some, by their scopes.

    Says what ended. Raises RuleBroken ``no_such_subscription``.
    """
    now = at or timezone.now()
    chosen = None if only is None else set(only)
    with transaction.atomic():
        row = _held(key)
        _lock_people(open_ones(row.email))
        ended = [one for one in _locked(open_ones(row.email)) if chosen is None or one.scope in chosen]
        for one in ended:
            end(one, now)
    return ended


def again(key: str, at: datetime | None = None) -> list[Subject]:
    """Ask anew for what ended last behind the key, by somebody who changed their mind; the mailbox is asked as at first."""
    row = by_key(key)
    last = Subscription.objects.filter(email=row.email, ended_at__isnull=False).order_by("-ended_at").first()
    if last is None:
        return []
    ended = Subscription.objects.filter(email=row.email, ended_at=last.ended_at)
    places = Neighbourhood.objects.published().filter(pk__in=ended.values("neighbourhood"))
    followed = Initiative.objects.published().filter(pk__in=ended.values("initiative"))
    subjects: list[Subject] = [*places, *followed]
    ask(row.email, subjects, language=row.language, at=at)
    return subjects


@consents.on_withdrawal(NEWSLETTER)
def _stop(person: Person, scope: str, at: datetime) -> None:
    """A consent withdrawn anywhere ends the letter."""
    _end(Subscription.objects.filter(person=person).with_scope(scope), at)


def _end(rows: Any, at: datetime) -> None:
    rows.filter(ended_at=None).update(ended_at=at, updated_at=timezone.now())


def forget_unconfirmed(at: datetime | None = None, batch: int = 100) -> int:
    """Delete what nobody confirmed in two weeks, and the people made for nothing else; says how many went."""
    now = at or timezone.now()
    with transaction.atomic():
        old = Subscription.objects.filter(confirmed_at=None, ended_at=None, updated_at__lt=now - PENDING_LASTS)
        rows = list(old.select_for_update(skip_locked=True).order_by("pk")[:batch])
        if rows:
            Subscription.objects.filter(pk__in=[row.pk for row in rows]).delete()
            _forget_unused({row.person_id for row in rows})
    return len(rows)


# --- Reading --------------------------------------------------------------------------------------------------------------


def open_ones(email: str) -> Any:
    """What the address gets or waits to confirm."""
    return Subscription.objects.filter(email=email.strip().lower(), ended_at=None).with_subjects()


def standing_for(email: str) -> list[Subscription]:
    """What the address gets now: neighbourhoods, then initiatives, in Polish order."""
    return list(open_ones(email).live())


def standing_of(user: User) -> list[Subscription]:
    """What the account gets now: by its address, once that has answered, and by its person."""
    mine = Q(person__user=user) | Q(email=user.email.lower()) if owns(user) else Q(person__user=user)
    return list(Subscription.objects.live().filter(mine).with_subjects())


def by_key(key: str) -> Subscription:
    """The subscription behind a mailed link. Raises RuleBroken ``no_such_subscription``."""
    row = Subscription.objects.with_subjects().filter(key=key).first()
    if row is None:
        raise RuleBroken("no_such_subscription", _("There is no such subscription any more."))
    return row


def subject_of(scope: str) -> Subject | None:
    """The neighbourhood or the initiative a consent is about; None for one that is gone."""
    number = scope.removeprefix(INITIATIVE)
    if number == scope:
        return Neighbourhood.objects.filter(slug=scope).first()
    return Initiative.objects.filter(pk=int(number)).first() if is_number(number) else None


def is_number(text: str) -> bool:
    """Whether it is the number of a row: plain figures, and no more than a row's number has."""
    return text.isdecimal() and text.isascii() and len(text) < 19


def is_offered(subject: Subject) -> bool:
    """Whether anybody sees it, so that its letter may be asked for."""
    return subject.is_published if isinstance(subject, Neighbourhood) else subject.is_public


@consents.scopes_of(NEWSLETTER)
def _letters() -> dict[str, str]:
    """One letter per neighbourhood; to follow an initiative one asks on its own page."""
    return dict(neighbourhood_choices())


@consents.names_of(NEWSLETTER)
def _names(scopes: Iterable[str]) -> dict[str, str]:
    """The titles of the initiatives among the scopes."""
    numbers = [int(number) for scope in scopes if (number := scope.removeprefix(INITIATIVE)) != scope and is_number(number)]
    return {scope_of(each): each.title for each in Initiative.objects.filter(pk__in=numbers)} if numbers else {}


# --- Mail, locks, and who is left -------------------------------------------------------------------------------------------


def book(kind: str, subscription: Subscription, context: dict[str, Any], **how: Any) -> Message | None:
    """Book a message to the address and in the language of the subscription, whatever its person has elsewhere."""
    reader = subscription.person
    kept = reader.email, reader.language
    reader.email, reader.language = subscription.email, subscription.language
    try:
        return messages.book(kind, reader, context, **how)
    finally:
        reader.email, reader.language = kept


def address_hash(email: str) -> str:
    """The address in a message's key, where nobody should read it."""
    return sha256(email.encode()).hexdigest()[:32]


def _reader(rows: Iterable[Subscription]) -> Person | None:
    """Whoever gets a letter at the address already."""
    return next((row.person for row in rows if row.is_live), None)


def _lock_address(email: str) -> None:
    """Whoever acts for the address next waits till this transaction ends: rows that are only being made can be locked by nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"subscription:{email.strip().lower()}"])


def _held(key: str) -> Subscription:
    """The subscription behind a mailed link, as it is once its address is locked. Raises RuleBroken ``no_such_subscription``."""
    _lock_address(by_key(key).email)
    return by_key(key)


def _lock_person(person: Person) -> Person:
    return Person.objects.select_for_update(no_key=True).get(pk=person.pk)


def _lock_people(rows: Any) -> None:
    list(Person.objects.filter(pk__in=[row.person_id for row in rows]).order_by("pk").select_for_update(no_key=True))


def _locked(rows: Any) -> list[Subscription]:
    """The rows, locked in the order everybody keeps, and read once nobody else holds them."""
    rows = rows.order_by("neighbourhood_id", "initiative_id")
    # Locked bare: a row whose person somebody else has just changed would drop out of a join.
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    return list(rows)


def _forget_unused(people: Iterable[int]) -> None:
    """Delete those of them who were made by typing an address and have nothing to their name but mails."""
    for person in Person.objects.filter(pk__in=list(people), user=None, verified_at=None):
        relations = [relation for relation in Person._meta.related_objects if relation.related_model is not Message]
        if not any(relation.related_model._base_manager.filter(**{relation.field.name: person}).exists() for relation in relations):
            person.delete()
