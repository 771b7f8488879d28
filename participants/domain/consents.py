"""The consents ledger: giving and withdrawing are rows added one after another; the newest of a purpose is what holds (GDPR-03, 04, 12).

Upper floors say what else a purpose means: what must happen when it is withdrawn or given, and which scopes it has.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.models import Consent, ConsentText, Person, User

Reaction = Callable[[Person, str, datetime], None]
Scopes = Callable[[], dict[str, str]]
Names = Callable[[Iterable[str]], dict[str, str]]
_on_withdrawal: dict[str, list[Reaction]] = {}
_on_giving: dict[str, list[Reaction]] = {}
_scopes: dict[str, Scopes] = {}
_names: dict[str, Names] = {}


def on_withdrawal(purpose: str) -> Callable[[Reaction], Reaction]:
    """Registers what else happens, in the same transaction, when somebody withdraws: called with the person, the scope and the moment."""
    return _reaction(_on_withdrawal, purpose)


def on_giving(purpose: str) -> Callable[[Reaction], Reaction]:
    """As ``on_withdrawal``, when a consent that did not hold is given."""
    return _reaction(_on_giving, purpose)


def scopes_of(purpose: str) -> Callable[[Scopes], Scopes]:
    """Registers which scopes the purpose is offered for, each with its name for people; without it, there is the one empty scope."""

    def keep(scopes: Scopes) -> Scopes:
        _scopes[purpose] = scopes
        return scopes

    return keep


def names_of(purpose: str) -> Callable[[Names], Names]:
    """Registers names for scopes that are agreed to elsewhere and never offered in the list."""

    def keep(names: Names) -> Names:
        _names[purpose] = names
        return names

    return keep


def scope_names(purpose: str, standing: Iterable[str] = ()) -> dict[str, str]:
    """Scope → its name for people, of those that are offered and of the ``standing`` ones; what is not there stands for itself."""
    offered = _scopes[purpose]() if purpose in _scopes else {"": ""}
    return {**(_names[purpose](standing) if standing and purpose in _names else {}), **offered}


def current_text(purpose: str, language: str) -> ConsentText | None:
    """The newest published text for the purpose, in the language if there is one, else in Polish."""
    texts = ConsentText.objects.filter(purpose=purpose, published_at__isnull=False, language__in={language, "pl"})
    return max(texts, key=lambda text: (text.language == language, text.version), default=None)


def text_to_agree(purpose: str, language: str) -> ConsentText:
    """The text that is published now. Raises RuleBroken ``no_text`` when there is none."""
    text = current_text(purpose, language)
    if text is None:
        raise RuleBroken("no_text", _("This consent cannot be given yet: its text has not been published."))
    return text


def give(
    person: Person,
    purpose: str,
    *,
    channel: str = Consent.Channel.WEB,
    scope: str = "",
    language: str = "",
    actor: User | None = None,
    anew: bool = False,
    at: datetime | None = None,
) -> Consent:
    """Note the consent to the text that is published now; the standing one when it already holds.

    A consent given for a time is given ``anew``: the ledger gets another row. The text is that in ``language``, when the
    person was shown another than their own. Locks the person.
    Raises RuleBroken ``no_text`` when nobody has published what one would agree to.
    """
    now = at or timezone.now()
    with transaction.atomic():
        person = _lock(person)
        before = _newest(person, purpose, scope)
        if before is not None and before.act == Consent.Act.GIVEN and not anew:
            return before
        text = text_to_agree(purpose, language or person.language)
        given = Consent.objects.create(
            person=person, text=text, scope=scope, act=Consent.Act.GIVEN, channel=channel, actor=actor, at=_after(before, now)
        )
        if before is None or before.act != Consent.Act.GIVEN:
            for react in _on_giving.get(purpose, []):
                react(person, scope, now)
    return given


def withdraw(
    person: Person,
    purpose: str,
    *,
    scope: str = "",
    channel: str = Consent.Channel.WEB,
    actor: User | None = None,
    at: datetime | None = None,
) -> Consent | None:
    """Note the withdrawal and let everybody who asked react to it; None when nothing holds. Locks the person."""
    now = at or timezone.now()
    with transaction.atomic():
        person = _lock(person)
        before = _newest(person, purpose, scope)
        if before is None or before.act != Consent.Act.GIVEN:
            return None
        withdrawn = Consent.objects.create(
            person=person,
            text=before.text,
            scope=scope,
            act=Consent.Act.WITHDRAWN,
            channel=channel,
            actor=actor,
            at=_after(before, now),
        )
        for react in _on_withdrawal.get(purpose, []):
            react(person, scope, now)
    return withdrawn


def standing(person: Person) -> list[Consent]:
    """What the person agrees to now: the newest row per purpose and scope, when it says "given"; in the order of giving."""
    newest = (
        Consent.objects.filter(person=person)
        .select_related("text")
        .order_by("text__purpose", "scope", "-at", "-pk")
        .distinct("text__purpose", "scope")
    )
    return sorted((row for row in newest if row.act == Consent.Act.GIVEN), key=lambda row: (row.at, row.pk))


def holds(person: Person, purpose: str, scope: str = "") -> bool:
    newest = _newest(person, purpose, scope)
    return newest is not None and newest.act == Consent.Act.GIVEN


def _reaction(registry: dict[str, list[Reaction]], purpose: str) -> Callable[[Reaction], Reaction]:
    def keep(react: Reaction) -> Reaction:
        registry.setdefault(purpose, []).append(react)
        return react

    return keep


def _lock(person: Person) -> Person:
    """Two acts of one person follow each other; rows that only point at the person do not wait."""
    return Person.objects.select_for_update(no_key=True).get(pk=person.pk)


def _newest(person: Person, purpose: str, scope: str) -> Consent | None:
    rows = Consent.objects.filter(person=person, text__purpose=purpose, scope=scope)
    return rows.select_related("text").order_by("-at", "-pk").first()


def _after(before: Consent | None, now: datetime) -> datetime:
    """An act never counts as older than the one it answers, though clocks differ and papers are typed in later."""
    return max(before.at, now) if before is not None else now
