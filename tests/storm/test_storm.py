"""Two hundred people at once for forty places, with everything else that may happen at the same time.

Real server processes over HTTP, a real worker, a PostgreSQL of the storm's own. Then the same again with the worker
killed and the database restarted under everybody's feet. What is proved is read from the history in the database.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest

from tests.storm import history, mail
from tests.storm.portal import Line, Portal, a_portal, until
from tests.storm.visitors import Browser, Diary, Event, Resident, Stirrer

CAPACITY = 40
# design.md section 10: the last answer within this many times what one after the other would take.
FACTOR = 1.5
LEAST_SENT_BETWEEN_KILLS = 6


@pytest.fixture(scope="module")
def estate() -> Iterator["Estate"]:
    with a_portal() as (portal, address, furniture):
        yield Estate(portal, address, furniture)


class Estate:
    """The furnished portal, and who comes to it."""

    def __init__(self, portal: Portal, address: str, furniture: dict[str, Any]) -> None:
        self.portal, self.address, self.session = portal, address, furniture["session"]
        self.events = {name: Event(**event) for name, event in furniture["events"].items()}
        self.line = portal.line()

    def one_by_one(self, count: int, first: int) -> float:
        """Requests a second when one resident comes after the other."""
        diary, start = Diary(), time.monotonic()
        for number in range(first, first + count):
            Resident(Browser(self.address, diary), self.line, self.events["calm"], "calm", number).live_through()
        return diary.requests / (time.monotonic() - start)


class Storm:
    """One storm over three events: residents, and around them whoever stirs until the residents are through."""

    def __init__(self, estate: Estate, name: str, *, stubborn: bool = False) -> None:
        self.estate, self.name, self.stubborn = estate, name, stubborn
        self.main, self.offers, self.lottery = (estate.events[f"{name}{kind}"] for kind in ("", " offers", " lottery"))
        self.diary, self.over = Diary(), threading.Event()
        self.line, self.watching = estate.portal.line(), estate.portal.line()
        self.most_seen, self.samples = 0, 0
        self.last_answer = 0.0

    def resident(self, event: Event, kind: str, number: int, pause: float = 0) -> None:
        time.sleep(pause)
        browser = Browser(self.estate.address, self.diary, stubborn=self.stubborn)
        Resident(browser, self.line, event, f"{self.name}{kind}", number).live_through()

    def stirrer(self, seed: str, *, staff: bool = False) -> Stirrer:
        cookies = {"portal_session": self.estate.session} if staff else None
        return Stirrer(Browser(self.estate.address, self.diary, stubborn=self.stubborn, cookies=cookies), self.line, self.over, seed)

    def stirrers(self) -> list[Callable[[], None]]:
        return [
            lambda: self.stirrer("back").give_places_back(self.main),
            lambda: self.stirrer("lapse").let_holds_end(self.main),
            lambda: self.stirrer("offers").answer_offers(self.offers),
            lambda: self.stirrer("draw").draw(self.lottery),
            lambda: self.stirrer("drawn").give_places_back(self.lottery),
            lambda: self.stirrer("places", staff=True).change_places(self.main),
            lambda: self.stirrer("phone", staff=True).add_by_hand(self.main),
            self.watch,
        ]

    def watch(self) -> None:
        """Count heads with a place again and again, from a connection of one's own."""
        while not self.over.is_set():
            taken = self.watching.one(
                """SELECT count(*) FROM events_seat WHERE event_id = %s AND NOT extra
                   AND (status = 'confirmed' OR status = 'held' AND held_until > now())""",
                [self.main.pk],
            )
            self.most_seen, self.samples = max(self.most_seen, taken), self.samples + 1
            time.sleep(0.03)

    def blow(self, residents: int, beside: int, *stirring: Callable[[], None]) -> None:
        """Let everybody loose at once, and wait till all have their answers."""
        start = time.monotonic()
        luck = random.Random(self.name)
        with ThreadPoolExecutor(residents + 2 * beside + 12) as crowd:
            people = [crowd.submit(self.resident, self.main, "", number) for number in range(residents)]
            for number in range(beside):
                people.append(crowd.submit(self.resident, self.offers, " offers", number))
                # Some come in time for the draw, some while it is held, some later: they wait behind the drawn.
                people.append(crowd.submit(self.resident, self.lottery, " lottery", number, luck.choice([0, 0, 3, 8])))
            others = [crowd.submit(work) for work in (*self.stirrers(), *stirring)]
            wait(people)
            self.last_answer = time.monotonic() - start
            self.over.set()
        for done in (*people, *others):
            done.result()
        self.line.close()
        self.watching.close()


