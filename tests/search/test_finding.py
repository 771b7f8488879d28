"""What is found by which words, in what order, and what never is."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from active_citizens.content.models import Page
from active_citizens.core.search_words import words_of
from active_citizens.search.finding import Asked, Found, Way, estates_named
from active_citizens.search.kinds import KINDS, PAGES
from events.models import Event, StudyTrip
from projects.models import HistoryItem, Initiative, Neighbourhood
from tests import makers

pytestmark = pytest.mark.django_db


def look(query, kind="", place=None):
    words = words_of(query)
    kinds = [KINDS[kind]] if kind else tuple(KINDS.values())
    named = estates_named(words, Neighbourhood.objects.published())
    return Found(Asked(words, timezone.now(), kinds, place.pk if place else None, named))


def titles(query, **where):
    return [next(iter(row.titles.values())) for row in look(query, **where)[0:20]]


def a_page(slug="pomoc", **fields):
    now = timezone.now()
    metka = {"publisher": "UMK", "author": "Zespół", "entered_by": "Zespół", "made_on": now.date(), "published_at": now}
    return Page.objects.create(**{"slug": slug, "title_pl": slug, "body_pl": ".", **metka, **fields})


def a_trip(**fields):
    values = {"project": makers.the_project(), "slug": "wyjazd", "destination_pl": "Gdynia", "is_published": True}
    return StudyTrip.objects.create(**{**values, **fields})


def a_history_item(*places, project=None, **fields):
    item = HistoryItem.objects.create(**{
        "project": project or makers.the_project(), "slug": "festyn", "happened_on": timezone.localdate(),
        "date_text_pl": "dawno", "title_pl": "Było", **fields,
    })  # fmt: skip
    item.neighbourhoods.set(places)
    return item


# --- One of each kind, and what hides it -------------------------------------------------------------------------------------


def make(kind, **fields):
    title = "Wielobarwna żółć"
    return {
        "event": lambda: makers.an_event(title_pl=title, **fields),
        "initiative": lambda: makers.an_initiative(title=title, **fields),
        "news": lambda: makers.some_news(title_pl=title, **fields),
        "history": lambda: a_history_item(title_pl=title, **fields),
        "organisation": lambda: makers.an_organisation(name=title, **fields),
        "page": lambda: a_page(title_pl=title, **fields),
        "estate": lambda: makers.a_neighbourhood(title, **fields),
        "trip": lambda: a_trip(title_pl=title, **fields),
    }[kind]()


def unpublished():
    return makers.a_project(is_published=False)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_and_leads_to_its_page(client, kind):
    make(kind)
    (row,) = look("zolc")[0:5]
    address = KINDS[kind].address(row.key)
    answer = client.get(address.partition("#")[0])
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Wielobarwna" in page
    if "#" in address:
        assert f'id="{address.partition("#")[2]}"' in page


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("event", lambda: {"status": Event.Status.DRAFT}),
        ("event", lambda: {"project": unpublished()}),
        *[("initiative", lambda status=status: {"status": status}) for status in Initiative.Status if status not in Initiative.PUBLIC],
        ("news", lambda: {"published": False}),
        ("news", lambda: {"project": unpublished()}),
        ("history", lambda: {"project": unpublished()}),
        ("organisation", lambda: {"is_published": False}),
        ("page", lambda: {"published_at": None}),
        ("page", lambda: {"slug": "bez-adresu"}),
        ("estate", lambda: {"is_published": False}),
        ("trip", lambda: {"is_published": False}),
        ("trip", lambda: {"project": unpublished()}),
    ],
)
@pytest.mark.parametrize("query", ["zolc", "żułć", "zolc nieznane"])
def test_what_visitors_may_not_see_is_not_found(kind, fields, query):
    make(kind, **fields())
    assert titles(query) == []


@pytest.mark.parametrize("kind", ["initiative", "news", "page"])
@pytest.mark.parametrize("query", ["zolc", "żułć", "zolc nieznane"])
def test_what_was_taken_down_is_not_found(kind, query):
    row = make(kind)
    assert len(titles(query)) == 1
    type(row).objects.filter(pk=row.pk).update(taken_down_at=timezone.now())
    assert titles(query) == []


@pytest.mark.parametrize(
    "hidden",
    [
        lambda title: makers.an_initiative(status=Initiative.Status.IDEA, title=title),
        lambda title: makers.a_neighbourhood(title, is_published=False),
        lambda title: a_trip(title_pl=title, is_published=False),
    ],
)
def test_words_of_a_hidden_title_are_not_given_away_by_a_typing_error(hidden):
    hidden("Mikołajki")
    found = look("Mikołjaki")
    assert (found.total, found.asked.words) == (0, words_of("Mikołjaki"))


def test_scheduled_news_is_found_when_it_is_out():
    news = makers.some_news(title_pl="Jarmark", published=False)
    news.published_at = timezone.now() + timedelta(hours=1)
    news.save()
    assert titles("jarmark") == []
    kind, words = KINDS["news"], words_of("jarmark")
    assert Found(Asked(words, timezone.now() + timedelta(hours=2), [kind])).total == 1


def test_news_of_a_hidden_estate_is_not_found():
    makers.some_news(makers.a_neighbourhood("Zakryte", is_published=False), title_pl="Jarmark")
    assert titles("jarmark") == []


def test_every_page_of_text_with_an_address_may_be_found(client):
    for number, slug in enumerate(PAGES):
        a_page(slug, title_pl=f"Kartka {number}")
    found = look("kartka")[0:20]
    assert {row.key for row in found} == set(PAGES)
    assert all(client.get(KINDS["page"].address(row.key)).status_code == 200 for row in found)


# --- By which words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "way"),
    [
        ("warsztatów", Way.ALL),
        ("WARSZTATOW CERAMIKI", Way.ALL),
        ("pottery", Way.ALL),
        ("кераміка", Way.ALL),
        ("gliny", Way.ALL),
        ("doniczki", Way.ALL),
        ("warsztaty w Ugorku", Way.MORE),
        ("warzstaty ceramki", Way.ALIKE),
        ("warsztaty gotowania", Way.SOME),
    ],
)
def test_event_is_found_by(query, way):
    makers.an_event(makers.a_neighbourhood("Azory"), title_pl="Gimnastyka", kind=Event.Kind.MEETING)
    makers.an_event(
        title_pl="Warsztaty ceramiki",
        title_en="Pottery",
        title_uk="Кераміка",
        summary_pl="Lepimy z gliny.",
        description_pl="Miski, doniczki.",
    )
    found = look(query)
    assert found.way is way
    # The page of the estate that was named follows.
    assert [row.titles["pl"] for row in found[0:5]] == ["Warsztaty ceramiki", *(["Ugorek"] if way is Way.MORE else [])]


def test_estate_named_in_the_query_finds_what_happens_there_though_it_does_not_say_so():
    azory = makers.a_neighbourhood("Azory")
    azory.name_locative = "Azorach"
    azory.save()
    makers.an_event(azory, title_pl="Festyn")
    makers.an_event(title_pl="Festyn jesienny")
    assert titles("festyn na azorach")[0] == "Festyn"
    makers.an_event(azory, title_pl="Spacer po Azorach")
    # The estate's own page before whatever has its name in the title, and that before what only happens there.
    assert titles("azory") == titles("na azorach") == ["Azory", "Spacer po Azorach", "Festyn"]


@pytest.mark.parametrize("query", ["warsztat", "warsztaty w Ugorku", "workshops", "майстерні", "warsztatów dla dzieci"])
def test_sort_of_events_named_in_the_query_finds_those_that_do_not_say_so(query):
    makers.an_event(title_pl="Glina", summary_pl="Dla dzieci.", kind=Event.Kind.WORKSHOP)
    makers.an_event(title_pl="Bieg", summary_pl="Dla dzieci.", kind=Event.Kind.MEETING)
    assert titles(query)[:1] == ["Glina"]


def test_title_comes_before_lead_and_lead_before_text():
    makers.an_event(title_pl="Trzecie", description_pl="Ławka.")
    makers.an_event(title_pl="Ławka")
    makers.an_event(title_pl="Drugie", summary_pl="Ławka.")
    assert titles("ławki") == ["Ławka", "Drugie", "Trzecie"]


def test_all_the_words_come_before_some_and_only_titles_follow():
    makers.an_event(title_pl="Zajęcia plastyczne")
    makers.an_event(title_pl="Inne", description_pl="Zajęcia dla dzieci.")
    makers.an_event(title_pl="Jeszcze inne", description_pl="Zajęcia.")
    found = look("zajęcia dla dzieci")
    assert found.way is Way.MORE
    assert titles("zajęcia dla dzieci") == ["Inne", "Zajęcia plastyczne"]


def test_of_equals_what_is_nearest_ahead_comes_first_and_what_was_last():
    for days in (-30, 20, -3, 5):
        makers.an_event(title_pl="Piknik", in_days=days)
    today = timezone.localdate()
    assert [(row.day - today).days for row in look("piknik")[0:5]] == [5, 20, -3, -30]


def test_changed_text_is_found_by_its_new_words_however_it_was_written():
    event = makers.an_event(title_pl="Szachy")
    Event.objects.filter(pk=event.pk).update(title_pl="Warcaby")
    assert titles("szachy") == []
    assert len(titles("warcaby")) == 1
    Event.objects.bulk_create([
        Event(project=event.project, slug="x", title_pl="Brydż", starts_at=event.starts_at, ends_at=event.ends_at, status="published",
              venue=event.venue, access_contact="x", published_at=timezone.now())
    ])  # fmt: skip
    assert len(titles("brydz")) == 1


def test_very_long_text_is_saved_and_found_by_its_beginning():
    makers.some_news(title_pl="Długie", body_pl="Kalarepa. " + " ".join(f"słowo{number}" for number in range(200_000)))
    assert titles("kalarepa") == ["Długie"]


# --- Where -----------------------------------------------------------------------------------------------------------------


def test_estate_narrows_every_kind_that_has_estates():
    azory, ugorek = makers.a_neighbourhood("Azory"), makers.a_neighbourhood("Ugorek")
    for place in (azory, ugorek):
        makers.an_event(place, title_pl=f"Ławka 1 {place}")
        makers.an_initiative(place, title=f"Ławka 2 {place}")
        makers.some_news(place, title_pl=f"Ławka 3 {place}")
        a_history_item(place, slug=place.slug, title_pl=f"Ławka 4 {place}")
        organisation = makers.an_organisation(name=f"Ławka 5 {place}")
        makers.an_event(place, title_pl="Inne").organisations.add(organisation)
    a_page(title_pl="Ławka")
    assert sorted(titles("ławka", place=azory)) == [f"Ławka {number} Azory" for number in range(1, 6)]
    assert len(titles("ławka")) == 11


def test_draft_does_not_tell_where_an_organisation_works():
    azory = makers.a_neighbourhood("Azory")
    makers.an_event(azory, status=Event.Status.DRAFT).organisations.add(makers.an_organisation(name="Ławka"))
    assert titles("ławka", place=azory) == []


def test_estate_is_found_by_its_streets_and_only_on_itself():
    azory, ugorek = makers.a_neighbourhood("Azory"), makers.a_neighbourhood("Ugorek")
    Neighbourhood.objects.filter(pk=azory.pk).update(streets_note_pl="Radzikowskiego, Stachiewicza.")
    assert titles("radzikowskiego") == titles("radzikowskiego", place=azory) == titles("stachiewicza", kind="estate") == ["Azory"]
    assert titles("radzikowskiego", place=ugorek) == titles("radzikowskiego", kind="trip") == []


def test_trip_is_found_by_where_it_leads_with_its_day_in_words_and_on_no_estate():
    trip = a_trip(title_pl="Wyjazd", destination_pl="Gdańsk", date_note_pl="Wiosną 2014.", known_pl="Domy sąsiedzkie.")
    for query in ("do gdanska", "gdańsk wiosną", "domy sasiedzkie"):
        assert titles(query) == ["Wyjazd"]
    (row,) = look("gdansk", kind="trip")[0:5]
    assert (row.key, row.days["pl"]) == (trip.slug, "Wiosną 2014.")
    assert titles("gdansk", place=makers.a_neighbourhood("Azory")) == []


@pytest.mark.parametrize("kind", KINDS)
def test_kind_narrows(kind):
    for each in KINDS:
        make(each)
    assert [row.kind for row in look("zolc", kind=kind)[0:20]] == [kind]


# --- How much it costs ------------------------------------------------------------------------------------------------------


def test_twenty_thousand_initiatives_are_looked_up_in_the_indexes():
    makers.an_initiative(makers.a_neighbourhood("Ugorek"), title="Zupełnie wyjątkowa żółć")
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO projects_initiative (project_id, slug, kind, status, status_since, title, summary, place, lang, date_note,
                source_label, source_url, reference, own_key, case_mark, paper_supporters, is_demo, created_at, updated_at)
               SELECT %s, 'i-' || n, 'grassroots', 'running', now(), 'Sąsiedzkie spotkanie ' || n, 'Opis numer ' || n, '', 'pl', '',
                '', '', lpad(n::text, 9, '0'), 'key-' || n, '', 0, false, now(), now() FROM generate_series(1, 20000) AS n""",
            [makers.the_project().pk],
        )
        cursor.execute("ANALYZE projects_initiative")
    asked = Asked(words_of("wyjątkowej żółci"), timezone.now(), [KINDS["initiative"]])
    for way in (Way.ALL, Way.SOME):
        plan = asked.hits(way).explain()
        assert "projects_initiative_found_words" in plan
        assert "Seq Scan" not in plan
    assert titles("wyjontkowa") == ["Zupełnie wyjątkowa żółć"]
