"""Pages of the leaders' network: no contact anywhere, one's own page with its buttons, a letter with brakes."""

import re
import uuid
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext

from participants.domain import consents
from participants.models import Message
from projects.domain import network
from projects.models import LeaderProfile
from tests import makers

pytestmark = pytest.mark.django_db
LIST, OWN = reverse("leader_list"), reverse("leader_own")


@pytest.fixture(autouse=True)
def fresh() -> None:
    caches["counters"].clear()
    caches["pages"].clear()


@pytest.fixture
def resident() -> Any:
    makers.a_consent_text("leaders")
    makers.a_neighbourhood("Ugorek")
    return makers.a_user(name="Zofia Tajna")


@pytest.fixture
def own(resident: Any) -> Client:
    client = Client()
    client.force_login(resident)
    return client


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()))


def joining(**fields: Any) -> dict[str, Any]:
    return {
        "act": "join", "name": "Zosia", "neighbourhoods": ["ugorek"], "offer": "Pomogę przy papierach.", "languages": "polski",
        "is_adult": "on", "agrees": "on", **fields,
    }  # fmt: skip


def writing(**fields: Any) -> dict[str, Any]:
    values = {"name": "Jan", "email": "jan@example.org", "text": "Dzień dobry, proszę o radę.", "key": str(uuid.uuid4())}
    return {**values, **fields}


# --- The list --------------------------------------------------------------------------------------------------------------


def test_the_list_shows_the_chosen_name_and_words_and_no_contact(client):
    person = makers.a_person(name="Zofia Tajna", email="zofia@example.org", phone="+48600100200")
    makers.a_leader(person=person, name_shown="Zosia", offer="Pomogę przy papierach.", languages="polski, PJM")

    answer = client.get(LIST)

    said = text_of(answer)
    for shown in ("Zosia", "Pomogę przy papierach.", "polski, PJM", "Ugorek"):
        assert shown in said
    page = answer.content.decode()
    for secret in ("Tajna", "zofia@example.org", "600", str(person.pk) + "/"):
        assert secret not in page.replace(makers.the_project().phone_line, "")
    assert '<meta name="robots" content="noindex">' in page
    assert not answer.cookies
    assert LIST not in client.get(reverse("sitemap")).content.decode()


def test_the_list_is_of_one_estate_when_it_is_chosen(client):
    makers.a_leader(makers.a_neighbourhood("Ugorek"), name_shown="Ala")
    makers.a_leader(makers.a_neighbourhood("Azory"), name_shown="Ola")
    makers.a_neighbourhood("Olsza")
    for query, shown in (("azory", ["Ola"]), ("nigdzie", ["Ala", "Ola"]), ("olsza", [])):
        said = text_of(client.get(f"{LIST}?neighbourhood={query}"))
        assert [name for name in ("Ala", "Ola") if name in said] == shown
    assert gettext("Nobody of this neighbourhood is in the network yet") in said


def test_an_empty_network_says_so(client):
    assert gettext("Nobody is in the network yet") in text_of(client.get(LIST))


@pytest.mark.parametrize("away", ["withdrawn", "hidden", "lapsed"])
def test_whoever_is_away_is_not_shown(client, away):
    leader = makers.a_leader(name_shown="Zosia")
    assert "Zosia" in text_of(client.get(LIST))
    caches["pages"].clear()
    if away == "withdrawn":
        consents.withdraw(leader.person, "leaders")
    elif away == "hidden":
        network.hide(leader, "bo tak", actor=makers.a_coordinator())
    else:
        LeaderProfile.objects.update(confirmed_on=date(2020, 1, 1), valid_until=date(2021, 1, 1))

    assert "Zosia" not in text_of(client.get(LIST))
    assert client.get(reverse("leader_write", args=[leader.key])).status_code == 404


def test_the_list_asks_as_often_for_twenty_as_for_one(client, django_assert_max_num_queries):
    for number in range(20):
        makers.a_leader(makers.a_neighbourhood("Ugorek"), makers.a_neighbourhood(f"Miejsce {number}"))
    with django_assert_max_num_queries(8):
        client.get(LIST)


# --- A letter --------------------------------------------------------------------------------------------------------------


def test_a_letter_is_sent_and_the_page_shows_no_address(client):
    leader = makers.a_leader(name_shown="Zosia")
    url = reverse("leader_write", args=[leader.key])
    page = client.get(url)
    assert "Zosia" in text_of(page)
    assert leader.person.email not in page.content.decode()

    answer = client.post(url, writing())

    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
    message = Message.objects.get()
    assert (message.template, message.recipient, message.person) == ("leader_message", leader.person.email, leader.person)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"website": "x"}, 200),
        ({"email": "nie"}, 200),
        ({"text": " 1 "}, 200),
        ({"name": "www.tanio.pl"}, 200),
        ({"text": "patrz tanio.com"}, 409),
    ],
)
def test_a_wrong_letter_comes_back_as_it_was_typed(client, wrong, status):
    url = reverse("leader_write", args=[makers.a_leader().key])
    answer = client.post(url, writing(**{"name": "Jan Sąsiad", **wrong}))

    assert answer.status_code == status
    assert Message.objects.count() == 0
    assert "error-summary" in answer.content.decode()
    assert 'value="jan@example.org"' in answer.content.decode() or "email" in wrong


