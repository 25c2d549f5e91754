"""Exchange rates, and exports in rupees: each month at its own average, a longer period as the sum of its months."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sanad.verify.known import Known
from sanad.verify.marts.derived import Said
from sanad.verify.marts.expected import Row
from sanad.verify.marts.exports import Exports, Found
from sanad.verify.marts.prints import states
from sanad.words.numbers import six_places
from sanad.words.vocabulary import PeriodKind

RATES = "sbp/exchange_rates"
#: What a month is made of; None where nobody knows it.
_Month = tuple[Exports | None, Said | None]


def prints(known: Known) -> Iterable[Row]:
    """``fct_exchange_rate_print``."""
    for one in known.prints:
        if one.release.dataset != RATES or one.period_code is None:
            continue
        for (since, until), state in states(one):
            yield (
                (one.series_code, one.measure, one.period_code, one.release.release_id, since),
                {
                    "period_start": one.period_start,
                    "period_end": one.period_end,
                    "published_on": one.release.published_on,
                    "published_seq": one.release.published_seq,
                    "superseded_at": until,
                    "origin": one.release.origin,
                    "corrected": state.corrected,
                    "dataset": one.release.dataset,
                    "edition": one.release.edition,
                    "rate_figure_ids": [one.figure_id],
                },
            )


def rates(known: Known) -> dict[date | None, Said]:
    """The average rate of the US dollar in each month, by its first day."""
    return {
        one.period_start: (one, state)
        for one, state in known.standing
        if one.release.dataset == RATES and (one.series_code, one.measure) == ("USD", "monthly_average")
    }


class Rupees:
    """The columns in rupees of every sector and period; `cited` are the figures behind them."""

    def __init__(self, known: Known, exports: Found) -> None:
        self._rates = rates(known)
        self._months = {
            (sector, one.lines[0].span[0]): one
            for (sector, _), one in exports.items()
            if one.lines[0].period_kind == PeriodKind.MONTH
        }

    def of(self, sector: str, one: Exports) -> tuple[dict[str, Any], list[Said]]:
        """The columns, and the figures behind the value."""
        months = {start: (self._months.get((sector, start)), self._rates.get(start)) for start in _starts(one)}
        unknown = [start for start, (exports, _) in months.items() if exports is None or exports.value is None]
        unrated = [
            start
            for start, (_, rate) in months.items()
            if start not in unknown and (rate is None or rate[1].value is None)
        ]
        missing = (("exports", unknown), ("the exchange rate", unrated))
        reason = ", and ".join(_missing(what, starts, len(months)) for what, starts in missing if starts)
        cited = [] if reason else list(_cited(months.values()))
        dollars = sorted({figure.figure_id for figure, _ in cited if figure.release.dataset != RATES})
        rates = sorted({figure.figure_id for figure, _ in cited if figure.release.dataset == RATES})
        columns = {
            "exports_pkr_million": None if reason else sum((_value(*month) for month in months.values()), Decimal(0)),
            "exports_pkr_null_reason": reason or None,
            "exports_of_months_figure_ids": dollars or None,
            "exchange_rate_figure_ids": rates or None,
        }
        return columns, cited


def _starts(one: Exports) -> Iterator[date]:
    start, end = one.lines[0].span
    while start and end and start < end:
        yield start
        start = date(start.year + start.month // 12, start.month % 12 + 1, 1)


def _missing(what: str, months: list[date], of: int) -> str:
    more = f" and {len(months) - 1} more of {of} months" if len(months) > 1 else ""
    return f"{what} of {min(months):%Y-%m}{more} not known"


def _value(exports: Exports | None, rate: Said | None) -> Decimal:
    assert exports and exports.value is not None and rate and rate[1].value is not None  # noqa: S101 - else a reason
    return six_places(exports.value * rate[1].value / 1000)


def _cited(months: Iterable[_Month]) -> Iterator[Said]:
    for exports, rate in months:
        for line in exports.lines if exports else []:
            yield from (line.added, *line.less)
        if rate:
            yield rate
