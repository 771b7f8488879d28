"""The officer's way: what the reports count, on the screen and in every file alike."""

import csv
import io
import re
from datetime import date, timedelta
from html import unescape

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import Event, HeadCount, Registration, Seat
from participants.models import AccessLog
from projects.models import Initiative, Partnership
from reports.definitions import REPORTS, Filters, Picked
from tests import makers
from tests.makers import (
    a_closing,
    a_neighbourhood,
    a_project,
    an_animator,
    an_event,
    an_initiative,
    an_officer,
    an_organisation,
    signed_up,
    warsaw,
)

pytestmark = pytest.mark.django_db
EVENTS = "zapisy-i-frekwencja"
INITIATIVES = "rejestr-inicjatyw"
TURNOUT = REPORTS[EVENTS]
REGISTER = REPORTS[INITIATIVES]


@pytest.fixture
def officer(client):
    user = an_officer()
    client.force_login(user)
    return user


def found(report, user, **filters):
    """The rows as dicts by key."""
    table = report.table(user, Filters(**filters), timezone.now())
    return [dict(zip([column.key for column in table.columns], row, strict=True)) for row in table.rows]


def titles(report, user, **filters):
    return [row["title"] for row in found(report, user, **filters)]


def picked(thing):
    return Picked(thing.pk, thing.slug, str(thing))


def export(client, slug=EVENTS, extension="xlsx", query="", **data):
    return client.post(f"/raporty/{slug}.{extension}{query}", data)


def body(response):
    """What is sent; reading it to the end closes the file."""
    return b"".join(response.streaming_content)


def a_full_event(**fields):
    """Three places: one came, one excused, one held; one waits, one cancelled, one lapsed, one hold ran out unnoticed."""
    event = an_event(a_neighbourhood("Ugorek"), capacity=3, **fields)
    seats = [signed_up(event, channel=channel).seats.get() for channel in ["web", "phone", "paper", "counter", "web", "web", "web"]]
    soon, past = timezone.now() + timedelta(days=1), timezone.now() - timedelta(days=1)
    stands = [
        {"status": "confirmed", "attendance": "came"},
        {"status": "confirmed", "attendance": "excused"},
        {"status": "held", "held_until": soon, "held_for": "verification"},
        {"status": "waiting"},
        {"status": "cancelled"},
        {"status": "lapsed"},
        {"status": "held", "held_until": past, "held_for": "offer"},
    ]
    for seat, stand in zip(seats, stands, strict=True):
        Seat.objects.filter(pk=seat.pk).update(**{"held_until": None, "held_for": ""} | stand)
    return event


# --- Sign-ups and turnout -------------------------------------------------------------------------------------------------


def test_every_head_is_counted_once_by_state_and_once_by_channel(officer):
    a_full_event()
    [row] = found(TURNOUT, officer)

    assert {key: row[key] for key in ("people", "confirmed", "held", "waiting", "cancelled", "lapsed")} == {
        "people": 7, "confirmed": 2, "held": 1, "waiting": 1, "cancelled": 1, "lapsed": 2,
    }  # fmt: skip
    assert [row[channel] for channel in Registration.Channel.values] == [4, 1, 1, 1, 0]
    assert [row[note] for note in ("came", "excused", "absent", "not_noted", "turnout")] == [1, 1, 0, 0, 50.0]


def test_those_who_just_came_are_counted_apart_and_change_no_turnout(officer):
    event = a_full_event()
    guest = signed_up(event, channel="walk_in").seats.get()
    Seat.objects.filter(pk=guest.pk).update(status="confirmed", held_until=None, held_for="", attendance="came", extra=True)
    [row] = found(TURNOUT, officer)

    keys = ("people", "confirmed", "came", "walk_in", "extra", "turnout")
    assert {key: row[key] for key in keys} == {"people": 7, "confirmed": 2, "came": 2, "walk_in": 1, "extra": 0, "turnout": 50.0}


def test_party_counts_by_heads(officer):
    signed_up(an_event(), heads=3)
    [row] = found(TURNOUT, officer)

    assert (row["people"], row["confirmed"], row["not_noted"], row["web"], row["turnout"]) == (3, 3, 3, 3, None)


