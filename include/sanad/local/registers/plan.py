"""What the registers are drawn from: ``registers.yml`` and the lists of places, towns and labels beside it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sanad.local.registers import months
from sanad.local.registers.draws import Draws
from sanad.local.registers.months import Month
from sanad.words import settings


@dataclass(frozen=True)
class Edition:
    """One issue of every register: what is true in its month. ``listed`` describes the list handed over in it."""

    edition: str
    published_at: datetime
    listed: Mapping[str, Any]

    @property
    def month(self) -> Month:
        """The month whose registrations it shows."""
        return months.parse(self.edition)

    def __hash__(self) -> int:
        return hash(self.edition)


@dataclass(frozen=True)
class Plan:
    """The data files, read. Weights are relative; ``places`` maps a place to its printed forms with their weights."""

    words: Mapping[str, Any]
    editions: tuple[Edition, ...]
    places: Mapping[str, Mapping[str, float]]
    towns: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, Mapping[str, float]]

    @property
    def draws(self) -> Draws:
        """The draws of these registers."""
        return Draws(self.words["seed"])

    @property
    def shares(self) -> Mapping[str, Any]:
        """How often things happen."""
        shares: Mapping[str, Any] = self.words["shares"]
        return shares

    @property
    def cities(self) -> tuple[str, ...]:
        """Every city as it is printed, also misspelt."""
        return tuple(printed for forms in self.places.values() for printed in forms if printed)

    @property
    def horizon(self) -> Month:
        """The last month of which anything is known."""
        return self.editions[-1].month


@cache
def plan() -> Plan:
    """The bundled plan."""
    folder = settings.project() / "include" / "bundled" / "pseb"
    words = yaml.safe_load((folder / "registers.yml").read_text(encoding="utf-8"))
    editions = (Edition(each["edition"], each["published_at"], each["list"]) for each in words["editions"])
    return Plan(
        words,
        tuple(editions),
        _weights(folder / "places.csv", "place"),
        _towns(folder / "towns.csv"),
        _weights(folder / "labels.csv", "field"),
    )


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _weights(file: Path, key: str) -> dict[str, dict[str, float]]:
    """The printed forms of each key with their weights."""
    found: dict[str, dict[str, float]] = {}
    for row in _rows(file):
        found.setdefault(row[key], {})[row["printed"]] = float(row["weight"])
    return found


def _towns(file: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in _rows(file):
        found[row["city"]] = (*found.get(row["city"], ()), row["town"])
    return found
