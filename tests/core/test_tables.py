"""What a table becomes in a file, byte by byte where it matters."""

import csv
import io
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from active_citizens.core import sheets
from active_citizens.core.refusal import RuleBroken
from active_citizens.core.tables import Column, Kind, Table

COLUMNS = (
    Column("name", "Imię i nazwisko"),
    Column("phone", "Telefon", Kind.PHONE),
    Column("heads", "Liczba osób", Kind.INTEGER),
    Column("share", "Udział", Kind.DECIMAL, places=1),
    Column("born_on", "Dzień", Kind.DATE),
    Column("starts_at", "Początek", Kind.DATETIME, meaning="Dzień i godzina."),
    Column("kind", "Rodzaj", choices={"walk": "spacer badawczy"}),
)
ROW = (
    "Żółć ąćęłńóśźż; i „reszta”",
    "+48600100200",
    -2,
    Decimal("12.5"),
    date(2014, 2, 3),
    datetime(2014, 7, 3, 15, 30, tzinfo=UTC),
    "walk",
)
EMPTY = ("", None, None, None, None, None, "")
# What REP-03 names, and what OWASP adds to it.
RISKY = ["=1+1", "@x", "-2", "+48600100200", "\t=1", "\r=1", "\n=1", " =1+1", "＝1+1", "＋1", "－1", "＠x"]


def a_table(*rows, columns=COLUMNS, title="Zapisy i frekwencja", **fields):
    return Table(title, columns, iter(rows), **fields)


def written(table, file_type):
    file, count = sheets.make_file(table, file_type)
    with file:
        return file.read(), count


def workbook(*rows, **fields):
    content, _count = written(a_table(*rows, **fields), sheets.XLSX)
    return openpyxl.load_workbook(io.BytesIO(content))


def test_csv_for_excel_is_what_the_polish_excel_opens():
    content, count = written(a_table(ROW, EMPTY), sheets.EXCEL_CSV)

    assert (
        content
        == (
            "\ufeffImię i nazwisko;Telefon;Liczba osób;Udział;Dzień;Początek;Rodzaj\r\n"
            '"Żółć ąćęłńóśźż; i „reszta”";\'+48600100200;-2;12,5;03.02.2014;03.07.2014 17:30;spacer badawczy\r\n'
            ";;;;;;\r\n"
        ).encode()
    )
    assert count == 2


def test_open_csv_is_rfc_4180_with_keys_codes_and_iso_dates():
    content, count = written(a_table(ROW, EMPTY), sheets.OPEN_CSV)

    assert (
        content
        == (
            "name,phone,heads,share,born_on,starts_at,kind\r\n"
            "Żółć ąćęłńóśźż; i „reszta”,'+48600100200,-2,12.5,2014-02-03,2014-07-03T17:30:00+02:00,walk\r\n"
            ",,,,,,\r\n"
        ).encode()
    )
    assert count == 2


@pytest.mark.parametrize("file_type", [sheets.EXCEL_CSV, sheets.OPEN_CSV])
@pytest.mark.parametrize("text", RISKY)
def test_no_csv_cell_begins_a_formula(text, file_type):
    content, _count = written(a_table((text,), columns=(Column("note", "Uwaga"),)), file_type)

    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";" if file_type is sheets.EXCEL_CSV else ","))
    assert lines[1] == [f"'{text}"]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_whatever_is_written_is_read_back_and_harmless(text):
    content, _count = written(a_table((text, text), columns=(Column("a", "A"), Column("b", "B", Kind.PHONE))), sheets.OPEN_CSV)

    [first, second] = list(csv.reader(io.StringIO(content.decode(), newline="")))[1]
    assert first == second
    assert first in (text, f"'{text}")
    assert first[:1] not in sheets.RISKY
    assert first.lstrip()[:1] not in sheets.RISKY


def test_choice_with_a_risky_label_is_neutralised_too():
    column = Column("kind", "Rodzaj", choices={"x": "=HYPERLINK(1)"})
    content, _count = written(a_table(("x",), columns=(column,)), sheets.EXCEL_CSV)

    assert content.decode("utf-8-sig").splitlines()[1] == "'=HYPERLINK(1)"


def test_workbook_has_typed_cells_under_one_frozen_header():
    book = workbook(ROW, ("x", *EMPTY[1:]))
    sheet = book["Zapisy i frekwencja"]
    [header, cells, empty] = list(sheet.iter_rows())

    assert book.sheetnames[0] == book.active.title == "Zapisy i frekwencja"
    assert sheet.freeze_panes == "A2"
    assert not sheet.merged_cells.ranges
    assert [cell.value for cell in header] == [column.heading for column in COLUMNS]
    assert [cell.value for cell in cells] == [
        "Żółć ąćęłńóśźż; i „reszta”", "+48600100200", -2, 12.5, datetime(2014, 2, 3), datetime(2014, 7, 3, 17, 30), "spacer badawczy",
    ]  # fmt: skip
    assert [cell.data_type for cell in cells] == ["s", "s", "n", "n", "d", "d", "s"]
    assert [cell.number_format for cell in cells[3:6]] == ["0.0", "dd.mm.yyyy", "dd.mm.yyyy hh:mm"]
    assert [cell.value for cell in empty] == ["x", None, None, None, None, None, None]


