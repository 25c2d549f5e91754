"""Workbooks, .xls and .xlsx, by calamine: the second reader of what xlrd or openpyxl parsed.

calamine sees neither number formats nor indents, and leaves error cells and formulas without a value empty.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.metadata import version

import python_calamine

from sanad.verify.locators.table import Place, Table, Value, number


def read(content: bytes) -> Table:
    """Every cell of every worksheet, hidden ones included."""
    with python_calamine.load_workbook(io.BytesIO(content)) as book:
        names = [one.name for one in book.sheets_metadata if one.typ is python_calamine.SheetTypeEnum.WorkSheet]
        sheets = {name: book.get_sheet_by_name(name) for name in names}
        return Table(
            f"calamine {version('python-calamine')}",
            {where: value for name, sheet in sheets.items() for where, value in _cells(name, sheet)},
            {name: [(*start, *end) for start, end in sheet.merged_cell_ranges or []] for name, sheet in sheets.items()},
        )


def _cells(name: str, sheet: python_calamine.CalamineSheet) -> Iterator[tuple[Place, Value]]:
    for row, values in enumerate(sheet.to_python(skip_empty_area=False)):
        for column, value in enumerate(values):
            if value != "":
                yield Place(name, row, column), _value(value)


def _value(value: object) -> Value:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(float(value))
    return value  # type: ignore[return-value]
