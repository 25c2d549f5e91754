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
from typing import NamedTuple

from sanad.grid.cells import Cell, Grid, Row, Sheet

DELIMITERS = ",;\t|"
#: The csv module's own limit holds for the whole process, and would refuse a register for one field.
_LONGEST_FIELD = csv.field_size_limit(2**31 - 1)
_SAMPLE = 65_536
_RECORDS = 50
_PIECE = 2**20
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
#: Western text has its accents and quotes one or two at a time; longer runs are another script's one-byte encoding.
_NOT_WESTERN = re.compile(rb"[\x80-\xff]{4}")


class UndecodableError(Exception):
    """The bytes are no text in an encoding that can be told; the message names the first that is in the way."""


class Text(NamedTuple):
    """How a file's bytes are text: the encoding, what becomes of bytes that are none, and where the text begins."""

    encoding: str
    errors: str
    start: int

    @property
    def stated(self) -> str:
        """The encoding as it is told to people."""
        return "utf-16" if self.encoding.startswith("utf-16") else self.encoding

    def open(self, content: bytes) -> io.TextIOWrapper:
        """The text as a stream, line ends as they are."""
        return io.TextIOWrapper(io.BytesIO(content[self.start :]), self.encoding, self.errors, newline="")


def read_csv(content: bytes, *, lenient: bool = False) -> Grid:
    """The one table of a CSV file, as a sheet without a name; empty fields are no cells.

    When it is ``lenient``, bytes in mixed encodings stand as lone surrogates in the cells they belong to, and a field
    may be of any length; otherwise either refuses the file.
    """
    text = encoding(content, lenient=lenient)
    delimiter = delimiter_of(content, text)
    return Grid([Sheet("", partial(_rows, content, text, delimiter, lenient))], text.stated, delimiter)


def _rows(content: bytes, text: Text, delimiter: str, lenient: bool, ordinal: int) -> Iterator[Row]:
    for row, values in enumerate(csv.reader(text.open(content), delimiter=delimiter, strict=True)):
        if not lenient and any(len(value) > _LONGEST_FIELD for value in values):
            raise csv.Error(f"field larger than field limit ({_LONGEST_FIELD})")
        cells: list[Cell] = []
        for column, value in enumerate(values):
            if value:
                cells.append(tuple.__new__(Cell, ("", row, column, value, "General", 0, ordinal, None)))
                ordinal += 1
        if cells:
            yield row, cells


def encoding(content: bytes, *, lenient: bool = False) -> Text:
    """How the bytes are text. UndecodableError when no encoding fits all of them, and that is not let pass."""
    for bom, name in _BOMS.items():
        if content.startswith(bom):
            _check(content, name.removesuffix("-sig"), len(bom))
            return Text(name.removesuffix("-sig"), "strict", len(bom))
    if (nul := content.find(b"\x00")) >= 0:
        raise UndecodableError(f"byte 0x00 at offset {nul:,}: no text, or UTF-16 without its mark")
    try:
        return Text(_unmarked(content), "strict", 0)
    except UndecodableError:
        if lenient:
            return Text("utf-8", "surrogateescape", 0)
        raise


def _unmarked(content: bytes) -> str:
    """UTF-8, else Windows-1252 where the text looks western."""
    try:
        _check(content, "utf-8", 0)
    except UndecodableError as error:
        if _UTF8_LETTER.search(content):
            raise UndecodableError(f"{error}, beside other bytes that are: encodings are mixed") from None
        if run := _NOT_WESTERN.search(content):
            raise UndecodableError(f"{error}, nor are the bytes at offset {run.start():,} western text") from None
        _check(content, "cp1252", 0)
        return "cp1252"
    return "utf-8"


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


def delimiter_of(content: bytes, text: Text) -> str:
    """The delimiter that fits the beginning of a file best."""
    sample = codecs.getincrementaldecoder(text.encoding)(text.errors).decode(content[text.start :][:_SAMPLE])
    return _delimiter(sample, whole=len(content) <= text.start + _SAMPLE)


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
