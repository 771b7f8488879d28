"""The weekly letter is asked for by anybody, begun from the mailbox alone, ended by one click without cookies."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from participants.domain import consents, messages
from participants.domain.people import person_of
from participants.models import Consent, Message, Person
from projects.domain import subscriptions
from projects.models import Neighbourhood, Subscription
from tests.makers import a_consent_text, a_neighbourhood, a_person, a_subscription, a_user, an_event, signed_up

pytestmark = pytest.mark.django_db

EMAIL = "sasiadka@example.org"


@pytest.fixture
def ugorek() -> Neighbourhood:
    a_consent_text("newsletter")
    return a_neighbourhood("Ugorek")


@pytest.fixture
def azory() -> Neighbourhood:
    return a_neighbourhood("Azory")


def deliver_all() -> None:
    while messages.deliver_due():
        pass


def asked(*places: Neighbourhood, email: str = EMAIL, **how: Any) -> None:
    subscriptions.ask(email, places, language="pl", **how)


def path_in(text: str) -> str:
    found = re.search(r"https?://[^/\s]+(/\S*biuletyn/\S+)", text)
    assert found, text
    return found[1]


def live(email: str = EMAIL) -> list[str]:
    return [row.neighbourhood.slug for row in subscriptions.standing_for(email)]


# --- Asking ---------------------------------------------------------------------------------------------------------------


def test_asking_makes_one_mail_and_nothing_else_begins(ugorek: Neighbourhood, azory: Neighbourhood, mailoutbox: list[Any]) -> None:
    asked(ugorek, azory, email=" Sasiadka@Example.org ")
    asked(azory, ugorek)
    deliver_all()
    assert [mail.to for mail in mailoutbox] == [[EMAIL]]
    assert Subscription.objects.filter(confirmed_at=None, email=EMAIL).count() == 2
    assert Person.objects.get().verified_at is None
    assert not Consent.objects.exists()


def test_asking_never_touches_the_person_who_has_the_address(ugorek: Neighbourhood) -> None:
    known = a_person(email=EMAIL, name="Znana Osoba", language="uk")
    asked(ugorek)
    subscription = Subscription.objects.get()
    assert subscription.person != known
    assert subscription.person.verified_at is None
    known.refresh_from_db()
    assert (known.name, known.language) == ("Znana Osoba", "uk")


def test_asking_for_what_comes_already_says_only_that(ugorek: Neighbourhood, mailoutbox: list[Any]) -> None:
    subscription = a_subscription(ugorek, EMAIL)
    asked(ugorek)
    deliver_all()
    assert Subscription.objects.get() == subscription
    assert path_in(mailoutbox[0].body) == reverse("newsletter_end", args=[subscription.key])


def test_a_neighbourhood_added_later_has_a_mail_of_its_own(ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    asked(ugorek)
    asked(azory)
    assert Message.objects.filter(template="subscription_confirm").count() == 2


def test_without_a_published_text_nothing_can_be_asked_for() -> None:
    with pytest.raises(RuleBroken) as refused:
        asked(a_neighbourhood("Ugorek"))
    assert refused.value.code == "no_text"
    assert not Person.objects.exists()


def test_somebody_who_signs_up_gets_no_second_mail_and_confirms_with_the_sign_up(ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    person = a_person(email=EMAIL, verified_at=None)
    asked(ugorek, person=person)
    asked(azory)
    assert Message.objects.count() == 1
    subscriptions.confirm_pending_of(person)
    assert live() == ["ugorek"], "what somebody else asked for waits for its own mail"
    assert consents.holds(person, "newsletter", "ugorek")


def test_whoever_signs_up_takes_over_what_waited_for_their_address(ugorek: Neighbourhood) -> None:
    asked(ugorek)
    person = a_person(email=EMAIL, verified_at=None)
    asked(ugorek, person=person)
    assert Subscription.objects.get().person == person
    assert list(Person.objects.all()) == [person], "the person made by the first asking is gone"


def test_an_account_has_its_letters_at_once(ugorek: Neighbourhood) -> None:
    user = a_user(EMAIL)
    asked(ugorek, user=user)
    assert live() == ["ugorek"]
    assert consents.holds(person_of(user), "newsletter", "ugorek")
    assert not Message.objects.exists()


def test_an_account_asking_for_another_address_asks_as_anybody(ugorek: Neighbourhood) -> None:
    asked(ugorek, user=a_user())
    assert live() == []
    assert Message.objects.get().recipient == EMAIL


def test_an_account_whose_address_has_not_answered_waits(ugorek: Neighbourhood) -> None:
    user = a_user(EMAIL)
    user.emailaddress_set.update(verified=False)
    with pytest.raises(RuleBroken) as refused:
        subscriptions.subscribe(user, ugorek)
    assert refused.value.code == "not_verified"


# --- From the form to the letter ----------------------------------------------------------------------------------------------


def post_form(client: Client, email: str, *slugs: str, **more: str) -> Any:
    page = client.get("/biuletyn/")
    key = re.search(r'name="key" value="([^"]+)"', page.content.decode())
    assert key
    return client.post("/biuletyn/", {"key": key[1], "email": email, "neighbourhoods": slugs, **more})


def test_the_form_ticks_nothing_and_shows_what_one_agrees_to(client: Client, ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    page = client.get("/biuletyn/").content.decode()
    assert page.count('type="checkbox"') == 2
    assert "checked" not in page
    assert "Zgoda newsletter, wersja 1." in page


def test_the_answer_is_the_same_for_known_and_unknown_addresses(client: Client, ugorek: Neighbourhood) -> None:
    a_subscription(ugorek, EMAIL)
    answers = [post_form(client, email, "ugorek") for email in (EMAIL, "nowa@example.org")]
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(302, "/biuletyn/wyslane/")] * 2


def test_a_robot_and_an_empty_form_make_nothing(client: Client, ugorek: Neighbourhood) -> None:
    assert post_form(client, EMAIL, "ugorek", website="x").status_code == 200
    assert post_form(client, EMAIL).status_code == 200
    assert not Subscription.objects.exists()


def test_one_address_is_not_asked_without_end(client: Client, ugorek: Neighbourhood) -> None:
    codes = [post_form(client, EMAIL, "ugorek").status_code for _time in range(7)]
    assert codes == [302] * 6 + [429]
    assert Message.objects.count() <= 2


def test_a_scanner_that_follows_the_link_agrees_to_nothing_a_button_does(
    client: Client, ugorek: Neighbourhood, azory: Neighbourhood, mailoutbox: list[Any]
) -> None:
    post_form(client, EMAIL, "ugorek", "azory")
    deliver_all()
    page = path_in(mailoutbox[0].body)
    for method in (client.get, client.head):
        assert method(page).status_code == 200
    assert live() == []
    shown = re.findall(r'name="letter" value="([^"]+)"', client.get(page).content.decode())
    assert client.post(page, {"letter": shown}).status_code == 302
    assert live() == ["azory", "ugorek"]
    person = Person.objects.get()
    assert {row.scope for row in consents.standing(person)} == {"azory", "ugorek"}
    assert person.verified_at is not None
    assert client.post(page, {"letter": shown}).status_code == 302
    assert Consent.objects.count() == 2


def test_what_was_not_on_the_page_is_not_confirmed_by_its_button(client: Client, ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    asked(ugorek)
    key = Subscription.objects.get().key
    asked(azory)
    client.post(reverse("newsletter_confirm", args=[key]), {"letter": ["ugorek"]})
    assert live() == ["ugorek"]
    subscriptions.confirm(Subscription.objects.get(neighbourhood=azory).key)
    assert live() == ["azory", "ugorek"]
    assert Person.objects.count() == 1, "one reader, however often they asked"


@pytest.mark.parametrize("name", ["newsletter_confirm", "newsletter_end"])
def test_an_unknown_key_opens_nothing(client: Client, name: str) -> None:
    assert client.get(reverse(name, args=["nie-ma"])).status_code == 404
    assert client.post(reverse(name, args=["nie-ma"])).status_code == 404


# --- Ending -----------------------------------------------------------------------------------------------------------------


def one_click(key: str) -> Any:
    """What a mail program sends: no cookies, no token, no page before (RFC 8058)."""
    client = Client(enforce_csrf_checks=True)
    return client.post(reverse("newsletter_end", args=[key]), {"List-Unsubscribe": "One-Click"})


def test_one_click_ends_all_of_the_letter_and_once_more_changes_nothing(ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    first = a_subscription(ugorek, EMAIL)
    a_subscription(azory, person=first.person)
    answers = [one_click(first.key) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert not answers[0].cookies
    assert live() == []
    assert consents.standing(first.person) == []
    assert Consent.objects.filter(act="withdrawn").count() == 2


def test_reading_the_page_ends_nothing(client: Client, ugorek: Neighbourhood) -> None:
    subscription = a_subscription(ugorek, EMAIL)
    assert client.get(reverse("newsletter_end", args=[subscription.key])).status_code == 200
    assert live() == ["ugorek"]


def test_the_page_ends_one_of_two(client: Client, ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    first = a_subscription(ugorek, EMAIL)
    a_subscription(azory, person=first.person)
    assert client.post(reverse("newsletter_end", args=[first.key]), {"letter": "azory"}).status_code == 200
    assert live() == ["ugorek"]


def test_whoever_changed_their_mind_is_asked_by_mail_again(client: Client, ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    first = a_subscription(ugorek, EMAIL)
    a_subscription(azory, person=first.person)
    one_click(first.key)
    assert client.post(reverse("newsletter_end", args=[first.key]), {"act": "again"}).status_code == 302
    assert live() == []
    waiting = Subscription.objects.filter(ended_at=None, confirmed_at=None)
    assert {row.neighbourhood.slug for row in waiting} == {"azory", "ugorek"}
    assert Message.objects.get().template == "subscription_confirm"


def test_the_link_of_an_ended_letter_confirms_nothing(ugorek: Neighbourhood) -> None:
    subscription = a_subscription(ugorek, EMAIL)
    subscriptions.end(subscription)
    with pytest.raises(RuleBroken) as refused:
        subscriptions.confirm(subscription.key)
    assert refused.value.code == "ended"


def test_withdrawing_the_consent_ends_the_letter(ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    first = a_subscription(ugorek, EMAIL)
    a_subscription(azory, person=first.person)
    consents.withdraw(first.person, "newsletter", scope="ugorek")
    assert live() == ["azory"]


def test_a_consent_given_for_an_address_that_never_answered_is_asked_about_by_mail(ugorek: Neighbourhood) -> None:
    person = a_person(email=EMAIL, verified_at=None)
    consents.give(person, "newsletter", scope="ugorek", channel="paper")
    assert live() == []
    assert Message.objects.get().template == "subscription_confirm"


# --- What nobody confirmed ----------------------------------------------------------------------------------------------------


def test_what_nobody_confirmed_is_forgotten_after_two_weeks(ugorek: Neighbourhood, azory: Neighbourhood) -> None:
    asked(ugorek)
    kept = a_subscription(azory, "czytelnik@example.org")
    now = timezone.now()
    assert subscriptions.forget_unconfirmed(now + timedelta(days=13)) == 0
    assert subscriptions.forget_unconfirmed(now + timedelta(days=15)) == 1
    assert subscriptions.forget_unconfirmed(now + timedelta(days=15)) == 0
    assert list(Subscription.objects.all()) == [kept]
    assert list(Person.objects.all()) == [kept.person]


def test_a_person_with_a_sign_up_is_not_forgotten_with_it(ugorek: Neighbourhood) -> None:
    person = a_person(email=EMAIL, verified_at=None)
    signed_up(an_event(), person)
    asked(ugorek, person=person)
    subscriptions.forget_unconfirmed(timezone.now() + timedelta(days=15))
    assert list(Person.objects.all()) == [person]


# --- The account's switches -----------------------------------------------------------------------------------------------------


def test_an_account_turns_its_letters_on_and_off(client: Client, ugorek: Neighbourhood) -> None:
    client.force_login(a_user(EMAIL))
    assert client.get("/biuletyn/").headers["Location"] == "/moje/biuletyn/"
    client.post("/moje/biuletyn/", {"letter": "ugorek", "act": "subscribe"})
    assert live() == ["ugorek"]
    assert b'value="end"' in client.get("/moje/biuletyn/").content
    client.post("/moje/biuletyn/", {"letter": "ugorek", "act": "end"})
    assert live() == []


def test_a_visitor_has_no_switches(client: Client) -> None:
    assert client.get("/moje/biuletyn/").headers["Location"].startswith("/konto/logowanie/")


def test_the_switches_ask_the_same_number_of_questions_for_three_as_for_one(
    client: Client, ugorek: Neighbourhood, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    user = a_user(EMAIL)
    client.force_login(user)
    subscriptions.subscribe(user, ugorek)
    with CaptureQueriesContext(connection) as one:
        client.get("/moje/biuletyn/")
    for name in ("Azory", "Olsza II"):
        subscriptions.subscribe(user, a_neighbourhood(name))
    with django_assert_num_queries(len(one)):
        client.get("/moje/biuletyn/")
