"""What answers a query, best first.

Texts with all the words in some form; when they are few, then titles with some of the words. When there are none, the same with
the words that those typed may be but for a typing error; at last, texts with some of the words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from functools import reduce
from operator import add, and_, or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Case, DateField, F, FloatField, Func, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone

from active_citizens.core.search import Has, heard, words_like
from active_citizens.core.search_words import SHORT, Word
from active_citizens.search.kinds import KINDS, LANGUAGES, Kind
from projects.models import Neighbourhood

# In so many words of a query typing errors are forgiven.
MOST_FORGIVEN = 4
# With fewer than so many texts that have all the words, titles with some of them follow; the former always come first.
FEW, ALL_FIRST = 5, 1000.0
# Days; further off than anything ahead.
NEVER = 1_000_000
# Stands between the columns of one text.
BETWEEN = "\N{INFORMATION SEPARATOR TWO}"


class Way(Enum):
    """How the texts found answer the query."""

    ALL = "all"
    MORE = "more"
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
    # The estates words of the query name: „festyn Azory” also finds the fair of Azory that does not say so.
    named: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def rows(self, kind: Kind, way: Way | None = None) -> "QuerySet[Any]":
        """The kind's rows in the place asked for; with a way, those that answer."""
        found = kind.rows(self.at)
        if self.place is not None:
            # What belongs to the whole programme belongs to no estate.
            found = found.filter(kind.within([self.place])) if kind.within else found.none()
        return found.filter(self._answer(kind, way)) if way else found

    def _answer(self, kind: Kind, way: Way) -> Q:
        if way is Way.SOME:
            return self._any()
        if way is Way.MORE:
            return self._every(kind) | self._any("A")
        return self._every(kind)

    def _any(self, weight: str = "") -> Q:
        return Q(Has(" | ".join(word.question(weight) for word in self.words)))

    def _every(self, kind: Kind) -> Q:
        # Words that only a text can have are one question: one look into the index.
        named = {word: otherwise for word in self.words if (otherwise := self._named(word, kind))}
        plain = [f"({word.question()})" for word in self.words if word not in named]
        together = [Q(Has(" & ".join(plain)))] if plain else []
        return reduce(and_, [*together, *(Q(Has(word.question())) | otherwise for word, otherwise in named.items())])

    def _named(self, word: Word, kind: Kind) -> Q | None:
        """What a word stands for without being in the text: an estate, or a sort of events."""
        estates, sort = self.named.get(word.heard), kind.named(word)
        ways = [*([kind.within(estates)] if estates and kind.within else []), *([sort] if sort else [])]
        return reduce(or_, ways) if ways else None

    def score(self, kind: Kind, way: Way) -> Combinable:
        """A word in the title weighs most, and more as it was typed; the whole query as it was typed, more still."""
        typed = [f"'{word.heard}':A" for word in self.words]
        scores = [_points((Has(" <-> ".join(typed)), 4.0), (Has(" & ".join(typed)), 2.0))]
        if way is Way.MORE:
            scores.append(_points((self._every(kind), ALL_FIRST)))
        if kind.is_place and kind.within and self.named:
            scores.append(_points((kind.within({pk for pks in self.named.values() for pk in pks}), 1.0)))
        each = (self._points_of(word, kind) for word in self.words)
        return reduce(add, [*scores, *each])

    def _points_of(self, word: Word, kind: Kind) -> Case:
        sort = kind.named(word)
        ways = [
            (Has(word.question("A")), 6.0),
            (Has(word.question("B")), 3.0),
            *([(sort, 2.0)] if sort else []),
            (Has(word.question()), 1.5),
        ]
        return _points(*ways)

    def forgiving(self) -> "Asked":
        """The same with the words that those typed may be but for a typing error, of texts anybody may see."""
        long = [word for word in self.words if len(word.heard) >= SHORT][:MOST_FORGIVEN]
        if not long:
            return self
        candidates = words_like((self.rows(kind) for kind in self.kinds), [word.heard for word in long])
        return replace(self, words=[word.with_near(candidates) if word in long else word for word in self.words])

    def shown(self, hits: Sequence[tuple[str, int]]) -> list[Row]:
        """What lines of the results say, in one query, in the order given."""
        numbers: dict[str, list[int]] = {}
        for code, number in hits:
            numbers.setdefault(code, []).append(number)
        if not numbers:
            return []
        found = {}
        every = _union(_shown(KINDS[code].rows(self.at).filter(pk__in=pks), KINDS[code]) for code, pks in numbers.items())
        for of, pk, key, lang, state, day, places, *texts in every:
            titles, bodies, days = (_by_language(texts[at : at + 4]) for at in (0, 4, 8))
            found[of, pk] = Row(of, pk, key, lang, state, day, places, titles, bodies, days)
        return [found[hit] for hit in hits if hit in found]

    def hits(self, way: Way) -> "QuerySet[Any]":
        """(kind, number) of all that answers, best first, in one query whatever the kinds."""
        return _union(
            self.rows(kind, way)
            .annotate(of=Value(kind.code), row=F("pk"), score=self.score(kind, way), far=_far(kind.day, timezone.localdate(self.at)))
            .values_list("of", "row", "score", "far")
            for kind in self.kinds
        ).order_by(F("score").desc(), F("far").asc(nulls_last=True), "of", "row")


