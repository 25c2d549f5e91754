"""From bytes to grid: the file's type is told by its first bytes, never by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

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


def read(content: bytes, file_types: Sequence[str], max_bytes: int, *, formats: bool = True) -> Grid:
    """The grid of a file of one of the declared types.

    Without ``formats`` a reader may leave number formats and indents out, and be faster for it. Unreadable (gate
    ``file``) when the bytes are empty, too many, of another type, unsafe to open, or damaged; what is damaged may
    show only when the rows are walked.
    """
    wanted = " or ".join(f".{kind}" for kind in file_types) + " file"
    if len(content) > max_bytes:
        raise _refuse(f"a {wanted} of at most {max_bytes:,} bytes", f"{len(content):,} bytes")
    if not content:
        raise _refuse(f"a {wanted}", "an empty file, 0 bytes")
    kind = file_type(content)
    if kind not in file_types:
        found = f"{_NAMES.get(kind, '')}{len(content):,} bytes that begin {content[:8]!r}"
        raise _refuse(f"a {wanted}", found)
    try:
        grid = _READERS[kind](content, formats)
    except Exception as error:  # a reader raises whatever a damaged file makes it stumble over
        raise _damaged(wanted, error) from error
    for sheet in grid.sheets:
        sheet.read_rows = partial(_guarded, sheet.read_rows, wanted)
    return grid


def _guarded(read_rows: Callable[[int], Iterator[Row]], wanted: str, ordinal: int) -> Iterator[Row]:
    try:
        yield from read_rows(ordinal)
    except Exception as error:
        raise _damaged(wanted, error) from error


def _damaged(wanted: str, error: Exception) -> Unreadable:
    return _refuse(f"a whole {wanted}", f"{type(error).__name__}: {error}")


def _xls(content: bytes, formats: bool) -> Grid:
    from sanad.grid.xls import read_xls

    return read_xls(content)


def _xlsx(content: bytes, formats: bool) -> Grid:
    package = inspect(content)
    from sanad.grid.xlsx import KEPT_MOST, read_xlsx

    if formats or not package.plain or package.unpacked > KEPT_MOST:
        return read_xlsx(content, package)
    from sanad.grid.plain import read_plain

    return read_plain(content, package)


def _csv(content: bytes, formats: bool) -> Grid:
    from sanad.grid.delimited import read_csv

    return read_csv(content)


_READERS: dict[str, Callable[[bytes, bool], Grid]] = {"xls": _xls, "xlsx": _xlsx, "csv": _csv}


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
