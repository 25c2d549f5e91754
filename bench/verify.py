"""``sanad verify`` of more and more releases, in a process of its own, imports counted."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from datetime import date

from bench.installation import DATASET, PROJECT, as_admin, installation, server_version
from bench.measure import Goal, Report, significant, versions
from sanad.decide import Arrival, ingest
from sanad.local import bundled
from sanad.local.bundled import to_xls
from sanad.registry import dataset
from sanad.warehouse import dbt
from sanad.words.vocabulary import Origin

sys.path.append(str(PROJECT / "tests"))  # one generator of releases, that of the tests
from parsers.eras import releases

SIZES = (10, 30, 60, 120, 240)
GROUP = "sanad verify"
BUNDLED, CHANGED = "the two bundled releases", "one release arrived, --changed"


def run(sizes: tuple[int, ...] = SIZES) -> Report:
    report = Report("verify", "Verifying the warehouse")
    with installation():
        for release in bundled.editions(DATASET):
            _arrives(bundled.render(release), Origin.TRANSCRIBED, release.last_saved.date())
        _build()
        _verify(report, BUNDLED)
        report.versions = versions("python-calamine", "psycopg") | {"PostgreSQL": server_version()}
    with installation():
        _grow(report, sizes)
    _judge(report, sizes)
    return report


def _grow(report: Report, sizes: tuple[int, ...]) -> None:
    """One warehouse that grows, release by release in the order of publication."""
    for number, (published_on, sheet) in enumerate(releases(max(sizes)), 1):
        if number == max(sizes):  # all before it were verified
            _build()
            _verify(report, f"{number - 1} releases", "--changed")
        _arrives(to_xls(sheet), Origin.SYNTHETIC, published_on)
        if number in sizes:
            _build()
            if number == max(sizes):
                _verify(report, CHANGED, "--changed")
            _verify(report, f"{number} releases")


def _build() -> None:
    as_admin("analyze")  # as autovacuum would have in a month
    dbt.build()


def _arrives(content: bytes, origin: Origin, published_on: date) -> None:
    arrival = Arrival({"dt.xls": content}, origin, "bench", "handed over", stated_on=published_on)
    done = ingest(dataset(DATASET), arrival)
    assert done.event == "accepted", done.findings


def _verify(report: Report, what: str, *options: str) -> None:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", "from sanad.cli import main; main()", "verify", "--json", *options],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = json.loads(done.stdout)
    row = report.result(GROUP, what)
    row.seconds.append(seconds)
    row.more |= {
        "CPU s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
        "peak MiB": after.ru_maxrss // 1024,
        "figures re-read": told["counts"]["staging"]["figures re-read"],
        "mart rows": sum(mart["rows"] for mart in told["marts"].values()),
    }


def _judge(report: Report, sizes: tuple[int, ...]) -> None:
    two = report.result(GROUP, BUNDLED)
    small, large = (report.result(GROUP, f"{size} releases") for size in (sizes[-2], sizes[-1]))
    a_release = large.more["CPU s"] / sizes[-1] / (small.more["CPU s"] / sizes[-2])
    report.goals += [
        Goal("the two bundled releases below 10 s", f"{significant(two.median)} s", two.median < 10),
        Goal(
            f"linear: a release of {sizes[-1]} costs at most 1.5 times one of {sizes[-2]}",
            f"{significant(a_release)} times the processor's time",
            a_release <= 1.5,
        ),
    ]
    report.notes.append(
        "Releases have the layout of dt.xls: 80 months, three times each, every one with figures of its own, so every "
        "print of a period differs from the one before: vintages and revisions are as large as they can be. A process "
        "of its own each time, its start and imports counted; CPU seconds are that process's, without the server's. "
        "Before the last release all others were verified, and `--changed` reads only that one again."
    )
