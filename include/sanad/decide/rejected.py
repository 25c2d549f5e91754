"""Rows of registers that a gate turned away: which, why, and reading them again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from sanad.archive import releases
from sanad.archive.releases import Known
from sanad.archive.store import Store
from sanad.decide import decisions, reread
from sanad.decide.decisions import find
from sanad.extract import Rejected, read_release
from sanad.registry import dataset
from sanad.warehouse import tables
from sanad.warehouse.connect import Role, engine
from sanad.words.ids import Handle
from sanad.words.vocabulary import VISIBLE, Event


@dataclass(frozen=True)
class TurnedAway:
    """A release some of whose rows are not staged, with how many each gate turned away."""

    known: Known
    gates: dict[str, int]

    @property
    def handle(self) -> Handle:
        """The release, by its hash: lists of one month share their edition."""
        return Handle(self.known.release.dataset, sha256=self.known.release.sha256)


@dataclass(frozen=True)
class Replayed:
    """What reading a release again came to: its state, and its rows rejected before and now."""

    handle: str
    event: Event
    before: int
    now: int


def releases_with_rejected() -> list[TurnedAway]:
    """Every visible release that has rejected rows, by dataset and day of publication."""
    row = tables.rejected.c
    counts = select(row.release_id, row.gate, func.count().label("rows")).group_by(row.release_id, row.gate)
    with engine(Role.LOADER).connect() as connection:
        gates: dict[int, dict[str, int]] = {}
        for found in connection.execute(counts.order_by(row.release_id, row.gate)).mappings():
            gates.setdefault(found["release_id"], {})[found["gate"]] = found["rows"]
        names: list[str] = sorted(connection.scalars(select(tables.release.c.dataset).distinct()).all())
        return [
            TurnedAway(one, gates[one.release.release_id])
            for name in names
            for one in releases.known(connection, name)
            if one.state in VISIBLE and one.release.release_id in gates
        ]


def rows_of(handle: Handle) -> list[Rejected]:
    """The rejected rows of a release: as staged beside it, or of a quarantined one as today's parser reads it."""
    with engine(Role.LOADER).connect() as connection:
        one = find(connection, handle, VISIBLE | {Event.QUARANTINED})
        if one.state is Event.QUARANTINED:
            parts = releases.contents(connection, Store.open(), one.release.release_id)
            return read_release(dataset(handle.dataset), parts).rejected
        row = tables.rejected.c
        found = connection.execute(
            select(row.locator, row.gate, row.reason, row.raw).where(row.release_id == one.release.release_id)
        )
        return [Rejected(**each) for each in found.mappings()]


def replay(handle: Handle, actor: str, reason: str) -> Replayed:
    """Read a release again with today's parser and registry; rows that pass now are staged, with the ids they have.

    A quarantined release goes its way again from the archive. Refused when parser and registry are those by which an
    accepted one was read.
    """
    before = len(rows_of(handle))
    with engine(Role.LOADER).connect() as connection:
        one = find(connection, handle, VISIBLE | {Event.QUARANTINED})
    if one.state is Event.QUARANTINED:
        done = decisions.replay(handle, actor)
        now = done.rejected if done.event in VISIBLE else before
        return Replayed(done.handle, done.event, before, now)
    found = reread.accept(handle, actor, reason)
    return Replayed(found.handle, Event.REINSTATED, before, found.rejected)
