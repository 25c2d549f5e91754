"""Chance that is the same on every machine: each draw is a hash of what is drawn for whom, not the next of a series.

So a new sort of draw leaves all others as they were, and no draw depends on the order in which things are asked.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TypeVar

Option = TypeVar("Option")


class Draws:
    """What is drawn under a seed, and under further names below it."""

    def __init__(self, *names: object) -> None:
        self._names = "|".join(map(str, names))

    def under(self, *names: object) -> Draws:
        """The draws of one thing among those of this seed."""
        return Draws(self._names, *names)

    def share(self, what: str) -> float:
        """A number in [0, 1)."""
        digest = hashlib.sha256(f"{self._names}|{what}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48

    def happens(self, what: str, share: float) -> bool:
        """Whether something comes to pass that does in this share of cases."""
        return self.share(what) < share

    def number(self, what: str, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.share(what) * (high - low + 1))

    def one_of(self, what: str, options: Sequence[Option]) -> Option:
        """One of equally likely options."""
        return options[int(self.share(what) * len(options))]

    def weighted(self, what: str, options: Mapping[Option, float]) -> Option:
        """One of the options, each as likely as its weight among all weights."""
        reached = list(accumulate(options.values()))
        place = bisect_right(reached, self.share(what) * reached[-1])
        return list(options)[min(place, len(reached) - 1)]

    def some_of(self, what: str, options: Mapping[Option, float], at_most: int) -> tuple[Option, ...]:
        """One to ``at_most`` different options."""
        wanted = self.number(f"{what}, how many", 1, at_most)
        drawn = (self.weighted(f"{what} {turn}", options) for turn in range(wanted))
        return tuple(dict.fromkeys(drawn))
