"""What answers a query, best first.

Three ways are tried in turn, and the first that finds anything answers: texts with all the words in some form, then also titles
with words like those typed, then texts with some of the words.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import reduce
from operator import add, and_, or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import BigIntegerField, Case, F, FloatField, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat, StrIndex
from django.db.models.lookups import GreaterThan
from django.contrib.postgres.fields import ArrayField

from active_citizens.core.search import Has, IsLike, Kept, Likeness, Word, heard
from active_citizens.search.kinds import KINDS, LANGUAGES, Kind
from projects.models import Neighbourhood

# So alike must a word of a title be to pass for a typing error; tests/load/bench_search.py says what it gives.
ALIKE, SHORTEST_ALIKE = 0.4, 4


class Way(Enum):
    """How the texts found answer the query."""

    ALL = "all"
    ALIKE = "alike"
    SOME = "some"


@dataclass(frozen=True)
class Row:
    """One of what was found, as the database has it; texts by language, "" being the language of ``lang``."""

    kind: str
    pk: int
    key: str
    lang: str
    state: str
    day: date | None
    places: Sequence[int]
    titles: dict[str, str]
    texts: dict[str, str]
    days: dict[str, str]


@dataclass(frozen=True)
class Asked:
    """What somebody looks for, and where."""

    words: Sequence[Word]
    at: datetime
    kinds: Sequence[Kind] = tuple(KINDS.values())
    place: int | None = None
    # The estates a word of the query names: „festyn Azory” also finds the fair of Azory that does not say so.
    named: "dict[str, list[int]] | None" = None

    def rows(self, kind: Kind, way: Way) -> "QuerySet[Any]":
        """The kind's rows that answer."""
        found = kind.rows(self.at)
        if self.place is not None and kind.within:
            found = found.filter(kind.within([self.place]))
        return found.filter(self._answer(kind, way))

    def _answer(self, kind: Kind, way: Way) -> Q:
        if way is Way.SOME:
            return Q(Has(" | ".join(word.question() for word in self.words)))
        # Words that only a text can have are one question: one look into the index.
        plain = [word for word in self.words if way is Way.ALL and not self._estates(word, kind)]
        together = [Q(Has(" & ".join(f"({word.question()})" for word in plain)))] if plain else []
        return reduce(and_, [*together, *(self._one(word, kind, way) for word in self.words if word not in plain)])

    def _one(self, word: Word, kind: Kind, way: Way) -> Q:
        ways = [Q(Has(word.question()))]
        if kind.within and (estates := self._estates(word, kind)):
            ways.append(kind.within(estates))
        if way is Way.ALIKE and len(word.heard) >= SHORTEST_ALIKE:
            ways.append(Q(IsLike(word.heard)))
        return reduce(or_, ways)

    def _estates(self, word: Word, kind: Kind) -> list[int]:
        return (self.named or {}).get(word.heard, []) if kind.within else []

    def score(self, way: Way) -> Combinable:
        """A word in the title weighs most, and more as it was typed; the whole query as it was typed, more still."""
        phrase = StrIndex(Kept("found_title"), Value(" ".join(word.heard for word in self.words)))
        typed = Has(" & ".join(f"'{word.heard}':A" for word in self.words))
        scores = [_points([(typed, 2.0)], 0.0), _points([(GreaterThan(phrase, 0), 2.0)], 0.0)]
        for word in self.words:
            ways = [(Has(word.question("A")), 6.0), (Has(word.question("B")), 3.0), (Has(word.question()), 1.5)]
            scores.append(_points(ways, Likeness(word.heard) * Value(4.0) if way is Way.ALIKE else 0.0))
        return reduce(add, scores)

    def shown(self, hits: Sequence[tuple[str, int]]) -> list[Row]:
        """What lines of the results say, in one query, in the order given."""
        numbers: dict[str, list[int]] = {}
        for code, number in hits:
            numbers.setdefault(code, []).append(number)
        parts = [_shown(KINDS[code].rows(self.at).filter(pk__in=pks), KINDS[code]) for code, pks in numbers.items()]
        if not parts:
            return []
        found = {}
        for of, pk, key, lang, state, day, places, *texts in parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]:
            titles, bodies, days = (
                {code: text for code, text in zip(("", *LANGUAGES), texts[at : at + 4], strict=True) if text.strip()} for at in (0, 4, 8)
            )
            found[of, pk] = Row(of, pk, key, lang, state, day, places, titles, bodies, days)
        return [found[hit] for hit in hits if hit in found]

    def hits(self, way: Way) -> "QuerySet[Any]":
        """(kind, number) of all that answers, best first, in one query whatever the kinds."""
        first, *others = [
            self.rows(kind, way)
            .annotate(of=Value(kind.code), row=F("pk"), score=self.score(way), on=kind.day)
            .values_list("of", "row", "score", "on")
            for kind in self.kinds
        ]
        every = first.union(*others, all=True) if others else first
        return every.order_by(F("score").desc(), F("on").desc(nulls_last=True), "of", "row")


