"""Files of a table: CSV for the Polish Excel, CSV for machines, XLSX (REP-02, REP-03, REP-04).

Rows go to the disk as they come, so that memory stays flat however many there are.
"""

import csv
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rustpy_xlsxwriter import Format, write_worksheets

from active_citizens.core.refusal import RuleBroken
from active_citizens.core.tables import Column, Kind, Table, local

# How a value of a column becomes a cell; None writes it as it is.
Cell = Callable[[Any], Any]

# A text beginning so is a formula to a spreadsheet that opens the CSV (OWASP), full-width twins included.
RISKY = frozenset("=+-@\t\r\n＝＋－＠")
# One row of the sheet is the header.
XLSX_ROWS = 1_048_576 - 1
# Excel's limit of a cell, in UTF-16 units.
XLSX_CHARACTERS = 32_767
XLSX_FIRST_YEAR = 1900
WIDTHS = {Kind.TEXT: 28, Kind.PHONE: 18, Kind.INTEGER: 12, Kind.DECIMAL: 12, Kind.DATE: 12, Kind.DATETIME: 17}


# --- CSV ---------------------------------------------------------------------------------------------------------------


def safe(value: Any) -> str:
    """The value as text that no spreadsheet takes for a formula: an apostrophe comes before one that would be.

    A phone in E.164 begins with a plus, so it gets the apostrophe too and stays readable.
    """
    if value is None:
        return ""
    text = value if type(value) is str else str(value)
    first = text[:1]
    if first in RISKY or (first.isspace() and text.lstrip()[:1] in RISKY):
        return f"'{text}"
    return text


def _label(column: Column) -> Cell:
    # Asked for now, in the language in force; a lazy text would be translated once for every row.
    labels = {code: str(label) for code, label in column.choices.items()}
    return lambda value: safe(labels.get(value, value))


def _excel_decimal(places: int) -> Cell:
    return lambda value: None if value is None else f"{Decimal(value):.{places}f}".replace(".", ",")


def _open_decimal(places: int) -> Cell:
    return lambda value: None if value is None else f"{Decimal(value):.{places}f}"


def _excel_date(value: date | None) -> str | None:
    return None if value is None else f"{value.day:02}.{value.month:02}.{value.year:04}"


def _excel_datetime(value: datetime | None) -> str | None:
    if value is None:
        return None
    value = local(value)
    return f"{value.day:02}.{value.month:02}.{value.year:04} {value.hour:02}:{value.minute:02}"


