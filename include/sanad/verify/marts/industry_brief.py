"""One row a month, of what the sector marts hold; the season is taken from the table that is verified for itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sanad.decide.seasons import SECTOR, Month, series_sha256
from sanad.verify.known import Known
from sanad.verify.marts.derived import Said
from sanad.verify.marts.expected import Row
from sanad.verify.marts.rupees import rates
from sanad.verify.marts.sectors import sector_exports
from sanad.words.vocabulary import Origin, PeriodKind, weakest

_LINES = {
    "ict": SECTOR,
    "call_centres": "call_centres",
    "freelancers": "freelance_all",
    "software": "software_consultancy",
    "telecom": "telecom_total",
}
_SERVICES = "services_total_exports"
_IMPORTS = "9", "debit"
_CUMULATIVE = {PeriodKind.FISCAL_YEAR_TO_DATE.value, PeriodKind.FISCAL_YEAR.value}
_SIDES = ("exports", "exports_year_ago")
Columns = Mapping[str, Any]


class _Sectors:
    """The rows of the sector marts: of months by code, of fiscal years to date by their end."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self.months: dict[tuple[str, str], Columns] = {}
        self.to_date: dict[tuple[str, date], Columns] = {}
        self.rates = rates(known)
        for (sector, code), columns in sector_exports(known):
            if columns["period_kind"] == PeriodKind.MONTH.value:
                self.months[sector, code] = columns
            elif columns["period_kind"] in _CUMULATIVE and columns["period_start"].month == 7:
                self.to_date[sector, columns["period_end"]] = columns

    def value(self, columns: Columns) -> Decimal | None:
        """The exports of a row, thousand US dollars; None when a figure has no value."""
        added, less = (
            [self._usd_thousand(number) for number in columns[name] or ()]
            for name in ("exports_figure_ids", "exports_less_figure_ids")
        )
        if None in added or None in less:
            return None
        return sum(filter(None, added), Decimal(0)) - sum(filter(None, less), Decimal(0))

    def _usd_thousand(self, figure_id: int) -> Decimal | None:
        one = self._known.by_id[figure_id]
        said = one.said()
        return None if said is None else one.usd_thousand(said)

    def ranked(self, sector: str, code: str) -> tuple[int, int] | tuple[None, None]:
        """The place of a month among it and those before it, and how many they are."""
        own = self.value(self.months[sector, code]) if (sector, code) in self.months else None
        if own is None:
            return None, None
        earlier = [
            value for (other, month), columns in self.months.items()
            if other == sector and month < code and (value := self.value(columns)) is not None
        ]  # fmt: skip
        return 1 + sum(value > own for value in earlier), 1 + len(earlier)


def series(known: Known) -> list[Month]:
    """The months of ICT whose exports are known, in order."""
    sectors = known.once(_Sectors)
    found = ((code, sectors.value(columns)) for (of, code), columns in sectors.months.items() if of == SECTOR)
    return sorted(Month(code, value) for code, value in found if value is not None)


def briefs(known: Known) -> Iterable[Row]:
    """``mart_industry_brief``."""
    sectors = known.once(_Sectors)
    seasons = known.adjusted.get(series_sha256(series(known)), {})
    for (sector, code), ict in sectors.months.items():
        if sector == SECTOR:
            yield (code,), _row(known, sectors, code, ict) | _season(seasons, code)


def _season(seasons: Mapping[str, Columns], code: str) -> dict[str, Any]:
    own = seasons.get(code)
    return {
        "ict_adjusted_usd_thousand": own["adjusted_usd_thousand"] if own else None,
        "ict_adjusted_model": own["model"] if own else None,
        "ict_adjusted_first_period_code": min(seasons) if own else None,
        "ict_adjusted_last_period_code": max(seasons) if own else None,
    }


def _row(known: Known, sectors: _Sectors, code: str, ict: Columns) -> dict[str, Any]:
    end = ict["period_end"]
    monthly = {line: sectors.months.get((sector, code)) for line, sector in _LINES.items()}
    to_date = {line: sectors.to_date.get((sector, end)) for line, sector in _LINES.items()}
    services, imports = sectors.months.get((_SERVICES, code)), known.newest.get((*_IMPORTS, code))
    rate = sectors.rates.get(ict["period_start"])
    beside = [one for one in (imports, rate) if one]
    months = [columns for columns in monthly.values() if columns]
    cited = [columns for columns in (*months, *to_date.values(), services) if columns]
    row: dict[str, Any] = {
        "period_start": ict["period_start"],
        "period_end": end,
        "flag": _flag(months),
        "basis": ict["basis"],
        "origin": _origin(cited, beside),
        "corrected": any(columns["corrected"] for columns in cited) or any(state.corrected for _, state in beside),
        "published_on": max(columns["published_on"] for columns in months),
        "ict_imports_figure_ids": _id(imports),
        "exchange_rate_figure_ids": _id(rate),
        **_ids("services_exports", services, "exports"),
    }
    for line, sector in _LINES.items():
        row[f"{line}_rank"], row[f"{line}_months_ranked"] = sectors.ranked(sector, code)
        row |= _ids(f"{line}_exports", monthly[line], "exports")
        row |= _ids(f"{line}_exports_year_ago", monthly[line], "exports_year_ago")
        row |= _ids(f"{line}_to_date", to_date[line], "exports")
        row |= _ids(f"{line}_to_date_year_ago", to_date[line], "exports_year_ago")
    return row


def _ids(name: str, columns: Columns | None, side: str) -> dict[str, Any]:
    return {f"{name}{end}": columns[f"{side}{end}"] if columns else None for end in ("_figure_ids", "_less_figure_ids")}


def _flag(months: Iterable[Columns]) -> str | None:
    flags = {columns["flag"] for columns in months}
    return next((flag for flag in ("P", "R") if flag in flags), None)


def _id(one: Said | None) -> list[int] | None:
    return [one[0].figure_id] if one else None


def _origin(cited: Iterable[Columns], beside: Iterable[Said]) -> str:
    origins = [*(columns["origin"] for columns in cited), *(one.release.origin for one, _ in beside)]
    return weakest(Origin(one) for one in origins).value
