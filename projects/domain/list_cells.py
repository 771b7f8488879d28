"""Cells of a list as people type them, cleaned: what can be understood is understood, what cannot says which kind of dirt it is."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from active_citizens.core.forms import tidy
from active_citizens.core.text import normalise_phone, plain

# How people say that there is nothing; compared without accents, case, and marks at the ends.
NOTHING = frozenset({
    "", "brak", "brak danych", "brak tel", "brak telefonu", "brak maila", "brak e-maila", "nie ma", "nie posiada", "nie dotyczy",
    "nie podano", "nie podal", "nie podala", "n/d", "nd", "b/d", "bd", "none", "null", "nan", "x", "xx", "xxx", "0",
})  # fmt: skip
EXCEL_ERROR = re.compile(r"#(?:N/D|N/A|ADR|REF|ARG|VALUE|NAZWA|NAME|DZIEL/0|DIV/0|LICZBA|NUM|ZERO|NULL)[!?]?|#+", re.IGNORECASE)
SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?E\+?(\d{1,2})", re.IGNORECASE)
BEFORE_NUMBER = re.compile(r"^(?:tel(?:efon)?|kom(?:[oó]rka)?|mob(?:ile)?|phone|nr|numer)\b[\s.:]*", re.IGNORECASE)
BEFORE_ADDRESS = re.compile(r"^(?:(?:adres )?e-?mail|mail|mailto)\s*[:.]\s*", re.IGNORECASE)
BETWEEN = re.compile(r"\s*[,;/|\n\r]\s*|\s+(?:lub|oraz|albo|i|or|and)\s+")
WITH_AREA = re.compile(r"0?\d{2}\s*/\s*\d[\d\s-]{6,}")
FIRST_YEAR = 1900
LONGEST_NAME = 150


class Dirty(Exception):
    """A cell nobody can make sense of; ``code`` says how."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Notes = list[str]


def text_of(cell: str) -> str:
    """The cell in one Unicode form, without invisible marks, doubled spaces and the apostrophe of Excel; "" for „brak" and the like."""
    text = tidy(cell.replace("\t", " ")).removeprefix("'").strip()
    return "" if plain(text).strip(" .-–—_?!") in NOTHING else text


def is_excel_error(text: str) -> bool:
    return EXCEL_ERROR.fullmatch(text) is not None


# --- Names ------------------------------------------------------------------------------------------------------------------


def name_of(cell: str, notes: Notes, *, last_first: bool = False) -> str:
    """A name in the case of names, first name first; "" for none.

    Raises Dirty: ``excel_error``, ``formula``, ``name_long``, ``name_letters``, ``name_address``.
    """
    text = _without_pictures(text_of(cell), notes)
    if not text:
        return ""
    if is_excel_error(text):
        raise Dirty("excel_error")
    if text[0] in "=+@|":
        raise Dirty("formula")
    if re.search(r"//|www\.|@", text, re.IGNORECASE):
        raise Dirty("name_address")
    text = re.sub(r"(?<=\w)([.:])(?=\w)", r"\1 ", text.strip(" ,;"))
    if not any(letter.isalpha() for letter in text):
        raise Dirty("name_letters")
    if len(text) > LONGEST_NAME:
        raise Dirty("name_long")
    text = _cased(text)
    last, comma, first = text.partition(",")
    if comma and first.strip():
        return f"{first.strip()} {last.strip()}"
    words = text.split()
    return " ".join([*words[1:], words[0]]) if last_first and len(words) > 1 else text


def _without_pictures(text: str, notes: Notes) -> str:
    kept = "".join(letter for letter in text if unicodedata.category(letter) not in ("So", "Sk", "Cs", "Co", "Cn") and letter != "\ufe0f")
    if kept != text:
        notes.append("pictures")
    return tidy(kept)


def _cased(text: str) -> str:
    """„NOWAK-KOWALSKA” and „nowak” as names are written; a name in mixed case is somebody's own way and stays."""
    if not (text.isupper() or text.islower()) or len(text) < 2:
        return text
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), text.lower())


# --- Phones -----------------------------------------------------------------------------------------------------------------


