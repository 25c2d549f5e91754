"""Periods nobody printed, from edition 2026-02 alone and with the next one beside it."""

from datetime import date
from decimal import Decimal as D

import pytest
from helpers import rows
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role

pytestmark = pytest.mark.warehouse
PERIODS = (
    "select period_code, value_usd_thousand, basis, edition, cardinality(value_figure_ids), "
    "cardinality(value_less_figure_ids) from {}.mart_derived_periods "
    "where (series_code, measure) = ('9.1.1', 'credit')"
)
CALL_CENTRES = (
    "select period_code, exports_usd_thousand, basis, edition, cardinality(exports_figure_ids), "
    "cardinality(exports_less_figure_ids) from {}.mart_call_centres where basis != 'printed'"
)


def ask(question, schema):
    return {row[0]: row[1:] for row in rows(question.format(schema), role=Role.BI_READER)}


def test_from_february_alone(history):
    dbt.build_as_of("marts_then", date(2026, 3, 20))
    found = ask(PERIODS, "marts_then")
    assert found["FY26.Jul-Dec"] == (D("184106.475900"), "derived", "2026-02", 1, 2)
    assert found["FY25.Jul-Jan"] == (D("181386.460500"), "derived", "2026-02", 1, 1)
    assert set(found) == {"FY26.Jul-Dec", "FY26.Jul-Jan", "FY25.Jul-Jan"}
    assert ask(CALL_CENTRES, "marts_then") == found


def test_beside_march_nothing_printed_is_derived_and_nothing_is_subtracted_across_releases(history):
    found = ask(PERIODS, "marts")
    assert set(found) == {"FY26.Jul-Dec", "FY26.Jul-Jan", "FY25.Jul-Jan"}
    assert {basis for _, basis, *_ in found.values()} == {"derived"}
    assert found["FY26.Jul-Jan"][2] == "2026-03", "the newest release that displays both sides"
    assert ask(CALL_CENTRES, "marts") == found


def test_growth_and_share_follow_and_cite_both_sides(history):
    [row] = rows(
        "select exports_usd_thousand, exports_year_ago_usd_thousand, round(exports_yoy_pct, 2), "
        "round(share_of_ict_pct, 2), cardinality(exports_less_figure_ids), "
        "cardinality(exports_year_ago_less_figure_ids), cardinality(ict_exports_less_figure_ids) "
        "from marts.mart_sector_exports where (sector_code, period_code) = ('call_centres', 'FY26.Jul-Jan')",
        role=Role.BI_READER,
    )
    now, before = D("289057.966") - D("35425.4657") - D("36409.9251"), D("207895.4224") - D("26508.9619")
    assert row == (now, before, round(100 * (now / before - 1), 2), D("8.32"), 2, 1, 2)


def test_a_sum_of_two_lines_is_derived_from_both(history):
    [(value, basis, added, less)] = rows(
        "select exports_usd_thousand, basis, exports_figure_ids, exports_less_figure_ids "
        "from marts.mart_sector_exports where (sector_code, period_code) = ('freelance_all', 'FY26.Jul-Dec')",
        role=Role.BI_READER,
    )
    assert (basis, len(added), len(less)) == ("derived", 2, 4)
    assert rows(
        "select sum(round(value, 6) * case when figure_id = any(%s) then 1 else -1 end), "
        "array_agg(distinct series_code || ' ' || period_code order by series_code || ' ' || period_code) "
        "from staging.figure where figure_id = any(%s)", added, added + less,
    ) == [(value, [f"{line} {period}" for line in ("10.3.5", "9.2.5")
                   for period in ("2026-01", "2026-02", "FY26.Jul-Feb")])]  # fmt: skip


def test_a_trace_lists_what_is_taken_away_with_a_minus(history):
    shown = CliRunner().invoke(app, ["trace", "mart_call_centres", "FY26.Jul-Dec", "--measure", "exports"])
    assert shown.exit_code == 0, shown.output
    assert "exports [1]-[2]-[3]" in shown.output
    assert "'Jul-Feb, FY26 (P)'" in shown.output and "'Jan-26 (R)'" in shown.output
