"""From bytes to grid: the file's type is told by its first bytes, never by its name."""

from __future__ import annotations

from datetime import UTC, datetime

from sanad.grid.cells import Grid
from sanad.words.errors import Finding, Unreadable
from sanad.words.vocabulary import Consequence

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def file_type(content: bytes) -> str | None:
    """``xls`` for an OLE compound file; None for anything else."""
    return "xls" if content.startswith(_OLE) else None


def _refuse(expected: str, found: str) -> Unreadable:
    return Unreadable(Finding("file", Consequence.QUARANTINE, expected, found))


def read(content: bytes, file_types: list[str], max_bytes: int) -> Grid:
    """The grid of a workbook of one of the declared types.

    Unreadable (gate ``file``) when the bytes are empty, too many, of another type, or damaged.
    """
    wanted = " or ".join(f".{kind}" for kind in file_types)
    if len(content) > max_bytes:
        raise _refuse(f"a {wanted} workbook of at most {max_bytes:,} bytes", f"{len(content):,} bytes")
    if not content:
        raise _refuse(f"a {wanted} workbook", "an empty file, 0 bytes")
    kind = file_type(content)
    if kind not in file_types:
        raise _refuse(f"a {wanted} workbook", f"{len(content):,} bytes that begin {content[:8]!r}")
    from sanad.grid.xls import read_xls

    try:
        return read_xls(content)
    except Exception as error:  # xlrd raises whatever a damaged file makes it stumble over
        raise _refuse(f"a whole {wanted} workbook", f"{type(error).__name__}: {error}") from error


def properties(content: bytes) -> datetime | None:
    """When the document says it was last saved (its property is taken as UTC); None when it does not say."""
    if file_type(content) != "xls":
        return None
    import olefile

    try:
        with olefile.OleFileIO(content) as document:
            saved = document.get_metadata().last_saved_time
    except Exception:  # a damaged property stream: the document then states nothing
        return None
    return saved.replace(tzinfo=UTC) if isinstance(saved, datetime) and saved.year > 1980 else None
