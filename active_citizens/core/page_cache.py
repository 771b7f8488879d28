"""Whole pages for visitors: kept for a moment in each process, and gone from all of them when something is taken down.

A kept page carries the generation that was known before it was made; it is shown only while that is still the newest.
Upper floors say what a generation is (``generation_is``): a number in the database that grows in the transaction that takes
something down. Whoever keeps pages further out, a browser or a proxy, is told to ask again before showing one.
"""

from collections.abc import Callable
from time import monotonic

from django.http import HttpRequest, HttpResponse
from django.middleware.cache import FetchFromCacheMiddleware, UpdateCacheMiddleware

# A process under load asks the database for the generation so many seconds apart, not with every page it shows.
LOOKS_AFTER = 0.1

_counted_by: list[Callable[[], int]] = []


class Generation:
    """The newest generation a process knows of, and since when."""

    def __init__(self) -> None:
        self.known: int | None = None
        self.looked_at = float("-inf")

    def newest(self) -> int | None:
        """The generation now, at most ``LOOKS_AFTER`` old."""
        now = monotonic()
        if now - self.looked_at >= LOOKS_AFTER:
            self.known = sum(count() for count in _counted_by)
            self.looked_at = now
        return self.known


# One for each process: its threads share what they know.
GENERATION = Generation()


def generation_is(count: Callable[[], int]) -> None:
    """Registers a number that changes with every commit after which kept pages must not be shown."""
    _counted_by.append(count)


class KeepPageMiddleware(UpdateCacheMiddleware):
    """Keeps a page with the generation known before it was made; whoever gets it asks again before showing it twice."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if self._should_update_cache(request, response):
            response.page_generation = getattr(request, "page_generation", None)
            response.asks_again = not response.has_header("Cache-Control")
        response = super().process_response(request, response)
        if getattr(response, "asks_again", False):
            response.headers["Cache-Control"] = "no-cache"
            response.headers.pop("Expires", None)
        return response


class ShowKeptPageMiddleware(FetchFromCacheMiddleware):
    """Shows a kept page while nothing has been taken down since."""

    generation = GENERATION

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        request.page_generation = self.generation.known
        kept = super().process_request(request)
        if kept is None or getattr(kept, "page_generation", None) == self.generation.newest():
            return kept
        request._cache_update_cache = True
        request.page_generation = self.generation.known
        return None
