"""Who somebody might be whom we know already: found by a part of the number or the e-mail, and by the name as one hears it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.lookups import TrigramWordSimilar
from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.core.exceptions import ValidationError
from django.db.models import Case, F, FloatField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower

from active_citizens.core.text import by_ear, normalise_phone
from participants.models import Person

# Fewer characters fit half the city.
SHORTEST_NAME, SHORTEST_PART = 3, 4
SAME, PART = 4.0, 2.0
# The indexes know runs of three letters or digits; without one a search would read everybody.
RUN = re.compile(r"[^\W_]{3}")


@dataclass(frozen=True)
class Likely:
    """Somebody known, what is alike ("phone", "email", "name"), and how much: more is likelier."""

    person: Person
    why: tuple[str, ...]
    score: float
    # The whole number or the whole e-mail is the same.
    is_exact: bool


def likely(among: QuerySet[Person], *, name: str = "", phone: str = "", email: str = "", limit: int = 6) -> list[Likely]:
    """Those of ``among`` whom the name, phone and e-mail typed so far may mean, likeliest first; one query, by trigrams.

    A number or an e-mail counts from four characters, a name from three, without accents and with a typing error or two.
    The caller says whom the account may see at all.
    """
    marks = {**_phone_marks(phone), **_email_marks(email), **_name_marks(name)}
    if not marks:
        return []
    found = among.alias(email_lower=Lower("email")).annotate(**{key: mark for key, (_condition, mark) in marks.items()})
    conditions = Q()
    for condition, _mark in marks.values():
        conditions |= condition
    rows = found.filter(conditions).annotate(likeness=_sum(F(key) for key in marks)).order_by("-likeness", "-pk")[:limit]
    return [_read(row, marks) for row in rows]


def _phone_marks(phone: str) -> dict[str, tuple[Q, Combinable]]:
    digits = re.sub(r"\D", "", phone).removeprefix("00")
    if len(digits) < SHORTEST_PART:
        return {}
    try:
        whole = normalise_phone(phone)
    except ValidationError:
        whole = digits
    part = whole.removeprefix("+")
    return {"phone_mark": (Q(phone__contains=part), _mark(Q(phone=whole), Q(phone__contains=part)))}


def _email_marks(email: str) -> dict[str, tuple[Q, Combinable]]:
    typed = email.strip().lower()
    if len(typed) < SHORTEST_PART or not RUN.search(typed):
        return {}
    condition = Q(email_lower__contains=typed)
    return {"email_mark": (condition, _mark(Q(email_lower=typed), condition))}


def _name_marks(name: str) -> dict[str, tuple[Q, Combinable]]:
    typed = " ".join(by_ear(name).split())
    if len(typed) < SHORTEST_NAME or not RUN.search(typed):
        return {}
    # A surname alone fits wholly into a name; the likeness of the whole puts the namesake with the same first name first.
    alike = (TrigramWordSimilarity(typed, "name_by_ear") + TrigramSimilarity("name_by_ear", typed)) / 2.0
    similar = TrigramWordSimilar(F("name_by_ear"), Value(typed))
    return {"name_mark": (Q(similar), Case(When(similar, then=alike), default=0.0, output_field=FloatField()))}


def _mark(same: Q, part: Q) -> Combinable:
    return Case(When(same, then=SAME), When(part, then=PART), default=0.0, output_field=FloatField())


def _sum(marks: Iterable[Combinable]) -> Combinable:
    first, *others = marks
    for mark in others:
        first = first + mark
    return first


def _read(row: Person, marks: Iterable[str]) -> Likely:
    values = {key.removesuffix("_mark"): getattr(row, key) for key in marks}
    why = tuple(key for key, value in values.items() if value)
    exact = any(values.get(key) == SAME for key in ("phone", "email"))
    return Likely(row, why, sum(values.values()), exact)
