"""From bytes to grid: the file's type is told by its first bytes, never by its name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sanad.grid.cells import Grid, Row
from sanad.grid.package import inspect, last_saved, package_kind
from sanad.words.errors import Finding, Unreadable
from sanad.words.vocabulary import Consequence

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OTHERS = {b"%PDF-": "pdf", b"<": "html", b"{": "json", b"[{": "json"}
_BLANKS = b" \t\r\n\xef\xbb\xbf"
_NAMES = {
    "xlsm": "a .xlsm workbook, one with macros: ",
    "xlsb": "a .xlsb workbook, Excel's binary kind: ",
    "ods": "an OpenDocument spreadsheet: ",
    "docx": "a .docx document: ",
    "zip": "a zip file that is no workbook, or is damaged: ",
    "encrypted": "a workbook under a password: ",
    "pdf": "a PDF: ",
    "html": "markup, HTML or XML: ",
    "json": "JSON: ",
}


def file_type(content: bytes) -> str:
    """``xls``, ``xlsx``, another kind by its name, or ``csv`` for all that has no sign of its own."""
    if content.startswith(_OLE):
        return "encrypted" if _ENCRYPTED in content else "xls"
    if content.startswith(_ZIP):
        return package_kind(content)
    start = content[:64].lstrip(_BLANKS)
    return next((kind for sign, kind in _OTHERS.items() if start.startswith(sign)), "csv")


def _refuse(expected: str, found: str) -> Unreadable:
    return Unreadable(Finding("file", Consequence.QUARANTINE, expected, found))


def told_type(content: bytes, file_types: Sequence[str], max_bytes: int) -> str:
    """The type of a file of one of the declared types; Unreadable (gate ``file``) when it is of none, or too large."""
    wanted = _wanted(file_types)
    if len(content) > max_bytes:
        raise _refuse(f"a {wanted} of at most {max_bytes:,} bytes", f"{len(content):,} bytes")
    if not content:
        raise _refuse(f"a {wanted}", "an empty file, 0 bytes")
    kind = file_type(content)
    if kind not in file_types:
        found = f"{_NAMES.get(kind, '')}{len(content):,} bytes that begin {content[:8]!r}"
        raise _refuse(f"a {wanted}", found)
    return kind


def _wanted(file_types: Sequence[str]) -> str:
    return " or ".join(f".{kind}" for kind in file_types) + " file"


def read(
    content: bytes, file_types: Sequence[str], max_bytes: int, *, formats: bool = True, lenient: bool = False
) -> Grid:
    """The grid of a file of one of the declared types; the tables of an HTML page or a PDF are its sheets.

    Without ``formats`` a reader may leave number formats and indents out, and be faster for it. A ``lenient`` reading
    of .csv keeps bytes that are no text as lone surrogates, for a register's row gates to judge. Unreadable (gate
    ``file``) when the bytes are empty, too many, of another type, unsafe to open, or damaged; what is damaged may
    show only when the rows are walked.
    """
    kind = told_type(content, file_types, max_bytes)
    with whole(file_types):
        grid = _READERS[kind](content, formats, lenient)
    for sheet in grid.sheets:
        sheet.read_rows = partial(_guarded, sheet.read_rows, file_types)
    return grid


def read_json(content: bytes, max_bytes: int) -> Any:
    """A JSON document; Unreadable (gate ``file``) also for a key that stands twice in an object, NaN and Infinity."""
    told_type(content, ("json",), max_bytes)
    with whole(("json",)):
        return json.loads(content, object_pairs_hook=_once, parse_constant=_no_number)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


@contextmanager
def whole(file_types: Sequence[str]) -> Iterator[None]:
    """Whatever a damaged file makes a reader stumble over is Unreadable (gate ``file``)."""
    try:
        yield
    except Unreadable:
        raise
    except Exception as error:
        raise _refuse(f"a whole {_wanted(file_types)}", f"{type(error).__name__}: {error}") from error


def _guarded(read_rows: Callable[[int], Iterator[Row]], file_types: Sequence[str], ordinal: int) -> Iterator[Row]:
    with whole(file_types):
        yield from read_rows(ordinal)


def _xls(content: bytes, formats: bool, lenient: bool) -> Grid:
    from sanad.grid.xls import read_xls

    return read_xls(content)


def _xlsx(content: bytes, formats: bool, lenient: bool) -> Grid:
    package = inspect(content)
    from sanad.grid.xlsx import KEPT_MOST, read_xlsx

    if formats or not package.plain or package.unpacked > KEPT_MOST:
        return read_xlsx(content, package)
    from sanad.grid.plain import read_plain

    return read_plain(content, package)


def _csv(content: bytes, formats: bool, lenient: bool) -> Grid:
    from sanad.grid.delimited import read_csv

    return read_csv(content, lenient=lenient)


def _html(content: bytes, formats: bool, lenient: bool) -> Grid:
    from sanad.grid.markup import read_tables

    return read_tables(content)


def _pdf(content: bytes, formats: bool, lenient: bool) -> Grid:
    from sanad.grid.pdf import read_pdf

    return read_pdf(content)


_READERS: dict[str, Callable[[bytes, bool, bool], Grid]] = {
    "xls": _xls,
    "xlsx": _xlsx,
    "csv": _csv,
    "html": _html,
    "pdf": _pdf,
}


def properties(content: bytes) -> datetime | None:
    """When the document says it was last saved (a property without a zone is taken as UTC); None when it does not."""
    try:
        if content.startswith(_ZIP):
            return last_saved(content)
        if content.startswith(_OLE):
            return _last_saved_ole(content)
    except Exception:  # damaged properties: the document then states nothing
        return None
    return None


def _last_saved_ole(content: bytes) -> datetime | None:
    import olefile

    with olefile.OleFileIO(content) as document:
        saved = document.get_metadata().last_saved_time
    return saved.replace(tzinfo=UTC) if isinstance(saved, datetime) and saved.year > 1980 else None
