"""Loading figures into ``staging.figure``: ``stage()`` against what else loads rows into PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import sys

from bench import synthetic
from bench.installation import PROJECT, as_admin, installation, server_version
from bench.loaders import METHODS
from bench.measure import Goal, Report, significant, versions
from sanad.warehouse.connect import Role, connection, engine

PSQL, SANAD, PANDAS = "psql \\copy", "Sanad stage()", "pandas.to_sql"
#: Figures, and how often each method loads them. A second number is for the methods that take minutes.
SIZES = {100_000: (3, 1), 1_000_000: (3, 1)}
#: Of the methods that take many minutes for 1,000,000, the one that a goal names.
SMALL_ONLY = 100_000
SLOW = {"SQLAlchemy Core executemany", PANDAS, "pandas.to_sql multi", "dlt append"}
_PACKAGES = ("psycopg", "psycopg2-binary", "adbc-driver-postgresql", "pandas", "SQLAlchemy", "dlt", "pyarrow")


def run(sizes: dict[int, tuple[int, int]] | None = None) -> Report:
    report = Report("stage", "Staging figures")
    sizes = sizes or SIZES
    with installation():
        with engine(Role.ADMIN).begin() as recording:
            synthetic.record(recording, max(sizes))
        for figures, (runs, slow_runs) in sizes.items():
            group = f"{figures:,} figures"
            report.peers[group] = PSQL
            for turn in range(runs):
                for method in METHODS:
                    if turn < _turns(method, figures, runs, slow_runs):
                        _load(report, group, method, figures)
            _rates(report, group, figures)
        _server_side(report, min(sizes))
        report.versions = versions(*_PACKAGES) | {"PostgreSQL": server_version()}
    report.profile += server_shares(report)
    _judge(report, f"{max(sizes):,} figures")
    return report


def _turns(method: str, figures: int, runs: int, slow_runs: int) -> int:
    if method not in SLOW:
        return runs
    return slow_runs if figures <= SMALL_ONLY or method == PANDAS else 0


def _load(report: Report, group: str, method: str, figures: int) -> None:
    as_admin("truncate staging.figure", "drop schema if exists bench_dlt cascade", "checkpoint")
    said = _child(method, figures)
    table = "bench_dlt.figure" if method.startswith("dlt") else "staging.figure"
    with connection(Role.ADMIN) as asking:
        counted = asking.execute(f"select count(*), count(value), sum(value) from {table}").fetchone()
    assert counted and counted[0] == figures, f"{method} loaded {counted} of {figures}"
    row = report.result(group, method)
    row.seconds.append(said["load"])
    row.more["prepare s"] = max(said["prepare"], row.more.get("prepare s", 0.0))
    if method != PSQL:  # a process that Python starts counts Python's memory as its own
        row.more["peak MiB"] = max(round(said["peak_mib"]), row.more.get("peak MiB", 0))
    row.more["checksum"] = str(counted[2])
    print(f"  {group}  {method:<28} {said['load']:7.2f} s", file=sys.stderr)


def _child(method: str, figures: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.loaders", method, str(figures)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return said


def _server_side(report: Report, figures: int) -> None:
    """What the server does with a row, by taking away from the table one thing after another."""
    group = f"The table stripped bit by bit, psql \\copy of {figures:,} figures"
    strips = {
        "staging.figure as it is": [],
        "without foreign keys": _drops("f"),
        "nor checks": _drops("c"),
        "nor the index on release_id": ["drop index staging.figure_release_id_idx"],
        "nor the primary key": _drops("p"),
    }
    for what, statements in strips.items():
        as_admin(*statements)
        for _ in range(3):
            as_admin("truncate staging.figure", "checkpoint")
            report.result(group, what).seconds.append(_child(PSQL, figures)["load"])


def server_shares(report: Report) -> list[str]:
    """What each thing taken away from the table had cost, of the whole."""
    group = next(one.group for one in report.results if one.group.startswith("The table stripped"))
    rows = report.of(group)
    whole = rows[0].median
    named = ["the foreign keys", "the checks", "the index on release_id", "the primary key"]
    lines = [
        f"{name}: {significant(before.median - after.median)} s, {(before.median - after.median) / whole:.0%}"
        for name, before, after in zip(named, rows, rows[1:], strict=False)
    ]
    lines.append(f"parsing and writing the rows: {significant(rows[-1].median)} s, {rows[-1].median / whole:.0%}")
    return [f"In the server, of {significant(whole)} s of psql's own COPY", *lines, *_client_share(report)]


def _client_share(report: Report) -> list[str]:
    once = [one.method for one in report.results if len(one.seconds) == 1 and one.method == PANDAS]
    alone = ["pandas.to_sql ran once at each size: its ratio is as sure as one run on this machine"] if once else []
    return ["every loader here pays for what the server does, so that none can be faster than that", *alone]


def _drops(kind: str) -> list[str]:
    with connection(Role.ADMIN) as asking:
        found = asking.execute(
            "select conname from pg_constraint where conrelid = 'staging.figure'::regclass and contype = %s", [kind]
        ).fetchall()
    assert found
    return [f"alter table staging.figure drop constraint {name}" for (name,) in found]


def _rates(report: Report, group: str, figures: int) -> None:
    checksums = {one.more.pop("checksum") for one in report.of(group)}
    assert len({checksum.rstrip("0") for checksum in checksums}) == 1, f"methods loaded different values: {checksums}"
    for one in report.of(group):
        one.more["figures/s"] = round(figures / one.median)
        one.more["prepare s"] = significant(one.more["prepare s"])


def _judge(report: Report, group: str) -> None:
    ours, psql, pandas = (report.result(group, method) for method in (SANAD, PSQL, PANDAS))
    against_psql, against_pandas = psql.median / ours.median, pandas.median / ours.median
    peak = ours.more["peak MiB"]
    report.goals += [
        Goal(f"{group}: at least 0.8 of psql \\copy's rate", f"{against_psql:.2f}", against_psql >= 0.8),
        Goal(f"{group}: at least 12 times pandas.to_sql's rate", f"{against_pandas:.1f}", against_pandas >= 12),
        Goal(f"{group}: peak memory below 300 MiB", f"{peak} MiB", peak < 300),
    ]
    report.notes += [
        "Seconds are those of the load alone, from what each method takes to the commit; `prepare s` is what it took "
        "to get there from figures (readings, a CSV file on disk, an Arrow table, a frame, dictionaries). Sanad's "
        f"`stage()` takes readings as a parser gives them, {synthetic.FIGURES_A_RELEASE:,} figures a release, one "
        "transaction a release; the others load all in one.",
        "All but dlt load into `staging.figure` itself: 24 columns, primary key, an index, two foreign keys and three "
        "checks. dlt makes a table of its own, with neither key nor check. Row counts and sums are compared after "
        "each load. Memory is the loading process's peak, the server's not counted. What takes too long to be asked "
        "twice is asked once, or left out at the larger size.",
    ]
