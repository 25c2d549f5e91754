"""Each generic data test fails on bad rows: its compiled SQL, run beside rows planted in a transaction."""

import json

import pytest
from helpers import FEBRUARY, MARCH, release_id

from sanad.words import settings

pytestmark = pytest.mark.warehouse

JULY = """
    insert into staging.figure
    select (jsonb_populate_record(figure, jsonb_build_object(
        'figure_id', figure_id + 1000000, 'period_start', '2025-07-01', 'period_end', '2025-08-01',
        'period_kind', '{kind}', 'period_code', '{code}', 'value', {value}
    ))).*
    from staging.figure
    where release_id = {release} and series_code = '9.1.1' and measure = 'credit' and period_code = '2026-03'
"""
REGISTRATION = (
    "insert into marts.fct_registration (registrant_code, location_code, published_on, place_code, is_branch, "
    "is_provisional, is_listed, linked_by, corrected, origin, dataset, release_id, entry_ids) values "
    "('x', 'x', '{}', 'lahore', false, false, true, 'key', false, 'synthetic', 'x', 1, array[1])"
)
#: A count that cites, and exports for each registrant that cite exports for everything, but for one column.
COUNT = (
    "insert into marts.mart_registered_counts (count_id, counted_what, registrar, kind, count_kind, counted, region, "
    "claimant, reference_precision, claimed, unit, reasons, corrected, origin, dataset, release_id, published_on, "
    "claimed_figure_ids) values ('x', 'x', 'PSEB', 'company', 'stock', 'active', 'Pakistan', 'x', 'day', 1, 'count', "
    "'{{}}', false, 'press', 'x', 1, '2024-01-01', {})"
)
FOR_EACH = (
    "insert into marts.mart_exports_per_registrant (period_code, period_kind, period_start, period_end, basis, origin, "
    "corrected, dataset, edition, published_on, registrants_least, exports_usd_thousand, registrants_most, "
    "exports_figure_ids, registrants_least_figure_ids, registrants_most_figure_ids) select period_code, period_kind, "
    "period_start, period_end, basis, origin, corrected, dataset, edition, published_on, 1, 1, 1, exports_figure_ids, "
    "exports_figure_ids, exports_figure_ids from marts.mart_call_centres where period_code = 'FY26.Jul-Mar';"
    "update marts.mart_exports_per_registrant set registrants_least_figure_ids = {0}, registrants_most_figure_ids = {1}"
)
CREDIT = f"release_id = {release_id(MARCH)} and measure = 'credit' and period_code = '2026-03'"

