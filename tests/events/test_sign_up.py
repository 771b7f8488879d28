"""Signing up on the public pages: bad input, forged and late links, and what a stranger may not learn."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.domain import plans
from events.domain.places import cancel, confirm
from events.links import registration_url, token
from events.models import Event, Registration, Seat
from participants.domain import messages
from participants.models import Message, Person
from projects.models import CallMatter, Membership
from tests.makers import a_neighbourhood, a_notice, a_person, a_stranger, a_user, an_event, signed_up

pytestmark = pytest.mark.django_db


def form(**typed: str) -> dict[str, str]:
    return {"key": str(uuid.uuid4()), "name": "Zofia Ćwikła", "email": "zofia@example.org", "phone": "", "home": "", "website": "", **typed}


def address(event: Event) -> str:
    return f"/wydarzenia/{event.slug}/zapisy/"


def send(client: Client, event: Event, **typed: str) -> Any:
    return client.post(address(event), form(**typed))


def path_of(registration: Registration) -> str:
    return f"/moje-zapisy/{token(registration)}/"


def test_a_newcomer_is_held_and_told_and_the_notice_shown_is_stored(client: Client) -> None:
    event, notice = an_event(), a_notice(version=2)
    a_notice(version=1)
    answer = send(client, event, home=str(a_neighbourhood("Ugorek").pk))
    registration = Registration.objects.get()
    assert (answer.status_code, registration.notice, registration.seats.get().status) == (302, notice, "held")
    assert Membership.objects.get().neighbourhood.name == "Ugorek"
    page = client.get(answer.headers["Location"]).content.decode()
    assert "zofia@example.org" in page
    assert registration.code not in page
    assert token(registration) not in page


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "12345"}, "name"),
        ({"name": "\u202e\u200b"}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"email": "", "phone": ""}, "email"),
        ({"email": "zofia@"}, "email"),
        ({"email": f"{'x' * 250}@example.org"}, "email"),
        ({"email": "", "phone": "12"}, "phone"),
        ({"phone": "1" * 31}, "phone"),
        ({"home": "0 OR 1=1"}, "home"),
        ({"website": "http://spam.example"}, "__all__"),
        ({"key": "not-a-key"}, "key"),
        ({"key": ""}, "key"),
    ],
)
def test_bad_input_gets_a_sentence_at_the_field_and_what_was_typed_is_kept(client: Client, typed: dict[str, str], field: str) -> None:
    event = an_event()
    answer = send(client, event, **{"name": "Zofia Ćwikła", **typed})
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    page = answer.content.decode()
    assert all(value in page for name, value in form(**typed).items() if name == "email" and value and len(value) < 100)
    assert not Registration.objects.exists()
    assert not Person.objects.exists()


@pytest.mark.parametrize("name", ["O’Brien-Żółć", "李小龍", "Анна Українська", "X Æ A-Xii", "Zofia\u00a0\t Ćwikła", "e\u0301va"])
def test_names_of_any_script_are_welcome(client: Client, name: str) -> None:
    assert send(client, an_event(), name=name).status_code == 302
    assert Seat.objects.get().name.strip() == Seat.objects.get().name


def test_control_characters_are_dropped_from_a_name(client: Client) -> None:
    send(client, an_event(), name="Zo\x00fia\u202e Ćwikła")
    assert Seat.objects.get().name == "Zofia Ćwikła"


@pytest.mark.parametrize("change", ["cancelled", "closed", "draft"])
def test_an_event_that_changed_between_opening_and_sending_says_so(client: Client, change: str) -> None:
    event = an_event()
    assert client.get(address(event)).status_code == 200
    if change == "cancelled":
        plans.cancel_event(event, "Burza.")
    elif change == "closed":
        Event.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    else:
        Event.objects.update(status="draft")
    answer = send(client, event)
    assert answer.status_code == (404 if change == "draft" else 409)
    assert not Registration.objects.exists()
    if change != "draft":
        assert 'name="email"' not in answer.content.decode()


def test_a_known_address_gets_the_same_answer_and_only_the_mailbox_learns_more(client: Client, mailoutbox: list[Any]) -> None:
    event = an_event(capacity=5)
    first = send(client, event)
    again = send(Client(), event, name="Kto Inny")
    plain = [
        re.sub(r"\d{1,2}:\d{2}|/zapis/[^\"/]+", "", client.get(answer.headers["Location"]).content.decode()) for answer in (first, again)
    ]
    assert plain[0] == plain[1]
    assert Registration.objects.count() == Person.objects.count() == 1
    while messages.deliver_due():
        pass
    assert [message.template for message in Message.objects.order_by("pk")] == ["registration_held", "registration_again"]
    assert [mail.to for mail in mailoutbox] == [["zofia@example.org"]] * 2
    assert "Kto Inny" not in mailoutbox[1].body


def test_typing_somebodys_address_never_touches_their_account(client: Client) -> None:
    user = a_user("zofia@example.org", name="Zofia Prawdziwa")
    send(client, an_event(), name="Ktoś Inny")
    person = Person.objects.get()
    assert (person.user, person.verified_at) == (None, None)
    user.refresh_from_db()
    assert user.name == "Zofia Prawdziwa"


def test_a_known_number_is_called_back_and_the_code_is_not_shown(client: Client) -> None:
    event = an_event()
    send(client, event, email="", phone="600 100 200")
    code = Registration.objects.get().code
    page = client.get(send(Client(), event, email="", phone="+48600100200").headers["Location"]).content.decode()
    assert code not in page.replace(" ", "")
    assert CallMatter.objects.get().reason == "registration_again"


def test_a_phone_newcomer_sees_the_code_and_cancels_by_it(client: Client) -> None:
    answer = send(client, an_event(), email="", phone="600 100 200")
    registration = Registration.objects.get()
    page = client.get(answer.headers["Location"]).content.decode()
    assert registration.code in re.sub(r"\s|&nbsp;|<[^>]+>", "", page)
    sent = {"act": "code", "code-key": str(uuid.uuid4()), "code-website": "", "code-code": registration.code_shown.lower()}
    wrong = client.post("/moje-zapisy/", {**sent, "code-contact": "600 100 201"})
    assert (wrong.status_code, list(wrong.context["code_form"].errors)) == (200, ["code"])
    right = client.post("/moje-zapisy/", {**sent, "code-contact": "600 100 200"})
    client.post(right.headers["Location"], {"act": "cancel"})
    assert Seat.objects.get().status == "cancelled"


def test_looking_at_a_mailed_link_changes_nothing_and_the_button_confirms_once(client: Client) -> None:
    registration = signed_up(an_event(), a_stranger())
    for _time in range(3):
        assert client.get(path_of(registration)).status_code == 200
    assert registration.seats.get().status == "held"
    for _time in range(2):
        assert client.post(path_of(registration), {"act": "confirm"}).status_code == 302
    assert registration.seats.get().status == "confirmed"
    assert Message.objects.filter(template="registration_confirmed").count() == 1
    assert registration_url(registration).endswith(path_of(registration))


@pytest.mark.parametrize("text", ["1:forged", "nonsense", f"{signing.Signer(salt='other').sign('1')}", "1", "%00", "x" * 500])
def test_a_forged_link_is_not_found_and_says_what_to_do(client: Client, text: str) -> None:
    answer = client.get(f"/moje-zapisy/{text}/")
    assert answer.status_code == 404
    assert "/moje-zapisy/" in answer.content.decode()
    assert client.get(f"/zapis/{text}/").status_code == 404


def test_a_link_outlives_its_event_by_thirty_days(client: Client) -> None:
    event = an_event(in_days=-29)
    other = an_event(in_days=-32)
    links = [signed_up(found, at=found.starts_at - timedelta(days=3)) for found in (event, other)]
    assert [client.get(path_of(registration)).status_code for registration in links] == [200, 404]


@pytest.mark.parametrize("act", ["confirm", "cancel", "erase", ""])
def test_a_reused_link_of_a_cancelled_sign_up_never_breaks(client: Client, act: str) -> None:
    registration = signed_up(an_event(), a_stranger())
    cancel(registration)
    assert client.post(path_of(registration), {"act": act}).status_code in (302, 409)
    assert registration.seats.get().status == "cancelled"


def test_the_link_again_is_mailed_and_the_page_says_the_same_to_strangers(client: Client, mailoutbox: list[Any]) -> None:
    registration = signed_up(an_event(), a_stranger(email="zofia@example.org"))
    confirm(registration)
    Message.objects.all().delete()
    answers = []
    for email in ("zofia@example.org", "ZOFIA@example.org", "nikt@example.org"):
        sent = {"act": "link", "link-key": str(uuid.uuid4()), "link-website": "", "link-email": email}
        answers.append(client.post("/moje-zapisy/", sent).headers["Location"])
    assert len(set(answers)) == 1
    while messages.deliver_due():
        pass
    assert [mail.to for mail in mailoutbox] == [["zofia@example.org"]]
    assert token(registration) in mailoutbox[0].body


def test_too_many_sign_ups_of_one_contact_are_braked(client: Client, settings: Any) -> None:
    settings.SIGN_UPS_PER_CONTACT_PER_HOUR = 2
    answers = [send(client, an_event()).status_code for _number in range(3)]
    assert answers == [302, 302, 429]


def test_too_many_from_one_address_are_braked(client: Client, settings: Any) -> None:
    settings.SIGN_UPS_PER_ADDRESS_PER_HOUR = 1
    event = an_event()
    answers = [
        client.post(address(event), form(email=f"ala{number}@example.org"), REMOTE_ADDR="10.9.8.7").status_code for number in range(3)
    ]
    assert answers == [302, 429, 429]


def test_too_many_questions_to_one_guardian_are_braked_whoever_names_them(client: Client, settings: Any) -> None:
    settings.SIGN_UPS_PER_CONTACT_PER_HOUR = 2
    event = an_event(open_to_minors=True)
    typed = {"age": "16_17", "guardian_name": "Anna Ćwikła", "guardian_email": "anna@example.org"}
    answers = [send(client, event, email=f"{number}@example.org", **typed).status_code for number in range(3)]
    assert answers == [302, 302, 429]
    assert Message.objects.filter(template="guardian_asked").count() == 2


@pytest.mark.parametrize(
    ("own", "guardian", "field"),
    [
        ({}, {"guardian_email": "Zofia@example.org"}, "guardian_email"),
        ({"phone": "600 100 200"}, {"guardian_phone": "+48 600100200"}, "guardian_phone"),
    ],
)
def test_nobody_is_their_own_guardian(client: Client, own: dict[str, str], guardian: dict[str, str], field: str) -> None:
    answer = send(client, an_event(open_to_minors=True), age="16_17", guardian_name="Anna Ćwikła", **own, **guardian)
    assert [error.code for error in answer.context["form"].errors[field].as_data()] == ["guardian"]
    assert not Registration.objects.exists()


def test_an_account_is_not_its_own_guardian(client: Client) -> None:
    user = a_user("zofia@example.org")
    client.force_login(user)
    typed = {"age": "16_17", "guardian_name": "Anna Ćwikła", "guardian_email": "zofia@example.org"}
    answer = send(client, an_event(open_to_minors=True), **typed)
    assert [error.code for error in answer.context["form"].errors["guardian_email"].as_data()] == ["guardian"]


def test_an_account_is_confirmed_at_once_and_signs_up_once(client: Client) -> None:
    user, event = a_user(name=""), an_event()
    client.force_login(user)
    answer = client.post(
        address(event), {"key": str(uuid.uuid4()), "name": "Zofia Ćwikła", "phone": "600100200", "home": "unknown", "website": ""}
    )
    registration = Registration.objects.get()
    assert (answer.status_code, registration.seats.get().status, registration.person.user) == (302, "confirmed", user)
    user.refresh_from_db()
    assert (user.name, registration.person.phone) == ("Zofia Ćwikła", "+48600100200")
    again = client.post(address(event), {"key": str(uuid.uuid4()), "name": "Zofia", "phone": "", "home": "", "website": ""})
    assert again.status_code == 200
    assert Registration.objects.count() == 1


def test_my_page_cancels_own_sign_ups_only(client: Client) -> None:
    user, event = a_user(), an_event()
    client.force_login(user)
    own = signed_up(event, a_person(user=user))
    other = signed_up(event)
    assert client.post(f"/moje/zapisy/{own.pk}/rezygnacja/").status_code == 302
    assert client.post(f"/moje/zapisy/{other.pk}/rezygnacja/").status_code == 404
    assert [own.seats.get().status, other.seats.get().status] == ["cancelled", "confirmed"]


@pytest.mark.parametrize("crowd", [0, 30])
def test_a_sign_up_asks_the_database_fifteen_times_at_most_whatever_the_events_size(client: Client, crowd: int) -> None:
    event = an_event(capacity=100)
    a_notice()
    for _number in range(crowd):
        signed_up(event)
    with CaptureQueriesContext(connection) as asked:
        send(client, event, home=str(a_neighbourhood("Ugorek").pk))
    queries = [query["sql"] for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    assert len(queries) <= 15 + 1  # the neighbourhood of the test itself
