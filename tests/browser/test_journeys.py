"""The main job end to end, as a resident, an animator and an officer do it; with scripts and without."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.domain.places import cancel
from events.models import Event, Registration
from participants.domain import messages
from participants.models import AccessLog
from tests.browser.sending import send
from tests.makers import a_neighbourhood, a_notice, a_venue, an_animator, an_event, an_officer, signed_up

pytestmark = pytest.mark.django_db(transaction=True)
Visitor = Callable[..., Page]


def the_mailed_link(mail: Any) -> str:
    """The path of the sign-up's address in a mail's text."""
    return re.search(r"https?://[^/\s]+(/moje-zapisy/\S+)", mail.body)[1]


def deliver() -> None:
    while messages.deliver_due():
        pass


def test_a_resident_without_an_account_signs_up_and_waits(
    page_for: Visitor, javascript: bool, assert_accessible: Callable[..., None], mailoutbox: list[Any]
) -> None:
    event = an_event(title="Spacer badawczy", capacity=1)
    a_notice()
    taken = signed_up(event)
    page = page_for(javascript=javascript)
    page.goto("/")
    send(page.get_by_role("link", name="Spacer badawczy").first)
    send(page.locator(f"a[href$='/wydarzenia/{event.slug}/zapisy/']").first)

    send(page.locator("form [type=submit]").last)
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    page.fill("[name=name]", "Żaneta Ćwikła")
    page.fill("[name=email]", "zaneta@example.org")
    send(page.locator("form [type=submit]").last)
    expect(page).to_have_url(re.compile(r"/zapis/"))
    expect(page.locator("main")).to_contain_text("zaneta@example.org")
    expect(page.locator("main")).to_contain_text("1")
    if javascript:
        assert_accessible(page)

    deliver()
    page.goto(the_mailed_link(next(mail for mail in mailoutbox if mail.to == ["zaneta@example.org"])))
    send(page.locator("button[name=act][value=confirm], form:has(input[value=confirm]) button").first)
    assert Registration.objects.get(contact="zaneta@example.org").person.verified_at is not None

    cancel(taken)
    deliver()
    freed = [mail for mail in mailoutbox if mail.to == ["zaneta@example.org"]]
    page.goto(the_mailed_link(freed[-1]))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Masz miejsce")


def test_the_animator_of_ugorek_publishes_an_event_and_enters_a_phone_sign_up(
    page_for: Visitor, javascript: bool, log_in: Callable[[Page, Any], None], watch: Any
) -> None:
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    a_notice("phone")
    foreign = an_event(azory, title="Nie nasze")
    venue = a_venue(name="Klub na Ugorku", neighbourhood=ugorek)
    page = page_for(javascript=javascript)
    log_in(page, an_animator(ugorek))
    page.goto("/panel/events/event/add/")
    starts = timezone.localtime(timezone.now() + timedelta(days=5)).replace(hour=17, minute=0)
    page.fill("[name=title_pl]", "Warsztaty sąsiedzkie")
    page.fill("[name=summary_pl]", "Poznajmy się przy herbacie.")
    page.fill("[name=starts_at]", f"{starts:%Y-%m-%dT%H:%M}")
    page.fill("[name=ends_at]", f"{starts + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    page.select_option("[name=venue]", str(venue.pk))
    page.fill("[name=capacity]", "12")
    page.fill("[name=access_contact]", "12 000 00 00")
    send(page.locator("[name=_publish]"))
    event = Event.objects.get(title="Warsztaty sąsiedzkie")
    assert event.is_published
    assert list(event.neighbourhoods.all()) == [ugorek]

    page.goto(f"/panel/events/event/{event.pk}/sign-up/")
    page.fill("[name=name]", "Stanisława Ząbek")
    page.fill("[name=phone]", "12 616 55 55")
    page.check("[name=notice_read]")
    send(page.locator("main form [type=submit], #content form [type=submit]").last)
    registration = Registration.objects.get()
    assert (registration.contact, registration.seats.get().status) == ("+48126165555", "confirmed")
    expect(page.locator("body")).to_contain_text(registration.code_shown)

    page.goto("/panel/events/event/")
    expect(page.locator("body")).not_to_contain_text("Nie nasze")
    watch.expect("status of 404")
    assert page.goto(f"/panel/events/event/{foreign.pk}/change/").status == 404
    assert page.goto(f"/panel/events/event/{foreign.pk}/sign-up/").status == 404


def test_the_officer_exports_a_spreadsheet(page_for: Visitor, javascript: bool, log_in: Callable[[Page, Any], None]) -> None:
    event = an_event(title="+48 600 100 200 – zażółć gęślą jaźń", in_days=1)
    signed_up(event)
    page = page_for(javascript=javascript, width=1280)
    log_in(page, an_officer())
    page.goto("/raporty/")
    send(page.locator("main a[href*='/raporty/zapisy-i-frekwencja/']").first)
    with page.expect_download() as download:
        page.locator("form[action*='.xlsx'] [type=submit], [formaction*='.xlsx']").first.click()
    workbook = openpyxl.load_workbook(BytesIO(download.value.path().read_bytes()))
    cells = [cell for row in workbook.active.iter_rows(values_only=True) for cell in row]
    assert "+48 600 100 200 – zażółć gęślą jaźń" in cells
    assert AccessLog.objects.filter(action="export").count() == 1
