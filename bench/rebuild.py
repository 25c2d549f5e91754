"""``sanad rebuild`` of archives of more and more releases, the marts' build included."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.installation import DATASET, PROJECT, installation, server_version
from bench.measure import Goal, Report, significant, versions
from bench.run import parse
from sanad.decide import Arrival, ingest
from sanad.local.bundled import to_xls
from sanad.registry import dataset
from sanad.words.vocabulary import Origin

sys.path.append(str(PROJECT / "tests"))  # one generator of editions, that of the tests
from parsers.eras import releases

SIZES = (10, 30, 60, 120, 240)
GROUP = "sanad rebuild"
#: Each release is received and accepted.
EVENTS_A_RELEASE = 2


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
    """So many synthetic releases, in their order."""
    source = dataset(DATASET)
    for published_on, sheet in releases(size):
        parts = {"dt.xls": to_xls(sheet)}
        arrival = Arrival(parts, Origin.SYNTHETIC, "bench", "handed over", stated_on=published_on)
        done = ingest(source, arrival)
        assert done.event == "accepted", done.findings


def _first(whole: Path, size: int) -> Path:
    """The archive as it was after so many releases: the same bytes, the first event files."""
    part = whole.parent / str(size)
    (part / "ledger").mkdir(parents=True)
    (part / "sha256").symlink_to(whole / "sha256")
    for seq in range(1, size * EVENTS_A_RELEASE + 1):
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
    row = report.result(GROUP, f"{size} releases")
    row.seconds.append(seconds)
    row.more |= {f"{phase} s": took for phase, took in parse(done.stderr)}
    row.more["s a release"] = seconds / size
    print(f"  {size} releases {seconds:.1f} s", file=sys.stderr)


def _judge(report: Report, most: int) -> None:
    median = report.result(GROUP, f"{most} releases").median
    report.goals.append(Goal(f"{most} releases below 300 s", f"{significant(median)} s", median < 300))
    report.notes.append(
        "The whole command in a process of its own, from an archive folder to built marts, into an empty warehouse "
        "whose server is up: event files read and their chain checked, bytes hashed and copied into the "
        "installation's own archive, workbooks read anew, 1,320 figures each by COPY, one transaction, then dbt. The "
        "releases are synthetic: March 2026's figures under the months of 80 editions, three times each, and each time "
        "by another factor, so that every figure is revised whenever it is printed again."
    )
