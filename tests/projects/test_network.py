"""The leaders' network: who may join, what ends it, what the year brings, and what a letter leaves behind."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from participants.domain import consents, merging, messages
from participants.links import consents_path
from participants.models import Bounce, Consent, ConsentText, Message, Person, User
from projects import rules
from projects.domain import network, network_letters, network_year
from projects.domain.network import Words
from projects.models import CallMatter, LeaderProfile
from tests import makers

pytestmark = pytest.mark.django_db
NOW = makers.warsaw("2026-11-28 12:00")


@pytest.fixture(autouse=True)
def text() -> None:
    makers.a_consent_text("leaders")


def words(**fields: Any) -> Words:
    return Words(**{"name": "Ala", "offer": "Pomogę napisać pismo.", "neighbourhoods": [makers.a_neighbourhood("Ugorek")], **fields})


def joined(user: User | None = None, **how: Any) -> LeaderProfile:
    return network.join(user or makers.a_user(), words(), **{"is_adult": True, "at": NOW, **how})


def refused(code: str, verb: Callable[..., object], *args: Any, **how: Any) -> None:
    with pytest.raises(RuleBroken) as broken:
        verb(*args, **how)
    assert broken.value.code == code


def public() -> list[str]:
    return list(LeaderProfile.objects.public(NOW.date()).in_order().values_list("name_shown", flat=True))


def acts(person: Person) -> list[tuple[str, str]]:
    return list(person.consents.order_by("pk").values_list("act", "channel"))


# --- Joining ------------------------------------------------------------------------------------------------------------


def test_joining_shows_the_person_for_a_year_and_notes_the_consent():
    profile = joined()

    assert public() == ["Ala"]
    assert (profile.confirmed_on, profile.valid_until) == (date(2026, 11, 28), date(2027, 11, 28))
    assert acts(profile.person) == [("given", "web")]
    refused("in_already", joined, profile.person.user)


@pytest.mark.parametrize(("day", "after"), [("2027-02-28", "2028-02-28"), ("2028-02-29", "2029-02-28"), ("2026-12-31", "2027-12-31")])
def test_a_year_ends_on_the_same_day(day, after):
    assert network.a_year_after(date.fromisoformat(day)) == date.fromisoformat(after)


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({"birth_year": 2009}, "under_age"),
        ({"birth_year": 2008}, ""),
        ({"birth_year": 1950}, ""),
        ({"age_band": "16_17"}, "under_age"),
        ({"age_band": "under_13"}, "under_age"),
        ({"age_band": "senior"}, ""),
        ({"birth_year": 1980, "age_band": "16_17"}, ""),
        ({}, ""),
    ],
)
def test_what_we_know_of_the_age_must_not_speak_against_it(known, code):
    user = makers.a_user()
    makers.a_person(user=user, **known)
    if code:
        refused(code, joined, user)
        assert public() == []
        assert not Consent.objects.exists()
    else:
        joined(user)


@pytest.mark.parametrize(
    ("code", "how", "said"),
    [
        ("not_adult", {"is_adult": False}, {}),
        ("no_neighbourhood", {}, {"neighbourhoods": []}),
        ("contact_data", {}, {"offer": "Proszę dzwonić: 600 100 200"}),
        ("contact_data", {}, {"offer": "Zapraszam na moja-strona.pl"}),
        ("contact_data", {}, {"offer": "ala@example.org"}),
        ("contact_data", {}, {"languages": "www.jezyki.example"}),
    ],
)
def test_joining_is_refused(code, how, said):
    refused(code, network.join, makers.a_user(), words(**said), **{"is_adult": True, **how})


def test_years_and_ends_of_sentences_are_no_addresses():
    network.join(makers.a_user(), words(offer="W latach 2013–2014 prowadziłam koło.Znam 12 sąsiadów, ul. Meissnera 3."), is_adult=True)


def test_an_account_whose_mail_has_not_answered_cannot_join():
    refused("not_verified", network.join, User.objects.create_user("nieznane@example.org"), words(), is_adult=True)


def test_without_a_published_text_nobody_joins():
    ConsentText.objects.all().delete()
    refused("no_text", joined)
    assert public() == []


# --- The year ------------------------------------------------------------------------------------------------------------


def test_renewing_begins_a_year_and_a_row_of_the_ledger():
    profile = joined()
    later = NOW + timedelta(days=340)

    network.renew(profile.person, at=later)
    network.renew(profile.person, at=later)

    profile.refresh_from_db()
    assert profile.valid_until == date(2028, 11, 3)
    assert acts(profile.person) == [("given", "web"), ("given", "web")]


def test_the_page_is_shown_till_its_last_day_and_can_be_renewed_a_month_longer():
    profile = joined()
    shown = [LeaderProfile.objects.public(profile.valid_until + timedelta(days=days)).exists() for days in (0, 1)]
    assert shown == [True, False]

    network_year.forget_lapsed(NOW + timedelta(days=365 + 30))
    network.renew(profile.person, at=NOW + timedelta(days=365 + 30))

    assert LeaderProfile.objects.public(date(2028, 1, 1)).exists()


def test_a_month_after_the_year_the_row_goes_and_the_ledger_says_that_the_consent_ended():
    profile = joined()
    stays = joined()
    network.renew(stays.person, at=NOW + timedelta(days=300))

    assert network_year.forget_lapsed(NOW + timedelta(days=365 + 31)) == 1

    assert list(LeaderProfile.objects.all()) == [stays]
    assert acts(profile.person)[-1][0] == "withdrawn"
    assert network_year.forget_lapsed(NOW + timedelta(days=365 + 31)) == 0


@pytest.mark.parametrize(("left", "asked"), [([31], 0), ([30], 1), ([30, 29, 8], 1), ([30, 7, 6, 0], 2), ([7, 6], 1), ([-1], 0)])
def test_reminders_come_thirty_and_seven_days_before_once_each(left, asked):
    profile = joined()
    for days in left:
        network_year.remind_due(makers.warsaw(f"{profile.valid_until - timedelta(days=days)} 09:00"))

    assert Message.objects.filter(template="leader_renewal", person=profile.person).count() == asked


def test_whoever_renewed_is_asked_again_a_year_later():
    profile = joined()
    network_year.remind_due(NOW + timedelta(days=340))
    network.renew(profile.person, at=NOW + timedelta(days=341))
    network_year.remind_due(NOW + timedelta(days=342))
    assert Message.objects.filter(template="leader_renewal").count() == 1

    network_year.remind_due(NOW + timedelta(days=341 + 340))
    assert Message.objects.filter(template="leader_renewal").count() == 2


def test_whom_no_mail_reaches_is_rung_once_and_not_any_more_after_renewing():
    place = makers.a_neighbourhood("Ugorek")
    animator = makers.an_animator(place)
    person = makers.a_person(email="", phone="+48600100200")
    network.enter(person, words(), is_adult=True, reference="segregator 3", actor=animator, at=NOW)
    for days in (340, 341):
        network_year.remind_due(NOW + timedelta(days=days))

    matter = CallMatter.objects.open().get()
    assert (matter.reason, matter.person, matter.task.neighbourhood) == ("leader_renewal", person, place)

    network.renew(person, reference="segregator 4", actor=animator, at=NOW + timedelta(days=342))
    assert not CallMatter.objects.open().exists()


def test_the_reminder_is_not_sent_to_whoever_left():
    profile = makers.a_leader(
        confirmed_on=timezone.localdate() - timedelta(days=345), valid_until=timezone.localdate() + timedelta(days=20)
    )
    network_year.remind_due()
    network.leave(profile.person)
    messages.deliver_due()

    assert mail.outbox == []


def test_the_reminder_is_not_sent_to_whoever_has_renewed_meanwhile():
    profile = makers.a_leader(valid_until=timezone.localdate() + timedelta(days=20))
    network_year.remind_due()
    network.renew(profile.person)
    messages.deliver_due()

    assert mail.outbox == []


def test_the_reminder_says_until_when():
    makers.a_leader(valid_until=timezone.localdate() + timedelta(days=20))
    network_year.remind_due()
    messages.deliver_due()

    assert "/moje/liderzy/" in mail.outbox[0].body
    assert "/zgody/" in mail.outbox[0].body


# --- Leaving --------------------------------------------------------------------------------------------------------------


def by_the_link_of_a_mail(person: Person) -> None:
    assert Client().post(consents_path(person), {"withdraw": "leaders:"}).status_code == 302


@pytest.mark.parametrize("leave", [network.leave, lambda person: consents.withdraw(person, "leaders"), by_the_link_of_a_mail])
def test_leaving_and_withdrawing_anywhere_take_the_page_and_its_words_at_once(leave):
    profile = joined()
    leave(profile.person)
    leave(profile.person)

    assert public() == []
    assert not LeaderProfile.objects.exists()
    assert [act for act, _channel in acts(profile.person)] == ["given", "withdrawn"]


def test_words_are_changed_without_a_new_year():
    profile = joined()
    network.describe(profile.person, words(name="Alicja", languages="polski"))

    profile.refresh_from_db()
    assert (profile.name_shown, profile.languages, profile.valid_until) == ("Alicja", "polski", date(2027, 11, 28))
    refused("not_in", network.describe, makers.a_person(), words())
    refused("contact_data", network.describe, profile.person, words(offer="600100200"))


# --- By the team -----------------------------------------------------------------------------------------------------------


def test_a_hidden_page_is_seen_by_nobody_and_nobody_comes_back_by_leaving():
    profile = joined()
    animator = makers.an_animator(makers.a_neighbourhood("Ugorek"))
    network.hide(profile, "Reklama usług.", actor=animator, at=NOW)
    network.hide(profile, "Drugi raz.", actor=animator, at=NOW)

    assert public() == []
    assert LeaderProfile.objects.get().hidden_reason == "Reklama usług."
    refused("hidden", network.renew, profile.person)
    refused("hidden", network.describe, profile.person, words())
    refused("hidden", joined, profile.person.user)

    network.leave(profile.person, at=NOW)

    left = LeaderProfile.objects.get()
    assert (left.name_shown, left.offer, left.languages, left.neighbourhoods.count()) == ("", "", "", 0)
    refused("hidden", joined, profile.person.user)
    network.show_again(left)
    assert public() == []
    network_year.forget_lapsed(NOW + timedelta(days=365 + 31))
    assert not LeaderProfile.objects.exists()


def test_the_person_is_told_why_and_what_was_hidden_can_be_seen_again():
    profile = makers.a_leader()
    network.hide(profile, "Reklama usług.", actor=makers.a_coordinator())
    messages.deliver_due()
    assert "Reklama usług." in mail.outbox[0].body

    network.show_again(profile)
    assert LeaderProfile.objects.public().get() == profile


def test_an_animator_enters_from_paper_in_own_neighbourhoods_only():
    ugorek, azory = makers.a_neighbourhood("Ugorek"), makers.a_neighbourhood("Azory")
    animator, person = makers.an_animator(ugorek), makers.a_person(email="")
    how = {"is_adult": True, "actor": animator}

    refused("not_allowed", network.enter, person, words(neighbourhoods=[ugorek, azory]), reference="segregator 3", **how)
    refused("needs_reference", network.enter, person, words(), reference=" ", **how)
    refused("under_age", network.enter, makers.a_person(birth_year=timezone.localdate().year - 17), words(), reference="1", **how)
    profile = network.enter(person, words(), reference="segregator 3", **how)

    assert (profile.channel, profile.reference, profile.entered_by) == ("paper", "segregator 3", animator)
    given = person.consents.get()
    assert (given.channel, given.actor) == ("paper", animator)
    refused("needs_reference", network.renew, person, actor=animator)


def test_the_list_and_the_predicate_agree():
    ugorek, azory = makers.a_neighbourhood("Ugorek"), makers.a_neighbourhood("Azory")
    leaders = [makers.a_leader(ugorek), makers.a_leader(azory), makers.a_leader(ugorek, azory)]
    for user in (makers.an_animator(ugorek), makers.an_officer(), makers.a_coordinator(), makers.a_user(), makers.a_former_animator(azory)):
        listed = set(rules.manageable_leaders(user))
        assert {leader for leader in leaders if rules.may_manage_leader(user, leader)} == listed


@pytest.mark.parametrize(
    "values",
    [
        {"channel": "paper"},
        {"reference": "segregator 3"},
        {"hidden_at": NOW},
        {"hidden_reason": "bo tak"},
        {"name_shown": ""},
        {"offer": ""},
        {"ended_at": NOW},
        {"valid_until": date(2020, 1, 1)},
    ],
)
def test_the_database_refuses_what_must_never_be(values):
    profile = makers.a_leader()
    with pytest.raises(IntegrityError), transaction.atomic():
        LeaderProfile.objects.filter(pk=profile.pk).update(**values)


# --- Two records of one person ----------------------------------------------------------------------------------------------


def test_the_page_comes_over_and_goes_back():
    kept, gone = makers.a_person(), makers.a_person()
    profile = makers.a_leader(person=gone)
    coordinator = makers.a_coordinator()
    merge = merging.merge(kept, gone, actor=coordinator)
    profile.refresh_from_db()
    assert profile.person == kept
    assert LeaderProfile.objects.public().get() == profile
    assert consents.holds(kept, "leaders")

    merging.undo(merge, actor=coordinator)

    profile.refresh_from_db()
    assert profile.person == gone
    assert LeaderProfile.objects.public().get() == profile
    assert not consents.holds(kept, "leaders")


def test_of_two_pages_the_kept_records_is_seen():
    kept, gone = makers.a_person(), makers.a_person()
    own = makers.a_leader(person=kept)
    makers.a_leader(person=gone)
    merging.merge(kept, gone, actor=makers.a_coordinator())

    assert LeaderProfile.objects.public().get() == own


def test_what_was_left_behind_goes_when_the_joining_is_final():
    kept, gone = makers.a_person(), makers.a_person()
    own = makers.a_leader(person=kept)
    makers.a_leader(person=gone)
    merging.merge(kept, gone, actor=makers.a_coordinator())
    assert network_year.forget_lapsed() == 0

    merging.empty_due(timezone.now() + timedelta(days=31))

    assert network_year.forget_lapsed() == 1
    assert list(LeaderProfile.objects.all()) == [own]
    assert consents.holds(kept, "leaders")


def test_whoever_left_under_one_record_has_left_under_both():
    kept, gone = makers.a_person(), makers.a_person()
    makers.a_leader(person=kept)
    makers.a_leader(person=gone)
    network.leave(gone)
    merging.merge(kept, gone, actor=makers.a_coordinator())

    assert not LeaderProfile.objects.public().exists()


# --- Letters -----------------------------------------------------------------------------------------------------------------


def letter(leader: LeaderProfile, **fields: Any) -> Message:
    values = {"name": "Jan Sąsiad", "email": "jan@example.org", "text": "Dzień dobry.\n\nProszę o pomoc <b>.", "form_key": "", **fields}
    return network_letters.send_letter(leader.key, **values)


def test_a_letter_goes_to_the_leader_answers_go_to_the_writer_and_nothing_is_kept():
    leader = makers.a_leader()
    message = letter(leader)
    assert b"Prosz" not in bytes(Message.objects.get(pk=message.pk).sealed)
    assert message.context == {}

    messages.deliver_due()

    sent = mail.outbox[0]
    assert sent.to == [leader.person.email]
    assert "jan@example.org" in sent.message()["Reply-To"]
    assert "Proszę" in sent.body
    assert "<b>" not in sent.alternatives[0][0].replace("&lt;b&gt;", "")
    message.refresh_from_db()
    assert (message.status, message.sealed) == ("sent", None)


def test_the_same_form_sent_twice_is_one_letter():
    leader = makers.a_leader()
    assert letter(leader, form_key="abc") == letter(leader, form_key="abc")
    assert letter(leader, form_key="def").pk != letter(leader, form_key="abc").pk


@pytest.mark.parametrize("text", ["Zobacz https://zysk.example", "wejdź na tanio.com", "www.x.y", "pisz: a@b.cd"])
def test_a_letter_with_an_address_is_refused(text):
    refused("links", letter, makers.a_leader(), text=text)
    assert not Message.objects.exists()


def test_nobody_writes_to_whom_no_mail_reaches():
    refused("not_reached", letter, makers.a_leader(person=makers.a_person(email="")))
    stopped = makers.a_leader()
    for _number in range(3):
        Bounce.objects.create(address=stopped.person.email, source="hand", at=timezone.now())
    refused("not_reached", letter, stopped)


@pytest.mark.parametrize("away", ["left", "hidden", "lapsed"])
def test_nobody_writes_to_whom_nobody_sees(away):
    leader = makers.a_leader()
    if away == "left":
        network.leave(leader.person)
    elif away == "hidden":
        network.hide(leader, "bo tak", actor=makers.a_coordinator())
    else:
        LeaderProfile.objects.update(confirmed_on=date(2020, 1, 1), valid_until=date(2021, 1, 1))
    refused("no_such_leader", letter, leader)


def test_the_text_of_a_letter_that_could_not_be_sent_is_wiped_after_two_weeks():
    message = letter(makers.a_leader())
    assert network_letters.forget_unsent(timezone.now() + timedelta(days=13)) == 0
    assert network_letters.forget_unsent(timezone.now() + timedelta(days=15)) == 1

    messages.deliver_due()

    message.refresh_from_db()
    assert (message.status, message.sealed, mail.outbox) == ("dropped", None, [])
