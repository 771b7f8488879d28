"""What rarely changes and is asked for with every request: kept as long as a page is, in each process."""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.core.cache import caches

Value = TypeVar("Value")


def kept(key: str, make: Callable[[], Value]) -> Value:
    """The value under ``key``, made anew when it is older than a page may be (PAGE_CACHE_SECONDS)."""
    pages = caches["pages"]
    found = pages.get(key)
    if found is None:
        found = make()
        pages.set(key, found, settings.CACHE_MIDDLEWARE_SECONDS)
    return found
