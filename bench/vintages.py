"""The stores of prints and vintages at 10 million prints: asking them, and taking a release in."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from bench.installation import DATASET, as_admin, forget, installation, server_version
from bench.measure import Goal, Report, p95, significant, versions
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, connection

SERIES, MONTHS, EDITIONS = 1000, 240, 45
#: Of a thousand figures, those that one of the editions revises: some 356,000 rows are stored then.
REVISED = 242
#: A release as large as dt.xls: 264 series, five months each.
LINES, LAST_MONTHS = 264, 5
TURNS, QUESTIONS = 3, 200
STORES = ("fct_services_trade_print", "fct_services_trade_vintage")
_STORED = ("ops.watermark", *(f"marts.{store}" for store in STORES))
ASKING, WHOLE, TAKING = "Asking", "The whole table", "Taking in a release of 1,320 figures, SQL alone"
EMPTY, ADDS, LATE = "into empty stores", "into full ones, the newest", "into full ones, late: its keys computed whole"
#: What a statement of dbt's is there for, by how it begins.
_PARTS = {
    "create temporary table pg_temp": "writing the touched keys down",
    "create temporary table": "computing the rectangles and the prints",
    "with gone": "comparing, and deleting what is gone",
    "with inserted": "comparing, and inserting what is new",
    "commit": "commit",
}

_RELEASE: LiteralString = """
    with release as (
        insert into archive.release (release_id, dataset, sha256, origin, redacted, published_on, published_on_from,
            first_fetched_at)
        values (%(n)s, %(dataset)s, 'bench ' || %(n)s, 'synthetic', false, %(on)s, 'stated', now())
    ),
    extraction as (
        insert into archive.extraction (extraction_id, release_id, parser, parser_version, edition, figures, entries,
            rejected)
        values (%(n)s, %(n)s, 'bench', '1', to_char(%(on)s - interval '47 days', 'YYYY-MM'), 0, 0, 0)
    )
    insert into archive.ledger (seq, at, event, release_id, extraction_id, actor, reason, evidence, prev_hash, hash)
    values (%(n)s, timestamptz '2026-01-01' + make_interval(days => %(n)s), 'accepted', %(n)s, %(n)s, 'bench', 'bench',
        '{}', '', 'bench ' || %(n)s)
"""
#: A revised figure changes once, in the edition its number draws.
_FIGURES: LiteralString = """
    insert into staging.figure (figure_id, dataset, release_id, extraction_id, series_code, measure, period_start,
        period_end, period_kind, period_code, value, unit, flag, locator, as_printed, label_raw, indent, parent_code)
    select
        %(n)s::bigint << 28 | (series * 1000 + month), %(dataset)s, %(n)s, %(n)s, to_char(series, 'FM"s"0000'),
        'credit', first, first + interval '1 month', 'month', to_char(first, 'YYYY-MM'),
        series * 1000 + month + (drawn %% 1000 < %(revised)s and drawn %% 44 + 2 <= %(n)s)::int,
        'usd_thousand', 'R', to_char(month, 'FM"A"000') || series, (series * 1000 + month)::text,
        'Services of series ' || series, 1, 's0001'
    from generate_series(1, %(series)s::int) as series
    cross join generate_series(%(first)s::int, %(last)s::int) as month
    cross join lateral (
        select
            (date '2000-01-01' + make_interval(months => month))::date as first,
            (hashint4(series * 1000 + month) & 1048575) as drawn
    ) as of_figure
