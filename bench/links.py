"""Linking names without keys: how right, how fast and how large, by `sanad.link` and by Splink.

The threshold was chosen on seed 1 (`include/names/weights.yml`); everything shown here is of other seeds.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from math import log
from pathlib import Path
from typing import Any

from bench.installation import PROJECT
from bench.labelled import OTHERS, SAME, Labelled, labelled
from bench.measure import Goal, Report, significant, versions
from sanad.link.evidence import weights
from sanad.link.match import match

SEEDS, SIZE, CURVE, LARGEST = (2, 3, 4), 20_000, (5_000, 20_000, 200_000), 200_000
GROUP, GROWTH = f"{SIZE:,} x {SIZE:,} names", "by size"
OURS, SPLINK = "Sanad: keys, bits, RapidFuzz", "Splink on DuckDB"
_TRAINED_ON, _TRAINED_SIZE = 1, 5_000

Best = dict[str, tuple[str, float]]


def run() -> Report:
    report = Report("links", "Linking names", peers={GROUP: SPLINK})
    told = []
    for seed in SEEDS:
        told.append(_process(report, GROUP, OURS, "sanad", seed, SIZE))
    _process(report, GROUP, SPLINK, "splink", SEEDS[0], SIZE)
    for size in CURVE:
        _process(report, GROWTH, f"{size:,} x {size:,} names", "sanad", SEEDS[0], size)
    report.versions = versions("rapidfuzz", "splink", "duckdb", "numpy")
    _judge(report)
    report.profile += _confusion(told)
    report.notes.append(
        "Invented firms, known with certificates, and as many asked for without: six in ten somebody known in another "
        "spelling, the others look-alikes (`bench/labelled.py`). Right is the share of links that are true, found the "
        "share of those known that are linked. Both get the same records and the same pairs; each run is a process of "
        "its own, its imports and the making of the set not counted. Splink learns from seed 1's labels, and its time "
        "holds that training; its threshold is ours."
    )
    return report


def measured(method: str, seed: int, size: int) -> dict[str, Any]:
    """One method on one labelled set: seconds, peak memory, and how often each sort came to what."""
    told = labelled(seed, size)
    trained_on = labelled(_TRAINED_ON, _TRAINED_SIZE) if method == "splink" else None
    began = time.perf_counter()
    best = _by_splink(told, trained_on) if trained_on else by_sanad(told)
    seconds = time.perf_counter() - began
    peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
    return {"seconds": seconds, "peak": peak, "confusion": confusion(told, best)}


def by_sanad(told: Labelled) -> Best:
    """The most probable of those known for each asked for."""
    best: Best = {}
    for one in match(told.known, [asked.record for asked in told.asked]):
        best.setdefault(one.asked_id, (one.known_id, one.probability))
    return best


def _by_splink(told: Labelled, trained_on: Labelled) -> Best:
    from bench.linking_by_splink import best

    return best(told.known, [asked.record for asked in told.asked], trained_on)


def confusion(told: Labelled, best: Best) -> dict[str, Counter[str]]:
    """By sort: linked to the right one, linked to a wrong one, candidates for a person, not linked."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for one in told.asked:
        whom, probability = best.get(one.record.record_id, ("", 0.0))
        if probability >= weights().linked:
            outcome = "right" if whom == one.truth else "wrong"
        else:
            outcome = "candidate" if probability >= weights().candidate else "none"
        counted[one.sort][outcome] += 1
    return counted


def shares(counted: dict[str, Counter[str]]) -> tuple[float, float]:
    """How many links are right, and how many of those known are linked rightly (precision, recall)."""
    right = sum(one["right"] for one in counted.values())
    wrong = sum(one["wrong"] for one in counted.values())
    return right / max(1, right + wrong), right / sum(counted[sort].total() for sort in SAME if sort in counted)


def _process(report: Report, group: str, title: str, method: str, seed: int, size: int) -> dict[str, Counter[str]]:
    program = f"import json; from bench.links import measured; print(json.dumps(measured({method!r}, {seed}, {size})))"
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    counted = {sort: Counter(outcomes) for sort, outcomes in told["confusion"].items()}
    right, found = shares(counted)
    row = report.result(group, title)
    row.seconds.append(told["seconds"])
    row.more["peak MiB"] = round(max(told["peak"], row.more.get("peak MiB", 0)))
    row.more["right, least"] = round(min(right, row.more.get("right, least", 1)), 4)
    row.more["found, least"] = round(min(found, row.more.get("found, least", 1)), 4)
    return counted


def _judge(report: Report) -> None:
    ours, largest = report.result(GROUP, OURS), report.of(GROWTH)[-1]
    first = report.of(GROWTH)[0]
    exponent = log(largest.median / first.median) / log(CURVE[-1] / CURVE[0])
    right, found = ours.more["right, least"], ours.more["found, least"]
    report.goals += [
        Goal("at least 0.99 of links right, on every seed", f"{right}", right >= 0.99),
        Goal("at least 0.95 of those known found, on every seed", f"{found}", found >= 0.95),
        Goal(f"{GROUP} below 60 s", f"{significant(ours.median)} s", ours.median < 60),
        Goal(f"{LARGEST:,} x {LARGEST:,} below 15 min", f"{significant(largest.median)} s", largest.median < 900),
        Goal("and in 4 GiB", f"{largest.more['peak MiB']} MiB", largest.more["peak MiB"] < 4096),
        Goal("time grows with an exponent below 1.3", f"{exponent:.2f}", exponent < 1.3),
    ]


def _confusion(told: list[dict[str, Counter[str]]]) -> list[str]:
    lines = []
    for sort in (*SAME, *OTHERS):
        total = sum((one[sort] for one in told), Counter())
        outcomes = (f"{total[one]:,} {one}" for one in ("right", "wrong", "candidate", "none"))
        lines.append(f"{sort}: {', '.join(outcomes)}")
    return lines
