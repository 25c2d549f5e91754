"""Exports in rupees: each month at its own average rate, and a longer period only when every month is known."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from decimal import Decimal

import pytest
from helpers import rows
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.lineage import trace
from sanad.verify import verify

from .test_chosen import ask, exports, planted

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("weighed")]
D = Decimal
#: Million US dollars as printed or implied, and rupees per dollar as the workbook shows them, by hand.
BY_HAND = {
    "2024-07": D("286") * D("278.391240"),
    "2025-02": D("306.2940008") * D("279.304265"),
    "2025-06": D("339") * D("283.000136"),
    "2026-03": D("413.622892") * D("279.511286"),
    # one printed to date less another
    "2023-09": (D("654.93") - D("449")) * D("297.754172"),
    "FY25.Jul-Aug": D("286") * D("278.391240") + D("298") * D("278.540312"),
    "FY25.Jul-Sep": D("286") * D("278.391240") + D("298") * D("278.540312") + D("292") * D("278.243621"),
}


@pytest.mark.parametrize(("period", "rupees"), BY_HAND.items())
def test_rupees_by_hand(period, rupees):
    found = exports("ict_total", period)
    assert found["exports_pkr_null_reason"] is None
    assert found["exports_pkr_million"] == round(rupees, 6)
    months = {"FY25.Jul-Aug": 2, "FY25.Jul-Sep": 3}.get(period, 1)
    assert len(found["exchange_rate_figure_ids"]) == months
    assert len(found["exports_of_months_figure_ids"]) == (2 if period == "2023-09" else months)


@pytest.mark.parametrize(
    ("sector", "period", "reason"),
    [
        ("ict_total", "2026-07", "the exchange rate of 2026-07 not known"),
        ("ict_total", "FY26", "the exchange rate of 2026-04 and 2 more of 12 months not known"),
        ("ict_total", "FY23", "exports of 2022-08 and 1 more of 12 months not known"),
        ("call_centres", "FY25", "exports of 2024-07 and 9 more of 12 months not known"),
    ],
)
def test_where_a_month_is_not_known_there_is_a_reason(sector, period, reason):
    found = exports(sector, period)
    assert (found["exports_pkr_million"], found["exports_pkr_null_reason"]) == (None, reason)
    assert found["exports_of_months_figure_ids"] is None and found["exchange_rate_figure_ids"] is None


def test_every_row_has_rupees_or_a_reason_and_longer_periods_are_the_sum_of_their_months():
    assert ask("select period_code from marts.mart_sector_exports "
               "where num_nonnulls(exports_pkr_million, exports_pkr_null_reason) != 1") == []  # fmt: skip
    summed = rows("""
        select whole.exports_pkr_million - (
            select sum(month.exports_pkr_million) from marts.mart_sector_exports as month
            where month.sector_code = whole.sector_code and month.period_kind = 'month'
            and month.period_start >= whole.period_start and month.period_end <= whole.period_end
        )
        from marts.mart_sector_exports as whole
        where whole.period_kind != 'month' and whole.exports_pkr_million is not null
    """)
    assert len(summed) > 25 and set(summed) == {(0,)}


def test_a_row_is_of_the_weakest_origin_of_its_months_too():
    found = exports("ict_total", "FY26.Jul-Mar")
    assert (found["exports_origin"], found["origin"]) == ("transcribed", "press")
    assert exports("ict_total", "2026-03")["origin"] == "transcribed"


def test_as_of_a_day_before_the_rates_were_published_there_are_none():
    question = "select exports_pkr_million, exports_pkr_null_reason from marts.sector_exports_as_of(%s) " \
               "where (sector_code, period_code) = ('ict_total', '2024-07')"  # fmt: skip
    ((published_on,),) = rows("select distinct published_on from marts.fct_exchange_rate_print")
    (before,), (then,) = (ask(question, day) for day in ("2026-03-20", published_on))
    assert before == {"exports_pkr_million": None, "exports_pkr_null_reason": "the exchange rate of 2024-07 not known"}
    assert then["exports_pkr_million"] == round(BY_HAND["2024-07"], 6)


def test_both_cells_are_traced_and_the_year_of_the_rate():
    chain = trace("mart_sector_exports", "ict_total/2025-02", "exports_pkr")
    (measure,) = chain.measures
    assert (measure.column, measure.value, measure.unit) == ("exports_pkr_million", D("85549.220767"), "pkr_million")
    dollars, rate = (one.figures[0] for one in measure.inputs)
    assert (dollars["locator"], dollars["series_code"]) == ("'EBOPS '!C59", "9")
    sheet = "'Monthly Avg. Ex. Rates in PKR'"
    assert (rate["locator"], rate["as_printed"], rate["year_as_printed"]) == (f"{sheet}!X831", "279.3043", "2025")
    assert rate["year_locator"] == f"{sheet}!B831"
    done = CliRunner().invoke(
        app, ["trace", "mart_sector_exports", "ict_total/2025-02", "--measure", "exports_pkr"], env={"COLUMNS": "200"}
    )
    assert done.exit_code == 0 and f"year    '2025' at {sheet}!B831" in done.output
    (used,) = rows(
        "select count(*) from lineage.impact(%s, %s) where mart = 'mart_sector_exports' and measure = 'exchange_rate'",
        int(rate["figure_id"]), int(rate["figure_id"]),
    )  # fmt: skip
    assert used[0] > 5


def test_the_audit_pack_holds_both_workbooks_and_agrees(tmp_path):
    pack = tmp_path / "pack.zip"
    done = CliRunner().invoke(app, ["audit-pack", "mart_sector_exports", "ict_total/2025-04", "--out", str(pack)])
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(pack) as zipped:
        zipped.extractall(tmp_path / "pack")
    sources = json.loads((tmp_path / "pack" / "pack.json").read_text())["sources"]
    assert {one["dataset"] for one in sources} == {"sbp/trade_in_services", "sbp/exchange_rates", "reported/figures"}
    checked = subprocess.run(
        [sys.executable, tmp_path / "pack" / "verify.py"], capture_output=True, text=True, check=False, timeout=120
    )
    assert checked.returncode == 0, checked.stdout
    unchecked = [line for line in checked.stdout.splitlines() if line.startswith("UNCHECKED")]
    assert any("exports_pkr_million" in line for line in unchecked)
    assert all("exports_pkr_million" in line or "no cell of a spreadsheet" in line for line in unchecked)


@pytest.mark.parametrize(
    ("setting", "measure"),
    [
        ("exports_pkr_million = exports_pkr_million + 0.000001", "exports_pkr_million"),
        ("exports_pkr_null_reason = 'lost'", "exports_pkr_null_reason"),
        # the rate of another month
        ("exchange_rate_figure_ids = (select rate_figure_ids from marts.fct_exchange_rate_print "
         "where period_code = '2024-08')", "exchange_rate_figure_ids"),
    ],
)  # fmt: skip
def test_verification_sees_a_wrong_rate(setting, measure):
    with planted(setting, "(sector_code, period_code) = ('ict_total', '2024-07')"):
        assert {one.measure for one in verify(mart="mart_sector_exports").disagreements} == {measure}
    assert verify(mart="fct_exchange_rate_print").disagreements == []
