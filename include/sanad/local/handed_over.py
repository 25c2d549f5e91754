"""Documents that are bundled and that nobody serves: they come in as if somebody handed them over."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby

import rfc8785

from sanad.decide import Arrival, Ingested, ingest
from sanad.local import registers
from sanad.registry import dataset
from sanad.words import settings
from sanad.words.vocabulary import Origin

COUNTS = "reported/counts"
#: The columns of a bundled count that its document says, under the names it says them.
_SAID = {"basis": "counted"}
_OF_THE_DOCUMENT = ("source_url", "published_on", "published_precision")


@dataclass(frozen=True)
class HandedOver:
    """A document with what its bearer says of it; ``published_on`` is None where nobody knows."""

    dataset: str
    name: str
    render: Callable[[], bytes]
    origin: Origin
    published_on: date | None
    url: str | None = None

    def take(self) -> Ingested:
        """Through the one door; a document that is in the archive already is known there."""
        arrival = Arrival(
            parts={self.name: self.render()},
            origin=self.origin,
            actor=settings.actor(),
            reason=f"bundled as {self.name}",
            url=self.url,
            stated_on=self.published_on,
        )
        return ingest(dataset(self.dataset), arrival)


def counts() -> Iterator[HandedOver]:
    """The bundled published counts, a document a source; a count without an address is a document of its own."""
    with (settings.project() / "include" / "bundled" / f"{COUNTS}.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=_source)
    for _, group in groupby(rows, key=_source):
        said = list(group)
        first = said[0]
        published_on = date.fromisoformat(first["published_on"]) if first["published_on"] else None
        yield HandedOver(
            COUNTS,
            f"{first['count_id']}.json",
            partial(_document, said),
            Origin.PRESS,
            published_on,
            first["source_url"] or None,
        )


def _source(row: dict[str, str]) -> tuple[str, ...]:
    return (*(row[name] for name in _OF_THE_DOCUMENT), "" if row["source_url"] else row["count_id"])


def _document(rows: list[dict[str, str]]) -> bytes:
    """One document as canonical JSON: what it says of itself, and its counts in their order."""
    said = {name: rows[0][name] for name in _OF_THE_DOCUMENT}
    told = [{_SAID.get(name, name): value for name, value in row.items() if name not in said and value} for row in rows]
    return rfc8785.dumps({**said, "counts": told})


def synthetic_registers() -> Iterator[HandedOver]:
    """Every synthetic release of every register that no desk serves."""
    for name in registers.datasets():
        if name == registers.TECH_HUB:
            continue
        for release in registers.releases(name):
            published_on = release.last_saved.astimezone(dataset(name).zone).date()
            yield HandedOver(name, release.file, partial(registers.render, release), release.origin, published_on)
