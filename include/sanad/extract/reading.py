"""What a parser delivers, and the hash of it that is free of layout."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from sanad.words.numbers import plain, six_places
from sanad.words.periods import Period
from sanad.words.vocabulary import Flag

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number as printed: see ``staging.figure`` for each field. ``ordinal`` is the grid's count of the cell."""

    ordinal: int
    series_code: str
    measure: str
    period: Period | None
    value: Decimal | None
    null_reason: str | None
    unit: str
    flag: Flag | None
    locator: str
    as_printed: str
    header_locator: str | None = None
    header_as_printed: str | None = None
    label_raw: str | None = None
    indent: int | None = None
    parent_code: str | None = None
    resolution: Decimal | None = None
    qualifier: str | None = None
    details: dict[str, Any] | None = None

    @property
    def canonical(self) -> str:
        """The figure without labels and locators: what makes two releases say the same."""
        return "\t".join(
            (
                self.series_code,
                self.measure,
                self.period.code if self.period else "",
                self.unit,
                plain(six_places(self.value)) if self.value is not None else "",
                self.flag or "",
                self.null_reason or "",
            )
        )


class Field(NamedTuple):
    """One field of a row: what it says (text, whole number, true or false, list of texts), as printed, and where."""

    value: Any
    as_printed: str
    locator: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a register: see ``staging.entry``. ``ordinal`` is the grid's count of the row."""

    ordinal: int
    locator: str
    kind: str | None
    portal_key: str | None
    certificate_no: str | None
    name: str | None
    place: str | None
    valid_from_month: date | None
    valid_till_month: date | None
    status: str | None
    fields: dict[str, Field]

    @property
    def canonical(self) -> str:
        """Kind and all fields as RFC 8785 JSON, which for texts and whole numbers is what `json` writes, faster."""
        values = {name: field.value for name, field in self.fields.items()}
        return f"{self.kind or ''}\t{_CANONICAL.encode(values)}"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A register row that is not staged, and why."""

    locator: str
    gate: str
    reason: str
    raw: str


@dataclass(frozen=True)
class Reading:
    """One reading of one release: by which parser, of which edition, and all it found.

    A document that states no edition has none. ``claim`` is what tells documents of one claimant each apart: source and
    date, or a certificate's number. ``lacks`` are the public fields that a register's document has no column for.
    """

    parser: str
    parser_version: str
    edition: str | None
    figures: list[Figure] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    claim: str | None = None
    lacks: list[str] = field(default_factory=list)

    @property
    def facts(self) -> dict[str, Any]:
        """What ``archive.extraction`` keeps of it."""
        return {
            "parser": self.parser,
            "parser_version": self.parser_version,
            "edition": self.edition,
            "canonical_sha256": self.canonical_sha256,
            "figures": len(self.figures),
            "entries": len(self.entries),
            "rejected": len(self.rejected),
        }

    @cached_property
    def canonical_sha256(self) -> str:
        """sha256 over the sorted canonical lines of all figures and entries, below the claim's where there is one."""
        lines = sorted([*(figure.canonical for figure in self.figures), *(entry.canonical for entry in self.entries)])
        if self.claim is not None:
            lines.insert(0, self.claim)
        digest = hashlib.sha256()
        for number, line in enumerate(lines):  # one by one: a register's lines are many megabytes
            digest.update((f"\n{line}" if number else line).encode())
        return digest.hexdigest()
