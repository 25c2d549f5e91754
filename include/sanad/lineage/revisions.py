"""The triangle of a series: what each release printed for each period."""

from __future__ import annotations

from typing import Any

from sanad.warehouse.connect import Role, connection
from sanad.words.errors import UsageError

_LINES = """
    select ebops_codes from marts.dim_sector where sector_code = %(series)s
    union all
    select array[ebops_code] from marts.dim_ebops_line where ebops_code = %(series)s
"""
_PRINTS = """
    select
        period_code, min(period_start), max(period_end), dataset, edition, release_id::text, published_on,
        published_seq, case when count(value_usd_thousand) = count(*) then sum(value_usd_thousand) end,
        case when bool_or(flag = 'P') then 'P' when bool_or(flag = 'R') then 'R' end,
        array_agg(value_figure_ids[1]::text order by value_figure_ids)
    from marts.fct_services_trade_print
    where series_code = any(%(lines)s) and measure = %(measure)s and superseded_at is null
    group by period_code, dataset, edition, release_id, published_on, published_seq
    having count(*) = cardinality(%(lines)s)
    order by 3, 2, 1, published_on, published_seq
"""


def triangle(series: str, measure: str = "credit") -> dict[str, Any]:
    """Periods by releases in the order of publication; a cell is None where a release says nothing.

    ``series`` is a sector (``call_centres``) or a line (``9.1.1``); a sector of several lines is their sum, in
    thousand US dollars. UsageError when there is no such series or measure.
    """
    with connection(Role.AUDITOR) as asking:
        lines = asking.execute(_LINES, {"series": series}).fetchone()
        if lines is None:
            raise UsageError(f"no series '{series}': a sector (call_centres) or a line (9.1.1) of dim_ebops_line")
        prints = asking.execute(_PRINTS, {"lines": lines[0], "measure": measure}).fetchall()
    if not prints:
        raise UsageError(f"'{series}' has no measure '{measure}': credit, debit or net")
    releases = dict(sorted({row[5]: (row[6], row[7], f"{row[3]}@{row[4]}") for row in prints}.items(), key=_published))
    cells: dict[str, dict[str, dict[str, Any]]] = {}
    for code, _, _, _, _, release_id, _, _, value, flag, figure_ids in prints:
        cells.setdefault(code, {})[release_id] = {"value": value, "flag": flag, "figure_ids": figure_ids}
    return {
        "series": series,
        "measure": measure,
        "unit": "usd_thousand",
        "editions": [handle for _, _, handle in releases.values()],
        "published_on": [day for day, _, _ in releases.values()],
        "periods": [
            {"period_code": code, "prints": [found.get(release_id) for release_id in releases]}
            for code, found in cells.items()
        ],
    }


def _published(release: tuple[str, tuple[Any, int, str]]) -> tuple[Any, int]:
    return release[1][:2]
