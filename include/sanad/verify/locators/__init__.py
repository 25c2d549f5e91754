"""What stands at a locator of an archived file, by another library than the one that parsed it.

One module a library. Which one reads is told by the file's first bytes and by what kind of dataset it is: a parser of
register rows reads .xlsx by calamine, any other by openpyxl (docs/decisions/0004-two-readers-a-format.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol

from sanad.verify.locators.table import Place, Table, Unread, Value, place

__all__ = ["Document", "Place", "Release", "Table", "Unread", "Value", "is_within", "place"]

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF = b"%PDF-"
_SHEET_ROW = re.compile(r"(.*!)([0-9]+):\2")
_PAGE = re.compile(r"(?:.*!|)page=[0-9]+")
_RECORD = re.compile(r"(.*!|)row=([0-9]+)")


def is_within(locator: str, row: str) -> bool:
    """Whether a place lies in a row: ``cell=4,2`` in ``row=4``, ``'Data '!B4`` in ``'Data '!4:4``.

    A row of a PDF is told by its page alone; of a page or a JSON reply, where an entry may be all of it, by nothing.
    """
    if sheet := _SHEET_ROW.match(row):
        return bool(re.fullmatch(rf"{re.escape(sheet[1])}[A-Z]+{sheet[2]}", locator))
    if record := _RECORD.match(row):
        return locator.startswith(f"{record[1]}cell={record[2]},")
    page = _PAGE.match(row)
    return page is None or locator.startswith(f"{page[0]}&")


class Document(Protocol):
    """One archived file, read."""

    @property
    def reader(self) -> str:
        """The library that read it, with its version."""

    def at(self, locator: str) -> Any:
        """What stands at a locator: a Value, None for nothing. LookupError when the locator is not of this kind."""


def _reader(content: bytes, is_register: bool) -> Callable[[bytes], Document]:
    if content.startswith(_OLE):
        name = "calamine"
    elif content.startswith(_ZIP):
        name = "openpyxl" if is_register else "calamine"
    else:
        start = content[:64].lstrip(b" \t\r\n\xef\xbb\xbf")
        told = {b"{": "json_pointer", b"[": "json_pointer", b"<": "markup"}.get(start[:1], "delimited")
        name = "pdf" if start.startswith(_PDF) else told
    reader: Callable[[bytes], Document] = import_module(f"sanad.verify.locators.{name}").read
    return reader


def _read(content: bytes, is_register: bool) -> Document:
    reader = _reader(content, is_register)
    try:
        return reader(content)
    except Exception as error:  # a reader raises whatever a file it does not know makes it stumble over
        raise Unread(f"{reader.__module__.rpartition('.')[2]} cannot read it: {error}") from error


class Release:
    """The parts of a release, each read when it is first asked for, and once."""

    def __init__(self, parts: Mapping[str, bytes], *, is_register: bool) -> None:
        self._parts = parts
        self._is_register = is_register
        self._read: dict[str, Document] = {}

    @property
    def readers(self) -> set[str]:
        """The libraries that were needed so far."""
        return {document.reader for document in self._read.values()}

    @property
    def has_several(self) -> bool:
        """Whether locators name the part."""
        return len(self._parts) > 1

    def find(self, locator: str) -> tuple[Document, str]:
        """The document a locator leads into, and the locator inside it (``part!inner`` where there are several parts).

        LookupError when it names no part; Unread when there is no second reader.
        """
        if len(self._parts) == 1:
            name, inner = next(iter(self._parts)), locator
        else:
            name = next((one for one in self._parts if locator.startswith(f"{one}!")), "")
            if not name:
                raise LookupError(f"{locator} names no part of the release")
            inner = locator[len(name) + 1 :]
        if name not in self._read:
            self._read[name] = _read(self._parts[name], self._is_register)
        return self._read[name], inner

    def at(self, locator: str) -> Any:
        """What stands at a locator, None for nothing; LookupError when it leads nowhere."""
        document, inner = self.find(locator)
        return document.at(inner)
