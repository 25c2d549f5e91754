"""One small table, written in every format that a grid can be read from."""

import csv
import io
import zipfile
from datetime import datetime

import openpyxl
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from sanad import grid

ALL = ["xls", "xlsx", "csv"]
MOST = 20_000_000
Table = list[list[object]]


def xls(table: Table, sheet="Data ", number_format="General", dates_1904=False) -> bytes:
    book = xlwt.Workbook(style_compression=2)
    book.dates_1904 = dates_1904
    written = book.add_sheet(sheet)
    for row, values in enumerate(table):
        for column, value in enumerate(values):
            if value is not None:
                style = xlwt.XFStyle()
                style.num_format_str = "mmm-yy" if isinstance(value, datetime) else number_format
                written.write(row, column, value, style)
    return saved(book)


def xlsx(table: Table, sheet="Data ", number_format="General", dates_1904=False) -> bytes:
    book = openpyxl.Workbook()
    if dates_1904:
        book.epoch = CALENDAR_MAC_1904
    written = book.active
    written.title = sheet
    for row, values in enumerate(table, 1):
        for column, value in enumerate(values, 1):
            if value is not None:
                cell = written.cell(row, column)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"  # a text that begins with = is a text here, as in the other formats
                cell.number_format = "mmm-yy" if isinstance(value, datetime) else number_format
    return saved(book)


def as_csv(table: Table, delimiter=",", encoding="utf-8") -> bytes:
    """Numbers and dates as their text, as every CSV has them; nothing is an empty field."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([["" if v is None else v for v in values] for values in table])
    return text.getvalue().encode(encoding)


WRITERS = {"xls": xls, "xlsx": xlsx, "csv": as_csv}


def saved(book) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def changed(content: bytes, **members) -> bytes:
    """An .xlsx with members replaced, added, or rewritten by a function of their bytes."""
    stream = io.BytesIO()
    names = {name.replace("__", "/").replace("_xml", ".xml"): value for name, value in members.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            value = names.pop(name, None)
            new.writestr(name, value(old.read(name)) if callable(value) else value or old.read(name))
        for name, value in names.items():
            new.writestr(name, value)
    return stream.getvalue()


def read(content: bytes, *, formats=True, max_bytes=MOST):
    return grid.read(content, ALL, max_bytes, formats=formats)


def values(found) -> list[tuple[str, int, int, object, int]]:
    """What the cells of a grid are, sheet names left out."""
    return [
        (cell.row, cell.column, cell.value, cell.ordinal)
        for sheet in found.sheets
        for _, cells in sheet.rows()
        for cell in cells
    ]
