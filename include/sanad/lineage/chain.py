"""The chain of one mart row, as it is handed on: to the command line, to JSON, to a page."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

#: A column of amounts ends in its unit; a column without one holds a count.
_UNITS = ("usd_thousand", "pkr_million", "pct")


@dataclass(frozen=True)
class Input:
    """One input measure of a value: the figures that are added, and those that are taken away from them.

    ``column`` and ``value`` are those of the measure in the row; both are None for ``prints``, the figures a statistic
    runs over.
    """

    measure: str
    column: str | None
    value: Decimal | None
    figures: list[dict[str, Any]]
    less: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Measure:
    """One value of the row: its formula over the inputs, as the mart's YAML declares it, and the inputs."""

    column: str
    value: Decimal | int | None
    formula: str
    inputs: list[Input]

    @property
    def unit(self) -> str | None:
        """``usd_thousand``, ``pkr_million``, ``pct``; None for a count."""
        return next((unit for unit in _UNITS if self.column.endswith(f"_{unit}")), None)


class AsOf(NamedTuple):
    """What was asked for: a day in the publisher's zone, an instant (None: now), and the schema of the marts."""

    published: date | None = None
    recorded: datetime | None = None
    schema: str = "marts"

    @property
    def is_now(self) -> bool:
        """Whether nothing but the newest was asked for."""
        return self == AsOf()


@dataclass(frozen=True)
class Chain:
    """The chain of one mart row.

    ``releases`` has every cited release once, with ``release`` (and its parts), ``extraction``, ``custody`` (its
    ledger events) and ``fetches`` (the first time each address brought its bytes, and how often since); each figure
    carries the same four. ``entries`` has the rows of registers that the row cites, as ``EntryChain`` has them,
    ``members`` whom its counts count, each with ``measure``, codes and ``entry_ids``. ``models`` are the dbt models
    the row passed, ``build`` the build that made it, ``ledger_head`` the newest ledger event when the question was
    asked.
    """

    mart: str
    key: dict[str, str]
    row: dict[str, Any]
    measures: list[Measure]
    models: list[str]
    build: dict[str, Any] | None
    releases: list[dict[str, Any]]
    as_of: AsOf
    ledger_head: dict[str, Any] | None
    entries: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)

    @property
    def joined_key(self) -> str:
        """The row's primary-key values joined by ``/``, as ``trace`` takes them."""
        return "/".join(self.key.values())

    def as_dict(self) -> dict[str, Any]:
        """For JSON; ids are text."""
        units = [{"unit": measure.unit, **asdict(measure)} for measure in self.measures]
        return {**asdict(self), "measures": units, "as_of": self.as_of._asdict()}
