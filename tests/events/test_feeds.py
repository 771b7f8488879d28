"""Atom feeds (RFC 4287), read as XML: what is to come and what has changed, the newest change first."""

from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext, override

from events.domain import plans
from events.models import Event
from tests import makers

pytestmark = pytest.mark.django_db
ALL = "/wydarzenia/atom.xml"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def feed(client: Client, path: str = ALL) -> ET.Element:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ET.fromstring(response.content)


def text(element: ET.Element, name: str) -> str:
    (found,) = element.findall(f"a:{name}", ATOM)
    return found.text or ""


def entries(root: ET.Element) -> list[ET.Element]:
    return root.findall("a:entry", ATOM)


def titles(root: ET.Element) -> list[str]:
    return [text(entry, "title") for entry in entries(root)]


def msg(words: str, **values: str) -> str:
    with override("pl"):
        return gettext(words) % values


def test_feed_has_what_atom_asks_for(client: Client) -> None:
    event = makers.an_event()
    makers.an_event()
    root = feed(client)
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "pl"
    assert text(root, "id")
    assert text(root, "title")
    assert root.find("a:author/a:name", ATOM).text == makers.the_project().title
    links = {link.get("rel"): link.get("href") for link in root.findall("a:link", ATOM)}
    assert links["self"].endswith(ALL)
    assert links["alternate"].endswith("/wydarzenia/")
    moments = [datetime.fromisoformat(text(entry, "updated")) for entry in entries(root)]
    assert datetime.fromisoformat(text(root, "updated")) == max(moments)
    assert moments == sorted(moments, reverse=True)
    ids = [text(entry, "id") for entry in entries(root)]
    assert len(set(ids)) == 2
    assert all(number.startswith("tag:") for number in ids)
    last = entries(root)[-1]
    assert last.find("a:link", ATOM).get("href").endswith(event.get_absolute_url())
    assert event.venue.name in text(last, "summary")


def test_feed_is_polish_whoever_asks(client: Client) -> None:
    makers.an_event(title_pl="Spacer", title_en="Walk")
    root = ET.fromstring(client.get(ALL, headers={"Accept-Language": "en"}).content)
    assert titles(root) == ["Spacer"]


def test_empty_feed_is_a_feed(client: Client) -> None:
    root = feed(client)
    assert entries(root) == []
    assert text(root, "updated")


def test_cancelled_event_comes_up_with_its_reason_under_the_same_id(client: Client) -> None:
    event = makers.an_event(title="Spacer")
    before = text(entries(feed(client))[0], "id")
    makers.an_event(title="Inne")
    plans.cancel_event(event, "Zalało <salę> & korytarz.")
    entry = entries(feed(client))[0]
    assert text(entry, "id") == before
    assert text(entry, "title") == msg("CANCELLED: %(title)s", title="Spacer")
    assert "Zalało &lt;salę&gt; &amp; korytarz." in text(entry, "summary")


def test_moved_event_says_both_dates_and_why(client: Client) -> None:
    event = makers.an_event(title="Spacer", starts_at=makers.warsaw("2031-05-14 17:00"))
    plans.reschedule_event(event, starts_at=makers.warsaw("2031-05-21 18:30"), reason="Deszcz.")
    entry = entries(feed(client))[0]
    assert text(entry, "title") == msg("MOVED: %(title)s", title="Spacer")
    for part in ("14", "17:00", "21", "18:30", "Deszcz."):
        assert part in text(entry, "summary")


def test_feed_holds_what_is_to_come_and_what_broke_lately_and_no_draft(client: Client) -> None:
    makers.an_event(title="Będzie")
    makers.an_event(title="Było", in_days=-2)
    makers.an_event(title="Szkic", status=Event.Status.DRAFT)
    now = timezone.now()
    broke = makers.an_event(title="Nie doszło", in_days=-2)
    Event.objects.filter(pk=broke.pk).update(cancelled_at=now, cancel_reason="Deszcz.", status="cancelled")
    old = makers.an_event(title="Dawno", in_days=-60)
    Event.objects.filter(pk=old.pk).update(cancelled_at=now - timedelta(days=61), cancel_reason="Deszcz.", status="cancelled")
    assert set(titles(feed(client))) == {"Będzie", msg("CANCELLED: %(title)s", title="Nie doszło")}


def test_neighbourhood_has_a_feed_of_its_own(client: Client) -> None:
    ugorek, azory = makers.a_neighbourhood("Ugorek"), makers.a_neighbourhood("Azory")
    makers.an_event(ugorek, title="Tu")
    makers.an_event(azory, title="Tam")
    root = feed(client, "/osiedla/ugorek/atom.xml")
    assert titles(root) == ["Tu"]
    assert text(root, "id") != text(feed(client), "id")
    assert client.get("/osiedla/nie-ma/atom.xml").status_code == 404
    assert client.post(ALL).status_code == 405


def test_odd_characters_leave_the_xml_whole(client: Client) -> None:
    makers.an_event(title="Tańce & <b>swawole</b>\x0b", summary="A\x00b".replace("\x00", "\x08"))
    assert titles(feed(client)) == ["Tańce & <b>swawole</b>"]


def test_nobody_is_named_in_a_feed(client: Client) -> None:
    person = makers.a_person(name="Wanda Łoś")
    makers.signed_up(makers.an_event(), person)
    content = client.get(ALL).content.decode()
    assert "Wanda" not in content
    assert person.email not in content


def test_whoever_has_the_feed_already_is_told_so(client: Client) -> None:
    event = makers.an_event()
    first = client.get(ALL)
    assert client.get(ALL, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    dated = client.get(ALL, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert dated.status_code == 200, "a day says nothing: what was taken down makes none newer"
    plans.cancel_event(event, "Deszcz.")
    assert client.get(ALL, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_pages_lead_to_their_feeds_and_calendars(client: Client) -> None:
    makers.a_neighbourhood("Ugorek")
    events, place = client.get("/wydarzenia/").content.decode(), client.get("/osiedla/ugorek/").content.decode()
    assert f'<link rel="alternate" type="application/atom+xml" href="{ALL}"' in events
    assert '<link rel="alternate" type="application/atom+xml" href="/osiedla/ugorek/atom.xml"' in place
    assert 'href="/osiedla/ugorek/kalendarz.ics"' in place
    assert "/wydarzenia/atom.xml" in client.get("/en/wydarzenia/").content.decode()


def test_feed_asks_as_often_for_thirty_events_as_for_three(client: Client) -> None:
    counts = []
    for more in (3, 27):
        for _number in range(more):
            makers.an_event()
        with CaptureQueriesContext(connection) as asked:
            client.get(ALL)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 4
