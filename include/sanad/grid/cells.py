"""The grid itself: what a reader of any spreadsheet format must deliver."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from xlrd.xldate import xldate_as_datetime

from sanad.grid.formats import shown_date, shown_number


class CellError(str):
    """What a formula left behind instead of a value: ``#DIV/0!``."""

    __slots__ = ()


Value = float | bool | datetime | CellError | str
_SHEET_LOCATOR = re.compile(r"^'((?:[^']|'')*)'(?:!([A-Z]+)?([0-9]+)(?::[0-9]+)?)?$")
_CSV_LOCATOR = re.compile(r"^(?:cell|row)=([0-9]+)(?:,([0-9]+))?(?:-\*)?$")
_BLANKS = re.compile(r"[\s\u00a0]+")


@cache
def column_letters(column: int) -> str:
    """The letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def dated(number: float, datemode: int) -> Value:
    """The date a number in a date's format stands for; datemode 0 counts from 1900, 1 from 1904.

    A number outside of the calendar only wears the format and stays a number.
    """
    if number < 0:
        return number
    try:
        return xldate_as_datetime(number, datemode)  # type: ignore[no-any-return]
    except (ValueError, OverflowError):
        return number


def clean(text: str) -> str:
    """Text with every run of blanks, no-break spaces among them, made one space."""
    return _BLANKS.sub(" ", text).strip()


class Cell(NamedTuple):
    """One cell that holds something.

    ``row`` and ``column`` count from 0; ``ordinal`` counts the non-empty cells of the file in reading order
    (sheet by sheet, row by row), from 0. ``sheet`` is empty where the format knows no sheets. ``place`` is the locator
    itself in formats that have no addresses by row and column: HTML, PDF.
    """

    sheet: str
    row: int
    column: int
    value: Value
    number_format: str
    indent: int
    ordinal: int
    place: str | None = None

    @property
    def address(self) -> str:
        """``I61``."""
        return f"{column_letters(self.column)}{self.row + 1}"

    @property
    def locator(self) -> str:
        """``'EBOPS '!I61``."""
        return self.place or locate(self.sheet, self.row, self.column)

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
    """The locator of a cell (``'EBOPS '!I61``), of a row (``'EBOPS '!8:8``), or of a whole sheet.

    Without a sheet, in CSV, it is RFC 7111's fragment: ``cell=61,9``, ``row=8``, ``row=1-*``. Rows are records, so
    a line break inside quotes starts none.
    """
    if not sheet:
        if row is None:
            return "row=1-*"
        return f"row={row + 1}" if column is None else f"cell={row + 1},{column + 1}"
    quoted = _quoted(sheet)
    if row is None:
        return quoted
    if column is None:
        return f"{quoted}!{row + 1}:{row + 1}"
    return f"{quoted}!{column_letters(column)}{row + 1}"


def located(locator: str) -> tuple[str, int, int]:
    """Sheet, row and column of a locator, from 0; of a row its first column, of a sheet its first cell."""
    if match := _CSV_LOCATOR.match(locator):
        return "", int(match[1]) - 1, int(match[2] or 1) - 1
    match = _SHEET_LOCATOR.match(locator)
    if not match:
        raise ValueError(f"{locator} locates no cell of a grid")
    column = 0
    for letter in match[2] or "A":
        column = column * 26 + ord(letter) - ord("A") + 1
    return match[1].replace("''", "'"), int(match[3] or 1) - 1, column - 1


@cache
def _quoted(sheet: str) -> str:
    return "'" + sheet.replace("'", "''") + "'"


Row = tuple[int, list[Cell]]
Merge = tuple[int, int, int, int]


@dataclass(eq=False)
class Sheet:
    """One sheet, read when it is asked for.

    ``read_rows`` gives its rows from the top, their cells counted from an ordinal; ``read_merges`` its merges as
    (top, left, bottom, right), all inclusive; ``before`` is the sheet that stands before it in the file. ``kept``
    says that reading twice costs more than keeping: `rows` then fills `cells`, otherwise it streams.
    """

    name: str
    read_rows: Callable[[int], Iterator[Row]]
    read_merges: Callable[[], list[Merge]] = list
    before: Sheet | None = None
    kept: bool = False

    def rows(self) -> Iterator[Row]:
        """Rows that hold something, from the top, each with its cells from the left."""
        if self.kept or "cells" in vars(self):
            by_row = groupby(self.cells.values(), key=attrgetter("row"))
            return ((row, list(cells)) for row, cells in by_row)
        return self._walk()

    def _walk(self) -> Iterator[Row]:
        last = None
        for row, cells in self.read_rows(self.first_ordinal):
            yield row, cells
            last = cells[-1]
        vars(self)["count"] = last.ordinal + 1 - self.first_ordinal if last else 0  # spares another walk

    @cached_property
    def cells(self) -> dict[tuple[int, int], Cell]:
        """Every cell by (row, column), in reading order; from here on they stay in memory."""
        return {(row, cell.column): cell for row, cells in self._walk() for cell in cells}

    def at(self, row: int, column: int) -> Cell | None:
        """The cell at a place, None where nothing stands."""
        return self.cells.get((row, column))

    def over(self, row: int, column: int) -> Cell | None:
        """The cell of a row that heads a column: the first of the merge that lies there, else the one at that place."""
        for top, left, bottom, right in self.merges:
            if top <= row <= bottom and left <= column <= right:
                return self.at(top, left)
        return self.at(row, column)

    @cached_property
    def merges(self) -> list[Merge]:
        """Its merged ranges."""
        return self.read_merges()

    @cached_property
    def first_ordinal(self) -> int:
        """How many cells stand in the sheets before it."""
        return self.before.first_ordinal + self.before.count if self.before else 0

    @cached_property
    def count(self) -> int:
        """How many cells it holds."""
        return sum(len(cells) for _, cells in self._walk())


@dataclass(frozen=True)
class Grid:
    """A file: its sheets in order; for CSV, which has one without a name, also how its text was read; for HTML, whose
    sheets are its tables, also the ``texts`` outside of them.
    """  # fmt: skip

    sheets: list[Sheet]
    encoding: str | None = None
    delimiter: str | None = None
    texts: tuple[str, ...] = ()

    def sheet(self, name: str) -> Sheet | None:
        """The sheet whose name, blanks collapsed, is this; publishers leave trailing spaces."""
        return next((sheet for sheet in self.sheets if clean(sheet.name) == name), None)

    def around(self, locator: str, rows: int = 2, columns: int = 3) -> list[list[Cell | None]]:
        """The cells beside a locator, so many rows and columns to each side; empty when its sheet is not there."""
        name, row, column = located(locator)
        sheet = next((sheet for sheet in self.sheets if sheet.name == name), None)
        if sheet is None:
            return []
        return [
            [sheet.at(r, c) for c in range(max(column - columns, 0), column + columns + 1)]
            for r in range(max(row - rows, 0), row + rows + 1)
        ]
