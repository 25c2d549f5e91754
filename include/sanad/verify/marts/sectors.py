"""Exports by sector: the newest prints of a sector's lines, or what is derived of them; a year ago, and ICT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sanad.verify.declared import seed
from sanad.verify.known import Known, Print, State
from sanad.verify.marts.derived import differences
from sanad.verify.marts.expected import Row
from sanad.verify.marts.services_trade import flag_of, origin_of
from sanad.words.vocabulary import Basis, weakest_basis

_ICT = "ict_total"
_CALL_CENTRES = "call_centres"


class _Line(NamedTuple):
    """A line's exports in a period: what is added and what is taken away."""

    basis: Basis
    added: tuple[Print, State]
    less: list[tuple[Print, State]]
    period_kind: str | None
    span: tuple[date | None, date | None]


@dataclass(frozen=True)
class _Exports:
    """The exports of a sector in a period: of each of its lines."""

    lines: list[_Line]

    @property
    def prints(self) -> list[Print]:
        return [one for line in self.lines for one, _ in (line.added, *line.less)]

    @property
    def states(self) -> list[State]:
        return [state for line in self.lines for _, state in (line.added, *line.less)]

    @property
    def newest(self) -> Print:
        return max(self.prints, key=lambda one: one.release.order)

    @property
    def basis(self) -> Basis:
        sums = [Basis.DERIVED] if len(self.lines) > 1 else []
        return weakest_basis([*sums, *(line.basis for line in self.lines)])

    @property
    def ids(self) -> list[int]:
        return sorted(line.added[0].figure_id for line in self.lines)

    @property
    def less_ids(self) -> list[int] | None:
        return sorted(one.figure_id for line in self.lines for one, _ in line.less) or None


def sector_exports(known: Known) -> Iterable[Row]:
    """``mart_sector_exports``."""
    exports = _exports(known)
    by_span: dict[tuple[Any, ...], list[_Exports]] = defaultdict(list)
    for (sector, _), one in sorted(exports.items()):
        by_span[sector, *one.lines[0].span].append(one)
    within_ict = {row["sector_code"] for row in seed("sector") if row["is_within_ict"] == "true"}
    for (sector, code), now in exports.items():
        first = now.lines[0]
        before = _newest(by_span[sector, *map(_year_before, first.span)], now)
        ict = exports.get((_ICT, code)) if sector in within_ict else None
        cited = [one for one in (now, before, ict) if one]
        yield (
            (sector, code),
            {
                "period_kind": first.period_kind,
                "period_start": first.span[0],
                "period_end": first.span[1],
                "flag": flag_of(now.states),
                "corrected": any(state.corrected for one in cited for state in one.states),
                "origin": origin_of(one for exported in cited for one in exported.prints),
                "basis": now.basis.value,
                "dataset": now.newest.release.dataset,
                "edition": now.newest.release.edition,
                "published_on": now.newest.release.published_on,
                "exports_figure_ids": now.ids,
                "exports_less_figure_ids": now.less_ids,
                "exports_year_ago_figure_ids": before.ids if before else None,
                "exports_year_ago_less_figure_ids": before.less_ids if before else None,
                "ict_exports_figure_ids": ict.ids if ict else None,
                "ict_exports_less_figure_ids": ict.less_ids if ict else None,
            },
        )


def call_centres(known: Known) -> Iterable[Row]:
    """``mart_call_centres``: the rows of that sector."""
    for (sector, code), columns in sector_exports(known):
        if sector == _CALL_CENTRES:
            yield (code,), columns


def _exports(known: Known) -> dict[tuple[str, str], _Exports]:
    """By sector and period, where every line of the sector is printed, or every one derived.

    A sum with a line missing is another sum.
    """
    lines: dict[str, list[str]] = defaultdict(list)
    for row in seed("sector_ebops_line"):
        lines[row["sector_code"]].append(row["ebops_code"])
    exports = {}
    for found in (_printed(known), _derived(known)):
        for sector, of_sector in lines.items():
            for code in {code for _, code in found}:
                whole = [found[line, code] for line in of_sector if (line, code) in found]
                if len(whole) == len(of_sector):
                    exports[sector, code] = _Exports(whole)
    return exports


def _printed(known: Known) -> dict[tuple[str, str], _Line]:
    return {
        (series, code): _Line(Basis.PRINTED, said, [], said[0].period_kind, said[0].span)
        for (series, measure, code), said in known.newest.items()
        if measure == "credit"
    }


def _derived(known: Known) -> dict[tuple[str, str], _Line]:
    return {
        (series, one.period.code): _Line(one.basis, one.whole, one.less, one.period.kind.value, (one.start, one.end))
        for (series, measure), one in differences(known)
        if measure == "credit"
    }


def _newest(of_one_span: list[_Exports], beside: _Exports) -> _Exports | None:
    """The newest, then the one of the same kind, then the first by its code."""

    def rank(one: _Exports) -> Any:
        return one.newest.release.order, one.lines[0].period_kind == beside.lines[0].period_kind

    return max(of_one_span, key=rank, default=None)


def _year_before(day: date | None) -> date | None:
    return day.replace(year=day.year - 1) if day else None
