"""The balance of payments beside trade in services, each at its newest print."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sanad.verify.declared import seed
from sanad.verify.known import Known, Print, State
from sanad.verify.marts.claims.printed import apart, interval, told
from sanad.verify.marts.expected import Row
from sanad.verify.marts.services_trade import origin_of, period
from sanad.words.numbers import six_places

_BALANCE = "net"


def cross_checks(known: Known) -> Iterable[Row]:
    """``mart_cross_checks``."""
    pairs = {row["bop_line_code"]: (row["ebops_code"], row["measure"]) for row in seed("cross_check")}
    steps = _steps(known)
    for (line, _, code), (one, state) in known.newest.items():
        if line in pairs:
            ebops_code, measure = pairs[line]
            parts = [line] if measure != _BALANCE else [part for part, (_, of) in pairs.items() if of != _BALANCE]
            step = sum((steps.get((one.release.release_id, part, code), Decimal(0)) for part in parts), Decimal(0))
            beside = known.newest.get((ebops_code, measure, code))
            yield (ebops_code, measure, code), {"bop_line_code": line, **_compared(one, state, step, beside)}


def _steps(known: Known) -> dict[tuple[int, str, str | None], Decimal]:
    """The rounding of each print; a fraction that is stored has none."""
    return {
        (one.release.release_id, one.series_code, one.period_code): one.resolution or Decimal(0)
        for one, _ in known.standing
    }


def _compared(one: Print, state: State, step: Decimal, beside: tuple[Print, State] | None) -> dict[str, Any]:
    bounds = (None, None) if state.value is None else interval(state.value, step, None)
    trade = None if beside is None or beside[1].value is None else six_places(beside[1].value / 1000)
    gap = None if trade is None or state.value is None else apart(bounds, (trade, trade))
    cited = [(one, state), *([beside] if beside else [])]
    return {
        **period(one),
        **_side("bop_summary", (one, state)),
        "bop_summary_low_usd_million": bounds[0],
        "bop_summary_high_usd_million": bounds[1],
        **_side("services_trade", beside),
        "distance_usd_million": gap,
        "verdict": "cannot be checked" if gap is None else "differ" if gap else "agree",
        "reason": _reason(one, state, bounds, beside, trade, gap),
        "origin": origin_of(cited_print for cited_print, _ in cited),
        "corrected": any(cited_state.corrected for _, cited_state in cited),
    }


def _side(name: str, said: tuple[Print, State] | None) -> dict[str, Any]:
    one, state = said or (None, None)
    return {
        f"{name}_flag": state.flag if state else None,
        f"{name}_edition": one.release.edition if one else None,
        f"{name}_published_on": one.release.published_on if one else None,
        f"{name}_figure_ids": [one.figure_id] if one else None,
    }


def _reason(
    one: Print,
    state: State,
    bounds: tuple[Decimal | None, Decimal | None],
    beside: tuple[Print, State] | None,
    trade: Decimal | None,
    gap: Decimal | None,
) -> str:
    if beside is None:
        return "Cannot be checked: trade in services prints nothing of this period."
    if gap is None:
        return "Cannot be checked: one of the two prints no number."
    low, high = map(told, bounds)
    rounded = " million US$ is not rounded" if low == high else f" stands for {low} to {high} million US$"
    words = f"{told(state.value)}{rounded}; {told(trade)}"
    if not gap:
        return f"{words} lies within."
    ours, theirs = beside[0].release.published_on, one.release.published_on
    days = f"Trade in services was published on {ours}, the balance of payments on {theirs}: a revision may lie between"
    why = "Both were published on one day: no revision lies between" if ours == theirs else days
    return f"{words} is {told(gap)} away, which no rounding explains. {why} them."