def test_event_without_sign_ups_stands_with_noughts(officer):
    an_event(capacity=None, sign_up=Event.SignUp.NONE)
    [row] = found(TURNOUT, officer)

    assert (row["people"], row["confirmed"], row["capacity"], row["turnout"]) == (0, 0, None, None)


def test_a_closed_event_says_whom_it_reached_what_volunteers_gave_and_what_it_cost(officer):
    said, counted, silent = (an_event(in_days=-5 + number) for number in range(3))
    for event in (said, counted):
        seats = signed_up(event, heads=3, at=event.starts_at - timedelta(days=1)).seats
        seats.update(status="confirmed", held_until=None, held_for="", attendance="came")
    HeadCount.objects.create(event=counted, dimension="channel", value="face_to_face", heads=10)
    HeadCount.objects.create(event=counted, dimension="channel", value="digital", heads=500)
    HeadCount.objects.create(event=counted, dimension="age", value="65_plus", heads=13)
    a_closing(said, heads=42, volunteer_minutes=450, cost_grosze=12_345)
    a_closing(counted)
    rows = found(TURNOUT, officer)

    assert [(row["heads"], row["volunteer_hours"], row["cost"]) for row in rows] == [
        (42, 7.5, 123.45), (10, None, None), (None, None, None),
    ]  # fmt: skip
    sums = TURNOUT.totals(officer, Filters(), timezone.now())
    assert (sums["rows"], sums["people"], sums["heads"], sums["volunteer_hours"], sums["cost"]) == (3, 6, 52, 7.5, 123.45)
    assert silent.pk


def test_drafts_do_not_count_and_cancelled_events_do(officer):
    an_event(title="Szkic", status=Event.Status.DRAFT)
    an_event(title="Odwołane", status=Event.Status.CANCELLED, cancelled_at=timezone.now(), cancel_reason="Ulewa")

    assert titles(TURNOUT, officer) == ["Odwołane"]


def test_event_of_two_neighbourhoods_is_one_row_that_names_both_in_polish_order(officer):
    an_event(a_neighbourhood("Zabłocie"), a_neighbourhood("Łagiewniki"), a_neighbourhood("Lubomir"))
    [row] = found(TURNOUT, officer)

    assert row["neighbourhoods"] == "Lubomir, Łagiewniki, Zabłocie"


def test_period_takes_both_days_whole_by_the_clocks_of_krakow(officer):
    for moment in ("2014-03-09 23:59", "2014-03-10 00:00", "2014-03-11 23:59", "2014-03-12 00:00"):
        an_event(title=moment, starts_at=warsaw(moment))

    assert titles(TURNOUT, officer, first=date(2014, 3, 10), last=date(2014, 3, 11)) == ["2014-03-10 00:00", "2014-03-11 23:59"]
    assert len(titles(TURNOUT, officer, first=date(2014, 3, 11))) == 2
    assert len(titles(TURNOUT, officer, last=date(2014, 3, 9))) == 1


def test_neighbourhood_and_project_narrow_the_report(officer):
    azory, ugorek, other = a_neighbourhood("Azory"), a_neighbourhood("Ugorek"), a_project()
    an_event(azory, title="A")
    an_event(azory, ugorek, title="AU")
    an_event(ugorek, title="U", project=other)

    assert sorted(titles(TURNOUT, officer, neighbourhood=picked(azory))) == ["A", "AU"]
    assert titles(TURNOUT, officer, project=picked(other)) == ["U"]


# --- The register ---------------------------------------------------------------------------------------------------------


def test_register_lists_initiatives_in_polish_order_without_a_name_of_a_person(officer, client):
    for title in ("Łąka kwietna", "Zegar słoneczny", "Lampiony"):
        an_initiative(title=title, proposed_by=makers.a_person(name="Wanda Tajna"))

    assert titles(REGISTER, officer) == ["Lampiony", "Łąka kwietna", "Zegar słoneczny"]
    assert "Tajna" not in client.get(f"/raporty/{INITIATIVES}/").content.decode()
    assert "Tajna" not in body(export(client, INITIATIVES, "csv")).decode()


