"""The balance of payments beside trade in services: what agrees, what differs, and what verification sees of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from helpers import rows

from sanad.lineage import trace
from sanad.verify import verify
from sanad.warehouse.connect import Role, connection

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("weighed")]
D = Decimal


def of(measure, period):
    ((verdict, trade, summary, low, high, distance, reason),) = rows(
        "select verdict, services_trade_usd_million, bop_summary_usd_million, bop_summary_low_usd_million, "
        "bop_summary_high_usd_million, distance_usd_million, reason from marts.mart_cross_checks "
        "where (measure, period_code) = (%s, %s)", measure, period, role=Role.BI_READER,
    )  # fmt: skip
    return verdict, round(trade, 2) if trade else trade, summary, (low, high), distance, reason


def test_march_agrees_within_the_rounding_of_the_summary():
    verdict, trade, summary, bounds, distance, reason = of("credit", "2026-03")
    assert (verdict, trade, summary, bounds, distance) == ("agree", D("902.91"), 903, (D("902.5"), D("903.5")), 0)
    assert reason == "903 stands for 902.5 to 903.5 million US$; 902.912773 lies within."


def test_july_to_march_differs_and_the_reason_is_no_rounding():
    verdict, trade, summary, bounds, distance, reason = of("credit", "FY26.Jul-Mar")
    assert (verdict, trade, summary, bounds) == ("differ", D("7345.35"), 7348, (D("7347.5"), D("7348.5")))
    assert distance == D("2.152385")
    assert "published on 2026-04-17, the balance of payments on 2026-04-15: a revision may lie between them" in reason


def test_a_balance_is_as_coarse_as_both_its_parts():
    verdict, trade, summary, bounds, *_ = of("net", "2025-03")
    assert (verdict, trade, summary) == ("agree", D("-120.12"), D("-120.330306"))
    assert bounds == (D("-120.830306"), D("-119.830306"))


def test_a_stored_fraction_is_not_rounded():
    verdict, _, summary, bounds, _, reason = of("debit", "2025-03")
    assert (verdict, bounds) == ("differ", (summary, summary))
    assert reason.startswith("897.330306 million US$ is not rounded; 897.33602 is 0.005714 away")


def test_what_only_the_summary_prints_cannot_be_checked():
    verdict, trade, summary, _, distance, reason = of("credit", "FY24")
    assert (verdict, trade, summary, distance) == ("cannot be checked", None, 7689, None)
    assert reason == "Cannot be checked: trade in services prints nothing of this period."


def test_every_print_of_the_three_lines_is_set_beside_trade():
    assert rows("select measure, verdict, count(*) from marts.mart_cross_checks group by 1, 2 order by 1, 2") == [
        ("credit", "agree", 3), ("credit", "cannot be checked", 5), ("credit", "differ", 2),
        ("debit", "agree", 1), ("debit", "cannot be checked", 5), ("debit", "differ", 4),
        ("net", "agree", 2), ("net", "cannot be checked", 5), ("net", "differ", 3),
    ]  # fmt: skip


def test_both_sides_are_traced_to_their_cells():
    chain = trace("mart_cross_checks", "0/credit/2026-03")
    cited = {two.column: two.figures[0]["locator"] for one in chain.measures for two in one.inputs}
    assert cited == {"services_trade_usd_thousand": "'EBOPS '!I9", "bop_summary_usd_million": "'BPM6_Summary'!I13"}


def test_verification_compares_them_alike_and_sees_what_is_planted():
    assert verify(mart="mart_cross_checks").disagreements == []
    planted = {
        "verdict": "'agree'", "reason": "'Well.'", "bop_summary_low_usd_million": "1", "distance_usd_million": "0",
        "services_trade_usd_million": "services_trade_usd_million + 0.000001", "difference_usd_million": "1",
        "services_trade_figure_ids": "bop_summary_figure_ids", "bop_summary_flag": "'X'",
    }  # fmt: skip
    with connection(Role.ADMIN) as admin:
        admin.execute("create table public.kept as table marts.mart_cross_checks")
        changes = ", ".join(f"{column} = {value}" for column, value in planted.items())
        admin.execute(f"update marts.mart_cross_checks set {changes} where period_code = 'FY26.Jul-Mar'")
        admin.execute("delete from marts.mart_cross_checks where period_code = 'FY24' and measure = 'net'")
    try:
        found = verify(mart="mart_cross_checks").disagreements
        seen = {*planted, "services_trade_usd_thousand"}  # of other figures than those that it must cite
        assert {(one.key, one.measure) for one in found} == {
            *((f"0/{measure}/FY26.Jul-Mar", column) for measure in ("credit", "debit", "net") for column in seen),
            ("0/net/FY24", None),
        }
    finally:
        with connection(Role.ADMIN) as admin:
            admin.execute("delete from marts.mart_cross_checks")
            admin.execute("insert into marts.mart_cross_checks table public.kept")
            admin.execute("drop table public.kept")
