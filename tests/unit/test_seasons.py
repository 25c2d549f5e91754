"""The series that is adjusted, and what adjusting makes of one whose season is known."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

import pytest

from sanad.decide.seasons import LEAST_MONTHS, Month, adjusted, series_sha256, unbroken


def series(months: int, season: float = 0.0, first: int = 0) -> list[Month]:
    """Growth of 1.2 % a month from December 2022, with a season of that share."""
    found = []
    for number in range(first, first + months):
        day = date(2022 + (number + 11) // 12, (number + 11) % 12 + 1, 1)
        level = 300_000 * 1.012**number * (1 + season * math.sin(2 * math.pi * number / 12))
        found.append(Month(f"{day:%Y-%m}", Decimal(f"{level:.6f}")))
    return found


def test_the_season_is_taken_out_and_the_trend_stays():
    seasonal, trend = series(44, season=0.1), series(44)
    found = adjusted(seasonal)
    assert [one.period_code for one in found] == [one.period_code for one in seasonal]
    away = [abs(one.value / level.value - 1) for one, level in zip(found, trend, strict=True)]
    assert (
        max(away)
        < Decimal("0.005")
        < Decimal("0.05")
        < max(abs(one.value / level.value - 1) for one, level in zip(seasonal, trend, strict=True))
    )
    assert all(one.value == round(one.value, 3) for one in found), "single dollars"
    assert adjusted(seasonal) == found


def test_two_full_years_without_a_gap_are_asked_for():
    assert LEAST_MONTHS == 24
    assert adjusted(series(23)) == []
    assert len(adjusted(series(24))) == 24
    broken = [*series(20), *series(23, first=21)]
    assert adjusted(broken) == []
    assert [one.period_code for one in adjusted([*series(20), *series(24, first=21)])] == [
        one.period_code for one in series(24, first=21)
    ]


def test_nothing_is_filled_in_at_a_gap():
    assert unbroken([]) == []
    assert unbroken([*series(3), *series(2, first=4)]) == series(2, first=4)
    assert unbroken(series(5)) == series(5)


@pytest.mark.parametrize("value", [0, -1])
def test_a_level_that_has_no_logarithm_is_not_adjusted(value):
    assert adjusted([*series(30)[:-1], series(30)[-1]._replace(value=Decimal(value))]) == []


def test_a_series_is_known_by_its_periods_and_values():
    one = [Month("2026-01", Decimal("100")), Month("2026-02", Decimal("300")), Month("2026-03", Decimal("200"))]
    assert series_sha256(one) == series_sha256([month._replace(value=month.value * Decimal("1.0")) for month in one])
    assert series_sha256(one) != series_sha256([*one[:2], Month("2026-03", Decimal("200.000001"))])
    assert series_sha256(one) != series_sha256(one[1:])
