"""A small chart of a figure's prints, as the geometry of an SVG; the template draws it and the table below says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sanad_pages.prints import Print

HEIGHT = 196
_LEFT, _RIGHT, _TOP, _BOTTOM = 24, 24, 40, 76
#: From a mark to its value's baseline.
_ABOVE, _BELOW = -16, 26
#: Between two prints.
_STEP = 120
_LEAST_WIDTH = 340
#: A line is flat unless the prints differ by at least this share of their size.
_LEAST_RANGE = Decimal("0.01")


@dataclass(frozen=True)
class Point:
    """One print: where its mark stands, where its value is written, out of the line's way, and the print itself."""

    x: float
    y: float
    text_y: float
    shown: Print


@dataclass(frozen=True)
class Chart:
    """The marks from the first to the newest print, and the line that joins them."""

    width: int
    points: tuple[Point, ...]

    @property
    def line(self) -> str:
        """The line as SVG's points."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


def chart(prints: Sequence[Print]) -> Chart | None:
    """The chart of two prints or more that have a value; one alone draws no line."""
    valued = [(one, one.value) for one in prints if one.value is not None]
    if len(valued) < 2:
        return None
    width = max(_LEAST_WIDTH, _LEFT + _RIGHT + _STEP * len(valued))
    values = [value for _, value in valued]
    middle = (max(values) + min(values)) / 2
    half = max((max(values) - min(values)) / 2, abs(middle) * _LEAST_RANGE / 2, Decimal("0.000001"))
    across = (width - _LEFT - _RIGHT - _STEP) / (len(valued) - 1)
    points = []
    for place, (one, value) in enumerate(valued):
        y = _TOP + float((middle + half - value) / (2 * half)) * (HEIGHT - _TOP - _BOTTOM)
        falls = place > 0 and value < values[place - 1]
        points.append(Point(_LEFT + _STEP / 2 + across * place, y, y + (_BELOW if falls else _ABOVE), one))
    return Chart(width, tuple(points))
