"""Gates that look at a series along its months, each beside the one before it in the document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal, localcontext
from itertools import pairwise

from sanad.extract import Figure
from sanad.gates.occasion import Occasion
from sanad.registry import Gate
from sanad.words.errors import Finding
from sanad.words.numbers import plain
from sanad.words.periods import Period


def _monthly(occasion: Occasion) -> dict[tuple[str, str], list[tuple[Period, Figure]]]:
    """The figures of each series and measure that have a period, in the order of the document."""
    series: dict[tuple[str, str], list[tuple[Period, Figure]]] = defaultdict(list)
    for figure in occasion.reading.figures:
        if figure.period:
            series[figure.series_code, figure.measure].append((figure.period, figure))
    return series


def months_follow(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """Each series begins with the month ``first``, and every further month is the one after the month before it."""
    for figures in _monthly(occasion).values():
        begun, earliest = figures[0]
        if gate.first and begun.code != gate.first:
            yield _finding(gate, earliest, f"{gate.first} as the first month", begun.code)
        for (before, _), (period, figure) in pairwise(figures):
            if period.start != before.end:
                yield _finding(gate, figure, f"the month that begins {before.end}, after {before}", period.code)


def positive(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """Every figure that is there is above zero."""
    for figure in occasion.reading.figures:
        if figure.value is not None and figure.value <= 0:
            yield _finding(gate, figure, f"{_named(figure)} above zero", plain(figure.value))


def change_as_printed(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """The change in percent that is printed beside a month, ``change_pct``, is 100 x (previous / current - 1).

    Within the tolerance, half a step of what is shown. A month without a figure, or after one, has no change to check.
    """
    tolerance = gate.tolerance or Decimal(0)
    for figures in _monthly(occasion).values():
        for (_, before), (_, figure) in pairwise(figures):
            if before.value is None or not figure.value:
                continue
            with localcontext(prec=40):
                wanted = 100 * (before.value / figure.value - 1)
            printed = (figure.details or {}).get("change_pct")
            if printed is None or abs(Decimal(printed) - wanted) > tolerance:
                expected = f"a change of {wanted:.4f} % from {plain(before.value)} to {plain(figure.value)}"
                yield _finding(gate, figure, expected, printed or "none printed")


def _finding(gate: Gate, figure: Figure, expected: str, found: str) -> Finding:
    return Finding(gate.gate, gate.consequence, expected, found, figure.locator)


def _named(figure: Figure) -> str:
    return f"{figure.measure} of {figure.series_code} for {figure.period}"
