"""What a person decides about a release: accept or reject a quarantined one, read it again, take one back.

Everything goes through the ledger with actor and reason. The marts show it after their next build.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from sanad.archive import ledger, releases
from sanad.archive.ledger import Entry
from sanad.archive.releases import Known
from sanad.archive.store import Store
from sanad.decide.arrival import Arrival, Ingested, ingest
from sanad.grid import Cell, read
from sanad.registry import dataset
from sanad.warehouse import tables
from sanad.warehouse.connect import Role, engine
from sanad.words.errors import Finding, Refused, UsageError
from sanad.words.ids import Handle
from sanad.words.vocabulary import VISIBLE, Consequence, Event


@dataclass(frozen=True)
class Held:
    """A quarantined release: since when, why, and what its gates found."""

    handle: Handle
    known: Known
    at: datetime
    reason: str
    findings: list[Finding]


def quarantined() -> list[Held]:
    """Every release that is in quarantine, by dataset and day of publication."""
    with engine(Role.LOADER).connect() as connection:
        names: list[str] = list(connection.scalars(select(tables.release.c.dataset).distinct()))
        held = [
            one for name in sorted(names) for one in releases.known(connection, name) if one.state is Event.QUARANTINED
        ]
        return [_held(connection, one) for one in held]


def held(handle: Handle) -> Held:
    """One quarantined release; UsageError when there is none of that name."""
    with engine(Role.LOADER).connect() as connection:
        return _held(connection, find(connection, handle, {Event.QUARANTINED}))


def _held(connection: Connection, one: Known) -> Held:
    event = tables.ledger.c
    row = connection.execute(
        select(event.at, event.reason, event.evidence)
        .where(event.release_id == one.release.release_id)
        .order_by(event.seq.desc())
        .limit(1)
    ).one()
    findings = [_finding(found) for found in row.evidence.get("findings", [])]
    return Held(one.handle, one, row.at, row.reason, findings)


def _finding(found: dict[str, Any]) -> Finding:
    return Finding(**{**found, "consequence": Consequence(found["consequence"])})


def cells_around(one: Held, locator: str) -> list[list[Cell | None]]:
    """The cells beside a locator in the archived file, row by row; Unreadable where it is no grid."""
    source = dataset(one.handle.dataset)
    with engine(Role.LOADER).connect() as connection:
        parts = releases.contents(connection, Store.open(), one.known.release.release_id)
    return read(next(iter(parts.values())), source.file_types, source.max_bytes).around(locator)


def accept(handle: Handle, actor: str, reason: str) -> Ingested:
    """Take a quarantined release in spite of its findings: its figures are staged as they were read.

    A release that cannot be read at all stays in quarantine: there is nothing that could be staged.
    """
    check_reason(reason)
    return _again(handle, actor, overrule=reason)


def replay(handle: Handle, actor: str) -> Ingested:
    """Take the archived bytes of a quarantined release through the same path, with today's parser and registry."""
    return _again(handle, actor, overrule=None)


def _again(handle: Handle, actor: str, overrule: str | None) -> Ingested:
    source, store = dataset(handle.dataset), Store.open()
    with engine(Role.LOADER).connect() as connection:
        one = find(connection, handle, {Event.QUARANTINED})
        parts = releases.contents(connection, store, one.release.release_id)
    # what is archived was redacted on its way in
    arrival = Arrival(parts, one.release.origin, actor, "read again", url=one.release.url, originals={})
    return ingest(source, arrival, store, overrule=overrule)


def reject(handle: Handle, actor: str, reason: str) -> Known:
    """Close a quarantined release for good: its bytes stay, its figures never come."""
    return _note(handle, {Event.QUARANTINED}, Event.REJECTED, actor, reason)


def retract(handle: Handle, actor: str, reason: str) -> Known:
    """Take an accepted release back: its figures stay staged, and no model sees them."""
    return _note(handle, VISIBLE, Event.RETRACTED, actor, reason)


def reinstate(handle: Handle, actor: str, reason: str) -> Known:
    """Let a retracted release be seen again."""
    return _note(handle, {Event.RETRACTED}, Event.REINSTATED, actor, reason)


def _note(handle: Handle, states: Collection[Event], event: Event, actor: str, reason: str) -> Known:
    check_reason(reason)
    store = Store.open()
    with engine(Role.LOADER).begin() as connection:
        ledger.lock(connection)
        ledger.mend_last(connection, store)
        one = find(connection, handle, states)
        seqs = ledger.append(connection, actor, Entry(event, one.release.release_id, reason))
    with engine(Role.LOADER).connect() as connection:
        ledger.write_files(connection, store, seqs)
    return one


def check_reason(reason: str) -> None:
    """UsageError for a reason that says nothing."""
    if not reason.strip():
        raise UsageError("a decision needs a reason that says something")


def find(connection: Connection, handle: Handle, states: Collection[Event]) -> Known:
    """The newest published release of that name in one of these states; several with one hash prefix are an error."""
    named = [one for one in releases.known(connection, handle.dataset) if one.named(handle)]
    if not named:
        raise UsageError(f"no release {handle} in the archive")
    fitting = [one for one in named if one.state in states]
    if not fitting:
        raise Refused(f"{handle} is {named[-1].state}, not {' or '.join(sorted(states))}")
    if handle.sha256 and len(fitting) > 1:
        raise UsageError(f"{handle} names {len(fitting)} releases: give more digits of its sha256")
    return fitting[-1]
