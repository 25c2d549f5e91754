"""A table as the files in which lists are handed over: .xlsx, .xls, .csv, HTML, PDF.

The bytes depend on the table alone: no clock, no name of a machine, and nothing compressed, since two machines may
compress differently.
"""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from sanad.local.bundled import Cell, Sheet, to_xls

if TYPE_CHECKING:
    from fpdf import FPDF

Value = str | int | date
_EXCEL_DAY_0 = date(1899, 12, 30)
_MONTH_FORMAT = "mmm\\-yy"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_PDF_ROW_MM = 6


@dataclass(frozen=True)
class Table:
    """Lines of text above, headings, rows as wide as the headings; ``saved_at`` is the document's own last-saved."""

    above: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    saved_at: datetime

    @property
    def lines(self) -> list[tuple[Value, ...]]:
        """Everything, line by line; an empty one stands before the headings."""
        return [*((text,) for text in self.above), (), self.headings, *self.rows]


def write(table: Table, file_type: str) -> bytes:
    """The table as a file of a type: xlsx, xls, csv, html or pdf."""
    return _WRITERS[file_type](table)


def _xlsx(table: Table) -> bytes:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Register")
    for line in table.lines:
        sheet.append(line)
    book.properties.creator = "sanad"
    book.properties.created = table.saved_at.replace(tzinfo=None)
    stream = io.BytesIO()
    book.save(stream)
    return _settled(stream.getvalue(), table.saved_at)


def _settled(package: bytes, saved_at: datetime) -> bytes:
    """The package without the times at which openpyxl wrote it, its XML as canonical as it can be.

    openpyxl writes through lxml where it finds it, and then quotes and closes otherwise.
    """
    modified = rf"\g<1>{saved_at:%Y-%m-%dT%H:%M:%SZ}\g<2>"
    settled = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as written, zipfile.ZipFile(settled, "w") as anew:
        for name in sorted(written.namelist()):
            content = ElementTree.canonicalize(written.read(name).decode())
            content = re.sub(r"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)", modified, content)
            anew.writestr(zipfile.ZipInfo(name, _ZIP_TIME), content)
    return settled.getvalue()


def _xls(table: Table) -> bytes:
    sheet = Sheet("Register")
    for row, line in enumerate(table.lines):
        for column, value in enumerate(line):
            sheet.cells[row, column] = _cell(value)
    return to_xls(sheet)


def _cell(value: Value) -> Cell:
    if isinstance(value, date):
        return Cell(float((value - _EXCEL_DAY_0).days), _MONTH_FORMAT)
    return Cell(value)


def _csv(table: Table) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows(table.lines)
    return stream.getvalue().encode()


def _html(table: Table) -> bytes:
    above = "".join(f"<p>{html.escape(text)}</p>\n" for text in table.above)
    rows = "".join(_html_row(row, "td") for row in table.rows)
    body = f"{above}<table border='1'>\n{_html_row(table.headings, 'th')}{rows}</table>\n"
    title = html.escape(table.above[0])
    head = f"<head><meta charset='utf-8'><title>{title}</title></head>"
    return f"<!DOCTYPE html>\n<html>\n{head}\n<body>\n{body}</body>\n</html>\n".encode()


def _html_row(values: tuple[Value, ...], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(str(value))}</{tag}>" for value in values) + "</tr>\n"


def _pdf(table: Table) -> bytes:
    """Ruled tables on A4 across, the headings again on every page."""
    pdf = new_pdf(table.saved_at)
    pdf.set_auto_page_break(auto=False)
    widths = _widths(table, pdf.w - 2 * pdf.l_margin)
    begun = False
    for row in table.rows:
        if not begun or pdf.get_y() + 2 * _PDF_ROW_MM > pdf.h:
            _begin_page(pdf, () if begun else table.above)
            pdf.set_font("Helvetica", "B", 8)
            _pdf_row(pdf, table.headings, widths)
            pdf.set_font("Helvetica", "", 8)
            begun = True
        _pdf_row(pdf, row, widths)
    return bytes(pdf.output())


def new_pdf(saved_at: datetime) -> FPDF:
    """An A4 document across that says nothing of the moment or the machine it was made on."""
    from fpdf import FPDF

    pdf = FPDF(orientation="landscape", format="A4")
    pdf.set_creation_date(saved_at)
    pdf.set_producer("sanad")
    pdf.set_compression(False)
    return pdf


def _begin_page(pdf: FPDF, above: tuple[str, ...]) -> None:
    pdf.add_page()
    pdf.set_font("Helvetica", "B", 11)
    for text in above:
        pdf.cell(0, 8, text, new_x="LMARGIN", new_y="NEXT")


def _pdf_row(pdf: FPDF, values: tuple[Value, ...], widths: list[float]) -> None:
    for value, width in zip(values, widths, strict=True):
        pdf.cell(width, _PDF_ROW_MM, str(value), border=1)
    pdf.ln(_PDF_ROW_MM)


def _widths(table: Table, whole: float) -> list[float]:
    """Columns as wide, in proportion, as the longest text in them."""
    longest = [max(len(str(value)) for value in column) + 1 for column in zip(table.headings, *table.rows, strict=True)]
    return [whole * length / sum(longest) for length in longest]


MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "csv": "text/csv",
    "html": "text/html",
    "pdf": "application/pdf",
    "json": "application/json",
}
_WRITERS: Mapping[str, Callable[[Table], bytes]] = {
    "xlsx": _xlsx,
    "xls": _xls,
    "csv": _csv,
    "html": _html,
    "pdf": _pdf,
}
