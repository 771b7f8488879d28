"""Texts, privacy notices and the accessibility declaration, whose ids and dates the law counts (poland.md 1.2, A11Y-01 to 06)."""

import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from active_citizens.content.models import AccessibilityDeclaration, Page
from participants.models import Notice
from tests import makers

pytestmark = pytest.mark.django_db

ALWAYS = {
    "a11y-wstep", "a11y-podmiot", "a11y-zakres", "a11y-url", "a11y-data-publikacja", "a11y-data-aktualizacja", "a11y-status",
    "a11y-kontakt", "a11y-email", "a11y-telefon", "a11y-procedura", "a11y-data-sporzadzenie", "a11y-architektura", "a11y-komunikacja",
}  # fmt: skip
OLDER = {"a11y-deklaracja", "a11y-osoba"}
TITLES = [
    "Deklaracja dostępności",
    "Stan dostępności cyfrowej",
    "Niedostępne treści",
    "Niezgodność z załącznikiem",
    "Nadmierne koszty",
    "Przygotowanie deklaracji dostępności",
    "Udogodnienia, ograniczenia i inne informacje",
    "Informacje zwrotne i dane kontaktowe",
    "Obsługa wniosków i skarg związanych z dostępnością",
    "Pozostałe informacje",
    "Aplikacje mobilne",
    "Dostępność architektoniczna",
    "Dostępność komunikacyjno-informacyjna",
]


