"""Reference periods: half-open spans of dates, with the text keys of the marts.

Fiscal years run July to June: FY25 is 2024-07-01 to 2025-07-01. The grammar of ``code``:
``2026-02`` month, ``FY26`` fiscal year, ``FY26.Jul-Feb`` from July (cumulative), ``FY26.Oct-Dec`` another span
of whole months inside a fiscal year, ``2025`` calendar year.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sanad.words.vocabulary import PeriodKind

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CODE = re.compile(
    r"^(?:(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2]))?"
    r"|FY(?P<fiscal>\d{2})(?:\.(?P<first>[A-Z][a-z]{2})-(?P<last>[A-Z][a-z]{2}))?)$"
)


def month_number(name: str) -> int:
    """1 to 12 for the first three letters of an English month name; ValueError otherwise."""
    return MONTHS.index(name[:3].capitalize()) + 1


def first_of_next_month(year: int, month: int) -> date:
    """The day after the last of a month."""
    return date(year + month // 12, month % 12 + 1, 1)


def full_year(two_digits: int) -> int:
    """The year a two-digit year stands for: 96 is 1996, 26 is 2026."""
    return two_digits + (1900 if two_digits >= 70 else 2000)


def fiscal_year_of(day: date) -> int:
    """The fiscal year a day falls in, named by the year in which it ends."""
    return day.year + (day.month >= 7)


@dataclass(frozen=True, order=True)
class Period:
    """A half-open span ``[start, end)`` of whole months; ``kind`` is given by the role of the column it heads."""

    start: date
    end: date
    kind: PeriodKind

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """One calendar month."""
        return cls(date(year, month, 1), first_of_next_month(year, month), PeriodKind.MONTH)

    @classmethod
    def fiscal_year(cls, fiscal_year: int) -> Period:
        """July to June; 2025 is FY25."""
        return cls(date(fiscal_year - 1, 7, 1), date(fiscal_year, 7, 1), PeriodKind.FISCAL_YEAR)

    @classmethod
    def fiscal_year_to_date(cls, fiscal_year: int, last_month: int) -> Period:
        """From July to the end of ``last_month``; to June it is the fiscal year itself."""
        if last_month == 6:
            return cls.fiscal_year(fiscal_year)
        year = fiscal_year - (last_month >= 7)
        return cls(date(fiscal_year - 1, 7, 1), first_of_next_month(year, last_month), PeriodKind.FISCAL_YEAR_TO_DATE)

    @classmethod
    def parse(cls, code: str) -> Period:
        """The period a code stands for; ValueError when it stands for none."""
        match = _CODE.match(code)
        if not match:
            raise ValueError(f"'{code}' is no period: 2026-02, FY26, FY26.Jul-Feb or 2025")
        if match["year"]:
            year = int(match["year"])
            if match["month"]:
                return cls.month(year, int(match["month"]))
            return cls(date(year, 1, 1), date(year + 1, 1, 1), PeriodKind.CALENDAR_YEAR)
        fiscal_year = full_year(int(match["fiscal"]))
        if not match["first"]:
            return cls.fiscal_year(fiscal_year)
        first, last = month_number(match["first"]), month_number(match["last"])
        if first == 7:
            return cls.fiscal_year_to_date(fiscal_year, last)
        start = date(fiscal_year - (first >= 7), first, 1)
        end = first_of_next_month(fiscal_year - (last >= 7), last)
        if (end.year - start.year) * 12 + end.month - start.month != 3 or first % 3 != 1:
            raise ValueError(f"'{code}' is neither a quarter nor a span from July")
        return cls(start, end, PeriodKind.QUARTER)

    @property
    def last_month(self) -> tuple[int, int]:
        """Year and month of the last month inside."""
        year, month = self.end.year, self.end.month - 1
        return (year, month) if month else (year - 1, 12)

    @property
    def code(self) -> str:
        """The text key of the marts."""
        fiscal = f"FY{fiscal_year_of(self.start) % 100:02d}"
        match self.kind:
            case PeriodKind.MONTH:
                return f"{self.start:%Y-%m}"
            case PeriodKind.CALENDAR_YEAR:
                return str(self.start.year)
            case PeriodKind.FISCAL_YEAR:
                return fiscal
        return f"{fiscal}.{MONTHS[self.start.month - 1]}-{MONTHS[self.last_month[1] - 1]}"

    @property
    def span(self) -> tuple[date, date]:
        """What is equal for periods of one span, whatever their kind."""
        return self.start, self.end

    def shifted(self, years: int) -> Period:
        """The same span so many years later (earlier when negative)."""
        return Period(
            self.start.replace(year=self.start.year + years),
            self.end.replace(year=self.end.year + years),
            self.kind,
        )

    def __str__(self) -> str:
        return self.code
