"""``make bench``: how fast the portal is, as ratios against anchor views within one run (machines are noisy).

A real server (one gunicorn process) is asked over HTTP by four connections that stay open; portal and anchor views
take turns, and the median of seven turns counts. Absolute figures stand behind each ratio for whoever is curious.
"""

import http.client
import os
import re
import statistics
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

os.environ.update(
    DJANGO_SETTINGS_MODULE="tests.load.settings", SIGN_UPS_PER_ADDRESS_PER_HOUR="1000000000", PYTHONWARNINGS="ignore::UserWarning"
)
ROUNDS, SECONDS, CONNECTIONS = 7, 0.6, 4

Ask = Callable[[http.client.HTTPConnection], None]


class Visitor:
    """Asks one server; keeps the cookies it was given at the start."""

    def __init__(self, address: str, cookies: str = "") -> None:
        self.host = urlsplit(address).netloc
        self.cookies = cookies

    def get(self, path: str, status: int = 200) -> Ask:
        return lambda line: self._ask(line, "GET", path, None, status)

    def post(self, path: str, typed: Callable[[], dict[str, str]], status: int) -> Ask:
        return lambda line: self._ask(line, "POST", path, urlencode(typed()), status)

    def open_form(self, path: str) -> str:
        """The form's token; its cookie is kept."""
        line = http.client.HTTPConnection(self.host)
        line.request("GET", path)
        answer = line.getresponse()
        jar = SimpleCookie(answer.headers["Set-Cookie"])
        self.cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())
        return re.search(r'csrfmiddlewaretoken"[^>]*value="([^"]+)"', answer.read().decode())[1]

    def _ask(self, line: http.client.HTTPConnection, method: str, path: str, body: str | None, status: int) -> None:
        headers = {"Cookie": self.cookies} if self.cookies else {}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line.request(method, path, body, headers)
        answer = line.getresponse()
        answer.read()
        if answer.status != status:
            raise AssertionError(f"{method} {path} answered {answer.status}")


def rate(host: str, ask: Ask, seconds: float = SECONDS) -> float:
    """Answers a second over a few open connections."""

    def keep_asking(_number: int) -> int:
        line, count = http.client.HTTPConnection(host), 0
        while time.perf_counter() < until:
            ask(line)
            count += 1
        line.close()
        return count

    start = time.perf_counter()
    until = start + seconds
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        total = sum(pool.map(keep_asking, range(CONNECTIONS)))
    return total / (time.perf_counter() - start)


def rates(host: str, works: dict[str, Ask]) -> dict[str, float]:
    """The median rate of each work, in interleaved rounds."""
    seen: dict[str, list[float]] = {name: [] for name in works}
    for ask in works.values():
        rate(host, ask, 0.2)
    for _round in range(ROUNDS):
        for name, ask in works.items():
            seen[name].append(rate(host, ask))
    return {name: statistics.median(values) for name, values in seen.items()}


def show(work: str, ratio: float, least: float, note: str = "") -> None:
    print(f"{'ok ' if ratio >= least else 'LOW'} {work:<62} {ratio:5.2f}  (at least {least})  {note}", flush=True)


def furnish() -> Any:
    """An event list of thirty rows, and one event without a limit to sign up for."""
    from tests import makers

    for number in range(30):
        makers.an_event(in_days=number + 1, capacity=20)
    makers.a_notice()
    return makers.an_event(in_days=40, capacity=None)


def pages(address: str) -> None:
    """Browse pages against the constant page and the plain list."""
    from django.conf import settings
    from django.test import Client

    from tests.makers import a_user

    client = Client()
    client.force_login(a_user())
    name = settings.SESSION_COOKIE_NAME
    anyone, member = Visitor(address), Visitor(address, f"{name}={client.cookies[name].value}")

    def fresh(path: str) -> Ask:
        """The page at an address nobody has asked for, so that no cache knows it."""
        return lambda line: anyone._ask(line, "GET", f"{path}?x={uuid.uuid4()}", None, 200)

    found = rates(
        anyone.host,
        {
            "constant": anyone.get("/anchor/constant/"),
            "plain list": anyone.get("/anchor/list/"),
            "list cached": anyone.get("/wydarzenia/"),
            "list uncached": fresh("/wydarzenia/"),
            "list logged in": member.get("/wydarzenia/"),
            "home cached": anyone.get("/"),
            "home uncached": fresh("/"),
        },
    )
    measured_against = {
        "constant": (0.7, ["list cached", "home cached"]),
        "plain list": (0.5, ["list uncached", "list logged in", "home uncached"]),
    }
    for anchor, (least, works) in measured_against.items():
        for work in works:
            show(f"{work} : {anchor}", found[work] / found[anchor], least, f"{found[work]:.0f} : {found[anchor]:.0f}/s")


def one_sign_up(address: str, event: Any) -> None:
    """One sign-up POST against the view that inserts a row."""
    visitor, path = Visitor(address), f"/wydarzenia/{event.slug}/zapisy/"
    token = visitor.open_form(path)

    def typed() -> dict[str, str]:
        email = f"{uuid.uuid4().hex}@example.org"
        return {"csrfmiddlewaretoken": token, "key": str(uuid.uuid4()), "name": "Zofia", "home": "unknown", "email": email}

    works = {
        "insert": visitor.post("/anchor/insert/", lambda: {"csrfmiddlewaretoken": token, "name": "Zofia"}, 200),
        "sign up": visitor.post(path, typed, 302),
    }
    found = rates(visitor.host, works)
    show("one sign-up POST : insert view", found["sign up"] / found["insert"], 0.3, f"{found['sign up']:.0f} : {found['insert']:.0f}/s")


def rush(address: str) -> None:
    """Two hundred people at once for twenty places: the last answer against the rate of one after the other."""
    from tests.events.test_race import sign_up
    from tests.makers import an_event, statuses

    calm, wanted = an_event(in_days=50, capacity=None), an_event(in_days=51, capacity=20)
    start = time.perf_counter()
    for number in range(40):
        sign_up(address, calm, number)
    single = 40 / (time.perf_counter() - start)
    start = time.perf_counter()
    with ThreadPoolExecutor(200) as crowd:
        answers = [answer for found in crowd.map(lambda number: sign_up(address, wanted, number), range(200)) for answer in found]
    took = time.perf_counter() - start
    if {status for status, _url, _page in answers} != {200} or sorted(statuses(wanted)) != ["held"] * 20 + ["waiting"] * 180:
        raise AssertionError("somebody saw an error, or the places were miscounted")
    show("200 at once for 20 places: allowed time : time taken", 1.5 * 200 / single / took, 1.0, f"{took:.1f} s for the last answer")


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    from tests.server import portal_server

    old_name = connection.settings_dict["NAME"]
    connection.settings_dict.setdefault("TEST", {})["NAME"] = "portal_bench"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        event = furnish()
        with portal_server(workers=1) as address:
            pages(address)
            one_sign_up(address, event)
        with portal_server(workers=2) as address:
            rush(address)
    finally:
        connection.creation.destroy_test_db(old_name, verbosity=0)


if __name__ == "__main__":
    main()
