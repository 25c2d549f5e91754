"""Figures of layouts unlike that of dt.xls, read again: periods beside the rows, years in cells of their own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from helpers import release_of
from verify.staged import rows_of

from sanad.local import bundled
from sanad.registry import dataset
from sanad.verify import locators
from sanad.verify.cells import Reread

BOP, RATES = "sbp/bop_summary", "sbp/exchange_rates"
SHEET = "'Monthly Avg. Ex. Rates in PKR'"


def reread(name: str, content: bytes) -> Reread:
    layout = dataset(name).layout_for("2026-03")
    return Reread(1, f"{name}@2026-03", locators.Release({"file.xls": content}, is_register=False), layout)


def faults_in(name: str, content: bytes) -> tuple[int, list[str], dict[str, int]]:
    asked, rows = reread(name, content), rows_of(dataset(name), content, 1)
    return len(rows), [str(fault) for row in rows for fault in asked.figure(row)[1]], dict(+asked.unjudged)


@pytest.mark.parametrize(("name", "figures"), [(RATES, 831), (BOP, 730)])
def test_everything_a_parser_read_is_found_again(name, figures):
    assert faults_in(name, bundled.render(release_of(name))) == (figures, [], {})


def test_everything_in_the_publishers_own_exchange_rates_is_found_again(real_exchange_rates):
    assert faults_in(RATES, real_exchange_rates) == (831, [], {})


def test_everything_in_the_publishers_own_balance_of_payments_is_found_again(real_bop_summary):
    assert faults_in(BOP, real_bop_summary) == (730, [], {})


def said(name: str, locator: str, planted: dict) -> list[str]:
    content = bundled.render(release_of(name))
    (row,) = [row for row in rows_of(dataset(name), content, 1) if row["locator"] == locator]
    planted = planted | ({"details": row["details"] | planted["details"]} if "details" in planted else {})
    return [str(fault) for fault in reread(name, content).figure(row | planted)[1]]


JANUARY = {"period_code": "2026-01", "period_start": date(2026, 1, 1), "period_end": date(2026, 2, 1)}


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        ({"value": Decimal(1)}, f"value {SHEET}!X844: expected 279.5112857142858, found 1"),
        (JANUARY, f"period_code {SHEET}!X9: expected 2026-03-01 to 2026-04-01, found 2026-01"),
        ({"label_raw": "January", **JANUARY}, f"label_raw {SHEET}!X844: expected March, found January"),
        ({"details": {"year_as_printed": "2025"}}, f"year_as_printed {SHEET}!B844: expected 2026.0, found 2025"),
        ({"details": {"year_locator": f"{SHEET}!B999"}}, f"year_as_printed {SHEET}!B999: expected nothing, found 2026"),
        ({"details": {"year_locator": f"{SHEET}!B843"}}, "year_locator 'Monthly Avg. Ex. Rates in PKR'!X844"),
        ({"details": {"year_locator": "B844"}}, "year_locator B844: expected a place of the file"),
        ({"details": {"year_locator": f"{SHEET}!X9"}}, f"year_as_printed {SHEET}!X9: expected U.S. Dollar, found 2026"),
        ({"series_code": "EUR"}, f"series_code {SHEET}!X844: expected USD, found EUR"),
        ({"measure": "month_end"}, f"measure {SHEET}!X844: expected monthly_average, found month_end"),
        ({"unit": "usd_per_pkr"}, f"unit {SHEET}!X844: expected pkr_per_usd, from 'Pak Rupees per "),
        ({"header_locator": f"{SHEET}!AW9"}, f"header_locator {SHEET}!X844: expected the heading over its column"),
        ({"flag": "R"}, f"flag {SHEET}!X9: expected nothing, found R"),
    ],
)  # fmt: skip
def test_a_rate_that_is_not_what_stands_there(planted, told):
    faults = said(RATES, f"{SHEET}!X844", planted)
    assert any(told in fault for fault in faults), faults


def test_a_change_taken_for_a_rate_is_found_by_its_unit():
    """Country and currency are the same over the other block, and its figure is what the cell holds."""
    there = {"locator": f"{SHEET}!AW844", "header_locator": f"{SHEET}!AW9", "as_printed": "0.11"}
    there |= {"value": Decimal("0.10579953014366521"), "figure_id": (1 << 28) + 3327}
    faults = said(RATES, f"{SHEET}!X844", there)
    assert [fault.partition(" unit ")[2] for fault in faults if " unit " in fault], faults
    assert not [fault for fault in faults if "header" in fault or " value " in fault]


def test_a_currency_under_another_country_is_another_line():
    sheet = bundled.describe(release_of(RATES))
    (row,) = [
        row for row in rows_of(dataset(RATES), bundled.to_xls(sheet), 1) if row["locator"] == f"{SHEET}!X844"
    ]  # fmt: skip
    sheet.cells[bundled.at("X8")] = bundled.Cell(" EMU")
    (fault,) = reread(RATES, bundled.to_xls(sheet)).figure(row)[1]
    assert str(fault).endswith(f"series_code {SHEET}!X844: expected nothing, found USD")


FISCAL = {"period_code": "2025-03", "period_start": date(2025, 3, 1), "period_end": date(2025, 4, 1)}
SERVICES = "'BPM6_Summary'!I13"


@pytest.mark.parametrize(
    ("locator", "planted", "told"),
    [
        (SERVICES, {"value": Decimal(904)}, f"value {SERVICES}: expected 903.0, found 904"),
        (SERVICES, FISCAL, "period_code 'BPM6_Summary'!I5: expected 2026-03-01 to 2026-04-01, found 2025-03"),
        (SERVICES, {"flag": "R"}, "flag 'BPM6_Summary'!I5: expected P, found R"),
        (SERVICES, {"flag": None}, "flag 'BPM6_Summary'!I5: expected P, found nothing"),
        (
            SERVICES,
            {"details": {"year_locator": "'BPM6_Summary'!J6"}},
            f"year_locator {SERVICES}: expected the heading over its column, found 'BPM6_Summary'!J6",
        ),
        (
            "'BPM6_Summary'!L13",
            {"header_locator": "'BPM6_Summary'!J5", "header_as_printed": "Jan-Mar"},
            "header_locator 'BPM6_Summary'!L13: expected the heading over its column, found 'BPM6_Summary'!J5",
        ),
        (SERVICES, {"measure": "stock"}, f"measure {SERVICES}: expected flow, found stock"),
        (SERVICES, {"unit": "usd_thousand"}, f"unit {SERVICES}: expected usd_million, from 'Million US$' above, found"),
        (SERVICES, {"series_code": "exports_of_goods"}, f"series_code {SERVICES}: expected exports_of_services, found"),
        (
            "'BPM6_Summary'!I58",
            {"series_code": "other_investment_assets_central_bank"},
            "series_code 'BPM6_Summary'!I58: expected other_investment_liabilities_central_bank, found",
        ),
        (
            "'BPM6_Summary'!I72",
            {"series_code": "general_government_amortization"},
            "series_code 'BPM6_Summary'!I72: expected other_sector_amortization, found",
        ),
    ],
)
def test_a_flow_that_is_not_what_stands_there(locator, planted, told):
    faults = said(BOP, locator, planted)
    assert any(told in fault for fault in faults), faults
