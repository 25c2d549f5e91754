"""Exports by sector: the one value to believe of each period; a year ago, and ICT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sanad.verify.known import Known
from sanad.verify.marts.expected import Row
from sanad.verify.marts.exports import Exports, chosen, within_ict
from sanad.verify.marts.rupees import Rupees
from sanad.verify.marts.services_trade import flag_of, origin_of

_ICT = "ict_total"
_CALL_CENTRES = "call_centres"


def sector_exports(known: Known) -> Iterable[Row]:
    """``mart_sector_exports``."""
    exports = known.once(chosen)
    by_span: dict[tuple[Any, ...], list[Exports]] = defaultdict(list)
    for (sector, _), one in sorted(exports.items()):
        by_span[sector, *one.lines[0].span].append(one)
    of_ict, rupees = within_ict(), Rupees(known, exports)
    for (sector, code), now in exports.items():
        first, release = now.lines[0], now.newest.release
        before = _newest(by_span[sector, *map(_year_before, first.span)], now)
        ict = exports.get((_ICT, code)) if sector in of_ict else None
        in_rupees, behind = rupees.of(sector, now)
        cited = [
            *behind,
            *(said for one in (now, before, ict) if one for said in zip(one.prints, one.states, strict=True)),
        ]
        yield (
            (sector, code),
            {
                "period_kind": first.period_kind,
                "period_start": first.span[0],
                "period_end": first.span[1],
                "exports_resolution_usd_thousand": now.width,
                "disputed": now.disputed,
                "flag": flag_of(now.states),
                "corrected": any(state.corrected for _, state in cited),
                "exports_origin": now.origin.value,
                "origin": origin_of(one for one, _ in cited),
                "basis": now.basis.value,
                "dataset": release.dataset,
                "edition": release.edition or f"#{release.sha256[:8]}",
                "published_on": release.published_on,
                "source_url": release.url,
                "exports_figure_ids": now.ids,
                "exports_less_figure_ids": now.less_ids,
                "exports_year_ago_figure_ids": before.ids if before else None,
                "exports_year_ago_less_figure_ids": before.less_ids if before else None,
                "ict_exports_figure_ids": ict.ids if ict else None,
                "ict_exports_less_figure_ids": ict.less_ids if ict else None,
                **in_rupees,
            },
        )


def call_centres(known: Known) -> Iterable[Row]:
    """``mart_call_centres``: the rows of that sector."""
    for (sector, code), columns in sector_exports(known):
        if sector == _CALL_CENTRES:
            yield (code,), columns


def _newest(of_one_span: list[Exports], beside: Exports) -> Exports | None:
    """The newest, then the one of the same kind, then the first by its code."""

    def rank(one: Exports) -> Any:
        return one.newest.release.order, one.lines[0].period_kind == beside.lines[0].period_kind

    return max(of_one_span, key=rank, default=None)


def _year_before(day: date | None) -> date | None:
    return day.replace(year=day.year - 1) if day else None
