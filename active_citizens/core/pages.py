"""Pages of long lists."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator


class AheadPaginator(Paginator):
    """A paginator that looks one row ahead instead of counting them all: what a page costs does not grow with the list.

    How many there are is known only where a page is the last one.
    """

    def get_page(self, number: Any) -> Page:
        """The page; the first one for a number that is none, or that lies behind the end."""
        wanted = int(number) if str(number).isdecimal() and 0 < int(number) < 100_000 else 1
        page = self._page(wanted)
        return page if page.object_list or wanted == 1 else self._page(1)

    def _page(self, number: int) -> Page:
        start = (number - 1) * self.per_page
        rows = list(self.object_list[start : start + self.per_page + 1])
        return _AheadPage(rows[: self.per_page], number, self, has_more=len(rows) > self.per_page)


class _AheadPage(Page):
    def __init__(self, rows: Sequence[Any], number: int, paginator: Paginator, *, has_more: bool) -> None:
        super().__init__(rows, number, paginator)
        self.has_more = has_more

    def has_next(self) -> bool:
        return self.has_more

    def next_page_number(self) -> int:
        return self.number + 1

    def previous_page_number(self) -> int:
        return self.number - 1

    @property
    def total(self) -> int | None:
        """How many rows there are in all, where this page shows it; else None."""
        return None if self.has_more else (self.number - 1) * self.paginator.per_page + len(self.object_list)
