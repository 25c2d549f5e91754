"""BIFF8 .xls through xlrd, with formats: the only reader that keeps number format and indent."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import xlrd
from xlrd.biffh import error_text_from_code

from sanad.grid.cells import Cell, CellError, Grid, Merge, Row, Sheet, Value, dated

_Styles = list[tuple[str, int]]


def read_xls(content: bytes) -> Grid:
    """Every non-empty cell of every sheet, hidden rows and sheets included.

    A formula yields the value it was saved with; BIFF has no formula without one.
    """
    with open("/dev/null", "w") as nowhere:  # noqa: PTH123 - xlrd writes its remarks to a stream
        book = xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=nowhere)
    styles = [(book.format_map[style.format_key].format_str, style.alignment.indent_level) for style in book.xf_list]
    sheets: list[Sheet] = []
    for source in book.sheets():
        sheets.append(
            Sheet(
                source.name,
                partial(_rows, source, styles),
                partial(_merges, source),
                before=sheets[-1] if sheets else None,
            )
        )
    return Grid(sheets)


def _rows(source: xlrd.sheet.Sheet, styles: _Styles, ordinal: int) -> Iterator[Row]:
    name, datemode = source.name, source.book.datemode
    # not Cell(...): a named tuple's own constructor takes twice as long, and one of SBP's workbooks has 170,000 cells
    new = tuple.__new__
    rows = zip(source._cell_types, source._cell_values, source._cell_xf_indexes, strict=True)
    for row, (kinds, values, formats) in enumerate(rows):
        cells: list[Cell] = []
        add = cells.append
        for column, value in enumerate(values):
            if value == "":
                continue  # nothing, a blank with a format, or an empty text
            number_format, indent = styles[formats[column]]
            if kinds[column] > xlrd.XL_CELL_NUMBER:  # below it are texts and numbers
                value = _typed(kinds[column], value, datemode)  # noqa: PLW2901
            add(new(Cell, (name, row, column, value, number_format, indent, ordinal, None)))
            ordinal += 1
        if cells:
            yield row, cells


def _typed(kind: int, value: float, datemode: int) -> Value:
    match kind:
        case xlrd.XL_CELL_DATE:
            return dated(value, datemode)
        case xlrd.XL_CELL_BOOLEAN:
            return bool(value)
    return CellError(error_text_from_code.get(value, "#ERROR!"))


def _merges(source: xlrd.sheet.Sheet) -> list[Merge]:
    return [(top, left, bottom - 1, right - 1) for top, bottom, left, right in source.merged_cells]
