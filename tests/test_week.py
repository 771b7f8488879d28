"""A week of one series, replayed: what every screen counts is counted once more here, row by row.

Names say who somebody is: ``e`` has confirmed an e-mail before, ``n`` types one for the first time, ``p`` has a phone only.
"""

import re
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.domain import attendance, closing, desk, heads, offers, places, plans, queue, series
from events.domain.attendance import Tick
from events.domain.parties import Head
from events.models import Event, HeadCount, Registration, Seat
from participants.models import Message, Person, User
from projects.models import CallTask
from tests.makers import a_module, a_neighbourhood, a_person, an_animator, an_event, an_officer, said_to_all, the_project, warsaw
from tests.panel.conftest import signed_in

pytestmark = pytest.mark.django_db
CAPACITY = 12
HOURS = 2
DAYS = {"mon": 23, "tue": 24, "wed": 25, "thu": 26, "fri": 27}
MINUTE = timedelta(minutes=1)
# Whoever signs up for single dates, in order; ``*2`` brings somebody along. The dates count from 0, which is Tuesday.
SINGLES = {
    0: "e17 e18 e19 n30",
    1: "e14 e15 p4 p5 e16",
    2: "e20 e21 p6",
    3: "e6 e7 e8 e9 p2 p3 e10",
    4: "e22 e23 n31 p7 e20",
    5: "n28 n29 e11 e12 p4 e13",
    6: "e24*2 e25 e26 e27",
}
WHOLE = "e0 e1 e2 e3 e4 e5 p0 p1"


def moment(text: str) -> datetime:
    day, clock = text.split()
    return warsaw(f"2026-11-{DAYS[day]} {clock}")


@dataclass
class Week:
    """The dates, the people met so far and their sign-ups, and the hour it is for the verbs and for the screens alike."""

    clock: time_machine.Traveller
    animator: User
    officer: User
    dates: list[Event] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    signed: dict[tuple[str, int], Registration] = field(default_factory=dict)
    now: datetime = field(default_factory=timezone.now)

    def at(self, text: str) -> None:
        self.now = moment(text)
        self.clock.move_to(self.now)

    def person(self, name: str) -> Person:
        """Who it is; met for the first time, unsaved when they came with a new e-mail or a phone."""
        if name not in self.people:
            kind, email, phone = name[0], f"{name}@example.org", f"+48600100{int(name[1:]):03d}"
            if kind == "e":
                self.people[name] = a_person(name=name, email=email)
            else:
                self.people[name] = Person(name=name, email=email) if kind == "n" else Person(name=name, phone=phone)
        return self.people[name]

    def make_series(self) -> None:
        place, rules = a_neighbourhood("Ugorek"), {"promotion": Event.Promotion.OFFER, "offer_hours": 6, "offers_end_hours": 24}
        first = an_event(place, starts_at=moment("tue 17:00"), capacity=CAPACITY, module=a_module(planned_minutes=1200), **rules)
        days = [series.Planned(first.starts_at + timedelta(days=day)) for day in range(1, 10)]
        made = series.make_series(first, days, title="Ścieżka", whole=True, publish=True, at=self.now)
        self.dates = list(made.events.order_by("starts_at"))

    def sign_up_for_all(self, name: str) -> None:
        self.now += MINUTE
        made = series.sign_up_for_all(self.dates[0].series, self.person(name), [Head(name)], key=uuid.uuid4(), at=self.now)
        self.signed |= {(name, self.dates.index(each.event)): each for each in made}

    def sign_up(self, name: str, date: int, number: int = 1) -> None:
        self.now += MINUTE
        party = [Head(name), *(Head(f"{name} +{extra}") for extra in range(1, number))]
        self.signed[name, date] = places.register(self.dates[date], self.person(name), party, at=self.now)

    def call(self, name: str, outcome: str, answer: str = "yes") -> None:
        task = CallTask.objects.open().get(person=self.people[name])
        desk.answer_call(task, outcome, answers=said_to_all(task, answer), actor=self.animator, at=self.now)

    def worker(self) -> None:
        while queue.settle_due(self.now):
            pass

    def stands(self, name: str, date: int) -> str:
        seat = self.signed[name, date].seats.get(number=1)
        return f"{seat.status} {seat.held_for}".strip()

    def door(self, date: int, noted: str, walk_ins: Iterable[str] = ()) -> None:
        """Notes a letter for each certain place in the order of names: Came, eXcused, Absent, or - for nothing."""
        seats = [seat for seat in self.dates[date].seats.order_by("name_order", "pk") if seat.status == "confirmed"]
        assert len(seats) == len(noted)
        words = {"C": "came", "X": "excused", "A": "absent"}
        ticks = [Tick(seat.pk, words[letter], self.now) for seat, letter in zip(seats, noted, strict=True) if letter != "-"]
        attendance.mark(self.dates[date], ticks, actor=self.animator, at=self.now)
        for name in walk_ins:
            attendance.walk_in(self.dates[date], name, key=uuid.uuid4(), actor=self.animator, at=self.now)


