"""The lineage pages, from the question to the HTML: what a person waits for, less the network and Airflow's login."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.installation import DATASET, PROJECT, REAL_RELEASE, installation, server_version
from bench.measure import Goal, Report, p95, significant, versions
from sanad.decide import Arrival, ingest
from sanad.local import bundled
from sanad.registry import dataset
from sanad.words.vocabulary import Origin

RUNS = 41
PAGES = "two bundled releases, built"
REAL = "SBP's own workbook"
GOAL = "a page with its sheet, 95th of 100 below 0.3 s"


def run(runs: int = RUNS) -> Report:
    report = Report("page", "The lineage pages")
    with installation():
        real = _release_and_build()
        gc.collect()
        gc.freeze()  # what dbt left in this process is no page's to walk through; no api-server has it
        for group, methods in _methods(real).items():
            for turn in range(runs + 1):
                for name, method in methods.items():
                    began = time.perf_counter()
                    method()
                    if turn:  # the first fills what a process keeps: imports, formulas, readings
                        report.result(group, name).seconds.append(time.perf_counter() - began)
        report.versions = {**versions("jinja2", "xlrd"), "PostgreSQL": server_version()}
    for group in dict.fromkeys(one.group for one in report.results):
        slowest = max(p95(one.seconds) for one in report.of(group))
        report.goals.append(Goal(f"{GOAL} ({group})", f"{significant(slowest)} s", slowest < 0.3))
    report.notes.append(
        "The functions behind the routes and the template, in one process. A page reads the archived bytes and hashes "
        "them every time; the reading of them is kept by content, and *read anew* throws it away first."
    )
    return report


def _release_and_build() -> str | None:
    """Everything the pages are about; the id of a figure of SBP's own workbook where that is at hand."""
    from sanad.warehouse import dbt

    source = dataset(DATASET)
    for release in bundled.editions(DATASET):
        ingest(
            source,
            Arrival(
                {"dt.xls": bundled.render(release)}, Origin.TRANSCRIBED, "bench", "bench",
                http_last_modified=release.last_saved,
            ),
        )  # fmt: skip
    dbt.build()
    if not REAL_RELEASE.exists():
        return None
    done = ingest(source, Arrival({"dt.xls": REAL_RELEASE.read_bytes()}, Origin.OFFICIAL, "bench", "bench"))
    return _figure(done.release_id)


def _figure(release_id: int) -> str:
    from sanad.warehouse.connect import Role, connection

    with connection(Role.AUDITOR) as asking:
        ((found,),) = asking.execute(
            "select figure_id::text from staging.figure where release_id = %s and locator = %s",
            [release_id, "'EBOPS '!I61"],
        ).fetchall()
    return str(found)


def _methods(real: str | None) -> dict[str, dict[str, Callable[[], object]]]:
    sys.path.insert(0, str(Path(PROJECT) / "plugins"))
    from sanad_pages import lineage, sheet
    from sanad_pages.render import html

    def value(mart: str, key: str, measure: str = "") -> str:
        return html("value.html", root="", **lineage.value(mart, key, measure))

    def anew() -> str:
        sheet._read.cache_clear()
        return value("mart_sector_exports", "call_centres/2026-03")

    def cell() -> str:
        return html("figure.html", root="", **lineage.cell(str(real)))

    def cell_anew() -> str:
        sheet._read.cache_clear()
        return cell()

    methods: dict[str, dict[str, Callable[[], object]]] = {
        PAGES: {
            "a value": lambda: value("mart_sector_exports", "call_centres/2026-03"),
            "a ratio": lambda: value("mart_sector_exports", "call_centres/2026-03", "exports_yoy_pct"),
            "a value, its sheet read anew": anew,
            "a search": lambda: html("lineage.html", root="", **lineage.front("call centres 2026")),
        }
    }
    if real:
        methods[REAL] = {"a cell": cell, "a cell, its sheet read anew": cell_anew}
    return methods
