"""``sanad rebuild`` of archives of more and more editions, the marts' build included."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from bench.installation import DATASET, PROJECT, installation, server_version
from bench.measure import Goal, Report, significant, versions
from bench.run import parse
from sanad.decide import Arrival, ingest
from sanad.local.bundled import to_xls
from sanad.registry import dataset
from sanad.words.vocabulary import Origin

sys.path.append(str(PROJECT / "tests"))  # one generator of editions, that of the tests
from parsers.eras import editions

SIZES = (10, 30, 60, 120, 240)
GROUP = "sanad rebuild"
#: Each edition is received and accepted.
EVENTS_AN_EDITION = 2


def run(sizes: tuple[int, ...] = SIZES) -> Report:
    report = Report("rebuild", "A warehouse from the archive alone")
    with tempfile.TemporaryDirectory(prefix="sanad-bench-archive-") as folder:
        whole = Path(folder) / "whole"
        with installation() as state:
            _collect(max(sizes))
            (state / "archive").rename(whole)
        for size in sizes:
            with installation():
                _rebuild(report, _first(whole, size), size)
                report.versions = versions("dbt-core", "xlrd", "psycopg") | {"PostgreSQL": server_version()}
    _judge(report, max(sizes))
    return report


def _collect(size: int) -> None:
    """So many synthetic editions, each published the month after, in their order."""
    source = dataset(DATASET)
    for code, sheet in editions(size):
        published_on = date.fromisoformat(f"{code}-17") + timedelta(days=30)
        parts = {"dt.xls": to_xls(sheet)}
        arrival = Arrival(parts, Origin.SYNTHETIC, "bench", "handed over", stated_on=published_on)
        done = ingest(source, arrival)
        assert done.event == "accepted", done.findings


def _first(whole: Path, size: int) -> Path:
    """The archive as it was after so many editions: the same bytes, the first event files."""
    part = whole.parent / str(size)
    (part / "ledger").mkdir(parents=True)
    (part / "sha256").symlink_to(whole / "sha256")
    for seq in range(1, size * EVENTS_AN_EDITION + 1):
        name = f"ledger/{seq:012d}.json"
        (part / name).symlink_to(whole / name)
    return part


def _rebuild(report: Report, archive: Path, size: int) -> None:
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", "from sanad.cli import main; main()", "rebuild", "--archive", str(archive)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    assert done.returncode == 0, done.stderr
    assert f"{size} releases, {size} of them staged" in done.stdout, done.stdout
    row = report.result(GROUP, f"{size} editions")
    row.seconds.append(seconds)
    row.more |= {f"{phase} s": took for phase, took in parse(done.stderr)}
    row.more["s an edition"] = seconds / size
    print(f"  {size} editions {seconds:.1f} s", file=sys.stderr)


def _judge(report: Report, most: int) -> None:
    median = report.result(GROUP, f"{most} editions").median
    report.goals.append(Goal(f"{most} editions below 300 s", f"{significant(median)} s", median < 300))
    report.notes.append(
        "The whole command in a process of its own, from an archive folder to built marts, into an empty warehouse "
        "whose server is up: event files read and their chain checked, bytes hashed and copied into the "
        "installation's own archive, workbooks read anew, their 1,320 figures (1,290 before December 2018) by COPY, "
        "one transaction, then dbt. The editions are synthetic: March 2026's figures under other months, each by a "
        "factor of its own, so that every figure is revised whenever it is printed again."
    )
