"""BIFF8 .xls through xlrd, with formats: the only reader that keeps number format and indent."""

from __future__ import annotations

from typing import Any

import xlrd
from xlrd.biffh import error_text_from_code

from sanad.grid.cells import Cell, CellError, Grid, Sheet, Value

_EMPTY = {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK}
_PLAIN = {xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_TEXT}


def read_xls(content: bytes) -> Grid:
    """Every non-empty cell of every sheet, hidden rows and sheets included."""
    with open("/dev/null", "w") as nowhere:  # noqa: PTH123 - xlrd writes its remarks to a stream
        book = xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=nowhere)
    styles = [(book.format_map[style.format_key].format_str, style.alignment.indent_level) for style in book.xf_list]
    sheets: list[Sheet] = []
    ordinal = 0
    for source in book.sheets():
        cells: dict[tuple[int, int], Cell] = {}
        for row in range(source.nrows):
            types, values, formats = (
                source.row_types(row),
                source.row_values(row),
                source._cell_xf_indexes[row],
            )
            for column, kind in enumerate(types):
                if kind in _EMPTY or values[column] == "":
                    continue
                number_format, indent = styles[formats[column]]
                value = values[column] if kind in _PLAIN else _typed(book, kind, values[column])
                cells[row, column] = Cell(source.name, row, column, value, number_format, indent, ordinal)
                ordinal += 1
        merges = [(top, left, bottom - 1, right - 1) for top, bottom, left, right in source.merged_cells]
        sheets.append(Sheet(source.name, cells, merges))
    return Grid(sheets)


def _typed(book: Any, kind: int, value: Any) -> Value:
    match kind:
        case xlrd.XL_CELL_DATE:
            try:
                return xlrd.xldate_as_datetime(value, book.datemode)  # type: ignore[no-any-return]
            except (ValueError, OverflowError):
                return float(value)  # a number that only wears a date's format
        case xlrd.XL_CELL_BOOLEAN:
            return bool(value)
        case xlrd.XL_CELL_ERROR:
            return CellError(error_text_from_code.get(value, "#ERROR!"))
    return value  # type: ignore[no-any-return]
