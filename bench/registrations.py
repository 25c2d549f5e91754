"""The history of registrations: one edition more, of which 1 % changed, and a filtered question to a big mart."""

from __future__ import annotations

import re
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg

from bench.installation import installation, server_version
from bench.measure import Goal, Report, p95, significant, versions
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
#: Registrations of 20 years, written straight into the store: one validity of a year or up to eight in a row, with a
#: gap after the fourth, in every city that is known, in some more than in others.
_STORE = """
    truncate marts.fct_registration;
    insert into staging.entry
    select
        (1::bigint << 28) | firm, 'pseb/registration_list', 1, 1, 'row=' || firm, 'company', null,
        'X-' || firm || '/20', 'Firm ' || firm, 'x', '2020-01-01', '2021-01-01', 'Active', '{{}}'
    from generate_series(1::bigint, {registrants}) as firm
    on conflict do nothing;
    insert into marts.fct_registration
    with city as (
        select place_code, row_number() over (order by place_code) - 1 as n, count(*) over () as cities
        from marts.dim_place where place_kind = 'city'
    ),
    firm as (
        select
            firm, case firm % 3 when 0 then 'call_centre' else 'company' end as kind, city.place_code,
            (date '2006-08-01' + (firm * 7919 % 150) * interval '1 month')::date as first_on, 1 + firm * 31 % 8 as years
        from generate_series(1::bigint, {registrants}) as firm
        join city on city.n = least(firm * 104729 % city.cities, firm * 1299709 % city.cities)
    ),
    said as (
        select
            firm.*, year,
            (first_on + (year * 12 + case when year > 3 then 5 else 0 end) * interval '1 month')::date as from_month
        from firm cross join lateral generate_series(0, years - 1) as year
    )
    select
        'certificate:X-' || firm || '/20', 'certificate:X-' || firm || '/20', from_month + 4,
        lead(from_month + 4) over (partition by firm order by year), kind, place_code, false, from_month,
        (from_month + interval '11 months')::date, (from_month + interval '12 months')::date, false,
        case year when 0 then 'new' when 4 then 're_registered' else 'renewed' end, true, 'key', null::numeric, false,
        'synthetic', 'pseb/registration_list', 1, array[(1::bigint << 28) | firm]
    from said
    union all
    select
        'x', 'x', date '2026-07-31', null, 'company', 'lahore', false, '2026-07-01', '2026-12-01', '2027-01-01', false,
        'new', true, 'key', null::numeric, false, 'synthetic', 'pseb/registration_list', 1, array[1::bigint << 28]
"""
_CITIES = """
    select city_code, count(*) from marts.mart_registrations where kind = 'call_centre' group by 1 order by 2 desc, 1
"""
_QUESTION = """
    select period_code, sum(registered), sum(new), sum(lapsed) from marts.mart_registrations
    where kind = 'call_centre' and city_code = %s group by period_code order by period_code
"""
#: The fullest counts of the cities, each city's months in turn.
_COUNTS = """
    select concat_ws('/', period_code, kind, region_code, city_code), registered
    from marts.mart_registrations
    order by row_number() over (partition by city_code order by registered desc), city_code limit %s
"""
_MEMBERS = "select * from lineage.trace('mart_registrations', %s, 'registered', most_members => 50)"


