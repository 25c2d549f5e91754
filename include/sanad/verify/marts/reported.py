"""What others than SBP's workbook print of a sector's exports, and which of it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache

from sanad.verify.declared import seed
from sanad.verify.known import Known, Print
from sanad.verify.marts.claims.evidence import INCONSISTENT, Weighing, weighing_of
from sanad.verify.marts.claims.printed import FIGURES, NEVER, Claim, apart, interval
from sanad.verify.marts.derived import Said
from sanad.verify.marts.expected import Row
from sanad.verify.marts.prints import states
from sanad.verify.marts.services_trade import period
from sanad.words.vocabulary import Basis


@dataclass(frozen=True)
class Standing:
    """A print that stands; ``place_on`` is the day of the first print whose place it takes, or its own."""

    sector: str
    said: Said
    low: Decimal
    high: Decimal
    known_on: date
    place_on: date
    disputed: bool = False

    @property
    def print(self) -> Print:
        """The figure."""
        return self.said[0]


def prints(known: Known) -> Iterable[Row]:
    """``fct_reported_exports_print``."""
    read_as = known.once(weighing_of).read_as
    for one in known.prints:
        sector = read_as.get(one.figure_id, one.series_code)
        if one.release.dataset != FIGURES or not _is_level(one) or sector not in _sectors():
            continue
        said = one.details
        for (since, until), state in states(one):
            assert state.value is not None and one.resolution is not None  # noqa: S101 - its parser lets no other through
            low, high = interval(state.value, one.resolution, one.qualifier)
            yield (
                (said["claim_id"], one.release.release_id, since),
                {
                    **period(one),
                    "sector_code": sector,
                    "is_exchanged": one.figure_id in read_as,
                    "restates": said.get("restates"),
                    "period_code": one.period_code,
                    "printed_on": date.fromisoformat(said["published_on"]) if said.get("published_on") else None,
                    "published_on": one.release.published_on,
                    "published_seq": one.release.published_seq,
                    "superseded_at": until,
                    "resolution_usd_thousand": one.width_usd_thousand,
                    "low_usd_million": low,
                    "high_usd_million": high,
                    "origin": one.release.origin,
                    "basis": Basis.PRINTED.value,
                    "corrected": state.corrected,
                    "dataset": one.release.dataset,
                    "edition": one.release.edition,
                    "value_figure_ids": [one.figure_id],
                },
            )


def standing(known: Known) -> list[Standing]:
    """Levels of sectors that are neither found inconsistent now, nor part of an exchange of labels, nor replaced."""
    weighing = known.once(weighing_of)
    by_id = {one.claim_id: one for one in weighing.claims if one.is_weighed}
    replaced = {one.restates for one in by_id.values()}
    levels = (one for one in by_id.values() if _is_level(one.figure) and one.series in _sectors())
    found = [
        Standing(one.series, (one.figure, state), one.low, one.high, one.known_on, _place(one, by_id))
        for one in levels
        if one.claim_id not in replaced and one.figure_id not in weighing.read_as
        and not _is_inconsistent(one, weighing) and (state := one.figure.said())
    ]  # fmt: skip
    spans: dict[tuple[object, ...], list[Standing]] = defaultdict(list)
    for one in found:
        spans[one.sector, *one.print.span].append(one)
    return [
        replace(one, disputed=any(apart((one.low, one.high), (other.low, other.high)) > 0 for other in beside))
        for beside in spans.values()
        for one in beside
    ]


def _is_inconsistent(one: Claim, weighing: Weighing) -> bool:
    found = weighing.strongest(one, NEVER)
    return found is not None and found.verdict == INCONSISTENT


def _place(one: Claim, by_id: dict[str, Claim]) -> date:
    seen: set[str] = set()
    days = []
    while one.claim_id not in seen:
        seen.add(one.claim_id)
        days.append(one.known_on)
        one = by_id.get(one.restates or "", one)
    return min(days)


def _is_level(one: Print) -> bool:
    return one.measure == "credit" and one.is_in_millions and one.period_code is not None


@cache
def _sectors() -> frozenset[str]:
    return frozenset(row["sector_code"] for row in seed("sector"))