# --- Rules that hold after every step --------------------------------------------------------------------------------------


def check(week: Week) -> None:
    rows = Counter((task.person_id, task.person.phone) for task in CallTask.objects.select_related("person") if task.done_at is None)
    assert [key for key, number in rows.items() if number > 1] == []
    assert [phone for phone, number in Counter(phone for _person, phone in rows).items() if number > 1] == []
    live = Counter((row.event_id, row.person_id) for row in Registration.objects.all() if row.closed_at is None)
    assert [key for key, number in live.items() if number > 1] == []
    for number in range(len(week.dates)):
        assert recount(week, number)["taken"] <= CAPACITY


# --- The plain recomputation -----------------------------------------------------------------------------------------------


def rows_of(week: Week, date: int) -> list[Seat]:
    return list(Seat.objects.filter(event=week.dates[date].pk).select_related("registration__person"))


def recount(week: Week, date: int) -> Counter[str]:
    """Every figure of one date, seat by seat."""
    found: Counter[str] = Counter()
    for seat in rows_of(week, date):
        walked_in = seat.registration.channel == "walk_in"
        runs_out = seat.status == "held" and seat.held_until <= week.now
        found["lapsed" if runs_out else seat.status] += not (walked_in and seat.status == "confirmed")
        found["taken"] += not seat.extra and not runs_out and seat.status in ("confirmed", "held")
        found["live"] += seat.status in ("confirmed", "held", "waiting")
        found["people"] += not walked_in
        found["web"] += seat.registration.channel == "web"
        if seat.status == "confirmed":
            found["on_list"] += 1
            found["walk_in"] += walked_in and seat.attendance == "came"
            found[seat.attendance or "not_noted"] += 1
    found["there"] = max(found["came"], sum(row.heads for row in HeadCount.objects.all() if is_met(row, week.dates[date])))
    return found


def is_met(row: HeadCount, event: Event) -> bool:
    return row.event_id == event.pk and row.dimension == "channel" and row.value in ("face_to_face", "festival")


def is_over(week: Week, date: int) -> bool:
    return week.dates[date].ends_at <= week.now and not is_off(week, date)


def is_off(week: Week, date: int) -> bool:
    return Event.objects.get(pk=week.dates[date].pk).status == "cancelled"


def open_calls() -> int:
    return sum(task.done_at is None for task in CallTask.objects.all())


# --- The screens -----------------------------------------------------------------------------------------------------------


def page(client: Client, name: str, *args: Any, query: str = "") -> tuple[Any, str]:
    """What the page was made from, and what a browser gets."""
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == 200, name
    return response.context, " ".join(response.content.decode().split())


def numbers(pattern: str, html: str) -> list[int]:
    return [int(number) for number in re.findall(pattern, html)]


def compare_screens(week: Week) -> None:
    """Every screen against the recomputation."""
    cache.clear()
    check(week)
    client = signed_in(week.animator)
    compare_my_work(week, client)
    compare_lists(week, client)
    for date in range(len(week.dates)):
        compare_date(week, date, client)
    compare_report(week, signed_in(week.officer))
    compare_journey(week, client)