def the_history_is_right(storm: Storm) -> None:
    """Never too many, nobody overtaken, no place idle; the draw recomputed."""
    line = storm.estate.line
    main = history.replay(line, storm.main.pk, CAPACITY)
    assert main.wrongs == []
    assert main.most <= CAPACITY
    assert storm.samples > 20
    assert storm.most_seen <= CAPACITY
    assert line.one("SELECT capacity FROM events_event WHERE id = %s", [storm.main.pk]) == CAPACITY
    assert history.idle_places(main, CAPACITY) == 0
    # All of it did happen.
    assert {"signed_up", "full", "verified", "next_in_order", "own_wish", "over_capacity", "hold_ended"} <= set(main.why)
    done = Counter(what for what, _about in storm.diary.acknowledged)
    assert {"signed up", "entered", "confirm", "cancel", "added", "removed"} <= set(done)
    extra = [seat for seat in main.seats.values() if seat.extra]
    assert {seat.registration for seat in extra} == {extra[0].registration}

    offers = history.replay(line, storm.offers.pk, 5)
    assert offers.wrongs == []
    assert {"offered", "accepted", "declined"} <= set(offers.why)
    assert history.idle_places(offers, 5) == 0

    lottery = history.replay(line, storm.lottery.pk, 8)
    assert lottery.wrongs == []
    assert {"in_draw", "drawn"} <= set(lottery.why)
    assert history.idle_places(lottery, 8) == 0
    assert history.check_draw(line, storm.lottery.pk) > 0


def what_was_acknowledged_is_there(storm: Storm) -> None:
    line, diary = storm.estate.line, storm.diary
    for key, event, heads in (*diary.of("signed up"), *diary.of("entered")):
        asked = "SELECT r.id, r.event_id, count(*) FROM events_registration r JOIN events_seat s ON s.registration_id = r.id"
        ((registration, at, seats),) = line.rows(f"{asked} WHERE r.key = %s AND s.group = 1 GROUP BY r.id", [key])
        assert (at, seats) == (event, heads)
        told = line.one("SELECT count(*) FROM participants_message WHERE context->>'registration' = %s", [str(registration)])
        by_phone = line.one(
            "SELECT p.email = '' FROM participants_person p JOIN events_registration r ON p.id = person_id WHERE r.id = %s", [registration]
        )
        assert told or by_phone
    for registration in diary.of("cancel"):
        # Whoever lapsed meanwhile has nothing to give back, and may come back by the link later.
        why = "SELECT why FROM events_seatmove m JOIN events_seat s ON s.id = seat_id WHERE registration_id = %s"
        live = "SELECT count(*) FROM events_seat WHERE registration_id = %s AND status IN ('waiting', 'held', 'confirmed')"
        assert {"own_wish", "hold_ended"} & {row[0] for row in line.rows(why, [registration])} or not line.one(live, [registration])
    for registration in (*diary.of("confirm"), *diary.of("accept")):
        asked = "SELECT verified_at FROM participants_person p JOIN events_registration r ON p.id = person_id WHERE r.id = %s"
        assert line.one(asked, [registration])
    for key in diary.of("added"):
        assert line.one("SELECT count(*) FROM events_seat WHERE key = %s", [key]) == 1
    for seat in diary.of("removed"):
        assert line.one("SELECT status FROM events_seat WHERE id = %s", [seat]) in ("cancelled", "lapsed")


def unsent(line: Line) -> int:
    return line.one("SELECT count(*) FROM participants_message WHERE status = 'sending' OR status = 'queued' AND due_at <= now()")


def hurry(line: Line) -> None:
    """Morning has come, and with it whatever waited for it; back-offs are over as well."""
    line.rows("UPDATE participants_message SET due_at = now() WHERE status = 'queued'")


