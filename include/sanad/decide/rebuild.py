"""A new warehouse from the archive folder alone: the same rows, ids and instants, under the same ledger head.

Everything is written in one transaction, under the ledger's lock: a crash leaves the warehouse as empty as it was.
``archive.fetch`` and the records of builds are not in the archive folder and are not made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Table, insert

from sanad.archive import ledger
from sanad.archive.event_files import EventFile, Row, read_events
from sanad.archive.ledger import Head
from sanad.archive.store import Store, Tampered
from sanad.extract import Reading, read_release
from sanad.registry import dataset
from sanad.stage import stage
from sanad.warehouse import tables
from sanad.warehouse.connect import Role, engine
from sanad.words.errors import Refused, UsageError
from sanad.words.vocabulary import VISIBLE

#: What two readings of one release must have in common.
_SAME = ("edition", "canonical_sha256", "figures", "entries", "rejected")


@dataclass(frozen=True)
class Rebuilt:
    """What was written: the ledger's head, and numbers of releases, of those staged, of their figures and entries."""

    head: Head
    releases: int
    staged: int
    figures: int
    entries: int


@dataclass(frozen=True)
class _Release:
    """The first event file of a release, and the reading that was staged of it last; None when none ever was."""

    file: EventFile
    staged: Row | None


def rebuild(
    archive: Store | None = None, head: str | None = None, report: Callable[[str], None] = lambda _: None
) -> Rebuilt:
    """Fill an empty warehouse from the event files and the bytes of an archive.

    ``archive`` is another one than the installation's own, which then gets the same bytes and event files; ``head`` is
    a hash that must be in the chain; ``report`` is told how far it is. Tampered when the archive is not what its
    hashes say; Refused when today's parser reads something else in the bytes than was staged; UsageError when the
    warehouse or the installation's own archive is not empty, or when there is nothing to read. In each case nothing is
    written to the warehouse.
    """
    own = Store.open()
    source = archive or own
    files = _events(source, head)
    if source != own and own.event_seqs():
        raise UsageError(f"the archive of this installation, {own.root}, has events of its own: expected an empty one")
    releases = _releases(files)
    with engine(Role.LOADER).begin() as connection:
        ledger.lock(connection)
        if found := ledger.head(connection).seq:
            raise UsageError(f"a rebuild needs a new warehouse: expected no event in its ledger, found {found}")
        _insert_rows(connection, files)
        for number, one in enumerate(releases, start=1):
            _restore(connection, one, source, own)
            report(f"{number} of {len(releases)} releases")
    if source != own:
        for file in files:
            own.put_event(file.event["seq"], file.content)
    staged = [one.staged for one in releases if one.staged]
    return Rebuilt(
        Head(files[-1].event["seq"], files[-1].event["hash"]),
        len(releases),
        len(staged),
        sum(reading["figures"] for reading in staged),
        sum(reading["entries"] for reading in staged),
    )


def _events(archive: Store, head: str | None) -> list[EventFile]:
    files = read_events(archive)
    if not files:
        raise UsageError(f"there is nothing to rebuild from: expected event files in {archive.root}/ledger, found none")
    if head and head not in {file.event["hash"] for file in files}:
        last = files[-1].event
        raise Tampered(f"expected an event of hash {head} in the chain, found none up to {last['seq']} {last['hash']}")
    return files


def _releases(files: list[EventFile]) -> list[_Release]:
    """Every release in the order in which the ledger heard of them."""
    first: dict[int, EventFile] = {}
    last_read: dict[int, Row] = {}
    accepted: set[int] = set()
    for file in files:
        release_id = file.event["release_id"]
        first.setdefault(release_id, file)
        if file.extraction:
            last_read[release_id] = file.extraction
        if file.event["event"] in VISIBLE:
            accepted.add(release_id)
    return [_Release(file, last_read[found] if found in accepted else None) for found, file in first.items()]


def _insert_rows(connection: Connection, files: list[EventFile]) -> None:
    """Releases, parts, extractions and events, as they were."""

    def into(table: Table, rows: Iterable[Row]) -> None:
        key = [column.name for column in table.primary_key]
        once = {tuple(row[name] for name in key): row for row in rows}
        if once:
            connection.execute(insert(table), list(once.values()))

    into(tables.release, (file.release for file in files))
    into(tables.part, (part for file in files for part in file.parts))
    into(tables.extraction, (file.extraction for file in files if file.extraction))
    into(tables.ledger, (file.event for file in files))


def _restore(connection: Connection, one: _Release, source: Store, own: Store) -> None:
    """The release's bytes, re-hashed, in the installation's archive, and what is read in them in staging."""
    try:
        parts = {part["name"]: source.get(part["sha256"]) for part in one.file.parts}
    except Tampered as error:
        raise Tampered(f"{one.file.handle}: {error}") from error
    if source != own:
        for content in parts.values():
            own.put(content)
    if one.staged:
        name, release_id = one.file.release["dataset"], one.file.release["release_id"]
        reading = _read(one.file, one.staged, parts)
        stage(connection, name, release_id, one.staged["extraction_id"], reading)


def _read(file: EventFile, staged: Row, parts: dict[str, bytes]) -> Reading:
    """Today's reading of the bytes, which must say the same as the one that was staged.

    Labels and locators are no part of that: a later version of the parser may see them better.
    """
    was = f"{file.handle}: expected what {staged['parser']} {staged['parser_version']} read, {_told(staged)}"
    try:
        reading = read_release(dataset(file.release["dataset"]), parts)
    except Exception as error:  # whatever a parser stumbles over, the release must be named
        raise Refused(f"{was}; found bytes that are not read today: {type(error).__name__}: {error}") from error
    if _told(reading.facts) != _told(staged):
        found = f"{reading.parser} {reading.parser_version}, {_told(reading.facts)}"
        raise Refused(f"{was}; found, by {found}")
    return reading


def _told(reading: Row) -> str:
    return ", ".join(f"{name} {reading[name]}" for name in _SAME)
