"""Twenty readers beside builds: no mart is ever empty, missing or locked."""

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import psycopg
import pytest
from helpers import DATASET, MARCH, arrival, build_marts

from sanad.archive import ledger
from sanad.decide import builds, ingest
from sanad.local.bundled import describe, to_xls
from sanad.registry import dataset
from sanad.warehouse.connect import Role, connection, dsn, engine
from sanad.words.vocabulary import Event

pytestmark = pytest.mark.warehouse
APRIL = ("Apr-25 (R)", "Mar-26 (R)", "Apr-26 (P)", "Jul-Apr, FY25 (R)", "Jul-Apr, FY26 (P)")
READERS = 20
#: A reader that waits this long for a lock gives up, and is counted.
PATIENCE = "1s"
_MARTS = """
    select table_name from information_schema.tables where table_schema = 'marts' order by 1
"""
#: What a function of a day answers, beside the tables and views.
_FUNCTIONS = (
    "marts.sector_exports_as_of('2026-03-20') where sector_code = 'call_centres'",
    "marts.services_trade_as_of('2026-03-20') where ebops_code = '9.1.1'",
    "marts.registrations_as_of('2025-03-05')",
)


@dataclass
class Seen:
    """What readers met together."""

    answers: int = 0
    trouble: set[str] = field(default_factory=set)
    longest: float = 0.0


def _filled(query):
    """The marts that hold rows now, and the functions: what has to go on answering."""
    named = [f"marts.{name}" for (name,) in query(_MARTS)]
    return [name for name in (*named, *_FUNCTIONS) if query(f"select exists (select from {name})") == [(True,)]]


def _read(relations, seen, over, first):
    with psycopg.connect(dsn(Role.BI_READER), autocommit=True) as reading:
        reading.execute(f"set lock_timeout = '{PATIENCE}'")
        for turn in range(first, 10**9):
            if over.is_set():
                return
            relation = relations[turn % len(relations)]
            began = time.monotonic()
            try:
                rows = reading.execute(f"select count(*) from (select from {relation}) as answer").fetchone()[0]
                if not rows:
                    seen.trouble.add(f"{relation}: empty")
            except psycopg.Error as error:
                seen.trouble.add(f"{relation}: {str(error).splitlines()[0]}")
            seen.longest = max(seen.longest, time.monotonic() - began)
            seen.answers += 1
            time.sleep(0.15)


@contextmanager
def readers(relations):
    """Twenty people who ask one relation after another, each at a place of its own, until the block ends."""
    seen, over = Seen(), threading.Event()
    people = [threading.Thread(target=_read, args=(relations, seen, over, 3 * n)) for n in range(READERS)]
    for person in people:
        person.start()
    try:
        yield seen
    finally:
        over.set()
        for person in people:
            person.join()


def april():
    """A third edition: March's figures under April's headings, let in by no gate."""
    sheet = describe(replace(MARCH, headers=dict(zip(MARCH.headers, APRIL, strict=True))))
    ungated = dataset(DATASET).model_copy(update={"gates": []})
    return ingest(ungated, arrival(to_xls(sheet), http_last_modified=datetime(2026, 5, 18, 7, tzinfo=UTC))).release_id


def retract(release):
    with engine(Role.LOADER).begin() as writing:
        ledger.append(writing, "tester", ledger.Entry(Event.RETRACTED, release, "readers looked on"))


def identities(query):
    """What each relation of the marts is to PostgreSQL: another one after it was dropped or swapped."""
    return dict(
        query("select relname, oid from pg_class where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v')")
    )


@pytest.fixture
def query(registered):
    def ask(question):
        with connection(Role.BI_READER) as asking:
            return asking.execute(question).fetchall()

    return ask


def test_readers_never_see_an_empty_missing_or_locked_table_while_marts_are_built(query):
    relations = _filled(query)
    assert len(relations) > 20
    with readers(relations) as seen:
        release = april()
        assert "mart_sector_exports" in build_marts(builds.build).changed_marts
        retract(release)
        assert "mart_sector_exports" in build_marts(builds.build).changed_marts
    assert seen.trouble == set()
    assert seen.answers > 10 * READERS


def test_nor_while_a_contract_changes_and_every_mart_is_made_anew(query):
    relations = _filled(query)
    with connection(
        Role.OWNER
    ) as warehouse:  # as marts were before a column came, and before one was given another type
        warehouse.execute("alter table marts.mart_call_centres drop column share_of_ict_pct")
        warehouse.execute("alter table marts.mart_revisions alter column edition type varchar(40)")
    stood = identities(query)
    with readers(relations) as seen:
        build_marts(builds.build, full_refresh=True)
    assert seen.trouble == set()
    assert query("select count(share_of_ict_pct) > 0 from marts.mart_call_centres") == [(True,)]
    anew = {name for name, identity in identities(query).items() if stood[name] != identity}
    assert anew == {"mart_revisions"}


def test_what_readers_would_meet_is_noticed(query):
    """A table that is emptied, locked or gone is told, so that silence above means something."""
    named = ["marts.dim_place", "marts.dim_sector", "marts.dim_period"]
    with connection(Role.OWNER) as warehouse, readers(named) as seen:
        warehouse.execute("create table if not exists ops.kept as table marts.dim_place")
        warehouse.execute("delete from marts.dim_place")
        warehouse.execute("alter table marts.dim_sector rename to dim_sector_gone")
        warehouse.commit()
        with warehouse.transaction():
            warehouse.execute("lock table marts.dim_period in access exclusive mode")
            time.sleep(1.5)
        with warehouse.transaction():
            warehouse.execute("alter table marts.dim_sector_gone rename to dim_sector")
            warehouse.execute("insert into marts.dim_place table ops.kept")
            warehouse.execute("drop table ops.kept")
    told = " ".join(sorted(seen.trouble))
    assert "marts.dim_place: empty" in told
    assert "marts.dim_period: canceling statement due to lock timeout" in told
    assert 'relation "marts.dim_sector" does not exist' in told
