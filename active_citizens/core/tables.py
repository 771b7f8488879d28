"""Tables: what a screen shows and a file holds, said once; ``sheets`` writes them to files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise

from active_citizens.core.text import show_phone

Text = str | Promise
Row = Sequence[Any]


class Kind(StrEnum):
    """What a cell is; a file writes it as that, never as what it looks like."""

    TEXT = "text"
    PHONE = "phone"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"


@dataclass(frozen=True)
class Column:
    """One column: a key that never changes, a heading for people, and in words what the figure counts.

    ``choices`` turn codes into words for people; the open CSV keeps the codes. ``places`` is for decimals.
    """

    key: str
    heading: Text
    kind: Kind = Kind.TEXT
    meaning: Text = ""
    choices: Mapping[str, Text] = field(default_factory=dict)
    places: int = 2
    on_screen: bool = True

    @property
    def is_number(self) -> bool:
        return self.kind in (Kind.INTEGER, Kind.DECIMAL)

    def show(self, value: Any) -> str:
        """The value as people read it on a page, in the language in force."""
        if value is None or value == "":
            return ""
        match self.kind:
            case Kind.INTEGER:
                return number_format(value)
            case Kind.DECIMAL:
                return number_format(value, decimal_pos=self.places)
            case Kind.DATE:
                return date_format(value, "SHORT_DATE_FORMAT")
            case Kind.DATETIME:
                return date_format(local(value), "SHORT_DATETIME_FORMAT")
            case Kind.PHONE:
                return show_phone(value)
        return str(self.choices.get(value, value))


@dataclass(frozen=True)
class Table:
    """Columns and the rows under them; ``rows`` may be a generator and is then read once.

    ``version`` grows when a column comes, goes, moves or changes its meaning (REP-11). ``notes`` say what was asked for.
    """

    title: Text
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    version: int = 1
    notes: tuple[tuple[Text, Text], ...] = ()

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if len(set(keys)) != len(keys):
            raise ValueError(f"A key names two columns: {', '.join(keys)}")


def local(moment: datetime) -> datetime:
    """The moment by the clocks of Kraków; one without a zone is taken to be that already."""
    return moment.astimezone(timezone.get_default_timezone()) if moment.tzinfo else moment
