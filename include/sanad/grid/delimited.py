"""CSV: its encoding and delimiter found, never assumed, and stated on the grid. Every value is a text.

A number in a CSV is what its reader makes of it (``1,234``, ``00123``, ``1e5``), so that is left to the parser.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice

from sanad.grid.cells import Cell, Grid, Row, Sheet

DELIMITERS = ",;\t|"
_SAMPLE = 65_536
_RECORDS = 50
_PIECE = 2**20
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
#: Western text has its accents and quotes one or two at a time; longer runs are another script's one-byte encoding.
_NOT_WESTERN = re.compile(rb"[\x80-\xff]{4}")


class UndecodableError(Exception):
    """The bytes are no text in an encoding that can be told; the message names the first that is in the way."""


def read_csv(content: bytes) -> Grid:
    """The one table of a CSV file, as a sheet without a name; empty fields are no cells."""
    encoding, start = _encoding(content)
    sample = codecs.getincrementaldecoder(encoding)().decode(content[start : start + _SAMPLE])
    delimiter = _delimiter(sample, whole=len(content) <= start + _SAMPLE)
    stated = "utf-16" if encoding.startswith("utf-16") else encoding
    return Grid([Sheet("", partial(_rows, content[start:], encoding, delimiter))], stated, delimiter)


def _rows(content: bytes, encoding: str, delimiter: str, ordinal: int) -> Iterator[Row]:
    text = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    for row, values in enumerate(csv.reader(text, delimiter=delimiter, strict=True)):
        cells: list[Cell] = []
        for column, value in enumerate(values):
            if value:
                cells.append(tuple.__new__(Cell, ("", row, column, value, "General", 0, ordinal)))
                ordinal += 1
        if cells:
            yield row, cells


def _encoding(content: bytes) -> tuple[str, int]:
    """The encoding, and where the text begins. UndecodableError when no encoding fits all of it."""
    for bom, encoding in _BOMS.items():
        if content.startswith(bom):
            _check(content, encoding.removesuffix("-sig"), len(bom))
            return encoding.removesuffix("-sig"), len(bom)
    if (nul := content.find(b"\x00")) >= 0:
        raise UndecodableError(f"byte 0x00 at offset {nul:,}: no text, or UTF-16 without its mark")
    try:
        _check(content, "utf-8", 0)
    except UndecodableError as error:
        if _UTF8_LETTER.search(content):
            raise UndecodableError(f"{error}, beside other bytes that are: encodings are mixed") from None
        if run := _NOT_WESTERN.search(content):
            raise UndecodableError(f"{error}, nor are the bytes at offset {run.start():,} western text") from None
        _check(content, "cp1252", 0)
        return "cp1252", 0
    return "utf-8", 0


def _check(content: bytes, encoding: str, start: int) -> None:
    """Decode all of it, in pieces that are thrown away."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for begin in range(start, max(len(content), start + 1), _PIECE):
        piece = content[begin : begin + _PIECE]
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(piece, final=begin + _PIECE >= len(content))
        except UnicodeDecodeError as error:
            offset = begin - pending + error.start
            raise UndecodableError(f"byte {content[offset]:#04x} at offset {offset:,} is not {encoding}") from None


def _delimiter(sample: str, *, whole: bool) -> str:
    """The delimiter at which most records of the sample break into the same number of fields, and into the most.

    Not csv.Sniffer: it goes by how often characters occur, takes letters for delimiters where there is one column,
    and concludes from a sample without doubled quotes that there are none in the rest.
    """
    return max(DELIMITERS, key=lambda delimiter: _fit(sample, delimiter, whole=whole))


def _fit(sample: str, delimiter: str, *, whole: bool) -> tuple[float, int]:
    try:
        records = [
            len(record) for record in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), _RECORDS)
        ]
    except csv.Error:
        return 0, 0
    if not whole and 1 < len(records) < _RECORDS:
        records.pop()  # cut short
    ((width, times),) = Counter(filter(None, records)).most_common(1) or [(1, 0)]
    return (times / len(records), width) if width > 1 else (0, 0)
