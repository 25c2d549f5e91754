"""A full refresh computes everything anew in the table that stands: views, rights and functions on it stay."""

from __future__ import annotations

import pytest
from helpers import build_marts, rows

from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, connection

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("registered")]
MARTS = "fct_registration mart_registrations mart_registered_counts"


def standing():
    """What there is of registrations: which relations and functions, whose rights, how many rows; by identity."""
    return [
        rows(
            "select oid::int, relname, relacl::text from pg_class where relkind in ('r', 'v') and relname ~ 'regist'"
            " and relnamespace in ('marts'::regnamespace, 'intermediate'::regnamespace) order by oid",
            role=Role.ADMIN,
        ),
        rows("select oid::int, proacl::text from pg_proc where proname = 'registrations_as_of'", role=Role.ADMIN),
        rows(
            "select (select count(*) from marts.mart_registrations_member),"
            " (select count(*) from marts.mart_registered_counts_member),"
            " (select count(*) from marts.registrations_as_of(null))",
            role=Role.BI_READER,
        ),
        rows("select md5(string_agg(one::text, ' ' order by one::text)) from marts.fct_registration as one"),
    ]


@pytest.fixture
def undone():
    """What a test made to be refreshed away, gone at its end."""
    yield
    with connection(Role.ADMIN) as admin:
        admin.execute("drop view if exists ops.on_registrations")
        admin.execute("alter table marts.fct_registration drop column if exists former")


def test_a_full_refresh_of_one_mart_leaves_all_that_rests_on_it(undone):
    before = standing()
    with connection(Role.ADMIN) as admin:
        admin.execute("create view ops.on_registrations as select count(*) as one from marts.fct_registration")
        admin.execute("update marts.fct_registration set kind = 'company'")
        ((changed,),) = admin.execute("select count(*) from marts.fct_registration where location_code ~ 'CC-'")
    result = dbt.build(select=MARTS, full_refresh=True)
    (node,) = [one for one in result.of("model") if one.name == "fct_registration"]
    assert node.rows_inserted == node.rows_deleted
    assert 0 < node.rows_inserted <= changed + 1, "only what was another, and one firm that changed its kind"
    assert standing() == before
    assert rows("select one from ops.on_registrations", role=Role.ADMIN) == rows(
        "select count(*) from marts.fct_registration"
    )


def test_a_column_that_no_contract_declares_any_more_takes_another_table_and_a_whole_build_makes_it_good(undone):
    before = standing()
    with connection(Role.ADMIN) as admin:
        admin.execute("alter table marts.fct_registration add column former text")
    dbt.build(select="fct_registration", full_refresh=True)
    assert rows("select to_regclass('marts.mart_registered_counts_member') is null") == [(True,)], "dropped with it"
    build_marts()
    after = standing()
    assert [one[1:] for one in sorted(after[0], key=lambda one: one[1])] == [
        one[1:] for one in sorted(before[0], key=lambda one: one[1])
    ]
    assert after[1:] == before[1:]
    assert rows("select count(*) from information_schema.columns where column_name = 'former'") == [(0,)]


def test_a_column_that_the_contract_adds_comes_to_the_table_that_stands(undone):
    with connection(Role.ADMIN) as admin:
        ((oid,),) = admin.execute("select 'marts.dim_place'::regclass::oid::int")
        admin.execute("alter table marts.dim_place drop column spellings cascade")
    assert dbt.invoke("run", "--full-refresh", "--select", "dim_place").failed == ()
    assert rows("select 'marts.dim_place'::regclass::oid::int") == [(oid,)]
    assert rows("select count(*) > 0 from marts.dim_place where cardinality(spellings) > 0") == [(True,)]
    build_marts()
