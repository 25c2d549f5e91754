"""The dashboards under twenty viewers, over ten years of months, 40 editions and 200,000 registrants."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
import yaml

from bench.as_of import _EARLIER
from bench.build import arrives
from bench.installation import DATASET, PROJECT, as_admin, installation, server_version
from bench.measure import Goal, Report, p95, versions
from sanad.decide import builds
from sanad.local import bundled, dashboards
from sanad.local.alone import alone
from sanad.local.dashboards import Dashboards
from sanad.local.handed_over import counts, figures
from sanad.local.interrupts import noted
from sanad.local.keeper import kept
from sanad.warehouse.connect import Role, connection, dsn

VIEWERS, ROUNDS, WARM_OPENINGS = 20, 10, 3
MONTHS, EDITIONS, FIRMS = 120, 40, 200_000
QUERIES, OPENED, STARTED = f"{VIEWERS} viewers", "one viewer, in Chromium", "Superset"
#: Each dashboard with the columns of its filters; the day is one that as-of filters offer.
DASHBOARDS = {
    path.stem: {one["column"] for one in yaml.safe_load(path.read_text()).get("filters", [])}
    for path in sorted((PROJECT / "superset" / "dashboards").glob("*.yml"))
}
DAY = "2026-03-20"

#: Rows like those that are there, of other periods, editions and firms: what a column says matters little here.
_FILL: tuple[LiteralString, ...] = (
    """
    insert into marts.dim_period
    select (jsonb_populate_record(base, jsonb_build_object(
        'period_code', to_char(month, 'YYYY-MM'), 'period_label', to_char(month, 'Mon-YY'),
        'period_start', month::date, 'period_end', (month + interval '1 month')::date,
        'fiscal_year_code', to_char(month + interval '6 months', '"FY"YY'),
        'fiscal_month', (extract(month from month)::int + 5) % 12 + 1))).*
    from marts.dim_period as base
    cross join generate_series(date '2016-04-01', date '2026-03-01', interval '1 month') as month
    where base.period_code = '2026-03'
    on conflict do nothing
    """,
    """
    insert into marts.dim_period
    select (jsonb_populate_record(base, jsonb_build_object(
        'period_code', to_char(month + interval '6 months', '"FY"YY.Jul-') || to_char(month, 'Mon'),
        'period_label', to_char(month, '"Jul-"Mon ') || to_char(month + interval '6 months', '"FY"YY'),
        'period_end', (month + interval '1 month')::date,
        'fiscal_year_code', to_char(month + interval '6 months', '"FY"YY')))).*
    from marts.dim_period as base
    cross join generate_series(date '2016-04-01', date '2026-03-01', interval '1 month') as month
    where base.period_code = 'FY26.Jul-Mar'
    on conflict do nothing
    """,
    """
    insert into marts.mart_sector_exports
    select (jsonb_populate_record(base, jsonb_build_object(
        'period_code', period.period_code, 'period_start', period.period_start, 'period_end', period.period_end))).*
    from marts.mart_sector_exports as base
    inner join marts.dim_period as period using (period_kind)
    where base.period_code in ('2026-03', 'FY26.Jul-Mar')
    on conflict do nothing
    """,
    """
    insert into marts.mart_call_centres
    select (jsonb_populate_record(base, jsonb_build_object(
        'period_code', period.period_code, 'period_start', period.period_start, 'period_end', period.period_end))).*
    from marts.mart_call_centres as base
    inner join marts.dim_period as period using (period_kind)
    where base.period_code in ('2026-03', 'FY26.Jul-Mar')
    on conflict do nothing
    """,
    """
    insert into marts.mart_revisions
    select (jsonb_populate_record(base, jsonb_build_object(
        'published_on', base.published_on - 30 * earlier,
        'edition', to_char(date '2026-03-01' - make_interval(months => earlier), 'YYYY-MM')))).*
    from marts.mart_revisions as base
    cross join generate_series(1, 200) as earlier
    """,
    """
    insert into marts.mart_silent_revisions
    select (jsonb_populate_record(base, jsonb_build_object('published_on', base.published_on - 30 * earlier))).*
    from marts.mart_silent_revisions as base
    cross join generate_series(1, 40) as earlier
    """,
    """
    insert into marts.mart_registrations
    select (jsonb_populate_record(null::marts.mart_registrations, jsonb_build_object(
        'period_code', to_char(month, 'YYYY-MM'), 'kind', kind, 'region_code', place.region_code,
        'city_code', place.place_code, 'period_start', month::date, 'period_end', (month + interval '1 month')::date,
        'registered', 1000, 'new', 10, 'renewed', 90, 're_registered', 2, 'unclear', 0, 'lapsed', 9, 'unlisted', 0,
        'moved_in', 0, 'moved_out', 0, 'coverage', 'partial', 'origin', 'synthetic'))).*
    from generate_series(date '2016-04-01', date '2026-03-01', interval '1 month') as month
    cross join unnest(array['company', 'call_centre']) as kind
    cross join (select * from marts.dim_place where place_kind = 'city' and region_code is not null) as place
    """,
    """
    insert into marts.dim_registrant
    select (jsonb_populate_record(null::marts.dim_registrant, jsonb_build_object(
        'registrant_code', 'certificate:X-' || firm, 'registrant_name', 'Firm ' || firm, 'names', '{}'::text[],
        'kinds', '{}'::text[], 'certificate_nos', '{}'::text[], 'portal_keys', '{}'::text[], 'datasets', '{}'::text[],
        'first_listed_on', '2026-03-05', 'is_linked', false, 'corrected', false, 'origin', 'synthetic',
        'entry_ids', array[firm]))).*
    from generate_series(1, 200000) as firm
    """,
    """
    insert into marts.fct_registration
    select (jsonb_populate_record(null::marts.fct_registration, jsonb_build_object(
        'registrant_code', 'certificate:X-' || firm, 'location_code', 'certificate:X-' || firm,
        'published_on', '2026-03-05', 'kind', case when firm % 6 = 0 then 'call_centre' else 'company' end,
        'place_code', place.codes[firm % cardinality(place.codes) + 1], 'is_branch', false,
        'lapses_on', date '2026-01-01' + firm % 500, 'is_provisional', false, 'is_listed', true, 'linked_by', 'key',
        'corrected', false, 'origin', 'synthetic', 'dataset', 'pseb/registration_list', 'release_id', 1,
        'entry_ids', array[firm]))).*
    from generate_series(1, 200000) as firm
    cross join (select array_agg(place_code) as codes from marts.dim_place where place_kind = 'city') as place
    """,
)


def run() -> Report:
    report = Report("dashboards", "Dashboards")
    with installation(), _superset(report) as superset:
        _fill()
        for slug, queries in _asked(superset, report).items():
            _ask(report, slug, queries)
        report.versions = versions("psycopg") | {"PostgreSQL": server_version(), "Superset": "6.1.0"}
    slowest, of_a_day = (
        max(one.more["p95 ms"] for one in report.of(QUERIES) if (DAY in one.method) is dated) for dated in (False, True)
    )
    opened = max(one.median for one in report.of(OPENED))
    report.goals += [
        Goal(f"every dashboard's queries p95 below 300 ms with {VIEWERS} viewers", f"{slowest} ms", slowest < 300),
        Goal(f"the same as of a day, p95 below 300 ms with {VIEWERS} viewers", f"{of_a_day} ms", of_a_day < 300),
        Goal("every dashboard read in 5 s, warm", f"{opened:.1f} s", opened < 5),
    ]
    report.notes.append(
        f"{MONTHS} months, every sector, {EDITIONS} editions, {FIRMS:,} registrants, put into the marts, not built. "
        f"The queries are what Superset makes of each chart; {VIEWERS} connections as bi_reader ask all of a "
        f"dashboard's, one after the other, {ROUNDS} times without a pause, the client on the same cores. Opened is "
        "from the asking for the address to the page's last change, without a result kept anywhere."
    )
    return report


@contextmanager
def _superset(report: Report) -> Iterator[Dashboards]:
    """Superset on two releases and every bundled article and count."""
    for release in bundled.editions(DATASET):
        arrives(release)
    for document in (*counts(), *figures()):
        document.take()
    builds.build()
    with (
        noted() as interrupts, alone("bench") as lock, kept(lock) as keeper,
        dashboards.dashboards(interrupts, keeper, "http://127.0.0.1:8080/sanad/lineage") as made,
    ):  # fmt: skip
        began = time.perf_counter()
        made.start()
        report.result(STARTED, "provisioned for the first time and served").seconds.append(time.perf_counter() - began)
        yield made


def _fill() -> None:
    with connection(Role.ADMIN) as warehouse:
        warehouse.execute(_EARLIER, {"editions": EDITIONS})
    as_admin(*_FILL, "vacuum analyze")


def _asked(superset: Dashboards, report: Report) -> dict[str, list[str]]:
    """The SQL of every chart of each dashboard, also as of a day; how long each opens is put into the report."""
    from playwright.sync_api import sync_playwright

    sys.path.insert(0, str(PROJECT / "tests"))
    from bi.reader import reader

    found: dict[str, list[str]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        with reader(browser, superset.url, "admin") as one:
            for slug, filters in DASHBOARDS.items():
                found[slug] = _queries_of(one, lambda slug=slug: one.opens(slug))
                if "as_of_on" in filters:
                    found[f"{slug} as of {DAY}"] = _queries_of(one, lambda: one.chooses("as_of_on", DAY))
        for slug in DASHBOARDS:
            with reader(browser, superset.url) as one:
                for turn in range(WARM_OPENINGS + 1):
                    one.opens(slug)
                    if turn:
                        report.result(OPENED, slug).seconds.append(one.waited())
        browser.close()
    return found


def _queries_of(one: Any, act: Callable[[], None]) -> list[str]:
    """What a browser asks for when somebody acts; it is asked once more, for its SQL."""
    asked: list[Any] = []
    keep = _keeping(asked)
    one.page.on("request", keep)
    act()
    one.page.remove_listener("request", keep)
    assert asked
    return [query for body in asked for query in _queries(one, body)]


def _keeping(asked: list[Any]) -> Any:
    return lambda request: asked.append(request.post_data_json) if "/api/v1/chart/data" in request.url else None


def _queries(one: Any, body: Any) -> list[str]:
    import json

    status, text = one.asks("/api/v1/chart/data", {**body, "result_type": "query"})
    assert status == 200, text
    return [said["query"] for said in json.loads(text)["result"]]


def _ask(report: Report, slug: str, queries: list[str]) -> None:
    with ThreadPoolExecutor(VIEWERS) as viewers:
        waited = [each for one in viewers.map(_viewer, [queries] * VIEWERS) for each in one]
    result = report.result(QUERIES, slug)
    result.seconds += waited
    result.more["p95 ms"] = round(p95(waited) * 1000, 1)
    result.more["queries"] = len(queries)


def _viewer(queries: list[str]) -> list[float]:
    waited = []
    with psycopg.connect(dsn(Role.BI_READER), autocommit=True) as asking:
        for turn in range(ROUNDS):
            for query in queries:
                began = time.perf_counter()
                asking.execute(query).fetchall()  # type: ignore[call-overload]
                if turn:  # the first only warms up
                    waited.append(time.perf_counter() - began)
    return waited