def _open_date(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _open_datetime(value: datetime | None) -> str | None:
    return None if value is None else local(value).isoformat(timespec="seconds")


def _excel_cell(column: Column) -> Cell | None:
    match column.kind:
        case Kind.INTEGER:
            return None
        case Kind.DECIMAL:
            return _excel_decimal(column.places)
        case Kind.DATE:
            return _excel_date
        case Kind.DATETIME:
            return _excel_datetime
    return _label(column) if column.choices else safe


def _open_cell(column: Column) -> Cell | None:
    match column.kind:
        case Kind.INTEGER:
            return None
        case Kind.DECIMAL:
            return _open_decimal(column.places)
        case Kind.DATE:
            return _open_date
        case Kind.DATETIME:
            return _open_datetime
    return safe


def _write_csv(table: Table, path: str, *, header: list[str], cells: list[Cell | None], delimiter: str, encoding: str) -> int:
    count = 0
    with open(path, "w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(header)
        for row in table.rows:
            count += 1
            writer.writerow([cell(value) if cell else value for cell, value in zip(cells, row, strict=True)])
    return count


def write_excel_csv(table: Table, path: str) -> int:
    """CSV that the Polish Excel opens by double click: BOM, semicolons, decimal commas, dd.mm.rrrr. Returns the rows written."""
    header = [safe(str(column.heading)) for column in table.columns]
    cells = [_excel_cell(column) for column in table.columns]
    return _write_csv(table, path, header=header, cells=cells, delimiter=";", encoding="utf-8-sig")


def write_open_csv(table: Table, path: str) -> int:
    """CSV for machines (RFC 4180): no BOM, commas, ISO dates, points, codes, keys as the header. Returns the rows written."""
    header = [column.key for column in table.columns]
    cells = [_open_cell(column) for column in table.columns]
    return _write_csv(table, path, header=header, cells=cells, delimiter=",", encoding="utf-8")


# --- XLSX --------------------------------------------------------------------------------------------------------------


def fitting(value: Any) -> str | None:
    """The value as the text of a cell; a text is a text there, whatever it begins with, but its length has a limit."""
    if value is None:
        return None
    text = value if type(value) is str else str(value)
    # Half of the limit fits even if every character takes two units.
    if len(text) > XLSX_CHARACTERS // 2 and len(units := text.encode("utf-16-le")) > 2 * XLSX_CHARACTERS:
        text = units[: 2 * (XLSX_CHARACTERS - 1)].decode("utf-16-le", "ignore") + "…"
    return text


def _xlsx_label(column: Column) -> Cell:
    labels = {code: str(label) for code, label in column.choices.items()}
    return lambda value: fitting(labels.get(value, value))


def _xlsx_date(value: date | None) -> date | str | None:
    # Excel's calendar begins in 1900; an older date stays readable as text.
    return value if value is None or value.year >= XLSX_FIRST_YEAR else value.isoformat()


def _xlsx_datetime() -> Cell:
    # Excel knows no zones: the cell shows the clocks of Kraków. The zone is looked up once, not for every cell.
    zone = timezone.get_default_timezone()

    def cell(value: datetime | None) -> datetime | str | None:
        if value is None:
            return None
        if value.tzinfo:
            value = value.astimezone(zone).replace(tzinfo=None)
        return value if value.year >= XLSX_FIRST_YEAR else value.isoformat(sep=" ", timespec="minutes")

    return cell


def _xlsx_cell(column: Column) -> Cell | None:
    match column.kind:
        case Kind.INTEGER | Kind.DECIMAL:
            return None
        case Kind.DATE:
            return _xlsx_date
        case Kind.DATETIME:
            return _xlsx_datetime()
    return _xlsx_label(column) if column.choices else fitting


def _number_formats(table: Table, headings: list[str]) -> dict[str, Format]:
    """How cells look, for the columns that need saying: each formatted cell costs time, and a text or a count needs none.

    Only a phone is told to stay a text, so that Excel does not make a number of it when somebody edits the cell.
    """
    formats = {Kind.PHONE: "@", Kind.DATE: "dd.mm.yyyy", Kind.DATETIME: "dd.mm.yyyy hh:mm"}
    said = {}
    for heading, column in zip(headings, table.columns, strict=True):
        look = f"{0:.{column.places}f}" if column.kind == Kind.DECIMAL else formats.get(column.kind)
        if look:
            said[heading] = Format().set_num_format(look)
    return said


def sheet_name(title: str, taken: str = "") -> str:
    """The title as Excel allows a sheet to be called: 31 characters, none of ``[]:*?/\\``, no apostrophe at the ends."""
    name = "".join(" " if character in "[]:*?/\\" else character for character in title)
    name = " ".join(name.split())[:31].strip("' ") or "1"
    return f"{name[:29]} 2" if name.casefold() == taken.casefold() else name


def _headings(table: Table) -> list[str]:
    """The headings, each once: the writer knows a column by its heading, and a translation may give two the same."""
    headings: list[str] = []
    for column in table.columns:
        heading = str(column.heading)
        headings.append(f"{heading} ({column.key})" if heading in headings else heading)
    return headings


class _Records:
    """The rows as the writer wants them, counted on the way."""

    def __init__(self, table: Table, headings: list[str]) -> None:
        self.table = table
        self.headings = headings
        self.count = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        cells = [_xlsx_cell(column) for column in self.table.columns]
        for row in self.table.rows:
            self.count += 1
            if self.count > XLSX_ROWS:
                raise RuleBroken("too_many_rows", _("An Excel sheet has room for 1,048,575 rows. Choose CSV, or a shorter period."))
            values = [cell(value) if cell else value for cell, value in zip(cells, row, strict=True)]
            yield dict(zip(self.headings, values, strict=True))
        if not self.count:
            # The writer learns the header from the first row; one without values leaves the header alone.
            yield dict.fromkeys(self.headings)


def _about(table: Table, headings: list[str]) -> list[dict[str, str]]:
    """What the file says about itself: what was asked for, and what every column means."""
    term, meaning = _("Term"), _("Meaning")
    lines = [(_("Table"), table.title), *table.notes, (_("Version of the definition"), table.version)]
    lines += [(heading, column.meaning or heading) for heading, column in zip(headings, table.columns, strict=True)]
    return [{term: str(left), meaning: str(right)} for left, right in lines]


def write_xlsx(table: Table, path: str) -> int:
    """A workbook with typed cells: the data under one frozen header, and a second sheet that explains it. Returns the rows written.

    Raises RuleBroken ``too_many_rows``.
    """
    data = sheet_name(str(table.title))
    about = sheet_name(_("About this table"), taken=data)
    headings = _headings(table)
    pairs = list(zip(headings, table.columns, strict=True))
    records = _Records(table, headings)
    # ``write_worksheets`` rather than the setters of ``FastExcel``: two sheets, one pass, straight to the disk.
    write_worksheets(
        [(data, iter(records)), (about, _about(table, headings))],
        path,
        freeze_panes={"general": {"row": 1, "col": 0}},
        header_format={name: Format().set_bold().set_text_wrap().set_align("top") for name in (data, about)},
        column_formats={data: _number_formats(table, headings)},
        column_widths={
            data: {heading: float(max(WIDTHS[column.kind], min(len(heading) + 2, 24))) for heading, column in pairs},
            about: [32.0, 100.0],
        },
        autofilter={data: True},
        ignore_errors={data: [heading for heading, column in pairs if not column.is_number]},
        page_setup={data: {"landscape": True, "paper_size": 9, "fit_to_pages": (1, 0), "repeat_rows": 0}},
    )
    return records.count


# --- What can be asked for -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FileType:
    """A way to write a table, and how the browser is told about it."""

    extension: str
    content_type: str
    write: Callable[[Table, str], int]


XLSX = FileType("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx)
EXCEL_CSV = FileType("csv", "text/csv; charset=utf-8; header=present", write_excel_csv)
OPEN_CSV = FileType("csv", "text/csv; charset=utf-8; header=present", write_open_csv)


def make_file(table: Table, file_type: FileType) -> tuple[IO[bytes], int]:
    """The table written to the disk, opened at its beginning, with the number of its rows; closing the file removes it."""
    file = tempfile.NamedTemporaryFile(prefix="table-", suffix=f".{file_type.extension}")  # noqa: SIM115 - the caller closes it
    try:
        count = file_type.write(table, file.name)
    except BaseException:
        with suppress(OSError):
            file.close()
        raise
    return file, count