def compare_my_work(week: Week, client: Client) -> None:
    context, html = page(client, "admin:index")
    work, today = context["work"], timezone.localdate(week.now)
    ahead = [date for date, event in enumerate(week.dates) if not is_off(week, date) and event.starts_at > week.now]
    days = {date: timezone.localdate(event.starts_at) - today for date, event in enumerate(week.dates) if not is_off(week, date)}
    shown = {event.pk: (event.taken, event.queue) for event in [*work.today, *work.week]}
    near = [date for date, after in days.items() if timedelta() <= after <= timedelta(days=6)]
    assert shown == {week.dates[date].pk: taken_and_queue(week, date) for date in near}
    assert [event.pk for event in work.today] == [week.dates[date].pk for date, after in days.items() if not after]
    queues = {week.dates[date].pk: taken_and_queue(week, date) for date in ahead if recount(week, date)["waiting"]}
    assert {event.pk: (event.taken, event.queue) for event in work.queues.rows} == queues
    assert (work.calls.total, work.queues.total) == (open_calls(), len(queues))
    unclosed = [date for date in range(len(week.dates)) if is_over(week, date) and not hasattr(fresh(week, date), "closing")]
    assert [event.pk for event in work.to_close.rows] == [week.dates[date].pk for date in unclosed]
    assert numbers(r'<h2 id="calls">[^(]*\((\d+)\)', html) == [open_calls()]


def taken_and_queue(week: Week, date: int) -> tuple[int, int]:
    return recount(week, date)["taken"], recount(week, date)["waiting"]


def fresh(week: Week, date: int) -> Event:
    return Event.objects.get(pk=week.dates[date].pk)


def compare_lists(week: Week, client: Client) -> None:
    """The list of events with its column of places, and the call list."""
    context, html = page(client, "admin:events_event_changelist", query="?when=all")
    listed = {event.pk: (event.taken, event.queue) for event in context["cl"].result_list}
    assert listed == {event.pk: taken_and_queue(week, date) for date, event in enumerate(week.dates)}
    cells = re.findall(r'class="field-places_shown"[^>]*>([^<]*)<', html)
    said = [[int(number) for number in re.findall(r"\d+", cell)] for cell in cells]
    assert said == [[taken, CAPACITY, waiting] if waiting else [taken, CAPACITY] for taken, waiting in listed.values()]
    context, html = page(client, "admin:projects_calltask_changelist")
    assert context["cl"].result_count == html.count('class="field-phone') == open_calls()


def compare_date(week: Week, date: int, client: Client) -> None:
    """The pages of one date: sign-ups, the door, the printed list, the public page, the closing card."""
    event, plain = week.dates[date], recount(week, date)
    context, html = page(client, "admin:events_event_sign_ups", event.pk)
    assert context["page"].paginator.count == html.count('<th scope="row">') == plain["live"]
    shown = context["event"]
    assert (shown.taken, shown.queue, shown.extra) == (plain["taken"], plain["waiting"], plain["on_list"] - plain["confirmed"])
    context, html = page(client, "admin:events_event_print_list", event.pk)
    names = sorted(seat.name for seat in rows_of(week, date) if seat.status == "confirmed")
    assert sorted(re.findall(r"<td>\d+</td><td>([^<]+)</td>", html)) == sorted(context["list"]["names"]) == names
    context, html = page(Client(), "event_detail", event.slug)
    assert context["event"].taken == plain["taken"]
    label = re.search(r'<p class="sign-up-places">(.*?)</p>', html)
    assert (label is None) == (is_off(week, date) or is_over(week, date))
    if label is not None:
        said = re.sub("<[^>]*>", "", label[1])
        assert (numbers(r"\d+", said) or [said.strip()]) == [free_in_words(plain["taken"], plain["waiting"])]
    if not is_off(week, date):
        compare_door(week, date, client)
    if is_over(week, date):
        _context, html = page(client, "admin:events_event_close", event.pk)
        assert numbers(r"tyle, ile policzono, czyli (\d+)", html) == [plain["there"]]


def free_in_words(taken: int, waiting: int) -> int | str:
    """What the public label says: a number where it has one, of those who wait before that of the places."""
    words: dict[int, str] = {0: "brak wolnych miejsc, działa lista rezerwowa", 1: "ostatnie miejsce"}
    return waiting or words.get(CAPACITY - taken, CAPACITY - taken)


