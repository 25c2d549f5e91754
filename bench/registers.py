"""A register from bytes to staged rows: cut, archived, read, judged and loaded, each time in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from math import log
from pathlib import Path

from bench.installation import PROJECT, installation, server_version
from bench.measure import Goal, Report, significant, versions
from sanad.local import registers
from sanad.local.registers.tables import Table, write

ROWS = 20_000
CURVE = (10_000, 100_000, 1_000_000)
RUNS = 3
LIST, EXPORT = "pseb/registration_list", "pseb/registry_export"
FORMS, GROWTH = f"{ROWS:,} rows to staged", "a .csv list by rows"
#: Seconds that a form may take; the interpreter's start is not counted.
GOALS = {"xlsx": 3.0, "csv": 3.0, "json": 3.0, "pdf": 60.0}
MOST_MIB = 300
_HEADINGS = ("S.No", "Registration No", "Company Name", "City", "Category", "Valid From", "Valid Till", "Owner", "CNIC")
_TAKE = """
import json, re, sys, time
from pathlib import Path
from sanad.decide import Arrival, ingest
from sanad.registry import dataset
from sanad.words.vocabulary import Origin
import sanad.redact, sanad.warehouse.tables
path, source = Path(sys.argv[1]), dataset(sys.argv[2])
source = source.model_copy(update={"max_bytes": 1 << 30})
arrival = Arrival({path.name: path.read_bytes()}, Origin.SYNTHETIC, "bench", "handed over")
began, used = time.perf_counter(), time.process_time()
done = ingest(source, arrival)
seconds, cpu = time.perf_counter() - began, time.process_time() - used
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps([str(done.event), done.entries, seconds, cpu, peak]))
"""


def run(runs: int = RUNS) -> Report:
    report = Report("registers", "Registers")
    with installation(), tempfile.TemporaryDirectory() as folder:
        for turn in range(runs):
            for form, path, source in _files(Path(folder), turn):
                _take(report, FORMS, f".{form}", path, source, ROWS)
        for rows in CURVE:
            path = Path(folder) / f"curve-{rows}.csv"
            path.write_bytes(write(_table(rows, f"of {rows}"), "csv"))
            _take(report, GROWTH, f"{rows:,} rows", path, LIST, rows)
        report.versions = versions("lxml", "pypdfium2", "python-calamine") | {"PostgreSQL": server_version()}
    _judge(report)
    report.notes.append(
        "Synthetic rows of nine columns, two of them a person's and cut out (in the PDF, from which nothing can be "
        "cut, seven); the export's records have 35 keys. Seconds are from bytes to the committed rows and event files, "
        "in a fresh process, its imports not counted; CPU seconds are the process's own, without the server's. Peak "
        "memory is the whole process's."
    )
    return report


def _files(folder: Path, turn: int) -> Iterator[tuple[str, Path, str]]:
    """A register in each form; firms of other names each time, for one that says the same is not staged."""
    for form in ("csv", "xlsx", "html", "pdf"):
        if form == "pdf" and turn:
            continue  # the slowest by far
        path = folder / f"list-{turn}.{form}"
        path.write_bytes(write(_table(ROWS, f"{form} {turn}", personal=form != "pdf"), form))
        yield form, path, LIST
    path = folder / f"export-{turn}.json"
    path.write_bytes(_export(ROWS, turn))
    yield "json", path, EXPORT


def _table(rows: int, name: str, *, personal: bool = True) -> Table:
    columns = len(_HEADINGS) - 2 * (not personal)
    listed = (
        (
            number, f"Z-25-{number % 90_000 + 10_000}/25", f"Synthetic Firm {name} {number} (Pvt) Ltd", "Lahore",
            "IT Company", "Oct 2025", "Sep 2026", f"Synthetic Owner {number}", f"00000-{number % 10_000_000:07d}-0",
        )[:columns]
        for number in range(rows)
    )  # fmt: skip
    return Table(("List of February 2026",), _HEADINGS[:columns], tuple(listed), datetime(2026, 2, 5, tzinfo=UTC))


def _export(rows: int, turn: int) -> bytes:
    """The newest synthetic export, its records over again until there are enough."""
    document = json.loads(registers.render(registers.releases(EXPORT)[-1]))
    known = document["data"]["companies"]
    document["data"]["companies"] = [
        {**known[number % len(known)], "id": number, "city_name": f"Turn {turn}"} for number in range(rows)
    ]
    return json.dumps(document).encode()


def _take(report: Report, group: str, method: str, path: Path, source: str, rows: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _TAKE, str(path), source], cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True
    )
    event, entries, seconds, cpu, peak = json.loads(done.stdout.splitlines()[-1])
    assert (event, entries) == ("accepted", rows), (event, entries)
    row = report.result(group, method)
    row.seconds.append(seconds)
    row.more["least CPU s"] = min(round(cpu, 2), row.more.get("least CPU s", cpu))
    row.more["peak MiB"] = round(max(peak, row.more.get("peak MiB", 0)))


def _judge(report: Report) -> None:
    for form, most in GOALS.items():
        one = report.result(FORMS, f".{form}")
        measured = f"{significant(one.median)} s, of the processor {significant(one.more['least CPU s'])} s"
        report.goals.append(Goal(f".{form}: {ROWS:,} rows below {most:g} s", measured, one.median < most))
    peak = max(one.more["peak MiB"] for one in report.of(FORMS))
    report.goals.append(Goal(f"at most {MOST_MIB} MiB", f"{peak} MiB", peak <= MOST_MIB))
    first, last = report.of(GROWTH)[0], report.of(GROWTH)[-1]
    exponent = log(last.median / first.median) / log(CURVE[-1] / CURVE[0])
    report.goals.append(Goal("linear: time grows with an exponent below 1.1", f"{exponent:.2f}", exponent < 1.1))
