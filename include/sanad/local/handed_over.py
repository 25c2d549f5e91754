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
FIGURES = "reported/figures"
#: The columns of a bundled count that its document says, under the names it says them.
_SAID = {"basis": "counted"}
_OF_THE_DOCUMENT = ("source_url", "published_on", "published_precision")
_OF_THE_ARTICLE = ("source", "outlet", "source_date", "published_on", "published_precision")


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
    for said in _documents(COUNTS, _source):
        first = said[0]
        yield _handed_over(COUNTS, first["count_id"], partial(_document, said), first, first["source_url"])


def figures() -> Iterator[HandedOver]:
    """The bundled printed figures, a document an article."""
    for said in _documents(FIGURES, lambda row: tuple(row[name] for name in _OF_THE_ARTICLE)):
        first = said[0]
        url = first["source"] if first["source"].startswith("http") else ""
        yield _handed_over(FIGURES, first["claim_id"], partial(_article, said), first, url)


def _documents(dataset: str, source: Callable[[dict[str, str]], tuple[str, ...]]) -> Iterator[list[dict[str, str]]]:
    """The bundled rows of a dataset, those of one source together."""
    with (settings.project() / "include" / "bundled" / f"{dataset}.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=source)
    for _, group in groupby(rows, key=source):
        yield list(group)


def _handed_over(dataset: str, name: str, render: Callable[[], bytes], said: dict[str, str], url: str) -> HandedOver:
    published_on = date.fromisoformat(said["published_on"]) if said["published_on"] else None
    return HandedOver(dataset, f"{name}.json", render, Origin.PRESS, published_on, url or None)


def _article(rows: list[dict[str, str]]) -> bytes:
    """One article as canonical JSON: what it says of itself, and its claims in their order."""
    of_it = {name: rows[0][name] for name in _OF_THE_ARTICLE if rows[0][name]}
    claims = [{name: said for name, said in row.items() if said and name not in _OF_THE_ARTICLE} for row in rows]
    return rfc8785.dumps({**of_it, "claims": claims})


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
