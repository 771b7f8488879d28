"""What each column of a list is: recognised by its heading in Polish or English, guessed by what stands in it, corrected by hand."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from active_citizens.core.text import normalise_phone, plain

# The heading stands near the top, below a title or two.
LOOKED_THROUGH = 20


class Field(models.TextChoices):
    """What a column may be; remarks are no field, for nobody may be followed by what somebody once noted."""

    NOTHING = "", _("leave out")
    NAME = "name", _("first and last name")
    REVERSED = "reversed", _("last and first name")
    FIRST = "first", _("first name")
    LAST = "last", _("last name")
    PHONE = "phone", _("phone")
    EMAIL = "email", _("e-mail")
    ESTATE = "estate", _("neighbourhood")
    YEAR = "year", _("year of birth")


# Headings without accents, marks and case; what is not here is left out.
HEADINGS = {
    Field.NAME: "imie i nazwisko|imie nazwisko|imiona i nazwisko|osoba|uczestnik|uczestniczka|uczestnik uczestniczka|mieszkaniec|name"
    "|full name|first and last name|nazwa|nazwisko i imie uczestnika imie i nazwisko",
    Field.REVERSED: "nazwisko i imie|nazwisko imie|last and first name|surname and name|last name first name",
    Field.FIRST: "imie|imiona|imie pierwsze|first name|given name|firstname|forename",
    Field.LAST: "nazwisko|last name|surname|family name|lastname",
    Field.PHONE: "telefon|tel|nr tel|nr telefonu|numer telefonu|numer tel|telefon kontaktowy|komorka|kom|tel kom|telefon komorkowy|phone"
    "|phone number|mobile|kontakt telefoniczny",
    Field.EMAIL: "e mail|email|mail|adres e mail|adres email|adres mailowy|poczta|poczta elektroniczna|e mail address|email address",
    Field.ESTATE: "osiedle|os|nazwa osiedla|neighbourhood|neighborhood|estate|dzielnica osiedle",
    Field.YEAR: "rok urodzenia|rok ur|r ur|urodzony|urodzona|rocznik|data urodzenia|data ur|year of birth|birth year|born|date of birth",
}
_BY_HEADING = {heading: field for field, headings in HEADINGS.items() for heading in headings.split("|")}
NAMES = frozenset({Field.NAME, Field.REVERSED, Field.FIRST, Field.LAST})


@dataclass(frozen=True)
class Layout:
    """Where the list begins and what its columns are: ``heading`` is the number of the heading's row, 0 without one."""

    heading: int
    fields: tuple[str, ...]

    @property
    def names_somebody(self) -> bool:
        return bool(NAMES & set(self.fields))


def recognise(rows: list[list[str]]) -> Layout:
    """The row among the first with the most headings we know; without any, what the columns look like."""
    width = max(map(len, rows), default=0)
    best = Layout(0, ())
    for number, row in enumerate(rows[:LOOKED_THROUGH], start=1):
        fields = _fields(row, width)
        if sum(map(bool, fields)) > sum(map(bool, best.fields)):
            best = Layout(number, fields)
    return best if best.heading else Layout(0, _guessed(rows, width))


def _fields(row: list[str], width: int) -> tuple[str, ...]:
    """Each field once, in the first column that names it."""
    found: list[str] = []
    for cell in row:
        field = _BY_HEADING.get(" ".join(re.findall(r"[^\W_]+", plain(cell))), Field.NOTHING)
        found.append("" if field in found else str(field.value))
    return tuple(found + [""] * (width - len(found)))


def _guessed(rows: list[list[str]], width: int) -> tuple[str, ...]:
    found = [""] * width
    for column in range(width):
        cells = [row[column].strip() for row in rows[:LOOKED_THROUGH] if column < len(row) and row[column].strip()]
        for field, fits in ((Field.EMAIL, _has_at), (Field.PHONE, _rings), (Field.NAME, _two_words)):
            if field.value not in found and cells and sum(map(fits, cells)) * 2 > len(cells):
                found[column] = field.value
                break
    return tuple(found)


def _has_at(cell: str) -> bool:
    return "@" in cell


def _rings(cell: str) -> bool:
    try:
        return bool(normalise_phone(cell))
    except ValidationError:
        return False


def _two_words(cell: str) -> bool:
    words = cell.split()
    return len(words) > 1 and all(word[:1].isalpha() for word in words)
