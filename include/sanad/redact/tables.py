"""Tables. CSV loses the values and nothing else. A workbook or a page can hold more than it shows, so it is written
anew from its cells alone; a PDF cannot be, so one that holds anything personal is refused, and any other is kept as its
pages alone.
"""  # fmt: skip

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from itertools import takewhile
from typing import Any

from lxml import etree

from sanad.grid import read
from sanad.grid.cells import Cell, Sheet, column_letters, locate
from sanad.grid.delimited import delimiter_of, encoding
from sanad.grid.headings import Columns, Table, columns_of
from sanad.grid.headings import tables as tables_of
from sanad.grid.markup import markup, read_page, titles
from sanad.grid.pdf import pages_alone
from sanad.grid.write import to_xls, to_xlsx
from sanad.redact.cutting import UNDECLARED, Cutting
from sanad.words.months import month_said

#: Columns from which on a row with one filled cell is a note below the table and no entry.
_NOTED = 3
_NO_TABLE = "a table with a heading for the name and one more that the registry declares"


def cut(cutting: Cutting, kind: str, content: bytes) -> bytes:
    """The file with the declared fields of its tables."""
    return _CUTTERS[kind](cutting, content)


# -- CSV ---------------------------------------------------------------------------------------------------------


def _csv(cutting: Cutting, content: bytes) -> bytes:
    text = encoding(content, lenient=True)
    delimiter = delimiter_of(content, text)
    ending = "\r\n" if b"\r\n" in content[:65_536].replace(b"\x00", b"") else "\n"
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, lineterminator=ending)
    columns: Columns | None = None
    titles: list[Any] = []
    for row, values in enumerate(csv.reader(text.open(content), delimiter=delimiter, strict=True)):
        filled = {n: value for n, value in enumerate(values) if value}
        if columns is None and (columns := columns_of(filled.items(), row, cutting.fields)):
            _check_whose(cutting, columns, titles)
            kept = _headings(cutting, columns, "", filled)
        elif columns is None:
            titles += values
            kept = {n: _title(cutting, _place(""), value) for n, value in filled.items()}
        else:
            kept = _kept(cutting, columns, "", filled)
        writer.writerow([kept.get(n) or "" for n in range(len(values))])
    if columns is None:
        raise cutting.refused(_NO_TABLE, "none")
    if not cutting.removed:
        return content
    return content[: text.start] + written.getvalue().encode(text.encoding, text.errors)


# -- rows --------------------------------------------------------------------------------------------------------


@cache
def _column(sheet: str, column: int) -> str:
    """The locator of a column: ``'Data '!G:G``, RFC 7111's ``col=7``."""
    if not sheet:
        return f"col={column + 1}"
    letters = column_letters(column)
    return f"{_place(sheet)} column {column + 1}" if _placed(sheet) else f"{_place(sheet)}!{letters}:{letters}"


def _place(sheet: str) -> str:
    return sheet if _placed(sheet) else locate(sheet)


def _placed(sheet: str) -> bool:
    """Whether a sheet's name is its place already: an HTML table's path, a PDF's page."""
    return sheet.startswith(("/", "page="))


def _title(cutting: Cutting, place: str, value: Any) -> Any:
    """What may stay above the headings: a month's own words. Anything else may name whoever made the list."""
    month = value if isinstance(value, datetime) else month_said(str(value)) or ""
    if month != value:
        cutting.removed[place, "title"] += 1
    return month


def _headings(cutting: Cutting, columns: Columns, sheet: str, values: dict[int, Any]) -> dict[int, Any]:
    """What may stay of the headings: those that are declared. Another column's may be a person's name."""
    for column in values.keys() - columns.fields.keys():
        cutting.removed[_column(sheet, column), "heading"] += 1
    return {column: value for column, value in values.items() if column in columns.fields}


def _check_whose(cutting: Cutting, columns: Columns, titles: Iterable[Any]) -> None:
    """Refused when a list is one of persons by its title alone: no row of it tells whose it is."""
    by_row = {"kind", "certificate_no"} & set(columns.fields.values())
    if not by_row and any(cutting.speaks_of_persons(title) for title in titles):
        raise cutting.refused("a list of firms", "one of persons, by its title")


def _kept(cutting: Cutting, columns: Columns, sheet: str, values: dict[int, Any]) -> dict[int, Any]:
    """What may stay of a row below the headings, by column."""
    if sum(type(one) is str and one.casefold() in cutting.printed for one in values.values()) > 1:
        return _other_headings(cutting, columns, sheet, values)
    fields = columns.fields
    kind = next((values.get(column) for column, field in fields.items() if field == "kind"), None)
    if cutting.person(kind, (one for n, one in values.items() if not cutting.is_contact(fields.get(n)))):
        cutting.removed[_place(sheet), "person"] += 1
        return {}
    if len(values) == 1 and len(columns.fields) >= _NOTED:
        cutting.removed[_place(sheet), "note"] += 1
        return {}
    kept: dict[int, Any] = {}
    for column, value in values.items():
        stays = cutting.value(_column(sheet, column), columns.fields.get(column), value)
        if stays is not None:
            kept[column] = stays
    return kept


def _other_headings(cutting: Cutting, columns: Columns, sheet: str, values: dict[int, Any]) -> dict[int, Any]:
    """Of headings that are said again below nothing stays; Refused when they are those of another table."""
    texts = ((column, str(value)) for column, value in values.items())
    again = columns_of(texts, columns.row, cutting.fields)
    if again and again.fields != columns.fields:
        raise cutting.refused("one table a sheet", f"other headings below in {_place(sheet)}")
    cutting.removed[_place(sheet), "headings again"] += 1
    return {}


