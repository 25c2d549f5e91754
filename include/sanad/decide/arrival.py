"""The way of one release from bytes to staged figures.

Order: the bytes; one transaction under the ledger's lock (release, extraction, COPY, events); the event files.
A crash leaves the old state or the new, and at worst bytes that nothing cites yet.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection, insert, select

from sanad.archive import ledger, releases
from sanad.archive.ledger import Entry
from sanad.archive.releases import Known, Release
from sanad.archive.store import Store
from sanad.decide import corrections
from sanad.decide.reach import Reached
from sanad.extract import Reading, read_release
from sanad.gates import Before, Occasion, Quantity, compares, judge
from sanad.grid import properties
from sanad.redact import redact
from sanad.registry import Dataset
from sanad.stage import stage
from sanad.warehouse import tables
from sanad.warehouse.connect import Role, engine
from sanad.words import ids
from sanad.words.errors import Finding, Unreadable, UsageError
from sanad.words.vocabulary import VISIBLE, Consequence, Event, Origin, PublishedFrom

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrival:
    """Bytes that have come in, and what their bearer says of them.

    ``coverage`` is the bearer's word on what a register's release is complete of. ``originals`` are the sha256 of parts
    as they were before they were redacted, by name: given, they were, and are not cut again.
    """

    parts: Mapping[str, bytes]
    origin: Origin
    actor: str
    reason: str
    url: str | None = None
    media_type: str = "application/octet-stream"
    stated_on: date | None = None
    http_last_modified: datetime | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    coverage: str | None = None
    originals: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Ingested:
    """What became of an arrival. ``event`` is what was decided, or the release's last; ``new`` says whether just now.

    ``corrected`` counts the declared corrections that are in force on it from the start.
    """

    event: Event
    handle: str
    release_id: int
    sha256: str
    edition: str | None
    published_on: date
    figures: int
    new: bool
    findings: list[Finding] = field(default_factory=list)
    corrected: int = 0
    entries: int = 0
    rejected: int = 0
    lacks: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """One line for people."""
        what = f"{self.handle} {self.event}"
        if self.event in VISIBLE:
            staged = f"{self.entries:,} entries" if self.entries else f"{self.figures:,} figures"
            rejected = f", {self.rejected:,} rows rejected" if self.rejected else ""
            lacking = f"; no column for {', '.join(self.lacks)}" if self.lacks else ""
            what += f", {staged} staged{rejected}, published on {self.published_on}{lacking}"
            what += f", {self.corrected} corrected as declared" if self.corrected else ""
        return what if self.new else f"{what} already"


def ingest(dataset: Dataset, arrival: Arrival, store: Store | None = None, *, overrule: str | None = None) -> Ingested:
    """Archive, read, judge, and accept or quarantine a release; a quarantined one is read again (replay).

    ``overrule`` is a person's reason to accept a release in spite of its gates; what cannot be read stays in
    quarantine all the same. Findings that quarantine are in the result, not raised. UsageError when the stated day
    lies in the future; NotKept, with nothing archived, for a file from which what is a person's cannot be cut out.
    """
    store = store or Store.open()
    saved = next(filter(None, map(properties, arrival.parts.values())), None)
    arrival = _redacted(dataset, arrival)
    release = _release(dataset, arrival, saved)
    with engine(Role.LOADER).begin() as connection:
        ledger.mend_last(connection, store)
        already = {one.release.sha256: one for one in releases.known(connection, dataset.name)}.get(release.sha256)
    if already and already.state is not Event.QUARANTINED:
        return _as_known(already)
    for content in arrival.parts.values():
        store.put(content)
    return _decide(dataset, already.release if already else release, arrival, store, overrule)


def _redacted(dataset: Dataset, arrival: Arrival) -> Arrival:
    """The arrival without what is a person's, with an account of what was cut out; as it came where nothing is."""
    if not dataset.fields or arrival.originals is not None:
        return arrival
    named = {f"{number:03}{_suffix(name)}": name for number, name in enumerate(sorted(arrival.parts), 1)}
    cut = {name: redact(dataset, name, arrival.parts[came_as]) for name, came_as in named.items()}
    removed = {name: one.removed_paths for name, one in cut.items() if one.removed_paths}
    return replace(
        arrival,
        parts={name: one.content for name, one in cut.items()},
        originals={name: one.original_sha256 for name, one in cut.items() if one.original_sha256},
        evidence=arrival.evidence | ({"removed": removed} if removed else {}),
    )


