"""Opens one spreadsheet in a process of its own: ``python list_workbook.py MOST_ROWS MOST_COLUMNS < file > rows.json``.

A workbook of five kilobytes can ask for a hundred gigabytes (one cell in the last corner of the sheet), and the reader then
ends the process it runs in. So it runs in this one, which has little memory and little time, and knows nothing of the portal.
The answer is {"rows": [[text, …], …]} or {"error": code}; values only: formulas and macros are never looked at.
"""

import io
import json
import resource
import sys
from datetime import date, datetime
from typing import Any

MEMORY = 1024**3
SECONDS = 20


def as_text(value: Any) -> str:
    """A cell as it would be typed: a whole number without its point, a date as ISO."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        value = value.date()
    return value.isoformat() if isinstance(value, date) else str(value)


def rows_of(content: bytes, most_rows: int, most_columns: int) -> list[list[str]]:
    """The first sheet somebody sees, from its first row on."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum  # noqa: PLC0415 - only under the limits set below

    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
        seen = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        sheets = (workbook.get_sheet_by_name(name) for name in seen or workbook.sheet_names)
        sheet = next((sheet for sheet in sheets if sheet.height), None)
        if sheet is None:
            return []
        found = sheet.to_python(skip_empty_area=False, nrows=most_rows)
        return [[as_text(value) for value in row[:most_columns]] for row in found]


def main() -> None:
    most_rows, most_columns = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        answer: dict[str, Any] = {"rows": rows_of(sys.stdin.buffer.read(), most_rows, most_columns)}
    except Exception as trouble:  # whatever the reader stumbles over is the file's fault
        answer = {"error": "password" if "assword" in f"{type(trouble).__name__} {trouble}" else "broken"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
