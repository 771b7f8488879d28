"""What is new in a neighbourhood: its feed tells all its letter does, and its news; nothing that is hidden; in three languages."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext, override

from events.domain import digest, plans
from events.models import Event
from participants.domain import messages
from projects.models import ChangeStory, Initiative, InitiativeReport, Neighbourhood, StatusChange
from tests import makers

pytestmark = pytest.mark.django_db
FEED = "/osiedla/ugorek/atom.xml"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
CHANGED = "Somebody tells what has changed"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture(autouse=True)
def _histories_may_be_set_back(settings: Any) -> None:
    """Letters are due from the first minute of the week; moves are put into the week before it, as a purge may."""
    settings.DIGEST_WEEKDAY, settings.DIGEST_HOUR = 1, 0
    with connection.cursor() as cursor:
        cursor.execute("SET portal.purge = 'on'")


@pytest.fixture
def ugorek() -> Neighbourhood:
    return makers.a_neighbourhood("Ugorek")


def before() -> datetime:
    """A moment of the week the letter of now tells of."""
    return digest.goes_out_at(timezone.now()) - timedelta(days=1)


def entries(client: Client, path: str = FEED) -> list[ET.Element]:
    response = client.get(path)
    assert response.status_code == 200
    assert not response.cookies
    return ET.fromstring(response.content).findall("a:entry", ATOM)


def said(client: Client) -> str:
    return " ".join(f"{entry.findtext('a:title', '', ATOM)} {entry.findtext('a:summary', '', ATOM)}" for entry in entries(client))


def letter(place: Neighbourhood, mailoutbox: list[Any]) -> str:
    """The body of the weekly letter, both its ways; empty when none comes."""
    makers.a_subscription(place)
    digest.book_due()
    while messages.deliver_due():
        pass
    return "".join(mail.body + mail.alternatives[0][0] for mail in mailoutbox)


def an_old_initiative(place: Neighbourhood, **fields: Any) -> Initiative:
    """Public for long, so that only what is told beside is new."""
    initiative = makers.an_initiative(place, **fields)
    StatusChange.objects.filter(initiative=initiative).update(at=before() - timedelta(days=30))
    return initiative


def came_out(place: Neighbourhood, word: str, **fields: Any) -> None:
    initiative = makers.an_initiative(place, title=word, **fields)
    StatusChange.objects.filter(initiative=initiative).update(at=before())


def ended(place: Neighbourhood, word: str, after: str = "finished", **fields: Any) -> None:
    initiative = an_old_initiative(place, title=word, **fields)
    Initiative.objects.filter(pk=initiative.pk).update(status=after)
    StatusChange.objects.create(initiative=initiative, before="running", after=after, at=before())


def its_story(place: Neighbourhood, word: str, published: bool = True, **fields: Any) -> None:
    InitiativeReport.objects.create(
        initiative=an_old_initiative(place, **fields), story=f"{word} już rośnie.", done="Tak.", handed_in_at=before(),
        story_published_at=before() if published else None,
    )  # fmt: skip


def a_change_story(place: Neighbourhood, word: str, **fields: Any) -> None:
    values = {"before": "a", "change": f"tajne {word[::-1]}", "why": "c", "paper_reference": "1", "published_at": before(), **fields}
    ChangeStory.objects.create(initiative=an_old_initiative(place, title=word), **values)


def called_off(place: Neighbourhood, word: str) -> None:
    plans.cancel_event(makers.an_event(place, title=word), "Deszcz.")


def no_news(place: Neighbourhood, word: str, **more: Any) -> None:
    news = makers.some_news(place, title_pl=word, published=False)
    type(news).objects.filter(pk=news.pk).update(**more)


TOLD: dict[str, Callable[[Neighbourhood, str], Any]] = {
    "event": lambda place, word: makers.an_event(place, title=word),
    "cancelled event": called_off,
    "new initiative": came_out,
    "finished": ended,
    "partly finished": lambda place, word: ended(place, word, "partly_finished"),
    "story of a report": its_story,
    "story of a change": a_change_story,
}
# What a letter would need another consent for.
IN_FEED: dict[str, Callable[[Neighbourhood, str], Any]] = {
    "news": lambda place, word: makers.some_news(place, title_pl=word, at=before()),
    "lead of news": lambda place, word: makers.some_news(place, lead_pl=word, at=before()),
}
HIDDEN: dict[str, Callable[[Neighbourhood, str], Any]] = {
    "draft event": lambda place, word: makers.an_event(place, title=word, status=Event.Status.DRAFT),
    "event of an unpublished edition": lambda place, word: makers.an_event(place, title=word, project=makers.a_project(is_published=False)),
    "idea": lambda place, word: came_out(place, word, status="idea"),
    "withdrawn": lambda place, word: came_out(place, word, status="withdrawn"),
    "taken down": lambda place, word: came_out(place, word, taken_down_at=timezone.now()),
    "result taken down": lambda place, word: ended(place, word, taken_down_at=timezone.now()),
    "known from sources": lambda place, word: came_out(place, word, status="historical"),
    "story not published": lambda place, word: its_story(place, word, published=False),
    "story of an idea": lambda place, word: its_story(place, word, status="idea"),
    "draft of news": no_news,
    "scheduled news": lambda place, word: no_news(place, word, published_at=timezone.now() + timedelta(hours=1)),
    "news taken down": lambda place, word: no_news(place, word, published_at=before(), taken_down_at=timezone.now()),
    "news of another place": lambda place, word: makers.some_news(makers.a_neighbourhood("Azory"), title_pl=word, at=before()),
    "initiative of another place": lambda place, word: came_out(makers.a_neighbourhood("Azory"), word),
}


def made(kind: str, place: Neighbourhood, word: str = "Słonecznik") -> None:
    {**TOLD, **IN_FEED, **HIDDEN}[kind](place, word)


@pytest.mark.parametrize("kind", TOLD)
def test_letter_and_feed_tell_the_same(kind: str, ugorek: Neighbourhood, client: Client, mailoutbox: list[Any]) -> None:
    made(kind, ugorek)
    for text in (said(client), letter(ugorek, mailoutbox)):
        assert "Słonecznik" in text
        # Whoever told of a change may take it back: its words stay on the page.
        assert "tajne" not in text


@pytest.mark.parametrize("kind", IN_FEED)
def test_feed_tells_more_than_the_consent_to_letters_names(kind: str, ugorek: Neighbourhood, client: Client, mailoutbox: list[Any]) -> None:
    makers.an_event(ugorek, title="Spacer")
    made(kind, ugorek)
    assert "Słonecznik" in said(client)
    mail = letter(ugorek, mailoutbox)
    assert "Spacer" in mail
    assert "Słonecznik" not in mail


@pytest.mark.parametrize("kind", HIDDEN)
def test_neither_tells_what_is_hidden_or_of_elsewhere(kind: str, ugorek: Neighbourhood, client: Client, mailoutbox: list[Any]) -> None:
    makers.an_event(ugorek, title="Spacer")
    made(kind, ugorek)
    for text in (said(client), letter(ugorek, mailoutbox)):
        assert "Spacer" in text
        assert "Słonecznik" not in text


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda place: ended(place, "Grządka", "reporting"), lambda: Initiative.Status.REPORTING.label),
        (lambda place: makers.a_question(makers.an_open_initiative(place, title="Grządka"), "Kiedy?", shown=True), lambda: "Kiedy?"),
        (lambda place: a_change_story(place, "Grządka", published_at=None), lambda: gettext(CHANGED)),
        (lambda place: a_change_story(place, "Grządka", published_at=None, withdrawn_at=timezone.now()), lambda: gettext(CHANGED)),
    ],
)
def test_a_known_initiative_does_not_tell_neighbours_everything(
    make: Callable[[Neighbourhood], Any], words: Callable[[], str], ugorek: Neighbourhood, client: Client, mailoutbox: list[Any]
) -> None:
    makers.an_event(ugorek, title="Spacer")
    make(ugorek)
    feed, mail = said(client), letter(ugorek, mailoutbox)
    assert "Grządka" in feed
    assert "Spacer" in mail
    assert str(words()) not in feed + mail


def test_news_of_two_neighbourhoods_stand_once_in_one_letter(ugorek: Neighbourhood, mailoutbox: list[Any]) -> None:
    azory = makers.a_neighbourhood("Azory")
    initiative = makers.an_initiative(ugorek, azory, title="Nasturcja")
    StatusChange.objects.filter(initiative=initiative).update(at=before())
    makers.a_subscription(azory, person=makers.a_subscription(ugorek).person)
    digest.book_due()
    while messages.deliver_due():
        pass
    (mail,) = mailoutbox
    assert mail.body.count("Nasturcja") == 1


def test_each_new_initiative_comes_in_exactly_one_letter(ugorek: Neighbourhood) -> None:
    at = digest.goes_out_at(timezone.now())
    moments = [at - timedelta(days=7, seconds=1), at - timedelta(days=7), at - timedelta(seconds=1), at]
    for number, moment in enumerate(moments):
        StatusChange.objects.filter(initiative=makers.an_initiative(ugorek, title=f"{number}")).update(at=moment)
    weeks = [digest.section_of(ugorek, at + timedelta(days=days, hours=5)) for days in (-7, 0, 7)]
    assert [[row.initiative.title for row in week.happenings] for week in weeks] == [["0"], ["2", "1"], ["3"]]


# --- The feed ---------------------------------------------------------------------------------------------------------------


def test_ids_stay_in_every_language_and_the_newest_change_comes_first(ugorek: Neighbourhood, client: Client) -> None:
    for kind in (*TOLD, *IN_FEED):
        made(kind, ugorek, f"Coś: {kind}")
    found = entries(client)
    ids = [entry.findtext("a:id", "", ATOM) for entry in found]
    assert len(set(ids)) == len(ids) >= len(TOLD)
    assert all(re.fullmatch(r"tag:[^,]+,\d{4}-\d\d-\d\d:(event|move|story|change-story|news)-\d+", each) for each in ids)
    moments = [datetime.fromisoformat(entry.findtext("a:updated", "", ATOM)) for entry in found]
    assert moments == sorted(moments, reverse=True)
    for language in ("en", "uk"):
        assert [entry.findtext("a:id", "", ATOM) for entry in entries(client, f"/{language}{FEED}")] == ids


def test_an_initiatives_own_feed_knows_it_by_the_same_id(ugorek: Neighbourhood, client: Client) -> None:
    initiative = makers.an_initiative(ugorek)
    ids = {
        path: [entry.findtext("a:id", "", ATOM) for entry in entries(client, path)]
        for path in (FEED, "/inicjatywy/atom.xml", f"/inicjatywy/{initiative.slug}/atom.xml")
    }
    assert len(ids[FEED]) == 1
    assert len({tuple(each) for each in ids.values()}) == 1


@pytest.mark.parametrize(("prefix", "language"), [("", "pl"), ("/en", "en"), ("/uk", "uk")])
@pytest.mark.parametrize("accept", ["pl", "en", "uk"])
def test_a_feed_speaks_the_language_of_its_address(ugorek: Neighbourhood, client: Client, prefix: str, language: str, accept: str) -> None:
    makers.an_event(ugorek, title_pl="Spacer", title_en="Walk", title_uk="Прогулянка")
    makers.an_initiative(ugorek, title="Лавка", lang="uk")
    for path in (FEED, "/wydarzenia/atom.xml", "/inicjatywy/atom.xml"):
        response = client.get(f"{prefix}{path}", headers={"Accept-Language": accept})
        root = ET.fromstring(response.content)
        assert root.get(LANG) == language
        links = {link.get("rel"): link.get("href", "") for link in root.findall("a:link", ATOM)}
        assert links["self"].endswith(f"{prefix}{path}")
        assert f"{prefix}/{path.split('/')[1]}/" in links["alternate"]
        hrefs = [entry.find("a:link", ATOM).get("href", "") for entry in root.findall("a:entry", ATOM)]  # type: ignore[union-attr]
        assert hrefs
        assert all(re.match(rf"https?://[^/]+{prefix}/(wydarzenia|inicjatywy)/", href) for href in hrefs)
        if "inicjatywy" not in path:
            assert {"pl": "Spacer", "en": "Walk", "uk": "Прогулянка"}[language] in response.content.decode()
    with override(language):
        running = gettext("Now: %(state)s") % {"state": Initiative.Status.RUNNING.label}
    assert running in " ".join(entry.findtext("a:title", "", ATOM) for entry in entries(client, f"{prefix}{FEED}"))


def test_what_stands_in_for_a_translation_says_its_language(ugorek: Neighbourhood, client: Client) -> None:
    makers.an_event(ugorek, title_pl="Spacer", title_en="", summary_pl="Idziemy.", summary_en="")
    makers.some_news(ugorek, title_pl="Remont", title_en="Works", lead_pl="Długi.", lead_en="")
    its_story(ugorek, "Słonecznik", lang="uk")
    found = {entry.findtext("a:title", "", ATOM): entry for entry in entries(client, f"/en{FEED}")}
    marks = {
        title: (entry.get(LANG), re.findall(r'<p lang="(\w+)">', entry.findtext("a:summary", "", ATOM))) for title, entry in found.items()
    }
    assert marks.pop("Spacer") == ("pl", ["pl"])
    assert marks.pop("Works") == (None, ["pl"])
    assert (None, ["uk"]) in marks.values()
    polish = {entry.findtext("a:title", "", ATOM): entry for entry in entries(client)}
    assert (polish["Spacer"].get(LANG), "lang=" in polish["Spacer"].findtext("a:summary", "", ATOM)) == (None, False)


def test_a_change_of_any_part_is_no_304(ugorek: Neighbourhood, client: Client) -> None:
    marks = [client.get(FEED).headers["ETag"]]
    for kind in (*TOLD, *IN_FEED):
        assert client.get(FEED, headers={"If-None-Match": marks[-1]}).status_code == 304
        made(kind, ugorek)
        marks.append(client.get(FEED, headers={"If-None-Match": marks[-1]}).headers["ETag"])
    assert len(set(marks)) == len(marks)
    assert client.get(f"/en{FEED}", headers={"If-None-Match": marks[-1]}).status_code == 200


def test_much_news_asks_no_more_than_little(ugorek: Neighbourhood, client: Client) -> None:
    counts = []
    for more in (1, 12):
        for _each in range(more):
            for kind in (*TOLD, *IN_FEED):
                made(kind, ugorek)
        with CaptureQueriesContext(connection) as asked:
            found = entries(client)
        counts.append(len(asked))
    assert len(found) == 50
    assert counts[0] == counts[1] <= 12


def test_nobody_is_named_in_it(ugorek: Neighbourhood, client: Client) -> None:
    person = makers.a_person(name="Wanda Łoś")
    makers.signed_up(makers.an_event(ugorek), person)
    makers.an_initiative(ugorek, proposed_by=person)
    a_change_story(ugorek, "Słonecznik", person=person, told_as="Wanda z Azorów")
    body = client.get(FEED).content.decode()
    assert "Słonecznik" in body
    assert "Wanda" not in body
    assert person.email not in body
