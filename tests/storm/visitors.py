"""Who comes in the storm: residents, an animator who adds by hand, another who changes the number of places.

Everything goes over HTTP, as a browser would send it: a page is opened, its form is sent. What the portal said yes to is
noted as acknowledged, and is looked for afterwards.
"""

import http.client
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core import signing

from tests.storm.portal import Line

PATIENCE = 90
MOST_TURNS = 500
LEAST_IN_DRAW = 4
REGISTRATIONS = signing.Signer(salt="events.registration")


@dataclass
class Diary:
    """What was asked, answered and acknowledged; shared by all visitors."""

    answers: Counter[int] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    # (what, about what): "signed up" key and heads, "cancelled" registration, "added" key, "removed" seat, …
    acknowledged: list[tuple[str, Any]] = field(default_factory=list)
    longest: float = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: int, took: float) -> None:
        with self._lock:
            self.answers[status] += 1
            self.longest = max(self.longest, took)

    def trouble(self, what: str) -> None:
        with self._lock:
            self.troubles[what] += 1

    def acknowledge(self, what: str, about: Any) -> None:
        with self._lock:
            self.acknowledged.append((what, about))

    def of(self, what: str) -> list[Any]:
        return [about for said, about in self.acknowledged if said == what]

    @property
    def requests(self) -> int:
        return sum(self.answers.values())


@dataclass
class Answer:
    status: int
    location: str
    page: str

    @property
    def is_yes(self) -> bool:
        return self.status == 302