def _suffix(name: str) -> str:
    """What a file's name says of its form; the rest may be a person's name, and is not kept."""
    suffix = PurePath(name).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z]{1,4}", suffix) else ""


def _as_known(one: Known) -> Ingested:
    release = one.release
    return Ingested(
        one.state, str(one.handle), release.release_id, release.sha256, one.edition, release.published_on, one.figures,
        new=False, entries=one.entries, rejected=one.rejected,
    )  # fmt: skip


def _release(dataset: Dataset, arrival: Arrival, saved: datetime | None) -> Release:
    """The release an arrival would be: when it was published is stated, in the document, in HTTP, or only observed."""
    now = datetime.now(UTC)
    today = now.astimezone(dataset.zone).date()
    if arrival.stated_on:
        published_on, published_from = arrival.stated_on, PublishedFrom.STATED
    elif saved:
        published_on, published_from = saved.astimezone(dataset.zone).date(), PublishedFrom.DOCUMENT
    elif arrival.http_last_modified:
        published_on, published_from = (
            arrival.http_last_modified.astimezone(dataset.zone).date(),
            PublishedFrom.HTTP,
        )
    else:
        published_on, published_from = today, PublishedFrom.OBSERVED
    if arrival.stated_on and arrival.stated_on > today:
        raise UsageError(f"--published-on {arrival.stated_on} lies in the future; today is {today} at the publisher")
    return Release(
        dataset=dataset.name,
        sha256=releases.release_sha256(arrival.parts),
        origin=arrival.origin,
        published_on=min(published_on, today),  # a clock that runs ahead does not make a release of tomorrow
        published_on_from=published_from,
        first_fetched_at=now,
        last_saved_at=saved or arrival.http_last_modified,
        url=arrival.url,
        redacted=bool(arrival.originals),
        coverage=arrival.coverage or dataset.coverage,
    )


def _read(dataset: Dataset, release: Release, parts: Mapping[str, bytes]) -> tuple[Reading | None, list[Finding]]:
    """The reading, or what stands in its way."""
    try:
        reading = read_release(dataset, dict(parts))
    except Unreadable as unreadable:
        return None, list(unreadable.findings)
    except Exception as error:  # a parser that stumbles must not lose the release: it is quarantined, loudly
        log.exception("%s stumbled over release %s", dataset.parser, release.release_id)
        stumble = Finding(
            "parser",
            Consequence.QUARANTINE,
            f"bytes that {dataset.parser} can read",
            f"{type(error).__name__}: {error}",
        )
        return None, [stumble]
    return reading, []


def _decide(dataset: Dataset, release: Release, arrival: Arrival, store: Store, overrule: str | None) -> Ingested:
    reading, findings = _read(dataset, release, arrival.parts)
    reached = Reached([], {})
    with engine(Role.LOADER).begin() as connection:
        ledger.lock(connection)
        others = releases.known(connection, dataset.name)
        mine = next((one for one in others if one.release.sha256 == release.sha256), None)
        if mine and mine.state is not Event.QUARANTINED:
            return _as_known(mine)  # somebody else was faster
        entries: list[Entry] = []
        if not mine:
            releases.record(connection, release, arrival.parts, arrival.media_type, arrival.originals or {})
            received = {"parts": sorted(arrival.parts), "release": release.facts, **arrival.evidence}
            entries.append(Entry(Event.RECEIVED, release.release_id, arrival.reason, evidence=received))
        extraction_id = record_extraction(connection, release, reading) if reading else None
        before = _before(release, others)
        if reading:  # judged here and not earlier: under the lock no release can come in between
            was = _printed(connection, before) if before and compares(dataset) else None
            reached = corrections.on_arrival(release, reading)
            findings = [*judge(Occasion(dataset, reading, release.published_on, was)), *reached.failing.values()]
        verdict = _verdict(release, reading, findings, others, before, extraction_id, overrule)
        entries += verdict
        decision = verdict[-1]
        if decision.event is Event.ACCEPTED and reading and extraction_id is not None:
            stage(connection, dataset.name, release.release_id, extraction_id, reading)
            if reached.holding:
                entries.append(corrections.entry(release.release_id, extraction_id, reached))
        seqs = ledger.append(connection, arrival.actor, *entries)
    with engine(Role.LOADER).connect() as connection:
        ledger.write_files(connection, store, seqs)
    edition = reading.edition if reading else None
    handle = ids.Handle(dataset.name, edition, None if edition else release.sha256)
    staged = reading if decision.event is Event.ACCEPTED else None
    return Ingested(
        decision.event, str(handle), release.release_id, release.sha256, edition, release.published_on,
        len(staged.figures) if staged else 0, new=True, findings=findings,
        corrected=len(reached.holding) if staged else 0,
        entries=len(staged.entries) if staged else 0, rejected=len(staged.rejected) if staged else 0,
        lacks=staged.lacks if staged else [],
    )  # fmt: skip


