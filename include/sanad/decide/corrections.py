"""Declared corrections, put into the ledger, which alone remembers them.

The evidence of a release's last `corrected` event is the whole set in force on it from then on; an empty one withdraws
what was in force. Retraction and reinstatement leave it as it is, and staged rows are never changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from sanad.archive import ledger, releases
from sanad.archive.ledger import Entry
from sanad.archive.releases import Known, Release
from sanad.archive.store import Store
from sanad.decide.reach import GATE, Reached, in_reading, reach, staged
from sanad.extract import Reading
from sanad.registry import Correction, RegistryError, corrected_datasets, corrections_of
from sanad.warehouse import tables
from sanad.warehouse.connect import Role, engine
from sanad.words.errors import CorrectionFailed, Finding
from sanad.words.ids import Handle
from sanad.words.vocabulary import VISIBLE, Consequence, Event

#: The corrections in force on a release, as the ledger holds them.
Set = list[dict[str, Any]]

_IN_FORCE = """
    select distinct on (ledger.release_id)
        ledger.release_id, release.dataset, ledger.evidence -> 'corrections' as corrections
    from archive.ledger join archive.release using (release_id)
    where ledger.event = 'corrected'
    order by ledger.release_id, ledger.seq desc
"""


@dataclass(frozen=True)
class Surveyed:
    """A release whose rows are staged: the corrections in force on it, and what the declared ones come to."""

    known: Known
    in_force: Set
    reached: Reached

    @property
    def is_due(self) -> bool:
        """Whether the ledger is to say something else from now on."""
        return self.known.state in VISIBLE and self.in_force != self.reached.holding


@dataclass(frozen=True)
class Survey:
    """All that is declared, by handle; the releases it is about; what fails apart from any one release."""

    declared: dict[str, Correction]
    releases: list[Surveyed]
    failing_alone: dict[str, Finding]

    @property
    def failing(self) -> dict[str, Finding]:
        """What fails now: a correction of several releases is named by the newest."""
        failing: dict[str, Finding] = {}
        for one in self.releases:
            if one.known.state in VISIBLE:
                failing |= one.reached.failing
        return failing | self.failing_alone


@dataclass(frozen=True)
class Applied:
    """What ``apply`` did, a line a release, and the findings of those corrections that do not hold."""

    changed: list[str]
    failing: list[Finding]

    def check(self) -> None:
        """CorrectionFailed, which names every correction that does not hold."""
        if self.failing:
            raise CorrectionFailed(*self.failing)


@dataclass(frozen=True)
class Standing:
    """One correction on one release. ``state`` is one of those of `overview`."""

    correction: str
    action: str
    about: str
    release: str | None
    state: str
    finding: str | None
    reason: str
    reporter: str
    reported_on: str


def apply(actor: str) -> Applied:
    """Put in force what is declared and holds on visible releases, and withdraw what is declared no longer.

    A release whose set is in force already gets no event. Corrections that do not hold keep no other from being
    applied; they are in the result.
    """
    with engine(Role.LOADER).connect() as asking:
        found = survey(asking)
    due = [one for one in found.releases if one.is_due]
    if due:
        store = Store.open()
        with engine(Role.LOADER).begin() as writing:
            ledger.lock(writing)
            ledger.mend_last(writing, store)
            found = survey(writing)  # again: nothing can come in between now
            due = [one for one in found.releases if one.is_due]
            entries = [entry(one.known.release.release_id, one.known.extraction_id, one.reached) for one in due]
            seqs = ledger.append(writing, actor, *entries)
        if seqs:
            with engine(Role.LOADER).connect() as reading:
                ledger.write_files(reading, store, seqs)
    return Applied([f"{one.known.handle}: {_told(one.reached)}" for one in due], list(found.failing.values()))


def check() -> None:
    """CorrectionFailed, which names every declared correction that does not hold now; changes nothing."""
    with engine(Role.LOADER).connect() as asking:
        Applied([], list(survey(asking).failing.values())).check()


def entry(release_id: int, extraction_id: int | None, reached: Reached) -> Entry:
    """The event that puts a set in force; it cites the reading in which the guards held."""
    return Entry(Event.CORRECTED, release_id, _told(reached), extraction_id, {"corrections": reached.holding})


def _told(reached: Reached) -> str:
    named = ", ".join(one["correction"] for one in reached.holding)
    return f"corrected as declared: {named}" if named else "corrections withdrawn"


def on_arrival(release: Release, reading: Reading) -> Reached:
    """What the declared corrections come to on a release as it is read.

    A file of corrections that cannot be read is a correction that does not hold: no release is lost to it.
    """
    try:
        declared = corrections_of(release.dataset)
    except RegistryError as error:
        return Reached([], {release.dataset: _unreadable(error)})
    handle = Handle(release.dataset, edition=reading.edition)
    return reach(declared, handle, release.sha256, in_reading(release.release_id, reading))


def _unreadable(error: RegistryError) -> Finding:
    return Finding(GATE, Consequence.QUARANTINE, "a file of corrections that can be read", str(error))


def in_force(connection: Connection, release_id: int) -> Set:
    """The corrections in force on a release; none when it never had any."""
    event = tables.ledger.c
    found = connection.scalar(
        select(event.evidence["corrections"])
        .where(event.release_id == release_id, event.event == Event.CORRECTED)
        .order_by(event.seq.desc())
        .limit(1)
    )
    return list(found or [])


def survey(connection: Connection) -> Survey:
    """What is declared beside what is in force, over every release whose rows are staged."""
    try:
        names = set(corrected_datasets())
    except RegistryError as error:  # without the folder nothing is declared, and nothing is withdrawn
        return Survey({}, [], {GATE: _unreadable(error)})
    rows = connection.execute(text(_IN_FORCE)).all()
    standing = {row.release_id: row.corrections for row in rows}
    declared: dict[str, Correction] = {}
    surveyed: list[Surveyed] = []
    failing: dict[str, Finding] = {}
    for dataset in sorted(names | {row.dataset for row in rows}):
        try:
            of_dataset = corrections_of(dataset)
        except RegistryError as error:  # what is in force on this dataset stays so
            failing[dataset] = _unreadable(error)
            continue
        found = [
            Surveyed(one, standing.get(one.release.release_id, []), _reached(connection, of_dataset, one))
            for one in releases.known(connection, dataset)
            if one.state in VISIBLE | {Event.RETRACTED}
        ]
        declared |= of_dataset
        surveyed += found
        failing |= _about_nothing(of_dataset, found)
    return Survey(declared, surveyed, failing)


def _reached(connection: Connection, declared: dict[str, Correction], one: Known) -> Reached:
    release = one.release
    return reach(declared, one.handle, release.sha256, staged(connection, release.release_id))


def _about_nothing(declared: dict[str, Correction], found: list[Surveyed]) -> dict[str, Finding]:
    """Corrections that cover releases which are here, and are about nothing in any of them: a slip of the pen."""
    about_something = {handle for one in found for handle in one.reached.handles}
    failing = {}
    for handle, correction in declared.items():
        covered = [one.known for one in found if correction.covers(one.known.edition, one.known.release.sha256)]
        if covered and handle not in about_something:
            expected = f"{handle}: {correction.about} in {' or '.join(str(one.handle) for one in covered)}"
            failing[handle] = Finding(GATE, Consequence.QUARANTINE, expected, "none")
    return failing


def overview() -> list[Standing]:
    """Every correction on every release it is about, with its state.

    ``in force``; ``pending``, which the next `apply` puts in force; ``withdrawn``, which is in force until then;
    ``failing``, with its finding; ``waiting`` for a release that it is about.
    """
    with engine(Role.AUDITOR).connect() as asking:
        found = survey(asking)
    told = [line for one in found.releases if one.known.state in VISIBLE for line in _of_release(found, one)]
    named = {line.correction for line in told}
    for handle, correction in found.declared.items():
        if handle not in named:
            finding = found.failing_alone.get(handle)
            told.append(_declared(handle, correction, None, "failing" if finding else "waiting", finding))
    unreadable = [finding for name, finding in found.failing_alone.items() if name not in found.declared]
    told += [Standing(GATE, "", finding.expected, None, "failing", str(finding), "", "", "") for finding in unreadable]
    return told


def _of_release(found: Survey, one: Surveyed) -> Iterator[Standing]:
    release, reached = str(one.known.handle), one.reached
    for held in reached.holding:
        handle = held["correction"]
        state = "in force" if held in one.in_force else "pending"
        yield _declared(handle, found.declared[handle], release, state)
    for handle, finding in reached.failing.items():
        yield _declared(handle, found.declared[handle], release, "failing", finding)
    for held in one.in_force:
        if held["correction"] not in reached.handles:
            said = (held["reason"], held["reporter"], held["reported_on"])
            yield Standing(held["correction"], held["action"], held["locator"], release, "withdrawn", None, *said)


def _declared(
    handle: str, correction: Correction, release: str | None, state: str, finding: Finding | None = None
) -> Standing:
    return Standing(
        handle, correction.action, str(correction.about), release, state, str(finding) if finding else None,
        correction.reason, correction.reporter, correction.reported_on.isoformat(),
    )  # fmt: skip
