"""What every test stands on."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.core.signals import request_finished
from django.db import close_old_connections, connection
from django.http import HttpResponseBase
from django.test import Client
from django.utils import translation

from active_citizens.core.catalogues import compile_catalogues


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    """Texts are translated as in the portal; processes that compile at once do not disturb each other."""
    compile_catalogues()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """At the end nobody is left in the database that goes: a thread may still wait for a browser that was cut off."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def forgotten_counters() -> None:
    """Brakes, kept lists and the language of the last page asked for do not reach the next test."""
    translation.deactivate()
    for cache in caches.all():
        cache.clear()


@pytest.fixture(autouse=True)
def closed_answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files are closed after each test as a server closes them after each answer, whether anybody read them to their end or not."""
    files: list[HttpResponseBase] = []
    ask = Client.request

    def request(self: Client, **how: Any) -> HttpResponseBase:
        answer = ask(self, **how)
        if answer.streaming:
            files.append(answer)
        return answer

    monkeypatch.setattr(Client, "request", request)
    yield
    # The end of an answer lets go of the database, too, which the tests keep: as in Django's own client.
    request_finished.disconnect(close_old_connections)
    for answer in files:
        if not answer.closed:
            answer.close()
    request_finished.connect(close_old_connections)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--print-table", action="store_true", help="write tests/who_may_what.now: what the portal answers to whom")


# Each is one piece of work for a worker, and longer than any other: begun last, it would keep the rest waiting for its end.
LONGEST = frozenset({"test_who_may_what.py"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first; within them, and among the rest, the order stays."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
