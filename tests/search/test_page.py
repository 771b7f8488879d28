"""The page of the search: what it shows, keeps and refuses. Sentences are asked for by their source text."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from active_citizens.search.kinds import KINDS
from events.models import Event
from projects.models import Initiative
from tests import makers
from tests.search.test_finding import make

pytestmark = pytest.mark.django_db


def ask(client, query="", prefix="", **more):
    response = client.get(f"{prefix}/szukaj/", {"q": query, **more} if query is not None else more)
    assert response.status_code == 200
    return response.content.decode()


def words(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ").split())


def lines(page):
    """The results, each as its HTML."""
    found = re.search(r'<ol class="results".*?</ol>', page, re.DOTALL)
    return re.findall(r"<li>.*?</li>", found[0], re.DOTALL) if found else []


def test_line_shows_kind_title_estate_day_and_the_marked_words(client):
    azory = makers.a_neighbourhood("Azory")
    makers.a_neighbourhood("Ugorek")
    event = makers.an_event(azory, title_pl="Warsztaty ceramiki", summary_pl="Lepimy z gliny na warsztatach.")
    (line,) = lines(ask(client, "warsztatow"))
    assert f'href="{event.get_absolute_url()}"' in line
    assert "<mark>Warsztaty</mark> ceramiki" in line
    assert "<mark>warsztatach</mark>" in line
    assert "Azory" in words(line)
    assert "Ugorek" not in words(line)
    assert date_format(timezone.localtime(event.starts_at).date()) in words(line)
    assert f'<time datetime="{timezone.localtime(event.starts_at):%Y-%m-%d}">' in line


def test_line_of_a_cancelled_event_says_so(client):
    event = makers.an_event(title_pl="Piknik")
    event.status, event.cancelled_at, event.cancel_reason = Event.Status.CANCELLED, timezone.now(), "deszcz"
    event.save()
    assert str(Event.Status.CANCELLED.label) in words(lines(ask(client, "piknik"))[0])


def test_line_of_a_hidden_estate_does_not_name_it(client):
    makers.an_event(makers.a_neighbourhood("Azory"), makers.a_neighbourhood("Zakryte", is_published=False), title_pl="Piknik")
    (line,) = lines(ask(client, "piknik"))
    assert "Azory" in line
    assert "Zakryte" not in line


def test_titles_come_in_the_language_of_the_page_and_others_are_marked(client):
    makers.an_event(title_pl="Ławka", title_en="Bench")
    makers.an_initiative(title="Лавка", lang="uk", summary="Лавка для всіх.")
    makers.some_news(title_pl="Ławka po polsku", body_pl="Tylko po polsku.")
    page = ask(client, "ławka", "/en")
    assert "Bench" in page
    assert re.search(r'<h3 lang="pl"><a href="/en/aktualnosci/[^"]+"><mark>Ławka</mark> po polsku', page)
    assert '<h3 lang="uk"' in page
    assert '<h3><a href="/en/wydarzenia/' in page


def test_text_is_shown_in_the_language_that_has_the_words(client):
    makers.an_event(title_pl="Spotkanie", summary_pl="Po polsku.", summary_en="We talk about benches.")
    page = ask(client, "bench")
    assert '<p class="result-text" lang="en">' in page
    assert "<mark>benches</mark>" in page


@pytest.mark.parametrize(("prefix", "language"), [("", "pl"), ("/en", "en"), ("/uk", "uk")])
def test_page_speaks_the_language_asked_for_and_sets_no_cookie(client, prefix, language):
    makers.an_event(title_pl="Piknik")
    response = client.get(f"{prefix}/szukaj/", {"q": "piknik"})
    with translation.override(language):
        assert ngettext("%(counter)s result for “%(query)s”", "%(counter)s results for “%(query)s”", 1) % {
            "counter": 1, "query": "piknik",
        } in words(response.content.decode())  # fmt: skip
    assert not response.cookies
    assert "no-store" not in response.headers.get("Cache-Control", "")


def test_search_engines_are_asked_not_to_list_it(client):
    assert '<meta name="robots" content="noindex">' in ask(client, "piknik")
    assert "/szukaj/" not in client.get("/sitemap.xml").content.decode()
    assert "Disallow: /szukaj/" in client.get("/robots.txt").content.decode()


def test_empty_query_explains_how(client):
    makers.an_event()
    for query in ("", "   ", None, "\x00", "…"):
        page = ask(client, query)
        assert lines(page) == []
    assert gettext("Type a word or two") in words(ask(client, ""))


def test_nothing_found_leads_on(client):
    makers.the_project()
    page = words(ask(client, "kosmos"))
    assert gettext("Nothing found for “%(query)s”") % {"query": "kosmos"} in page
    assert gettext("See all events") in page
    assert "12 000 00 00" in page


def test_nothing_found_with_filters_offers_everything(client):
    makers.an_event(title_pl="Piknik & grill")
    page = ask(client, "piknik & grill", kind="news")
    assert lines(page) == []
    assert 'href="/szukaj/?q=piknik%20%26%20grill"' in page
    assert len(lines(ask(client, "piknik & grill"))) == 1


@pytest.mark.parametrize(
    "query",
    [
        "'", '"', "%", "\\", "\x00", "\x00piknik", "';--", "<script>alert(1)</script>", ":* & | !", "piknik'); DROP",
        "😀", "a" * 10_000, "ł" * 3000, "piknik " * 500,
    ],
)  # fmt: skip
def test_odd_characters_do_no_harm(client, query):
    makers.an_event(title_pl="Piknik")
    page = ask(client, query)
    assert "<script>alert" not in page
    assert "\x00" not in page
    assert bool(lines(page)) is ("piknik" in query)


def test_mistaken_words_are_said_to_be_similar(client):
    makers.an_event(title_pl="Piknik")
    page = ask(client, "pikink")
    assert gettext("No text has these very words. Here are those with similar ones.") in words(page)
    assert "<mark>Piknik</mark>" in page


def test_unknown_filters_are_ignored(client):
    makers.an_event(title_pl="Piknik")
    assert len(lines(ask(client, "piknik", kind="nic", neighbourhood="nigdzie", page="-1"))) == 1


def test_filters_survive_the_steps_through_pages(client):
    azory = makers.a_neighbourhood("Azory")
    for number in range(25):
        makers.an_initiative(azory, title=f"Ławka {number}")
        makers.an_initiative(title=f"Ławka gdzie indziej {number}")
    page = ask(client, "lawki", kind="initiative", neighbourhood="azory")
    following = unescape(re.search(r'rel="next" href="([^"]+)"', page)[1])
    second = client.get("/szukaj/" + following).content.decode()
    assert (len(lines(page)), len(lines(second))) == (20, 5)
    assert "gdzie indziej" not in page + second
    assert 'start="21"' in second
    for field in ("kind", "neighbourhood"):
        assert re.search(rf'<select name="{field}".*?<option value="\w+" selected', second, re.DOTALL)
    assert 'value="lawki"' in second


def test_every_field_of_the_page_and_of_the_header_has_its_label(client):
    page = ask(client, "piknik")
    for element in re.findall(r"<(?:input|select)[^>]*>", page):
        found = re.search(r'id="([^"]+)"', element)
        assert (found and f'for="{found[1]}"' in page) or re.search(rf"<label><span[^>]*>[^<]+</span>{re.escape(element)}", page)
    labels = re.findall(r'role="search" aria-label="([^"]+)"', page)
    assert gettext("Search the portal") in labels
    assert gettext("Search and narrow down") in labels


def test_search_stands_in_the_header_of_every_page(client):
    assert 'action="/szukaj/"' in client.get("/").content.decode()
    assert 'action="/en/szukaj/"' in client.get("/en/").content.decode()


def test_only_reading_is_allowed(client):
    assert client.post("/szukaj/", {"q": "piknik"}).status_code == 405
    assert client.head("/szukaj/").status_code == 200


def test_history_has_its_anchor_on_the_page_of_the_programme(client):
    make("history")
    (line,) = lines(ask(client, "zolc"))
    assert f'href="{reverse("project_detail", args=[makers.the_project().slug])}#festyn"' in line


def test_questions_to_the_database_do_not_grow_with_what_is_found(client):
    officer = makers.an_officer()

    def asked(query):
        with CaptureQueriesContext(connection) as caught:
            ask(client, query)
        return len(caught)

    for kind in KINDS:
        make(kind)
    few = {query: asked(query) for query in ("zolc", "zulc", "zolc nieznane", "nieznane")}
    for number in range(30):
        place = makers.a_neighbourhood(f"Osiedle {number}")
        makers.an_event(place, title_pl=f"Żółć {number}", starts_at=timezone.now() + timedelta(days=number))
        makers.an_initiative(place, title=f"Żółć {number}", status=Initiative.Status.RUNNING)
    assert {query: asked(query) for query in few} == few
    client.force_login(officer)
    assert max(asked(query) for query in few) <= 12
