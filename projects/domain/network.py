"""The leaders' network: adults who want to be found by neighbours join for a year, say it again, or leave (decision 17).

Every verb locks the person first, as the ledger of consents does, then their row. Whatever ends the consent ends the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import has_contact
from participants.domain import consents, messages
from participants.domain.people import person_of
from participants.models import Consent, ConsentText, Person, User
from projects import rules
from projects.domain import calls, subscriptions
from projects.models import CallMatter, LeaderProfile, Neighbourhood

LEADERS = ConsentText.Purpose.LEADERS
# What the call list says to those no mail reaches; the letter of the same name says it to the others.
RENEWAL = "leader_renewal"


@dataclass(frozen=True)
class Words:
    """What a leader says of themselves, in the language of ``lang``."""

    name: str
    offer: str
    neighbourhoods: Sequence[Neighbourhood]
    languages: str = ""
    lang: str = "pl"


# --- By the person ----------------------------------------------------------------------------------------------------------


def join(user: User, words: Words, *, is_adult: bool, at: datetime | None = None) -> LeaderProfile:
    """Show the account's person in the network for a year, with their consent to the text that is published now.

    Raises RuleBroken: ``not_verified``, ``not_adult``, ``under_age``, ``in_already``, ``hidden``, ``no_neighbourhood``,
    ``contact_data``, ``no_text``. Locks the person.
    """
    now = at or timezone.now()
    if not subscriptions.owns(user):
        raise RuleBroken("not_verified", _("Confirm the e-mail address of your account first."))
    with transaction.atomic():
        return _put(person_of(user, now), words, is_adult, now)


def describe(person: Person, words: Words) -> LeaderProfile:
    """Say it in other words; the year runs on. Raises RuleBroken: ``not_in``, ``hidden``, ``no_neighbourhood``, ``contact_data``."""
    with transaction.atomic():
        profile = _own(person)
        _check_words(words)
        _write(profile, words)
    return profile


def renew(person: Person, *, reference: str = "", actor: User | None = None, at: datetime | None = None) -> LeaderProfile:
    """A year more, counted from today, with the consent given anew; a second time on the same day changes nothing.

    With ``actor`` it is the animator who has it on paper. Raises RuleBroken: ``not_in``, ``hidden``, ``needs_reference``, ``no_text``.
    """
    now = at or timezone.now()
    if actor is not None and not reference.strip():
        raise RuleBroken("needs_reference", _("Write where the paper is kept."), field="reference")
    with transaction.atomic():
        profile = _own(person)
        if profile.confirmed_on == timezone.localdate(now):
            return profile
        _begin_year(profile, now, reference, actor)
        profile.save()
        _agree(profile, now)
        _drop_calls(profile.person, now)
    return profile


def leave(person: Person, *, channel: str = Consent.Channel.WEB, actor: User | None = None, at: datetime | None = None) -> None:
    """Leave the network: the consent is withdrawn and the page is gone at once; once more changes nothing."""
    now = at or timezone.now()
    with transaction.atomic():
        consents.withdraw(person, LEADERS, channel=channel, actor=actor, at=now)
        _end(person, now)


@consents.on_withdrawal(LEADERS)
def _leave(person: Person, scope: str, at: datetime) -> None:
    """A consent withdrawn anywhere ends the page."""
    _end(person, at)


# --- By the team ------------------------------------------------------------------------------------------------------------


def enter(person: Person, words: Words, *, is_adult: bool, reference: str, actor: User, at: datetime | None = None) -> LeaderProfile:
    """Enter somebody who agreed on paper, in neighbourhoods the account works for.

    Raises RuleBroken: ``not_allowed``, ``needs_reference``, and as ``join`` does but for the account. Locks the person.
    """
    now = at or timezone.now()
    if not all(rules.runs(actor, place, timezone.localdate(now)) for place in words.neighbourhoods):
        raise RuleBroken("not_allowed", _("Choose neighbourhoods you work for."), field="neighbourhoods")
    if not reference.strip():
        raise RuleBroken("needs_reference", _("Write where the paper is kept."), field="reference")
    with transaction.atomic():
        return _put(person, words, is_adult, now, reference, actor)


def hide(profile: LeaderProfile, reason: str, *, actor: User, at: datetime | None = None) -> LeaderProfile:
    """Take the page out of sight and tell the person why; one that is hidden already stays as it is."""
    now = at or timezone.now()
    with transaction.atomic():
        profile = _locked(profile)
        if profile.is_hidden:
            return profile
        profile.hidden_at, profile.hidden_by, profile.hidden_reason = now, actor, reason.strip()
        profile.save(update_fields=["hidden_at", "hidden_by", "hidden_reason", "updated_at"])
        _drop_calls(profile.person, now)
        messages.book("leader_hidden", profile.person, {"leader": profile.pk}, at=now)
    return profile


def show_again(profile: LeaderProfile) -> LeaderProfile:
    """What was hidden is seen again, as long as its year runs; who has left meanwhile stays away."""
    with transaction.atomic():
        profile = _locked(profile)
        if profile.is_hidden and not profile.has_left:
            profile.hidden_at, profile.hidden_by, profile.hidden_reason = None, None, ""
            profile.save(update_fields=["hidden_at", "hidden_by", "hidden_reason", "updated_at"])
    return profile


# --- Under the lock ---------------------------------------------------------------------------------------------------------


def _put(person: Person, words: Words, is_adult: bool, now: datetime, reference: str = "", actor: User | None = None) -> LeaderProfile:
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    _check_adult(person, is_adult, timezone.localdate(now))
    _check_words(words)
    before = LeaderProfile.objects.filter(person=person).first()
    if before is not None and before.is_hidden:
        raise _hidden()
    if before is not None:
        raise RuleBroken("in_already", _("This person is in the network already."))
    profile = LeaderProfile(person=person)
    _begin_year(profile, now, reference, actor)
    _write(profile, words)
    _agree(profile, now)
    return profile


def _check_adult(person: Person, is_adult: bool, on: date) -> None:
    """The declaration, and whatever we know must not speak against it."""
    if not is_adult:
        raise RuleBroken("not_adult", _("The network is for adults."), field="is_adult")
    if person.is_under_age(on):
        sentence = _("The network is for adults, and by what we know this person is younger. If that is wrong, ring us.")
        raise RuleBroken("under_age", sentence, field="is_adult")


def _check_words(words: Words) -> None:
    if not words.neighbourhoods:
        raise RuleBroken("no_neighbourhood", _("Choose at least one neighbourhood."), field="neighbourhoods")
    for field, text in (("name", words.name), ("offer", words.offer), ("languages", words.languages)):
        if has_contact(text):
            sentence = _("Write no telephone, e-mail or web address here: neighbours write to you through the portal.")
            raise RuleBroken("contact_data", sentence, field=field)


def _write(profile: LeaderProfile, words: Words) -> None:
    profile.name_shown, profile.offer, profile.languages, profile.lang = words.name, words.offer, words.languages, words.lang
    profile.save()
    profile.neighbourhoods.set(words.neighbourhoods)


def _begin_year(profile: LeaderProfile, now: datetime, reference: str, actor: User | None) -> None:
    profile.confirmed_on = timezone.localdate(now)
    profile.valid_until = a_year_after(profile.confirmed_on)
    profile.channel = Consent.Channel.PAPER if actor else Consent.Channel.WEB
    profile.reference, profile.entered_by, profile.reminders = reference.strip() if actor else "", actor, 0


def _agree(profile: LeaderProfile, now: datetime) -> None:
    consents.give(profile.person, LEADERS, channel=profile.channel, language=profile.lang, actor=profile.entered_by, anew=True, at=now)


def _own(person: Person) -> LeaderProfile:
    """The person's row, locked after the person. Raises RuleBroken: ``not_in``, ``hidden``."""
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    profile = LeaderProfile.objects.select_for_update(no_key=True, of=("self",)).select_related("person").filter(person=person).first()
    if profile is None:
        raise RuleBroken("not_in", _("This person is not in the network."))
    if profile.is_hidden:
        raise _hidden()
    return profile


def _locked(profile: LeaderProfile) -> LeaderProfile:
    Person.objects.select_for_update(no_key=True).get(pk=profile.person_id)
    return LeaderProfile.objects.select_for_update(no_key=True, of=("self",)).select_related("person").get(pk=profile.pk)


def _hidden() -> RuleBroken:
    return RuleBroken("hidden", _("The team has hidden this page. Ring us to talk about it."))


def _end(person: Person, now: datetime) -> None:
    """The row goes; a hidden one is emptied and waits till its year is over."""
    profile = LeaderProfile.objects.select_for_update(no_key=True, of=("self",)).filter(person=person, ended_at=None).first()
    if profile is None:
        return
    _drop_calls(person, now)
    if not profile.is_hidden:
        profile.delete()
        return
    profile.name_shown = profile.offer = profile.languages = ""
    profile.ended_at = now
    profile.save()
    profile.neighbourhoods.clear()


def _drop_calls(person: Person, now: datetime) -> None:
    calls.drop(CallMatter.objects.filter(person=person, reason=RENEWAL), now)


def a_year_after(day: date) -> date:
    """The same day of the next year; the 28th after the 29th of February."""
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
