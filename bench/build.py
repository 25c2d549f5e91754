"""The marts' build as the Airflow task runs it: in a fresh process, imports counted."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections import Counter
from statistics import median

from bench.installation import DATASET, PROJECT, installation, server_version
from bench.measure import Goal, Report, significant, versions
from sanad.decide import Arrival, ingest
from sanad.local import bundled
from sanad.local.bundled import BundledRelease
from sanad.registry import dataset
from sanad.words.vocabulary import Origin

RUNS = 3
MOST = 0.1
GROUP = "build()"
FIRST, ARRIVED, NOTHING_NEW, STANDING, START, IMPORT = (
    "the first build, tables made",
    "one release arrived",
    "nothing changed",
    "nothing changed, as the task asks first",
    "dbt's start: nothing selected",
    "of it, Python's start and dbt's import",
)
_BUILD = """
import json
from sanad.warehouse.dbt import build
result = build(select={select!r})
print(json.dumps([(node.name, node.resource_type, node.seconds) for node in result.nodes]))
"""
_IMPORT = """
import dbt.adapters.postgres.impl, dbt.cli.main
print("[]")
"""
_STANDING = """
from sanad.warehouse.dbt import standing
assert standing().up_to_date
print("[]")
"""


def run(runs: int = RUNS) -> Report:
    report = Report("build", "Building the marts")
    nodes: list[tuple[str, str, float]] = []
    for turn in range(runs):  # a warehouse of its own each time: a release arrives once
        with installation():
            first, second = bundled.editions(DATASET)
            arrives(first)
            _process(report, FIRST, _build())
            arrives(second)
            nodes = _process(report, ARRIVED, _build())
            _process(report, NOTHING_NEW, _build())
            _process(report, STANDING, _STANDING)
            _process(report, START, _build("tag:there_is_no_such_tag"))
            _process(report, IMPORT, _IMPORT)
            if turn == runs - 1:
                report.versions = versions("dbt-core", "dbt-postgres") | {"PostgreSQL": server_version()}
    _judge(report, nodes)
    return report


def arrives(release: BundledRelease) -> None:
    arrival = Arrival(
        {"dt.xls": bundled.render(release)},
        Origin.TRANSCRIBED,
        "bench",
        "handed over",
        http_last_modified=release.last_saved,
    )
    assert ingest(dataset(DATASET), arrival).event == "accepted"


def _build(select: str | None = None) -> str:
    return _BUILD.format(select=select)


def _process(report: Report, what: str, program: str) -> list[tuple[str, str, float]]:
    """A process from start to end, its processor's seconds beside the clock's; gives the nodes it prints."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
    row = report.result(GROUP, what)
    row.seconds.append(time.perf_counter() - began)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    row.more["least CPU s"] = min(round(used, 2), row.more.get("least CPU s", used))
    return json.loads(done.stdout.splitlines()[-1])


def _judge(report: Report, nodes: list[tuple[str, str, float]]) -> None:
    arrived, start = report.result(GROUP, ARRIVED), report.result(GROUP, START)
    beyond = median(one - other for one, other in zip(arrived.seconds, start.seconds, strict=True)) / len(nodes)
    # on a machine that is busy with other things a start alone can take longer than a start with nodes
    measured = f"{significant(beyond)} s" if beyond > 0 else "noise: in the same turn the start alone took longer"
    report.goals += [
        Goal("below 6 s when one release arrived", f"{significant(arrived.median)} s", arrived.median < 6),
        Goal(f"at most {MOST} s a node beyond dbt's start", measured, 0 < beyond <= MOST),
    ]
    kinds = Counter(kind for _, kind, _ in nodes)
    report.notes.append(
        f"{len(nodes)} nodes ({', '.join(f'{count} {kind}s' for kind, count in kinds.most_common())}) of the bundled "
        "releases. Each run is a process of its own, from its start to its end: Python's start, dbt's import, its "
        "reading of the project (partial parse from the run before), the nodes, the record in `ops.dbt_result`. The "
        "Airflow task has its own start besides, and asks `standing()` first. CPU seconds are the process's own, "
        "without the server's: they do not wait for whatever else the machine does."
    )
    by_kind = {kind: sum(seconds for _, k, seconds in nodes if k == kind) for kind in kinds}
    report.profile += [f"{kind}s: {seconds:.2f} s in {kinds[kind]} nodes" for kind, seconds in by_kind.items()]
    slow = sorted((node for node in nodes if node[2] > MOST), key=lambda node: -node[2])
    told = ", ".join(f"`{name}` {seconds:.2f} s" for name, _, seconds in slow) or "none"
    report.profile.append(f"nodes above {MOST} s of their own, which two threads share: {told}")