"""


def run(editions: int = EDITIONS, turns: int = TURNS) -> Report:
    prints = SERIES * MONTHS * editions
    report = Report("vintages", f"Vintages at {prints:,} prints")
    with installation() as state:
        dbt.invoke("seed")
        dbt.invoke("run")
        for _ in range(turns):
            forget(state, *_STORED)
            _arrives(1, first=MONTHS - LAST_MONTHS + 1, series=LINES)
            _takes_in(report, EMPTY)
        forget(state, *_STORED)
        stored = _fill(report, editions)
        for turn in range(turns):
            _arrives(editions + 1 + turn, first=MONTHS - LAST_MONTHS + 1, series=LINES)
            _takes_in(report, ADDS)
        _arrives(editions + 1 + turns, first=MONTHS - LAST_MONTHS + 1, series=LINES, on=_day(2) + timedelta(days=1))
        _takes_in(report, LATE)
        _ask(report)
        report.versions = versions("dbt-core", "psycopg") | {"PostgreSQL": server_version()}
    _judge(report)
    report.notes += [
        f"{SERIES:,} series of {MONTHS} months, each printed by {editions} editions that were published and recorded "
        "one after the other; about a quarter of the figures are revised once. `fct_services_trade_vintage` stores "
        f"{stored:,} rows, `fct_services_trade_print` every print.",
        "A release is taken in by dbt's own statements, contract checks and comparisons with what stands among them; "
        "the seconds are those PostgreSQL took over the statements of both stores, without dbt's start and its own "
        "work. Questions are asked by `bi_reader`, each of another series, month and day; whole tables are counted "
        "and summed.",
    ]
    return report


def _day(number: int) -> date:
    """The day the edition of that number is published, month after month."""
    month = number % 12 + 1
    return date(2020 + number // 12, month, 1) + timedelta(days=47)


def _arrives(number: int, *, first: int = 1, series: int = SERIES, on: date | None = None) -> None:
    """One release, its event in the ledger, and its figures of months ``first`` to the last, set-wise."""
    values = {"n": number, "dataset": DATASET, "on": on or _day(number), "series": series, "first": first,
              "last": MONTHS, "revised": REVISED}  # fmt: skip
    with connection(Role.ADMIN) as warehouse:
        warehouse.execute("set session_replication_role = replica")  # no foreign keys: they take most of the time
        warehouse.execute(_RELEASE, values)
        warehouse.execute(_FIGURES, values)


def _fill(report: Report, editions: int) -> int:
    """All editions into both stores and the mart of the latest; gives the rows the vintages take."""
    for number in range(1, editions + 1):
        _arrives(number)
    as_admin("analyze staging.figure", "analyze archive.release", "analyze archive.ledger")
    for store in STORES:
        began = time.perf_counter()
        _must(dbt.invoke("run", "--full-refresh", "--select", store))
        report.result("Filling the stores at once", f"`{store}`").seconds.append(time.perf_counter() - began)
    as_admin("insert into marts.fct_services_trade select * from marts.services_trade_as_of()")
    as_admin("vacuum analyze marts.fct_services_trade", *(f"vacuum analyze marts.{store}" for store in STORES))
    with connection(Role.ADMIN) as asking:
        [(prints, stored)] = asking.execute(
            "select (select count(*) from marts.fct_services_trade_print), "
            "(select count(*) from marts.fct_services_trade_vintage)"
        ).fetchall()
    assert prints == SERIES * MONTHS * editions, prints
    return int(stored)


def _must(result: dbt.BuildResult) -> None:
    assert not result.failed, [str(node) for node in result.failed]


def _takes_in(report: Report, what: str) -> None:
    as_admin("checkpoint")
    parts: dict[str, float] = {}
    for seconds, part in _statements():
        parts[part] = parts.get(part, 0.0) + seconds
    report.result(TAKING, what).seconds.append(sum(parts.values()))
    if what == ADDS:
        report.profile = [f"{part}: {spent * 1000:.0f} ms" for part, spent in parts.items()]


def _statements() -> Iterator[tuple[float, str]]:
    """Seconds and purpose of every statement dbt asks for the two stores, as it tells of them itself."""
    from dbt.cli.main import dbtRunner

    asked: dict[str, str] = {}
    took: list[tuple[float, str]] = []

    def listen(event: Any) -> None:
        if event.info.name not in {"SQLQuery", "SQLQueryStatus"}:
            return
        node = event.data.node_info.node_name
        if event.info.name == "SQLQuery":
            asked[node] = " ".join(event.data.sql.rpartition("*/")[2].split()).lower()
        elif node in STORES:
            took.append((event.data.elapsed, _purpose(asked[node])))

    with dbt._environment():
        done = dbtRunner(callbacks=[listen]).invoke(["run", "--select", *STORES, *dbt._flags("target")])
    assert done.success, done.exception
    return iter(took)


def _purpose(sql: str) -> str:
    return next((part for start, part in _PARTS.items() if sql.startswith(start)), "what dbt asks beside")


_QUESTIONS: dict[str, LiteralString] = {
    "latest of one series": "select * from marts.fct_services_trade where ebops_code = %(series)s",
    "one series as of a day": "select * from marts.services_trade_as_of(%(day)s) where ebops_code = %(series)s",
    "latest of one month": "select * from marts.fct_services_trade where period_code = %(month)s",
    "one month as of a day": "select * from marts.services_trade_as_of(%(day)s) where period_code = %(month)s",
}
_SUMS: dict[str, LiteralString] = {
    "latest": "select count(*), sum(value_usd_thousand) from marts.fct_services_trade",
    "as of a day": "select count(*), sum(value_usd_thousand) from marts.services_trade_as_of('2022-06-30')",
}


def _ask(report: Report) -> None:
    drawn = random.Random(1)  # the same questions every time
    with connection(Role.BI_READER) as asking:
        for turn in range(QUESTIONS + 5):
            values = {
                "series": f"s{drawn.randint(1, SERIES):04}",
                "month": f"{drawn.randint(2001, 2019)}-{drawn.randint(1, 12):02}",
                "day": _day(drawn.randint(1, EDITIONS)),
            }
            for what, question in _QUESTIONS.items():
                seconds, found = _timed(asking, question, values)
                assert len(found) == (MONTHS if "series" in what else SERIES), (what, len(found))
                if turn >= 5:  # the first few only warm up
                    report.result(ASKING, what).seconds.append(seconds)
        for turn in range(8):
            for what, question in _SUMS.items():
                seconds, _ = _timed(asking, question, {})
                if turn:
                    report.result(WHOLE, what).seconds.append(seconds)
    for one in report.of(ASKING):
        one.more["p95 ms"] = round(p95(one.seconds) * 1000, 2)
    report.peers |= {WHOLE: "latest", TAKING: EMPTY}


def _timed(asking: Connection[Any], question: LiteralString, values: dict[str, Any]) -> tuple[float, list[Any]]:
    began = time.perf_counter()
    found = asking.execute(question, values).fetchall()
    return time.perf_counter() - began, found


def _judge(report: Report) -> None:
    for one in report.of(ASKING):
        limit = 5 if "series" in one.method else 10
        found = one.more["p95 ms"]
        report.goals.append(Goal(f"{one.method}: p95 below {limit} ms", f"{found} ms", found < limit))
    whole = report.result(WHOLE, "as of a day").median / report.result(WHOLE, "latest").median
    report.goals.append(
        Goal("the whole table as of a day: at most twice reading the latest", f"{whole:.2f}", whole <= 2)
    )
    adds = report.result(TAKING, ADDS)
    ratio = report.ratio(adds) or 0.0
    report.goals += [
        Goal("taking a release in: at most 3 times what it takes into empty stores", f"{ratio:.2f}", 0 < ratio <= 3),
        Goal("taking a release in: below 300 ms", f"{significant(adds.median * 1000)} ms", adds.median < 0.3),
    ]