def test_organisation_of_two_roles_is_named_once(officer):
    initiative, school, parish = an_initiative(), an_organisation(name="Żłobek"), an_organisation(name="Śródmieście")
    for organisation, role in ((school, "lead"), (school, "host"), (parish, "patron")):
        Partnership.objects.create(initiative=initiative, organisation=organisation, role=role)

    assert found(REGISTER, officer)[0]["organisations"] == "Śródmieście, Żłobek"


def test_register_asks_about_the_day_the_state_began(officer):
    for title, moment in (("wcześniej", "2014-02-28 23:30"), ("w marcu", "2014-03-31 23:30")):
        Initiative.objects.filter(pk=an_initiative(title=title).pk).update(status_since=warsaw(moment))

    assert titles(REGISTER, officer, first=date(2014, 3, 1), last=date(2014, 3, 31)) == ["w marcu"]


# --- One definition, every door -------------------------------------------------------------------------------------------


def cells_of(html, tag):
    [part] = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
    lines = re.findall(r"<tr>(.*?)</tr>", part, re.DOTALL)
    return [[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", line)] for line in lines]


def test_screen_and_every_file_say_the_same(officer, client):
    a_full_event(title="Spacer ąćęłńóśźż")
    signed_up(an_event(a_neighbourhood("Azory"), title="=1+1", in_days=9), heads=2)
    html = client.get(f"/raporty/{EVENTS}/").content.decode()
    rows, [sums] = cells_of(html, "tbody"), cells_of(html, "tfoot")
    sheet = openpyxl.load_workbook(io.BytesIO(body(export(client)))).active
    excel = list(csv.reader(io.StringIO(body(export(client, extension="csv")).decode("utf-8-sig")), delimiter=";"))
    machine = list(csv.DictReader(io.StringIO(body(export(client, extension="csv", query="?format=open")).decode())))
    keys = [column.key for column in TURNOUT.columns]
    people, turnout = keys.index("people"), keys.index("turnout")

    assert [row[0] for row in rows] == [sheet["A2"].value, sheet["A3"].value] == ["Spacer ąćęłńóśźż", "=1+1"]
    assert [row[0] for row in excel[1:]] == [row["title"] for row in machine] == ["Spacer ąćęłńóśźż", "'=1+1"]
    for key in keys[people:turnout]:
        column = keys.index(key)
        on_screen = [int(row[column]) for row in rows]
        assert on_screen == [sheet.cell(2, column + 1).value, sheet.cell(3, column + 1).value], key
        assert on_screen == [int(row[column]) for row in excel[1:]] == [int(row[key]) for row in machine], key
        assert int(sums[column]) == sum(on_screen), key
    assert (rows[0][turnout], excel[1][turnout], machine[0]["turnout"], sheet.cell(2, turnout + 1).value) == ("50,0", "50,0", "50.0", 50)


def test_sums_are_of_all_pages_and_no_row_is_lost_between_them(officer, client, monkeypatch):
    monkeypatch.setattr("reports.views.PER_PAGE", 2)
    starts_at = timezone.now() + timedelta(days=3)
    for number in range(5):
        signed_up(an_event(title=f"W{number}", starts_at=starts_at), heads=number + 1)
    pages = [client.get(f"/raporty/{EVENTS}/", {"page": page}).content.decode() for page in (1, 2, 3)]
    people = [column.key for column in TURNOUT.columns].index("people")

    assert [row[0] for page in pages for row in cells_of(page, "tbody")] == ["W0", "W1", "W2", "W3", "W4"]
    assert {cells_of(page, "tfoot")[0][people] for page in pages} == {"15"}
    assert TURNOUT.totals(officer, Filters(), timezone.now())["rows"] == 5


@pytest.mark.parametrize("slug", [EVENTS, INITIATIVES])
def test_queries_are_as_many_for_thirty_rows_as_for_one(officer, client, slug):
    def make(number):
        for _one in range(number):
            signed_up(an_event(a_neighbourhood("Ugorek"), a_neighbourhood("Azory")), heads=2)
            Partnership.objects.create(
                initiative=an_initiative(a_neighbourhood("Ugorek"), a_neighbourhood("Azory")), organisation=an_organisation(), role="lead"
            )

    def queries(ask):
        with CaptureQueriesContext(connection) as captured:
            ask()
        return [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]

    def screen():
        client.get(f"/raporty/{slug}/")

    def file():
        body(export(client, slug, "csv"))

    make(1)
    one = len(queries(screen)), len(queries(file))
    make(29)
    thirty = queries(screen), queries(file)

    assert (len(thirty[0]), len(thirty[1])) == one
    # Session, account, roles, the project of the page, two lists of the filter, sums, rows; the closing cards are summed apart.
    assert one[0] == (9 if slug == EVENTS else 8), thirty[0]
    data = [sql for sql in thirty[1] if "events_seat" in sql or "projects_partnership" in sql]
    assert len(data) == 1


# --- Filters on the page --------------------------------------------------------------------------------------------------


def test_filter_of_the_address_is_the_filter_of_the_file(officer, client):
    azory = a_neighbourhood("Azory")
    an_event(azory, title="Tutaj")
    an_event(a_neighbourhood("Ugorek"), title="Gdzie indziej")
    html = client.get(f"/raporty/{EVENTS}/", {"neighbourhood": "azory", "first": "01.01.2014"}).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html.partition('id="export"')[2]))
    hidden.pop("csrfmiddlewaretoken", None)

    assert [row[0] for row in cells_of(html, "tbody")] == ["Tutaj"]
    assert hidden == {"neighbourhood": "azory", "first": "2014-01-01"}
    assert [row[0] for row in csv.reader(io.StringIO(body(export(client, extension="csv", **hidden)).decode()), delimiter=";")][1:] == [
        "Tutaj"
    ]


