"""`make run` as a newcomer sees it, in a clone of its own: first without an environment, then with everything there."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.installation import PROJECT
from bench.measure import Goal, Report, significant, versions

WARM_RUNS = 3
COLD, WARM = "no environment yet, warm package cache", "everything in place"
ALL = "from `make run` to its end"
ENVIRONMENT = "Environment made, and the rest"
_PHASE = re.compile(r"^(?P<title>\S.*?) +(?P<seconds>\d+\.\d) s(?:  (?P<word>.*))?$")


def run(warm_runs: int = WARM_RUNS) -> Report:
    report = Report("run", "`make run`")
    with throw_away_clone() as clone:
        _once(report, COLD, clone)
        for _ in range(warm_runs):
            _once(report, WARM, clone)
    report.versions = versions("apache-airflow", "dbt-core")
    cold, warm = report.result(COLD, ALL).median, report.result(WARM, ALL).median
    report.goals += [
        Goal("below 120 s without an environment", f"{significant(cold)} s", cold < 120),
        Goal("warm below 90 s", f"{significant(warm)} s", warm < 90),
        Goal("warm below 40 s", f"{significant(warm)} s", warm < 40),
    ]
    report.notes.append(
        "The clone's HEAD, its own `.venv` and `.sanad`. The first run makes both, makes the database and Airflow's "
        "metadata, and collects two editions; the runs after it find nothing new. What no phase says is the "
        "environment, Python's start and the report."
    )
    return report


@contextmanager
def throw_away_clone() -> Iterator[Path]:
    """A clone of HEAD, gone at the end with all that was made in it."""
    with tempfile.TemporaryDirectory(prefix="sanad-bench-") as folder:
        Path(folder).chmod(0o755)
        clone = Path(folder) / "sanad"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", PROJECT, clone], check=True)
        try:
            yield clone
        finally:
            subprocess.run(["make", "-C", clone, "clean"], check=False, capture_output=True)
            _end_server(clone)


def environment() -> dict[str, str]:
    """The environment without what this process has set for itself."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("SANAD_", "PYTHON"))}


def _once(report: Report, group: str, clone: Path) -> None:
    began = time.perf_counter()
    running = subprocess.Popen(
        ["make", "run"], cwd=clone, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        _, said = running.communicate(timeout=600)
    except BaseException:
        os.killpg(running.pid, signal.SIGINT)
        running.wait(60)
        raise
    seconds = time.perf_counter() - began
    if running.returncode:
        raise RuntimeError(f"make run ended with {running.returncode}: {said[-2000:]}")
    report.result(group, ALL).seconds.append(seconds)
    phases = list(parse(said))
    for title, spent in phases:
        report.result(group, title).seconds.append(spent)
    report.result(group, ENVIRONMENT).seconds.append(max(0.0, seconds - sum(spent for _, spent in phases)))


def parse(said: str) -> list[tuple[str, float]]:
    """The phases of a run's standard error with their seconds, in order."""
    matches = (_PHASE.match(line) for line in said.splitlines())
    return [(match["title"], float(match["seconds"])) for match in matches if match]


def _end_server(clone: Path) -> None:
    """Root's server keeps its data elsewhere when its user cannot enter the clone."""
    where = clone / ".sanad" / "where"
    if where.exists():
        data = Path(json.loads(where.read_text())["data"])
        if not data.is_relative_to(clone):
            shutil.rmtree(data.parents[1], ignore_errors=True)
