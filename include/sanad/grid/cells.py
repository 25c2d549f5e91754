"""The grid itself: what a reader of any spreadsheet format must deliver."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sanad.grid.formats import shown_date, shown_number


class CellError(str):
    """What a formula left behind instead of a value: ``#DIV/0!``."""

    __slots__ = ()


Value = float | bool | datetime | CellError | str
_BLANKS = re.compile(r"[\s\u00a0]+")


def column_letters(column: int) -> str:
    """The letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def clean(text: str) -> str:
    """Text with every run of blanks, no-break spaces among them, made one space."""
    return _BLANKS.sub(" ", text).strip()


class Cell(NamedTuple):
    """One cell that holds something.

    ``row`` and ``column`` count from 0; ``ordinal`` counts the non-empty cells of the file in reading order
    (sheet by sheet, row by row), from 0.
    """

    sheet: str
    row: int
    column: int
    value: Value
    number_format: str
    indent: int
    ordinal: int

    @property
    def address(self) -> str:
        """``I61``."""
        return f"{column_letters(self.column)}{self.row + 1}"

    @property
    def locator(self) -> str:
        """``'EBOPS '!I61``."""
        return locate(self.sheet, self.row, self.column)

    @property
    def shown(self) -> str:
        """What a reader of the document sees: a cell may store 36409.9251 and show 36,410."""
        match self.value:
            case bool():
                return str(self.value).upper()
            case float():
                return shown_number(self.value, self.number_format)
            case datetime():
                return shown_date(self.value, self.number_format)
        return self.value

    @property
    def text(self) -> str:
        """The shown text with blanks collapsed."""
        return clean(self.shown)


def locate(sheet: str, row: int | None = None, column: int | None = None) -> str:
    """The locator of a cell, or of a row (``'EBOPS '!8:8``), or of a sheet."""
    quoted = "'" + sheet.replace("'", "''") + "'"
    if row is None:
        return quoted
    if column is None:
        return f"{quoted}!{row + 1}:{row + 1}"
    return f"{quoted}!{column_letters(column)}{row + 1}"


@dataclass(frozen=True)
class Sheet:
    """One sheet: its cells by (row, column), and its merges as (top, left, bottom, right), all inclusive."""

    name: str
    cells: dict[tuple[int, int], Cell]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)

    def at(self, row: int, column: int) -> Cell | None:
        """The cell at a place, None where nothing stands."""
        return self.cells.get((row, column))

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Rows that hold something, from the top, each with its cells from the left."""
        row: list[Cell] = []
        for cell in self.cells.values():
            if row and cell.row != row[0].row:
                yield row[0].row, row
                row = []
            row.append(cell)
        if row:
            yield row[0].row, row


@dataclass(frozen=True)
class Grid:
    """A workbook: its sheets in order."""

    sheets: list[Sheet]

    def sheet(self, name: str) -> Sheet | None:
        """The sheet whose name, blanks collapsed, is this; publishers leave trailing spaces."""
        return next((sheet for sheet in self.sheets if clean(sheet.name) == name), None)
