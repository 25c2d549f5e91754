"""What stands over and beside a cell of an archived table, as the registry's layout words it."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from sanad.registry import Layout
from sanad.verify.headings import clean
from sanad.verify.locators import Place, Table


class View:
    """A table with the words of its layout; what all figures of a column share is looked up once."""

    def __init__(self, table: Table, layout: Layout | None) -> None:
        self.table = table
        self.layout = layout
        self._headings: dict[Place, Place | None] = {}

    def heading(self, where: Place, row: int) -> Place | None:
        """The cell of a row above that heads the column of ``where``."""
        if row >= where.row:
            return None
        over = Place(where.sheet, row, where.column)
        if over not in self._headings:
            self._headings[over] = self.table.heading(where, row)
        return self._headings[over]

    def measure(self, where: Place) -> str | None:
        """What the nearest of the layout's words for a measure over the cell's column stands for."""
        above = [measure for row, measure in self._measures[where.sheet, where.column] if row < where.row]
        return above[-1] if above else None

    @cached_property
    def _measures(self) -> dict[tuple[str, int], list[tuple[int, str]]]:
        words = self.layout.measures if self.layout else {}
        found: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
        for where, value in self.table.cells.items():
            if isinstance(value, str) and (measure := words.get(clean(value))):
                found[where.sheet, where.column].append((where.row, measure))
        return found

    def states_unit_above(self, where: Place) -> bool:
        """Whether the layout's unit is printed above the cell."""
        return self._unit_rows.get(where.sheet, where.row) < where.row

    @cached_property
    def _unit_rows(self) -> dict[str, int]:
        words = self.layout.unit_text if self.layout else ""
        rows: dict[str, int] = {}
        for where, value in self.table.cells.items():
            if isinstance(value, str) and words in clean(value):
                rows.setdefault(where.sheet, where.row)
        return rows

    def code(self, label: str) -> str | None:
        """The code of the layout's lines that a label begins with, or of the line that has only this label."""
        lines = self.layout.lines if self.layout else {}
        first = clean(label).partition(" ")[0].removesuffix(".")
        if first in lines:
            return first
        return next((code for code, words in lines.items() if words == clean(label)), None)