#: test, what is planted, rows it must find (None: at least one)
BAD = [
    ("one_row_per_key_and_release", "insert into staging.figure select (jsonb_populate_record(figure, "
     "jsonb_build_object('figure_id', figure_id + 1000000))).* from staging.figure "
     f"where {CREDIT} and series_code = '9.1.1'", 1),
    ("net_is_credit_less_debit",
     f"update staging.figure set value = value + 0.000002 where {CREDIT} and series_code = '9.1.1'", 1),
    ("net_is_credit_less_debit", f"delete from staging.figure where {CREDIT} and series_code = '9.1.1'", 1),
    ("children_add_up_to_their_parent",
     f"update staging.figure set value = value + 0.000002 where {CREDIT} and series_code = '9.3.1'", 1),
    ("children_add_up_to_their_parent", f"delete from staging.figure where {CREDIT} and series_code = '10'",
     None),
    ("nine_sectors_add_up_to_ict",
     f"update staging.figure set value = value - 0.000002 where {CREDIT} and series_code = '9.3'", 1),
    ("nine_sectors_add_up_to_ict", f"delete from staging.figure where {CREDIT} and series_code = '9.1.1'", 1),
    ("july_equals_july_to_date",
     JULY.format(kind="month", code="2025-07", value=100, release=release_id(MARCH)) + ";" +
     JULY.format(kind="fiscal_year_to_date", code="FY26.Jul-Jul", value=100.000001, release=release_id(MARCH))
     .replace("+ 1000000", "+ 1000001"), 1),
    ("fct_services_trade_has_lineage",
     "update marts.fct_services_trade set value_figure_ids = '{}' where (ebops_code, measure, period_code) = "
     "('9.1.1', 'credit', '2026-03')", 1),
    ("fct_services_trade_has_lineage",
     "update marts.fct_services_trade set value_figure_ids = '{12345}' "
     "where (ebops_code, measure, period_code) = ('9.1.1', 'credit', '2026-03')", 1),
    ("mart_sector_exports_has_lineage",
     "update marts.mart_sector_exports set exports_year_ago_figure_ids = null "
     "where (sector_code, period_code) = ('call_centres', '2026-03')", 1),
    ("mart_sector_exports_has_lineage",
     "update marts.mart_sector_exports set exports_figure_ids = "
     "array[exports_figure_ids[2], exports_figure_ids[1]] "
     "where (sector_code, period_code) = ('freelance_all', '2026-03')", 1),
    ("mart_call_centres_has_lineage",
     "update marts.mart_call_centres set ict_exports_figure_ids = ict_exports_figure_ids || null::bigint "
     "where period_code = '2026-03'", 1),
    ("mart_derived_periods_has_lineage",
     "update marts.mart_derived_periods set value_less_figure_ids = '{12345}' "
     "where (series_code, measure, period_code) = ('9.1.1', 'credit', 'FY26.Jul-Dec')", 1),
    ("mart_sector_exports_has_lineage",
     "update marts.mart_sector_exports set exports_less_figure_ids = '{}' "
     "where (sector_code, period_code) = ('call_centres', 'FY26.Jul-Dec')", 1),
    ("mart_sector_exports_has_lineage",
     "update marts.mart_sector_exports set ict_exports_less_figure_ids = ict_exports_figure_ids "
     "where (sector_code, period_code) = ('call_centres', 'FY26.Jul-Dec')", 1),
    # there and not there: once for the value without figures, once for what is taken away from none
    ("mart_sector_exports_has_lineage",
     "update marts.mart_sector_exports set exports_year_ago_figure_ids = null "
     "where (sector_code, period_code) = ('call_centres', 'FY26.Jul-Jan')", 2),
    ("fct_services_trade_print_has_lineage",
     "update marts.fct_services_trade_print set value_figure_ids = '{}' where (series_code, measure, period_code) = "
     "('9.1.1', 'credit', '2026-03')", 1),
    ("fct_services_trade_vintage_has_lineage",
     "update marts.fct_services_trade_vintage set value_figure_ids = '{}' where (series_code, measure, period_code) = "
     "('9.1.1', 'credit', '2026-03')", 1),
    ("fct_services_trade_vintage_rectangles_do_not_overlap",
     "update marts.fct_services_trade_vintage set superseded_on = null where (series_code, measure, period_code) = "
     "('9.1.1', 'credit', '2026-02') and superseded_at is null and superseded_on is not null", 1),
    ("every_visible_row_of_a_register_names_somebody",
     "insert into staging.entry select 1, 'pseb/registration_list', release_id, extraction_id, 'x', null, null, "
     "'Z-1/20', 'x', null, null, null, null, '{\"name\": {\"value\": \"x\"}}' "
     f"from staging.figure where release_id = {release_id(MARCH)} limit 1", 1),
    ("dim_registrant_has_entries",
     "insert into marts.dim_registrant values "
     "('x', 'n', '{}', '{}', '{}', '{}', '{}', '2024-01-01', false, null, false, 'synthetic', '{}')", 1),
    ("fct_registration_has_entries", REGISTRATION.format("2024-01-01").replace("array[1]", "array[]::bigint[]"), 1),
    ("fct_registration_has_entries", REGISTRATION.format("2024-01-01"), 1),
    ("fct_registration_has_one_version_a_day",
     f"{REGISTRATION.format('2024-01-01')};{REGISTRATION.format('2024-01-02')}", 1),
    # one before a gap, and one that ends as it begins
    ("fct_registration_has_one_version_a_day",
     f"{REGISTRATION.format('2024-01-01')};{REGISTRATION.format('2024-01-03')};"
     "update marts.fct_registration set superseded_on = '2024-01-02' where published_on = '2024-01-01'", 1),
    ("fct_registration_has_one_version_a_day",
     f"{REGISTRATION.format('2024-01-01')};update marts.fct_registration set superseded_on = published_on", 1),
    ("mart_registrations_counts_its_members",
     "insert into marts.mart_registrations values ('2024-01', 'company', 'punjab', 'lahore', '2024-01-01', "
     "'2024-02-01', 1, 0, 0, 0, 0, 0, 0, 0, 0, null, 'partial', 'synthetic')", 1),
    # members that no number counts: registered, and new, in a month that there is
    ("mart_registrations_counts_its_members",
     "insert into marts.mart_registrations values ('2024-01', 'company', 'punjab', 'multan', '2024-01-01', "
     "'2024-02-01', 0, 0, 0, 0, 0, 0, 0, 0, 0, null, 'partial', 'synthetic');"
     "insert into intermediate.int_registrations__span select one, 'company', 'punjab', 'lahore', '2024-01-01', "
     "'2024-02-01', 'x', 'x', '2024-01-01', 'synthetic', array[1] from unnest(array['registered', 'new']) as one", 2),
    ("mart_registered_counts_has_lineage", COUNT.format("array[12345]"), 1),
    ("mart_registered_counts_has_lineage", COUNT.format("array[]::bigint[]"), 1),
    ("mart_exports_per_registrant_has_lineage", FOR_EACH.format("registrants_least_figure_ids", "'{}'"), 1),
    ("mart_exports_per_registrant_has_lineage", FOR_EACH.format("'{12345}'", "registrants_most_figure_ids"), 1),
]  # fmt: skip


