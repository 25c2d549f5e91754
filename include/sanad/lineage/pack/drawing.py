"""A cell with what stands around it, as rows and columns of a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sanad.grid import Cell, Grid, Sheet, column_letters
from sanad.grid.cells import located

#: How far to look to each side of the cell, and below the header's own row.
_ROWS, _COLUMNS, _HEADER_ROWS = 3, 3, 2


@dataclass(frozen=True)
class Box:
    """One cell of the drawing: how many of its columns it spans, and what it is: cell, header, label or nothing."""

    text: str
    span: int
    role: str
    is_number: bool


@dataclass(frozen=True)
class Drawing:
    """Column letters, and rows as (number in the sheet, boxes); a row without a number stands for those left out."""

    sheet: str
    columns: list[str]
    rows: list[tuple[int | None, list[Box]]]


@dataclass(frozen=True)
class _Window:
    """The places of the drawing in its sheet, from 0."""

    sheet: Sheet
    place: tuple[int, int]
    label: tuple[int, int] | None
    header: tuple[int, int] | None

    @property
    def rows(self) -> list[int]:
        row = self.place[0]
        above = {self.header[0] + below for below in range(_HEADER_ROWS)} if self.header else set()
        return sorted(above | {row + beside for beside in range(-_ROWS, _ROWS + 1) if row + beside >= 0})

    @property
    def columns(self) -> list[int]:
        column = self.place[1]
        left = min([column - _COLUMNS, *([self.header[1]] if self.header else [])])
        first = self.label[1] + 1 if self.label else 0
        last = max(used for _, used in self.sheet.cells)
        beside = range(max(left, first), min(column + _COLUMNS, last) + 1)
        return [*([self.label[1]] if self.label else []), *beside]

    def role(self, place: tuple[int, int]) -> str:
        roles = {self.place: "lit", self.header: "header", self.label: "label"}
        return roles.get(place, "")


def draw(figure: dict[str, Any], grid: Grid) -> Drawing | None:
    """The figure's cell among its neighbours, with its header and its line's label; None where the grid has no such."""
    try:
        name, row, column = located(figure["locator"])
    except ValueError:  # a page of a PDF, a node of JSON
        return None
    sheet = next((one for one in grid.sheets if one.name == name), None)
    if sheet is None:
        return None
    header = located(figure["header_locator"])[1:] if figure["header_locator"] else None
    texts = (cell.column for cell in map(sheet.at, [row] * column, range(column)) if cell and _is_text(cell))
    label = next(texts, None)
    window = _Window(sheet, (row, column), None if label is None else (row, label), header)
    return Drawing(name, [column_letters(one) for one in window.columns], list(_rows(window)))


def _is_text(cell: Cell) -> bool:
    return type(cell.value) is str


def _rows(window: _Window) -> Iterator[tuple[int | None, list[Box]]]:
    before = None
    for row in window.rows:
        if before is not None and row > before + 1:
            yield None, []
        yield row + 1, list(_boxes(window, row))
        before = row


def _boxes(window: _Window, row: int) -> Iterator[Box]:
    """The boxes of a row; one that the publisher merged over columns spans those of them that are drawn."""
    covered: set[int] = set()
    for column in window.columns:
        if column in covered:
            continue
        merge = next((m for m in window.sheet.merges if m[0] == row and m[1] <= column <= m[3]), None)
        spanned = [one for one in window.columns if merge and merge[1] <= one <= merge[3]] or [column]
        covered.update(spanned)
        cell = window.sheet.at(row, merge[1] if merge else column)
        yield Box(cell.text if cell else "", len(spanned), window.role((row, column)), _is_number(cell))


def _is_number(cell: Cell | None) -> bool:
    return cell is not None and type(cell.value) is float