class Browser:
    """Keeps cookies; with ``stubborn`` it sends the same form again when the portal broke down meanwhile, as people do."""

    def __init__(self, address: str, diary: Diary, *, stubborn: bool = False, cookies: dict[str, str] | None = None) -> None:
        self.host, self.diary, self.stubborn, self.cookies = urlsplit(address).netloc, diary, stubborn, dict(cookies or {})

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, typed: dict[str, Any]) -> Answer:
        return self._ask("POST", path, urlencode({"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **typed}))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        gives_up = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self._once(method, path, body)
            except (OSError, http.client.HTTPException) as broken:
                self.diary.trouble(type(broken).__name__)
                if not self.stubborn or time.monotonic() > gives_up:
                    raise
            else:
                if answer.status < 500 or not self.stubborn or time.monotonic() > gives_up:
                    return answer
                self.diary.trouble(str(answer.status))
            time.sleep(0.3)

    def _once(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "Connection": "close"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        start = time.monotonic()
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            page = answer.read().decode()
        finally:
            line.close()
        self.diary.note(answer.status, time.monotonic() - start)
        for header in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        return Answer(answer.status, answer.headers.get("Location", ""), page)


def key_in(page: str, name: str = "key") -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)
    assert found, f"the page has no field {name}"
    return found[1]


@dataclass
class Event:
    pk: int
    slug: str

    @property
    def form(self) -> str:
        return f"/wydarzenia/{self.slug}/zapisy/"


class Resident:
    """One contact with a party of 1 to 5; the number decides what they do, so that a storm can be repeated."""

    def __init__(self, browser: Browser, line: Line, event: Event, name: str, number: int) -> None:
        self.browser, self.line, self.event, self.number = browser, line, event, number
        self.luck = random.Random(f"{name}{number}")
        self.email = f"{name.replace(' ', '-')}-{number}@example.org"
        self.phone = f"+48 600 {number // 1000:03} {number % 1000:03}"
        self.heads = 1 + number % 5
        self.key = ""

    def sign_up(self, *, by_phone: bool = False, times: int = 1) -> Answer:
        page = self.browser.get(self.event.form)
        if 'name="key"' not in page.page:
            return page  # places are about to be drawn: sign-up is closed at the moment
        self.key = key_in(page.page)
        coming = self.number % 3 != 0 or self.heads == 1
        others = self.heads - coming
        typed: dict[str, Any] = {
            "key": self.key, "name": f"Osoba {self.number}", "home": "", "website": "", "party": "1",
            "email": "" if by_phone else self.email, "phone": self.phone if by_phone else "",
            "together": "no" if self.number % 4 == 0 else "yes", **({"coming": "on"} if coming else {}),
        }  # fmt: skip
        for row in range(1, others + 1):
            typed |= {f"other_name_{row}": f"Dziecko {row} Osoby {self.number}", f"other_age_{row}": self.luck.choice(["", "13_15"])}
        for _time in range(times):
            answer = self.browser.post(self.event.form, typed)
        if answer.is_yes:
            self.browser.diary.acknowledge("signed up", (self.key, self.event.pk, self.heads))
            if self.number % 4 == 0:
                assert self.browser.get(answer.location).status == 200
        return answer

    # --- Behind the mailed link -------------------------------------------------------------------------------------

    def registration(self) -> int:
        return self.line.one("SELECT id FROM events_registration WHERE key = %s", [self.key])

    def confirm(self) -> None:
        self._act("confirm", self.registration())

    def cancel(self) -> None:
        self._act("cancel", self.registration())

    def _act(self, act: str, registration: int) -> None:
        act_by_link(self.browser, registration, act)

    def add_one(self) -> None:
        registration = self.registration()
        path = f"/moje-zapisy/{REGISTRATIONS.sign(str(registration))}/osoby/"
        page = self.browser.get(path).page
        if 'name="add-key"' not in page:
            return
        key = key_in(page, "add-key")
        typed = {"act": "add", "add-name": f"Babcia Osoby {self.number}", "add-age": "", "add-website": "", "add-key": key}
        if self.browser.post(path, typed).is_yes:
            self.browser.diary.acknowledge("added", key)

    def take_one_out(self) -> None:
        registration = self.registration()
        path = f"/moje-zapisy/{REGISTRATIONS.sign(str(registration))}/osoby/"
        found = re.findall(r'value="remove:(\d+)"', self.browser.get(path).page)
        if found and self.browser.post(path, {"act": f"remove:{found[-1]}"}).is_yes:
            self.browser.diary.acknowledge("removed", int(found[-1]))

    def live_through(self) -> None:
        """Sign up, and then what one in ten does: nothing yet, confirm, change one's mind or the party, press twice, ring."""
        fate = self.number % 10
        answer = self.sign_up(by_phone=fate == 9, times=2 if fate == 8 else 1)
        if not answer.is_yes or fate in (0, 1, 8, 9):
            return
        if fate != 5:
            self.confirm()
        if fate in (4, 5):
            self.cancel()
        elif fate == 6:
            self.add_one()
        elif fate == 7:
            self.take_one_out()


def act_by_link(browser: Browser, registration: int, act: str) -> Answer:
    path = f"/moje-zapisy/{REGISTRATIONS.sign(str(registration))}/"
    shown = browser.get(path)
    if f'value="{act}"' not in shown.page:
        return shown  # somebody else was faster: there is no such button any more, perhaps no form and no token at all
    answer = browser.post(path, {"act": act})
    if answer.is_yes:
        browser.diary.acknowledge(act, registration)
    return answer


# --- Those who stir ---------------------------------------------------------------------------------------------------------


class Stirrer:
    """Does something again and again until the residents are through, and at least so many times."""

    def __init__(self, browser: Browser, line: Line, over: threading.Event, seed: str) -> None:
        self.browser, self.line, self.over, self.luck = browser, line, over, random.Random(seed)

    def turns(self, pause: float, least: int = 0, enough: Callable[[], bool] = lambda: True) -> Iterator[int]:
        for turn in range(MOST_TURNS):
            if self.over.wait(pause) and turn >= least and enough():
                return
            yield turn

    def with_places(self, event: Event) -> list[tuple[int, str]]:
        """Registrations that have places and what those wait for, the offered first."""
        asked = "SELECT DISTINCT registration_id, held_for FROM events_seat WHERE event_id = %s AND status IN ('held', 'confirmed')"
        return sorted(self.line.rows(asked, [event.pk]), key=lambda row: (row[1] != "offer", row[0]))

    def give_places_back(self, event: Event) -> None:
        """Somebody with a place cancels by the mailed link, so that the queue moves."""
        for _turn in self.turns(0.15, least=3):
            found = self.with_places(event)
            if len(found) > 2:
                act_by_link(self.browser, self.luck.choice(found)[0], "cancel")

    def answer_offers(self, event: Event) -> None:
        """Whoever is offered a place says no, yes, no, …; when nobody is, somebody gives a place back."""
        told = "SELECT count(DISTINCT why) FROM events_seatmove m JOIN events_seat s ON s.id = seat_id WHERE event_id = %s AND why IN %s"
        answered = 0
        for _turn in self.turns(0.1, enough=lambda: self.line.one(told, [event.pk, ("accepted", "declined")]) == 2):
            asked = self.with_places(event)
            offered = [registration for registration, waits_for in asked if waits_for == "offer"]
            # An offer to somebody with a phone only has no buttons: then another place is given back, and the next is asked.
            if offered and act_by_link(self.browser, self.luck.choice(offered), "accept" if answered % 2 else "decline").is_yes:
                answered += 1
            elif asked:
                act_by_link(self.browser, self.luck.choice(asked)[0], "cancel")

    def draw(self, event: Event) -> None:
        """The hour of the draw comes once a few people have signed up; the worker draws."""
        for _turn in self.turns(0.1):
            if self.line.one("SELECT count(*) FROM events_registration WHERE event_id = %s", [event.pk]) >= LEAST_IN_DRAW:
                break
        self.line.rows("UPDATE events_event SET draw_at = now() WHERE id = %s", [event.pk])

    def let_holds_end(self, event: Event) -> None:
        """The two days of somebody's hold are over; a while later they do click the link."""
        for _turn in self.turns(0.7):
            found = self.line.rows(
                """WITH locked AS (SELECT id FROM events_event WHERE id = %s FOR NO KEY UPDATE),
                   chosen AS (SELECT registration_id FROM events_seat JOIN locked ON locked.id = event_id WHERE status = 'held' LIMIT 1)
                   UPDATE events_seat SET held_until = now() WHERE status = 'held' AND registration_id IN (SELECT * FROM chosen)
                   RETURNING registration_id""",
                [event.pk],
            )
            if found and not self.over.wait(0.3):
                act_by_link(self.browser, found[0][0], "confirm")

    def change_places(self, event: Event) -> None:
        """An animator wavers between 36 and 40 places, and ends with 40."""
        path = f"/panel/events/event/{event.pk}/places/"
        for _turn in self.turns(0.2, least=2):
            self.browser.get(path)
            self.browser.post(path, {"capacity": self.luck.randint(36, 39)})
        self.browser.get(path)
        assert self.browser.post(path, {"capacity": 40}).is_yes

    def add_by_hand(self, event: Event) -> None:
        """An animator at the phone: one party after the other, the third beyond the number of places."""
        path = f"/panel/events/event/{event.pk}/sign-up/"
        for number in self.turns(0.25, least=4):
            key, heads = key_in(self.browser.get(path).page), 1 + number % 3
            typed = {
                "name": f"Sąsiadka {number}", "who": "new", "notice_read": "on", "phone": f"+48 700 000 {number:03}",
                "channel": "phone", "home": "", "key": key,
                "others": "\n".join(f"Wnuczka {other}, 9" for other in range(1, heads)), "beyond": "wózek, umówione" if number == 2 else "",
            }  # fmt: skip
            answer = self.browser.post(path, typed)
            if answer.is_yes:
                self.browser.diary.acknowledge("entered", (key, event.pk, heads))
                self.browser.get(answer.location)
