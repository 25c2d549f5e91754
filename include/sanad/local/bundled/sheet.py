"""A worksheet before it is written: cells, merges, widths; and the writer of BIFF8."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import xlwt

GENERAL = "General"


@dataclass(frozen=True)
class Cell:
    """One cell: a number or a text, its number format and its level of indent.

    A date is a number (days of the 1900 system) whose format shows a date.
    """

    value: float | str
    number_format: str = GENERAL
    indent: int = 0


@dataclass
class Sheet:
    """One worksheet; rows and columns count from 0.

    ``cells`` by (row, column); ``merges`` as (first row, last row, first column, last column), all inclusive;
    ``widths`` by column, in 1/256 of a character; ``hidden`` rows hold what they hold.
    """

    name: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    widths: dict[int, int] = field(default_factory=dict)
    hidden: range = range(0)


def at(address: str) -> tuple[int, int]:
    """Row and column, from 0, of an address in A1 notation: ``L6`` is (5, 11)."""
    row, column = xlwt.Utils.cell_to_rowcol2(address)
    return int(row), int(column)


def to_xls(sheet: Sheet) -> bytes:
    """The sheet as a workbook of its own: BIFF8, dates of the 1900 system, no document properties.

    The bytes depend on the sheet alone: xlwt writes neither times nor names of machines or people.
    """
    book = xlwt.Workbook(encoding="utf-8", style_compression=2)
    written = book.add_sheet(sheet.name)
    styles: dict[tuple[str, int], xlwt.XFStyle] = {}
    for (row, column), cell in sorted(sheet.cells.items()):
        key = cell.number_format, cell.indent
        written.write(row, column, cell.value, styles.setdefault(key, _style(*key)))
    # not merge(): it writes blanks into the merged cells, also over what a sheet may hold there
    written.merged_ranges.extend(sheet.merges)
    for column, width in sheet.widths.items():
        written.col(column).width = width
    for row in sheet.hidden:
        written.row(row).hidden = True
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _style(number_format: str, indent: int) -> xlwt.XFStyle:
    style = xlwt.XFStyle()
    style.num_format_str = number_format
    if indent:
        style.alignment.horz = xlwt.Alignment.HORZ_LEFT  # Excel shows an indent only beside an explicit side
        style.alignment.inde = indent
    return style
