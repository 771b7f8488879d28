"""``make bench``: how fast the portal is, as ratios against anchor views within one run (machines are noisy).

Requests go through the whole WSGI stack in this process, so that the load's own cost does not count; the rush of two
hundred people goes over HTTP to real server processes.
"""

import os
import re
import statistics
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
ROUNDS = 7


class Stack:
    """The portal's WSGI application, asked as a server asks it."""

    def __init__(self) -> None:
        from django.core.wsgi import get_wsgi_application

        self.application = get_wsgi_application()
        self.cookies = ""

    def ask(self, path: str, body: dict[str, str] | None = None, cookies: str = "") -> tuple[int, bytes]:
        payload = urlencode(body).encode() if body else b""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST" if body else "GET",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "HTTP_COOKIE": cookies,
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(payload)),
            "wsgi.input": BytesIO(payload),
            "wsgi.url_scheme": "http",
            "wsgi.errors": BytesIO(),
        }
        answered: dict[str, Any] = {}
        chunks = self.application(environ, lambda status, headers, *_rest: answered.update(status=status, headers=headers))
        content = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        jar = SimpleCookie()
        for name, value in answered["headers"]:
            if name.lower() == "set-cookie":
                jar.load(value)
        self.cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())
        return int(answered["status"].split()[0]), content


def rates(works: dict[str, Callable[[], object]], seconds: float = 0.4) -> dict[str, float]:
    """Times a second for each work: interleaved rounds, the median of seven."""
    seen: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _round in range(ROUNDS):
        for name, work in works.items():
            count, start = 0, time.perf_counter()
            while time.perf_counter() - start < seconds:
                work()
                count += 1
            seen[name].append(count / (time.perf_counter() - start))
    return {name: statistics.median(values) for name, values in seen.items()}


def show(work: str, ratio: float, least: float, note: str = "") -> None:
    print(f"{'ok  ' if ratio >= least else 'LOW '} {work:<58} {ratio:6.2f}  (at least {least})  {note}", flush=True)


def furnish() -> Any:
    """An event list of thirty rows, an account, and one event without a limit to sign up for."""
    from django.db import connection

    from tests import makers

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_rows (id bigserial PRIMARY KEY, name text)")
    for _number in range(30):
        makers.an_organisation()
    for number in range(30):
        makers.an_event(in_days=number + 1, capacity=20)
    makers.a_notice()
    return makers.an_event(in_days=40, capacity=None)


def pages(stack: Stack) -> None:
    """Browse pages against the constant page and the plain list."""
    from django.conf import settings
    from django.test import Client

    from tests.makers import a_user

    client = Client()
    client.force_login(a_user())
    session = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    found = rates({
        "constant": lambda: stack.ask("/anchor/constant/"),
        "list, cached": lambda: stack.ask("/wydarzenia/"),
        "plain list": lambda: stack.ask("/anchor/list/"),
        "list, uncached": lambda: stack.ask(f"/wydarzenia/?x={uuid.uuid4()}"),
        "list, logged in": lambda: stack.ask("/wydarzenia/", cookies=session),
        "home, uncached": lambda: stack.ask(f"/?x={uuid.uuid4()}"),
    })  # fmt: skip
    show("event list, cached, against the constant page", found["list, cached"] / found["constant"], 0.7, f"{found['list, cached']:.0f}/s")
    for name in ("list, uncached", "list, logged in", "home, uncached"):
        show(f"event {name}, against the plain list" if "home" not in name else "home, uncached, against the plain list",
             found[name] / found["plain list"], 0.5, f"{found[name]:.0f}/s")  # fmt: skip


def one_sign_up(stack: Stack, event: Any) -> None:
    """One sign-up POST against the view that inserts a row."""
    address = f"/wydarzenia/{event.slug}/zapisy/"
    _status, page = stack.ask(address)
    cookies = stack.cookies
    token = re.search(rb'csrfmiddlewaretoken"[^>]*value="([^"]+)"', page)[1].decode()

    def sign_up() -> None:
        typed = {
            "csrfmiddlewaretoken": token,
            "key": str(uuid.uuid4()),
            "name": "Zofia",
            "email": f"{uuid.uuid4().hex}@example.org",
            "home": "unknown",
        }
        status, _page = stack.ask(address, typed, cookies)
        assert status == 302, status

    def insert() -> None:
        status, _page = stack.ask("/anchor/insert/", {"csrfmiddlewaretoken": token}, cookies)
        assert status == 200, status

    found = rates({"insert": insert, "sign up": sign_up})
    show("one sign-up POST, against the insert view", found["sign up"] / found["insert"], 0.3, f"{found['sign up']:.0f}/s")


def rush() -> None:
    """Two hundred people at once for twenty places: the last answer against the rate of one after the other."""
    from tests.events.test_race import sign_up
    from tests.makers import an_event, statuses
    from tests.server import portal_server

    calm, wanted = an_event(in_days=50, capacity=None), an_event(in_days=51, capacity=20)
    with portal_server() as address:
        start = time.perf_counter()
        for number in range(40):
            sign_up(address, calm, number)
        single = 40 / (time.perf_counter() - start)
        start = time.perf_counter()
        with ThreadPoolExecutor(200) as crowd:
            answers = [answer for found in crowd.map(lambda number: sign_up(address, wanted, number), range(200)) for answer in found]
        took = time.perf_counter() - start
    assert {status for status, _url, _page in answers} == {200}, "somebody saw an error"
    assert sorted(statuses(wanted)) == ["held"] * 20 + ["waiting"] * 180
    show(
        "200 at once for 20 places: 1.5 × 200 ÷ single rate ÷ time",
        1.5 * 200 / single / took,
        1.0,
        f"{took:.1f} s, 20 held, 180 in the queue",
    )


def main() -> None:
    import django
    from django.conf import settings

    django.setup()
    settings.ROOT_URLCONF = "tests.load.anchors"
    settings.CACHES["pages"]["BACKEND"] = "django.core.cache.backends.locmem.LocMemCache"
    settings.SIGN_UPS_PER_ADDRESS_PER_HOUR = 10**9
    from django.db import connection

    old_name = connection.settings_dict["NAME"]
    connection.settings_dict.setdefault("TEST", {})["NAME"] = "portal_bench"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        stack = Stack()
        event = furnish()
        pages(stack)
        one_sign_up(stack, event)
        rush()
    finally:
        connection.creation.destroy_test_db(old_name, verbosity=0)


if __name__ == "__main__":
    main()
