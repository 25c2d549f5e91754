"""What stands over and beside a cell of an archived table, as the registry's layout words it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
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
        """What the nearest of the layout's words for a measure over the cell's column stands for.

        The one measure of a layout may be said by a title, which begins with its words anywhere above.
        """
        above = [measure for row, measure in self._measures[where.sheet, where.column] if row < where.row]
        return above[-1] if above else self._titled(where)

    @cached_property
    def _measures(self) -> dict[tuple[str, int], list[tuple[int, str]]]:
        words = self.layout.measures if self.layout else {}
        found: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
        for where, value in self.table.cells.items():
            if isinstance(value, str) and (measure := words.get(clean(value))):
                found[where.sheet, where.column].append((where.row, measure))
        return found

    def _titled(self, where: Place) -> str | None:
        measures = list(self.layout.measures.values()) if self.layout else []
        is_titled = len(measures) == 1 and self._title_rows.get(where.sheet, where.row) < where.row
        return measures[0] if is_titled else None

    @cached_property
    def _title_rows(self) -> dict[str, int]:
        words = tuple(self.layout.measures) if self.layout else ()
        return self._first_rows(lambda text: text.startswith(words))

    def states_unit_above(self, where: Place) -> bool:
        """Whether the layout's unit is printed above the cell.

        Where periods stand beside the rows it must head the cell's own column: the block beside has another unit.
        """
        row = self._unit_rows.get(where.sheet, where.row)
        if row >= where.row or not self.layout or self.layout.periods == "across":
            return row < where.row
        over = self.heading(where, row)
        return over is not None and self.layout.unit_text in clean(str(self.table.cells.get(over)))

    @cached_property
    def _unit_rows(self) -> dict[str, int]:
        words = self.layout.unit_text if self.layout else ""
        return self._first_rows(lambda text: words in text)

    def _first_rows(self, says: Callable[[str], bool]) -> dict[str, int]:
        """The first row of each sheet in which a cell says so."""
        rows: dict[str, int] = {}
        for where, value in self.table.cells.items():
            if isinstance(value, str) and says(clean(value)):
                rows.setdefault(where.sheet, where.row)
        return rows

    def code(self, label: str, where: Place, heading: Place | None) -> str | None:
        """The code of the line that a figure is of: as its label says, or its heading where periods stand beside rows.

        A label begins with the code, or is the line's own words; of lines with the same own words, that one whose other
        words stand nearest above them.
        """
        words = self.layout.words if self.layout else {}
        if self.layout and self.layout.periods == "down":
            return self._nearest(words, heading) if heading else None
        first = clean(label).partition(" ")[0].removesuffix(".")
        if first in words:
            return first
        beside = (Place(where.sheet, where.row, column) for column in range(where.column))
        return next((self._nearest(words, at) for at in beside if self.table.cells.get(at) == label), None)

    def _nearest(self, words: Mapping[str, tuple[str, ...]], at: Place) -> str | None:
        own = clean(str(self.table.cells.get(at)))
        fitting = {said[:-1]: code for code, said in words.items() if said[-1] == own}
        if not any(fitting):
            return fitting.get(())
        above = (clean(text) for text in self.table.above(at) if isinstance(text, str))
        return next((fitting[text,] for text in above if (text,) in fitting), None)
