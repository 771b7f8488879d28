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
