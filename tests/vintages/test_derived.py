"""Periods nobody printed, from edition 2026-02 alone and with the next one beside it."""

from datetime import UTC, datetime
from decimal import Decimal as D

import pytest
from helpers import DATASET, rows
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.warehouse.connect import Role, connection
from sanad.words import settings

pytestmark = pytest.mark.warehouse
PERIODS = (
    "select period_code, value_usd_thousand, basis, edition, cardinality(value_figure_ids), "
    "cardinality(value_less_figure_ids) from marts.mart_derived_periods "
    "where (series_code, measure) = ('9.1.1', 'credit')"
)
CALL_CENTRES = (
    "select period_code, exports_usd_thousand, basis, edition, cardinality(exports_figure_ids), "
    "cardinality(exports_less_figure_ids) from {} where basis != 'printed'"
)


def ask(question):
    return {row[0]: row[1:] for row in rows(question, role=Role.BI_READER)}


def test_from_february_alone(history):
    found = ask(CALL_CENTRES.format("marts.call_centres_as_of('2026-03-20')"))
    assert found["FY26.Jul-Dec"] == (D("184106.475900"), "derived", "2026-02", 1, 2)
    assert found["FY25.Jul-Jan"] == (D("181386.460500"), "derived", "2026-02", 1, 1)
    assert set(found) == {"FY26.Jul-Dec", "FY26.Jul-Jan", "FY25.Jul-Jan"}


def test_beside_march_nothing_printed_is_derived_and_nothing_is_subtracted_across_releases(history):
    found = ask(PERIODS)
    assert set(found) == {"FY26.Jul-Dec", "FY26.Jul-Jan", "FY25.Jul-Jan"}
    assert {basis for _, basis, *_ in found.values()} == {"derived"}
    assert found["FY26.Jul-Jan"][2] == "2026-03", "the newest release that displays both sides"
    assert ask(CALL_CENTRES.format("marts.mart_call_centres")) == found


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
    assert "184,106.475900  = [1] - [2] - [3]" in shown.output
    assert "'Jul-Feb, FY26 (P)'" in shown.output and "'Jan-26 (R)'" in shown.output


def compiled(mart):
    return (settings.state() / f"dbt/target/compiled/sanad/models/marts/{mart}.sql").read_text()


def edition(warehouse, number, like, printed, as_period, end):
    """An edition of a year nobody prints, of a real edition's figures of one cumulative period."""
    published = datetime(2025, 8 + number, 17, tzinfo=UTC)
    warehouse.execute(
        "insert into archive.release values (%s, %s, %s, 'transcribed', false, %s, 'stated', null, %s, null)",
        (number, DATASET, f"sha{number}", published, published),
    )
    warehouse.execute(
        "insert into archive.extraction values (%s, %s, 'p', '1', %s, null, 0, 0, 0)",
        (number, number, f"2025-{7 + number:02}"),
    )
    warehouse.execute(
        "insert into staging.figure select (jsonb_populate_record(figure, jsonb_build_object("
        "'figure_id', (%s::bigint << 28) | (figure_id & 268435455), 'release_id', %s::int, 'extraction_id', %s::int, "
        "'period_end', %s::date, 'period_code', %s::text))).* "
        "from staging.figure where release_id = %s and period_code = %s",
        (number, number, number, end, as_period, like, printed),
    )
    warehouse.execute(
        "insert into archive.ledger values ((select max(seq) + 1 from archive.ledger), now(), 'accepted', %s, %s, "
        "'a', 'r', '{}', 'x', %s)",
        (number, number, f"h{number}"),
    )
    warehouse.execute(
        "insert into ops.build (started_at, ledger_seq, invocation_id) "
        "select now(), max(seq), 'synthetic' from archive.ledger"
    )


def test_a_month_between_the_years_to_date_of_two_editions_is_implied(history):
    """August and September 2025, each displaying nothing but its year to date."""
    august = (history.february, "FY26.Jul-Feb", "FY26.Jul-Aug", "2025-09-01")
    september = (history.march, "FY26.Jul-Mar", "FY26.Jul-Sep", "2025-10-01")
    key = "where (sector_code, period_code) = ('call_centres', '2025-09')"
    mart = (
        "select exports_usd_thousand, basis, origin, flag, edition, round(share_of_ict_pct, 6), exports_figure_ids, "
        f"exports_less_figure_ids from ({compiled('mart_sector_exports')}) as mart {key}"
    )
    with connection(Role.ADMIN) as warehouse:
        edition(warehouse, 1, *august)
        assert warehouse.execute(mart).fetchall() == []
        edition(warehouse, 2, *september)
        [row] = warehouse.execute(mart).fetchall()
        month, ict = D("289057.966") - D("252648.0409"), D("413622.892")
        assert row[:6] == (month, "implied", "transcribed", "P", "2025-09", round(100 * month / ict, 6))
        assert [ids[0] >> 28 for ids in row[6:]] == [2, 1]
        assert [len(ids) for ids in row[6:]] == [1, 1]

        warehouse.execute("create temporary table fct_services_trade_print__within on commit drop as "
                          "table intermediate.int_releases__touched")  # fmt: skip
        warehouse.execute(f"insert into marts.fct_services_trade_print {compiled('fct_services_trade_print')}")
        function = "select exports_usd_thousand, basis, edition from marts.sector_exports_as_of({}) " + key
        assert warehouse.execute(function.format("")).fetchall() == [(month, "implied", "2025-09")]
        assert warehouse.execute(function.format("'2025-10-17'")).fetchall() == [(month, "implied", "2025-09")]
        assert warehouse.execute(function.format("'2025-10-16'")).fetchall() == []

        edition(warehouse, 3, *august)
        assert warehouse.execute(mart).fetchall() == [], "a newer release displays one of the sides"
        warehouse.rollback()
