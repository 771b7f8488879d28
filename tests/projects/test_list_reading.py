"""Files as people save them become rows, and files that want to do harm become a sentence."""

import io
import re
import zipfile
from contextlib import suppress

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from active_citizens.core.refusal import RuleBroken
from projects.domain import list_reading
from projects.domain.list_columns import Layout, recognise
from projects.domain.list_judging import Estates, Kind, Known, Twin, judge
from projects.domain.list_reading import Rows, read
from tests.projects.test_list_cells import TODAY

ROWS = [["imię i nazwisko", "telefon"], ["Żaneta Łąka", "601002003"]]


def a_workbook(rows: list[list[object]], **cells: object) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for address, value in cells.items():
        book.active[address] = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def an_archive(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


# --- CSV and workbooks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_csv_is_read_however_it_was_saved(encoding: str, separator: str) -> None:
    text = "\r\n".join(separator.join(row) for row in ROWS)
    assert read(text.encode(encoding)) == ROWS


def test_a_line_break_in_quotes_is_no_new_row() -> None:
    content = 'imię i nazwisko;uwagi\n"Jan Przykładny";"pierwsza\ndruga; i trzecia"\nOla;\n'.encode()
    assert read(content) == [["imię i nazwisko", "uwagi"], ["Jan Przykładny", "pierwsza\ndruga; i trzecia"], ["Ola", ""]]


def test_the_line_excel_writes_for_itself_says_the_separator_and_counts_as_a_row() -> None:
    assert read(b"sep=,\na;b,c;d\n") == [[], ["a;b", "c;d"]]


def test_a_workbook_is_read_by_values() -> None:
    content = a_workbook([["imię i nazwisko", "telefon", "rok"], ["Jan", 601002003.0, 1950], ["=1+1", None, 1.5]])
    assert read(content) == [["imię i nazwisko", "telefon", "rok"], ["Jan", "601002003", "1950"], ["", "", "1.5"]]


def test_the_place_of_a_row_is_its_number_in_the_file() -> None:
    assert read(a_workbook([], B3="Jan Przykładny"))[2] == ["", "Jan Przykładny"]


def test_the_first_sheet_somebody_sees_is_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(["ukryte"])
    book.active.sheet_state = "hidden"
    book.create_sheet("Lista").append(["Jan Przykładny"])
    file = io.BytesIO()
    book.save(file)
    assert read(file.getvalue()) == [["Jan Przykładny"]]


HARMFUL = {
    "larger than 5 MB": (lambda: b"a" * (list_reading.MOST_BYTES + 1), "too_big"),
    "nothing": (lambda: b"", "empty"),
    "only blank rows": (lambda: b";;\n\n;;\n", "empty"),
    "more rows than a list has": (lambda: b"Jan\n" * 10_001, "too_many_rows"),
    "more rows in a workbook": (lambda: a_workbook([], A10001="Jan"), "too_many_rows"),
    "a cell in the last corner of the sheet": (lambda: a_workbook([["Jan"]], XFD1048576="x"), "broken"),
    "a zip that unpacks to 100 MB": (lambda: an_archive(xl__workbook_xml=b"\0" * 100_000_000), "broken"),
    "a zip that is no workbook": (lambda: an_archive(readme=b"hello"), "broken"),
    "half a workbook": (lambda: a_workbook([["Jan"]])[:2000], "broken"),
    "a workbook behind a password": (lambda: list_reading.OLE + b"\0" * 500 + list_reading.ENCRYPTED, "password"),
    "an ODS behind a password": (lambda: an_archive(**{"META-INF__manifest_xml": b"<manifest:encryption-data/>"}), "password"),
    "an old Excel file": (lambda: list_reading.OLE + b"\0" * 500, "old_format"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "broken"),
}


@pytest.mark.parametrize("case", HARMFUL, ids=list(HARMFUL))
def test_what_is_no_list_is_refused_in_words(case: str) -> None:
    make, code = HARMFUL[case]
    with pytest.raises(RuleBroken) as broken:
        read(make())
    assert (broken.value.code, broken.value.field) == (code, "file")


# --- Columns ------------------------------------------------------------------------------------------------------------------

COLUMNS = [
    ([["Imię i nazwisko", "Telefon", "E-mail"]], Layout(1, ("name", "phone", "email"))),
    ([["IMIE", "NAZWISKO", "Nr tel.", "adres e-mail", "Osiedle:", "Rok urodzenia", "Uwagi"]],
     Layout(1, ("first", "last", "phone", "email", "estate", "year", ""))),
    ([["Lista uczestników – Ugorek", "", ""], [], ["Lp.", "nazwisko i imię", "tel"]], Layout(3, ("", "reversed", "phone"))),
    ([["Full name", "Phone number", "Year of birth"]], Layout(1, ("name", "phone", "year"))),
    ([["telefon", "telefon"]], Layout(1, ("phone", ""))),
    ([["Jan Przykładny", "601 002 003", "jan@example.org"], ["Ola Przykładna", "602 002 003", "ola@example.org"]],
     Layout(0, ("name", "phone", "email"))),
    ([["a", "b"]], Layout(0, ("", ""))),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "layout"), COLUMNS)
