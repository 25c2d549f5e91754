"""What a gate may look at, and what it must answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sanad.extract import Reading
from sanad.registry import Dataset, Gate
from sanad.words.errors import Finding


class Quantity(NamedTuple):
    """What a figure is a figure of; spans are equal whatever the kind of their periods."""

    series_code: str
    measure: str
    start: date
    end: date


@dataclass(frozen=True)
class Before:
    """The accepted release just before on the published axis: what it printed, None where it printed no number."""

    handle: str
    edition: str
    values: Mapping[Quantity, Decimal | None]


@dataclass(frozen=True)
class Occasion:
    """What a gate may look at: the dataset, the reading, when it was published, and the release before it.

    ``before`` is None for a dataset's first release, and may be None when no declared gate `compares`.
    """

    dataset: Dataset
    reading: Reading
    published_on: date
    before: Before | None = None


Check = Callable[[Occasion, Gate], Iterator[Finding]]