def test_too_many_letters_are_braked_and_what_was_typed_stays(client):
    url = reverse("leader_write", args=[makers.a_leader().key])
    answers = [client.post(url, writing()) for _number in range(6)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "proszę o radę" in answers[-1].content.decode()
    assert Message.objects.count() == 5


def test_whom_no_mail_reaches_has_the_phone_instead_of_a_form(client):
    leader = makers.a_leader(person=makers.a_person(email="", phone="+48600100200"))
    url = reverse("leader_write", args=[leader.key])
    page = client.get(url).content.decode()
    assert "<textarea" not in page
    assert "100 200" not in page.replace("\N{NO-BREAK SPACE}", " ")
    assert url not in client.get(LIST).content.decode()
    assert client.post(url, writing()).status_code == 409


# --- One's own page ---------------------------------------------------------------------------------------------------------


def test_joining_saying_it_otherwise_and_leaving(own, resident):
    page = own.get(OWN)
    assert 'value="Zofia"' in page.content.decode()
    assert "checked" not in page.content.decode()

    assert own.post(OWN, joining()).status_code == 302
    profile = LeaderProfile.objects.get(person__user=resident)
    assert (profile.name_shown, profile.offer, profile.languages) == ("Zosia", "Pomogę przy papierach.", "polski")

    assert own.post(OWN, joining(act="describe", name="Zofia Z.", offer="Raz.\n\n\nDwa.")).status_code == 302
    profile.refresh_from_db()
    assert (profile.name_shown, profile.offer) == ("Zofia Z.", "Raz.\n\nDwa.")

    assert own.post(OWN, {"act": "leave"}).status_code == 302
    assert not LeaderProfile.objects.exists()
    assert own.get(OWN).status_code == 200


@pytest.mark.parametrize("missing", ["name", "neighbourhoods", "offer", "is_adult", "agrees"])
def test_nothing_is_joined_without_a_word_or_a_tick(own, missing):
    sent = joining()
    del sent[missing]
    answer = own.post(OWN, sent)

    assert answer.status_code == 200
    assert f'id="id_{missing}' in answer.content.decode()
    assert not LeaderProfile.objects.exists()


def test_a_refusal_stands_at_its_field_and_what_was_typed_stays(own, resident):
    makers.a_person(user=resident, birth_year=2020)
    answer = own.post(OWN, joining(offer="Pomogę przy rowerach."))

    assert answer.status_code == 409
    assert "Pomogę przy rowerach." in answer.content.decode()
    assert gettext("The network is for adults, and by what we know this person is younger. If that is wrong, ring us.") in text_of(
        answer, 409
    )


def test_a_lapsed_year_is_renewed_by_one_button(own, resident):
    own.post(OWN, joining())
    LeaderProfile.objects.update(confirmed_on=date(2020, 1, 1), valid_until=date(2021, 1, 1))
    assert gettext("I agree, another year") in text_of(own.get(OWN))

    assert own.post(OWN, {"act": "renew"}).status_code == 302
    assert LeaderProfile.objects.public().exists()


def test_a_hidden_page_says_why_and_can_only_be_left(own, resident):
    own.post(OWN, joining())
    network.hide(LeaderProfile.objects.get(), "Reklama usług.", actor=makers.a_coordinator())

    assert "Reklama usług." in text_of(own.get(OWN))
    assert own.post(OWN, {"act": "renew"}).status_code == 409
    assert own.post(OWN, joining(act="describe")).status_code == 409
    assert own.post(OWN, {"act": "leave"}).status_code == 302
    assert own.get(OWN).status_code == 200


def test_buttons_without_a_page_change_nothing(own):
    for act in ("renew", "leave", "describe", "x", ""):
        assert own.post(OWN, {"act": act}).status_code in (200, 302, 409)
    assert not LeaderProfile.objects.exists()


def test_without_a_text_or_a_proven_address_there_is_no_form(client):
    user = makers.a_user()
    client.force_login(user)
    assert "<textarea" not in client.get(OWN).content.decode()
    makers.a_consent_text("leaders")
    assert "<textarea" in client.get(OWN).content.decode()
    user.emailaddress_set.update(verified=False)
    assert "<textarea" not in client.get(OWN).content.decode()


def test_a_visitor_is_led_to_the_login(client):
    assert client.get(OWN).status_code == 302
