"""Identities: the same on every machine, never from a sequence.

A release's id is 35 bits of a hash, its figures' ids are that id shifted by 28 bits plus the ordinal of the
cell (or row) in reading order. They survive new parser versions, sort by release, and load about twice as
fast as hashed ids. All are below 2**63; in JSON, HTML and exports they are decimal strings.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from sanad.words.errors import UsageError

ORDINAL_BITS = 28
_HANDLE = re.compile(r"^(?P<dataset>[a-z0-9_]+/[a-z0-9_]+)(?:@(?P<edition>[^#@]+)|#(?P<sha256>[0-9a-f]{8,64}))$")


def _leading_bits(bits: int, *parts: str) -> int:
    digest = hashlib.sha256(b"\x00".join(part.encode() for part in parts)).digest()
    return int.from_bytes(digest, "big") >> (256 - bits)


def release_id(dataset: str, sha256: str) -> int:
    """First 35 bits of sha256(dataset 0x00 sha256), big-endian."""
    return _leading_bits(35, dataset, sha256)


def figure_id(release: int, ordinal: int) -> int:
    """``release << 28 | ordinal``; the ordinal is the grid reader's count of cells (or of rows)."""
    if not 0 <= ordinal < 1 << ORDINAL_BITS:
        raise ValueError(f"ordinal {ordinal} does not fit in {ORDINAL_BITS} bits")
    return release << ORDINAL_BITS | ordinal


def release_of(figure: int) -> int:
    """The release id inside a figure's or an entry's id."""
    return figure >> ORDINAL_BITS


def extraction_id(release: int, parser: str, parser_version: str) -> int:
    """First 63 bits of sha256(release id in decimal 0x00 parser 0x00 version), big-endian."""
    return _leading_bits(63, str(release), parser, parser_version)


@dataclass(frozen=True)
class Handle:
    """A release as people name it: ``sbp/trade_in_services@2026-02`` or ``sbp/trade_in_services#14e65eba``."""

    dataset: str
    edition: str | None = None
    sha256: str | None = None

    @classmethod
    def parse(cls, text: str) -> Handle:
        """Read a handle; UsageError names the two forms."""
        match = _HANDLE.match(text.strip())
        if not match:
            raise UsageError(
                f"'{text}' names no release: write publisher/dataset@edition, or publisher/dataset# and 8 or "
                "more hex digits of its sha256"
            )
        return cls(**match.groupdict())

    def __str__(self) -> str:
        return f"{self.dataset}@{self.edition}" if self.edition else f"{self.dataset}#{(self.sha256 or '')[:8]}"