class Elements(HTMLParser):
    """Every element of a page: its attributes, and its text up to its own end."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        element = {"tag": tag, "text": "", **dict(attributes)}
        self.found.append(element)
        if tag not in ("meta", "link", "br", "hr", "img", "input", "path"):
            self.open.append(element)

    def handle_endtag(self, tag):
        while self.open and self.open.pop()["tag"] != tag:
            pass

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def ids(self):
        return Counter(element["id"] for element in self.found if element.get("id", "").startswith("a11y-"))

    def by_id(self, name):
        return next(element for element in self.found if element.get("id") == name)


def a_declaration(**fields):
    return AccessibilityDeclaration.objects.create(**{
        "body_name": "Gmina Miejska Kraków",
        "site_name": "Aktywna Społeczność",
        "site_published_on": date(2026, 1, 10),
        "site_changed_on": date(2026, 3, 2),
        "drawn_up_on": date(2026, 1, 15),
        "method": "Samoocena.",
        "conformance": "partial",
        "gaps": "- Brak napisów.",
        "contact_name": "Redakcja",
        "contact_email": "dostepnosc@example.org",
        "contact_phone": "12 000 00 00",
        "architecture": "Winda.",
        "communication": "Tłumacza języka migowego nie ma.",
        **fields,
    })  # fmt: skip


def a_page(slug="regulamin", **fields):
    return Page.objects.create(**{
        "slug": slug,
        "title": f"Strona {slug}",
        "lead": "W skrócie.",
        "body": "## Zasady\n\nTekst z [odnośnikiem](https://example.org/).",
        "publisher": "Urząd Miasta Krakowa",
        "author": "Referat",
        "entered_by": "Redakcja",
        "made_on": date(2026, 1, 2),
        "published_at": timezone.now(),
        **fields,
    })  # fmt: skip


def queries(client, url):
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def declaration_in(client, language):
    with override(language):
        response = client.get(reverse("declaration"))
    assert response.status_code == 200
    assert not response.cookies
    return Elements(response.content.decode())


# --- The declaration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["pl", "en", "uk"])
@pytest.mark.parametrize(
    ("fields", "more"),
    [
        ({}, set()),
        ({"reviewed_on": date(2026, 3, 20)}, {"a11y-data-przeglad"}),
        ({"burden": "Za drogo."}, {"a11y-ocena"}),
        ({"conformance": "none", "reviewed_on": date(2026, 3, 20), "burden": "Za drogo."}, {"a11y-data-przeglad", "a11y-ocena"}),
        ({"conformance": "full", "gaps": ""}, set()),
    ],
)
def test_every_prescribed_id_stands_exactly_once(client, language, fields, more):
    a_declaration(**fields)
    assert declaration_in(client, language).ids() == Counter(ALWAYS | OLDER | more)


@pytest.mark.parametrize("language", ["pl", "en", "uk"])
def test_dates_and_addresses_are_for_machines_too(client, language):
    a_declaration(reviewed_on=date(2026, 3, 20))
    page = declaration_in(client, language)
    days = {"publikacja": "2026-01-10", "aktualizacja": "2026-03-02", "sporzadzenie": "2026-01-15", "przeglad": "2026-03-20"}
    for name, day in days.items():
        element = page.by_id(f"a11y-data-{name}")
        assert (element["tag"], element["datetime"]) == ("time", day)
    assert page.by_id("a11y-email")["href"] == "mailto:dostepnosc@example.org"
    assert page.by_id("a11y-telefon")["href"] == "tel:+48120000000"
    assert page.by_id("a11y-url")["href"].startswith("http")
    assert {name["text"] for name in page.found if name.get("id") in ("a11y-podmiot", "a11y-osoba")} == {"Gmina Miejska Kraków", "Redakcja"}
    procedure = page.by_id("a11y-procedura")["text"]
    assert re.search(r"\b7\b", procedure)
    assert re.search(r"\b2\b", procedure)
    assert any(element.get("href") == "https://www.rpo.gov.pl" for element in page.found)
    assert page.by_id("a11y-deklaracja")["tag"] == "h1"


def test_the_status_is_one_of_three_sentences(client):
    said = set()
    for conformance in ("full", "partial", "none"):
        AccessibilityDeclaration.objects.all().delete()
        a_declaration(conformance=conformance)
        said.add(declaration_in(client, "pl").by_id("a11y-status")["text"])
    assert len(said) == 3


@pytest.mark.parametrize("conformance", ["full", "partial", "none"])
def test_what_is_inaccessible_is_told_unless_nothing_is(client, conformance):
    a_declaration(conformance=conformance)
    titles = [element["text"] for element in declaration_in(client, "pl").found if element["tag"] == "h2"]
    assert (gettext("Inaccessible content") in titles) == (conformance != "full")


def test_the_titles_are_the_prescribed_ones_in_their_order(client):
    a_declaration(burden="Za drogo.", conveniences="- Bez skryptów.")
    found = [element["text"] for element in declaration_in(client, "pl").found if element["tag"] in ("h1", "h2", "h3")]
    assert found[: len(TITLES)] == TITLES


def test_without_a_declaration_there_is_no_page(client):
    assert client.get(reverse("declaration")).status_code == 404


# --- Texts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "slug"), [("terms", "regulamin"), ("contact", "kontakt"), ("help", "pomoc")])
def test_a_page_shows_its_text_and_who_answers_for_it(client, name, slug):
    a_page(slug)
    response = client.get(reverse(name))
    page = response.content.decode()
    assert "<h2>Zasady</h2>" in page
    for said in ("Urząd Miasta Krakowa", "Referat", "Redakcja", 'datetime="2026-01-02"'):
        assert said in page
    assert '<details class="metka">' in page
    assert not response.cookies


def test_a_page_that_is_not_published_is_not_found(client):
    a_page(published_at=None)
    assert client.get(reverse("terms")).status_code == 404


def test_privacy_shows_every_notice_in_force_in_full(client):
    a_page("prywatnosc")
    for purpose in Notice.Purpose.values:
        makers.a_notice(purpose, body=f"Stara treść {purpose}.")
        makers.a_notice(purpose, version=2, title=f"Tytuł {purpose}", body=f"### Administrator\n\nPełna treść {purpose}.")
    makers.a_notice("account", version=3, body="Niegotowa.", published_at=None)
    response = client.get(reverse("privacy"))
    page = response.content.decode()
    for purpose in Notice.Purpose.values:
        assert page.count(f'id="{purpose}"') == 1
        assert f'href="#{purpose}"' in page
        assert f"Pełna treść {purpose}." in page
        assert f"Stara treść {purpose}." not in page
    assert "Niegotowa." not in page
    assert gettext("Version %(version)s, in force since %(day)s").split("%")[0] + "2" in page
    assert not response.cookies


def test_a_notice_without_translation_is_shown_in_polish_and_says_so(client):
    a_page("prywatnosc")
    makers.a_notice("account", title="Dane w koncie")
    with override("en"):
        page = client.get(reverse("privacy")).content.decode()
        assert gettext("There is no translation of this notice yet.") in page
    assert 'lang="pl"' in page
    assert gettext("There is no translation of this notice yet.") not in client.get(reverse("privacy")).content.decode()


def test_privacy_without_notices_says_so(client):
    a_page("prywatnosc")
    assert gettext("No notice has been published yet.") in client.get(reverse("privacy")).content.decode()


def test_texts_ask_as_often_with_many_rows_as_with_one(client):
    a_declaration()
    for slug in ("prywatnosc", "regulamin"):
        a_page(slug)
    makers.a_notice()
    urls = [reverse(name) for name in ("privacy", "terms", "declaration")]
    before = [queries(client, url) for url in urls]
    for purpose in Notice.Purpose.values:
        for version in range(2, 8):
            makers.a_notice(purpose, version=version)
    for number in range(30):
        a_page(f"strona-{number}")
        a_declaration()
    assert [queries(client, url) for url in urls] == before
    assert max(before) <= 8