def _rows(cutting: Cutting, table: Table) -> Iterator[list[Cell]]:
    """A table's rows with what may stay: above the headings its month, the headings, below them the declared fields."""
    name, columns = table.sheet.name, table.columns
    for row, cells in table.sheet.rows():
        if row < columns.row:
            kept = {cell.column: _title(cutting, _place(name), cell.value) for cell in cells}
        elif row == columns.row:
            kept = _headings(cutting, columns, name, {cell.column: cell.value for cell in cells})
        else:
            kept = _kept(cutting, columns, name, {cell.column: cell.value for cell in cells})
        yield [_with(cell, kept[cell.column]) for cell in cells if kept.get(cell.column, "") != ""]


def _with(cell: Cell, value: Any) -> Cell:
    return cell if value is cell.value else cell._replace(value=value)


def _tables(cutting: Cutting, content: bytes, kind: str) -> list[Table]:
    grid = read(content, (kind,), cutting.dataset.max_bytes, formats=False)
    found = list(tables_of(grid.sheets, cutting.fields))
    if not found:
        raise cutting.refused(_NO_TABLE, f"none in {len(grid.sheets)} sheet{'s' * (len(grid.sheets) != 1)}")
    for table in found:
        _check_whose(cutting, table.columns, [table.sheet.name, *grid.texts, *_above(table)])
    _count_dropped(cutting, grid.sheets, found)
    return found


def _above(table: Table) -> Iterator[str]:
    """The texts above a table's headings."""
    for _, cells in takewhile(lambda row: row[0] < table.columns.row, table.sheet.rows()):
        yield from (cell.shown for cell in cells)


def _count_dropped(cutting: Cutting, sheets: list[Sheet], found: list[Table]) -> None:
    """Sheets without a table that is known are no part of the file; neither is what they are called."""
    kept = {id(table.sheet) for table in found}
    if dropped := sum(sheet.count for sheet in sheets if id(sheet) not in kept):
        cutting.removed["other sheets", UNDECLARED] += dropped


def _numbered(cutting: Cutting, tables: list[Table]) -> Iterator[Table]:
    """The tables, their sheets called by their number: a sheet may be called after a person."""
    for number, table in enumerate(tables, 1):
        name = f"Sheet{number}"
        if table.sheet.name != name:
            cutting.removed[locate(name), "name of the sheet"] += 1
            table.sheet.name = name
        yield table


# -- workbooks and pages, written anew ---------------------------------------------------------------------------


def _xlsx(cutting: Cutting, content: bytes) -> bytes:
    found = _tables(cutting, content, "xlsx")
    return to_xlsx((table.sheet.name, _rows(cutting, table)) for table in _numbered(cutting, found))


def _xls(cutting: Cutting, content: bytes) -> bytes:
    found = _tables(cutting, content, "xls")
    return to_xls((table.sheet.name, _rows(cutting, table)) for table in _numbered(cutting, found))


def _html(cutting: Cutting, content: bytes) -> bytes:
    found = _tables(cutting, content, "html")
    root = etree.Element("html")
    etree.SubElement(etree.SubElement(root, "head"), "meta", charset="utf-8")
    body = etree.SubElement(root, "body")
    for title in titles(read_page(content)):
        if text := _title(cutting, "/", title):
            etree.SubElement(body, "p").text = text
    for table in found:
        written = etree.SubElement(etree.SubElement(body, "table"), "tbody")
        for cells in _rows(cutting, table):
            _write_row(written, cells)
    return markup(root)


def _write_row(body: Any, cells: list[Cell]) -> None:
    """A row at its number, each cell in its column."""
    if not cells:
        return
    while len(body) <= cells[0].row:
        written = etree.SubElement(body, "tr")
    by_column = {cell.column: cell.shown for cell in cells}
    for column in range(max(by_column) + 1):
        etree.SubElement(written, "td").text = by_column.get(column, "")


# -- PDF ---------------------------------------------------------------------------------------------------------


def _pdf(cutting: Cutting, content: bytes) -> bytes:
    bare = pages_alone(content)
    sheets = read(bare, ("pdf",), cutting.dataset.max_bytes).sheets
    found = list(tables_of(sheets, cutting.fields))
    if not found:
        raise cutting.refused(_NO_TABLE, f"none on {len(sheets)} pages")
    for table in found:
        _check_whose(cutting, table.columns, _above(table))
        for _ in _rows(cutting, table):
            pass  # nothing can be cut out: only the account of what would have to be matters
    columns = {table.sheet.name: table.columns.fields for table in found}
    for sheet in sheets:
        for _, cells in sheet.rows():
            for cell in cells:  # titles, notes and covers too
                field = columns.get(sheet.name, {}).get(cell.column)
                cutting.text(sheet.name, cell.value, keep_email=cutting.holds_email(field))
    notes = {"title", "note", "headings again"}  # cannot be told from names; they stay in a PDF
    if what := sorted({what for _, what in cutting.removed} - notes):
        unknown = sorted({column + 1 for table in found for column in table.columns.others})
        named = f"; nobody has declared column {', '.join(map(str, unknown))}" if unknown else ""
        raise cutting.refused(
            "a PDF that holds declared fields of firms alone, since none can be cut out of it: ask for .xlsx or .csv",
            ", ".join(what) + named,
        )
    cutting.removed.clear()
    return bare


_CUTTERS: dict[str, Callable[[Cutting, bytes], bytes]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "xls": _xls,
    "html": _html,
    "pdf": _pdf,
}
