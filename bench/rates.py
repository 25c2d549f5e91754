"""IBF_Arch.xls, 171,000 cells in five sheets, from bytes to staged figures: ``ingest()`` and its steps."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bench.installation import PROJECT, forget, installation, server_version
from bench.measure import Goal, Report, significant, versions
from bench.profiles import shares
from sanad.decide import Arrival, ingest
from sanad.extract import read_release
from sanad.local import bundled
from sanad.registry import dataset
from sanad.words.vocabulary import Event, Origin

RUNS = 7
DATASET = "sbp/exchange_rates"
REAL = PROJECT.parent / "shared" / "releases" / "sbp" / "IBF_Arch.xls"
GROUP, WHOLE, READING = "IBF_Arch.xls", "Sanad: bytes to staged", "of it, bytes to figures"
FORMATS = "xlrd with formats, all sheets"
_PARTS = {
    "archiving the bytes": ("archive/store.py", "put"),
    "xlrd's own reading": ("xlrd/__init__.py", "open_workbook"),
    "months and figures": ("sbp/exchange_rates.py", "_figures"),
    "gates": ("gates/judge.py", "judge"),
    "COPY": ("stage/load.py", "stage"),
}


def run(runs: int = RUNS) -> Report:
    report = Report("rates", "Exchange rates from bytes to staged", peers={GROUP: FORMATS})
    is_real = REAL.exists()
    content = REAL.read_bytes() if is_real else bundled.render(bundled.editions(DATASET)[0])
    with installation() as state:
        for turn in range(runs + 1):
            seconds = {name: _timed(step, content) for name, step in _STEPS.items()}
            forget(state)
            if turn:  # the first warms up imports and caches
                for name, spent in seconds.items():
                    report.result(GROUP, name).seconds.append(spent)
        report.profile += shares(lambda: _staged(content), _PARTS)
        report.versions = versions("xlrd", "psycopg") | {"PostgreSQL": server_version()}
    spent = report.result(GROUP, WHOLE).median
    report.goals.append(Goal("IBF_Arch.xls from bytes to staged below 2 s", f"{significant(spent)} s", spent < 2))
    which = "SBP's own workbook of March 2026" if is_real else "The bundled rendering, of one currency and one sheet"
    figures = len(read_release(dataset(DATASET), {"IBF_Arch.xls": content}).figures)
    report.notes.append(
        f"{which}, {len(content):,} bytes, {figures:,} figures. Archive, parser, gates, ledger and COPY into an empty "
        "warehouse, with the bytes flushed to disk; cells are made of the one sheet that is read."
    )
    return report


def _timed(step: Callable[[bytes], object], content: bytes) -> float:
    gc.collect()  # what the step before left behind is not this one's to clear away
    began = time.perf_counter()
    step(content)
    return time.perf_counter() - began


def _staged(content: bytes) -> None:
    arrival = Arrival(
        {"IBF_Arch.xls": content}, Origin.OFFICIAL, "bench", "measured", http_last_modified=datetime.now(UTC)
    )
    done = ingest(dataset(DATASET), arrival)
    assert (done.event, done.new, done.figures) == (Event.ACCEPTED, True, 831), done


def _figures(content: bytes) -> None:
    read_release(dataset(DATASET), {"IBF_Arch.xls": content})


def _peer(content: bytes) -> None:
    import xlrd

    xlrd.open_workbook(file_contents=content, formatting_info=True)


_STEPS = {WHOLE: _staged, READING: _figures, FORMATS: _peer}
