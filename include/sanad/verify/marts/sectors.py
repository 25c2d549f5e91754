"""Exports by sector: the newest prints of a sector's lines, the same span a year ago, and ICT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sanad.verify.declared import seed
from sanad.verify.known import Known, Print, State
from sanad.verify.marts.expected import Row
from sanad.verify.marts.services_trade import flag_of, origin_of, period
from sanad.words.vocabulary import Basis

_ICT = "ict_total"
_CALL_CENTRES = "call_centres"


@dataclass(frozen=True)
class _Exports:
    """The exports of a sector in a period: the newest print of each of its lines."""

    prints: list[Print]
    states: list[State]

    @property
    def newest(self) -> Print:
        return max(self.prints, key=lambda one: one.release.order)

    @property
    def ids(self) -> list[int]:
        return sorted(one.figure_id for one in self.prints)


def sector_exports(known: Known) -> Iterable[Row]:
    """``mart_sector_exports``."""
    exports = _exports(known)
    by_span: dict[tuple[Any, ...], list[_Exports]] = defaultdict(list)
    for (sector, _), one in sorted(exports.items()):
        by_span[sector, *one.newest.span].append(one)
    within_ict = {row["sector_code"] for row in seed("sector") if row["is_within_ict"] == "true"}
    for (sector, code), now in exports.items():
        before = _newest(by_span[sector, *map(_year_before, now.newest.span)], now)
        ict = exports.get((_ICT, code)) if sector in within_ict else None
        cited = [*now.prints, *(before.prints if before else []), *(ict.prints if ict else [])]
        yield (
            (sector, code),
            {
                **period(now.newest),
                "flag": flag_of(now.states),
                "corrected": any(state.corrected for one in (now, before, ict) if one for state in one.states),
                "origin": origin_of(cited),
                "basis": (Basis.PRINTED if len(now.prints) == 1 else Basis.DERIVED).value,
                "dataset": now.newest.release.dataset,
                "edition": now.newest.release.edition,
                "published_on": now.newest.release.published_on,
                "exports_figure_ids": now.ids,
                "exports_year_ago_figure_ids": before.ids if before else None,
                "ict_exports_figure_ids": ict.ids if ict else None,
            },
        )


def call_centres(known: Known) -> Iterable[Row]:
    """``mart_call_centres``: the rows of that sector."""
    for (sector, code), columns in sector_exports(known):
        if sector == _CALL_CENTRES:
            yield (code,), columns


def _exports(known: Known) -> dict[tuple[str, str], _Exports]:
    """By sector and period, where every line of the sector is there: a sum with a line missing is another sum."""
    lines: dict[str, list[str]] = defaultdict(list)
    for row in seed("sector_ebops_line"):
        lines[row["sector_code"]].append(row["ebops_code"])
    codes = {code for _, measure, code in known.newest if measure == "credit"}
    exports = {}
    for sector, of_sector in lines.items():
        for code in codes:
            found = [known.newest.get((line, "credit", code)) for line in of_sector]
            whole = [one for one in found if one]
            if len(whole) == len(of_sector):
                exports[sector, code] = _Exports([one for one, _ in whole], [state for _, state in whole])
    return exports


def _newest(of_one_span: list[_Exports], beside: _Exports) -> _Exports | None:
    """The newest print, then the one of the same kind, then the first by its code."""

    def rank(one: _Exports) -> Any:
        return one.newest.release.order, one.newest.period_kind == beside.newest.period_kind

    return max(of_one_span, key=rank, default=None)


def _year_before(day: date | None) -> date | None:
    return day.replace(year=day.year - 1) if day else None
