"""A list from a file as rows of text: XLSX, ODS, or CSV in whatever Polish offices save; what cannot be read says why."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 10_000
# A list of people has a handful of columns; what stands further to the right is left.
MOST_COLUMNS = 40
# What a workbook may unpack to; ten thousand rows need a tenth of it.
MOST_UNPACKED = 60 * 1024 * 1024
WITHIN_SECONDS = 30
SEPARATORS = ";,\t"
# Old Office files, and new ones behind a password, begin so.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

Rows = list[list[str]]


def read(content: bytes) -> Rows:
    """The rows of the file as texts, from its first row on, blank ones too: the place in the list is the row's number less one.

    Raises RuleBroken: ``too_big``, ``empty``, ``password``, ``old_format``, ``broken``, ``too_many_rows``.
    """
    if len(content) > MOST_BYTES:
        raise RuleBroken("too_big", _("The file is larger than 5 MB. Split the list into parts."), field="file")
    if content.startswith(OLE):
        _refuse_ole(content)
    rows = _from_workbook(content) if content.startswith(b"PK\x03\x04") else _from_csv(content)
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise RuleBroken("empty", _("There are no rows in this file."), field="file")
    if len(rows) > MOST_ROWS:
        raise RuleBroken("too_many_rows", _("The list has more than 10,000 rows. Split it into parts."), field="file")
    return rows


# --- Workbooks --------------------------------------------------------------------------------------------------------------


def _refuse_ole(content: bytes) -> None:
    if ENCRYPTED in content:
        raise _locked()
    raise RuleBroken("old_format", _("This is an old Excel file. Open it and save it as XLSX."), field="file")


def _locked() -> RuleBroken:
    return RuleBroken("password", _("The file is protected by a password. Save a copy without it and try again."), field="file")


def _broken() -> RuleBroken:
    return RuleBroken("broken", _("This file cannot be read. Open it, save it as XLSX or CSV, and try again."), field="file")


def _from_workbook(content: bytes) -> Rows:
    _check_archive(content)
    command = [sys.executable, "-I", str(Path(__file__).with_name("list_workbook.py")), str(MOST_ROWS + 1), str(MOST_COLUMNS)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=WITHIN_SECONDS, check=True)
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        # Too much memory, too much time, or a reader that gave up: the file is no list.
        raise _broken() from None
    if "rows" not in answer:
        raise _locked() if answer.get("error") == "password" else _broken()
    rows: Rows = answer["rows"]
    return rows


def _check_archive(content: bytes) -> None:
    """Before anything is unpacked: how much it would be, and whether it is locked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MOST_UNPACKED or any(part.flag_bits & 1 for part in parts):
                raise _broken()
            manifest = next((part for part in parts if part.filename == "META-INF/manifest.xml"), None)
            if manifest is not None and b"encryption-data" in archive.read(manifest):
                raise _locked()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        raise _broken() from None


# --- CSV --------------------------------------------------------------------------------------------------------------------


def _from_csv(content: bytes) -> Rows:
    text = _decoded(content)
    if "\0" in text:
        raise _broken()
    first, _newline, rest = text.partition("\n")
    separator = ""
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        # Excel's own line: it says how the others are parted, and counts as a row.
        separator, text = first.strip()[-1], f"\n{rest}"
    try:
        found = csv.reader(io.StringIO(text, newline=""), delimiter=separator or _separator(text), strict=False)
        return [row[:MOST_COLUMNS] for _number, row in zip(range(MOST_ROWS + 1), found, strict=False)]
    except csv.Error:
        raise _broken() from None


def _decoded(content: bytes) -> str:
    """UTF-8 where it is that, with a mark or without; else the letters of Polish Windows."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1250", errors="replace")


def _separator(text: str) -> str:
    """The one that parts the most of the first rows into the same number of cells."""

    def parted(separator: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(text[:20_000], newline=""), delimiter=separator)
        widths = [len(row) for _number, row in zip(range(20), rows, strict=False) if len(row) > 1]
        usual = max(set(widths), key=widths.count, default=0)
        return widths.count(usual), usual

    return max(SEPARATORS, key=parted)
