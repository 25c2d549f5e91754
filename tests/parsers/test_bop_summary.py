"""The parser of Balancepayment_BPM6.xls: against the real workbook, and what it makes of workbooks that are wrong."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from parsers import wrong

from sanad.extract import read_release
from sanad.gates import Before, Quantity
from sanad.local import bundled
from sanad.local.bundled import at, describe, to_xls
from sanad.registry import dataset
from sanad.words.errors import Unreadable

DATASET = "sbp/bop_summary"
FILE = "Balancepayment_BPM6.xls"
SHEET = "'BPM6_Summary'"
(MARCH,) = bundled.editions(DATASET)
SERVICES = {
    "FY24": (None, 7689),
    "2025-03": ("R", 777),
    "FY25": ("R", 8450),
    "FY26.Jul-Sep": (None, 2212),
    "FY26.Oct-Dec": ("R", 2554),
    "2026-02": ("R", 800),
    "2026-03": ("P", 903),
    "FY26.Jan-Mar": ("P", 2582),
    "FY25.Jul-Mar": ("R", 6277),
    "FY26.Jul-Mar": ("P", 7348),
}


def read(content):
    return read_release(dataset(DATASET), {FILE: content})


def findings(sheet, before=None, published_on=date(2026, 4, 15)):
    return wrong.findings(DATASET, FILE, sheet, before, published_on)


changed = partial(wrong.changed, MARCH)


@pytest.fixture(scope="module")
def reading():
    return read(bundled.render(MARCH))


def test_the_rendering_reads_as_the_real_workbook_figure_by_figure(reading, real_bop_summary):
    real = read(real_bop_summary)
    assert (real.edition, len(real.figures)) == (reading.edition, len(reading.figures)) == ("2026-03", 730)
    assert reading.figures == real.figures  # value, flag, label, indent, locators, text as shown, ordinal
    assert real.canonical_sha256 == reading.canonical_sha256


def test_what_is_set_apart_is_in_the_real_workbook_and_not_staged(real_bop_summary):
    real = read(real_bop_summary)
    assert {figure.label_raw.strip() for figure in real.figures}.isdisjoint(dataset(DATASET).layouts[0].apart)
    assert max(int(figure.locator.rpartition("!")[2][1:]) for figure in real.figures) == 80


def test_exports_of_services_are_those_that_were_seen(reading):
    found = {one.period.code: one for one in reading.figures if one.series_code == "exports_of_services"}
    assert {code: (one.flag, int(one.value)) for code, one in found.items()} == SERVICES
    assert {one.resolution for one in found.values()} == {1}


def test_an_edition_is_73_lines_by_10_columns(reading):
    assert Counter(figure.period.code for figure in reading.figures) == dict.fromkeys(SERVICES, 73)
    assert {one.period.code: one.period.kind.value for one in reading.figures} == {
        **dict.fromkeys(("2025-03", "2026-02", "2026-03"), "month"),
        **dict.fromkeys(("FY24", "FY25"), "fiscal_year"),
        **dict.fromkeys(("FY26.Oct-Dec", "FY26.Jan-Mar"), "quarter"),
        **dict.fromkeys(("FY26.Jul-Sep", "FY25.Jul-Mar", "FY26.Jul-Mar"), "fiscal_year_to_date"),
    }


def test_a_stored_fraction_is_exact_and_a_whole_number_is_rounded(reading):
    exact = {one.locator.rpartition("!")[2] for one in reading.figures if one.resolution is None}
    assert exact == {f"{column}{row}" for column in "DEK" for row in (14, 15, 16, 18, 19)} | {"C66", "C67"}
    imports = next(one for one in reading.figures if one.locator == f"{SHEET}!E14")
    assert (imports.value, imports.as_printed) == (Decimal("11286.190828656592"), "11,286")


def test_a_figure_names_every_cell_that_says_what_it_is(reading):
    figure = next(one for one in reading.figures if one.locator == f"{SHEET}!L13")
    assert (figure.series_code, figure.measure, figure.unit) == ("exports_of_services", "flow", "usd_million")
    assert (figure.header_locator, figure.header_as_printed) == (f"{SHEET}!K5", "Jul-Mar")
    assert (figure.label_raw, figure.indent) == ("Exports of Services", 3)
    assert figure.details == {
        "year_locator": f"{SHEET}!L6",
        "year_as_printed": "FY26P",
        "measure_header_locator": f"{SHEET}!B2",
        "measure_header_as_printed": "Summary Balance of Payments as per BPM6 - March 2026",
        "unit_locator": f"{SHEET}!L4",
        "unit_as_printed": "(Million US$)",
    }


def test_lines_of_one_label_are_told_by_the_line_they_are_indented_under(reading):
    found = {one.locator.rpartition("!")[2]: (one.series_code, one.parent_code) for one in reading.figures}
    assert found["I53"] == ("other_investment_assets_central_bank", "other_investment_assets")
    assert found["I58"] == ("other_investment_liabilities_central_bank", "other_investment_liabilities")
    assert found["I22"] == ("secondary_income_credit_general_government", "secondary_income_credit")
    assert found["I61"] == ("general_government_disbursements", "other_investment_liabilities_general_government")
    assert found["I71"] == ("other_sector_disbursements", "other_investment_liabilities_other_sector")


def test_the_bundled_edition_passes_every_gate():
    assert findings(describe(MARCH)) == []


def test_a_dash_is_a_figure_that_is_not_there():
    figure = next(one for one in read(to_xls(changed(C27="-"))).figures if one.locator == f"{SHEET}!C27")
    assert (figure.value, figure.null_reason, figure.resolution) == (None, "-", None)
    assert findings(changed(C27="-")) == []


def reindented(row, indent):
    sheet = describe(MARCH)
    sheet.cells[at(f"B{row}")] = replace(sheet.cells[at(f"B{row}")], indent=indent)
    return sheet


def test_a_line_under_another_line_is_another_line():
    found = findings(reindented(57, 6))  # Net Incurrence of Liabilities, level with its parts: they become assets
    assert {one.gate for one in found} == {"codes", "one_value_per_quantity"}
    assert ("line other_investment_assets_central_bank once", "2 times") in {(one.expected, one.found) for one in found}
    found = findings(reindented(60, 4))  # General Government, level with the liabilities that it is a part of
    assert [(one.gate, one.locator, one.found) for one in found] == [
        ("codes", f"{SHEET}!B60", "'Other Investment > General Government'"),
        ("codes", f"{SHEET}!B70", "'General Government > Other Sector'"),
    ]


@pytest.mark.parametrize(
    ("wrong", "gate", "locator", "expected", "found"),
    [
        ({"L4": "(Thousand US$)"}, "unit_text", f"{SHEET}!L4", "Million US$", "(Thousand US$)"),
        ({"L4": None}, "unit_text", SHEET, "Million US$", "no unit above the header"),
        ({"D6": "FY25*"}, "header_row", SHEET, "a row of fiscal years", "no such row"),
        ({"B2": "Balance of Payments - March 2026"}, "header_row", f"{SHEET}!B2", "as per BPM6 - March", "'Balance of"),
        ({"B2": "Summary Balance of Payments as per BPM6"}, "header_row", f"{SHEET}!B2", "- March 2026", "'Summary"),
        ({"B2": "Summary Balance of Payments as per BPM6 - Mach 2026"}, "header_row", f"{SHEET}!B2", "March", "Mach"),
        ({"I5": "Mrz"}, "periods", f"{SHEET}!I6", "months such as Mar", "'Mrz' over 'FY26P'"),
        ({"I5": None}, "periods", f"{SHEET}!I6", "months such as Mar", "an empty cell over 'FY26P'"),
        ({"G5": "Nov-Dec"}, "periods", f"{SHEET}!G6", "months such as Mar", "'Nov-Dec' over 'FY26R'"),
        ({"I5": "Jan"}, "periods", f"{SHEET}!6:6", "current_month 2026-03", "no such column"),
        ({"L6": "FY24P"}, "periods", f"{SHEET}!6:6", "year_to_date FY26.Jul-Mar", "no such column"),
        ({"J5": "Apr-Jun"}, "periods", f"{SHEET}!J6", "nothing after 2026-04-01", "'Apr-Jun FY26P'"),
        ({"B13": "Services exported"}, "codes", f"{SHEET}!B13", "73 declared lines", "> Services exported'"),
        ({"B13": None}, "codes", f"{SHEET}!B13", "a label before figures", "an empty cell"),
        ({"B14": "Exports of Services"}, "codes", f"{SHEET}!C13", "line exports_of_services once", "2 times"),
        ({"I13": "n.a."}, "value", f"{SHEET}!I13", "exports_of_services for 2026-03: a number or -", "'n.a.'"),
        ({"I13": None}, "value", f"{SHEET}!I13", "a number or -", "an empty cell"),
        ({"I13": 904.0}, "series_add_up", f"{SHEET}!I15", "exports_of_services less imports_of_services = -22", "-23"),
        ({"I10": 2527.0}, "series_add_up", f"{SHEET}!I12", "exports_of_goods less imports_of_goods = -2375", "-2376"),
        ({"I16": -2400.0}, "series_add_up", f"{SHEET}!I16", "balance_on_goods balance_on_services = -2399", "-2400"),
    ],
)  # fmt: skip
def test_a_wrong_workbook_is_refused_where_it_is_wrong(wrong, gate, locator, expected, found):
    against = [one for one in findings(changed(**wrong)) if one.gate == gate]
    assert any(one.locator == locator and expected in one.expected and found in one.found for one in against), against
    assert {one.consequence for one in against} == {"quarantine"}


def test_a_line_left_out_is_missed():
    sheet = describe(MARCH)
    sheet.cells = {place: cell for place, cell in sheet.cells.items() if place[0] != 25}
    assert [(one.gate, one.expected) for one in findings(sheet)] == [
        ("codes", "line workers_remittances Workers' Remittances")
    ]


def test_a_heading_over_two_columns_may_come_first():
    """Codes are counted in one column, whatever stands over it."""
    sheet = describe(MARCH)
    sheet.merges.append((4, 4, 2, 3))
    del sheet.cells[at("D5")]
    sheet.cells[at("D6")] = replace(sheet.cells[at("D6")], value="FY23R")
    sheet.cells[at("E5")] = replace(sheet.cells[at("E5")], value="Mar")
    assert findings(sheet) == []


def test_gates_that_compare_look_at_the_release_before():
    march, february = date(2026, 3, 1), date(2026, 2, 1)
    quantities = {
        Quantity("exports_of_services", "flow", february, march): Decimal("800000"),
        Quantity("workers_remittances", "flow", february, march): Decimal("1000"),
        Quantity("workers_remittances", "flow", date(2025, 3, 1), date(2025, 4, 1)): Decimal("4054"),
    }
    found = findings(describe(MARCH), Before(f"{DATASET}@2026-02", "2026-02", quantities))
    assert [(one.gate, one.consequence, one.locator) for one in found] == [
        ("scale_jump", "quarantine", f"{SHEET}!I13"),
        ("value_moved", "warn", f"{SHEET}!H13"),
        ("value_moved", "warn", f"{SHEET}!H26"),
    ]


def test_an_edition_of_the_future_is_refused():
    (finding,) = findings(describe(MARCH), published_on=date(2026, 3, 31))
    assert (finding.gate, finding.locator) == ("edition_not_in_future", f"{SHEET}!I5")


def test_another_datasets_workbook_is_refused():
    with pytest.raises(Unreadable, match="this is another dataset's workbook"):
        read(bundled.render(bundled.editions("sbp/trade_in_services")[0]))
