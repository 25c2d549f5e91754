"""Releases as the archive knows them: recording one, and reading back what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text

from sanad.archive.ledger import instant
from sanad.archive.store import Store, sha256_of
from sanad.warehouse import tables
from sanad.words import ids
from sanad.words.ids import Handle
from sanad.words.vocabulary import Event, Origin, PublishedFrom

Parts = Mapping[str, bytes]


def release_sha256(parts: Parts) -> str:
    """That of the one part, or of the sorted ``name sha256`` lines of several."""
    return combined_sha256({name: sha256_of(content) for name, content in parts.items()})


def combined_sha256(hashes: Mapping[str, str]) -> str:
    """The same, from the sha256 of each part by name."""
    if len(hashes) == 1:
        return next(iter(hashes.values()))
    return sha256_of("".join(f"{name} {sha256}\n" for name, sha256 in sorted(hashes.items())).encode())


@dataclass(frozen=True)
class Release:
    """One distinct content of a dataset, with all that is known of its publication."""

    dataset: str
    sha256: str
    origin: Origin
    published_on: date
    published_on_from: PublishedFrom
    first_fetched_at: datetime
    last_saved_at: datetime | None = None
    url: str | None = None
    redacted: bool = False
    coverage: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Release:
        """The release of a row of ``archive.release``."""
        known = {name: row[name] for name in cls.__dataclass_fields__}
        published_from = PublishedFrom(row["published_on_from"])
        return cls(**{**known, "origin": Origin(row["origin"]), "published_on_from": published_from})

    @property
    def release_id(self) -> int:
        """35 bits of a hash: the same on every machine."""
        return ids.release_id(self.dataset, self.sha256)

    @property
    def facts(self) -> dict[str, Any]:
        """All that is known of it, as its first event puts it into the chain."""
        return {
            "dataset": self.dataset,
            "sha256": self.sha256,
            "origin": self.origin.value,
            "redacted": self.redacted,
            "published_on": self.published_on.isoformat(),
            "published_on_from": self.published_on_from.value,
            "last_saved_at": instant(self.last_saved_at) if self.last_saved_at else None,
            "first_fetched_at": instant(self.first_fetched_at),
            "url": self.url,
            "coverage": self.coverage,
        }

    @property
    def order(self) -> tuple[date, float, int]:
        """The place on the published axis; an unknown last-saved instant comes first of its day."""
        saved = self.last_saved_at.timestamp() if self.last_saved_at else float("-inf")
        return self.published_on, saved, self.release_id


@dataclass(frozen=True)
class Known:
    """A release that is in the archive: its row, its state, and its newest extraction's id, edition and hash."""

    release: Release
    state: Event
    extraction_id: int | None
    edition: str | None
    canonical_sha256: str | None
    figures: int
    entries: int = 0
    rejected: int = 0

    def named(self, handle: Handle) -> bool:
        """Whether a handle names this release; several may share an edition."""
        if handle.sha256:
            return self.release.sha256.startswith(handle.sha256)
        return handle.edition is not None and handle.edition == self.edition

    @property
    def handle(self) -> Handle:
        """By edition where it has one, else by hash."""
        return Handle(self.release.dataset, edition=self.edition) if self.edition else Handle(
            self.release.dataset, sha256=self.release.sha256
        )  # fmt: skip


def record(
    connection: Connection, release: Release, parts: Parts, media_type: str, originals: Mapping[str, str]
) -> None:
    """Insert a release and its parts, whose bytes the store holds already; ``originals`` are the sha256 of those parts
    that were cut before, by name.
    """  # fmt: skip
    connection.execute(insert(tables.release).values(release_id=release.release_id, **vars(release)))
    connection.execute(
        insert(tables.part),
        [
            {
                "release_id": release.release_id,
                "name": name,
                "sha256": sha256_of(content),
                "original_sha256": originals.get(name),
                "bytes": len(content),
                "media_type": media_type,
                "url": release.url,
            }
            for name, content in parts.items()
        ],
    )


_KNOWN = """
    select
        release.*, state.state, extraction.extraction_id, extraction.edition, extraction.canonical_sha256,
        coalesce(extraction.figures, 0) as figures, coalesce(extraction.entries, 0) as entries,
        coalesce(extraction.rejected, 0) as rejected
    from archive.release
    join archive.release_state as state using (release_id)
    left join lateral (
        -- the reading that the last event with one cites: a quarantined file may have been read in part
        select extraction.* from archive.ledger join archive.extraction using (extraction_id)
        where ledger.release_id = release.release_id order by ledger.seq desc limit 1
    ) as extraction on true
    where release.dataset = :dataset
"""


def known(connection: Connection, dataset: str) -> list[Known]:
    """Every archived release of a dataset, in the order of the published axis."""
    found = []
    for row in connection.execute(text(_KNOWN), {"dataset": dataset}).mappings():
        release, state = Release.of(dict(row)), Event(row["state"])
        found.append(
            Known(
                release, state, row["extraction_id"], row["edition"], row["canonical_sha256"], row["figures"],
                row["entries"], row["rejected"],
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: one.release.order)


def contents(connection: Connection, store: Store, release_id: int) -> dict[str, bytes]:
    """The archived bytes of a release's parts by name, re-hashed as they are read."""
    parts = connection.execute(
        select(tables.part.c.name, tables.part.c.sha256).where(tables.part.c.release_id == release_id)
    )
    return {str(name): store.get(str(sha256)) for name, sha256 in parts.all()}


def has_part(connection: Connection, dataset: str, sha256: str) -> bool:
    """Whether these bytes are a part of an archived release of a dataset."""
    parts = select(tables.part.c.sha256).join(tables.release).where(tables.release.c.dataset == dataset)
    return connection.scalar(select(parts.where(tables.part.c.sha256 == sha256).exists())) is True
