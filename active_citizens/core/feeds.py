"""Atom feeds: what one holds, in the language of its address, for programs that come back to ask; and text that any reader takes."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.views.decorators.http import condition

LENGTH = 50


@dataclass(frozen=True)
class Entry:
    """One thing a feed tells. ``name`` and ``made_at`` never change; a line is text and its language, "" for that of the feed."""

    name: str
    made_at: datetime
    at: datetime
    title: str
    path: str
    lines: tuple[tuple[str, str], ...] = ()
    lang: str = ""


@dataclass(frozen=True)
class Sheet:
    """What one feed says, read once: for its mark and for its text. ``page`` and ``path`` lead to its page and to itself."""

    title: str
    subtitle: str
    author: str
    page: str
    path: str
    entries: tuple[Entry, ...]


def newest(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The last changes, the newest first."""
    return tuple(sorted(entries, key=lambda entry: (entry.at, entry.name), reverse=True)[:LENGTH])


def spoken_in(row: Model, name: str) -> str:
    """The language of a translated text where it is not the active one but the programme's own, which stands in for it; else ""."""
    language = get_language() or settings.LANGUAGE_CODE
    return "" if getattr(row, f"{name}_{language}") else settings.LANGUAGE_CODE


def answer(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """The feed, or 304 to whoever has it already; by what it says, for what was taken down makes no day newer."""
    etag = f'"{sha1(repr((get_language(), sheet)).encode(), usedforsecurity=False).hexdigest()}"'
    unless_known = condition(etag_func=lambda *_args: etag)
    return unless_known(lambda *_args: SheetFeed()(request, sheet))(request)


class _Atom(Atom1Feed):
    """Says of an entry in which language it is, where it is not the feed's."""

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {**super().item_attributes(item), **({"xml:lang": item["lang"]} if item["lang"] else {})}


class SheetFeed(Feed):
    """A sheet as a file."""

    feed_type = _Atom

    def get_object(self, request: HttpRequest, sheet: Sheet) -> Sheet:
        return sheet

    def title(self, sheet: Sheet) -> str:
        return printable(sheet.title)

    def subtitle(self, sheet: Sheet) -> str:
        return printable(sheet.subtitle)

    def author_name(self, sheet: Sheet) -> str:
        return printable(sheet.author)

    def link(self, sheet: Sheet) -> str:
        return settings.SITE_URL + sheet.page

    def feed_url(self, sheet: Sheet) -> str:
        return settings.SITE_URL + sheet.path

    def items(self, sheet: Sheet) -> tuple[Entry, ...]:
        return sheet.entries

    def item_title(self, entry: Entry) -> str:
        return printable(entry.title)

    def item_description(self, entry: Entry) -> str:
        """The lines as HTML, for that is what an Atom summary here is; what people wrote stays text."""
        marks = (
            (format_html(' lang="{}"', lang) if lang else "", printable(line))
            for text, lang in entry.lines
            for line in text.split("\n")
            if line
        )
        return str(format_html_join("", "<p{}>{}</p>", marks))

    def item_link(self, entry: Entry) -> str:
        return settings.SITE_URL + entry.path

    def item_guid(self, entry: Entry) -> str:
        """A tag URI (RFC 4151): the same for ever, whatever becomes of title, address and language."""
        return f"tag:{host()},{entry.made_at:%Y-%m-%d}:{entry.name}"

    def item_pubdate(self, entry: Entry) -> datetime:
        return entry.made_at

    def item_updateddate(self, entry: Entry) -> datetime:
        return entry.at

    def item_extra_kwargs(self, entry: Entry) -> dict[str, str]:
        return {"lang": entry.lang}


def printable(text: str) -> str:
    """The text without control characters: neither a calendar nor XML may hold them."""
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) != "Cc")


def host() -> str:
    """The portal's name, for identifiers that never change."""
    return settings.SITE_URL.split("//")[-1].split(":")[0]