def compare_door(week: Week, date: int, client: Client) -> None:
    """Figures at the top of the door's page, and its names once the day has come."""
    plain = recount(week, date)
    context, html = page(client, "admin:door", week.dates[date].pk)
    came = plain["came"] - plain["walk_in"]
    expected = {"came": came, "signed_up": plain["confirmed"], "walk_ins": plain["walk_in"], "not_noted": plain["not_noted"]}
    assert {key: numbers(rf'data-count="{key}">(\d+)<', html)[0] for key in expected} == expected
    assert (context["heads"].excused, context["heads"].absent) == (plain["excused"], plain["absent"])
    assert context["heads"].there == plain["there"]
    if not context["refusal"]:
        assert (len(context["seats"]), len(context["waiting"])) == (plain["on_list"], plain["live"] - plain["on_list"])


def compare_report(week: Week, client: Client) -> None:
    """Rows and sums of the turnout report as they stand in the table."""
    context, html = page(client, "report_detail", "zapisy-i-frekwencja")
    keys = [column.key for column in context["columns"]]
    figures = ["people", "confirmed", "held", "waiting", "cancelled", "lapsed", "came", "excused", "absent", "not_noted", "web", "walk_in"]
    plain = [recount(week, date) for date in range(len(week.dates))]
    lines = re.findall(r"<tr>(.*?)</tr>", re.findall(r"<tbody>(.*?)</tbody>", html)[0])
    shown = [dict(zip(keys, re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line), strict=True)) for line in lines]
    assert [{key: int(row[key]) for key in figures} for row in shown] == [{key: row[key] for key in figures} for row in plain]
    assert [row["turnout"] for row in shown] == [share(row) for row in plain]
    reached = [closing_of(week, date) for date in range(len(week.dates))]
    assert [row["heads"] for row in shown] == ["" if number is None else str(number) for number in reached]
    foot = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", re.findall(r"<tfoot>(.*?)</tfoot>", html)[0])
    totals = dict(zip(keys, foot, strict=True))
    assert {key: int(totals[key]) for key in figures} == {key: sum(row[key] for row in plain) for key in figures}
    assert totals["turnout"] == share(sum(plain, Counter()))
    assert totals["heads"] == (str(sum(filter(None, reached))) if any(number is not None for number in reached) else "")


def share(plain: Counter[str]) -> str:
    """Of a hundred who signed up and were noted, those who came, as a Pole writes it."""
    came = plain["came"] - plain["walk_in"]
    noted = came + plain["excused"] + plain["absent"]
    return f"{100 * came / noted:.1f}".replace(".", ",") if noted else ""


def closing_of(week: Week, date: int) -> int | None:
    """The people a closed date reached: as its card says, else as counted."""
    event = fresh(week, date)
    if not hasattr(event, "closing"):
        return None
    return recount(week, date)["there"] if event.closing.heads is None else event.closing.heads


def compare_journey(week: Week, client: Client) -> None:
    """Hours of the module for whoever was present, walk-ins included: each is a person of their own."""
    minutes: Counter[str] = Counter()
    for date in range(len(week.dates)):
        for seat in rows_of(week, date):
            if (
                is_over(week, date)
                and (seat.status, seat.attendance) == ("confirmed", "came")
                and seat.name == seat.registration.person.name
            ):
                minutes[seat.name] += HOURS * 60
    context, html = page(client, "admin:events_certificate_journey", the_project().pk)
    assert {each.name: each.journey.minutes for each in context["page"]} == dict(minutes)
    assert all(name in html for name in minutes)


# --- The week --------------------------------------------------------------------------------------------------------------


def test_every_screen_counts_the_week_alike() -> None:
    with time_machine.travel(moment("mon 10:00"), tick=False) as clock:
        week = Week(clock, an_animator(a_neighbourhood("Ugorek")), an_officer())
        week.make_series()
        monday_all_sign_up(week)
        compare_screens(week)
        tuesday_a_place_goes_on(week)
        compare_screens(week)
        wednesday_one_date_is_called_off(week)
        thursday_somebody_gives_all_dates_back(week)
        friday_at_the_door_and_after(week)
        compare_screens(week)


def monday_all_sign_up(week: Week) -> None:
    for name in WHOLE.split():
        week.sign_up_for_all(name)
        check(week)
    for date, names in SINGLES.items():
        for name in names.split():
            who, _star, number = name.partition("*")
            week.sign_up(who, date, int(number or 1))
            check(week)
    assert len(week.people) == 40
    assert sum(not person.email for person in week.people.values()) == 8
    assert week.stands("p5", 1) == "held verification", "a phone alone is called when the date is nearly full"

    week.at("mon 12:00")
    for name, date in (("n30", 0), ("n28", 5)):
        places.confirm(week.signed[name, date], at=week.now)
        check(week)


