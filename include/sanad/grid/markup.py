"""HTML through lxml: a page as a tree, and its tables as sheets.

Nothing is run and nothing is fetched. What stands in a page without being shown (scripts, styles, templates, comments)
is no text of it.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from lxml import etree, html

from sanad.grid.cells import Cell, Grid, Row, Sheet
from sanad.grid.delimited import encoding

#: More columns than a table has; a cell may claim to be a billion columns wide.
COLUMNS_MOST = 1_000
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_HIDDEN = ("script", "style", "template", "noscript", "head")


def read_page(content: bytes | str) -> Any:
    """The page's root element. ParserError when there is no markup in it, UndecodableError when it is no text."""
    text = content if isinstance(content, str) else _decoded(content)
    # as bytes: libxml2 refuses a text that declares an encoding of its own
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    return html.document_fromstring(text.encode(), parser=parser)


def _decoded(content: bytes) -> str:
    """The text, in the encoding the page declares if it fits, else in the one that does; U+FFFD for what fits none."""
    if declared := _CHARSET.search(content[:2048]):
        try:
            return content.decode(codecs.lookup(declared[1].decode()).name)
        except (LookupError, UnicodeDecodeError):
            pass  # pages declare what they are not; the bytes decide
    text = encoding(content, lenient=True)
    return content[text.start :].decode(text.encoding, "replace" if text.errors != "strict" else "strict")


def path_of(element: Any) -> str:
    """The element's place, each step counted among its like: ``/html[1]/body[1]/table[2]/tr[3]/td[1]``."""
    parent = element.getparent()
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    return f"{'' if parent is None else path_of(parent)}/{element.tag}[{before + 1}]"


def text_of(element: Any) -> str:
    """All text that is shown inside an element."""
    return "".join(_texts(element))


def _texts(element: Any) -> Iterator[str]:
    if element.tag in _HIDDEN:
        return
    yield element.text or ""
    for child in element:
        if child.tag == "br":
            yield "\n"
        yield from _texts(child)
        yield child.tail or ""


def read_tables(content: bytes) -> Grid:
    """Each table of a page as a sheet; cells know their own place in the page."""
    root = read_page(content)
    sheets: list[Sheet] = []
    for table in root.iter("table"):
        sheets.append(Sheet(path_of(table), partial(_rows, table), before=sheets[-1] if sheets else None, kept=True))
    return Grid(sheets, texts=tuple(titles(root)))


def titles(root: Any) -> Iterator[str]:
    """The headings, paragraphs and captions of a page that stand in no table's cell."""
    for element in root.iter("h1", "h2", "h3", "h4", "p", "caption"):
        if next(element.iterancestors("td", "th"), None) is None and (text := text_of(element).strip()):
            yield text


def _rows(table: Any, ordinal: int) -> Iterator[Row]:
    name = path_of(table)
    spanned: dict[int, int] = {}
    for number, (place, row) in enumerate(_own_rows(table, name)):
        cells: list[Cell] = []
        column = 0
        taken, spanned = spanned, {at: rest - 1 for at, rest in spanned.items() if rest > 1}
        counted: Counter[str] = Counter()
        for element in row.iterchildren("td", "th"):
            counted[element.tag] += 1
            while column in taken:
                column += 1
            text = text_of(element)
            if text.strip():
                within = f"{place}/{element.tag}[{counted[element.tag]}]"
                cells.append(Cell(name, number, column, text, "General", 0, ordinal, within))
                ordinal += 1
            down = _span(element, "rowspan")
            for at in range(column, min(column + _span(element, "colspan"), COLUMNS_MOST)):
                if down > 1:
                    spanned[at] = down - 1
                column = at + 1
        if cells:
            yield number, cells


def _own_rows(table: Any, place: str) -> Iterator[tuple[str, Any]]:
    """The rows of a table and not of one inside it, each with its place."""
    counted: Counter[str] = Counter()
    for child in table:
        counted[child.tag] += 1
        within = f"{place}/{child.tag}[{counted[child.tag]}]"
        if child.tag == "tr":
            yield within, child
        elif child.tag in {"thead", "tbody", "tfoot"}:
            yield from ((f"{within}/tr[{number}]", row) for number, row in enumerate(child.iterchildren("tr"), 1))


def _span(element: Any, name: str) -> int:
    """How many columns or rows a cell covers."""
    stated = element.get(name, "1")
    return max(int(stated), 1) if stated.isascii() and stated.isdigit() and len(stated) < 6 else 1


def markup(root: Any) -> bytes:
    """A tree as a page: the same bytes for the same tree."""
    page = etree.tostring(root, method="html", encoding="unicode")
    return f"<!DOCTYPE html>\n{page}\n".encode()


def classes_of(element: Any) -> set[str]:
    """The classes an element bears."""
    return set(element.get("class", "").split())
