"""axe finds nothing on any type of page, on a phone; nothing scrolls sideways."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page

from events import own_links
from events.links import Receipt, token
from events.models import Event, Registration
from participants.links import consents_path
from participants.models import Organisation, User
from projects.models import GrantCall, Initiative, LeaderProfile, Question
from tests.browser.sending import send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def demo(settings: Any) -> None:
    call_command("load_programme", "krakow-2013", verbosity=0)
    call_command("load_demo", verbosity=0)


def examine(page: Page, addresses: list[str], assert_accessible: Callable[..., None]) -> None:
    for address in addresses:
        answer = page.goto(address)
        assert answer.status == 200, address
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], f"{address} scrolls sideways"


def test_public_pages(page: Page, demo: None, assert_accessible: Callable[..., None]) -> None:
    full = Event.objects.filter(status="published", sign_up="open", ends_at__gt=timezone.now()).order_by("-starts_at").first()
    cancelled = Event.objects.filter(status="cancelled").first()
    registration = Registration.objects.live().filter(event__status="published").order_by("-event__starts_at").first()
    initiative = Initiative.objects.published().first()
    examine(page, [
        "/", "/en/", "/uk/", "/wydarzenia/", "/wydarzenia/?when=past", "/wydarzenia/?neighbourhood=ugorek&kind=game",
        f"/wydarzenia/{full.slug}/", f"/wydarzenia/{cancelled.slug}/", f"/wydarzenia/{full.slug}/zapisy/",
        Receipt(full.pk, "held", "ala@example.org", by_mail=True, until="2026-12-01T17:00:00+00:00").url(),
        Receipt(full.pk, "waiting", "+48600100200", by_mail=False, position=3, code="ACDE3467").url(),
        f"/moje-zapisy/{token(registration)}/", "/moje-zapisy/", "/moje-zapisy/wyslane/",
        "/osiedla/", "/osiedla/ugorek/", "/projekty/", "/projekty/krakow-2013/", "/projekty/krakow-2013/etapy/2/",
        "/inicjatywy/", f"/inicjatywy/{initiative.slug}/", "/organizacje/", "/wyjazdy/", "/wyjazdy/gdansk/",
        "/prywatnosc/", "/regulamin/", "/pomoc/", "/kontakt/", "/deklaracja-dostepnosci/",
        "/konto/logowanie/", "/konto/rejestracja/", "/konto/kod/", "/konto/haslo/reset/",
        "/szukaj/", "/szukaj/?q=sasiedzki", "/uk/szukaj/?q=ugorek", "/en/szukaj/?q=pikink&kind=history",
        "/szukaj/?q=kosmos&neighbourhood=azory",
    ], assert_accessible)  # fmt: skip


def test_pages_of_families_offers_draws_and_letters(page: Page, demo: None, assert_accessible: Callable[..., None]) -> None:
    upcoming = Event.objects.filter(status="published", ends_at__gt=timezone.now())
    family, lottery = upcoming.get(open_to_minors=True), upcoming.get(promotion="lottery")
    offer, series = upcoming.get(promotion="offer"), upcoming.filter(series__isnull=False).first()
    registration = Registration.objects.live().filter(event=family, seats__status="waiting").first()
    behind = f"/moje-zapisy/{token(registration)}/"
    examine(page, [
        *(f"/wydarzenia/{event.slug}/" for event in (family, lottery, offer, series)), f"/wydarzenia/{lottery.slug}/losowanie/",
        *(f"/wydarzenia/{event.slug}/zapisy/" for event in (family, offer, series)), behind, f"{behind}osoby/", f"{behind}potrzeby/",
        Receipt(family.pk, "guardian", "ala@example.org", by_mail=True, guardian=True).url(),
        Receipt(lottery.pk, "draw", "ala@example.org", by_mail=True).url(),
        f"/moje-zapisy/wszystkie/{own_links.token(registration.person.email)}/", consents_path(registration.person),
        "/biuletyn/", "/biuletyn/wyslane/", "/standardy-ochrony-maloletnich/", "/standardy-ochrony-maloletnich/dla-dzieci/",
    ], assert_accessible)  # fmt: skip


def test_forms_with_errors(page_for: Callable[..., Page], demo: None, watch: Any, assert_accessible: Callable[..., None]) -> None:
    event = Event.objects.get(status="published", open_to_minors=True)
    page = page_for()
    page.goto(f"/wydarzenia/{event.slug}/zapisy/")
    page.evaluate("document.querySelectorAll('form').forEach(form => form.noValidate = true)")
    page.fill("[name=phone]", "12")
    send(page.locator("main form [type=submit]").last)
    assert page.locator("[aria-invalid=true]").count() == 2
    assert page.input_value("[name=phone]") == "12"
    assert_accessible(page)


def test_a_page_that_is_not_there(page: Page, watch: Any, assert_accessible: Callable[..., None]) -> None:
    watch.expect("status of 404")
    page.goto("/nie-ma-takiej-strony/")
    assert_accessible(page)


def test_own_pages_and_reports(
    page_for: Callable[..., Page], demo: None, log_in: Callable[[Page, Any], None], assert_accessible: Callable[..., None]
) -> None:
    page = page_for()
    log_in(page, User.objects.get(email="mieszkanka@example.org"))
    examine(page, ["/moje/", "/moje/biuletyn/", "/konto/email/", "/konto/haslo/", "/konto/2fa/"], assert_accessible)
    officer = page_for()
    log_in(officer, User.objects.get(email="urzedniczka@example.org"))
    examine(officer, ["/raporty/", "/raporty/zapisy-i-frekwencja/", "/raporty/rejestr-inicjatyw/"], assert_accessible)


def test_the_panel(
    page_for: Callable[..., Page], demo: None, log_in: Callable[[Page, Any], None], assert_accessible: Callable[..., None]
) -> None:
    page = page_for()
    log_in(page, User.objects.get(email="animatorka@example.org"))
    event = Event.objects.get(status="published", promotion="offer", neighbourhoods__slug="ugorek")
    examine(page, [
        "/panel/", "/panel/events/event/", "/panel/events/event/add/", f"/panel/events/event/{event.pk}/change/",
        f"/panel/events/event/{event.pk}/sign-ups/", f"/panel/events/event/{event.pk}/sign-up/", f"/panel/events/event/{event.pk}/print/",
        f"/panel/events/event/{event.pk}/plans/", f"/panel/events/event/{event.pk}/dates/", f"/panel/events/event/{event.pk}/announce/",
        f"/panel/events/event/{event.pk}/papers/", "/panel/events/event/papers/",
        f"/panel/events/registration/{event.registrations.first().pk}/change/", "/panel/participants/message/to-check/",
    ], assert_accessible)  # fmt: skip
    office = page_for()
    log_in(office, User.objects.get(email="koordynatorka@example.org"))
    examine(office, [
        "/panel/", "/panel/events/accessrequest/", "/panel/projects/vetting/", "/panel/projects/vetting/add/", "/panel/projects/module/",
    ], assert_accessible)  # fmt: skip


def test_pages_of_initiatives(page: Page, demo: None, assert_accessible: Callable[..., None]) -> None:
    told, running = (Initiative.objects.get(slug=f"pokaz-{slug}") for slug in ("podworkowe-kino", "rozmowny-klub"))
    returned = Initiative.objects.get(slug="pokaz-zielone-balkony")
    calls, leader = GrantCall.objects.order_by("closes_at"), LeaderProfile.objects.public().first()
    own, talked_about = f"/moje/inicjatywy/{returned.own_key}/", running.get_absolute_url()
    examine(page, [
        "/inicjatywy/zglos/", "/nabory/", *(call.get_absolute_url() for call in calls),
        told.get_absolute_url(), f"{told.get_absolute_url()}historia-zmiany/",
        talked_about, f"{talked_about}pytania/", f"{talked_about}zapytaj/", f"{talked_about}obserwuj/",
        own, *(f"{own}plan/{step}/" for step in ("potrzeba", "dzialania", "koszty", "wklad", "potem")),
        *(f"/moje/inicjatywy/{running.own_key}/{part}" for part in ("", "wydatki/", "godziny/", "dziennik/", "pytania/")),
        *(f"/moje/inicjatywy/{told.own_key}/{part}" for part in ("", "sprawozdanie/", "sprawozdanie/ludzie/")),
        f"/moje/pytania/{Question.objects.first().key}/",
        "/organizacje/", Organisation.objects.published().first().get_absolute_url(), "/liderzy/", f"/liderzy/{leader.key}/napisz/",
    ], assert_accessible)  # fmt: skip


def test_forms_of_initiatives_with_errors(page_for: Callable[..., Page], demo: None, assert_accessible: Callable[..., None]) -> None:
    page = page_for()
    returned = Initiative.objects.get(slug="pokaz-zielone-balkony")
    for address, field, typed in (
        ("/inicjatywy/zglos/", "contact", "x"),
        (f"/moje/inicjatywy/{returned.own_key}/plan/koszty/", "koszty-0-grosze", "dużo"),
        ("/inicjatywy/pokaz-rozmowny-klub/zapytaj/", "text", ""),
    ):
        page.goto(address)
        page.evaluate("document.querySelectorAll('form').forEach(form => form.noValidate = true)")
        page.fill(f"[name='{field}']", typed)
        send(page.locator("main form [type=submit]").first)
        assert page.locator("[aria-invalid=true]").count() >= 1, address
        assert page.input_value(f"[name='{field}']") == typed
        assert_accessible(page)


def test_the_panel_of_initiatives(
    page_for: Callable[..., Page], demo: None, log_in: Callable[[Page, Any], None], assert_accessible: Callable[..., None]
) -> None:
    page = page_for()
    log_in(page, User.objects.get(email="koordynatorka@example.org"))
    submitted, chosen = Initiative.objects.get(slug="pokaz-biblioteczka-pod-blokiem"), Initiative.objects.filter(status="accepted").first()
    call = GrantCall.objects.order_by("-closes_at").first()
    one, two = (f"/panel/projects/initiative/{each.pk}/" for each in (submitted, chosen))
    examine(page, [
        "/panel/projects/initiative/", "/panel/projects/initiative/mine/", "/panel/projects/initiative/add/",
        f"{one}change/", f"{one}move/", f"{one}slip/", f"{one}team/", f"{two}change/", f"{two}agreement/", f"{two}ground/",
        f"{two}running/",
        "/panel/projects/grantcall/", f"/panel/projects/grantcall/{call.pk}/change/", f"/panel/projects/grantcall/{call.pk}/results/",
        "/panel/projects/milestone/", f"/panel/projects/milestone/for/{chosen.pk}/", "/panel/silence/", "/panel/projects/question/",
        f"/panel/projects/question/{Question.objects.first().pk}/change/", "/panel/projects/takedown/", "/panel/projects/takedown/find/",
        "/panel/projects/answertemplate/", "/panel/projects/leaderprofile/", "/panel/content/diaryentry/", "/panel/projects/changestory/",
    ], assert_accessible)  # fmt: skip
