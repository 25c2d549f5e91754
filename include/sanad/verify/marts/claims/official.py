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

SBP = "sbp/trade_in_services"


class Official(NamedTuple):
    """A sector's exports in a span, million US dollars, and the figures it is made of."""

    value: Decimal
    figure_ids: list[int]


class Published:
    """SBP's figures as they stood on any day."""

    def __init__(self, known: Known) -> None:
        self._known = known.of(frozenset({SBP}))
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
    lines: dict[str, list[str]] = defaultdict(list)
    for row in seed("sector_ebops_line"):
        lines[row["sector_code"]].append(row["ebops_code"])
    printed: dict[tuple[str, Span], Official] = {}
    newest = sorted(known.newest.items(), key=lambda item: (item[1][0].release.order, item[1][0].figure_id))
    for (series, measure, _), (one, state) in newest:
        if measure == "credit" and state.value is not None:
            printed[series, one.span] = Official(state.value, [one.figure_id])
    derived: dict[tuple[str, Span], Official] = {
        (series, (one.start, one.end)): _difference(one.whole, one.less)
        for (series, measure), one in differences(known)
        if measure == "credit" and all(state.value is not None for _, state in (one.whole, *one.less))
    }
    found = {}
    for of_line in (printed, derived):
        for sector, of_sector in lines.items():
            for span in {span for _, span in of_line}:
                whole = [of_line[line, span] for line in of_sector if (line, span) in of_line]
                if len(whole) == len(of_sector) and (sector, span) not in found:
                    found[sector, span] = _added(whole)
    return found


def _difference(whole: tuple[Print, State], less: Iterable[tuple[Print, State]]) -> Official:
    parts = list(less)
    value = (whole[1].value or Decimal(0)) - sum((state.value or Decimal(0) for _, state in parts), Decimal(0))
    return Official(value, sorted([whole[0].figure_id, *(one.figure_id for one, _ in parts)]))


def _added(lines: list[Official]) -> Official:
    value = six_places(sum((one.value for one in lines), Decimal(0)) / 1000)
    return Official(value, sorted(id_ for one in lines for id_ in one.figure_ids))
