"""Months as whole numbers, counted from January of the year 0: a registration is valid from month to month."""

from __future__ import annotations

from datetime import date, timedelta

from sanad.words.periods import first_of_next_month

Month = int


def parse(text: str) -> Month:
    """The month of ``2026-02``."""
    year, month = map(int, text.split("-"))
    return year * 12 + month - 1


def first_day(month: Month) -> date:
    """The first day of a month."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: Month) -> date:
    """The last day of a month."""
    return first_of_next_month(month // 12, month % 12 + 1) - timedelta(days=1)