@pytest.mark.parametrize("text", [*RISKY, "http://example.org/", "_x0041_", "'=1"])
def test_text_of_a_workbook_stays_the_text_it_was(text):
    sheet = workbook((text,), columns=(Column("note", "Uwaga"),)).active

    assert sheet["A2"].data_type == "s"
    assert openpyxl.utils.escape.unescape(sheet["A2"].value) == text


def test_workbook_explains_its_columns_on_a_second_sheet():
    with translation.override("en"):
        book = workbook(ROW, version=3, notes=(("Okres", "cały"),))
    said = dict(book["About this table"].iter_rows(values_only=True))

    assert said["Okres"] == "cały"
    assert said["Version of the definition"] == "3"
    assert said["Początek"] == "Dzień i godzina."
    assert book["About this table"].freeze_panes == "A2"


def test_workbook_without_rows_has_its_header():
    sheet = workbook().active

    assert sheet.max_row == 1
    assert sheet["A1"].value == "Imię i nazwisko"
    assert written(a_table(), sheets.XLSX)[1] == 0


def test_headings_a_translation_made_alike_keep_their_columns():
    sheet = workbook((1, 2), columns=(Column("came", "Byli", Kind.INTEGER), Column("held", "Byli", Kind.INTEGER))).active

    assert list(sheet.iter_rows(values_only=True)) == [("Byli", "Byli (held)"), (1, 2)]


def test_what_excel_cannot_hold_is_fitted():
    columns = (Column("text", "Tekst"), Column("on", "Dzień", Kind.DATE), Column("at", "Chwila", Kind.DATETIME))
    sheet = workbook(("😀" * 20_000, date(1257, 6, 5), datetime(1257, 6, 5, 12, 0)), columns=columns).active

    assert sheet["A2"].value == "😀" * 16_383 + "…"
    assert sheet["B2"].value == "1257-06-05"
    assert sheet["C2"].value == "1257-06-05 12:00"


def test_more_rows_than_a_sheet_holds_are_refused_in_words(monkeypatch):
    monkeypatch.setattr(sheets, "XLSX_ROWS", 2)

    with pytest.raises(RuleBroken) as broken:
        sheets.make_file(a_table(ROW, ROW, ROW), sheets.XLSX)
    assert broken.value.code == "too_many_rows"


def test_fault_in_the_middle_leaves_no_file(monkeypatch, tmp_path):
    monkeypatch.setattr(sheets.tempfile, "tempdir", str(tmp_path))

    def rows():
        yield ROW
        raise OSError("the database went away")

    for file_type in (sheets.XLSX, sheets.EXCEL_CSV, sheets.OPEN_CSV):
        with pytest.raises(OSError, match="went away"):
            sheets.make_file(Table("x", COLUMNS, rows()), file_type)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Zapisy i frekwencja", "Zapisy i frekwencja"),
        ("Rok 2013/2014: [Azory]?", "Rok 2013 2014 Azory"),
        ("Bardzo długi tytuł raportu o wydarzeniach", "Bardzo długi tytuł raportu o wy"),
        ("'//'", "1"),
    ],
)
def test_title_becomes_a_name_excel_allows(title, name):
    assert sheets.sheet_name(title) == name


def test_row_shorter_than_the_columns_is_a_mistake_not_a_shift():
    with pytest.raises(ValueError, match="zip"):
        sheets.make_file(a_table(ROW[:-1]), sheets.OPEN_CSV)


def test_keys_are_unique():
    with pytest.raises(ValueError, match="came"):
        a_table(columns=(Column("came", "A"), Column("came", "B")))


def test_people_read_values_in_their_own_way():
    with translation.override("pl"):
        shown = [column.show(value) for column, value in zip(COLUMNS, ROW, strict=True)]
        thousands = Column("n", "n", Kind.INTEGER).show(1_234_567)

    assert shown[1:] == ["+48\xa0600\xa0100\xa0200", "-2", "12,5", "3.02.2014", "3.07.2014, 17:30", "spacer badawczy"]
    assert thousands == "1\xa0234\xa0567"
    assert [column.show(None) for column in COLUMNS] == [""] * len(COLUMNS)


MEMORY = """
import re, sys, tempfile
import django
django.setup()
from active_citizens.core import sheets
from tests.core.test_tables import COLUMNS, ROW
from active_citizens.core.tables import Table

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

def make(rows):
    with tempfile.NamedTemporaryFile() as file:
        assert sheets.{write}(Table("x", COLUMNS, (ROW for _row in range(rows))), file.name) == rows

make(100)
before = peak()
make(100_000)
print(peak() - before)
"""


@pytest.mark.parametrize("write", ["write_xlsx", "write_excel_csv", "write_open_csv"])
def test_memory_stays_flat_for_a_hundred_thousand_rows(write):
    """In a process of its own, since a test run has seen higher peaks already."""
    code = MEMORY.replace("{write}", write)
    grown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert float(grown) <= 20