def _points(ways: Iterable[tuple[Any, float]], otherwise: Any) -> Case:
    return Case(*(When(is_so, then=Value(points)) for is_so, points in ways), default=otherwise, output_field=FloatField())


class Found:
    """What answers, as a list that is read page by page."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.way, self.total = Way.ALL, 0
        for way in Way if asked.words and asked.kinds else ():
            with _likeness(way):
                total = asked.hits(way).count()
            if total:
                self.way, self.total = way, total
                break

    def count(self) -> int:
        return self.total

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, part: slice) -> list[Row]:
        if not self.total:
            return []
        with _likeness(self.way):
            hits = [(of, row) for of, row, _score, _day in self.asked.hits(self.way)[part]]
        return self.asked.shown(hits)


@contextmanager
def _likeness(way: Way) -> Iterator[None]:
    """How alike is alike, for this question only; whoever shares the connection is not concerned."""
    with transaction.atomic():
        if way is Way.ALIKE:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL pg_trgm.strict_word_similarity_threshold = %s", [ALIKE])
        yield


def _shown(rows: "QuerySet[Any]", kind: Kind) -> "QuerySet[Any]":
    """What a line of the results says of rows of one kind; all kinds have the same columns."""
    columns: dict[str, Any] = {
        "of_": Value(kind.code),
        "row_": F("pk"),
        "key_": Cast(kind.key, TextField()),
        "lang_": Cast(kind.lang, TextField()),
        "state_": Cast(kind.state, TextField()),
        "day_": kind.day,
        "places_": ArraySubquery(kind.places()) if kind.places else Cast(Value([]), ArrayField(BigIntegerField())),
    }
    for name, by_language in (("title", kind.titles), ("text", kind.texts), ("words", kind.day_in_words)):
        columns |= {f"{name}_in_{language}": _together(by_language.get(language, ())) for language in ("", *LANGUAGES)}
    return rows.annotate(**columns).values_list(*columns)


def _together(names: Sequence[str]) -> Combinable:
    parts = [Coalesce(F(name), Value(""), output_field=TextField()) for name in names]
    if len(parts) < 2:
        return Cast(parts[0] if parts else Value(""), TextField())
    apart = [part for each in parts for part in (each, Value("\n\n"))][:-1]
    return Concat(*apart, output_field=TextField())


def estates_named(words: Iterable[Word], places: Iterable[Neighbourhood]) -> dict[str, list[int]]:
    """Which words of a query are names of estates: „na Ugorku” names Ugorek."""
    named: dict[str, list[int]] = {}
    for word in words:
        for place in places:
            if any(word.is_in(part) for part in heard(f"{place.name} {place.name_locative}").split()):
                named.setdefault(word.heard, []).append(place.pk)
    return named
