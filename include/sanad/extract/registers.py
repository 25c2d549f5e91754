"""What the parsers of registers share: from a row's printed texts to an entry, or to why it is none."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import takewhile
from typing import Any, NamedTuple

from sanad.extract.reading import Entry, Field, Reading, Rejected
from sanad.grid import Cell, read
from sanad.grid.cells import CellError, clean, dated, locate
from sanad.grid.headings import Table, tables
from sanad.registry import Dataset, RegisterField, heading
from sanad.words.errors import Finding, Unreadable
from sanad.words.months import instant_of, month_in, month_of
from sanad.words.numbers import plain, shortest
from sanad.words.periods import full_year
from sanad.words.personal import MARK
from sanad.words.vocabulary import Consequence, Privacy

#: Letters that a field has at most, and that are kept of a rejected row.
LONGEST, RAW_MOST = 2_000, 2_000
#: Letters that what is said many times has at most, and how many of such texts are remembered.
_REPEATED, _REMEMBERED = 60, 20_000
#: Excel's day numbers of 1970 and 2100: what a date without its format can be.
_DAYS = (25_569, 73_050)
#: What turns the direction of writing or is not seen at all: no part of a name, and two names differ by nothing else.
_UNSEEN = re.compile(r"[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_UNDECODED = re.compile(r"[\ud800-\udfff\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TAG = re.compile(r"<[a-zA-Z/!]")
_YEAR = re.compile(r"/(\d{2})(?!\d)")
_FORMULA = ("=", "+", "-", "@")


class Printed(NamedTuple):
    """A field as it stands in a document; ``raw`` is the cell's or the node's own value, never None."""

    raw: Any
    as_printed: str
    locator: str


class UnfitError(Exception):
    """A row that is no entry: the gate it did not pass, and why."""

    def __init__(self, gate: str, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.gate = gate


def stop(gate: str, expected: str, found: str, locator: str | None = None) -> Unreadable:
    """What cannot be read at all."""
    return Unreadable(Finding(gate, Consequence.QUARANTINE, expected, found, locator))


def version_of(dataset: Dataset, version: str) -> str:
    """The parser's version and a digest of what the registry declares: both make a reading what it is."""
    declared = dataset.model_dump_json(include={"fields", "kinds", "persons", "containers", "envelope", "card_class"})
    return f"{version}.{hashlib.sha256(declared.encode()).hexdigest()[:8]}"


# -- text --------------------------------------------------------------------------------------------------------


def tidy(text: str) -> str:
    """A text as it is compared: letters composed, blanks made one, unseen marks gone, mojibake undone."""
    if text.isascii():
        # nearly every text: nothing in it to be made one blank
        return text.strip() if text.isprintable() and "  " not in text else clean(text)
    text = unscrambled(text) or text
    return clean(unicodedata.normalize("NFC", _UNSEEN.sub("", text)))


def unscrambled(text: str) -> str | None:
    """The UTF-8 text that was taken for Windows-1252, undone where that leaves no doubt; None where it was not."""
    if text.isascii():
        return None
    try:
        undone = b"".join(map(_byte, text)).decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None
    return undone if undone != text else None


def _byte(letter: str) -> bytes:
    """The byte a letter stands for in Windows-1252; five bytes have none and are shown as controls."""
    return letter.encode("latin-1" if "\x80" <= letter <= "\x9f" else "cp1252")


# -- values ------------------------------------------------------------------------------------------------------


def _number(printed: Printed) -> int:
    text = str(printed.raw if not isinstance(printed.raw, float) else plain(shortest(printed.raw))).replace(",", "")
    if not re.fullmatch(r"-?\d{1,15}", text.strip()):
        raise UnfitError("value", "a whole number", repr(printed.as_printed))
    return int(text)


def _labels(printed: Printed) -> list[str]:
    parts = printed.raw if isinstance(printed.raw, list) else str(printed.raw).split(",")
    return [label for label in map(tidy, parts) if label not in {"", "0"}]


def _month(printed: Printed) -> str:
    raw = printed.raw
    if isinstance(raw, float) and _DAYS[0] <= raw < _DAYS[1]:
        raw = dated(raw, 0)
    found = raw.date().replace(day=1) if isinstance(raw, datetime) else month_of(tidy(printed.as_printed))
    if found is None:
        raise UnfitError("validity", "a month such as Oct 2025 or a day", repr(printed.as_printed))
    return f"{found:%Y-%m}"


def _instant(printed: Printed) -> str:
    found = instant_of(str(printed.raw))
    if found is None:
        raise UnfitError("value", "an instant in ISO 8601", repr(printed.as_printed))
    return found.astimezone(UTC).isoformat() if found.tzinfo else found.isoformat()


