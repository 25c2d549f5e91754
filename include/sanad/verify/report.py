"""What verification found: disagreements, counts, and what it did not cover."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sanad.verify.known import Print
from sanad.words.errors import Disagrees
from sanad.words.vocabulary import Scope, Verdict

#: Disagreements that are told where there is no room for all.
MOST_TOLD = 20


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
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
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
        of_class = Counter({1: 0, 2: self.counts["registers"]["fields"], 3: 0})
        for mart in self.marts.values():
            of_class[mart.verify_class] += mart.values
        return {str(number): count for number, count in sorted(of_class.items())}

    def count(self, area: str, thing: str, times: int = 1) -> None:
        """Add to a count."""
        self.counts[area][thing] += times

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

    @property
    def numbers(self) -> dict[str, Any]:
        """All counts, as they are kept."""
        return {
            "areas": {area: dict(counts) for area, counts in self.counts.items()},
            "marts": {name: asdict(mart) for name, mart in self.marts.items()},
            "classes": self.classes,
            "disagreements": len(self.disagreements),
        }

    @property
    def summary(self) -> str:
        """One line for people."""
        return summary(self.scope, self.verdict, self.numbers)

    def told(self, most: int = MOST_TOLD) -> list[str]:
        """The first disagreements, a line each, and how many more there are."""
        lines = [str(one) for one in self.disagreements[:most]]
        more = len(self.disagreements) - len(lines)
        return [*lines, f"and {more} more"] if more else lines

    def check(self) -> None:
        """Disagrees, with the first disagreements, when there are any."""
        if self.disagreements:
            raise Disagrees("\n".join([self.summary, *self.told()]))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        numbers = self.numbers
        return {
            "scope": self.scope,
            "verdict": self.verdict,
            "began_at": self.began_at,
            "seconds": self.seconds,
            "seed": self.seed,
            "head": {"seq": self.head_seq, "hash": self.head_hash},
            "built_seq": self.built_seq,
            "readers": self.readers,
            "parsers": self.parsers,
            "counts": numbers["areas"],
            "marts": numbers["marts"],
            "classes": self.classes,
            "waiting": self.waiting,
            "not_covered": self.not_covered,
            "disagreements": [asdict(one) for one in self.disagreements],
        }


def summary(scope: str, result: str, numbers: dict[str, Any]) -> str:
    """What a verification came to, from its counts."""
    staging, classes = numbers["areas"].get("staging", {}), numbers["classes"]
    read, staged = staging.get("figures re-read", 0), staging.get("figures", 0)
    said = f"{read:,} of {staged:,} figures read again from the archive"
    if scope == Scope.CHANGED:
        said = f"{read:,} figures read again from the archive, {staged - read:,} as verified before"
    if classes["2"]:
        said += f", {classes['2']:,} fields of registers too"
    said += f", {classes['1']:,} values of {len(numbers['marts'])} marts recomputed"
    if result == Verdict.AGREES:
        return f"{scope} verification: {said}: all agree"
    return f"{scope} verification: {said}: {numbers['disagreements']:,} disagreements"
