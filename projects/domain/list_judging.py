"""What becomes of each row of a list: it is taken, it looks like somebody known, or it cannot be taken, and why. Pure: asks no database."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from active_citizens.core.text import plain, show_phone
from projects.domain import list_cells as cells
from projects.domain.list_cells import Dirty
from projects.domain.list_columns import Field, Layout
from projects.domain.list_reading import Rows

# The first cell of a row that sums up the ones above; „Suma” is a family name, too, so no first name may follow.
TOTAL = re.compile(
    r"(?:razem|suma|ogolem|lacznie|total|podsumowanie|w sumie)[\s:.]*(?:\d.*|osob.*|uczestnik.*)?|liczba (?:osob|uczestnik).*"
)

SENTENCES = {
    "no_name": _("There is no name."),
    "name_letters": _("The name has no letters."),
    "name_long": _("The name is longer than 150 letters."),
    "name_address": _("There is an address in place of the name."),
    "formula": _("There is a formula in place of the name."),
    "excel_error": _("There is an error of the spreadsheet in the cell."),
    "phone": _("The phone number has too few or too many digits."),
    "phone_letters": _("There are letters in the phone number."),
    "phone_rounded": _("The spreadsheet rounded the phone number, and its last digits are lost."),
    "email": _("The e-mail is not a valid address."),
    "other_estate": _("The row is about another neighbourhood than the list."),
    "unknown_estate": _("We do not know this neighbourhood."),
    "total": _("This row sums up the others."),
    "heading": _("The heading once more."),
    "same_phone": _("The same phone: %(name)s"),
    "same_email": _("The same e-mail: %(name)s"),
    "same_name": _("The same name in this neighbourhood: %(name)s"),
    "same_phone_row": _("The same phone as in row %(row)s of this file: %(name)s"),
    "same_email_row": _("The same e-mail as in row %(row)s of this file: %(name)s"),
    "same_name_row": _("The same name as in row %(row)s of this file: %(name)s"),
}
NOTES = {
    "pictures": _("signs that are no letters were left out of the name"),
    "two_phones": _("several phones: the first was taken"),
    "two_emails": _("several e-mails: the first was taken"),
    "year_left_out": _("the year of birth makes no sense and was left out"),
    "year_about": _("the year of birth was read from a longer text"),
    "no_contact": _("without a phone or an e-mail"),
}


class Kind(StrEnum):
    GOOD = "good"
    DOUBLE = "double"
    ERROR = "error"


@dataclass(frozen=True)
class Found:
    """Somebody as the row says, cleaned."""

    name: str
    phone: str = ""
    email: str = ""
    year: int | None = None

    @property
    def phone_shown(self) -> str:
        return show_phone(self.phone)


@dataclass(frozen=True)
class Twin:
    """Whom a row looks like: somebody known, by number, or an earlier row of the file."""

    name: str
    person: int | None = None
    row: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What becomes of the row with that number in the file; ``code`` and ``args`` say why, in ``sentence`` for people."""

    number: int
    kind: Kind
    code: str = ""
    found: Found | None = None
    notes: tuple[str, ...] = ()
    twin: Twin | None = None

    @property
    def sentence(self) -> str:
        return sentence_of(self.code, self.args)

    @property
    def notes_shown(self) -> list[str]:
        return [str(NOTES[note]) for note in self.notes]

    @property
    def args(self) -> dict[str, Any]:
        return {"name": self.twin.name, "row": self.twin.row} if self.twin else {}


def sentence_of(code: str, args: Mapping[str, Any]) -> str:
    return str(SENTENCES[code]) % args if code else ""


def name_key(name: str) -> str:
    """A name as it is compared with those of a list: without accents and case, and in any order of its words."""
    return " ".join(sorted(plain(name).replace("-", " ").split()))


