"""Calendar files, read back by an iCalendar library: hours right across both clock changes, cancelled ones stay and say so."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events import calendars
from events.domain import own, places, plans
from events.models import Event, Registration
from participants.domain.people import person_of
from participants.models import Person
from tests import makers
from tests.makers import warsaw

pytestmark = pytest.mark.django_db
ALL = "/wydarzenia/kalendarz.ics"


def read(content: bytes) -> icalendar.Calendar:
    return icalendar.Calendar.from_ical(content)


def entries(content: bytes) -> dict[str, icalendar.Event]:
    return {str(entry["summary"]): entry for entry in read(content).walk("VEVENT")}


def only(content: bytes) -> icalendar.Event:
    (entry,) = read(content).walk("VEVENT")
    return entry


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def own_file(person: Person, at: datetime | None = None) -> bytes:
    now = at or timezone.now()
    return calendars.own_calendar(own.calendar_sign_ups(person, now), person, now)


def address(person: Person) -> str:
    own.renew_calendar([person])
    person.refresh_from_db()
    return reverse("own_calendar", args=[person.calendar_key])


# --- Hours -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("2026-10-24 18:00", "2026-10-24 20:00"),
        ("2026-10-24 23:30", "2026-10-25 04:00"),
        ("2026-10-25 01:30", "2026-10-25 02:30"),
        ("2026-10-25 10:00", "2026-10-25 12:00"),
        ("2027-03-27 22:00", "2027-03-28 06:00"),
        ("2027-03-28 01:30", "2027-03-28 03:30"),
        ("2027-03-28 10:00", "2027-03-28 12:00"),
        ("2027-07-01 10:00", "2027-07-03 12:00"),
        ("2013-12-02 17:00", "2013-12-02 19:00"),
    ],
)
def test_hours_read_back_are_the_hours_meant(starts: str, ends: str) -> None:
    event = makers.an_event(starts_at=warsaw(starts), ends_at=warsaw(ends))
    content = calendars.calendar([event], "Próba")
    entry = only(content)
    assert (entry.start, entry.end) == (event.starts_at, event.ends_at)
    assert any(line == f"DTSTART;TZID=Europe/Warsaw:{warsaw(starts):%Y%m%dT%H%M%S}" for line in unfolded(content))


@pytest.mark.parametrize(("utc", "fold"), [("2026-10-25 00:30", 0), ("2026-10-25 01:30", 1)])
def test_each_coming_of_the_doubled_hour_is_its_own_moment(utc: str, fold: int) -> None:
    starts = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    event = makers.an_event(starts_at=starts, ends_at=starts + timedelta(minutes=20))
    content = calendars.calendar([event], "Próba")
    assert timezone.localtime(starts).fold == fold
    assert only(content).start.astimezone(UTC) == starts
    expected = "DTSTART:20261025T013000Z" if fold else "DTSTART;TZID=Europe/Warsaw:20261025T023000"
    assert expected in unfolded(content)


def test_zone_data_of_krakow_come_along_and_agree_with_the_clocks() -> None:
    event = makers.an_event(starts_at=warsaw("2026-10-24 18:00"))
    (zone,) = read(calendars.calendar([event], "Próba")).walk("VTIMEZONE")
    assert zone["tzid"] == "Europe/Warsaw"
    clock = zone.to_tz(lookup_tzid=False)
    for moment in ("2026-10-24 18:00", "2026-10-25 12:00", "2027-03-27 12:00", "2027-03-28 12:00", "2014-06-01 12:00", "2013-12-02 12:00"):
        local = warsaw(moment)
        assert local.replace(tzinfo=clock).utcoffset() == local.utcoffset()


@pytest.mark.parametrize(
    ("starts", "ends", "first", "after"),
    [
        ("2026-11-28 00:00", "2026-11-29 00:00", date(2026, 11, 28), date(2026, 11, 29)),
        ("2026-11-28 00:00", "2026-11-29 23:59", date(2026, 11, 28), date(2026, 11, 30)),
        ("2026-10-25 00:00", "2026-10-26 00:00", date(2026, 10, 25), date(2026, 10, 26)),
        ("2027-03-27 00:00", "2027-03-29 00:00", date(2027, 3, 27), date(2027, 3, 29)),
    ],
)
def test_whole_days_are_days_without_hours(starts: str, ends: str, first: date, after: date) -> None:
    event = makers.an_event(starts_at=warsaw(starts), ends_at=warsaw(ends))
    entry = only(calendars.calendar([event], "Próba"))
    assert (entry.start, entry.end) == (first, after)
    assert entry["dtstart"].params["VALUE"] == "DATE"


# --- Form (RFC 5545) -----------------------------------------------------------------------------------------------------


def test_long_polish_texts_are_folded_at_75_octets_and_read_back_whole() -> None:
    title = "Zażółć gęślą jaźń; warsztat, spacer i „piknik” \\ " * 3
    summary = "Pierwszy wiersz, drugi;\nŻółw łączy wątki. " * 6
    event = makers.an_event(title=title[:160], summary=summary[:400])
    content = calendars.calendar([event], "Sąsiedzi, razem; w Krakowie")
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in content.replace(b"\r\n", b"")
    for line in lines:
        line.decode()
    entry = only(content)
    assert (entry["summary"], entry["description"]) == (event.title, event.summary)
    assert read(content)["x-wr-calname"] == "Sąsiedzi, razem; w Krakowie"


def test_control_characters_do_not_reach_the_file() -> None:
    event = makers.an_event(title="Spa\x0bcer\x07", summary="Do zoba\x1fczenia")
    entry = only(calendars.calendar([event], "Pró\x0cba"))
    assert (entry["summary"], entry["description"]) == ("Spacer", "Do zobaczenia")


def test_entry_says_where_when_changed_and_how_often_to_ask_again() -> None:
    event = makers.an_event()
    content = calendars.calendar([event], "Próba")
    entry = only(content)
    assert entry["location"] == f"{event.venue.name}, {event.venue.address}"
    assert str(entry["url"]).endswith(event.get_absolute_url())
    changed = calendars.changed_at(event).replace(microsecond=0)
    assert (entry["dtstamp"].dt, entry["last-modified"].dt) == (changed, changed)
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT4H" in unfolded(content)
    assert "X-PUBLISHED-TTL:PT4H" in unfolded(content)


def test_the_same_rows_make_the_same_bytes() -> None:
    event = makers.an_event()
    assert calendars.calendar([event], "Próba") == calendars.calendar([Event.objects.get()], "Próba")


# --- What is in them -------------------------------------------------------------------------------------------------------


def test_calendar_holds_what_is_to_come_and_was_lately_and_no_draft(client: Client) -> None:
    makers.an_event(title="Dawno", in_days=-91)
    makers.an_event(title="Niedawno", in_days=-80)
    makers.an_event(title="Za rok", in_days=365)
    makers.an_event(title="Szkic", status=Event.Status.DRAFT)
    hidden = makers.a_project(is_published=False)
    makers.an_event(title="Ukryty", project=hidden)
    response = client.get(ALL)
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert set(entries(response.content)) == {"Niedawno", "Za rok"}


def test_a_draft_is_left_out_whoever_asks() -> None:
    assert b"VEVENT" not in calendars.calendar([makers.an_event(status=Event.Status.DRAFT)], "Próba")


def test_cancelled_event_stays_as_cancelled_with_a_higher_sequence(client: Client) -> None:
    event = makers.an_event(title="Spacer")
    before = only(client.get(ALL).content)
    plans.cancel_event(event, "Zalało salę.")
    after = only(client.get(ALL).content)
    assert (before["status"], after["status"]) == ("CONFIRMED", "CANCELLED")
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["last-modified"].dt >= before["last-modified"].dt
    assert after["description"] == "Zalało salę."


def test_moved_event_keeps_its_uid_under_a_higher_sequence(client: Client) -> None:
    event = makers.an_event(title="Spacer")
    before = only(client.get(ALL).content)
    plans.reschedule_event(event, starts_at=event.starts_at + timedelta(days=3), reason="Deszcz.")
    after = only(client.get(ALL).content)
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after.start == before.start + timedelta(days=3)


def test_neighbourhood_has_a_calendar_of_its_own_events(client: Client) -> None:
    ugorek, azory = makers.a_neighbourhood("Ugorek"), makers.a_neighbourhood("Azory")
    makers.an_event(ugorek, title="Tu")
    makers.an_event(azory, title="Tam")
    makers.an_event(ugorek, azory, title="Oba")
    assert set(entries(client.get("/osiedla/ugorek/kalendarz.ics").content)) == {"Tu", "Oba"}
    assert client.get("/osiedla/nie-ma/kalendarz.ics").status_code == 404
    assert client.post("/osiedla/ugorek/kalendarz.ics").status_code == 405


def test_whoever_has_the_file_already_is_told_so(client: Client) -> None:
    event = makers.an_event()
    first = client.get(ALL)
    again = client.get(ALL, headers={"If-None-Match": first.headers["ETag"]})
    since = client.get(ALL, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (again.status_code, again.content, since.status_code) == (304, b"", 304)
    plans.cancel_event(event, "Zalało salę.")
    changed = client.get(ALL, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert b"CANCELLED" in changed.content


def test_calendar_asks_the_database_as_often_for_thirty_events_as_for_three(client: Client) -> None:
    for _number in range(3):
        makers.an_event()
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(ALL)
    for _number in range(27):
        makers.an_event()
    with CaptureQueriesContext(connection) as many:
        assert len(entries(client.get(ALL).content)) == 30
    assert len(many) == len(few) <= 3


# --- One's own ---------------------------------------------------------------------------------------------------------------


def states(person: Person, at: datetime | None = None) -> list[str]:
    return [str(entry["status"]) for entry in read(own_file(person, at)).walk("VEVENT")]


def test_own_calendar_says_confirmed_tentative_and_cancelled() -> None:
    person = makers.a_person()
    full = makers.an_event(capacity=1, in_days=2, title="Pełne")
    makers.signed_up(full)
    makers.signed_up(makers.an_event(in_days=1, title="Pewne"), person)
    makers.signed_up(full, person)
    places.cancel(makers.signed_up(makers.an_event(in_days=3, title="Oddane"), person))
    event = makers.an_event(in_days=4, title="Odwołane")
    makers.signed_up(event, person)
    plans.cancel_event(event, "Zalało salę.")
    assert states(person) == ["CONFIRMED", "TENTATIVE", "CANCELLED", "CANCELLED"]
    later = timezone.now() + timedelta(days=31)
    assert states(person, later) == ["CONFIRMED", "TENTATIVE"]


def test_a_place_yet_to_be_confirmed_is_tentative_and_says_so() -> None:
    registration = makers.signed_up(makers.an_event(title="Spacer"), makers.a_stranger())
    entry = only(own_file(registration.person))
    assert entry["status"] == "TENTATIVE"
    assert str(entry["summary"]).startswith("Spacer (")


def test_every_move_raises_the_sequence_and_signing_up_again_takes_the_entry_up() -> None:
    person, event = makers.a_person(), makers.an_event()
    registration = makers.signed_up(event, person)
    seen = [only(own_file(person))]
    places.cancel(registration)
    seen.append(only(own_file(person)))
    makers.signed_up(event, person)
    seen.append(only(own_file(person)))
    assert [str(entry["status"]) for entry in seen] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert len({str(entry["uid"]) for entry in seen}) == 1
    numbers = [entry["sequence"] for entry in seen]
    assert numbers == sorted(set(numbers))


def test_own_calendar_names_nobody_and_holds_no_link_that_can_cancel() -> None:
    person = makers.a_person(name="Wanda Łoś")
    registration = makers.signed_up(makers.an_event(), person, heads=3)
    text = own_file(person).decode().replace("\r\n ", "")
    for secret in ("Wanda", person.email, registration.code, "moje-zapisy/"):
        assert secret not in text


def test_own_calendar_is_in_the_persons_language() -> None:
    person = makers.a_person(language="en")
    makers.signed_up(makers.an_event(), person)
    assert "/en/wydarzenia/" in str(only(own_file(person))["url"])


def test_somebody_without_an_account_sees_all_sign_ups_of_the_name_and_not_the_spouses() -> None:
    anna, again, spouse = (makers.a_person(name=name, email="dom@example.org") for name in ("Anna Nowak", "anna nowak", "Jan Nowak"))
    account = person_of(makers.a_user("dom@example.org", name="Anna Nowak"))
    for number, person in enumerate((anna, again, spouse, account)):
        makers.signed_up(makers.an_event(title=f"Nr {number}", in_days=number + 1), person)
    assert set(entries(own_file(anna))) == {"Nr 0", "Nr 1"}
    assert set(entries(own_file(account))) == {"Nr 3"}


def test_wrong_and_renewed_addresses_are_not_found(client: Client) -> None:
    person = makers.a_person()
    first = address(person)
    answer = client.get(first)
    assert answer.status_code == 200
    assert "private" in answer.headers["Cache-Control"]
    assert client.get(first, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    second = address(person)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    own.end_calendar([person])
    for wrong in (second, "/kalendarz/None.ics", f"/kalendarz/{'x' * 43}.ics", "/kalendarz/.ics", "/kalendarz/%00.ics"):
        assert client.get(wrong).status_code == 404


def test_account_makes_its_address_by_post_only(client: Client) -> None:
    user = makers.a_user()
    page = reverse("own_calendar_address")
    assert "/konto/logowanie/" in client.post(page, {"act": "calendar"}).headers["Location"]
    client.force_login(user)
    client.get(page, {"act": "calendar"})
    assert not Person.objects.filter(user=user).exists()
    client.post(page, {"act": "calendar"})
    key = Person.objects.get(user=user).calendar_key
    assert key
    assert len(key) == 43
    assert client.get(reverse("own_calendar", args=[key])).status_code == 200
    assert key in client.get(reverse("my_page")).content.decode()
    client.post(page, {"act": "calendar_off"})
    assert Person.objects.get(user=user).calendar_key is None


def test_own_calendar_asks_as_often_for_thirty_sign_ups_as_for_three(client: Client) -> None:
    person = makers.a_person()
    url = address(person)
    counts: list[Any] = []
    for more in (3, 27):
        for _number in range(more):
            makers.signed_up(makers.an_event(), person)
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 5
    assert Registration.objects.count() == 30
