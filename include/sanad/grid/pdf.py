"""PDF through pdfium: the text layer as lines of segments, and as tables.

A table's columns and rows are those between its rules; without rules a column is where no line's text leaves a gap,
and every line is a row. What is only a picture has no text. A locator is RFC 8118's fragment, in points from the top
left corner of the page: ``page=3&viewrect=36.0,72.5,110.2,9.1``.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from sanad.grid.cells import Cell, Grid, Row, Sheet

PAGES_MOST = 5_000
SEGMENTS_MOST = 50_000
#: Points within which two edges are those of one rule, with the breadth it is drawn in.
_RULE = 3.0
#: Points that columns without rules leave between them at least.
_GAP = 1.5
_STAMPS = (
    (re.compile(rb"/CreationDate\(D:\d{14}"), b"/CreationDate(D:19800101000000"),
    (re.compile(rb"/ID\[<[0-9A-F]{32}><[0-9A-F]{32}>\]"), b"/ID[<" + b"0" * 32 + b"><" + b"0" * 32 + b">]"),
)


class TooLargeError(Exception):
    """More pages, or more text on one, than a list has."""


class Segment(NamedTuple):
    """A piece of a line with its box, in points from the page's top left corner."""

    left: float
    top: float
    right: float
    bottom: float
    text: str

    @property
    def middle(self) -> tuple[float, float]:
        """The box's centre."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def read_pdf(content: bytes) -> Grid:
    """Each page as a sheet, its cells with their own boxes."""
    document = _opened(content)
    sheets: list[Sheet] = []
    for number in range(len(document)):
        sheets.append(
            Sheet(
                f"page={number + 1}",
                partial(_rows, document, number),
                before=sheets[-1] if sheets else None,
                kept=True,
            )
        )
    return Grid(sheets)


def read_lines(content: bytes) -> list[list[tuple[str, str]]]:
    """The lines of each page from the top, each as its (text, locator) from the left; all pages' in one list."""
    document = _opened(content)
    return [
        [(segment.text, _locator(number + 1, [segment])) for segment in line]
        for number in range(len(document))
        for line in _lines(_segments(document[number]))
    ]


def pages_alone(content: bytes) -> bytes:
    """The document's pages without its properties, attachments, outlines, scripts and annotations.

    The same bytes for the same document and the same pdfium.
    """
    bare = pypdfium2.PdfDocument.new()
    bare.import_pages(_opened(content))
    for number in range(len(bare)):
        page = bare[number]
        while pdfium.FPDFPage_GetAnnotCount(page):
            pdfium.FPDFPage_RemoveAnnot(page, 0)
    stream = io.BytesIO()
    bare.save(stream)
    written = stream.getvalue()
    for stamp, fixed in _STAMPS:
        written = stamp.sub(fixed, written)
    return written


def _opened(content: bytes) -> pypdfium2.PdfDocument:
    document = pypdfium2.PdfDocument(content)
    if len(document) > PAGES_MOST:
        raise TooLargeError(f"{len(document):,} pages, more than {PAGES_MOST:,}")
    return document


def _segments(page: Any) -> list[Segment]:
    """The pieces of text on a page."""
    height, text = page.get_height(), page.get_textpage()
    count = text.count_rects()
    if count > SEGMENTS_MOST:
        raise TooLargeError(f"{count:,} pieces of text on a page, more than {SEGMENTS_MOST:,}")
    found = []
    for number in range(count):
        left, bottom, right, top = text.get_rect(number)
        said = text.get_text_bounded(left, bottom, right, top).strip()
        if said:
            found.append(Segment(left, height - top, right, height - bottom, said))
    return found


def _lines(segments: list[Segment]) -> Iterator[list[Segment]]:
    """Segments whose middles are at one height, from the top; each line from the left."""
    line: list[Segment] = []
    for segment in sorted(segments, key=lambda one: one.middle[1]):
        if line and segment.middle[1] - line[0].middle[1] > (line[0].bottom - line[0].top) / 2:
            yield sorted(line)
            line = []
        line.append(segment)
    if line:
        yield sorted(line)


def _rules(page: Any) -> tuple[list[float], list[float]]:
    """Where vertical and horizontal rules stand: the edges of everything that is drawn, each once."""
    height = page.get_height()
    across, down = set(), set()
    for drawn in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
        left, bottom, right, top = drawn.get_bounds()
        across |= {left, right}
        down |= {height - top, height - bottom}
    return _apart(across), _apart(down)


def _apart(edges: set[float]) -> list[float]:
    kept: list[float] = []
    for edge in sorted(edges):
        if not kept or edge - kept[-1] > _RULE:
            kept.append(edge)
    return kept


def _band(edges: list[float], at: float) -> int | None:
    """Between which two edges a place lies, counted from 0."""
    found = bisect_right(edges, at) - 1
    return found if 0 <= found < len(edges) - 1 else None


def _rows(document: pypdfium2.PdfDocument, number: int, ordinal: int) -> Iterator[Row]:
    page = document[number]
    name = f"page={number + 1}"
    for row, columns in enumerate(_table(page)):
        cells = []
        for column, segments in sorted(columns.items()):
            segments.sort(key=lambda one: (round(one.top), one.left))
            text = " ".join(segment.text for segment in segments)
            cells.append(Cell(name, row, column, text, "General", 0, ordinal, _locator(number + 1, segments)))
            ordinal += 1
        yield row, cells


def _table(page: Any) -> list[dict[int, list[Segment]]]:
    """The rows of a page from the top, each with its segments by column."""
    segments = _segments(page)
    across, down = _rules(page)
    if len(across) < 3 or len(down) < 3:
        return _unruled(segments)
    rows: dict[float, dict[int, list[Segment]]] = defaultdict(lambda: defaultdict(list))
    outside = []
    for segment in segments:
        column, row = _band(across, segment.middle[0]), _band(down, segment.middle[1])
        if column is None or row is None:
            outside.append(segment)
        else:
            rows[down[row]][column].append(segment)
    for line in _lines(outside):
        for column, segment in enumerate(line):
            rows[line[0].top][column].append(segment)
    return [columns for _, columns in sorted(rows.items())]


def _unruled(segments: list[Segment]) -> list[dict[int, list[Segment]]]:
    lines = list(_lines(segments))
    starts: list[float] = []
    reach = float("-inf")
    for segment in sorted(segment for line in lines if len(line) > 1 for segment in line):
        if segment.left - reach > _GAP:
            starts.append(segment.left)
        reach = max(reach, segment.right)
    found = []
    for line in lines:
        columns: dict[int, list[Segment]] = defaultdict(list)
        for segment in line:
            columns[max(sum(start <= segment.left + _GAP for start in starts) - 1, 0)].append(segment)
        found.append(columns)
    return found


def _locator(page: int, segments: list[Segment]) -> str:
    left, top = min(one.left for one in segments), min(one.top for one in segments)
    width, height = max(one.right for one in segments) - left, max(one.bottom for one in segments) - top
    return f"page={page}&viewrect={left:.1f},{top:.1f},{width:.1f},{height:.1f}"
