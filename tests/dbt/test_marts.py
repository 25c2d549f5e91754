"""What the marts say of two releases, and that they keep saying it."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest
from helpers import DATASET, MARCH, arrival, build_marts, release_id

from sanad.archive import ledger
from sanad.decide import ingest
from sanad.local.bundled import Cell, at, describe, to_xls
from sanad.registry import dataset
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, connection, engine
from sanad.words import settings
from sanad.words.periods import Period
from sanad.words.vocabulary import VISIBLE, Event, Origin

pytestmark = pytest.mark.warehouse
D = Decimal
APRIL = ("Apr-25 (R)", "Mar-26 (R)", "Apr-26 (P)", "Jul-Apr, FY25 (R)", "Jul-Apr, FY26 (P)")
MARTS = {
    "dim_build", "dim_ebops_line", "dim_period", "dim_place", "dim_registrant", "dim_release", "dim_sector",
    "fct_exchange_rate_print", "fct_registration", "fct_reported_exports_print", "fct_services_trade",
    "fct_services_trade_print", "fct_services_trade_vintage",
    "mart_call_centres", "mart_claims_weighed", "mart_cross_checks", "mart_data_health", "mart_derived_periods",
    "mart_exports_per_registrant", "mart_industry_brief", "mart_registered_counts", "mart_registered_counts_member",
    "mart_registrations", "mart_registrations_member", "mart_revision_statistics", "mart_revisions",
    "mart_sector_exports", "mart_silent_revisions",
}  # fmt: skip
VIEWS = {"mart_registered_counts_member", "mart_registrations_member"}
#: here no register, count, article, exchange rate or balance of payments is told
EMPTY = {
    "dim_registrant", "fct_exchange_rate_print", "fct_registration", "fct_reported_exports_print",
    "mart_claims_weighed", "mart_cross_checks", "mart_exports_per_registrant", "mart_registered_counts",
    "mart_registered_counts_member", "mart_registrations",
    "mart_registrations_member",
}  # fmt: skip


def note(release, event):
    with engine(Role.LOADER).begin() as writing:
        ledger.append(writing, "tester", ledger.Entry(event, release, "a test"))


@pytest.fixture(scope="session")
def manifest(built):
    return json.loads((settings.state() / "dbt" / "target" / "manifest.json").read_text())


@pytest.fixture(scope="session")
def marts(manifest):
    found = {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    }
    assert found.keys() >= MARTS
    return found


def test_call_centres_of_march_2026_with_growth_and_share(query):
    [row] = query(
        "select exports_usd_thousand, flag, exports_year_ago_usd_thousand, round(exports_yoy_pct, 2), "
        "ict_exports_usd_thousand, share_of_ict_pct, origin, basis, edition from marts.mart_call_centres "
        "where period_code = '2026-03'"
    )
    assert row == (
        D("36409.925100"), "P", D("32258.232600"), D("12.87"), D("413622.892000"),
        round(D(100) * D("36409.9251") / D("413622.892"), 6), "transcribed", "printed", "2026-03",
    )  # fmt: skip


def test_call_centres_of_the_year_to_date(query):
    [row] = query(
        "select exports_usd_thousand, exports_year_ago_usd_thousand, round(exports_yoy_pct, 2) "
        "from marts.mart_call_centres where period_code = 'FY26.Jul-Mar'"
    )
    assert row == (D("289057.966"), D("240153.655"), D("20.36"))


def test_ict_total_of_march_2026(query):
    assert query(
        "select exports_usd_thousand from marts.mart_sector_exports "
        "where sector_code = 'ict_total' and period_code = '2026-03'"
    ) == [(D("413622.892"),)]


def test_a_revised_figure_shows_its_newest_print_and_who_printed_it(query):
    assert query(
        "select value_usd_thousand, flag, edition, published_on::text, origin, basis, release_id "
        "from marts.fct_services_trade where (ebops_code, measure, period_code) = ('0', 'credit', '2026-02')"
    ) == [(D("800206.041911"), "R", "2026-03", "2026-04-17", "transcribed", "printed", release_id(MARCH))]


def test_freelance_is_the_sum_of_two_lines_and_cites_both(query):
    [(value, flag, basis, cited, share, outside)] = query(
        "select exports_usd_thousand, flag, basis, cardinality(exports_figure_ids), share_of_ict_pct, "
        "ict_exports_figure_ids from marts.mart_sector_exports "
        "where sector_code = 'freelance_all' and period_code = '2026-03'"
    )
    assert (value, flag, basis, cited) == (D("112979.6014") + D("57988.8063"), "P", "derived", 2)
    assert share is None and outside is None


def test_a_cell_without_a_value_keeps_its_reason_and_its_lineage(query):
    assert query(
        "select value_usd_thousand, null_reason, cardinality(value_figure_ids) from marts.fct_services_trade "
        "where (ebops_code, measure, period_code) = ('9.2.5', 'debit', '2026-03')"
    ) == [(None, "N/A", 1)]


def test_a_cited_figure_is_the_cell_that_was_printed(query):
    assert query(
        "select figure.locator, figure.header_locator, round(figure.value, 6) = mart.exports_usd_thousand "
        "from marts.mart_call_centres as mart "
        "join staging.figure on figure.figure_id = any(mart.exports_figure_ids) "
        "where mart.period_code = '2026-03'",
        role=Role.AUDITOR,
    ) == [("'EBOPS '!I61", "'EBOPS '!I7", True)]


def test_periods_agree_with_the_package(query):
    rows = query("select period_code, period_kind, period_start, period_end, fiscal_year from marts.dim_period")
    assert len(rows) == 12
    for code, kind, start, end, fiscal_year in rows:
        period = Period.parse(code)
        assert (period.kind.value, period.start, period.end) == (kind, start, end)
        assert fiscal_year == {"2025": 2025, "2026": 2026, "FY25": 2025, "FY26": 2026}[code[:4]]


def test_origins_are_ordered_as_in_the_package():
    macro = (settings.project() / "dbt_project" / "macros" / "weakest.sql").read_text()
    assert f"array[{', '.join(repr(origin.value) for origin in Origin)}]" in macro


def test_visible_events_are_those_of_the_package():
    macro = (settings.project() / "dbt_project" / "macros" / "visible_events.sql").read_text()
    assert set(re.findall(r"'(\w+)'", macro.partition("-#}")[2])) == {event.value for event in VISIBLE}


def test_the_build_says_what_it_holds_and_which_ledger_it_saw(query, built):
    [row] = query("select dataset, newest_edition, releases, figures, ledger_seq, complete from marts.dim_build")
    assert row == ("sbp/trade_in_services", "2026-03", 2, 2 * 88 * 15, 4, True)


def test_every_mart_and_column_is_described_in_postgres_too(marts, query):
    for name, node in marts.items():
        assert node["description"], name
        assert all(column["description"] for column in node["columns"].values()), name
    rows = query(
        "select relname, attname, col_description(pg_class.oid, attnum), "
        "obj_description(pg_class.oid, 'pg_class') "
        "from pg_class join pg_attribute on attrelid = pg_class.oid "
        "where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v') and attnum > 0 and not attisdropped"
    )
    assert {table for table, *_ in rows} >= MARTS
    assert [row for row in rows if not (row[2] and row[3])] == []


def test_every_mart_has_the_primary_key_its_contract_declares(marts, query):
    for name, node in marts.items():
        assert node["contract"]["enforced"], name
        if name in VIEWS:
            continue
        [declared] = [c["columns"] for c in node["constraints"] if c["type"] == "primary_key"]
        assert query(
            "select array_agg(attname::text order by array_position(conkey, attnum)) from pg_constraint "
            "join pg_attribute on attrelid = conrelid and attnum = any(conkey) "
            "where contype = 'p' and conrelid = %s::regclass",
            f"marts.{name}",
        ) == [(declared,)]


def test_the_reader_sees_every_mart_and_nothing_before_them(marts, query):
    for name in marts:
        assert query(f"select count(*) > 0 from marts.{name}") == [(name not in EMPTY,)]
    for hidden in (
        "staging.figure",
        "staging.stg_sbp__trade_in_services",
        "intermediate.int_releases__visible",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query(f"select 1 from {hidden}")


def test_the_build_is_written_after_every_other_mart(manifest, marts):
    others = {node["unique_id"] for name, node in marts.items() if name != "dim_build"}
    assert set(marts["dim_build"]["depends_on"]["nodes"]) >= others


def test_no_model_reads_the_clock_or_chance(manifest):
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model":
            for word in (
                "now(",
                "current_date",
                "current_timestamp",
                "clock_timestamp",
                "random(",
                "{{ invocation_id",
            ):
                assert word not in node["raw_code"].lower(), node["name"]


def test_releases_are_read_in_one_place(manifest):
    readers = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and any(".archive." in parent for parent in node["depends_on"]["nodes"])
    }
    assert readers == {
        "int_releases__state", "int_releases__history", "int_corrections__entries", "int_corrections__history",
        "int_services_trade__touched",
    }  # fmt: skip


def test_names_fit(manifest):
    names = [node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert len(names) > 10 and max(map(len, names)) <= 51


def test_results_of_every_node_are_kept(query, built):
    rows = query(
        "select node, status, rows_inserted from ops.dbt_result where invocation_id = %s",
        built.invocation_id,
        role=Role.AUDITOR,
    )
    assert {row[0] for row in rows} == {node.node for node in built.nodes}
    assert {row[1] for row in rows} == {"success", "pass"}
    assert ("model.sanad.fct_services_trade", "success", len(query("table marts.fct_services_trade"))) in rows


def _identity():
    with connection(Role.AUDITOR) as warehouse:
        return warehouse.execute(
            "select oid::regclass::text, oid, relfilenode, relacl::text from pg_class "
            "where relkind in ('r', 'v') and relnamespace in "
            "('marts'::regnamespace, 'intermediate'::regnamespace, 'staging'::regnamespace) order by 1"
        ).fetchall()


def test_a_second_build_changes_nothing_and_no_table_or_view_is_made_anew(built, query, manifest):
    formulas = "select xmin::text, measure.* from lineage.measure order by mart, place"
    before, declared = _identity(), query(formulas, role=Role.AUDITOR)
    reported = []
    again = dbt.build(report=reported.append)
    assert again.changed_marts == ()
    changes = {n.name: (n.rows_inserted, n.rows_deleted) for n in again.of("model") if n.name in MARTS}
    unchanged = dict.fromkeys(MARTS, (0, 0)) | dict.fromkeys(VIEWS, (None, None))
    assert changes == unchanged | {"dim_build": (1, 1)}
    # seeds are truncated and filled by dbt
    seeds = {f"staging.{node['name']}" for node in manifest["nodes"].values() if node["resource_type"] == "seed"}
    assert [r for r in _identity() if r[0] not in seeds] == [r for r in before if r[0] not in seeds]
    assert {node.node for node in reported} == {node.node for node in again.nodes}
    assert query(formulas, role=Role.AUDITOR) == declared


def test_unit_tests_of_every_calculation_pass(built, query):
    builds = query("select count(*) from ops.build", role=Role.AUDITOR)
    result = dbt.invoke("test", "--select", "test_type:unit")
    assert query("select count(*) from ops.build", role=Role.AUDITOR) == builds, "a test is no build"
    tests = result.of("unit_test")
    assert [f"{node.node}: {node.message}" for node in tests if node.status != "pass"] == []
    assert len(tests) >= 15


def test_a_build_changes_only_rows_beside_a_reader_and_a_view_on_the_mart(built, query):
    with connection(Role.OWNER) as warehouse:
        warehouse.execute("create view ops.on_a_mart as select count(*) from marts.mart_call_centres")
    before = _identity()
    with connection(Role.OWNER) as warehouse:
        warehouse.execute(
            "update marts.mart_call_centres set flag = 'R', exports_figure_ids = '{1}' where period_code = '2026-03'"
        )
        warehouse.execute("delete from marts.mart_call_centres where period_code = '2026-02'")
    with connection(Role.ADMIN) as warehouse:
        warehouse.execute("alter role transformer set lock_timeout = '5s'")
    try:
        with connection(Role.BI_READER) as reading:  # neither waits for the other
            reading.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            seen = reading.execute("table marts.mart_call_centres order by 1").fetchall()
            result = dbt.build(select="mart_call_centres")
            assert reading.execute("table marts.mart_call_centres order by 1").fetchall() == seen
        [mart] = [node for node in result.of("model") if node.name == "mart_call_centres"]
        assert (mart.rows_inserted, mart.rows_deleted) == (2, 1)
        assert result.changed_marts == ("mart_call_centres",)
        assert _identity() == before
        assert query("select * from ops.on_a_mart", role=Role.OWNER) == [(12,)]
        assert query("select complete from marts.dim_build") == [(False,)], "a part of a build is no build"
    finally:
        with connection(Role.OWNER) as warehouse:
            warehouse.execute("drop view ops.on_a_mart")
        with connection(Role.ADMIN) as warehouse:
            warehouse.execute("alter role transformer reset lock_timeout")
        build_marts(select="dim_build")


def test_a_mart_is_left_as_it_was_when_its_new_rows_do_not_fit(built, query):
    before = query("table marts.dim_sector order by 1")
    with connection(Role.OWNER) as warehouse:
        warehouse.execute("delete from marts.dim_sector where sector_code = 'call_centres'")
        warehouse.execute("update marts.dim_sector set sector_name = 'planted' where sector_code = 'ict_total'")
        warehouse.execute("alter table marts.dim_sector add constraint planted check (sector_code != 'call_centres')")
    planted = query("table marts.dim_sector order by 1")
    try:
        with pytest.raises(dbt.BuildFailed, match=r"dim_sector: .*planted"):
            dbt.build(select="dim_sector")
        assert query("table marts.dim_sector order by 1") == planted
    finally:
        with connection(Role.OWNER) as warehouse:
            warehouse.execute("alter table marts.dim_sector drop constraint planted")
        build_marts(select="dim_sector dim_build")
    assert query("table marts.dim_sector order by 1") == before


def test_a_column_that_is_added_leaves_the_table_and_its_readers_in_place(built, query):
    [(oid,)] = query("select 'marts.dim_sector'::regclass::oid")
    with connection(Role.OWNER) as warehouse:  # as the mart was before ebops_codes came
        warehouse.execute("alter table marts.dim_sector drop column ebops_codes")
        warehouse.execute("create view ops.on_sectors as select sector_name from marts.dim_sector")
    try:
        build_marts(select="dim_sector dim_build")
        assert query("select 'marts.dim_sector'::regclass::oid") == [(oid,)]
        assert query("select ebops_codes from marts.dim_sector where sector_code = 'freelance_all'") == [
            (["10.3.5", "9.2.5"],)
        ]
        assert query(
            "select col_description('marts.dim_sector'::regclass, attnum) from pg_attribute "
            "where attrelid = 'marts.dim_sector'::regclass and attname = 'ebops_codes'"
        ) == [("The lines it is the sum of.",)]
    finally:
        with connection(Role.OWNER) as warehouse:
            warehouse.execute("drop view ops.on_sectors")


def test_a_full_refresh_gives_the_same_rows_and_the_reader_keeps_its_rights(built, query, marts):
    def everything():
        return {name: sorted(query(f"table marts.{name}"), key=repr) for name in marts if name != "dim_build"}

    before = everything()
    build_marts(full_refresh=True)
    assert everything() == before


def test_a_release_that_breaks_a_sum_stops_the_build_before_the_marts(built, query):
    headers = dict(zip(MARCH.headers, APRIL, strict=True))
    sheet = describe(replace(MARCH, headers=headers))
    sheet.cells[at("I61")] = Cell(1.0)
    ungated = dataset(DATASET).model_copy(update={"gates": []})
    saved = datetime(2026, 5, 18, 7, tzinfo=UTC)
    before = query("table marts.fct_services_trade order by 1, 2, 3")
    bad = ingest(ungated, arrival(to_xls(sheet), http_last_modified=saved)).release_id
    try:
        with pytest.raises(dbt.BuildFailed, match="children_add_up_to_their_parent") as failure:
            dbt.build()
        assert failure.value.final
        assert {node.name for node in failure.value.result.failed} >= {
            "children_add_up_to_their_parent", "net_is_credit_less_debit", "nine_sectors_add_up_to_ict",
        }  # fmt: skip
        assert [n.status for n in failure.value.result.nodes if n.name == "fct_services_trade"] == ["skipped"]
        assert query("table marts.fct_services_trade order by 1, 2, 3") == before
        assert query("select complete from marts.dim_build") == [(False,)]
        assert query(
            "select count(*) from ops.dbt_result where invocation_id = %s and status in ('fail', 'skipped')",
            failure.value.result.invocation_id,
            role=Role.AUDITOR,
        )[0][0] > 3  # fmt: skip
    finally:
        note(bad, Event.RETRACTED)
    build_marts()
    assert query("table marts.fct_services_trade order by 1, 2, 3") == before
    assert query("select handle, state from marts.dim_release order by 1") == [
        ("sbp/trade_in_services@2026-02", "accepted"),
        ("sbp/trade_in_services@2026-03", "accepted"),
        ("sbp/trade_in_services@2026-04", "retracted"),
    ]


def test_a_retracted_release_gives_way_to_the_one_before_and_comes_back(built, query):
    question = (
        "select value_usd_thousand, edition from marts.fct_services_trade "
        "where (ebops_code, measure, period_code) = ('0', 'credit', '2026-02')"
    )
    note(release_id(MARCH), Event.RETRACTED)
    assert "fct_services_trade" in build_marts().changed_marts
    assert query(question) == [(D("812245.695592"), "2026-02")]
    assert query("select count(*) from marts.mart_call_centres") == [(8,)]
    note(release_id(MARCH), Event.REINSTATED)
    build_marts()
    assert query(question) == [(D("800206.041911"), "2026-03")]


def test_a_view_before_the_marts_is_replaced_in_place_when_it_grows_and_made_anew_when_it_changes(built, query):
    view = "intermediate.int_services_trade__latest"
    question = f"select oid, pg_get_viewdef(oid) from pg_class where oid = '{view}'::regclass"
    [(oid, _)] = query(question, role=Role.TRANSFORMER)
    below = "select 'intermediate.int_sector_exports__compute'::regclass::oid"
    with connection(Role.TRANSFORMER) as warehouse:  # as an older release of the project would have left it
        definition = warehouse.execute(question).fetchone()[1].rstrip("; ")
        warehouse.execute(f"create or replace view {view} as {definition} limit 7")
    build_marts()
    [(again, now)] = query(question, role=Role.TRANSFORMER)
    assert again == oid and "limit" not in now.lower()
    with connection(Role.TRANSFORMER) as warehouse:
        warehouse.execute(f"drop view {view} cascade")
        warehouse.execute(f"create view {view} as select 1 as another")
    build_marts()
    [(again, now)] = query(question, role=Role.TRANSFORMER)
    assert again != oid and "another" not in now
    assert query(below, role=Role.TRANSFORMER)
