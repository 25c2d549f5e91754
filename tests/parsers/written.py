"""One small table, written in every format that a grid can be read from."""

import csv
import io
import zipfile
from datetime import datetime
from html import escape

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


def pdf(table: Table, *, lines=True, rows_a_page=40, author=None, repeat_header=0) -> bytes:
    """A table in a text layer, one page for so many rows, ruled or not; ``repeat_header`` rows stand on every page."""
    head, body = table[:repeat_header], table[repeat_header:]
    pages = [head + body[start : start + rows_a_page] for start in range(0, len(body), rows_a_page)] or [[]]
    width = max(map(len, table))
    step = 780 / width
    kids, objects = (
        [],
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"],
    )
    for page in pages:
        drawn = []
        for row, values in enumerate(page):
            top = 560 - 13 * row
            for column, value in enumerate(values):
                left = 30 + step * column
                if value is not None:
                    text = str(value).replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
                    drawn.append(f"BT /F1 7 Tf {left + 2:.1f} {top - 9} Td ({text}) Tj ET")
                if lines and len(values) > 1:
                    drawn.append(f"{left:.1f} {top - 13} {step:.1f} 13 re S")
        content = "\n".join(drawn).encode("cp1252")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    info = b""
    if author:
        objects.append(b"<< /Author (%s) >>" % author.encode())
        info = b" /Info %d 0 R" % len(objects)
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table_at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer << /Size %d /Root 1 0 R%s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, info, table_at)


def html(table: Table) -> bytes:
    """A page with a table; what stands alone in its row is a paragraph's text in the page's words, but a row here."""
    rows = "".join(
        "<tr>" + "".join(f"<td>{'' if value is None else escape(str(value))}</td>" for value in values) + "</tr>\n"
        for values in table
    )
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'></head><body><table>\n{rows}</table></body></html>".encode()
    )