@pytest.mark.parametrize("name", ["q__contains", "owner__password__startswith", "project__is_published", "status"])
def test_unknown_keys_of_the_address_change_nothing(officer, client, name):
    an_event()
    plain = client.get(f"/raporty/{EVENTS}/").content.decode()
    probed = client.get(f"/raporty/{EVENTS}/", {name: "x"}).content.decode()

    def body_of(html):
        # The address of the page stands in the links to the other languages and on the printed page; the minute in the caption.
        return re.search(r"<tbody>.*</tfoot>", html, re.DOTALL).group()

    assert body_of(probed) == body_of(plain)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"first": "31.02.2014"}, "31.02.2014"),
        ({"first": "wczoraj"}, "wczoraj"),
        ({"last": "01.01.0001"}, "01.01.0001"),
        ({"last": "31.12.9999"}, "31.12.9999"),
        ({"first": "02.01.2014", "last": "2014-01-01"}, "2014-01-01"),
        ({"first": "1" * 5000}, "1" * 5000),
        ({"first": "\x00"}, ""),
        ({"neighbourhood": "nie-ma"}, ""),
        ({"project": "' OR 1=1"}, ""),
    ],
)
def test_filter_without_sense_is_told_at_the_field_and_shows_no_figures(officer, client, query, kept):
    an_event()
    answer = client.get(f"/raporty/{EVENTS}/", query)
    html = answer.content.decode()

    assert answer.status_code == 200
    assert 'aria-invalid="true"' in html
    assert "error-summary" in html
    assert kept in html
    assert "<tbody>" not in html


@pytest.mark.parametrize("number", ["0", "-1", "99999", "x", "1e9", "٣"])
def test_page_out_of_range_shows_a_page(officer, client, number):
    an_event(title="Jedyne")

    assert "Jedyne" in client.get(f"/raporty/{EVENTS}/", {"page": number}).content.decode()


def test_report_of_nothing_says_so(officer, client):
    html = client.get(f"/raporty/{EVENTS}/").content.decode()

    assert "empty-state" in html
    assert "<tbody>" not in html


def test_report_of_nothing_is_a_file_with_its_header(officer, client):
    assert body(export(client, extension="csv", query="?format=open")).decode().startswith("title,starts_at,neighbourhoods,")
    assert AccessLog.objects.get(action="export").row_count == 0


# --- Files and their log ----------------------------------------------------------------------------------------------------


