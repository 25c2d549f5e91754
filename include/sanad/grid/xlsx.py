"""Office Open XML .xlsx through openpyxl, with formats and indents, row by row.

openpyxl's own worksheets lose merges when they stream, and show a formula without a value as an empty cell; so the
rows are taken from its parser, one step below.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, NamedTuple

from openpyxl import load_workbook
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from sanad.grid.cells import Cell, CellError, Grid, Merge, Row, Sheet, Value, dated
from sanad.grid.package import Package

#: Unpacked bytes up to which a workbook is kept once it is read; above, every walk reads it anew.
KEPT_MOST = 20_000_000


class _Style(NamedTuple):
    number_format: str
    indent: int
    is_date: bool


class _Parser(WorkSheetParser):
    """Dates stay numbers here, and a formula that has no value says so."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and cell["data_type"] == "n":
            formula = element.find(FORMULA_TAG)
            if formula is not None:
                cell |= {"data_type": "e", "value": f"={formula.text or ''} (never computed)"}
        return cell


def read_xlsx(content: bytes, package: Package) -> Grid:
    """Every non-empty cell of every worksheet, hidden rows and sheets included; links are not followed."""
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    styles = _styles(book)
    sheets: list[Sheet] = []
    for source in book.worksheets:
        sheets.append(
            Sheet(
                source.title,
                partial(_rows, source, styles, package.datemode),
                partial(_merges, source),
                before=sheets[-1] if sheets else None,
                kept=package.unpacked <= KEPT_MOST,
            )
        )
    return Grid(sheets)


def _styles(book: Any) -> list[_Style]:
    """What a cell's style id stands for."""
    styles: list[_Style] = []
    for index, style in enumerate(book._cell_styles):
        number = style.numFmtId - BUILTIN_FORMATS_MAX_SIZE
        own = book._number_formats[number] if number >= 0 else BUILTIN_FORMATS.get(style.numFmtId, "General")
        indent = book._alignments[style.alignmentId].indent or 0
        styles.append(_Style(own, int(indent), index in book._date_formats))
    return styles


def _rows(sheet: Any, styles: list[_Style], datemode: int, ordinal: int) -> Iterator[Row]:
    name = sheet.title
    with sheet._get_source() as source:
        for number, found in _Parser(source, sheet._shared_strings, data_only=True).parse():
            cells: list[Cell] = []
            for one in found:
                if one["value"] is None or one["value"] == "":
                    continue
                style = styles[one["style_id"]]
                value = _typed(one["value"], one["data_type"], style.is_date, datemode)
                cells.append(
                    Cell(name, number - 1, one["column"] - 1, value, style.number_format, style.indent, ordinal)
                )
                ordinal += 1
            if cells:
                yield number - 1, cells


def _typed(value: Any, data_type: str, is_date: bool, datemode: int) -> Value:
    match data_type:
        case "n":
            return dated(float(value), datemode) if is_date else float(value)
        case "e":
            return CellError(value)
        case "d":
            return instant(value, datemode)
    return value  # type: ignore[no-any-return]


def instant(value: datetime | date | time | timedelta, datemode: int) -> Value:
    """What Python has four types for, as a date cell of .xls reads: a time is one of the first day's."""
    match value:
        case datetime():
            return value.replace(tzinfo=None)
        case date():
            return datetime(value.year, value.month, value.day)
        case time():
            since = timedelta(
                hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
            )
            return dated(since / timedelta(days=1), datemode)
    return dated(value / timedelta(days=1), datemode)


def _merges(sheet: Any) -> list[Merge]:
    with sheet._get_source() as source:
        parser = _Parser(source, sheet._shared_strings, data_only=True)
        deque(parser.parse(), maxlen=0)  # they stand behind the rows
    ranges = parser.merged_cells.mergeCell if parser.merged_cells else []
    return [(one.min_row - 1, one.min_col - 1, one.max_row - 1, one.max_col - 1) for one in ranges]
