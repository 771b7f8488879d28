"""What a stranger may not learn or do, found by walking the portal as one."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from active_citizens.core.forms import NameField
from active_citizens.core.refusal import RuleBroken
from events import links
from events.domain import guardians, members, own, parties, places, sign_up
from events.domain.series import Planned, make_series
from events.models import Registration
from participants.models import AgeBand, Person
from projects.domain import subscriptions
from tests import makers

pytestmark = pytest.mark.django_db


def test_signing_up_for_all_dates_does_not_tell_that_one_of_them_was_known() -> None:
    event = makers.an_event(capacity=5)
    series = make_series(event, [Planned(event.starts_at + timedelta(days=7))], title="Cykl", whole=True, publish=True)
    event.refresh_from_db()
    known, fresh = (sign_up.Newcomer("Ala", f"{who}@example.org") for who in ("known", "fresh"))
    sign_up.sign_up_newcomer(event, known, key=uuid.uuid4(), notice=None)

    wishes = sign_up.Wishes(all_dates=True)
    told = [sign_up.sign_up_newcomer(event, who, None, wishes, key=uuid.uuid4(), notice=None) for who in (known, fresh)]

    assert series.events.count() == 2
    assert [(receipt.event, receipt.state, receipt.by_mail) for receipt in told] == [(event.pk, "held", True)] * 2


def test_the_receipts_address_shows_nobody_who_signed_up() -> None:
    receipt = links.Receipt(1, "confirmed", "+48600100200", by_mail=False, code="ACDE3467")
    text = receipt.url().split("/")[-2]

    assert links.receipt_of(text) == receipt
    for secret in ("600100200", "ACDE3467"):
        assert secret not in text
    assert receipt.url() != receipt.url()


@pytest.mark.parametrize(
    ("typed", "name"),
    [("dr.Nowak", "dr. Nowak"), ("Kup na wygraj.example.com", "Kup na wygraj. example. com"), ("O'Neil-Żak", "O'Neil-Żak")],
)
def test_nothing_in_a_name_turns_into_a_link(typed: str, name: str) -> None:
    assert NameField().clean(typed) == name


def test_a_name_is_no_address() -> None:
    with pytest.raises(ValidationError):
        NameField().clean("https://wygraj")


def test_after_the_guardians_yes_nobody_else_comes_on_it() -> None:
    event = makers.an_event(open_to_minors=True)
    young = makers.a_person(age_band=AgeBand.FROM_16)
    guardian = Person(name="Opiekunka", email="opiekunka@example.org")
    registration = places.register(event, young, [parties.Head("Iga", AgeBand.FROM_16)], guardian=guardian)
    seat = registration.seats.get()
    assert members.change_head(seat, parties.Head("Iga Żak", AgeBand.UNDER_13)).age_band == AgeBand.FROM_16

    guardians.agree(registration)
    with pytest.raises(RuleBroken) as broken:
        members.change_head(seat, parties.Head("Ktoś inny"))
    assert broken.value.code == "guardian_agreed"


@pytest.mark.parametrize("address", ["/biuletyn/wypisz/%00/", "/biuletyn/potwierdz/%00x/"])
def test_a_nul_is_no_key(client, address: str) -> None:
    assert client.get(address).status_code in (400, 404)


def test_a_claimed_place_waits_no_longer_for_the_mailbox_that_has_answered() -> None:
    event = makers.an_event(capacity=1)
    user = makers.a_user("ala@example.org")
    held = makers.signed_up(event, makers.a_stranger(email="ala@example.org"))
    assert makers.statuses(event) == ["held"]

    own.claim(user, [held.person_id])

    assert makers.statuses(event) == ["confirmed"]
    assert Registration.objects.get().person.user == user


def test_the_letter_asked_for_at_sign_up_begins_also_for_somebody_verified_meanwhile() -> None:
    makers.a_consent_text("newsletter")
    event = makers.an_event()
    newcomer = sign_up.Newcomer("Ala", "ala@example.org")
    sign_up.sign_up_newcomer(event, newcomer, None, sign_up.Wishes(newsletter=True), key=uuid.uuid4(), notice=None)
    registration = Registration.objects.get()
    Person.objects.update(verified_at=timezone.now())

    places.confirm(registration)

    assert [subscription.is_live for subscription in subscriptions.standing_for("ala@example.org")] == [True]


def test_pages_that_open_somebodys_data_do_not_print_their_address(client) -> None:
    registration = makers.signed_up(makers.an_event())
    address = reverse("registration", args=[links.token(registration)])
    shown = client.get(address).content.decode()
    printed = shown.partition("print-only")[2].partition("</div>")[0]

    assert address not in printed
    assert "/wydarzenia/" in client.get("/wydarzenia/").content.decode().partition("print-only")[2].partition("</div>")[0]
