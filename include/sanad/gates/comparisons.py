"""Gates that compare a reading with the release before it. They find nothing wrong with a dataset's first."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sanad.extract import Figure
from sanad.gates.occasion import Occasion, Quantity
from sanad.registry import Gate
from sanad.words.errors import Finding, UsageError
from sanad.words.numbers import plain
from sanad.words.periods import Period


def edition_gap(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """The edition follows the one before it, or is that one again."""
    before, edition = occasion.before, occasion.reading.edition
    if before is None or edition is None or edition == before.edition:
        return
    ended = Period.parse(before.edition).end
    if Period.parse(edition).start != ended:
        yield Finding(
            gate.gate,
            gate.consequence,
            f"the edition that begins {ended}, after {before.handle}",
            edition,
        )


def _compared(occasion: Occasion) -> Iterator[tuple[Figure, Decimal | None]]:
    """Each figure whose quantity the release before displayed too, with what it printed then."""
    if occasion.before is None:
        return
    for figure in occasion.reading.figures:
        if figure.period:
            quantity = Quantity(figure.series_code, figure.measure, *figure.period.span)
            if quantity in occasion.before.values:
                yield figure, occasion.before.values[quantity]


def value_moved(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """No value left [1/factor, factor] times what it was by more than ``at_least``; a changed sign leaves it too."""
    factor, at_least = _declared(gate, "factor"), _declared(gate, "at_least")
    for figure, was in _compared(occasion):
        if figure.value is None or was is None or abs(figure.value - was) <= at_least:
            continue
        if not _within(figure.value, was, factor):
            yield Finding(
                gate.gate,
                gate.consequence,
                f"{_named(figure)} within {factor} times {plain(was)}, as in {_handle(occasion)}",
                plain(figure.value),
                figure.locator,
            )


def turned_missing(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """What was a number is a number still."""
    for figure, was in _compared(occasion):
        if figure.value is None and was is not None:
            yield Finding(
                gate.gate,
                gate.consequence,
                f"{_named(figure)} a number, as in {_handle(occasion)}: {plain(was)}",
                figure.null_reason or "no value",
                figure.locator,
            )


def scale_jump(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """``measure`` of line ``series`` in the newest month is within ``factor`` times that of the release before.

    Thousand for million, and the other way round; the two months differ, so the factor must leave room for a season.
    """
    factor, series, measure = _declared(gate, "factor"), _declared(gate, "series"), _declared(gate, "measure")
    if occasion.before is None or occasion.reading.edition is None:
        return
    was = occasion.before.values.get(Quantity(series, measure, *Period.parse(occasion.before.edition).span))
    span = Period.parse(occasion.reading.edition).span
    for figure in occasion.reading.figures:
        newest = (figure.series_code, figure.measure) == (series, measure) and figure.period
        if not newest or newest.span != span or figure.value is None or not was:
            continue
        if not _within(figure.value, was, factor):
            yield Finding(
                gate.gate,
                gate.consequence,
                f"{_named(figure)} within {factor} times {plain(was)}, that of {_handle(occasion)}",
                plain(figure.value),
                figure.locator,
            )


def _within(value: Decimal, was: Decimal, factor: Decimal) -> bool:
    """Whether value / was lies in [1/factor, factor]."""
    low, high = sorted((was / factor, was * factor))
    return low <= value <= high


def _declared(gate: Gate, field: str) -> Any:
    value = getattr(gate, field)
    if value is None:
        raise UsageError(f"the registry declares the gate '{gate.gate}' without its {field}")
    return value


def _named(figure: Figure) -> str:
    return f"{figure.measure} of line {figure.series_code} for {figure.period}"


def _handle(occasion: Occasion) -> str:
    return occasion.before.handle if occasion.before else "no release"
