"""What March 2026 changed of February 2026, to the cent; and the triangle of a series."""

import json
from decimal import Decimal as D

import pytest
from helpers import rows
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.warehouse.connect import Role
from sanad.words.errors import UsageError

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("history")]
SILENT = "select change_usd_thousand, undisplayed_change_usd_thousand from marts.mart_silent_revisions where "


def ask(question, *parameters):
    return rows(question, *parameters, role=Role.BI_READER)


def cents(found):
    return [tuple(round(value, 2) for value in row) for row in found]


def silent(series, period, measure="credit"):
    return cents(ask(SILENT + "(series_code, measure, period_code) = (%s, %s, %s)", series, measure, period))


def test_february_was_revised_by_the_next_release():
    [(change, percent, days, first, before, after, editions)] = ask(
        "select change_usd_thousand, change_pct, days_since_before, is_of_first_print, flag_before, flag, "
        "array[edition_before, edition] from marts.mart_revisions "
        "where (series_code, measure, period_code) = ('0', 'credit', '2026-02')"
    )
    assert (round(change, 2), round(percent, 4)) == (D("-12039.65"), D("-1.4823"))
    assert (days, first, before, after, editions) == (31, True, "P", "R", ["2026-02", "2026-03"])


def test_ict_of_february_kept_its_values_and_changed_its_flags():
    found = ask(
        "select series_code, change_usd_thousand, flag_before, flag from marts.mart_revisions "
        "where measure = 'credit' and period_code = '2026-02' and series_code ~ '^9(\\.|$)'"
    )
    assert len(found) == 14
    assert {row[1:] for row in found} == {(D(0), "P", "R")}


def test_what_fell_in_months_no_longer_displayed():
    assert silent("0", "FY26.Jul-Feb") == [(D("-20997.88"), D("-8958.23"))]
    assert silent("0", "FY26.Jul-Feb", "debit") == [(D("-33734.28"), D("-46205.72"))]
    assert silent("0", "FY25.Jul-Feb") == [(D("38739.21"), D("38739.21"))]
    assert silent("9", "FY25.Jul-Feb") == [(D("1979.07"), D("1979.07"))]
    assert silent("9.1.1", "FY26.Jul-Feb") == [(D(0), D(0))]
    assert silent("4.2.3.2", "FY26.Jul-Feb")[0][1] == D("15391.12")


def test_31_of_88_credit_lines_moved_silently_and_explicit_financial_services_most():
    found = ask(
        "select series_code, undisplayed_change_usd_thousand, displayed_change_usd_thousand "
        "from marts.mart_silent_revisions where measure = 'credit' and period_code = 'FY26.Jul-Feb' and is_silent "
        "order by abs(undisplayed_change_usd_thousand) desc, series_code desc"
    )
    assert len(found) == 31
    assert ask("select count(*) from marts.mart_silent_revisions "
               "where measure = 'credit' and period_code = 'FY26.Jul-Feb'") == [(88,)]  # fmt: skip
    assert [(series, round(change, 2), shown) for series, change, shown in found[:2]] == [
        ("7.1", D("-24224.84"), D(0)), ("7", D("-24224.84"), D(0)),
    ]  # fmt: skip


def test_statistics_rest_on_true_first_prints_alone():
    assert cents(ask(
        "select revisions, share_revised_pct, mean_revision_usd_thousand, mean_absolute_revision_usd_thousand, "
        "bias_pct from marts.mart_revision_statistics "
        "where (series_code, measure, period_kind) = ('0', 'credit', 'month')"
    )) == [(1, D(100), D("-12039.65"), D("12039.65"), D("-1.48"))]  # fmt: skip
    # February 2026 alone was printed first and printed again
    assert ask("select distinct first_period_start::text, last_period_end::text, period_kind "
               "from marts.mart_revision_statistics") == [("2026-02-01", "2026-03-01", "month")]  # fmt: skip


def test_the_triangle_of_a_sector():
    done = CliRunner().invoke(app, ["revisions", "call_centres", "--json"])
    assert done.exit_code == 0, done.output
    triangle = json.loads(done.output)
    assert triangle["editions"] == ["sbp/trade_in_services@2026-02", "sbp/trade_in_services@2026-03"]
    february = next(row for row in triangle["periods"] if row["period_code"] == "2026-02")
    said = [(cell["value"], cell["flag"]) for cell in february["prints"]]
    assert said == [("35425.465700", "P"), ("35425.465700", "R")]
    march = next(row for row in triangle["periods"] if row["period_code"] == "2026-03")
    assert march["prints"][0] is None
    assert all(isinstance(i, str) for cell in february["prints"] for i in cell["figure_ids"])
    shown = CliRunner().invoke(app, ["revisions", "9.1.1"])
    assert "2026-03" in shown.output and "35,425.465700 R" in shown.output
    assert isinstance(CliRunner().invoke(app, ["revisions", "nothing"]).exception, UsageError)