def _epoch(printed: Printed) -> str:
    try:
        return datetime.fromtimestamp(_number(printed), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        raise UnfitError("value", "seconds since 1970", repr(printed.as_printed)) from None


def _flag(printed: Printed) -> bool:
    said = str(printed.raw).casefold()
    if said not in {"true", "false", "1", "0", "yes", "no"}:
        raise UnfitError("value", "true or false", repr(printed.as_printed))
    return said in {"true", "1", "yes"}


def _text(printed: Printed) -> str:
    text = tidy(printed.as_printed)
    if text.startswith(_FORMULA):
        raise UnfitError("formula", "a text that no spreadsheet would run", repr(text[:40]))
    if "<" in text and _TAG.search(text):
        raise UnfitError("markup", "a text without markup", repr(text[:40]))
    return text


_READERS: Mapping[str, Callable[[Printed], Any]] = {
    "text": _text, "certificate": _text, "number": _number, "labels": _labels, "month": _month, "instant": _instant,
    "epoch": _epoch, "flag": _flag, "link": lambda printed: tidy(printed.as_printed),
    "email": lambda printed: tidy(printed.as_printed),
}  # fmt: skip


def _value(name: str, told: RegisterField, printed: Printed) -> Any:
    if isinstance(printed.raw, CellError):
        raise UnfitError("cell", f"the {name}, saved with its value", printed.as_printed)
    if len(printed.as_printed) > LONGEST:
        raise UnfitError("length", f"a {name} of at most {LONGEST:,} letters", f"{len(printed.as_printed):,}")
    plain_text = printed.as_printed.isascii() and printed.as_printed.isprintable()
    if not plain_text and _UNDECODED.search(printed.as_printed):
        raise UnfitError("encoding", f"a {name} in one encoding", ascii(printed.as_printed[:40]))
    # a telephone number begins with a plus sign
    if told.privacy is Privacy.BUSINESS_CONTACT and told.value == "text":
        value = tidy(printed.as_printed)
    else:
        value = _READERS[told.value](printed)
    if told.unlike and isinstance(value, str) and re.fullmatch(told.unlike, value):
        raise UnfitError(name, f"a {name}", f"{value!r}, which is something else")
    return value


# -- rows --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """Makes entries of the rows of one document. ``edition`` bounds the years that its certificates can be of; ``kind``
    is that of all its rows, where their container or their heading says so and they do not.
    """  # fmt: skip

    dataset: Dataset
    edition: str | None = None
    kind: str | None = None
    _read: dict[tuple[Any, ...], tuple[Any, str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def entry(self, ordinal: int, locator: str, printed: Mapping[str, Printed]) -> Entry:
        """The entry; UnfitError when the row is none."""
        fields = {name: self._field(name, one) for name, one in printed.items()}
        texts = {name: _said(field.value) for name, field in fields.items()}
        if texts.get("name") in {None, "", MARK}:
            raise UnfitError("name", "a name", "none")
        if found := fields.get("certificate_no"):
            fields |= self._registered_year(found, fields)
        kind = self.kind
        if texts.get("kind"):
            kind, branch = self._kind(texts["kind"] or "")
            if branch:
                fields["branch"] = fields["kind"]._replace(value=True)
        return Entry(
            ordinal=ordinal,
            locator=locator,
            kind=kind,
            portal_key=texts.get("portal_key"),
            certificate_no=texts.get("certificate_no"),
            name=texts["name"],
            place=texts.get("place"),
            **_validity(fields),
            status=texts.get("status"),
            fields=fields,
        )

    def _field(self, name: str, printed: Printed) -> Field:
        """A field as it is read; what a register says many times is read and kept once."""
        raw, as_printed, locator = printed
        if len(as_printed) > _REPEATED or isinstance(raw, list):
            return Field(_value(name, self.dataset.fields[name], printed), as_printed, locator)
        key = name, raw, as_printed
        known = self._read.get(key)
        if known is None:
            known = _value(name, self.dataset.fields[name], printed), as_printed
            if len(self._read) < _REMEMBERED:
                self._read[key] = known
        return Field(*known, locator)

    def _kind(self, said: str) -> tuple[str | None, bool]:
        """The kind a publisher's word stands for, None for one that is undeclared, and whether it is a branch's."""
        word = heading(said)
        kinds = {heading(known): kind for known, kind in self.dataset.kinds.items()}
        return kinds.get(word.removesuffix(" branch")), word.endswith(" branch")

    def _registered_year(self, certificate: Field, fields: Mapping[str, Field]) -> dict[str, Field]:
        """The year of the first registration, which a certificate's number ends in: 96 is 1996, 26 is 2026."""
        found = _YEAR.search(str(certificate.value))
        if found is None:
            return {}
        year = full_year(int(found[1]))
        known = [fields[name].value[:4] for name in ("valid_from", "valid_till") if name in fields]
        if self.edition:
            known.append(self.edition[:4])
        if known and year > int(min(known)):
            raise UnfitError("certificate_no", f"a number given by {min(known)}", repr(certificate.value))
        return {"registered_year": certificate._replace(value=year)}


def _validity(fields: Mapping[str, Field]) -> dict[str, date | None]:
    """The first days of the first and the last month; a registration is valid while its last month lasts."""
    months = {
        f"{name}_month": date.fromisoformat(f"{fields[name].value}-01") if name in fields else None
        for name in ("valid_from", "valid_till")
    }
    first, last = months["valid_from_month"], months["valid_till_month"]
    if first and last and last < first:
        raise UnfitError("validity", f"an end not before the beginning, {first:%Y-%m}", f"{last:%Y-%m}")
    return months


def _said(value: Any) -> str | None:
    return None if value is None else str(value)


def reject(locator: str, unfit: UnfitError, printed: Iterator[str]) -> Rejected:
    """The row as it is kept for a person to look at."""
    whole = " | ".join(printed)
    raw = whole if len(whole) <= RAW_MOST else f"{whole[:RAW_MOST]}... ({len(whole):,} letters)"
    safe = raw.encode("utf-8", "backslashreplace").decode().replace("\x00", r"\x00")
    return Rejected(locator, unfit.gate, str(unfit), safe)


# -- tables ------------------------------------------------------------------------------------------------------


def read_tables(parser: str, version: str, dataset: Dataset, parts: Mapping[str, bytes]) -> Reading:
    """Every row below the headings of every table in every part, each an entry or rejected by itself.

    Columns are known by their headings alone. The edition is the first month stated above them. Unreadable (gates
    ``file``, ``header_row``) when there is no table whose headings are known.
    """
    named = dataset.printed_as
    entries: list[Entry] = []
    rejected: list[Rejected] = []
    found: set[str] = set()
    edition: str | None = None
    offset = 0
    for name, content in sorted(parts.items()):
        prefix = f"{name}!" if len(parts) > 1 else ""
        grid = read(content, dataset.file_types, dataset.max_bytes, formats=False, lenient=True)
        for table in tables(grid.sheets, named):
            found |= set(table.columns.fields.values())
            edition = edition or _edition(table, grid.texts)
            said = {heading(column): kind for column, kind in dataset.fields["name"].kinds.items()}
            rows = Rows(dataset, edition, said.get(table.columns.name))
            for row in _rows(rows, table, prefix, offset):
                if isinstance(row, Entry):
                    entries.append(row)
                else:
                    rejected.append(row)
        if len(parts) > 1:
            offset += sum(sheet.count for sheet in grid.sheets)
    if not found:
        raise stop("header_row", "a row with a heading for the name and one more that is declared", "no such row")
    lacks = [name for name, told in dataset.fields.items() if told.privacy is Privacy.PUBLIC and name not in found]
    return Reading(parser, version_of(dataset, version), edition, entries=entries, rejected=rejected, lacks=lacks)


def _edition(table: Table, texts: tuple[str, ...]) -> str | None:
    """The month stated above the headings."""
    above = takewhile(lambda row: row[0] < table.columns.row, table.sheet.rows())
    titles = (cell.shown for _, cells in above for cell in cells)
    month = next(filter(None, map(month_in, (*titles, *texts))), None)
    return f"{month:%Y-%m}" if month else None


def _rows(rows: Rows, table: Table, prefix: str, offset: int) -> Iterator[Entry | Rejected]:
    fields = table.columns.fields
    for row, cells in table.sheet.rows():
        if row <= table.columns.row:
            continue
        printed = {
            fields[cell.column]: Printed(cell.value, cell.shown, prefix + cell.locator)
            for cell in cells
            if cell.column in fields
        }
        locator = prefix + _row_locator(table, row, cells)
        try:
            yield rows.entry(offset + cells[0].ordinal, locator, printed)
        except UnfitError as unfit:
            yield reject(locator, unfit, (cell.shown for cell in cells))


def _row_locator(table: Table, row: int, cells: list[Cell]) -> str:
    """A row's locator; where cells have places of their own, what those have in common."""
    place = cells[0].place
    if place is None:
        return locate(table.sheet.name, row)
    if place.startswith("/"):
        return place.rpartition("/")[0]
    return f"{table.sheet.name}&row={row + 1}"
