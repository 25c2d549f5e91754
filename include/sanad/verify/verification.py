"""One verification from end to end: ledger, archive, staging, marts, event files."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from secrets import randbits

from sanad.archive.store import Store
from sanad.registry import datasets
from sanad.verify import adjustments, archive, chain, declared, identities, measures, record, staging
from sanad.verify.compare import Comparison
from sanad.verify.known import Known, Release, releases_at
from sanad.verify.marts import check_of
from sanad.verify.report import MartCount, Report, Staged
from sanad.verify.snapshot import Snapshot, current_head, snapshot
from sanad.words.errors import UsageError
from sanad.words.memory import uncollected
from sanad.words.vocabulary import VISIBLE, Scope, Verdict

#: Told what is being looked at, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]
#: What verification itself writes into the marts.
_OWN_WORDS = {"dim_build": {"verify_result"}}
#: Marts about releases of every dataset, whatever the models before them are about.
_OF_ALL = frozenset({"dim_build", "dim_release", "mart_data_health"})


def verify(
    scope: Scope = Scope.FULL,
    *,
    sample: int = 0,
    seed: int | None = None,
    head: str | None = None,
    mart: str | None = None,
    airflow_run: str | None = None,
    progress: Progress = lambda *_: None,
) -> Report:
    """Look at everything (full), at what the ledger told of since the last verification (changed), or at a sample.

    ``sample`` is the number of figures and entries to read again, drawn with ``seed``; ``head`` a hash, or
    ``seq:hash``, that must be in the chain; ``mart`` the only mart to compare, and then nothing is written down.
    Whatever is not read again counts with its staged value. After a verification that disagreed, changed is full.

    UsageError for a head that is no hash and a mart that is not there; NoWarehouse.
    """
    with uncollected(), snapshot() as asked:
        run = _Run(asked, _scope(scope), sample, seed, progress)
        run.chain(head)
        known = run.releases()
        run.marts(known, mart)
    run.event_files()
    report = run.finished()
    if mart is None:
        record.keep(report, airflow_run)
    return report


def _scope(wanted: Scope) -> tuple[Scope, int]:
    """The scope, and the ledger event up to which all was verified before."""
    if wanted is Scope.CHANGED:
        last = record.newest()
        if last and last.result == Verdict.AGREES:
            return Scope.CHANGED, last.head_seq
        return Scope.FULL, 0
    return wanted, 0


class _Run:
    """The steps, and the report they write into."""

    def __init__(
        self, asked: Snapshot, scope: tuple[Scope, int], sample: int, seed: int | None, progress: Progress
    ) -> None:
        self._asked = asked
        self._since = scope[1]
        self._progress = progress
        self._store = Store.open()
        self._began = time.monotonic()
        self.report = Report(scope[0], datetime.now(UTC))
        self._wanted: frozenset[int] | None = None
        if scope[0] is Scope.SAMPLE:
            self.report.seed = randbits(32) if seed is None else seed
            self._wanted = asked.sample(sample, Random(self.report.seed))  # noqa: S311 - drawn, not guarded

    def chain(self, head: str | None) -> None:
        """The ledger's rows, and that every head noted is in them."""
        report, rows = self.report, self._asked.ledger
        if rows:
            report.head_seq, report.head_hash = rows[-1]["seq"], rows[-1]["hash"]
        noted = [*record.noted_heads(), *([chain.noted_head(rows, head)] if head else [])]
        releases = self._asked.releases
        faults = (
            chain.ledger(rows), chain.stated(rows, releases), chain.unheard(rows, releases), chain.heads(rows, noted)
        )  # fmt: skip
        report.disagreements += [one for found in faults for one in found]
        report.count("ledger", "events", len(rows))
        report.count("ledger", "heads noted", len(noted))

    def releases(self) -> Known | None:
        """Archive and staging, release by release; gives what was known at the build, None without one."""
        asked, build = self._asked, self._asked.build
        now = self._at(self.report.head_seq)
        known = Known(build.ledger_seq, build.started_at, self._at(build.ledger_seq)) if build else None
        for number, release in enumerate(now.values(), 1):
            done = self._release(release)
            if known and release.release_id in known.releases:
                _take_in(known, release, done)
                if entries := asked.entries(release.release_id):
                    known.entries[release.release_id] = entries
            self._progress("releases", number, len(now))
        self.report.parsers = sorted({f"{row['parser']} {row['parser_version']}" for row in asked.extractions.values()})
        return known

    def _at(self, seq: int) -> dict[int, Release]:
        return releases_at(seq, self._asked.releases.values(), self._asked.extractions, self._asked.ledger)

    def _release(self, release: Release) -> Staged:
        report, asked = self.report, self._asked
        is_wanted = release.events[-1].seq > self._since
        parts = asked.parts[release.release_id]
        contents: dict[str, bytes] = {}
        if is_wanted:
            contents, faults = archive.read_parts(self._store, release, parts)
            report.disagreements += [*faults, *archive.identity(release, parts)]
            for one in asked.extractions_of(release.release_id):
                report.disagreements += archive.extraction(release, one)
            report.count("archive", "parts", len(parts))
            report.count("archive", "bytes", sum(map(len, contents.values())))
        figures, entries = asked.figures(release.release_id), asked.entries(release.release_id)
        reading = asked.extractions.get(_reading(release) or 0)
        rejected = asked.rejected.get(release.release_id, 0)
        report.disagreements += staging.as_read(release, reading, figures, entries, rejected)
        whole = contents if len(contents) == len(parts) else {}
        done = staging.check(release, figures, entries, whole, datasets().get(release.dataset), self._wanted)
        report.add(done, len(figures), len(entries))
        return done

    def marts(self, known: Known | None, only: str | None) -> None:
        """Every relation of the schema ``marts``, at the ledger event of its build."""
        asked, report = self._asked, self.report
        names = [name for name in asked.marts if only in {None, name}]
        if not names and only:
            raise UsageError(f"no mart '{only}' to verify; known: {', '.join(asked.marts) or 'none yet'}")
        if known is None:
            report.not_covered.append("marts: there is no build, or the last one did not finish")
            return
        report.built_seq = known.seq
        report.disagreements += measures.as_declared(asked.measures, only)
        report.disagreements += measures.ahead(asked.watermarks, asked.begun_seq)
        later = [row for row in asked.ledger if row["seq"] > known.seq]
        report.waiting += [f"event {row['seq']}, {row['event']}, waits for a build" for row in later]
        report.count("staging", "corrected", known.corrected)
        known.identities = {row["entry_id"]: row for row in asked.rows("select * from staging.identity")}
        for row in asked.rows("select * from staging.adjusted"):
            known.adjusted.setdefault(row["series_sha256"], {})[row["period_code"]] = row
        if not only:
            self._identities(known)
            self._adjustments(known)
        for number, name in enumerate(names, 1):
            self._mart(name, known)
            self._progress("marts", number, len(names))

    def _identities(self, known: Known) -> None:
        """Whom each row of a register names: class 3, the same model over rows that were verified."""
        if any(known.releases[number].dataset in known.replaced for number in known.entries):
            self.report.waiting.append(f"{identities.TABLE} waits for a build: a register was read anew")
            return
        found = known.identities.values()
        ledger = [row for row in self._asked.ledger if row["seq"] <= known.seq]
        faults = list(identities.identities(known, ledger, found))
        linked = sum(1 for row in found if row["linked_by"] in {"name", "person"})
        self.report.marts[identities.TABLE] = MartCount(3, len(found), linked, len(faults))
        self.report.disagreements += faults

    def _adjustments(self, known: Known) -> None:
        """Seasonally adjusted exports: class 3, the same model over figures that were verified."""
        of = declared.datasets_of("mart_sector_exports")
        if of & known.replaced:
            return  # the mart says that it waits for a build
        compared, faults = adjustments.adjustments(known.of(of))
        rows = sum(len(months) for months in known.adjusted.values())
        self.report.marts[adjustments.TABLE] = MartCount(3, rows, compared, len(faults))
        self.report.disagreements += faults

    def _mart(self, name: str, known: Known) -> None:
        report, columns = self.report, self._asked.marts[name]
        mart = declared.marts().get(name)
        check = check_of(mart) if mart else None
        if mart is None or check is None:
            why = "it is no model of the project" if mart is None else "verification does not know it"
            report.not_covered.append(f"{name}: {why}")
            return
        of = frozenset() if name in _OF_ALL else declared.datasets_of(name)
        if of & known.replaced:
            report.waiting.append(f"{name} waits for a build: {', '.join(sorted(of & known.replaced))} was read anew")
            return
        comparison = Comparison(mart, known.of(of) if of else known, columns)
        faults = list(comparison.run(check, self._asked.mart(name)))
        comparison.count.disagreements = len(faults)
        report.marts[name] = comparison.count
        report.disagreements += faults
        uncovered = comparison.uncovered - _OWN_WORDS.get(name, set())
        if uncovered and comparison.count.rows:  # a mart without rows has nothing to cover
            report.not_covered.append(f"{name}: {', '.join(sorted(uncovered))}")

    def event_files(self) -> None:
        """Last of all: whoever wrote an event a moment ago has written its file by now."""
        asked, report = self._asked, self.report
        tables = {"release": asked.releases, "part": asked.parts, "extraction": asked.extractions}
        report.disagreements += chain.files(self._store, asked.ledger, tables, self._since)
        report.disagreements += chain.beyond(self._store, current_head())
        report.count("ledger", "event files", len(asked.ledger))

    def finished(self) -> Report:
        """The report, its clock stopped."""
        self.report.seconds = round(time.monotonic() - self._began, 3)
        return self.report


def _take_in(known: Known, now: Release, staged: Staged) -> None:
    """Give a build's knowledge the prints of a release, unless they were read anew after it."""
    then = known.releases[now.release_id]
    for one in staged.prints:
        one.release = then
    known.prints += staged.prints
    if _reading(then) not in {None, _reading(now)}:
        known.replaced.add(now.dataset)


def _reading(release: Release) -> int | None:
    """The extraction that is staged: that of the last event that let the release be seen; None when none did."""
    seen = (event.extraction_id for event in reversed(release.events) if event.event in VISIBLE)
    return next(filter(None, seen), None)
