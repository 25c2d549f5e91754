"""Exports of ICT seasonally adjusted: what a statistical model makes of them, kept by the very series that went in.

The model is STL (seasonal and trend decomposition by loess) of the logarithms: a season is a share of the level, which
has grown. It asks for two full years: the months up to the newest one, back to the first gap, when they are 24 or more.
Nothing is filled in. What comes out is rounded to single dollars, so that it is the same on every machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from sanad.warehouse.connect import Role, connection
from sanad.words.periods import Period

SECTOR = "ict_total"
LEAST_MONTHS = 24
_PERIOD, _SEASONAL = 12, 7
#: Rows of another model, or of other parameters, are made anew.
MODEL = f"STL of logarithms: period {_PERIOD}, seasonal {_SEASONAL}, robust"
_SERIES = """
    select period_code, exports_usd_thousand from {}.mart_sector_exports
    where sector_code = %s and period_kind = 'month' and exports_usd_thousand is not null order by period_code
"""
_IS_KEPT = "select exists (select from staging.adjusted where series_sha256 = %s and model = %s)"
_DROP = "delete from staging.adjusted where series_sha256 = %s"
_KEEP = """
    insert into staging.adjusted (series_sha256, period_code, sector_code, adjusted_usd_thousand, model)
    values (%s, %s, %s, %s, %s)
"""


class Month(NamedTuple):
    """Exports of a month, thousand US dollars to 6 decimals."""

    period_code: str
    value: Decimal


def adjust(schema: str = "marts") -> int:
    """Adjust the series that stands in a schema, unless that was done before; how many months were written."""
    with connection(Role.TRANSFORMER) as writing:
        question = sql.SQL(_SERIES).format(sql.Identifier(schema))
        series = [Month(*row) for row in writing.execute(question, [SECTOR]).fetchall()]
        key = series_sha256(series)
        if _is_kept(writing, key):
            return 0
        found = adjusted(series)
        writing.execute(_DROP, [key])
        with writing.cursor() as cursor:
            cursor.executemany(_KEEP, [(key, one.period_code, SECTOR, one.value, MODEL) for one in found])
    return len(found)


def _is_kept(asking: psycopg.Connection[Any], key: str) -> bool:
    found = asking.execute(_IS_KEPT, (key, MODEL)).fetchone()
    return bool(found and found[0])


def series_sha256(series: Sequence[Month]) -> str:
    """Of ``2026-03 384716.123456``, a line a month in order: the macro of this name gives the same."""
    lines = (f"{one.period_code} {one.value:.6f}" for one in series)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def adjusted(series: Sequence[Month]) -> list[Month]:
    """The newest months without a gap, without their season; none where they are too few, or one is not above 0."""
    run = unbroken(series)
    if len(run) < LEAST_MONTHS or any(one.value <= 0 for one in run):
        return []
    import numpy
    from statsmodels.tsa.seasonal import STL

    logarithms = numpy.log(numpy.array([float(one.value) for one in run]))
    season = STL(logarithms, period=_PERIOD, seasonal=_SEASONAL, robust=True).fit().seasonal
    levels = numpy.exp(logarithms - season)
    return [Month(one.period_code, Decimal(f"{level:.3f}")) for one, level in zip(run, levels, strict=True)]


def unbroken(series: Sequence[Month]) -> list[Month]:
    """The months up to the newest, back to the first gap; ``series`` in order."""
    run: list[Month] = []
    for one in reversed(series):
        if run and Period.parse(one.period_code).end != Period.parse(run[-1].period_code).start:
            break
        run.append(one)
    return run[::-1]
