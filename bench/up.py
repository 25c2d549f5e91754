"""`make up` as whoever reads dashboards sees it: from the command to a dashboard with its charts."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.installation import PROJECT
from bench.measure import Goal, Report, significant, versions
from bench.run import environment, parse, throw_away_clone

WARM_RUNS = 3
FIRST, WARM = "its first time, both environments made before", "once more"
READABLE = "from `make up` to a dashboard that can be read"
DASHBOARD = "sector_overview"
_SHOWN = re.compile(r"^Dashboards (?P<url>http://\S+) +user viewer +password (?P<password>\S+)$", re.MULTILINE)
_PATIENCE = 600


def run(warm_runs: int = WARM_RUNS) -> Report:
    report = Report("up", "`make up`")
    with throw_away_clone() as clone:
        subprocess.run(["make", ".venv/.ready", ".venv-bi/.ready"], cwd=clone, env=environment(), check=True)
        subprocess.run(["make", "run"], cwd=clone, env=environment(), check=True, stdout=subprocess.DEVNULL)
        for group in [FIRST] + [WARM] * warm_runs:
            _once(report, group, clone)
    report.versions = versions("apache-airflow") | {"Superset": "6.1.0"}
    warm = report.result(WARM, READABLE).median
    report.goals.append(Goal("warm, a readable dashboard below 90 s", f"{significant(warm)} s", warm < 90))
    report.notes.append(
        "The clone's HEAD, its own environments and `.sanad`; the marts were built by `make run` before. Readable is "
        f"when a viewer has logged in in Chromium and every chart of {DASHBOARD} is drawn; 1.5 s of it are spent "
        "waiting for no other to come."
    )
    return report


def _once(report: Report, group: str, clone: Path) -> None:
    began = time.perf_counter()
    with _up(clone) as (shown, phases):
        _read(shown["url"], shown["password"])
        report.result(group, READABLE).seconds.append(time.perf_counter() - began)
        for title, spent in parse("".join(phases)):
            report.result(group, title).seconds.append(spent)


@contextmanager
def _up(clone: Path) -> Iterator[tuple[re.Match[str], list[str]]]:
    """`make up`, until the block is left: where the dashboards are and the viewer's password, and its phases."""
    with (clone.parent / "out").open("w+") as out:
        running = subprocess.Popen(
            ["make", "up"], cwd=clone, env=environment(), stdout=out, stderr=subprocess.PIPE, text=True
        )
        phases: list[str] = []
        reading = threading.Thread(target=lambda: phases.extend(running.stderr or ()))
        reading.start()
        try:
            yield _shown(running, Path(out.name)), phases
        finally:
            subprocess.run(["make", "down"], cwd=clone, env=environment(), check=True, stdout=subprocess.DEVNULL)
            running.wait(_PATIENCE)
            reading.join()


def _shown(running: subprocess.Popen[str], out: Path) -> re.Match[str]:
    until = time.monotonic() + _PATIENCE
    while not (shown := _SHOWN.search(out.read_text())):
        if running.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"make up shows no dashboards: {out.read_text()}")
        time.sleep(0.1)
    return shown


def _read(url: str, password: str) -> None:
    """Open a dashboard as the viewer, in a browser that never saw it, until the last chart is drawn."""
    from playwright.sync_api import sync_playwright

    sys.path.insert(0, str(PROJECT / "tests"))
    from bi.reader import DESKTOP, Reader

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        Reader(browser, url, "viewer", DESKTOP, password).opens(DASHBOARD)
        browser.close()
