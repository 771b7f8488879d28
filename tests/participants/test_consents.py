"""The consents ledger: rows are added, never changed; the newest of a purpose and scope is what holds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from participants import links
from participants.domain import consents, messages
from participants.models import Consent, Person
from tests.makers import a_consent_text, a_neighbourhood, a_person, an_event, signed_up

pytestmark = pytest.mark.django_db


def acts(person: Person) -> list[tuple[str, str, str]]:
    return list(person.consents.order_by("pk").values_list("text__purpose", "scope", "act"))


def test_giving_twice_leaves_one_row_and_withdrawing_twice_one_more() -> None:
    a_consent_text("image")
    person = a_person()
    first = consents.give(person, "image")
    assert consents.give(person, "image") == first
    assert consents.holds(person, "image")
    assert consents.withdraw(person, "image") is not None
    assert consents.withdraw(person, "image") is None
    assert not consents.holds(person, "image")
    assert acts(person) == [("image", "", "given"), ("image", "", "withdrawn")]


def test_a_withdrawal_names_the_text_that_was_agreed_to() -> None:
    old = a_consent_text("image")
    person = a_person()
    consents.give(person, "image")
    new = a_consent_text("image", version=2)
    withdrawn = consents.withdraw(person, "image")
    assert withdrawn is not None
    assert withdrawn.text == old
    assert consents.give(person, "image").text == new


def test_nothing_holds_that_was_never_given() -> None:
    a_consent_text("image")
    person = a_person()
    assert consents.withdraw(person, "image") is None
    assert consents.standing(person) == []
    assert not Consent.objects.exists()


def test_the_text_is_in_the_persons_language_else_in_polish() -> None:
    polish, english = a_consent_text("image"), a_consent_text("image", language="en")
    newer = a_consent_text("image", version=2, language="en", published_at=None)
    assert consents.give(a_person(language="en"), "image").text == english
    assert consents.give(a_person(language="uk"), "image").text == polish
    assert consents.give(a_person(), "image", language="en").text == english, "the one that was shown"
    assert newer.published_at is None


def test_without_a_published_text_nothing_can_be_agreed_to() -> None:
    with pytest.raises(RuleBroken) as refused:
        consents.give(a_person(), "image")
    assert refused.value.code == "no_text"


def test_scopes_are_apart() -> None:
    a_consent_text("newsletter")
    a_neighbourhood("Ugorek")
    person = a_person()
    consents.give(person, "newsletter", scope="ugorek")
    consents.give(person, "newsletter", scope="azory")
    consents.withdraw(person, "newsletter", scope="ugorek")
    assert [row.scope for row in consents.standing(person)] == ["azory"]
    assert not consents.holds(person, "newsletter")


def test_a_late_paper_does_not_undo_what_came_after_the_last_act() -> None:
    a_consent_text("image")
    person, now = a_person(), timezone.now()
    consents.give(person, "image", at=now)
    consents.withdraw(person, "image", at=now - timedelta(hours=1))
    assert not consents.holds(person, "image")


def test_what_else_a_withdrawal_means_happens_with_it_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consents, "_on_withdrawal", {})
    told: list[tuple[Person, str]] = []

    @consents.on_withdrawal("image")
    def hide(person: Person, scope: str, at: Any) -> None:
        if scope == "broken":
            raise ValueError(scope)
        told.append((person, scope))

    a_consent_text("image")
    person = a_person()
    consents.give(person, "image", scope="spacer")
    consents.give(person, "image", scope="broken")
    consents.withdraw(person, "image", scope="spacer")
    with pytest.raises(ValueError, match="broken"):
        consents.withdraw(person, "image", scope="broken")
    assert told == [(person, "spacer")]
    assert consents.holds(person, "image", "broken")


@pytest.mark.parametrize("change", [lambda rows: rows.update(act="withdrawn"), lambda rows: rows.delete()], ids=["update", "delete"])
def test_the_database_itself_refuses_to_change_a_row(change: Callable[[QuerySet[Consent]], Any]) -> None:
    a_consent_text("image")
    given = consents.give(a_person(), "image")
    with pytest.raises(DatabaseError), transaction.atomic():
        change(Consent.objects.filter(pk=given.pk))
    assert Consent.objects.get().act == "given"


# --- The page behind the link ---------------------------------------------------------------------------------------------


def test_the_page_shows_and_only_a_button_withdraws(client: Client) -> None:
    a_consent_text("image")
    person = a_person()
    consents.give(person, "image")
    address = links.consents_path(person)
    assert b'value="image:"' in client.get(address).content
    assert consents.holds(person, "image")
    assert client.post(address, {"withdraw": "image:"}).status_code == 302
    assert not consents.holds(person, "image")


def test_nothing_is_ticked_and_only_what_was_ticked_is_given(client: Client) -> None:
    a_consent_text("image")
    a_consent_text("newsletter")
    a_neighbourhood("Ugorek")
    person = a_person(verified_at=None)
    address = links.consents_path(person)
    page = client.get(address).content.decode()
    assert page.count('type="checkbox"') == 2
    assert "checked" not in page
    client.post(address, {"give": ["newsletter:ugorek", "needs:", "image:elsewhere"]})
    assert acts(person) == [("newsletter", "ugorek", "given")]
    assert [row.is_live for row in person.subscriptions.all()] == [True]


def test_a_person_without_an_e_mail_is_offered_no_letters(client: Client) -> None:
    a_consent_text("newsletter")
    a_neighbourhood("Ugorek")
    person = a_person(email="", phone="+48600000000")
    client.post(links.consents_path(person), {"give": ["newsletter:ugorek"]})
    assert acts(person) == []


@pytest.mark.parametrize("token", ["1:made-up", "made-up"])
def test_a_forged_link_opens_nothing(client: Client, token: str) -> None:
    assert client.get(f"/zgody/{token}/").status_code == 404
    assert client.post(f"/zgody/{token}/", {"withdraw": "image:"}).status_code == 404


def test_every_mail_to_somebody_who_agreed_leads_to_the_page(mailoutbox: list[Any]) -> None:
    a_consent_text("image")
    agreed, other = a_person(), a_person()
    consents.give(agreed, "image")
    event = an_event()
    signed_up(event, agreed)
    signed_up(event, other)
    caches["pages"].clear()
    while messages.deliver_due():
        pass
    bodies = {mail.to[0]: mail.body for mail in mailoutbox}
    assert links.consents_url(agreed) in bodies[agreed.email]
    assert "/zgody/" not in bodies[other.email]