def test_columns_are_recognised(rows: Rows, layout: Layout) -> None:
    assert recognise(rows) == layout


# --- Judging ------------------------------------------------------------------------------------------------------------------

ESTATES = Estates("ugorek", frozenset({"ugorek", "azory"}))
HEAD = ["imię i nazwisko", "telefon", "e-mail", "osiedle"]


def judged(*rows: list[str], known: Known | None = None) -> list[tuple[int, str, str]]:
    full = [HEAD, *rows]
    found = judge(full, recognise(full), known or Known(), ESTATES, TODAY)
    return [(verdict.number, str(verdict.kind), verdict.code) for verdict in found]


JUDGED = [
    ("a good row", [["Jan Przykładny", "601002003"]], [(2, "good", "")]),
    ("a blank row is passed by, and numbers stay", [["", ""], ["\u00a0", ""], ["Jan P", ""]], [(4, "good", "")]),
    ("a row shorter than the heading", [["Jan P"]], [(2, "good", "")]),
    ("no name", [["", "601002003"]], [(2, "error", "no_name")]),
    ("the heading once more, as on a second page", [["Jan P"], HEAD], [(2, "good", ""), (3, "error", "heading")]),
    ("a row of totals", [["Jan P"], ["Razem:", "1"]], [(2, "good", ""), (3, "error", "total")]),
    ("a number of people", [["Liczba osób: 12"], ["Suma", "3"]], [(2, "error", "total"), (3, "error", "total")]),
    ("somebody called like a total", [["Suma Anna", "601002003"]], [(2, "good", "")]),
    ("a broken phone", [["Jan P", "123"]], [(2, "error", "phone")]),
    ("a broken e-mail", [["Jan P", "", "jan"]], [(2, "error", "email")]),
    ("another neighbourhood", [["Jan P", "", "", "Azory"]], [(2, "error", "other_estate")]),
    ("a neighbourhood nobody knows", [["Jan P", "", "", "Marsjany"]], [(2, "error", "unknown_estate")]),
    ("the own neighbourhood in another spelling", [["Jan P", "", "", "Ugorek os."]], [(2, "good", "")]),
    ("the same row twice", [["Jan P", "601002003"], ["Jan P", "601002003"]], [(2, "good", ""), (3, "double", "same_phone_row")]),
    ("a couple with one phone", [["Jan P", "601002003"], ["Ola P", "601002003"]], [(2, "good", ""), (3, "double", "same_phone_row")]),
    ("one e-mail in two cases", [["Jan P", "", "J@example.org"], ["Ola P", "", "j@example.org"]],
     [(2, "good", ""), (3, "double", "same_email_row")]),
    ("one name in another order and case", [["Jan Łąka"], ["ŁĄKA JAN"]], [(2, "good", ""), (3, "double", "same_name_row")]),
    ("a row that is wrong is nobody’s twin", [["Jan P", "123"], ["Jan P", "601002003"]], [(2, "error", "phone"), (3, "good", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "verdicts"), [row[1:] for row in JUDGED], ids=[row[0] for row in JUDGED])
def test_rows_are_judged(rows: Rows, verdicts: list[tuple[int, str, str]]) -> None:
    assert judged(*rows) == verdicts


def test_somebody_known_is_a_double_by_phone_by_email_and_by_name() -> None:
    twin = Twin("Jan Przykładny", person=7)
    known = Known({"+48601002003": twin}, {"jan@example.org": twin}, {"jan przykladny": twin})
    rows = [["X Y", "601002003"], ["X Z", "", "jan@example.org"], ["Przykładny JAN"]]
    assert [code for _number, _kind, code in judged(*rows, known=known)] == ["same_phone", "same_email", "same_name"]


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_a_sentence(content: bytes) -> None:
    with suppress(RuleBroken):
        rows = read(content.removeprefix(b"PK"))
        judge(rows, recognise(rows), Known(), ESTATES, TODAY)


@given(st.lists(st.text(max_size=40), min_size=4, max_size=4))
def test_any_cells_are_judged_and_what_is_good_fits_the_database(cells: list[str]) -> None:
    (verdict, *_more) = judge([HEAD, cells], Layout(1, ("name", "phone", "email", "year")), Known(), ESTATES, TODAY) or [None]
    if verdict is not None and verdict.found is not None:
        found = verdict.found
        assert 0 < len(found.name) <= 150
        assert re.fullmatch(r"(\+[1-9][0-9]{7,14})?", found.phone)
        assert found.year is None or 1900 <= found.year <= TODAY.year
        assert "\0" not in found.name


def test_every_sentence_can_be_said() -> None:
    full = [HEAD, ["Jan P", "601002003"], ["Jan P", "601002003"]]
    last = judge(full, recognise(full), Known(), ESTATES, TODAY)[-1]
    assert last.kind == Kind.DOUBLE
    assert last.sentence == "Ten sam telefon co w wierszu 2 tego pliku: Jan P"
