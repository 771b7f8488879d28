"""A line of the results: kind, title and where it leads, estates, day, and the part of the text with the words marked."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from active_citizens.core.search_words import Word, excerpt, hits, marked, unmarked
from active_citizens.search.finding import BETWEEN, Row
from active_citizens.search.kinds import KINDS, LANGUAGES
from projects.models import Neighbourhood


@dataclass(frozen=True)
class Result:
    """What the page shows of one row; ``lang`` only where it is not the page's own."""

    kind: str | Promise
    url: str
    title: SafeString
    lang: str
    places: Sequence[Neighbourhood]
    day: date | None
    day_in_words: str
    state: str | Promise
    text: SafeString
    text_lang: str


def results(rows: Iterable[Row], words: Sequence[Word], places: Iterable[Neighbourhood]) -> list[Result]:
    """The rows as lines of the results in the language of the page."""
    by_number = {place.pk: place for place in places}
    return [_result(row, words, [place for number, place in by_number.items() if number in row.places]) for row in rows]


def _result(row: Row, words: Sequence[Word], places: Sequence[Neighbourhood]) -> Result:
    kind, language = KINDS[row.kind], get_language() or "pl"
    order = [code for code in dict.fromkeys(("", language, "pl", *LANGUAGES)) if code in row.titles]
    title_in = order[0] if order else ""
    title = unicodedata.normalize("NFC", row.titles.get(title_in, ""))
    text, text_in = _text(row, words, language)
    return Result(
        kind=kind.one,
        url=kind.address(row.key),
        title=marked(title, hits(title, words)),
        lang=_other(title_in or row.lang, language),
        places=places,
        day=row.day,
        day_in_words=row.days.get(language) or row.days.get("pl", ""),
        state=kind.states.get(row.state, ""),
        text=text,
        text_lang=_other(text_in or row.lang, language),
    )


def _text(row: Row, words: Sequence[Word], language: str) -> tuple[SafeString, str]:
    """The part of the text that has the words, in the language of the page if that text does, and its language."""
    first: tuple[SafeString, str] | None = None
    for code in dict.fromkeys(("", language, "pl", *LANGUAGES)):
        if code not in row.texts:
            continue
        text = " · ".join(part for each in row.texts[code].split(BETWEEN) if (part := unmarked(each)))
        shown, has = excerpt(text, words)
        if has:
            return shown, code
        first = first or (shown, code)
    return first or (SafeString(""), language)


def _other(code: str, language: str) -> str:
    return code if code != language else ""
