"""Many people at once, over HTTP, against real server processes."""

import http.cookiejar
import re
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from events.domain.queue import position
from events.models import Event, Registration
from participants.models import Message
from tests.makers import a_notice, an_event, statuses
from tests.server import portal_server

pytestmark = pytest.mark.django_db(transaction=True)


def sign_up(address: str, event: Event, number: int, *, times: int = 1) -> list[tuple[int, str]]:
    """One visitor with a browser's cookies: opens the form, sends it; (status, text) of every answer."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form_address = f"{address}/wydarzenia/{event.slug}/zapisy/"
    page = browser.open(form_address, timeout=60).read().decode()
    fields = {name: re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)[1] for name in ("csrfmiddlewaretoken", "key")}
    typed = {**fields, "name": f"Osoba {number}", "email": f"osoba{number}@example.org", "phone": "", "home": "", "website": ""}
    answers = []
    for _time in range(times):
        with browser.open(form_address, urllib.parse.urlencode(typed).encode(), timeout=60) as answer:
            answers.append((answer.status, answer.url, answer.read().decode()))
    return answers


def test_thirty_people_for_five_places() -> None:
    event = an_event(capacity=5)
    a_notice()
    with portal_server() as address, ThreadPoolExecutor(30) as crowd:
        answers = [answer for found in crowd.map(lambda number: sign_up(address, event, number), range(30)) for answer in found]

    assert [status for status, _url, _page in answers] == [200] * 30
    assert all("/zapis/" in url for _status, url, _page in answers)
    assert sorted(statuses(event)) == ["held"] * 5 + ["waiting"] * 25
    queue = Registration.objects.filter(seats__status="waiting").order_by("pk")
    assert [position(registration) for registration in queue] == list(range(1, 26))
    held = Registration.objects.filter(seats__status="held")
    assert max(registration.pk for registration in held) < min(registration.pk for registration in queue)
    assert Message.objects.count() == 30


def test_the_same_form_sent_three_times_makes_one_row() -> None:
    event = an_event(capacity=5)
    a_notice()
    with portal_server() as address:
        answers = sign_up(address, event, 1, times=3)
    assert [status for status, _url, _page in answers] == [200] * 3
    assert Registration.objects.count() == Message.objects.count() == 1