def test_export_is_logged_with_who_what_filters_rows_and_purpose(officer, client):
    an_event(a_neighbourhood("Azory"))
    an_event(a_neighbourhood("Azory"))
    an_event(a_neighbourhood("Ugorek"))
    answer = export(client, neighbourhood="azory", first="01.01.2014", purpose="Sprawozdanie dla rady")
    assert body(answer).startswith(b"PK")
    entry = AccessLog.objects.get(action="export")

    assert (entry.actor, entry.subject, entry.row_count, entry.purpose) == (officer, EVENTS, 2, "Sprawozdanie dla rady")
    assert entry.detail["filters"] == {"first": "2014-01-01", "neighbourhood": "azory"}
    assert entry.detail["file"] == f"{EVENTS}_2014-01-01_azory_stan-{timezone.localdate()}.xlsx"
    assert answer["Content-Disposition"] == f'attachment; filename="{entry.detail["file"]}"'


def test_nothing_leaves_when_the_log_cannot_be_written(officer, client, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError("disk full")

    monkeypatch.setattr("participants.domain.access_log.record", full)

    with pytest.raises(OSError, match="disk full"):
        export(client)


def test_log_stands_before_the_first_byte_leaves(officer, client):
    answer = export(client)

    assert AccessLog.objects.filter(action="export").exists()
    assert openpyxl.load_workbook(io.BytesIO(body(answer))).active.title == str(TURNOUT.title)


def test_a_kept_address_gives_the_file_with_its_filters_and_is_logged(officer, client):
    an_event(a_neighbourhood("Azory"), title="Na Azorach")
    an_event(a_neighbourhood("Ugorek"), title="Na Ugorku")

    answer = client.get(f"/raporty/{EVENTS}.csv", {"neighbourhood": "azory", "x": "y"})
    text = body(answer).decode("utf-8-sig")

    assert answer.status_code == 200
    assert "Na Azorach" in text
    assert "Na Ugorku" not in text
    assert AccessLog.objects.get(action="export").row_count == 1


@pytest.mark.parametrize("data", [{"first": "31.02.2014"}, {"neighbourhood": "nie-ma"}, {"purpose": "x" * 301}, {"purpose": "\x00"}])
def test_export_with_a_mistake_shows_the_page_with_the_sentence(officer, client, data):
    an_event()
    answer = export(client, **data)

    assert answer["Content-Type"].startswith("text/html")
    assert "error-summary" in answer.content.decode()
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize(
    ("extension", "query", "beginning", "name"),
    [
        ("xlsx", "", b"PK", ".xlsx"),
        ("csv", "", b"\xef\xbb\xbf", f"{EVENTS}_stan-"),
        ("csv", "?format=excel", b"\xef\xbb\xbf", f"{EVENTS}_stan-"),
        ("csv", "?format=open", b"title,", f"{EVENTS}_dane-otwarte_stan-"),
        ("csv", "?format=../etc", b"\xef\xbb\xbf", ".csv"),
    ],
)
def test_file_is_the_one_asked_for(officer, client, extension, query, beginning, name):
    answer = export(client, extension=extension, query=query)

    assert body(answer).startswith(beginning)
    assert name in answer["Content-Disposition"]
    assert int(answer["Content-Length"]) > 0


def test_words_follow_the_language_and_keys_do_not(officer, client):
    an_event(kind=Event.Kind.WALK)
    english = client.post(f"/en/raporty/{EVENTS}.csv").streaming_content
    machine = [client.post(f"/{language}raporty/{EVENTS}.csv?format=open").streaming_content for language in ("", "en/")]

    assert b"".join(english).decode("utf-8-sig").startswith("Event;Starts;")
    assert b"".join(machine[0]) == b"".join(machine[1])


@pytest.mark.parametrize(
    ("report", "version", "keys"),
    [
        (
            # Version 2 adds "extra": places beyond the number are counted apart.
            # Version 3 adds what the closing card says, and who just came.
            TURNOUT,
            3,
            """title starts_at neighbourhoods kind venue capacity people confirmed held waiting cancelled lapsed
            came excused absent not_noted web phone paper counter walk_in extra turnout heads volunteer_hours cost
            status project slug""",
        ),
        (
            REGISTER,
            1,
            """title kind status status_since neighbourhoods organisations place starts_on ends_on date_note project source
            source_url created_at slug""",
        ),
    ],
)
def test_columns_of_a_version_stay(report, version, keys):
    """Whoever changes the columns raises the version (REP-11)."""
    assert (report.version, [column.key for column in report.columns]) == (version, keys.split())
    assert all(column.meaning for column in report.columns)


# --- Who may ----------------------------------------------------------------------------------------------------------------

ADDRESSES = [
    ("get", "/raporty/"),
    ("get", f"/raporty/{EVENTS}/"),
    ("get", f"/raporty/{INITIATIVES}/"),
    ("get", f"/raporty/{EVENTS}.xlsx"),
    ("post", f"/raporty/{EVENTS}.xlsx"),
    ("post", f"/raporty/{INITIATIVES}.csv"),
]
WHO = {
    "visitor": lambda: None,
    "resident": makers.a_user,
    "former animator": lambda: makers.a_former_animator(a_neighbourhood("Ugorek")),
    "helper": lambda: makers.staff("helper", of=a_neighbourhood("Ugorek")),
    "scorer": lambda: makers.staff("scorer"),
    "animator": lambda: an_animator(a_neighbourhood("Ugorek")),
    "officer": an_officer,
    "coordinator": makers.a_coordinator,
}
ANSWERS = {
    "visitor": 302, "resident": 404, "former animator": 404, "helper": 403, "scorer": 403, "animator": 200, "officer": 200,
    "coordinator": 200,
}  # fmt: skip


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_who_may_see_and_take_out(client, method, address, who):
    user = WHO[who]()
    if user:
        client.force_login(user)
    answer = getattr(client, method)(address)
    if answer.streaming:
        assert body(answer)

    assert answer.status_code == ANSWERS[who]
    if who == "visitor":
        assert answer["Location"] == f"{reverse('account_login')}?next={address}"


def test_export_is_a_right_of_its_own(officer, client, monkeypatch):
    an_event()
    monkeypatch.setattr("reports.rules.EXPORT", set())

    assert 'id="export"' not in client.get(f"/raporty/{EVENTS}/").content.decode()
    assert export(client).status_code == 403


def test_animator_sees_and_takes_out_own_neighbourhoods_only(client):
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    an_event(ugorek, title="Moje")
    an_event(ugorek, azory, title="Wspólne", in_days=8)
    an_event(azory, title="Cudze")
    an_initiative(azory, title="Cudza")
    client.force_login(animator := an_animator(ugorek))
    html = client.get(f"/raporty/{EVENTS}/").content.decode()

    assert titles(TURNOUT, animator) == ["Moje", "Wspólne"]
    assert titles(REGISTER, animator) == []
    assert "Cudze" not in html
    assert 'value="azory"' not in html
    assert "Cudze" not in body(export(client, extension="csv")).decode()
    assert export(client, neighbourhood="azory")["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("address", ["/raporty/nie-ma/", "/raporty/nie-ma.csv", f"/raporty/{EVENTS}.exe", f"/raporty/{EVENTS}.ods"])
def test_what_does_not_exist_is_not_found(officer, client, address):
    assert client.get(address).status_code == 404


def test_page_is_kept_by_no_cache(officer, client):
    assert "no-store" in client.get(f"/raporty/{EVENTS}/")["Cache-Control"]
    answer = export(client)
    assert body(answer)
    assert "no-store" in answer["Cache-Control"]


def test_export_without_the_token_of_the_form_is_refused(officer):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(officer)

    assert strict.post(f"/raporty/{EVENTS}.xlsx").status_code == 403
    assert not AccessLog.objects.exists()


def test_table_can_be_reached_and_scrolled_by_keyboard(officer, client):
    an_event()
    html = client.get(f"/raporty/{EVENTS}/").content.decode()

    assert re.search(r'<div class="table-scroll" role="region" tabindex="0" aria-label="[^"]+">', html)
    assert html.count("<caption>") == 1
    assert not re.search(r" style=| onclick=|<script(?! src)", html)
