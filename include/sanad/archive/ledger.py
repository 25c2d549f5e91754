"""The ledger: an insert-only chain of events, one row and one file each.

``hash = sha256(prev_hash || RFC 8785 JSON of the row without hash)``, hex, with prev_hash as its 64 hex letters and
zeros before the first event; ids stand in the JSON as decimal strings, instants as ISO 8601 in UTC with six decimals.
The events of one transaction share one instant.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import rfc8785
from sqlalchemy import Connection, insert, select, text

from sanad.archive.store import Store
from sanad.warehouse import tables
from sanad.words.errors import Refused
from sanad.words.vocabulary import FOLLOWS, Event

GENESIS = "0" * 64
#: The advisory lock every writer of the archive holds to the end of its transaction ("sanad" in letters).
LOCK = 0x73616E6164


class Head(NamedTuple):
    """The newest event: quoted in exports and reports, so that a rewritten chain is found."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Entry:
    """What is to be written about a release."""

    event: Event
    release_id: int
    reason: str
    extraction_id: int | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


def instant(moment: datetime) -> str:
    """An instant as it stands in the chain."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def chained(row: dict[str, Any]) -> dict[str, Any]:
    """A ledger row as it stands in the chain: ids and instants as text."""
    return {
        **row,
        "at": instant(row["at"]),
        "release_id": str(row["release_id"]),
        "extraction_id": None if row["extraction_id"] is None else str(row["extraction_id"]),
    }


def hash_of(row: dict[str, Any]) -> str:
    """The hash of a ledger row (a mapping of all columns but ``hash``)."""
    return hashlib.sha256(row["prev_hash"].encode() + rfc8785.dumps(chained(row))).hexdigest()


def rows(connection: Connection) -> list[dict[str, Any]]:
    """The whole chain, each row with all columns, oldest first."""
    return [dict(row._mapping) for row in connection.execute(select(tables.ledger).order_by(tables.ledger.c.seq))]


def lock(connection: Connection) -> None:
    """Wait until no other writer is at work; released with the transaction."""
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})


def head(connection: Connection) -> Head:
    """The newest event; seq 0 and the genesis hash when there is none."""
    newest = connection.execute(
        select(tables.ledger.c.seq, tables.ledger.c.hash).order_by(tables.ledger.c.seq.desc()).limit(1)
    ).first()
    return Head(newest.seq, newest.hash) if newest else Head(0, GENESIS)


def state(connection: Connection, release_id: int) -> Event | None:
    """The last event of a release; None when the ledger has not heard of it."""
    ledger = tables.ledger.c
    found = connection.scalar(
        select(ledger.event).where(ledger.release_id == release_id).order_by(ledger.seq.desc()).limit(1)
    )
    return Event(found) if found else None


def append(connection: Connection, actor: str, *entries: Entry) -> list[int]:
    """Write events in one transaction, under the lock; returns their seqs.

    Refused when an event may not follow the release's last one. The caller commits, then calls ``write_files``.
    """
    lock(connection)
    newest = head(connection)
    at = connection.scalar(
        text("select greatest(clock_timestamp(), (select at from archive.ledger order by seq desc limit 1))")
    )
    seqs: list[int] = []
    for entry in entries:
        before = state(connection, entry.release_id)
        if entry.event not in FOLLOWS[before]:
            raise Refused(f"release {entry.release_id} is {before or 'unknown'}: it cannot become {entry.event}")
        row = {
            "seq": newest.seq + 1,
            "at": at,
            "event": entry.event.value,
            "release_id": entry.release_id,
            "extraction_id": entry.extraction_id,
            "actor": actor,
            "reason": entry.reason,
            "evidence": storable(entry.evidence),
            "prev_hash": newest.hash,
        }
        newest = Head(newest.seq + 1, hash_of(row))
        connection.execute(insert(tables.ledger).values(**row, hash=newest.hash))
        seqs.append(newest.seq)
    return seqs


def storable(value: Any) -> Any:
    """Evidence without the one letter that jsonb cannot hold."""
    return json.loads(json.dumps(value).replace("\\u0000", "\\ufffd"))


def write_files(connection: Connection, store: Store, seqs: list[int]) -> None:
    """Write the event files of committed events, and those a crash left missing for the transaction before."""
    for seq in [*_missing(connection, store, before=min(seqs)), *seqs]:
        store.put_event(seq, event_file(connection, seq))


def mend_last(connection: Connection, store: Store) -> None:
    """Write the files of the last transaction's events when a crash came between its commit and its files."""
    for seq in _missing(connection, store, before=head(connection).seq + 1):
        store.put_event(seq, event_file(connection, seq))


def repair(connection: Connection, store: Store) -> list[int]:
    """Write every missing event file; returns their seqs."""
    seqs = [event.seq for event in connection.execute(select(tables.ledger.c.seq).order_by(tables.ledger.c.seq))]
    missing = [seq for seq in seqs if not store.has_event(seq)]
    for seq in missing:
        store.put_event(seq, event_file(connection, seq))
    return missing


def _missing(connection: Connection, store: Store, before: int) -> list[int]:
    ledger = tables.ledger.c
    last = select(ledger.at).where(ledger.seq == before - 1).scalar_subquery()
    events = connection.execute(select(ledger.seq).where(ledger.seq < before, ledger.at == last).order_by(ledger.seq))
    return [event.seq for event in events if not store.has_event(event.seq)]


def event_file(connection: Connection, seq: int) -> bytes:
    """The file of an event: the row and all that is needed to rebuild the warehouse from the archive alone."""

    def rows(table: Any, condition: Any) -> list[dict[str, Any]]:
        return [dict(found._mapping) for found in connection.execute(select(table).where(condition))]

    event = rows(tables.ledger, tables.ledger.c.seq == seq)[0]
    release_id = event["release_id"]
    content = {
        "ledger": event,
        "release": rows(tables.release, tables.release.c.release_id == release_id)[0],
        "parts": rows(tables.part, tables.part.c.release_id == release_id),
        "extraction": next(
            iter(rows(tables.extraction, tables.extraction.c.extraction_id == event["extraction_id"])), None
        ),
    }
    return json.dumps(_as_json(content), indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _as_json(value: Any, key: str = "") -> Any:
    if key == "evidence":  # JSON already, and the chain's own: not to be touched
        return value
    if isinstance(value, dict):
        return {name: _as_json(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_json(inner) for inner in value]
    if isinstance(value, datetime):
        return instant(value)
    if key.endswith("_id") and isinstance(value, int):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
