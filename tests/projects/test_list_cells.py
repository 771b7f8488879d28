"""Thirty-odd kinds of dirt, cell by cell: what is understood, and what is said of what cannot be."""

from datetime import date
from typing import Any

import pytest

from projects.domain import list_cells
from projects.domain.list_cells import Dirty

TODAY = date(2026, 11, 28)
SAYS = "!"

PHONES = [
    ("601002003", "+48601002003", []),
    ("601 002 003", "+48601002003", []),
    ("601-002-003", "+48601002003", []),
    ("601.002.003", "+48601002003", []),
    ("601002003.0", "+48601002003", []),
    ("６０１ ００２ ００３", "+48601002003", []),
    ("6,01002003E+08", "+48601002003", []),
    ("6.01E+08", "!phone_rounded", []),
    ("+48 601 002 003", "+48601002003", []),
    ("0048601002003", "+48601002003", []),
    ("48601002003", "+48601002003", []),
    ("tel. 601 002 003", "+48601002003", []),
    ("tel: kom. 601002003", "+48601002003", []),
    ("'601002003", "+48601002003", []),
    ("\u200b601\u00a0002\u00a0003\t", "+48601002003", []),
    ("601002003 (córka)", "+48601002003", []),
    ("601002003, 602003004", "+48601002003", ["two_phones"]),
    ("601002003 / 602003004", "+48601002003", ["two_phones"]),
    ("601002003 lub 602003004", "+48601002003", ["two_phones"]),
    ("601002003\n602003004", "+48601002003", ["two_phones"]),
    ("601002003 602003004", "+48601002003", ["two_phones"]),
    ("12 616 55 55", "+48126165555", []),
    ("12/616 55 55", "+48126165555", []),
    ("(0-12) 616 55 55", "+48126165555", []),
    ("+380 67 123 45 67", "+380671234567", []),
    ("60100200", "!phone", []),
    ("123", "!phone", []),
    ("6010020033", "!phone", []),
    ("sześćset jeden", "!phone_letters", []),
    ("601002003 wieczorem", "!phone_letters", []),
    ("#N/D!", "!excel_error", []),
    ("########", "!excel_error", []),
    ("brak", "", []),
    ("BRAK!", "", []),
    ("-", "", []),
    ("–", "", []),
    ("nie ma", "", []),
    ("n/d", "", []),
    ("", "", []),
]
EMAILS = [
    ("jan@example.org", "jan@example.org", []),
    ("JAN@Example.ORG", "jan@example.org", []),
    (" jan @ example.org ", "jan@example.org", []),
    ("mailto:jan@example.org", "jan@example.org", []),
    ("e-mail: jan@example.org", "jan@example.org", []),
    ("Jan Przykładny <jan@example.org>", "jan@example.org", []),
    ("jan@example.org.", "jan@example.org", []),
    ("jan@example.org,", "jan@example.org", []),
    ("jan\u200b@example.org", "jan@example.org", []),
    ("jan.i.ola@example.org", "jan.i.ola@example.org", []),
    ("jan@example.org; ola@example.org", "jan@example.org", ["two_emails"]),
    ("jan@example.org ola@example.org", "jan@example.org", ["two_emails"]),
    ("jan@example.org i ola@example.org", "jan@example.org", ["two_emails"]),
    ("jan@", "!email", []),
    ("jan.example.org", "!email", []),
    ("@jan", "!email", []),
    ("=1+1", "!email", []),
    ("#ADR!", "!excel_error", []),
    ("brak", "", []),
    ("nie posiada", "", []),
    ("---", "", []),
]
NAMES = [
    ("Jan Przykładny", "Jan Przykładny", []),
    ("PRZYKŁADNY JAN", "Przykładny Jan", []),
    ("jan przykładny", "Jan Przykładny", []),
    ("Przykładny, Jan", "Jan Przykładny", []),
    ("  Jan   Przykładny ", "Jan Przykładny", []),
    ("Jan\u00a0Przykładny", "Jan Przykładny", []),
    ("Jan\u200b \u200ePrzykładny", "Jan Przykładny", []),
    ("Jan\tPrzykładny", "Jan Przykładny", []),
    ("Z\u0307o\u0301ł\u0107 Ładna", "Żółć Ładna", []),
    ("😀 Jan Przykładny ❤️", "Jan Przykładny", ["pictures"]),
    ("ANNA NOWA-STARA", "Anna Nowa-Stara", []),
    ("o'brien sean", "O'Brien Sean", []),
    ("Ludwik van Przykład", "Ludwik van Przykład", []),
    ("Олена Шевченко", "Олена Шевченко", []),
    ("ОЛЕНА ШЕВЧЕНКО", "Олена Шевченко", []),
    ("12345", "!name_letters", []),
    ("a" * 151, "!name_long", []),
    ("=1+1", "!formula", []),
    ("+48601002003", "!formula", []),
    ("@jan", "!formula", []),
    ("jan@example.org", "!name_address", []),
    ("Wejdź na www.example.org", "!name_address", []),
    ("#REF!", "!excel_error", []),
    ("brak", "", []),
]
YEARS = [
    ("1950", 1950, []),
    ("1950 r.", 1950, []),
    ("1950-03-01", 1950, []),
    ("01.03.1950", 1950, []),
    ("ok. 1950", 1950, ["year_about"]),
    ("1850", None, ["year_left_out"]),
    ("2090", None, ["year_left_out"]),
    ("50", None, ["year_left_out"]),
    ("1950/1951", None, ["year_left_out"]),
    ("nie pamięta", None, ["year_left_out"]),
    ("brak", None, []),
]


def said(clean: Any, *arguments: Any) -> Any:
    try:
        return clean(*arguments)
    except Dirty as dirty:
        return SAYS + dirty.code


@pytest.mark.parametrize(("cell", "phone", "notes"), PHONES)
def test_phone(cell: str, phone: str, notes: list[str]) -> None:
    noted: list[str] = []
    assert (said(list_cells.phone_of, cell, noted), noted) == (phone, notes)


@pytest.mark.parametrize(("cell", "email", "notes"), EMAILS)
def test_email(cell: str, email: str, notes: list[str]) -> None:
    noted: list[str] = []
    assert (said(list_cells.email_of, cell, noted), noted) == (email, notes)


@pytest.mark.parametrize(("cell", "name", "notes"), NAMES)
def test_name(cell: str, name: str, notes: list[str]) -> None:
    noted: list[str] = []
    assert (said(list_cells.name_of, cell, noted), noted) == (name, notes)


@pytest.mark.parametrize(("cell", "year", "notes"), YEARS)
def test_year_of_birth(cell: str, year: int | None, notes: list[str]) -> None:
    noted: list[str] = []
    assert (list_cells.year_of(cell, noted, TODAY), noted) == (year, notes)


def test_a_column_that_says_so_has_the_last_name_first() -> None:
    assert list_cells.name_of("PRZYKŁADNY JAN MARIA", [], last_first=True) == "Jan Maria Przykładny"


@pytest.mark.parametrize("cell", ["Ugorek", "Ugorek os.", "os. UGOREK", "Osiedle Ugorek", "ugorek, Kraków"])
def test_a_neighbourhood_is_known_however_it_is_written(cell: str) -> None:
    assert list_cells.estate_of(cell) == "ugorek"
