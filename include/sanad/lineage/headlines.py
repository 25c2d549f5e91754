"""The headline figures with their chains: what a run ends with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psycopg.rows import dict_row

from sanad.warehouse.connect import Role, connection
from sanad.words.vocabulary import VISIBLE

#: The sectors a reader looks for first.
SECTORS = ("call_centres", "ict_total", "services_total_exports")


@dataclass(frozen=True)
class Headline:
    """One value of one sector: thousand US$, its growth on the year before, and the cell it was printed in."""

    sector_code: str
    sector_name: str
    period: str
    flag: str | None
    value: Decimal
    year_ago_period: str | None
    year_ago: Decimal | None
    yoy_pct: Decimal | None
    edition: str
    locator: str
    sha256: str
    origin: str


@dataclass(frozen=True)
class Revision:
    """The first and the newest printing of a month, where the two differ."""

    sector_name: str
    period: str
    first_value: Decimal
    first_flag: str | None
    first_edition: str
    first_locator: str
    value: Decimal
    flag: str | None
    edition: str
    locator: str


@dataclass(frozen=True)
class Counts:
    """What stands in the warehouse, and what the last dbt run did."""

    releases: int
    quarantined: int
    figures: int
    entries: int
    models: int
    tests: int


_NEWEST = """
    select
        mart.sector_code, sector.sector_name, period.period_label as period,
        mart.flag, mart.exports_usd_thousand as value,
        before.period_label as year_ago_period, mart.exports_year_ago_usd_thousand as year_ago,
        mart.exports_yoy_pct as yoy_pct, mart.edition, figure.locator, release.sha256, mart.exports_origin as origin
    from marts.mart_sector_exports as mart
    join marts.dim_sector as sector using (sector_code)
    join marts.dim_period as period using (period_code)
    left join marts.dim_period as before
        on before.period_start = (period.period_start - interval '1 year')::date
        and before.period_end = (period.period_end - interval '1 year')::date
        and before.period_kind = period.period_kind
    join staging.figure on figure.figure_id = mart.exports_figure_ids[1]
    join archive.release on release.release_id = figure.release_id
    cross join (
        select max(period_end) as period_end from marts.mart_sector_exports where exports_origin <> 'press'
    ) as newest
    where mart.sector_code = any(%(sectors)s) and mart.basis = 'printed' and mart.exports_origin <> 'press'
      and mart.edition = (select newest_edition from marts.dim_build where dim_build.dataset = mart.dataset)
      and period.period_end >= newest.period_end
          - case period.period_kind when 'month' then interval '1 month' else interval '0' end
    order by array_position(%(sectors)s, mart.sector_code), period.period_kind <> 'month', period.period_start
"""
_REVISED = """
    with prints as (
        select
            sector.sector_name, sector.sort_order, period.period_label as period, extraction.edition,
            round(figure.value, 6) as value, figure.flag, figure.locator, period.period_start,
            row_number() over (partition by sector.sector_code, figure.period_code
                order by release.published_on, release.last_saved_at, release.release_id) as nth,
            count(*) over (partition by sector.sector_code, figure.period_code) as times
        from staging.figure
        join archive.release using (release_id)
        join archive.extraction on extraction.extraction_id = figure.extraction_id
        join archive.release_state as state on state.release_id = release.release_id
        join marts.dim_period as period using (period_code)
        join marts.dim_sector as sector on sector.ebops_codes = array[figure.series_code]
        where figure.measure = 'credit' and period.period_kind = 'month' and sector.sector_code = any(%(sectors)s)
          and state.state = any(%(visible)s)
    )
    select
        newest.sector_name, newest.period, first.value as first_value, first.flag as first_flag,
        first.edition as first_edition, first.locator as first_locator,
        newest.value, newest.flag, newest.edition, newest.locator
    from prints as newest
    join prints as first using (sector_name, period)
    where newest.nth = newest.times and first.nth = 1 and newest.value <> first.value
    order by newest.sort_order, newest.period_start
"""
_COUNTS = """
    select
        (select count(*) from archive.release_state where state = any(%(visible)s)) as releases,
        (select count(*) from archive.release_state where state = 'quarantined') as quarantined,
        (select count(*) from staging.figure join archive.release_state as state using (release_id)
         where state.state = any(%(visible)s)) as figures,
        (select count(*) from staging.entry join archive.release_state as state using (release_id)
         where state.state = any(%(visible)s)) as entries,
        count(*) filter (where resource_type = 'model') as models,
        count(*) filter (where resource_type in ('test', 'unit_test')) as tests
    from ops.dbt_result
    where invocation_id = (select invocation_id from ops.build order by build_id desc limit 1)
"""


def newest() -> list[Headline]:
    """The two newest months and the year-to-date of each headline sector."""
    return [Headline(**row) for row in _rows(_NEWEST, {"sectors": list(SECTORS)})]


def revised() -> list[Revision]:
    """Months of the headline sectors whose value is no longer the one first printed."""
    return [Revision(**row) for row in _rows(_REVISED, {"sectors": list(SECTORS), "visible": list(VISIBLE)})]


def counts() -> Counts:
    """The warehouse in six numbers."""
    return Counts(**_rows(_COUNTS, {"visible": list(VISIBLE)})[0])


def _rows(query: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    with connection(Role.AUDITOR) as asking:
        return asking.cursor(row_factory=dict_row).execute(query, parameters).fetchall()
