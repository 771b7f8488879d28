"""Everything under one mailbox behind the mailed link, claiming for an account, and sign-ups for two things at once."""

import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events import own_links
from events.domain import overlaps, own, places, plans
from events.models import Event, Registration, Seat
from participants.domain import consents, messages
from participants.domain.people import person_of
from participants.models import AccessLog, Consent, ConsentText, Message, Person
from projects.models import Membership
from tests import makers

pytestmark = pytest.mark.django_db
HOME = "dom@example.org"


def page(email: str = HOME) -> str:
    return reverse("own_overview", args=[own_links.token(email)])


def of(name: str, **fields: Any) -> Person:
    return makers.a_person(name=name, email=HOME, **fields)


def rows() -> dict[str, list[Any]]:
    """All that a visit could have changed."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Registration, Seat, Person, Message, AccessLog, Consent, Event)
    }


def consent_text() -> ConsentText:
    return ConsentText.objects.create(purpose="image", language="pl", version=1, text="Zgadzam się.", published_at=timezone.now())


# --- The mail ----------------------------------------------------------------------------------------------------------------


def send(client: Client, email: str) -> None:
    form = client.get("/moje-zapisy/").context["link_form"]
    client.post("/moje-zapisy/", {"act": "link", "link-email": email, "link-key": form["key"].value(), "link-website": ""})
    messages.deliver_due()


def test_the_mail_leads_to_everything_under_the_mailbox(client: Client) -> None:
    first, second = (makers.signed_up(makers.an_event(), of(name)) for name in ("Anna Nowak", "Jan Nowak"))
    send(client, "Dom@Example.org")
    (sent,) = mail.outbox[-1:]
    assert sent.to == [HOME]
    for body in (str(sent.body), str(sent.alternatives[0][0])):
        path = re.search(r"http\S+(/moje-zapisy/wszystkie/[\w-]+/)", body).group(1)
        text = client.get(path).content.decode()
        for registration in (first, second):
            assert registration.event.title in text
            assert registration.person.name in text
    assert HOME not in path


def test_one_with_past_sign_ups_only_gets_the_link_too(client: Client) -> None:
    event = makers.an_event()
    registration = makers.signed_up(event, of("Anna Nowak"))
    Event.objects.filter(pk=event.pk).update(
        starts_at=timezone.now() - timedelta(days=90), ends_at=timezone.now() - timedelta(days=90, hours=-1)
    )
    Message.objects.all().delete()
    send(client, HOME)
    assert "/moje-zapisy/wszystkie/" in str(mail.outbox[-1].body)
    assert registration.event.title in client.get(page()).content.decode()


def test_an_unknown_address_gets_no_mail_and_the_same_answer(client: Client) -> None:
    form = client.get("/moje-zapisy/").context["link_form"]
    sent = {"act": "link", "link-email": "nikt@example.org", "link-key": form["key"].value(), "link-website": ""}
    assert client.post("/moje-zapisy/", sent).headers["Location"] == "/moje-zapisy/wyslane/"
    assert not Message.objects.exists()


# --- The door ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["x", "gAAAAABm", "wyslane", "łżę", "%00", "a" * 400])
def test_forged_addresses_open_nothing(client: Client, text: str) -> None:
    of("Anna Nowak")
    assert client.get(f"/moje-zapisy/wszystkie/{text}/").status_code == 404
    assert client.post(f"/moje-zapisy/wszystkie/{text}/", {"act": "calendar"}).status_code == 404
    assert client.get(f"/moje-zapisy/wszystkie/{text}/moje-dane.json").status_code == 404


def test_the_address_works_for_two_days(client: Client) -> None:
    now = timezone.now()
    of("Anna Nowak")
    link = page()
    with time_machine.travel(now + timedelta(hours=47), tick=False):
        assert client.get(link).status_code == 200
    with time_machine.travel(now + timedelta(hours=49), tick=False):
        assert client.get(link).status_code == 404
        assert client.post(link, {"act": "calendar"}).status_code == 404


def test_reading_changes_nothing(client: Client) -> None:
    registration = makers.signed_up(makers.an_event(), of("Anna Nowak"))
    before = rows()
    link = page()
    for path in (link, f"{link}moje-dane.json", f"{link}moje-dane.csv", f"{link}?act=cancel&registration={registration.pk}"):
        answer = client.get(path)
        b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
    assert rows() == before


def test_a_mailbox_sees_its_own_alone(client: Client) -> None:
    other = makers.signed_up(makers.an_event(title="Cudze"), makers.a_person(name="Obca Osoba"))
    mine = makers.signed_up(makers.an_event(title="Własne"), of("Anna Nowak"))
    text = client.get(page()).content.decode()
    assert "Własne" in text
    assert "Cudze" not in text
    for sent in (
        {"act": "cancel", "registration": other.pk},
        {"act": "confirm", "registration": other.pk},
        {"act": "calendar", "person": other.person.pk},
        {"act": "correct", "person": other.person.pk, "name": "Kto Inny"},
        {"act": "cancel", "registration": "'; --"},
        {"act": "cancel"},
    ):
        assert client.post(page(), sent).status_code == 404
    assert Registration.objects.live().count() == 2
    assert mine.person.calendar_key is None


# --- What can be done there ------------------------------------------------------------------------------------------------


def test_sign_ups_are_confirmed_and_cancelled_by_buttons(client: Client) -> None:
    held = makers.signed_up(makers.an_event(), makers.a_stranger(name="Anna Nowak", email=HOME))
    assert client.post(page(), {"act": "confirm", "registration": held.pk}).status_code == 302
    assert held.seats.get().status == Seat.Status.CONFIRMED
    client.post(page(), {"act": "cancel", "registration": held.pk})
    assert held.seats.get().status == Seat.Status.CANCELLED


def test_a_refused_button_says_why(client: Client) -> None:
    registration = makers.signed_up(makers.an_event(), of("Anna Nowak"))
    link = page()
    Event.objects.update(starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=1))
    answer = client.post(link, {"act": "cancel", "registration": registration.pk})
    assert answer.status_code == 409
    assert answer.context["refusal"]


def test_position_in_the_queue_is_shown(client: Client) -> None:
    event = makers.an_event(capacity=1)
    makers.signed_up(event)
    makers.signed_up(event)
    makers.signed_up(event, of("Anna Nowak"))
    (section,) = client.get(page()).context["holders"]
    assert section["coming"][0]["position"] == 2


def correct(client: Client, person: Person, **typed: str) -> Any:
    prefix = f"person-{person.pk}"
    said = {"name": person.name, "phone": "", "language": "pl", "website": "", "key": str(uuid.uuid4()), **typed}
    return client.post(page(), {"act": "correct", "person": person.pk, **{f"{prefix}-{key}": value for key, value in said.items()}})


def test_a_correction_reaches_every_row_of_the_name_the_lists_to_come_and_the_log(client: Client) -> None:
    anna, again, jan = of("Ana Nowak"), of("ana nowak"), of("Jan Nowak")
    first = makers.signed_up(makers.an_event(), anna)
    makers.signed_up(makers.an_event(), again)
    answer = correct(client, again, name="Anna Nowak", phone="600 100 200", language="uk")
    assert answer.status_code == 302
    for person in (anna, again):
        person.refresh_from_db()
        assert (person.name, person.phone, person.language, person.email) == ("Anna Nowak", "+48600100200", "uk", HOME)
    jan.refresh_from_db()
    assert (jan.name, jan.phone) == ("Jan Nowak", "")
    assert first.seats.get().name == "Anna Nowak"
    entry = AccessLog.objects.get()
    assert (entry.action, entry.subject_ids, entry.detail["fields"]) == ("change", [anna.pk, again.pk], ["language", "name", "phone"])


def test_a_bad_correction_is_told_at_the_field_and_changes_nothing(client: Client) -> None:
    anna = of("Anna Nowak")
    answer = correct(client, anna, name="123", phone="12")
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"name", "phone"}
    anna.refresh_from_db()
    assert anna.name == "Anna Nowak"
    assert not AccessLog.objects.exists()


def test_the_mailbox_does_not_correct_an_account(client: Client) -> None:
    user = makers.a_user(HOME)
    person = person_of(user)
    makers.signed_up(makers.an_event(title="Konta"), person)
    answer = client.get(page())
    assert "Konta" in answer.content.decode()
    for act in ("correct", "calendar", "withdraw"):
        assert client.post(page(), {"act": act, "person": person.pk}).status_code == 404
    with pytest.raises(RuleBroken) as refused:
        own.correct([person], name="Kto Inny", phone="", language="pl")
    assert refused.value.code == "has_account"


def test_a_mailbox_somebody_has_left_shows_their_old_sign_up_and_no_data(client: Client) -> None:
    registration = makers.signed_up(makers.an_event(title="Dawne"), of("Anna Nowak", phone="+48600100200"))
    Registration.objects.update(closed_at=timezone.now())
    Person.objects.update(email="nowa@example.org")
    text = client.get(page()).content.decode()
    assert "Dawne" in text
    assert "600" not in text
    assert "nowa@" not in client.get(f"{page()}moje-dane.json").content.decode()
    assert client.post(page(), {"act": "calendar", "person": registration.person.pk}).status_code == 404


def test_calendar_of_a_mailbox_is_made_renewed_and_taken_away(client: Client) -> None:
    makers.signed_up(makers.an_event(title="Spacer"), of("Anna Nowak"))
    newest = of("Anna Nowak")
    client.post(page(), {"act": "calendar", "person": newest.pk})
    newest.refresh_from_db()
    address = reverse("own_calendar", args=[newest.calendar_key])
    assert address in client.get(page()).content.decode()
    assert b"Spacer" in client.get(address).content
    client.post(page(), {"act": "calendar", "person": newest.pk})
    assert client.get(address).status_code == 404
    client.post(page(), {"act": "calendar_off", "person": newest.pk})
    assert not Person.objects.exclude(calendar_key=None).exists()


def test_a_consent_is_withdrawn_wherever_the_name_gave_it(client: Client) -> None:
    consent_text()
    anna, again, jan = of("Anna Nowak"), of("Anna Nowak"), of("Jan Nowak")
    for person in (anna, again, jan):
        consents.give(person, "image")
    newest = max(anna.pk, again.pk)
    answer = client.post(page(), {"act": "withdraw", "person": newest, "consent": "image:"})
    assert answer.status_code == 302
    assert [consents.holds(person, "image") for person in (anna, again, jan)] == [False, False, True]


# --- To take away -------------------------------------------------------------------------------------------------------------


def test_data_are_given_as_json_and_csv(client: Client) -> None:
    consent_text()
    anna = of("Anna Nowak", phone="+48600100200")
    Membership.objects.create(person=anna, neighbourhood=makers.a_neighbourhood("Ugorek"))
    consents.give(anna, "image")
    makers.signed_up(makers.an_event(title="Spacer; i więcej"), anna, heads=2)
    makers.a_leader(person=anna, name_shown="Ania")
    said = json.loads(client.get(f"{page()}moje-dane.json").content)
    assert said["email"] == HOME
    (person,) = said["people"]
    assert person["records"][0]["phone"] == "+48600100200"
    assert person["records"][0]["neighbourhoods"] == ["Ugorek"]
    assert {consent["purpose"] for consent in person["consents"]} == {"image", "leaders"}
    assert person["records"][0]["leaders_network"]["name_shown"] == "Ania"
    assert len(person["sign_ups"][0]["places"]) == 2
    answer = client.get(f"{page()}moje-dane.csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert '"Spacer; i więcej"' in lines[1]
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("ending", ["", "moje-dane.json"])
def test_the_page_asks_as_often_for_thirty_sign_ups_as_for_three(client: Client, ending: str) -> None:
    consent_text()
    full = makers.an_event(capacity=1)
    makers.signed_up(full)
    counts = []
    for more in (3, 27):
        for number in range(more):
            person = of(f"Anna Nowak {number % 5}")
            Membership.objects.create(person=person, neighbourhood=makers.a_neighbourhood(f"Osiedle nr {number}"))
            consents.give(person, "image")
            makers.signed_up(makers.an_event(), person)
        client.get(page() + ending)
        with CaptureQueriesContext(connection) as asked:
            client.get(page() + ending)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


# --- Claiming -----------------------------------------------------------------------------------------------------------------


def test_a_couple_sharing_an_address_claims_by_name(client: Client) -> None:
    anna, jan = of("Anna Nowak"), of("Jan Nowak")
    event = makers.an_event()
    hers, past = makers.signed_up(event, anna), makers.signed_up(makers.an_event(), anna)
    places.cancel(past)
    his = makers.signed_up(makers.an_event(), jan)
    Membership.objects.create(person=anna, neighbourhood=makers.a_neighbourhood("Ugorek"))
    user = makers.a_user(HOME, name="Anna Nowak")
    assert [holder.name for holder in own.claimable(user)] == ["Anna Nowak", "Jan Nowak"]
    client.force_login(user)
    assert client.get(reverse("own_claim")).status_code == 302
    assert Registration.objects.filter(person__user=user).count() == 0
    assert "Jan Nowak" in client.get(reverse("my_page")).content.decode()
    client.post(reverse("own_claim"), {"person": anna.pk})
    account = person_of(user)
    assert set(Registration.objects.filter(person=account)) == {hers, past}
    his.refresh_from_db()
    assert his.person == jan
    assert [str(home) for home in account.memberships.all()] == ["Ugorek"]
    assert Person.objects.filter(pk=anna.pk, user=None).exists()
    entry = AccessLog.objects.get()
    assert (entry.action, entry.actor, entry.subject_ids) == ("change", user, sorted([hers.pk, past.pk]))
    assert [holder.name for holder in own.claimable(user)] == ["Jan Nowak"]


def refusal(user: Any, *people: Person) -> str:
    with pytest.raises(RuleBroken) as refused:
        own.claim(user, [person.pk for person in people])
    return refused.value.code


def test_nothing_is_claimed_by_an_address_that_is_somebody_elses_or_has_not_answered() -> None:
    anna = of("Anna Nowak")
    makers.signed_up(makers.an_event(), anna)
    stranger = makers.a_user("obca@example.org")
    assert (own.claimable(stranger), refusal(stranger, anna)) == ([], "nothing_to_claim")
    EmailAddress.objects.create(user=stranger, email=HOME, verified=False)
    assert (own.claimable(stranger), refusal(stranger, anna)) == ([], "nothing_to_claim")
    EmailAddress.objects.filter(user=stranger).update(verified=False)
    assert refusal(stranger, anna) == "not_verified"
    assert Registration.objects.get().person == anna


def test_claiming_twice_finds_nothing() -> None:
    anna = of("Anna Nowak")
    makers.signed_up(makers.an_event(), anna)
    user = makers.a_user(HOME)
    own.claim(user, [anna.pk])
    assert refusal(user, anna) == "nothing_to_claim"
    assert AccessLog.objects.count() == 1


def test_another_accounts_sign_ups_are_never_claimed() -> None:
    other = person_of(makers.a_user("inne@example.org"))
    registration = makers.signed_up(makers.an_event(), other)
    Registration.objects.update(contact=HOME)
    assert refusal(makers.a_user(HOME), other) == "nothing_to_claim"
    registration.refresh_from_db()
    assert registration.person == other


def test_a_second_verified_address_joins_unless_the_account_is_signed_up_already() -> None:
    user = makers.a_user("konto@example.org")
    EmailAddress.objects.create(user=user, email="Dom@example.org", verified=True)
    anna, both = of("Anna Nowak"), makers.an_event()
    makers.signed_up(both, person_of(user))
    twin, single = makers.signed_up(both, anna), makers.signed_up(makers.an_event(), anna)
    own.claim(user, [anna.pk])
    twin.refresh_from_db()
    single.refresh_from_db()
    assert (twin.contact, single.contact) == (HOME, "konto@example.org")
    assert twin.person == single.person == person_of(user)


def test_my_page_asks_as_often_for_thirty_sign_ups_as_for_three(client: Client) -> None:
    user = makers.a_user(HOME)
    account = person_of(user)
    client.force_login(user)
    counts = []
    for more in (3, 27):
        makers.signed_up(makers.an_event(in_days=-3, opens_at=None), account, at=timezone.now() - timedelta(days=4))
        for number in range(more):
            makers.signed_up(makers.an_event(), account)
            makers.signed_up(makers.an_event(), of(f"Anna Nowak {number}"))
        client.get(reverse("my_page"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("my_page"))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


# --- Two things at once ---------------------------------------------------------------------------------------------------


def at_hours(starts: str, ends: str, person: Person, **fields: Any) -> Registration:
    day = "2031-05-14 "
    return makers.signed_up(makers.an_event(starts_at=makers.warsaw(day + starts), ends_at=makers.warsaw(day + ends), **fields), person)


@pytest.mark.parametrize(
    ("starts", "ends", "meets"),
    [
        ("17:00", "19:00", True),
        ("16:00", "17:30", True),
        ("18:30", "20:00", True),
        ("17:30", "18:00", True),
        ("12:00", "22:00", True),
        ("15:00", "17:00", False),
        ("19:00", "21:00", False),
    ],
)
def test_sign_ups_for_two_things_at_once_are_found(starts: str, ends: str, meets: bool) -> None:
    anna = of("Anna Nowak")
    first, second = at_hours("17:00", "19:00", anna), at_hours(starts, ends, anna)
    at_hours(starts, ends, makers.a_person())
    assert list(overlaps.overlapping(first)) == ([second] if meets else [])
    found = overlaps.among(Registration.objects.select_related("event"))
    assert (found[first.pk], found[second.pk]) == (([second], [first]) if meets else ([], []))


def test_what_is_cancelled_or_given_back_meets_nothing() -> None:
    anna = of("Anna Nowak")
    first, second, third = (at_hours("17:00", "19:00", anna) for _number in range(3))
    plans.cancel_event(second.event, "Deszcz.")
    places.cancel(third)
    assert list(overlaps.overlapping(first)) == []
    for one in Registration.objects.select_related("event").filter(pk__in=[second.pk, third.pk]):
        assert list(overlaps.overlapping(one)) == []
    assert overlaps.among(Registration.objects.select_related("event"))[first.pk] == []


def test_overlap_is_one_query() -> None:
    anna = of("Anna Nowak")
    first = at_hours("17:00", "19:00", anna)
    for _number in range(3):
        at_hours("18:00", "20:00", anna)
    with CaptureQueriesContext(connection) as asked:
        assert [other.event.title for other in overlaps.overlapping(first)]
    assert len(asked) == 1


def test_own_pages_warn_of_two_things_at_once(client: Client) -> None:
    user = makers.a_user(HOME)
    person = person_of(user)
    first, second = at_hours("17:00", "19:00", person), at_hours("18:00", "20:00", person)
    client.force_login(user)
    assert [row["clashes"] for row in client.get(reverse("my_page")).context["coming"]] == [[second], [first]]
    (section,) = client.get(page()).context["holders"]
    assert [row["clashes"] for row in section["coming"]] == [[second], [first]]
