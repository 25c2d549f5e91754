"""What parsers of workbooks share: the era's layout, its sheet, the unit above a table, a cell's number."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import Protocol, TypeVar

from sanad.grid import Cell, Grid, Sheet
from sanad.grid.cells import locate
from sanad.registry import Dataset, Layout
from sanad.words.errors import Finding, Unreadable
from sanad.words.numbers import shortest
from sanad.words.vocabulary import Consequence


class Headed(Protocol):
    """A table whose header was read: its sheet, and the edition that the header says."""

    @property
    def sheet(self) -> Sheet:
        """Where it stands."""

    @property
    def edition(self) -> str:
        """``2026-02``."""


_AMOUNTS = re.compile(r"amount|\$|\bper\b.*\bunit\b", re.IGNORECASE)
Table = TypeVar("Table", bound=Headed)


def stop(gate: str, expected: str, found: str, locator: str | None = None) -> Unreadable:
    """What cannot be read at all."""
    return Unreadable(Finding(gate, Consequence.QUARANTINE, expected, found, locator))


def era(dataset: Dataset, table: Callable[[Layout], Table]) -> tuple[Layout, Table]:
    """The layout whose words head a table of one of its own editions; no edition is known before a header is read."""
    refusals: list[Unreadable] = []
    for layout in dataset.layouts:
        try:
            found = table(layout)
        except Unreadable as refusal:
            refusals.append(refusal)
            continue
        if layout.covers(found.edition):
            return layout, found
        told = f"none for {found.edition}"
        refusals.append(stop("layout", "a layout declared for the edition", told, locate(found.sheet.name)))
    raise refusals[0]


def sheet_of(grid: Grid, layout: Layout) -> Sheet:
    """The layout's sheet, by its name with blanks collapsed; Unreadable (gate ``sheet``) when there is none."""
    sheet = grid.sheet(layout.sheet)
    if sheet is None:
        found = ", ".join(f"'{other.name}'" for other in grid.sheets)
        raise stop("sheet", f"a sheet '{layout.sheet}'", f"only {found}: this is another dataset's workbook")
    return sheet


def unit_above(sheet: Sheet, header_row: int, layout: Layout) -> Cell:
    """The cell above a header that says the unit the layout declares; Unreadable (gate ``unit_text``) without one."""
    above = [cell for (row, _), cell in sheet.cells.items() if row < header_row]
    for cell in above:
        if layout.unit_text in cell.text:
            return cell
    amounts = [cell for cell in above if _AMOUNTS.search(cell.text)]
    found = f"'{amounts[0].text}'" if amounts else "no unit above the header"
    raise stop("unit_text", f"'{layout.unit_text}'", found, amounts[0].locator if amounts else locate(sheet.name))


def value_of(cell: Cell | None, missing: frozenset[str]) -> tuple[Decimal | None, str | None]:
    """The number, or the reason why there is none; neither when the cell holds something else.

    ``missing`` are the publisher's words for a figure that is not there.
    """
    if cell is None:
        return None, None
    if type(cell.value) is float and isfinite(cell.value):
        return shortest(cell.value), None
    return None, cell.text if type(cell.value) is str and cell.text in missing else None
