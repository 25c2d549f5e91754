"""Reading accepted releases again with a new parser version: first the difference cell by cell, then the decision.

The ids stay: they count cells, not figures found. Staging is replaced in one transaction; the ledger says so by
a retraction and a reinstatement at one instant, the second citing the new extraction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select, text

from sanad.archive import ledger, releases
from sanad.archive.releases import Known
from sanad.archive.store import Store
from sanad.decide import corrections
from sanad.decide.arrival import record_extraction
from sanad.decide.decisions import check_reason, find
from sanad.extract import Entry, Figure, Reading, read_release
from sanad.gates import Occasion, judge
from sanad.registry import Dataset, dataset
from sanad.stage import stage
from sanad.warehouse import tables
from sanad.warehouse.connect import Role, engine
from sanad.words import ids
from sanad.words.errors import Refused
from sanad.words.ids import Handle
from sanad.words.vocabulary import VISIBLE, Consequence, Event

#: What a new reading may see differently in a cell, and in a row.
_FIGURE: dict[str, Callable[[Figure], Any]] = {
    "series_code": lambda f: f.series_code,
    "measure": lambda f: f.measure,
    "period_code": lambda f: f.period and f.period.code,
    "value": lambda f: f.value,
    "null_reason": lambda f: f.null_reason,
    "unit": lambda f: f.unit,
    "flag": lambda f: f.flag and f.flag.value,
    "label_raw": lambda f: f.label_raw,
    "parent_code": lambda f: f.parent_code,
}

_ENTRY: dict[str, Callable[[Entry], Any]] = {
    "kind": lambda e: e.kind,
    "fields": lambda e: {name: field._asdict() for name, field in e.fields.items()},
}


@dataclass(frozen=True)
class Change:
    """One cell, or a register's row, that the new reading sees otherwise; None stands for what only one of the two has.

    ``row_id`` is the figure's or the entry's.
    """

    row_id: int
    locator: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    def __str__(self) -> str:
        if self.before is None or self.after is None:
            return f"{self.locator}: {'new' if self.before is None else 'not there any more'}"
        told = (f"{name} {self.before[name]!s} > {self.after[name]!s}" for name in self.after)
        return f"{self.locator}: {', '.join(told)}"


@dataclass(frozen=True)
class Rereading:
    """A release read by today's parser, beside what is staged of it. ``rejected`` counts the rows it turns away."""

    handle: str
    before_version: str
    version: str
    changes: list[Change]
    rejected: int = 0


def compare(handle: Handle) -> Rereading:
    """What today's parser sees otherwise in an accepted release; nothing is written."""
    with engine(Role.LOADER).connect() as connection:
        _, one, version, reading = _read(connection, handle)
        return _compared(connection, one, version, reading)


def accept(handle: Handle, actor: str, reason: str) -> Rereading:
    """Replace what is staged of a release by today's reading, in one transaction.

    Refused when the parser's version has read it before (a changed reading needs a new version), or when the new
    reading does not pass the gates.
    """
    check_reason(reason)
    store = Store.open()
    with engine(Role.LOADER).begin() as connection:
        ledger.lock(connection)
        ledger.mend_last(connection, store)
        source, one, version, reading = _read(connection, handle)
        found = _compared(connection, one, version, reading)
        if reading.parser_version == version:
            raise Refused(f"{one.handle} was read by {reading.parser} {reading.parser_version} already")
        against = [
            finding
            for finding in judge(Occasion(source, reading, one.release.published_on))
            if finding.consequence is Consequence.QUARANTINE
        ]
        reached = corrections.on_arrival(one.release, reading)
        against += reached.failing.values()
        if against:
            raise Refused(f"{one.handle} as read by {reading.parser} {reading.parser_version}: {against[0]}")
        release_id = one.release.release_id
        extraction_id = record_extraction(connection, one.release, reading)
        gone = _keys_gone(connection, release_id, reading)
        connection.execute(text("select staging.unstage(:release)"), {"release": release_id})
        stage(connection, source.name, release_id, extraction_id, reading)
        evidence = {
            "changes": [str(change) for change in found.changes[:100]],
            "changed": len(found.changes),
            "keys_gone": gone,
        }
        entries = [
            ledger.Entry(Event.RETRACTED, release_id, f"read again: {reason}"),
            ledger.Entry(Event.REINSTATED, release_id, f"read again: {reason}", extraction_id, evidence),
        ]
        if reached.holding != corrections.in_force(connection, release_id):
            entries.append(corrections.entry(release_id, extraction_id, reached))
        seqs = ledger.append(connection, actor, *entries)
    with engine(Role.LOADER).connect() as connection:
        ledger.write_files(connection, store, seqs)
    return found


def _read(connection: Connection, handle: Handle) -> tuple[Dataset, Known, str, Reading]:
    source = dataset(handle.dataset)
    one = find(connection, handle, VISIBLE)
    parts = releases.contents(connection, Store.open(), one.release.release_id)
    version = connection.scalar(
        select(tables.extraction.c.parser_version)
        .join(tables.ledger, tables.ledger.c.extraction_id == tables.extraction.c.extraction_id)
        .where(tables.ledger.c.release_id == one.release.release_id)
        .order_by(tables.ledger.c.seq.desc())
        .limit(1)
    )
    return source, one, str(version), read_release(source, parts)


def _keys_gone(connection: Connection, release_id: int, reading: Reading) -> list[list[str]]:
    """Series, measure and period of what is staged and not in the new reading: the marts are to forget them."""
    figure = tables.figure.c
    staged = connection.execute(
        select(figure.series_code, figure.measure, figure.period_code).where(
            figure.release_id == release_id, figure.period_code.is_not(None)
        )
    )
    read = {(one.series_code, one.measure, one.period.code) for one in reading.figures if one.period}
    keys = {(str(series), str(measure), str(period)) for series, measure, period in staged}
    return [list(key) for key in sorted(keys - read)]


def _compared(connection: Connection, one: Known, version: str, reading: Reading) -> Rereading:
    release_id = one.release.release_id
    figures = {ids.figure_id(release_id, figure.ordinal): figure for figure in reading.figures}
    entries = {ids.figure_id(release_id, entry.ordinal): entry for entry in reading.entries}
    changes = [
        *_changes(_staged(connection, tables.figure, "figure_id", release_id, _FIGURE), figures, _FIGURE),
        *_changes(_staged(connection, tables.entry, "entry_id", release_id, _ENTRY), entries, _ENTRY),
    ]
    return Rereading(str(one.handle), version, reading.parser_version, changes, len(reading.rejected))


def _staged(
    connection: Connection, table: Table, key: str, release_id: int, fields: Mapping[str, Any]
) -> dict[int, RowMapping]:
    columns = (table.c[name] for name in (key, "locator", *fields))
    rows = connection.execute(select(*columns).where(table.c.release_id == release_id)).mappings()
    return {row[key]: row for row in rows}


def _changes(
    staged: Mapping[int, RowMapping], read: Mapping[int, Any], fields: Mapping[str, Callable[[Any], Any]]
) -> Iterator[Change]:
    for row_id in sorted(staged.keys() | read.keys()):
        before, after = staged.get(row_id), read.get(row_id)
        if before is None or after is None:
            locator = str(before["locator"]) if before else after.locator if after else ""
            yield Change(row_id, locator, dict(before) if before else None, {} if after else None)
            continue
        differing = {name: (before[name], get(after)) for name, get in fields.items() if before[name] != get(after)}
        if differing:
            yield Change(
                row_id,
                after.locator,
                {name: was for name, (was, _) in differing.items()},
                {name: now for name, (_, now) in differing.items()},
            )