def tuesday_a_place_goes_on(week: Week) -> None:
    """A place comes free on Friday: the first in the queue is rung twice in vain, the second is reached."""
    week.at("tue 09:00")
    places.cancel(week.signed["e6", 3], at=week.now)
    check(week)
    assert week.stands("p2", 3) == "held offer"
    for hour, outcome in (("10:00", "no_answer"), ("12:30", "household")):
        week.at(f"tue {hour}")
        week.call("p2", outcome)
        check(week)
    assert (week.stands("p2", 3), week.stands("p3", 3)) == ("lapsed", "held offer")
    week.at("tue 13:00")
    week.call("p3", "reached")
    check(week)
    assert week.stands("p3", 3) == "confirmed"

    week.at("tue 16:00")
    places.cancel(week.signed["e11", 5], at=week.now)
    check(week)
    week.at("tue 16:45")
    week.door(0, "CCCCCCCCCXA-")
    check(week)


def wednesday_one_date_is_called_off(week: Week) -> None:
    """At seven: everybody of the date is told, those without a mailbox by phone, and nobody has two rows."""
    told = [row.registration.person for row in rows_of(week, 1) if row.status in ("confirmed", "held", "waiting")]
    week.at("wed 07:00")
    plans.cancel_event(week.dates[1], "Zalało salę.", actor=week.animator, at=week.now)
    check(week)
    mailed = sorted(message.person.name for message in Message.objects.filter(template="event_cancelled", status="queued"))
    assert mailed == sorted(person.name for person in told if person.email)
    rung = [task for task in CallTask.objects.open() if any(matter.reason == "event_cancelled" for matter in task.matters.open())]
    assert (
        sorted(task.person.name for task in rung) == sorted(person.name for person in told if not person.email) == ["p0", "p1", "p4", "p5"]
    )
    compare_screens(week)

    week.at("wed 08:00")
    reasons = sorted(matter.reason for matter in CallTask.objects.open().get(person=week.people["p4"]).matters.open())
    assert reasons == ["event_cancelled", "registration_offered"], "one call for both"
    for name in ("p4", "p0", "p5"):
        week.call(name, "reached")
        check(week)
    assert week.stands("p4", 5) == "confirmed"

    week.at("wed 11:00")
    week.worker()
    check(week)
    assert [week.stands(*who) for who in (("n29", 5), ("n31", 4), ("e13", 5))] == ["lapsed", "lapsed", "held offer"]
    offers.accept(week.signed["e13", 5], at=week.now)
    check(week)


def thursday_somebody_gives_all_dates_back(week: Week) -> None:
    week.at("thu 09:00")
    series.cancel_rest(week.signed["e5", 3], at=week.now)
    check(week)
    assert [week.stands("e10", 3), week.stands("e27", 6)] == ["held offer", "held offer"]
    week.at("thu 10:00")
    offers.accept(week.signed["e10", 3], at=week.now)
    check(week)
    week.at("thu 16:00")
    # An offer that has run out is no place any more, whether or not the worker has been there.
    compare_screens(week)
    week.worker()
    check(week)
    assert week.stands("e27", 6) == "lapsed"


def friday_at_the_door_and_after(week: Week) -> None:
    week.at("fri 16:45")
    week.door(3, "CCCCCCCCXXA-", walk_ins=["Wanda", "Witold"])
    check(week)
    channel = {HeadCount.Channel.FACE_TO_FACE: 9, HeadCount.Channel.FESTIVAL: 4, HeadCount.Channel.PRINT: 30}
    heads.count_heads(week.dates[3], channel=channel, actor=week.animator, at=week.now)
    check(week)
    compare_screens(week)

    week.at("fri 20:00")
    # One card trusts the counts, the other says another number; Thursday's is still to be written.
    for date, said in ((3, None), (0, 15)):
        closing.close(week.dates[date], closing.Account(heads=said), actor=week.animator, at=week.now)
        check(week)
    assert (closing.heads_of(week.dates[3]), closing.heads_of(week.dates[0])) == (13, 15)