@pytest.fixture(scope="session")
def tests(built):
    """Compiled SQL of every data test by name."""
    manifest = json.loads((settings.state() / "dbt" / "target" / "manifest.json").read_text())
    found = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test":
            compiled = settings.state() / "dbt" / "target" / "compiled" / "sanad" / node["original_file_path"]
            found[node["name"]] = (node, compiled / node["path"])
    assert len(found) > 30
    return found


def _failures(owner, tests, name):
    _, compiled = tests[name]
    return len(owner.execute(compiled.read_text()).fetchall())


@pytest.mark.parametrize(("name", "planted", "found"), BAD, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(BAD)])
def test_a_test_fails_on_bad_rows_and_only_on_those(owner, tests, name, planted, found):
    assert _failures(owner, tests, name) == 0
    for statement in planted.split(";"):
        owner.execute(statement)
    failures = _failures(owner, tests, name)
    assert failures == found if found is not None else failures > 0


def test_every_generic_test_of_ours_is_proven_to_fail(tests):
    folder = settings.project() / "dbt_project" / "tests" / "generic"
    ours = {path.stem for path in folder.glob("*.sql")}
    proven = {tests[name][0]["test_metadata"]["name"] for name, *_ in BAD}
    assert len(ours) >= 6
    assert ours == proven


def test_july_that_equals_july_to_date_is_well(owner, tests):
    for offset, kind, code in ((0, "month", "2025-07"), (1, "fiscal_year_to_date", "FY26.Jul-Jul")):
        owner.execute(
            JULY.format(kind=kind, code=code, value=100, release=release_id(FEBRUARY))
            .replace("period_code = '2026-03'", "period_code = '2026-02'")
            .replace("+ 1000000", f"+ {1000000 + offset}")
        )
    assert owner.execute("select count(*) from staging.figure where period_start = '2025-07-01' "
                         "and period_end = '2025-08-01'").fetchone() == (2,)  # fmt: skip
    assert _failures(owner, tests, "july_equals_july_to_date") == 0
