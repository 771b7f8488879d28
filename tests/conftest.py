"""What every test stands on."""

import pytest
from django.core.cache import caches
from django.utils import translation

from active_citizens.core.catalogues import compile_catalogues


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    """Texts are translated as in the portal; processes that compile at once do not disturb each other."""
    compile_catalogues()


@pytest.fixture(autouse=True)
def forgotten_counters() -> None:
    """Brakes, kept lists and the language of the last page asked for do not reach the next test."""
    translation.deactivate()
    for cache in caches.all():
        cache.clear()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--print-table", action="store_true", help="write tests/who_may_what.now: what the portal answers to whom")


# Each is one piece of work for a worker, and longer than any other: begun last, it would keep the rest waiting for its end.
LONGEST = frozenset({"test_who_may_what.py"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first; within them, and among the rest, the order stays."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