def phone_of(cell: str, notes: Notes) -> str:
    """The first number of the cell in E.164, "" for none.

    Raises Dirty: ``excel_error``, ``phone_rounded``, ``phone_letters``, ``phone``.
    """
    if not text_of(cell):
        return ""
    if is_excel_error(text_of(cell)):
        raise Dirty("excel_error")
    return _first(list(_numbers(cell)), _number, "two_phones", notes)


def _numbers(cell: str) -> Iterator[str]:
    whole = text_of(cell)
    if SCIENTIFIC.fullmatch(whole) or WITH_AREA.fullmatch(whole):
        yield whole.replace("/", " ")
        return
    for part in BETWEEN.split(cell):
        text = re.sub(r"\([^)]*[^\W\d_][^)]*\)", "", text_of(part)).strip()
        while text != (text := BEFORE_NUMBER.sub("", text)):
            pass
        digits = re.sub(r"\D", "", text)
        if len(digits) == 18 and not re.search(r"[^\W\d_]", text):
            # Two numbers with nothing but a space between them.
            yield from (digits[:9], digits[9:])
        elif text:
            yield text


def _number(text: str) -> str:
    # Digits of other scripts and widths are digits.
    text = "".join(str(unicodedata.digit(letter)) if letter.isdigit() else letter for letter in text)
    scientific = SCIENTIFIC.fullmatch(text)
    if scientific:
        first, rest, power = scientific.groups(default="")
        if len(first + rest) < 9 <= int(power) + 1:
            raise Dirty("phone_rounded")
        text = str(int(Decimal(f"{first}.{rest or 0}E{power}")))
    if re.search(r"[^\W\d_]", text):
        raise Dirty("phone_letters")
    text = re.sub(r"\.0+$", "", text)
    digits = re.sub(r"\D", "", text)
    if len(digits) == 10 and digits.startswith("0"):
        # The trunk zero of old.
        text = digits[1:]
    try:
        return normalise_phone(text)
    except ValidationError:
        raise Dirty("phone") from None


# --- E-mails ----------------------------------------------------------------------------------------------------------------


def email_of(cell: str, notes: Notes) -> str:
    """The first address of the cell in small letters, "" for none. Raises Dirty: ``excel_error``, ``email``."""
    text = text_of(cell)
    if not text:
        return ""
    if is_excel_error(text):
        raise Dirty("excel_error")
    inner = re.search(r"<([^<>]+@[^<>]+)>", text)
    text = BEFORE_ADDRESS.sub("", (inner[1] if inner else text).lower())
    parts = [part for part in BETWEEN.split(text) if part]
    if text.count("@") > 1:
        parts = [word for part in parts for word in (part.split() if part.count("@") > 1 else [part])]
    return _first(parts, _address, "two_emails", notes)


def _address(text: str) -> str:
    address = re.sub(r"\s+", "", BEFORE_ADDRESS.sub("", text)).strip(".,;:'\"<>()[]")
    try:
        validate_email(address)
    except ValidationError:
        raise Dirty("email") from None
    if len(address) > 254:
        raise Dirty("email")
    return address


# --- The rest ---------------------------------------------------------------------------------------------------------------


def year_of(cell: str, notes: Notes, today: date) -> int | None:
    """The year in the cell, also of a whole date or „ok. 1950”; one nobody was born in is left out with a note."""
    text = text_of(cell)
    if not text:
        return None
    found = re.findall(r"(?<!\d)\d{4}(?!\d)", text)
    if len(found) != 1 or not FIRST_YEAR <= int(found[0]) <= today.year:
        notes.append("year_left_out")
        return None
    if not re.fullmatch(r"[\d.\-/ :]+r?\.?", text):
        notes.append("year_about")
    return int(found[0])


def estate_of(cell: str) -> str:
    """The name of a neighbourhood as it is compared: without accents, case and „os."."""
    words = re.findall(r"[^\W_]+", plain(text_of(cell)))
    return " ".join(word for word in words if word not in ("os", "osiedle", "krakow"))


def _first(parts: list[str], clean: Callable[[str], str], note: str, notes: Notes) -> str:
    """The first part that makes sense; with others beside it, a note. Raises what is wrong with the first when none does."""
    wrong: Dirty | None = None
    for part in parts:
        try:
            found = clean(part)
        except Dirty as dirty:
            wrong = wrong or dirty
            continue
        if len(parts) > 1:
            notes.append(note)
        return found
    if wrong is not None:
        raise wrong
    return ""
