"""What every file of rows and columns has: cells by place, and what stands over, beside and before a place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

Value = Decimal | bool | datetime | date | str
Merge = tuple[int, int, int, int]

_SHEET_PLACE = re.compile(r"^'((?:[^']|'')*)'!([A-Z]{1,3})([1-9][0-9]*)$")
_CSV_PLACE = re.compile(r"^cell=([1-9][0-9]*),([1-9][0-9]*)$")


class Unread(Exception):
    """The second reader cannot read this file."""


class Place(NamedTuple):
    """Where a cell stands: its sheet (empty in CSV), row and column from 0."""

    sheet: str
    row: int
    column: int


def place(locator: str) -> Place:
    """The place a locator names: ``'EBOPS '!I61``, or in CSV ``cell=61,9`` (RFC 7111). LookupError for another form."""
    if found := _CSV_PLACE.match(locator):
        return Place("", int(found[1]) - 1, int(found[2]) - 1)
    if not (found := _SHEET_PLACE.match(locator)):
        raise LookupError(f"{locator} names no cell")
    column = 0
    for letter in found[2]:
        column = column * 26 + ord(letter) - 64
    return Place(found[1].replace("''", "'"), int(found[3]) - 1, column - 1)


def number(value: float) -> Decimal:
    """The shortest decimal that reads back as the same double."""
    return Decimal(repr(value)) + 0


@dataclass(frozen=True, eq=False)
class Table:
    """A file's cells by place, in reading order, empty ones left out; ``merges`` by sheet are (top, left, bottom,
    right), inclusive. ``reader`` says which library read them.
    """

    reader: str
    cells: Mapping[Place, Value]
    merges: Mapping[str, Sequence[Merge]] = field(default_factory=dict)

    def at(self, locator: str) -> Value | None:
        """What stands at a locator, None where nothing does; LookupError when it names no cell."""
        return self.cells.get(place(locator))

    @cached_property
    def ordinals(self) -> dict[Place, int]:
        """How many cells stand before each, in reading order."""
        return {where: ordinal for ordinal, where in enumerate(self.cells)}

    @cached_property
    def _rows(self) -> dict[tuple[str, int], list[int]]:
        rows: dict[tuple[str, int], list[int]] = {}
        for where in self.cells:
            rows.setdefault((where.sheet, where.row), []).append(where.column)
        return rows

    @cached_property
    def _columns(self) -> dict[tuple[str, int], list[int]]:
        columns: dict[tuple[str, int], list[int]] = {}
        for where in self.cells:
            columns.setdefault((where.sheet, where.column), []).append(where.row)
        return columns

    def heading(self, where: Place, row: int) -> Place | None:
        """The cell of a row that heads a column: that of the merge over it, else the nearest at or left of it."""
        for top, left, bottom, right in self.merges.get(where.sheet, ()):
            if top <= row <= bottom and left <= where.column <= right:
                return Place(where.sheet, top, left)
        filled = self._rows.get((where.sheet, row), [])
        nearest = bisect_right(filled, where.column)
        return Place(where.sheet, row, filled[nearest - 1]) if nearest else None

    def first_of(self, where: Place) -> Place:
        """The first cell of a place's row."""
        return Place(where.sheet, where.row, self._rows[where.sheet, where.row][0])

    def above(self, where: Place) -> list[Value]:
        """What stands above a cell in its column, the nearest first."""
        rows = self._columns.get((where.sheet, where.column), [])
        return [self.cells[Place(where.sheet, row, where.column)] for row in reversed(rows) if row < where.row]

    def left(self, where: Place) -> list[Value]:
        """What stands left of a cell in its row, the nearest first."""
        filled = self._rows.get((where.sheet, where.row), [])
        return [self.cells[Place(where.sheet, where.row, c)] for c in reversed(filled) if c < where.column]
