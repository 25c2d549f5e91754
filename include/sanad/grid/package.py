"""Office Open XML packages: which kind of workbook one is, and whether it may be opened at all.

Everything here is bounded: members are unpacked in pieces that are thrown away again.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree

MEMBERS_MOST = 2_000
UNPACKED_MOST = 256 * 2**20
#: Sheets pack 5 to 30 to one, a bomb about a thousand.
RATIO_MOST = 100
_SMALL = 2**20  # below this no ratio is suspicious, and small parts are read at once
_PIECE = 2**18

_CONTENT_TYPES = {
    b"spreadsheetml.sheet.main+xml": "xlsx",
    b"ms-excel.sheet.macroEnabled.main+xml": "xlsm",
    b"ms-excel.sheet.binary.macroEnabled.main": "xlsb",
    b"wordprocessingml.document.main+xml": "docx",
}
_DOCTYPE = re.compile(b"|".join("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")))
#: A formula, or a cell of type "error".
_NOT_PLAIN = re.compile(rb"<(?:\w+:)?f[\s/>]|\st\s*=\s*[\"']e[\"']")
_DATE1904 = re.compile(rb"date1904\s*=\s*[\"'](?:1|true)[\"']")
_MODIFIED = "{http://purl.org/dc/terms/}modified"


class UnsafePackageError(Exception):
    """The package is a bomb, or declares what a workbook must not declare."""


@dataclass(frozen=True)
class Package:
    """What a walk through a package found: its unpacked size; ``plain`` when it has no formula and no error cell;
    ``datemode`` 0 when its dates count from 1900, 1 from 1904.
    """  # fmt: skip

    unpacked: int
    plain: bool
    datemode: int


def package_kind(content: bytes) -> str:
    """``xlsx``, ``xlsm``, ``xlsb``, ``docx``, ``ods``, or just ``zip``."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if b"opendocument.spreadsheet" in _start(package, "mimetype"):
                return "ods"
            types = _start(package, "[Content_Types].xml")
    except Exception:  # whatever zipfile makes of a damaged file
        return "zip"
    return next((kind for mark, kind in _CONTENT_TYPES.items() if mark in types), "zip")


def inspect(content: bytes) -> Package:
    """Walk through every member once. UnsafePackageError names the member that must not be opened."""
    unpacked, plain, datemode = 0, True, 0
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        members = package.infolist()
        if len(members) > MEMBERS_MOST or len({member.filename for member in members}) < len(members):
            raise UnsafePackageError(f"{len(members):,} members, more than {MEMBERS_MOST:,} or two of one name")
        for member in members:
            for piece in _pieces(package, member, UNPACKED_MOST - unpacked):
                if _DOCTYPE.search(piece):
                    raise UnsafePackageError(f"'{member.filename}' declares a document type: entities could expand")
                if member.filename.endswith(".xml"):
                    plain = plain and b"\x00" not in piece and not _NOT_PLAIN.search(piece)
                if member.filename.startswith("xl/workbook") and _DATE1904.search(piece):
                    datemode = 1
            unpacked += member.file_size  # zipfile holds a member to the size it states
    return Package(unpacked, plain, datemode)


def _pieces(package: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    """A member's content in overlapping pieces, until it grows beyond what its packed size or the bound allows."""
    size = 0
    seam = b""
    with package.open(member) as source:
        while piece := source.read(_PIECE):
            size += len(piece)
            if size > most:
                raise UnsafePackageError(f"more than {UNPACKED_MOST:,} bytes unpacked, at '{member.filename}'")
            if size > max(_SMALL, RATIO_MOST * member.compress_size):
                raise UnsafePackageError(
                    f"'{member.filename}' unpacks to more than {RATIO_MOST} times its {member.compress_size:,} bytes"
                )
            yield seam + piece
            seam = piece[-64:]


def last_saved(content: bytes) -> datetime | None:
    """``dcterms:modified`` of the core properties, in UTC; None where it is not stated."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        core = _start(package, "docProps/core.xml")
    if not core or _DOCTYPE.search(core):
        return None
    stated = ElementTree.fromstring(core).findtext(_MODIFIED)  # noqa: S314 - without a document type
    if not stated:
        return None
    saved = datetime.fromisoformat(stated.strip())
    return saved.astimezone(UTC) if saved.tzinfo else saved.replace(tzinfo=UTC)


def _start(package: zipfile.ZipFile, name: str) -> bytes:
    """The first MiB of a member, nothing where there is none."""
    try:
        with package.open(name) as source:
            return source.read(_SMALL)
    except KeyError:
        return b""