def run(firms: int = FIRMS, editions: int = EDITIONS, big: int = BIG) -> Report:
    report = Report("registrations", "Registrations")
    with installation():
        dbt.build()
        for number in range(1, editions):
            _add(number, firms)
        _built(full_refresh=True)
        _add(editions, firms)
        changed, seconds = _built()
        assert changed == 3 * (firms // 100), f"a row out, in again closed, and one more, not {changed}"
        report.result(HISTORY, "one edition more, 1 % changed").seconds.append(seconds)
        whole = _built(full_refresh=True)[1]
        report.result(HISTORY, "the whole history").seconds.append(whole)
        _mart(report, big)
        asked = list(_asked())
        slowest = p95(asked)
        report.result(QUESTION, "one city, all months, median").seconds.append(statistics.median(asked))
        report.result(QUESTION, "one city, all months, p95").seconds.append(slowest)
        paged = list(_paged())
        report.result(QUESTION, "whom one count counts, the first 50, median").seconds.append(statistics.median(paged))
        report.result(QUESTION, "whom one count counts, the first 50, p95").seconds.append(p95(paged))
        report.versions = versions("dbt-core") | {"PostgreSQL": server_version()}
    share = seconds / whole
    report.goals += [
        Goal("an edition of which 1 % changed costs at most 5 % of the history", f"{share:.1%}", share <= 0.05),
        Goal("a filtered question in 50 ms, p95", f"{significant(slowest * 1000)} ms", slowest <= 0.05),
        Goal("the first page of a count in 20 ms, p95", f"{significant(p95(paged) * 1000)} ms", p95(paged) <= 0.02),
    ]
    report.notes.append(
        "Seconds of the model fct_registration itself, as dbt tells them; dbt's own start, the resolving of names and "
        "dim_registrant, which is computed whole, are not counted. The big mart is built from a store that is filled "
        "with rows; its peak is what the backends of the build held in memory of their own, read four times a second."
    )
    return report


def _mart(report: Report, registrants: int) -> None:
    """Build the mart of many registrants, and watch what that takes."""
    with psycopg.connect(dsn(Role.ADMIN), autocommit=True) as admin:
        for statement in _STORE.format(registrants=registrants).split(";"):
            admin.execute(statement)
        admin.execute("analyze marts.fct_registration")
    with _watched() as peak:
        nodes = dbt.invoke("run", "--select", "int_registrations__span mart_registrations").of("model")
    assert [node.message for node in nodes if node.failed] == []
    built = report.result(QUESTION, "the mart built, with whom it counts")
    built.seconds.append(sum(node.seconds for node in nodes))
    with psycopg.connect(dsn(Role.ADMIN), autocommit=True) as admin:
        admin.execute("analyze marts.mart_registrations, intermediate.int_registrations__span, staging.entry")
        counted = admin.execute("select count(*), max(registered) from marts.mart_registrations").fetchone()
    assert counted
    built.more |= {"peak MiB": peak[0] // 1024, "rows": counted[0], "most in a month": counted[1]}


@contextmanager
def _watched() -> Iterator[list[int]]:
    """The most KiB that all backends together held for themselves alone while the block ran."""
    peak, ended = [0], threading.Event()

    def watch() -> None:
        with psycopg.connect(dsn(Role.ADMIN), autocommit=True) as admin:
            while not ended.wait(0.25):
                pids = admin.execute("select pid from pg_stat_activity where usename = 'transformer'").fetchall()
                peak[0] = max(peak[0], sum(_anonymous(pid) for (pid,) in pids))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield peak
    finally:
        ended.set()
        watching.join()


def _anonymous(pid: int) -> int:
    """KiB of a process' own memory; 0 when it has ended."""
    try:
        found = re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except FileNotFoundError:
        return 0
    return int(found[1]) if found else 0


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


def _asked() -> Iterator[float]:
    with psycopg.connect(dsn(Role.BI_READER)) as reader:
        cities = [city for city, _ in reader.execute(_CITIES).fetchall()]
        for turn in range(ASKED):
            began = time.perf_counter()
            found = reader.execute(_QUESTION, [cities[turn % len(cities)]]).fetchall()
            yield time.perf_counter() - began
            assert found


def _paged() -> Iterator[float]:
    with psycopg.connect(dsn(Role.AUDITOR)) as auditor:
        counts = auditor.execute(_COUNTS, [ASKED]).fetchall()
        auditor.execute(_MEMBERS, counts[0][:1])  # PL/pgSQL compiles a function when a session first calls it
        for key, registered in counts:
            began = time.perf_counter()
            found = auditor.execute(_MEMBERS, [key]).fetchall()
            yield time.perf_counter() - began
            assert len(found) == min(registered, 50), key
