"""Runs, medians, ratios and goals, with the machine and the versions they were measured on."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass
class Result:
    """One method's runs in seconds. ``group`` tells tables apart; ``more`` are further columns of its row."""

    group: str
    method: str
    seconds: list[float]
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


@dataclass(frozen=True)
class Goal:
    """A goal with what was measured, as a reader sees both."""

    goal: str
    measured: str
    met: bool


@dataclass
class Report:
    """Everything one bench found. ``peers`` names the method that the others of a group are compared with."""

    name: str
    title: str
    peers: dict[str, str] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    profile: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=dict)
    began: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    load_before: list[float] = field(default_factory=lambda: list(os.getloadavg()))
    load_after: list[float] = field(default_factory=list)

    def result(self, group: str, method: str) -> Result:
        """The row of a method, made when it is first asked for."""
        for one in self.results:
            if (one.group, one.method) == (group, method):
                return one
        self.results.append(Result(group, method, []))
        return self.results[-1]

    def of(self, group: str) -> list[Result]:
        return [one for one in self.results if one.group == group]

    def ratio(self, one: Result) -> float | None:
        """How many times the peer's median a method's median is."""
        peer = self.peers.get(one.group)
        return one.median / self.result(one.group, peer).median if peer else None

    def save(self) -> Path:
        self.load_after = list(os.getloadavg())
        self.machine = machine()
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self.name}.json"
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")
        return path

    @classmethod
    def load(cls, path: Path) -> Report:
        read = json.loads(path.read_text())
        read["results"] = [Result(**one) for one in read["results"]]
        read["goals"] = [Goal(**one) for one in read["goals"]]
        return cls(**read)


def machine() -> dict[str, Any]:
    """Cores, memory and processor from /proc; the system's own word for itself."""
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(memory.split()[1]) / 1024**2, 1),
        "processor": models[0].partition(":")[2].strip() if models else platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
    }


def versions(*packages: str) -> dict[str, str]:
    """Python's version and those of packages."""
    return {"Python": platform.python_version(), **{package: version(package) for package in packages}}


def p95(seconds: list[float]) -> float:
    """What 19 of 20 runs keep below."""
    return statistics.quantiles(seconds, n=20)[-1]


def spread(seconds: Iterable[float]) -> str:
    """``0.310 (0.302-0.455)``: median, least and most."""
    runs = sorted(seconds)
    middle = significant(statistics.median(runs))
    return middle if len(runs) == 1 else f"{middle} ({significant(runs[0])}-{significant(runs[-1])})"


def significant(number: float) -> str:
    """Three significant digits, never in exponents: 0.0123, 1.23, 123, 12,300."""
    if number == 0:
        return "0"
    rounded = float(f"{number:.3g}")
    digits = max(0, 2 - int(f"{rounded:e}".partition("e")[2]))
    return f"{rounded:,.{digits}f}"
