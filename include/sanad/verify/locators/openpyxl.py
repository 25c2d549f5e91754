"""Registers in .xlsx by openpyxl: the second reader of rows that calamine parsed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from openpyxl import load_workbook

from sanad.verify.locators.table import Place, Table, Value, number


def read(content: bytes) -> Table:
    """Every cell of every worksheet, as its formula was last computed; without merges."""
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        cells = {where: value for sheet in book.worksheets for where, value in _cells(sheet)}
    finally:
        book.close()
    return Table(f"openpyxl {version('openpyxl')}", cells)


def _cells(sheet: Any) -> Iterator[tuple[Place, Value]]:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None and cell.value != "":
                yield Place(sheet.title, cell.row - 1, cell.column - 1), _value(cell.value)


def _value(value: object) -> Value:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(float(value))
    return value  # type: ignore[return-value]
