"""Where a table's headings stand, and which field each of its columns holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sanad.grid.cells import Cell, Row, Sheet, clean
from sanad.registry import heading

#: Rows above a table's headings at most, and columns that a register has at most.
_ABOVE = 50
COLUMNS_MOST = 256


class Columns(NamedTuple):
    """The row of the headings (counted from 0), the field of each known column, the headings of the others, and that
    of the name.
    """  # fmt: skip

    row: int
    fields: dict[int, str]
    others: dict[int, str]
    name: str


class Table(NamedTuple):
    """A sheet that has headings, in a row of its own or, on a PDF's next page, in those of the page before."""

    sheet: Sheet
    columns: Columns


def columns_of(cells: Iterable[tuple[int, str]], row: int, fields: Mapping[str, str]) -> Columns | None:
    """The columns when a row's cells, as (column, text), are headings: a name's and one more.

    ``fields`` maps a `heading` to its field. A second column of one field is unknown.
    """
    known: dict[int, str] = {}
    others: dict[int, str] = {}
    name = ""
    for column, text in cells:
        field = fields.get(heading(text))
        if field is None or field in known.values():
            others[column] = clean(text)
        else:
            known[column] = field
            name = heading(text) if field == "name" else name
    if "name" in known.values() and len(known) > 1 and len(known) + len(others) <= COLUMNS_MOST:
        return Columns(row, known, others, name)
    return None


def tables(sheets: Iterable[Sheet], fields: Mapping[str, str]) -> Iterator[Table]:
    """The sheets that hold a table. A PDF's page without headings goes on with the columns of the page before."""
    before: Columns | None = None
    for sheet in sheets:
        found = _headings(sheet.rows(), fields)
        if found is None and before is not None and sheet.name.startswith("page="):
            found = before._replace(row=-1)
        if found is not None:
            yield Table(sheet, found)
            before = found


def _headings(rows: Iterator[Row], fields: Mapping[str, str]) -> Columns | None:
    for number, (row, cells) in enumerate(rows):
        if number > _ABOVE:
            break
        if len(cells) > 1 and (found := columns_of(_texts(cells), row, fields)):
            return found
    return None


def _texts(cells: list[Cell]) -> Iterator[tuple[int, str]]:
    return ((cell.column, cell.shown) for cell in cells)
