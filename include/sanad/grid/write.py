"""A workbook of cells alone: sheets, addresses and values, and nothing that a workbook can hold besides.

The bytes depend on the cells alone. A date is written in ISO form, a formula as the value it was saved with.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

import xlwt

from sanad.grid.cells import Cell, CellError, column_letters
from sanad.words.numbers import plain, shortest

Sheets = Iterable[tuple[str, Iterable[list[Cell]]]]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="1"><font/></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf xfId="0"/><xf numFmtId="164" applyNumberFormat="1" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_EPOCH = datetime(1899, 12, 30)
#: What XML cannot hold, and what a workbook's reader takes for an escape.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def to_xlsx(sheets: Sheets) -> bytes:
    """An .xlsx workbook; texts stand inline."""
    stream = io.BytesIO()
    names = []
    with zipfile.ZipFile(stream, "w") as package:  # not packed: two machines' zlib may pack differently
        for number, (name, rows) in enumerate(sheets, 1):
            names.append(name)
            _put(package, f"xl/worksheets/sheet{number}.xml", _sheet(rows))
        for member, content in _frame(names).items():
            _put(package, member, content)
    return stream.getvalue()


def _put(package: zipfile.ZipFile, name: str, content: str) -> None:
    package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content.encode())


def _sheet(rows: Iterable[list[Cell]]) -> str:
    written = "".join(
        f'<row r="{cells[0].row + 1}">{"".join(_cell(cell) for cell in cells)}</row>' for cells in rows if cells
    )
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{written}</sheetData></worksheet>'


def _cell(cell: Cell) -> str:
    address = f"{column_letters(cell.column)}{cell.row + 1}"
    match cell.value:
        case bool():
            return f'<c r="{address}" t="b"><v>{int(cell.value)}</v></c>'
        case float():
            return f'<c r="{address}"><v>{plain(shortest(cell.value))}</v></c>'
        case datetime():
            return f'<c r="{address}" s="1"><v>{_days(cell.value)}</v></c>'
        case CellError():
            return f'<c r="{address}" t="e"><v>{_text(cell.value)}</v></c>'
    text = _text(cell.value)
    space = "" if text == text.strip() and "\n" not in text else ' xml:space="preserve"'
    return f'<c r="{address}" t="inlineStr"><is><t{space}>{text}</t></is></c>'


def _days(value: datetime) -> str:
    return plain(shortest((value - _EPOCH).total_seconds() / 86_400))


def _text(text: str) -> str:
    if text.isascii() and text.isalnum():
        return text
    return escape(_ESCAPE.sub("_x005F_", _NOT_XML.sub("\ufffd", text)), {"\r": "&#13;"})


def _frame(names: list[str]) -> dict[str, str]:
    """The members around the sheets."""
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name={quoteattr(_NOT_XML.sub("", name))} sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, names, strict=True)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    links += f'<Relationship Id="rId{len(names) + 1}" Type="{_LINKS}/styles" Target="styles.xml"/>'
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kinds}.worksheet+xml"/>' for n in numbers
    )
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kinds}.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
        "xl/styles.xml": _STYLES,
    }


def to_xls(sheets: Sheets) -> bytes:
    """An .xls workbook; BIFF holds the same kinds of cells."""
    book = xlwt.Workbook(encoding="utf-8", style_compression=2)
    dated = xlwt.easyxf(num_format_str="yyyy\\-mm\\-dd")
    for name, rows in sheets:
        sheet = book.add_sheet(name, cell_overwrite_ok=False)
        for cells in rows:
            for cell in cells:
                if isinstance(cell.value, CellError):
                    sheet.row(cell.row).set_cell_error(cell.column, str(cell.value))
                elif isinstance(cell.value, datetime):
                    sheet.write(cell.row, cell.column, cell.value, dated)
                else:
                    sheet.write(cell.row, cell.column, cell.value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