def record_extraction(connection: Connection, release: Release, reading: Reading) -> int:
    """Write down what this parser version read; a replay by the same version has written it before."""
    extraction_id = ids.extraction_id(release.release_id, reading.parser, reading.parser_version)
    known = connection.scalar(
        tables.extraction.select()
        .with_only_columns(tables.extraction.c.extraction_id)
        .where(tables.extraction.c.extraction_id == extraction_id)
    )
    if known is None:
        connection.execute(
            insert(tables.extraction).values(
                extraction_id=extraction_id, release_id=release.release_id, **reading.facts
            )
        )
    return extraction_id


def _before(release: Release, others: list[Known]) -> Known | None:
    """The visible release just before on the published axis."""
    earlier = (one for one in others if one.state in VISIBLE and one.release.order < release.order)
    return max(earlier, key=lambda one: one.release.order, default=None)


def _printed(connection: Connection, before: Known) -> Before:
    """What the release before printed, as it is staged."""
    figure = tables.figure.c
    rows = connection.execute(
        select(figure.series_code, figure.measure, figure.period_start, figure.period_end, figure.value).where(
            figure.release_id == before.release.release_id, figure.period_start.is_not(None)
        )
    )
    values = {
        Quantity(row["series_code"], row["measure"], row["period_start"], row["period_end"]): row["value"]
        for row in rows.mappings()
    }
    return Before(str(before.handle), before.edition or "", values)


def _verdict(
    release: Release,
    reading: Reading | None,
    findings: list[Finding],
    others: list[Known],
    before: Known | None,
    extraction_id: int | None,
    overrule: str | None,
) -> list[Entry]:
    """The events that follow; the last is the release's own."""
    against = [finding for finding in findings if finding.consequence is Consequence.QUARANTINE]
    evidence: dict[str, Any] = {"findings": [finding.as_evidence() for finding in findings]}
    if reading is None or (against and not overrule):
        return [Entry(Event.QUARANTINED, release.release_id, str(against[0]), extraction_id, evidence)]
    evidence |= {
        "edition": reading.edition,
        "canonical_sha256": reading.canonical_sha256,
        **({"claim": reading.claim} if reading.claim is not None else {}),
        "figures": len(reading.figures),
    }
    if reading.entries:
        evidence |= {"entries": len(reading.entries), "rejected": len(reading.rejected), "lacks": reading.lacks}
    visible = [one for one in others if one.state in VISIBLE]
    # a list that says of what it is complete says more than one with the same rows that does not
    told = (reading.canonical_sha256, release.coverage)
    same = [one for one in visible if (one.canonical_sha256, one.release.coverage) == told]
    transcribed = [one for one in same if one.release.origin is Origin.TRANSCRIBED]
    if release.origin is Origin.OFFICIAL and transcribed:
        replaced = {"transcription_of": f"{release.dataset}#{release.sha256}"}
        gone = [
            Entry(Event.RETRACTED, one.release.release_id, "authentic copy received", evidence=replaced)
            for one in transcribed
        ]
        reason = f"the publisher's own copy of what {len(gone)} transcription said"
        return [*gone, Entry(Event.ACCEPTED, release.release_id, reason, extraction_id, evidence)]
    # a transcription adds nothing to any release that says the same; a publisher may return to an older state
    twins = same if release.origin is Origin.TRANSCRIBED else [one for one in same if one is before]
    if twins:
        twin = twins[-1]
        evidence |= {"same_as": f"{twin.release.dataset}#{twin.release.sha256}"}
        return [
            Entry(
                Event.DUPLICATE,
                release.release_id,
                f"says the same as {twin.handle}",
                extraction_id,
                evidence,
            )
        ]
    if overrule:
        return [Entry(Event.ACCEPTED, release.release_id, overrule, extraction_id, evidence | {"overruled": True})]
    warned = f", {len(findings)} warning{'s' * (len(findings) > 1)}" if findings else ""
    reason = f"passed every gate{warned}; read by {reading.parser} {reading.parser_version}"
    return [Entry(Event.ACCEPTED, release.release_id, reason, extraction_id, evidence)]
