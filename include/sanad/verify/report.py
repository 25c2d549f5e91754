"""What verification found: disagreements, counts, and what it did not cover."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sanad.verify.known import Print
from sanad.words.vocabulary import Scope, Verdict


@dataclass(frozen=True)
class Disagreement:
    """One thing that is not what it must be.

    ``area`` is archive, ledger, staging, registers or marts; ``subject`` a release, an event or a mart; ``key`` and
    ``measure`` name the row and the column where there is one, ``locator`` the place in the bytes.
    """

    area: str
    subject: str
    expected: str
    found: str
    key: str | None = None
    measure: str | None = None
    locator: str | None = None

    def __str__(self) -> str:
        """One line for people."""
        where = " ".join(filter(None, (self.subject, self.key, self.measure, self.locator)))
        return f"{self.area}: {where}: expected {self.expected}, found {self.found}"


@dataclass
class Staged:
    """What became of a release's staged rows: prints with archived values, counts, and all that disagrees."""

    prints: list[Print] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    unread: set[str] = field(default_factory=set)
    readers: set[str] = field(default_factory=set)
    disagreements: list[Disagreement] = field(default_factory=list)


@dataclass
class MartCount:
    """What was compared of one mart: ``values`` were recomputed by formula, ``rows`` compared as a whole."""

    verify_class: int
    rows: int = 0
    values: int = 0
    disagreements: int = 0


@dataclass
class Report:
    """The result of one verification. ``counts`` by area and thing; ``not_covered`` are sentences."""

    scope: Scope
    began_at: datetime
    seed: int | None = None
    head_seq: int = 0
    head_hash: str = ""
    built_seq: int | None = None
    seconds: float = 0.0
    readers: list[str] = field(default_factory=list)
    parsers: list[str] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    marts: dict[str, MartCount] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    not_covered: list[str] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """Whether anything disagrees."""
        return Verdict.DISAGREES if self.disagreements else Verdict.AGREES

    @property
    def classes(self) -> dict[str, int]:
        """How much was verified by class: values recomputed, register fields re-read, inputs of model outputs."""
        of_class = Counter({1: 0, 2: self.counts.get("registers", Counter())["fields"], 3: 0})
        for mart in self.marts.values():
            of_class[mart.verify_class] += mart.values
        return {str(number): count for number, count in sorted(of_class.items())}

    def count(self, area: str, thing: str, times: int = 1) -> None:
        """Add to a count."""
        self.counts.setdefault(area, Counter())[thing] += times

    def add(self, staged: Staged, figures: int, entries: int) -> None:
        """Take in what became of one release, of which so many figures and entries are staged."""
        self.count("staging", "figures", figures)
        self.count("staging", "figures re-read", staged.counts.pop("figures", 0))
        self.count("registers", "entries", entries)
        self.count("registers", "fields", staged.counts.pop("fields", 0))
        for thing, times in staged.counts.items():
            self.count("unjudged", thing, times)
        self.readers = sorted({*self.readers, *staged.readers})
        self.not_covered += sorted(staged.unread)
        self.disagreements += staged.disagreements

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **asdict(self),
            "scope": self.scope.value,
            "verdict": self.verdict.value,
            "classes": self.classes,
            "counts": {area: dict(counts) for area, counts in self.counts.items()},
        }
