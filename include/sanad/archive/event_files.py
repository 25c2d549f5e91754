"""The event files read back: the archive's own account of what happened, checked link by link.

The chain covers the ledger's rows, and through them the rest: a release's id is made of its dataset and hash, its hash
of its parts', an extraction's id of its parser and version; and the events state when and how a release was published
and what was read in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, Table

from sanad.archive.ledger import GENESIS, hash_of
from sanad.archive.releases import Release, combined_sha256
from sanad.archive.store import Store, Tampered
from sanad.warehouse import tables
from sanad.words import ids
from sanad.words.ids import Handle

Row = dict[str, Any]
_Link = tuple[str, Any, Any]


@dataclass(frozen=True)
class EventFile:
    """One event file: its bytes, and the rows in it, each with all columns of its table and their types."""

    content: bytes
    event: Row
    release: Row
    parts: list[Row]
    extraction: Row | None

    @property
    def handle(self) -> Handle:
        """The release, by its hash."""
        return Handle(self.release["dataset"], sha256=self.release["sha256"])


def read_events(store: Store) -> list[EventFile]:
    """Every event file in the order of seq, from 1 and without a gap.

    Tampered names the first seq at which a file is missing, cannot be read, or is not what the chain says.
    """
    files: list[EventFile] = []
    prev_hash = GENESIS
    first: dict[int, EventFile] = {}
    readings: dict[int, Row] = {}
    for expected, seq in enumerate(store.event_seqs(), start=1):
        if seq != expected:
            raise Tampered(f"event file {expected}: expected the next of the chain, found none before {seq}")
        file = _parsed(seq, store.get_event(seq))
        earlier = first.setdefault(file.release["release_id"], file)
        reading = file.extraction and readings.setdefault(file.extraction["extraction_id"], file.extraction)
        _check(seq, file, [*_chained(seq, file, prev_hash), *_stated(file), *_repeated(file, earlier, reading)])
        files.append(file)
        prev_hash = file.event["hash"]
    return files


def _parsed(seq: int, content: bytes) -> EventFile:
    try:
        found = json.loads(content)
        parts = [_row(tables.part, part) for part in found["parts"]]
        return EventFile(
            content,
            _row(tables.ledger, found["ledger"]),
            _row(tables.release, found["release"]),
            sorted(parts, key=lambda part: part["name"]),
            found["extraction"] and _row(tables.extraction, found["extraction"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Tampered(
            f"event file {seq}: expected a ledger row with its release, parts and extraction, found "
            f"{type(error).__name__}: {error}"
        ) from error


def _row(table: Table, found: Row) -> Row:
    """A row with its columns' types again; a column that may be NULL may be missing."""
    row = {}
    for column in table.columns:
        value = found.get(column.name) if column.nullable else found[column.name]
        if value is not None and isinstance(column.type, DateTime):
            value = datetime.fromisoformat(value)
        elif value is not None and isinstance(column.type, Date):
            value = date.fromisoformat(value)
        elif value is not None and column.name.endswith("_id"):
            value = int(value)
        row[column.name] = value
    return row


def _check(seq: int, file: EventFile, links: list[_Link]) -> None:
    for what, expected, found in links:
        if expected != found:
            raise Tampered(f"event file {seq}, {file.handle}: expected {what} {expected}, found {found}")


def _chained(seq: int, file: EventFile, prev_hash: str) -> Iterator[_Link]:
    """What the chain and the ids made of content fix: (what, expected, found)."""
    event, release, extraction = file.event, file.release, file.extraction
    yield "seq", seq, event["seq"]
    yield "prev_hash", prev_hash, event["prev_hash"]
    yield "a row of hash", event["hash"], hash_of({name: event[name] for name in event if name != "hash"})
    release_id = ids.release_id(release["dataset"], release["sha256"])
    yield "release", event["release_id"], release["release_id"]
    yield "the release_id of dataset and sha256", release_id, release["release_id"]
    yield "parts of release", [release_id] * len(file.parts), [part["release_id"] for part in file.parts]
    hashes = {part["name"]: part["sha256"] for part in file.parts}
    yield "the sha256 of the parts", combined_sha256(hashes), release["sha256"]
    yield "extraction", event["extraction_id"], extraction and extraction["extraction_id"]
    if extraction:
        extraction_id = ids.extraction_id(release_id, extraction["parser"], extraction["parser_version"])
        yield "the extraction_id of parser and version", extraction_id, extraction["extraction_id"]


def _stated(file: EventFile) -> Iterator[_Link]:
    """What the event's evidence states of the release and of what was read in it."""
    evidence, facts = file.event["evidence"], Release.of(file.release).facts
    for field, expected in evidence.get("release", {}).items():
        yield f"{field}, as the event states it,", expected, facts[field]
    for field in ("edition", "canonical_sha256", "figures"):
        if file.extraction and field in evidence:
            yield f"{field}, as the event states it,", evidence[field], file.extraction[field]


def _repeated(file: EventFile, earlier: EventFile, reading: Row | None) -> Iterator[_Link]:
    """What stood in an earlier file of the same release, or with the same extraction."""
    for field, expected in earlier.release.items():
        yield f"{field}, as in event file {earlier.event['seq']},", expected, file.release[field]
    yield f"the parts of event file {earlier.event['seq']}", earlier.parts, file.parts
    for field, expected in (reading or {}).items():
        yield f"{field} of the extraction, as in an earlier event file,", expected, (file.extraction or {})[field]
