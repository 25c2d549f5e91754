"""Rows of registers as linking takes them, and those that are one before any name is compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urlsplit

from sanad.link.evidence import Record
from sanad.link.names import Name, named
from sanad.link.places import Place, find


@dataclass(frozen=True)
class Row:
    """A row of a register, as printed.

    ``row_id`` is its entry's id as text; ``is_branch`` says that the row is declared another location of a firm;
    ``seen_on`` is the day its release was published.
    """

    row_id: str
    name: str
    place: str | None = None
    region: str | None = None
    kind: str | None = None
    certificate_no: str | None = None
    portal_key: str | None = None
    website: str | None = None
    is_branch: bool = False
    seen_on: date | None = None

    @cached_property
    def as_compared(self) -> Name:
        """Its name."""
        return named(self.name)

    @cached_property
    def meant(self) -> Place:
        """Its place."""
        return find(self.place, self.region).place

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys that are one registrant's alone, the certificate's first; none where the row has none."""
        told = (("certificate", self.certificate_no), ("portal", self.portal_key))
        return tuple(f"{what}:{''.join(key.upper().split())}" for what, key in told if key)

    @cached_property
    def subject(self) -> str:
        """Who is meant where there is no key: one kind, name and place; the same on every machine."""
        said = "\x00".join([self.kind or "", str(self.as_compared), self.meant.place_code])
        return f"name:{hashlib.sha256(said.encode()).hexdigest()[:16]}"

    def record(self, record_id: str) -> Record:
        """What of it is compared."""
        host = urlsplit(self.website or "").hostname
        return Record(record_id, self.as_compared, self.meant, self.kind, host.removeprefix("www.") if host else None)


class Groups:
    """Disjoint sets of texts, each called by its least member."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def of(self, member: str) -> str:
        """The least member of its set."""
        while (above := self._above.setdefault(member, member)) != member:
            self._above[member] = self._above[above]  # halves the way for whoever comes next
            member = above
        return member

    def join(self, one: str, other: str) -> None:
        """Make two sets one."""
        least, most = sorted((self.of(one), self.of(other)))
        self._above[most] = least


def by_key(rows: Iterable[Row]) -> Groups:
    """The keys that are one registrant's: a certificate's number and a portal's key that stand on one row."""
    groups = Groups()
    for row in rows:
        for key in row.keys[1:]:
            groups.join(row.keys[0], key)
    return groups


def code_of(row: Row) -> str:
    """The row's own name for the one it names, before it is known who else that is."""
    return row.keys[0] if row.keys else row.subject
