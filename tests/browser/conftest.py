"""A real Chromium for the browser tests: launched once, without network of its own, strict about what pages do."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from tests import chromium

PHONE = 360
# WCAG 2.1 A and AA are the law; best practices of axe are kept, too, as far as they are rules about pages.
# Without preloading: it fetches style sheets again, by addresses that are right only in their own folder.
AXE_OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "preload": False}

# Playwright's loop runs in the test's thread, and Django takes that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder that opens a page is a browser test."""
    for item in items:
        if "tests/browser/" in item.path.as_posix() and {"page", "page_for"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


class Watch:
    """Notes what a page must not do: errors in the console, broken scripts, requests to another origin."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.problems: list[str] = []
        self.expected: list[str] = []

    def expect(self, text: str) -> None:
        """Let a problem pass that carries this text, such as ``status of 404`` on a page that must not exist."""
        self.expected.append(text)

    def over(self, context: BrowserContext) -> None:
        context.on("console", lambda message: message.type == "error" and self.problems.append(f"console: {message.text}"))
        context.on("weberror", lambda failure: self.problems.append(f"script: {failure.error}"))
        context.on("request", lambda request: self._note_origin(request.url))

    def _note_origin(self, url: str) -> None:
        if not url.startswith((f"{self.origin}/", "data:", "blob:", "about:")):
            self.problems.append(f"request to another origin: {url}")

    def unexpected(self) -> list[str]:
        return [problem for problem in self.problems if not any(text in problem for text in self.expected)]


class Underway:
    """Counts the requests the server is at: emptying the tables under one of them would be a deadlock."""

    # A browser that goes may have sent something a moment ago.
    SETTLES, AT_MOST = 0.05, 10.0

    def __init__(self) -> None:
        self.number, self.changed = 0, threading.Condition()

    def begin(self, **_kwargs: Any) -> None:
        with self.changed:
            self.number += 1

    def end(self, **_kwargs: Any) -> None:
        with self.changed:
            self.number -= 1
            self.changed.notify_all()

    def wait(self) -> None:
        """Till the server has answered everybody; a test that leaves it hanging says so."""
        time.sleep(self.SETTLES)
        with self.changed:
            assert self.changed.wait_for(lambda: self.number <= 0, timeout=self.AT_MOST), "a request is still underway"


@pytest.fixture(autouse=True)
def connections_end_with_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that is cut off leaves a thread of the server waiting; a connection kept by it would hold up the end of the database."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)


@pytest.fixture
def underway() -> Iterator[Underway]:
    counting = Underway()
    request_started.connect(counting.begin)
    request_finished.connect(counting.end)
    yield counting
    request_started.disconnect(counting.begin)
    request_finished.disconnect(counting.end)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = chromium.find()
    if path is None:
        pytest.fail("no Chromium: run make chromium", pytrace=False)
    return {**browser_type_launch_args, "executable_path": path, "args": chromium.ARGUMENTS}


@pytest.fixture
def watch(live_server: Any) -> Iterator[Watch]:
    """What the test's pages did; the test fails at its end if that was something they must not do."""
    watching = Watch(live_server.url)
    yield watching
    assert watching.unexpected() == []


@pytest.fixture
def page_for(browser: Browser, live_server: Any, watch: Watch, underway: "Underway") -> Iterator[Callable[..., Page]]:
    """Opens pages as a visitor would have them: ``page_for(javascript=False, width=1280)``; addresses may be relative."""
    contexts: list[BrowserContext] = []

    def open_page(*, javascript: bool = True, width: int = PHONE, height: int = 800, **options: Any) -> Page:
        options = {"locale": "pl-PL", "timezone_id": "Europe/Warsaw", **options}
        context = browser.new_context(
            base_url=live_server.url, java_script_enabled=javascript, viewport={"width": width, "height": height}, **options
        )
        context.set_default_timeout(10_000)
        watch.over(context)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    underway.wait()


@pytest.fixture
def page(page_for: Callable[..., Page]) -> Page:
    """A phone, 360 pixels wide."""
    return page_for()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """The test runs twice: ``page_for(javascript=javascript)``."""
    return request.param


@pytest.fixture
def log_in(live_server: Any) -> Callable[[Page, Any], None]:
    """Makes the page's visitor somebody: ``log_in(page, user)``."""

    def give_session(page: Page, user: Any) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])

    return give_session


@pytest.fixture
def assert_accessible() -> Callable[..., None]:
    """Runs axe in the page and fails with what it found, one line per fault: ``assert_accessible(page)``."""
    return _assert_accessible


def _assert_accessible(page: Page, *, within: str = "html", but_for: tuple[str, ...] = ()) -> None:
    # Evaluated over the debugging protocol: no script tag, so the page's strict CSP stays in force.
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("([within, options]) => axe.run(within, options)", [within, AXE_OPTIONS])
    faults = [
        f"{fault['id']}: {fault['help']} - {node['html'][:200]}"
        for fault in found["violations"]
        if fault["id"] not in but_for
        for node in fault["nodes"]
    ]
    assert faults == [], f"{page.url}\n" + "\n".join(faults)
