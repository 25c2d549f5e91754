"""The history of registrations: one edition more, of which 1 % changed, and a filtered question to a big mart."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import date

import psycopg

from bench.installation import installation, server_version
from bench.measure import Goal, Report, significant, versions
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, dsn

FIRMS, EDITIONS, ASKED = 20_000, 24, 400
BIG, MONTHS = 200_000, 240
HISTORY, QUESTION = f"{EDITIONS} editions of {FIRMS:,} registrations", f"{BIG:,} registrants, {MONTHS} months"
#: One edition, written straight into staging: a hundredth of its firms is valid for longer than in the one before.
_EDITION = """
    insert into archive.release values
        (%(n)s, 'pseb/registration_list', 'sha' || %(n)s, 'synthetic', false, %(day)s, 'stated', null, now(), null,
         'partial');
    insert into archive.extraction values (%(n)s, %(n)s, 'bench', '1', null, null, 0, %(firms)s, 0);
    insert into archive.ledger values
        ((select coalesce(max(seq), 0) + 1 from archive.ledger), now(), 'accepted', %(n)s, %(n)s, 'bench', 'x', '{}',
         'x', 'h' || %(n)s);
    insert into staging.entry
    select
        (%(n)s::bigint << 28) | firm, 'pseb/registration_list', %(n)s, %(n)s, 'row=' || firm, 'company', null,
        'X-' || firm || '/20', 'Firm ' || firm, 'x', '2020-01-01', till, 'Active',
        jsonb_build_object(
            'certificate_no', jsonb_build_object('value', 'X-' || firm || '/20'),
            'name', jsonb_build_object('value', 'Firm ' || firm), 'status', jsonb_build_object('value', 'Active'),
            'valid_from', jsonb_build_object('value', '2020-01'),
            'valid_till', jsonb_build_object('value', to_char(till, 'YYYY-MM')))
    from generate_series(1, %(firms)s) as firm
    cross join lateral (
        select (date '2021-01-01' + (%(n)s + firm) / 100 * interval '1 month')::date as till
    ) as validity;
    insert into staging.identity
    select entry_id, 'certificate:X-' || (entry_id & 268435455) || '/20', 'lahore', 'key', false, null
    from staging.entry where release_id = %(n)s
"""
#: A mart of many months and places, through the table alone: what a dashboard asks.
_MART = """
    insert into marts.mart_registrations
    select
        to_char(month, 'YYYY-MM'), kind, 'region' || city % 8, 'city' || city, month,
        (month + interval '1 month')::date,
        {registrants} / (2 * 120), 1, 1, 1, 0, 1, 0, 0, 0, null, 'partial', 'synthetic'
    from generate_series(date '2006-08-01', date '2026-07-01', interval '1 month') as month
    cross join unnest(array['company', 'call_centre']) as kind
    cross join generate_series(1, 120) as city
"""
_QUESTION = """
    select period_code, sum(registered), sum(new), sum(lapsed) from marts.mart_registrations
    where kind = 'call_centre' and city_code = %s group by period_code order by period_code
"""


def run(firms: int = FIRMS, editions: int = EDITIONS) -> Report:
    report = Report("registrations", "Registrations")
    with installation():
        dbt.build()
        for number in range(1, editions):
            _add(number, firms)
        _built(full_refresh=True)
        _add(editions, firms)
        added, seconds = _built()
        assert added == 3 * (firms // 100), f"a row out, in again closed, and one more, not {added}"
        report.result(HISTORY, "one edition more, 1 % changed").seconds.append(seconds)
        whole = _built(full_refresh=True)[1]
        report.result(HISTORY, "the whole history").seconds.append(whole)
        _fill()
        asked = sorted(_asked())
        p95 = asked[int(len(asked) * 0.95)]
        report.result(QUESTION, "one city, all months, median").seconds.append(statistics.median(asked))
        report.result(QUESTION, "one city, all months, p95").seconds.append(p95)
        report.versions = versions("dbt-core") | {"PostgreSQL": server_version()}
    share = seconds / whole
    report.goals += [
        Goal("an edition of which 1 % changed costs at most 5 % of the history", f"{share:.1%}", share <= 0.05),
        Goal("a filtered question in 50 ms, p95", f"{significant(p95 * 1000)} ms", p95 <= 0.05),
    ]
    report.notes.append(
        "Seconds of the model fct_registration itself, as dbt tells them; dbt's own start, the resolving of names and "
        "dim_registrant, which is computed whole, are not counted. The big mart is filled with rows, not built."
    )
    return report


def _add(number: int, firms: int) -> None:
    day = date(2020 + number // 12, number % 12 + 1, 5)
    with psycopg.connect(dsn(Role.ADMIN)) as admin, psycopg.ClientCursor(admin) as cursor:
        cursor.execute(_EDITION, {"n": number, "day": day, "firms": firms})
    with psycopg.connect(dsn(Role.ADMIN), autocommit=True) as admin:
        admin.execute("analyze staging.entry, staging.identity, archive.release, archive.ledger")


def _built(*, full_refresh: bool = False) -> tuple[int, float]:
    result = dbt.build(select="dim_release dim_registrant fct_registration", full_refresh=full_refresh)
    (node,) = [node for node in result.of("model") if node.name == "fct_registration"]
    return node.changed, node.seconds


def _fill() -> None:
    with psycopg.connect(dsn(Role.ADMIN), autocommit=True) as admin:
        admin.execute("truncate marts.mart_registrations")
        admin.execute(_MART.format(registrants=BIG))
        admin.execute("analyze marts.mart_registrations")


def _asked() -> Iterator[float]:
    with psycopg.connect(dsn(Role.BI_READER)) as reader:
        for turn in range(ASKED):
            began = time.perf_counter()
            found = reader.execute(_QUESTION, [f"city{turn % 120 + 1}"]).fetchall()
            yield time.perf_counter() - began
            assert len(found) == MONTHS
