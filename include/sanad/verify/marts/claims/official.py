"""What SBP's releases had said by a day, of the sectors that claims are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from sanad.verify.declared import seed
from sanad.verify.known import Known, Print, State
from sanad.verify.marts.claims.printed import Span
from sanad.verify.marts.derived import differences
from sanad.words.numbers import six_places

TRADE, BALANCE = "sbp/trade_in_services", "sbp/bop_summary"
_Of = dict[tuple[str, Span], "Official"]


class Official(NamedTuple):
    """A sector's exports in a span, million US dollars, as the interval that is printed, and by which figures."""

    low: Decimal
    high: Decimal
    figure_ids: list[int]


class Published:
    """SBP's figures as they stood on any day."""

    def __init__(self, known: Known) -> None:
        self._known = known.of(frozenset({TRADE, BALANCE}))
        self._days: dict[date, dict[tuple[str, Span], Official]] = {}

    @cached_property
    def _dates(self) -> list[date]:
        return sorted({one.published_on for one in self._known.visible})

    def on(self, day: date) -> dict[tuple[str, Span], Official]:
        """By sector and span, what was published up to and including a day."""
        issued = [one for one in self._dates if one <= day]
        if not issued:
            return {}
        if issued[-1] not in self._days:
            self._days[issued[-1]] = self._as_of(issued[-1])
        return self._days[issued[-1]]

    def _as_of(self, day: date) -> dict[tuple[str, Span], Official]:
        releases = {number: one for number, one in self._known.releases.items() if one.published_on <= day}
        prints = [one for one in self._known.prints if one.release.release_id in releases]
        return _sectors(Known(self._known.seq, self._known.built_at, releases, prints))


def _sectors(known: Known) -> dict[tuple[str, Span], Official]:
    """Trade in services first, then the balance of payments, then differences."""
    lines: dict[str, list[str]] = defaultdict(list)
    for row in seed("sector_ebops_line"):
        lines[row["sector_code"]].append(row["ebops_code"])
    trade = known.of(frozenset({TRADE}))
    found: _Of = {}
    for of_line in (_printed(trade), _summarised(known.of(frozenset({BALANCE}))), _derived(trade)):
        for sector, of_sector in lines.items():
            for span in {span for _, span in of_line}:
                whole = [of_line[line, span] for line in of_sector if (line, span) in of_line]
                if len(whole) == len(of_sector) and (sector, span) not in found:
                    found[sector, span] = _added(whole)
    return found


def _newest(known: Known) -> list[tuple[str, str, Print, Decimal]]:
    """Series, measure, print and value, the newest last."""
    newest = sorted(known.newest.items(), key=lambda item: (item[1][0].release.order, item[1][0].figure_id))
    return [
        (series, measure, one, state.value)
        for (series, measure, _), (one, state) in newest
        if state.value is not None
    ]  # fmt: skip


def _printed(trade: Known) -> _Of:
    return {
        (series, one.span): Official(value / 1000, value / 1000, [one.figure_id])
        for series, measure, one, value in _newest(trade)
        if measure == "credit"
    }


def _summarised(balance: Known) -> _Of:
    """Of the lines that the balance of payments prints too; a fraction that it stores is not rounded."""
    lines = {row["bop_line_code"]: row["ebops_code"] for row in seed("cross_check") if row["measure"] == "credit"}
    found = {}
    for series, _, one, value in _newest(balance):
        if series in lines:
            half = (one.resolution or Decimal(0)) / 2
            found[lines[series], one.span] = Official(value - half, value + half, [one.figure_id])
    return found


def _derived(trade: Known) -> _Of:
    return {
        (series, (one.start, one.end)): _difference(one.whole, one.less)
        for (series, measure), one in differences(trade)
        if measure == "credit" and all(state.value is not None for _, state in (one.whole, *one.less))
    }


def _difference(whole: tuple[Print, State], less: Iterable[tuple[Print, State]]) -> Official:
    parts = list(less)
    value = (whole[1].value or Decimal(0)) - sum((state.value or Decimal(0) for _, state in parts), Decimal(0))
    ids = sorted([whole[0].figure_id, *(one.figure_id for one, _ in parts)])
    return Official(value / 1000, value / 1000, ids)


def _added(lines: list[Official]) -> Official:
    low = six_places(sum((one.low for one in lines), Decimal(0)))
    high = six_places(sum((one.high for one in lines), Decimal(0)))
    return Official(low, high, sorted(id_ for one in lines for id_ in one.figure_ids))
