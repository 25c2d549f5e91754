"""What a parser delivers, and the hash of it that is free of layout."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import rfc8785

from sanad.words.numbers import plain, six_places
from sanad.words.periods import Period
from sanad.words.vocabulary import Flag


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
    fields: dict[str, dict[str, Any]]

    @property
    def canonical(self) -> str:
        """Kind and all fields as RFC 8785 JSON."""
        values = {name: field["value"] for name, field in self.fields.items()}
        return f"{self.kind or ''}\t{rfc8785.dumps(values).decode()}"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A register row that is not staged, and why."""

    locator: str
    gate: str
    reason: str
    raw: str


@dataclass(frozen=True)
class Reading:
    """One reading of one release: by which parser, of which edition, and all it found."""

    parser: str
    parser_version: str
    edition: str
    figures: list[Figure] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

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

    @property
    def canonical_sha256(self) -> str:
        """sha256 over the sorted canonical lines of all figures and entries."""
        lines = sorted([*(figure.canonical for figure in self.figures), *(entry.canonical for entry in self.entries)])
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