@dataclass
class Known:
    """Whom the portal knows, as far as the account may see them; filled by the caller, and by the rows judged before."""

    phones: dict[str, Twin] = field(default_factory=dict)
    emails: dict[str, Twin] = field(default_factory=dict)
    names: dict[str, Twin] = field(default_factory=dict)

    def twin_of(self, found: Found) -> tuple[str, Twin] | None:
        """The first likeness: by phone, by e-mail, by name in the neighbourhood."""
        for what, rows, key in (("phone", self.phones, found.phone), ("email", self.emails, found.email),
                                ("name", self.names, name_key(found.name))):  # fmt: skip
            if key and key in rows:
                twin = rows[key]
                return f"same_{what}{'_row' if twin.row else ''}", twin
        return None

    def note(self, found: Found, twin: Twin) -> None:
        for rows, key in ((self.phones, found.phone), (self.emails, found.email), (self.names, name_key(found.name))):
            if key:
                rows.setdefault(key, twin)


@dataclass(frozen=True)
class Estates:
    """The neighbourhoods by their compared names, and the one the list is for."""

    own: str
    names: frozenset[str]


def judge(rows: Rows, layout: Layout, known: Known, estates: Estates, today: date) -> list[Verdict]:
    """A verdict for every row that is not blank, in the order of the file."""
    heading = _plain_row(rows[layout.heading - 1]) if layout.heading else None
    verdicts = []
    for number, row in enumerate(rows[layout.heading :], start=layout.heading + 1):
        texts = _plain_row(row)
        if not any(texts):
            continue
        if texts == heading:
            verdicts.append(Verdict(number, Kind.ERROR, "heading"))
        elif _sums_up(texts):
            verdicts.append(Verdict(number, Kind.ERROR, "total"))
        else:
            verdicts.append(_verdict(number, row, layout, known, estates, today))
    return verdicts


def _plain_row(row: Sequence[str]) -> list[str]:
    return [plain(cells.tidy(cell)) for cell in row]


def _sums_up(texts: Sequence[str]) -> bool:
    filled = [text for text in texts if text]
    return len(filled) <= 3 and TOTAL.fullmatch(filled[0]) is not None


def _verdict(number: int, row: Sequence[str], layout: Layout, known: Known, estates: Estates, today: date) -> Verdict:
    by_field = {name: row[column] for column, name in enumerate(layout.fields) if name and column < len(row)}
    notes: list[str] = []
    try:
        _check_estate(by_field.get(Field.ESTATE, ""), estates)
        found = Found(
            _name(by_field, notes),
            cells.phone_of(by_field.get(Field.PHONE, ""), notes),
            cells.email_of(by_field.get(Field.EMAIL, ""), notes),
            cells.year_of(by_field.get(Field.YEAR, ""), notes, today),
        )
    except Dirty as dirty:
        return Verdict(number, Kind.ERROR, dirty.code)
    if not found.phone and not found.email:
        notes.append("no_contact")
    alike = known.twin_of(found)
    known.note(found, Twin(found.name, row=number))
    code, twin = alike or ("", None)
    return Verdict(number, Kind.DOUBLE if twin else Kind.GOOD, code, found, tuple(dict.fromkeys(notes)), twin)


def _name(by_field: Mapping[str, str], notes: list[str]) -> str:
    """Raises Dirty as ``name_of`` does, and ``no_name``."""
    if Field.NAME in by_field or Field.REVERSED in by_field:
        last_first = Field.NAME not in by_field
        name = cells.name_of(by_field[Field.REVERSED if last_first else Field.NAME], notes, last_first=last_first)
    else:
        parts = (cells.name_of(by_field.get(part, ""), notes) for part in (Field.FIRST, Field.LAST))
        name = " ".join(part for part in parts if part)
    if not name:
        raise Dirty("no_name")
    if len(name) > cells.LONGEST_NAME:
        raise Dirty("name_long")
    return name


def _check_estate(cell: str, estates: Estates) -> None:
    named = cells.estate_of(cell)
    if cells.is_excel_error(cells.text_of(cell)):
        raise Dirty("excel_error")
    if named and named != estates.own:
        raise Dirty("other_estate" if named in estates.names else "unknown_estate")
