"""The parser of IBF_Arch.xls: against the real workbook, and what it makes of workbooks that are wrong."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import pairwise

import pytest
import xlrd
from parsers import wrong

from sanad.extract import read_release
from sanad.gates import Before, Quantity
from sanad.local import bundled
from sanad.local.bundled import at, describe, to_xls
from sanad.registry import dataset
from sanad.words.errors import Unreadable

DATASET = "sbp/exchange_rates"
FILE = "IBF_Arch.xls"
SHEET = "'Monthly Avg. Ex. Rates in PKR'"
(MARCH,) = bundled.editions(DATASET)
KNOWN = {
    "2024-07": "278.39123966",
    "2025-02": "279.30426497",
    "2025-06": "283.00013590",
    "2025-07": "284.21329545",
    "2025-12": "280.54096023",
    "2026-01": "280.15352228",
    "2026-02": "279.80700734",
    "2026-03": "279.51128571",
}


def read(content):
    return read_release(dataset(DATASET), {FILE: content})


def findings(sheet, before=None, published_on=date(2026, 4, 3)):
    return wrong.findings(DATASET, FILE, sheet, before, published_on)


changed = partial(wrong.changed, MARCH)


@pytest.fixture(scope="module")
def reading():
    return read(bundled.render(MARCH))


def test_the_rendering_reads_as_the_real_workbook_figure_by_figure(reading, real_exchange_rates):
    real = read(real_exchange_rates)
    assert (real.edition, len(real.figures)) == (reading.edition, len(reading.figures)) == ("2026-03", 831)
    for ours, theirs in zip(reading.figures, real.figures, strict=True):
        assert replace(ours, ordinal=theirs.ordinal) == theirs  # the rendering has fewer cells, and no other currency
    assert real.canonical_sha256 == reading.canonical_sha256


def test_the_months_are_those_of_61_hidden_years_and_of_the_shown_ones(reading):
    rows = xlrd.open_workbook(file_contents=bundled.render(MARCH), formatting_info=True).sheet_by_index(0).rowinfo_map
    assert [row + 1 for row in rows if rows[row].hidden] == list(range(14, 748))
    months = [figure.period for figure in reading.figures]
    assert (months[0].code, months[-1].code) == ("1957-01", "2026-03")
    assert all(after.start == before.end for before, after in pairwise(months))
    assert {figure.value is None for figure in reading.figures} == {False}


def test_rates_are_those_that_were_seen(reading):
    rates = {figure.period.code: figure.value for figure in reading.figures}
    assert {code: str(round(rates[code], 8)) for code in KNOWN} == KNOWN
    assert (rates["1972-04"], rates["1972-05"]) == (Decimal("4.7697"), Decimal("11.0078"))


def test_a_figure_names_every_cell_that_says_what_it_is(reading):
    figure = next(one for one in reading.figures if one.period.code == "2018-12")
    assert (figure.series_code, figure.measure, figure.unit) == ("USD", "monthly_average", "pkr_per_usd")
    assert (figure.locator, figure.as_printed, figure.label_raw) == (f"{SHEET}!X757", "138.4713", "December ")
    assert (figure.header_locator, figure.header_as_printed) == (f"{SHEET}!X9", "U.S. Dollar")
    assert figure.details == {
        "year_locator": f"{SHEET}!B757",
        "year_as_printed": "2018",
        "measure_header_locator": f"{SHEET}!A4",
        "measure_header_as_printed": "Monthly Average Exchange Rates",
        "country_locator": f"{SHEET}!X8",
        "country_as_printed": " U.S.A.",
        "unit_locator": f"{SHEET}!A6",
        "unit_as_printed": "Pak Rupees per Currency Unit",
        "change_pct": "-3.5871249813819506",
        "change_locator": f"{SHEET}!AW757",
        "change_as_printed": "-3.59",
    }


def test_the_bundled_edition_passes_every_gate():
    assert findings(describe(MARCH)) == []


def test_spans_before_1957_are_no_months_and_no_other_span_is_taken_for_one():
    assert findings(changed(A13="Aug 1955 to Nov 1956"))[0].found == "'Aug 1955 to Nov 1956'"


@pytest.mark.parametrize("sign", ["...", "... ", "…"])
def test_a_sign_for_no_figure_is_none_and_keeps_its_word(sign):
    figure = next(one for one in read(to_xls(changed(X844=sign))).figures if one.locator == f"{SHEET}!X844")
    assert (figure.value, figure.null_reason) == (None, sign.strip())
    assert findings(changed(X844=sign)) == []


@pytest.mark.parametrize(("label", "flag"), [("December ( R )", "R"), ("December (P)", "P"), ("December ", None)])
def test_a_months_label_may_bear_a_flag(label, flag):
    figure = next(one for one in read(to_xls(changed(A757=label))).figures if one.locator == f"{SHEET}!X757")
    assert (figure.period.code, figure.flag) == ("2018-12", flag)


def swapped():
    """The block of changes before the block of rates: the column is told by what heads its block."""
    sheet = describe(MARCH)
    for row in range(7, 844):
        rate, change = sheet.cells.pop((row, 23), None), sheet.cells.pop((row, 48), None)
        sheet.cells |= {(row, 48): rate, (row, 23): change} if rate and change else {}
    unit, share = (sheet.cells.pop(at(address)) for address in ("A6", "AB6"))
    sheet.cells |= {at("A6"): share, at("AB6"): unit}
    return sheet


def test_the_column_is_told_by_country_currency_and_block():
    found = read(to_xls(swapped())).figures[-1]
    assert (found.locator, found.value) == (f"{SHEET}!AW844", Decimal("279.5112857142858"))
    assert findings(swapped()) == []


@pytest.mark.parametrize(
    ("wrong", "gate", "consequence", "locator", "expected", "found"),
    [
        ({"A6": "US Dollar per Currency Unit"}, "unit_text", "quarantine", f"{SHEET}!A6", "Pak Rupees", "US Dollar"),
        ({"A4": "Month End Exchange Rates*"}, "header_row", "quarantine", SHEET, "Monthly Average", "'Month End"),
        ({"X9": "Euro", "AW9": "Euro"}, "header_row", "quarantine", SHEET, "U.S. Dollar among them", "no such row"),
        ({"X8": " EMU"}, "header_row", "quarantine", f"{SHEET}!9:9", "one column of U.S.A., U.S. Dollar under", "0"),
        ({"B844": "2026*"}, "periods", "quarantine", f"{SHEET}!A844", "a month such as March", "'March' '2026*'"),
        ({"B844": None}, "periods", "quarantine", f"{SHEET}!A844", "a year such as 2026", "'March'"),
        ({"B844": 20266.0}, "periods", "quarantine", f"{SHEET}!A844", "a year such as 2026", "'20266'"),
        ({"A844": "Mrch"}, "periods", "quarantine", f"{SHEET}!A844", "a month such as March", "'Mrch' '2026'"),
        ({"X844": None}, "value", "quarantine", f"{SHEET}!X844", "monthly_average of USD for 2026-03", "an empty cell"),
        ({"X844": "n.a."}, "value", "quarantine", f"{SHEET}!X844", "a number or ...", "'n.a.'"),
        ({"X700": float("nan")}, "value", "quarantine", f"{SHEET}!X700", "a number or ...", "'NaN'"),
        ({"A843": "January"}, "months_follow", "quarantine", f"{SHEET}!X843", "2026-02-01, after 2026-01", "2026-01"),
        ({"B14": 1956.0}, "months_follow", "quarantine", f"{SHEET}!X14", "1957-01 as the first month", "1956-01"),
        ({"X844": -279.5}, "positive", "quarantine", f"{SHEET}!X844", "USD for 2026-03 above zero", "-279.5"),
        ({"X844": 0.0}, "positive", "quarantine", f"{SHEET}!X844", "above zero", "0"),
        ({"AW844": 0.12}, "change_as_printed", "warn", f"{SHEET}!X844", "a change of 0.1058 %", "0.12"),
        ({"AW844": None}, "change_as_printed", "warn", f"{SHEET}!X844", "a change of 0.1058 %", "none printed"),
    ],
)  # fmt: skip
def test_a_wrong_workbook_is_refused_where_it_is_wrong(wrong, gate, consequence, locator, expected, found):
    against = [one for one in findings(changed(**wrong)) if one.gate == gate]
    assert any(one.locator == locator and expected in one.expected and found in one.found for one in against), against
    assert {one.consequence for one in against} == {consequence}


def test_a_month_left_out_and_months_cut_off_are_found():
    sheet = describe(MARCH)
    sheet.cells = {place: cell for place, cell in sheet.cells.items() if place[0] != 799}
    assert [one.expected for one in findings(sheet) if one.gate == "months_follow"] == [
        "the month that begins 2022-07-01, after 2022-06"
    ]
    sheet = describe(MARCH)
    sheet.cells = {place: cell for place, cell in sheet.cells.items() if place[0] < 13 or place[0] >= 747}
    assert [(one.gate, one.found) for one in findings(sheet)] == [("months_follow", "2018-03")]


def test_without_the_merge_over_it_the_block_is_not_guessed():
    sheet = describe(MARCH)
    sheet.merges = []
    (finding,) = findings(sheet)
    assert (finding.gate, finding.found) == ("header_row", "0")


def test_gates_that_compare_look_at_the_release_before():
    january = Quantity("USD", "monthly_average", date(2026, 1, 1), date(2026, 2, 1))
    before = Before("sbp/exchange_rates@2026-01", "2026-01", {january: Decimal("280.9")})
    assert {one.gate: one.consequence for one in findings(describe(MARCH), before)} == {
        "edition_gap": "warn",
        "value_moved": "warn",
    }
    before = Before("sbp/exchange_rates@2026-02", "2026-02", {january: Decimal("280.153522")})
    assert findings(describe(MARCH), before) == []
    february = Quantity("USD", "monthly_average", date(2026, 2, 1), date(2026, 3, 1))
    before = Before("sbp/exchange_rates@2026-02", "2026-02", {february: Decimal("0.00357")})
    assert {one.gate for one in findings(describe(MARCH), before)} == {"scale_jump", "value_moved"}


def test_an_edition_of_the_future_is_refused():
    (finding,) = findings(describe(MARCH), published_on=date(2026, 3, 31))
    assert finding.gate == "edition_not_in_future"


@pytest.mark.parametrize("name", ["sbp/trade_in_services"])
def test_another_datasets_workbook_is_refused(name):
    with pytest.raises(Unreadable, match="this is another dataset's workbook"):
        read(bundled.render(bundled.editions(name)[0]))
