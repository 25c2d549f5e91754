"""The sector marts as of a day, computed in the query: 42 editions like dt.xls."""

from __future__ import annotations

import random
import time
from datetime import date, timedelta
from typing import LiteralString

from bench.build import arrives
from bench.installation import DATASET, as_admin, installation, server_version
from bench.measure import Goal, Report, p95, versions
from sanad.decide import Arrival, ingest
from sanad.local import bundled
from sanad.local.handed_over import figures
from sanad.registry import dataset
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, connection
from sanad.words.vocabulary import Origin

_RATES = "sbp/exchange_rates"
EDITIONS, QUESTIONS = 40, 100
GROUP = "42 editions"
#: The prints of February 2026 again, so many months earlier, as the releases of those months would have had them.
_EARLIER: LiteralString = """
    with earlier as (
        select print.*, months, cast(print.period_end - make_interval(months => months) as date) as ends
        from marts.fct_services_trade_print as print
        cross join generate_series(1, %(editions)s::int) as months
        where print.edition = '2026-02'
    ),
    dated as (
        select *, cast(
            case period_kind
                when 'month' then ends - interval '1 month'
                else date_trunc('year', ends + interval '6 months' - interval '1 day') - interval '6 months'
            end as date
        ) as starts
        from earlier
    )
    insert into marts.fct_services_trade_print
    select
        series_code, measure,
        case period_kind
            when 'month' then to_char(starts, 'YYYY-MM')
            else to_char(starts + interval '6 months', '"FY"YY') || to_char(starts, '.Mon-') || to_char(ends - 1, 'Mon')
        end,
        period_kind, starts, ends, published_on - 30 * months, published_seq, recorded_at, superseded_at,
        value_usd_thousand + months, null_reason, flag, origin, basis, corrected, dataset,
        to_char(date '2026-02-01' - make_interval(months => months), 'YYYY-MM'), months, value_figure_ids
    from dated
"""
_ASKED: dict[str, LiteralString] = {
    "one sector and period": "select * from marts.sector_exports_as_of(%(day)s) "
    "where (sector_code, period_code) = ('call_centres', %(month)s)",
    "call centres, every period": "select * from marts.call_centres_as_of(%(day)s)",
    "every sector and period": "select * from marts.sector_exports_as_of(%(day)s)",
}


def run() -> Report:
    report = Report("as_of", "The sector marts as of a day")
    with installation():
        for release in bundled.editions(DATASET):
            arrives(release)
        for document in figures():
            document.take()
        (rates,) = bundled.editions(_RATES)
        ingest(
            dataset(_RATES),
            Arrival({"IBF_Arch.xls": bundled.render(rates)}, Origin.TRANSCRIBED, "bench", "handed over"),
        )
        dbt.build()
        with connection(Role.ADMIN) as warehouse:
            warehouse.execute(_EARLIER, {"editions": EDITIONS})
        as_admin("analyze marts.fct_services_trade_print")
        _ask(report)
        report.versions = versions("psycopg") | {"PostgreSQL": server_version()}
    one = report.result(GROUP, "one sector and period").more["p95 ms"]
    report.goals.append(Goal("one sector and period: p95 below 50 ms", f"{one} ms", one < 50))
    report.notes.append(
        f"The two bundled releases and {EDITIONS} made of them, each a month earlier than the one before: 55,440 "
        "prints; every printed claim, and the exchange rates. `bi_reader` asks for another day, and another month, "
        "every time."
    )
    return report


def _ask(report: Report) -> None:
    drawn = random.Random(1)  # the same questions every time
    with connection(Role.BI_READER) as asking:
        for turn in range(QUESTIONS + 3):
            back = drawn.randint(0, EDITIONS)
            day = date(2026, 3, 20) - timedelta(days=30 * back)
            month = f"{date(2026, 2, 1) - timedelta(days=30 * (back + 1)):%Y-%m}"
            for what, question in _ASKED.items():
                began = time.perf_counter()
                found = asking.execute(question, {"day": day, "month": month}).fetchall()
                seconds = time.perf_counter() - began
                assert found, (what, day, month)
                if turn >= 3:  # the first few only warm up
                    report.result(GROUP, what).seconds.append(seconds)
    for one in report.of(GROUP):
        one.more["p95 ms"] = round(p95(one.seconds) * 1000, 2)