def _union(parts: "Iterable[QuerySet[Any]]") -> "QuerySet[Any]":
    first, *others = parts
    return first.union(*others, all=True) if others else first


def _far(day: Combinable, today: date) -> Case:
    """How many days off: what is to come before what was, and the nearest first."""
    ahead = Func(day, Cast(Value(today), DateField()), template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField())
    return Case(When(GreaterThanOrEqual(ahead, 0), then=ahead), default=Value(NEVER) - ahead, output_field=IntegerField())


def _points(*ways: tuple[Any, float]) -> Case:
    """The points of the first that holds."""
    return Case(*(When(is_so, then=Value(points)) for is_so, points in ways), default=Value(0.0), output_field=FloatField())


class Found:
    """What answers, as a list that is read page by page."""

    def __init__(self, asked: Asked, ways: Iterable[Way] = tuple(Way)) -> None:
        self.asked, self.way, self.total = asked, Way.ALL, 0
        if asked.words:
            self._look(set(ways))

    def _look(self, ways: set[Way]) -> None:
        if self._try(Way.ALL, ways):
            if self.total < FEW and len(self.asked.words) > 1:
                self._try(Way.MORE, ways)
            return
        if Way.ALIKE in ways:
            forgiving = self.asked.forgiving()
            if forgiving.words != self.asked.words:
                self.asked = forgiving
                if self._try(Way.ALIKE, ways):
                    return
        self._try(Way.SOME, ways)

    def _try(self, way: Way, ways: set[Way]) -> bool:
        total = self.asked.hits(way).count() if way in ways else 0
        if total > self.total:
            self.way, self.total = way, total
        return total > 0

    def count(self) -> int:
        return self.total

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, part: slice) -> list[Row]:
        hits = [(of, row) for of, row, _score, _far in self.asked.hits(self.way)[part]] if self.total else []
        return self.asked.shown(hits)


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


def _by_language(texts: Sequence[str]) -> dict[str, str]:
    return {code: text for code, text in zip(("", *LANGUAGES), texts, strict=True) if text.strip(f"{BETWEEN} ")}


def _together(names: Sequence[str]) -> Combinable:
    parts = [Coalesce(F(name), Value(""), output_field=TextField()) for name in names]
    if len(parts) < 2:
        return Cast(parts[0] if parts else Value(""), TextField())
    apart = [part for each in parts for part in (each, Value(BETWEEN))][:-1]
    return Concat(*apart, output_field=TextField())


def estates_named(words: Iterable[Word], places: Iterable[Neighbourhood]) -> dict[str, list[int]]:
    """Which words of a query are names of estates: „na Ugorku” names Ugorek."""
    named: dict[str, list[int]] = {}
    for word in words:
        for place in places:
            if any(word.is_in(part) for part in heard(f"{place.name} {place.name_locative}").split()):
                named.setdefault(word.heard, []).append(place.pk)
    return named