def every_message_went_out_once(estate: Estate) -> dict[str, int]:
    """Sent means one mail, "check" none or one, dropped none; nothing is left over, and no mail without its row."""
    rows = estate.line.rows("SELECT id, status FROM participants_message")
    mails = mail.sent(estate.portal.mails)
    allowed = {"sent": {1}, "check": {0, 1}, "dropped": {0}}
    wrong = [(pk, status, mails[pk]) for pk, status in rows if mails[pk] not in allowed.get(status, set())]
    assert wrong == []
    assert set(mails) <= {pk for pk, _status in rows}
    return {status: sum(state == status for _pk, state in rows) for status in allowed}


def test_two_hundred_for_forty_places(estate: Estate) -> None:
    estate.portal.start_worker()
    estate.one_by_one(8, first=0)  # so that everything is loaded
    before = estate.one_by_one(10, first=10)
    storm = Storm(estate, "wild")
    storm.blow(200, 15)
    after = estate.one_by_one(10, first=20)

    allowed = FACTOR * storm.diary.requests / min(before, after)
    print(
        f"{storm.diary.requests} requests, the last answer after {storm.last_answer:.1f} s ({allowed:.1f} s allowed); "
        f"one by one {before:.0f}/s before, {after:.0f}/s after; the longest took {storm.diary.longest:.1f} s"
    )
    assert {status for status in storm.diary.answers if status not in (200, 302, 409)} == set()
    assert len({key for key, event, _heads in storm.diary.of("signed up") if event == storm.main.pk}) >= 200
    assert storm.last_answer <= allowed
    drawn = "SELECT count(*) FROM events_event WHERE id = %s AND drawn_at IS NOT NULL"
    assert until(lambda: estate.line.one(drawn, [storm.lottery.pk]), 60)
    the_history_is_right(storm)
    what_was_acknowledged_is_there(storm)
    assert estate.line.one("SELECT deadlocks FROM pg_stat_database WHERE datname = 'portal'") == 0

    hurry(estate.line)
    assert until(lambda: unsent(estate.line) == 0, 90)
    assert estate.portal.stop_worker() == 0
    found = every_message_went_out_once(estate)
    assert found["check"] == 0
    assert found["sent"] > 200
    for name in ("web", "worker"):
        assert "Traceback" not in estate.portal.said(name)


def test_worker_killed_and_database_restarted_in_the_middle(estate: Estate) -> None:
    """Whoever gets no answer sends the same form again; nothing acknowledged is lost, no mail goes out twice."""
    portal = estate.portal
    storm = Storm(estate, "rough", stubborn=True)
    portal.start_worker()

    def kill_the_worker() -> None:
        """Again and again, whatever it is doing."""
        while not storm.over.is_set():
            so_far = mail.sent(portal.mails).total()
            until(lambda: mail.sent(portal.mails).total() >= so_far + LEAST_SENT_BETWEEN_KILLS or storm.over.is_set(), 60)  # noqa: B023
            portal.kill_worker()
            portal.start_worker()

    def restart_the_database() -> None:
        for share, mode in ((0.3, "fast"), (0.7, "immediate")):
            until(lambda: len(storm.diary.of("signed up")) >= share * 80 or storm.over.is_set(), 120)  # noqa: B023
            portal.restart_database(mode)

    storm.blow(80, 10, kill_the_worker, restart_the_database)
    print(f"{storm.diary.requests} requests, troubles {dict(storm.diary.troubles)}, the worker died {portal.deaths} times")
    portal.kill_worker()
    assert portal.deaths >= 2
    # Whoever was in the middle of something is told to come back; nobody meets a fault.
    assert not {what for what in storm.diary.troubles if what.isdigit()} - {"503"}
    assert len({key for key, event, _heads in storm.diary.of("signed up") if event == storm.main.pk}) >= 80

    # Five minutes later another worker looks after what the dead ones left.
    hurry(estate.line)
    estate.line.rows("UPDATE participants_message SET claimed_at = claimed_at - interval '6 minutes' WHERE status = 'sending'")
    portal.run("manage.py", "worker", "--once")
    assert unsent(estate.line) == 0
    the_history_is_right(storm)
    what_was_acknowledged_is_there(storm)
    found = every_message_went_out_once(estate)
    print(found)
    assert found["check"] <= portal.deaths + 2
