"""A grandmother with two grandchildren, and a freed place that travels to the third in the queue; on a phone, without scripts."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from playwright.sync_api import Page, expect

from events.domain import places, queue
from events.models import Event, Registration
from participants.models import Message
from tests.browser.sending import send
from tests.browser.test_journeys import deliver, the_mailed_link
from tests.makers import a_notice, a_person, an_event, signed_up, statuses, warsaw

pytestmark = pytest.mark.django_db(transaction=True)
Visitor = Callable[..., Page]


@pytest.fixture(autouse=True)
def rows_have_large_numbers() -> None:
    """From 1,000 on a number may be printed with a gap, and a form that sends it back would name nothing."""
    with connection.cursor() as cursor:
        for table in ("seat", "registration", "event"):
            cursor.execute(f"ALTER SEQUENCE events_{table}_id_seq RESTART WITH 12345")


def mails_to(mailoutbox: list[Any], address: str) -> list[str]:
    return [mail.extra_headers["X-Portal-Message"] for mail in mailoutbox if mail.to == [address]]


def kinds_to(address: str) -> list[str]:
    return list(Message.objects.filter(recipient=address, status="sent").order_by("pk").values_list("template", flat=True))


def test_a_grandmother_signs_up_two_grandchildren(page_for: Visitor, assert_accessible: Callable[..., None], mailoutbox: list[Any]) -> None:
    event = an_event(title="Gry podwórkowe", capacity=8, open_to_minors=True)
    a_notice()
    page = page_for(javascript=False, width=360)
    page.goto(f"/wydarzenia/{event.slug}/zapisy/")
    page.fill("[name=name]", "Wiesława Jabłońska")
    page.fill("[name=email]", "babcia@example.org")
    page.locator("summary:has-text('Zgłaszam'), details:has([name=coming]) > summary").first.click()
    page.uncheck("[name=coming]")
    for number, name in ((1, "Hania"), (2, "Staś")):
        page.fill(f"[name=other_name_{number}]", name)
        page.select_option(f"[name=other_age_{number}]", "under_13")
    send(page.locator("main form [type=submit]").last)
    expect(page).to_have_url(re.compile(r"/zapis/"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    seats = list(event.seats.order_by("number").values_list("name", "age_band", "status"))
    assert seats == [("Hania", "under_13", "held"), ("Staś", "under_13", "held")]

    deliver()
    page.goto(the_mailed_link(mailoutbox[-1]))
    send(page.locator("button[value=confirm]"))
    assert statuses(event) == ["confirmed", "confirmed"]

    # One of them falls ill, and a cousin comes instead.
    send(page.locator("a[href$='/osoby/']"))
    first, _second = event.seats.order_by("number")
    page.locator(f"details:has([value='remove:{first.pk}']) > summary").click()
    send(page.locator(f"[value='remove:{first.pk}']"))
    page.fill("[name=add-name]", "Zuzia")
    page.select_option("[name=add-age]", "13_15")
    send(page.locator("button[value=add]"))
    assert statuses(event) == ["cancelled", "confirmed", "confirmed"]
    expect(page.locator("main")).to_contain_text("Zuzia")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_somebody_under_sixteen_is_kindly_sent_to_the_phone(page_for: Visitor) -> None:
    event = an_event(open_to_minors=True)
    a_notice()
    page = page_for(javascript=False)
    page.goto(f"/wydarzenia/{event.slug}/zapisy/")
    page.fill("[name=name]", "Kuba")
    page.fill("[name=email]", "kuba@example.org")
    page.check("[name=age][value='13_15']")
    send(page.locator("main form [type=submit]").last)
    expect(page.locator("main")).to_contain_text("12 000 00 00")
    assert Registration.objects.count() == 0
    expect(page.locator("[name=name]")).to_have_value("Kuba")


def test_a_sixteen_year_old_waits_for_the_guardian(page_for: Visitor, mailoutbox: list[Any]) -> None:
    event = an_event(open_to_minors=True)
    a_notice()
    page = page_for(javascript=False)
    page.goto(f"/wydarzenia/{event.slug}/zapisy/")
    page.fill("[name=name]", "Iga")
    page.fill("[name=email]", "iga@example.org")
    page.check("[name=age][value='16_17']")
    send(page.locator("main form [type=submit]").last)
    page.fill("[name=guardian_name]", "Renata")
    page.fill("[name=guardian_email]", "renata@example.org")
    send(page.locator("main form [type=submit]").last)
    deliver()
    guardian = next(mail for mail in mailoutbox if mail.to == ["renata@example.org"])
    page.goto(re.search(r"https?://[^/\s]+(/zgoda-opiekuna/\S+)", guardian.body)[1])
    assert statuses(event) == ["held"]
    send(page.locator("button[value=agree]"))
    own = next(mail for mail in mailoutbox if mail.to == ["iga@example.org"])
    page.goto(the_mailed_link(own))
    send(page.locator("button[value=confirm]"))
    assert statuses(event) == ["confirmed"]


def test_a_freed_place_travels_through_decline_and_lapse_to_the_third(
    page_for: Visitor, mailoutbox: list[Any], assert_accessible: Callable[..., None]
) -> None:
    noon = warsaw("2026-11-23 12:00")
    with time_machine.travel(noon, tick=True):
        event = an_event(starts_at=noon + timedelta(days=7), capacity=1, promotion=Event.Promotion.OFFER, offer_hours=24)
        taken = signed_up(event)
        people = [a_person(email=f"{number}@example.org") for number in ("pierwsza", "druga", "trzecia")]
        for person in people:
            signed_up(event, person)
        deliver()
        places.cancel(taken)
        deliver()

        page = page_for()
        page.goto(the_mailed_link(next(mail for mail in reversed(mailoutbox) if mail.to == ["pierwsza@example.org"])))
        assert_accessible(page)
        send(page.locator("button[value=decline]"))
        assert statuses(event) == ["cancelled", "cancelled", "held", "waiting"]
        deliver()
    with time_machine.travel(noon + timedelta(hours=25), tick=True):
        assert queue.settle_due() == 1
        assert statuses(event) == ["cancelled", "cancelled", "lapsed", "held"]
        deliver()
        page.goto(the_mailed_link(next(mail for mail in reversed(mailoutbox) if mail.to == ["trzecia@example.org"])))
        send(page.locator("button[value=accept]"))
        deliver()
    assert statuses(event) == ["cancelled", "cancelled", "lapsed", "confirmed"]
    assert kinds_to("pierwsza@example.org") == ["registration_waiting", "registration_offered", "registration_cancelled"]
    assert kinds_to("druga@example.org") == ["registration_waiting", "registration_offered", "registration_lapsed"]
    assert kinds_to("trzecia@example.org") == ["registration_waiting", "registration_offered", "registration_confirmed"]
    for person in people:
        assert len(set(mails_to(mailoutbox, person.email))) == len(mails_to(mailoutbox, person.email)) == 3
