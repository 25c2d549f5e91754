"""The parser of dt.xls: golden against the real workbook, and what it makes of workbooks that are wrong."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from helpers import FEBRUARY, MARCH, REAL_RELEASES

from sanad.extract import read_release
from sanad.gates import Occasion, judge
from sanad.local import bundled
from sanad.local.bundled import Cell, at, describe, to_xls
from sanad.words.errors import Unreadable
from sanad.words.numbers import six_places
from sanad.words.vocabulary import Flag


@pytest.fixture
def read(trade_in_services):
    return lambda content: read_release(trade_in_services, {"dt.xls": content})


@pytest.fixture
def findings(trade_in_services, read):
    """What stands against a sheet: from the reading, else from the gates."""

    def found(sheet, published_on=date(2026, 4, 17)):
        try:
            reading = read(to_xls(sheet))
        except Unreadable as unreadable:
            return list(unreadable.findings)
        return judge(Occasion(trade_in_services, reading, published_on))

    return found


def test_the_rendering_reads_as_the_real_workbook_figure_by_figure(read, real_february):
    rendered, real = read(bundled.render(FEBRUARY)), read(real_february)
    assert len(real.figures) == 1320
    assert real.edition == rendered.edition == "2026-02"
    for ours, theirs in zip(rendered.figures, real.figures, strict=True):
        assert ours == theirs  # value, flag, raw label, indent, locator, header, text as shown, ordinal
    assert real.canonical_sha256 == rendered.canonical_sha256


def test_the_real_workbook_is_not_passed_over_where_it_is():
    assert not REAL_RELEASES.exists() or (REAL_RELEASES / "dt_2026-03-17.xls").stat().st_size == 1541632


@pytest.mark.parametrize(
    ("release", "periods"),
    [
        (FEBRUARY, {"2025-02": None, "2026-01": "R", "2026-02": "P", "FY25.Jul-Feb": None, "FY26.Jul-Feb": "P"}),
        (MARCH, {"2025-03": "R", "2026-02": "R", "2026-03": "P", "FY25.Jul-Mar": "R", "FY26.Jul-Mar": "P"}),
    ],
)
def test_an_edition_is_88_lines_by_5_periods_by_3_measures(read, release, periods):
    reading = read(bundled.render(release))
    assert Counter(f.period.code for f in reading.figures) == dict.fromkeys(periods, 264)
    assert {f.period.code: f.flag for f in reading.figures} == periods
    assert len({f.series_code for f in reading.figures}) == 88
    assert sum(f.value is None for f in reading.figures) == 10
    assert {(f.series_code, f.measure) for f in reading.figures if f.null_reason} == {
        ("9.2.5", "debit"),
        ("10.3.5", "debit"),
    }


@pytest.mark.parametrize(
    ("release", "locator", "series", "period", "value"),
    [
        (FEBRUARY, "'EBOPS '!I61", "9.1.1", "2026-02", "35425.4657"),
        (MARCH, "'EBOPS '!I61", "9.1.1", "2026-03", "36409.9251"),
        (MARCH, "'EBOPS '!O61", "9.1.1", "FY26.Jul-Mar", "289057.9660"),
        (MARCH, "'EBOPS '!L61", "9.1.1", "FY25.Jul-Mar", "240153.6550"),
        (MARCH, "'EBOPS '!I59", "9", "2026-03", "413622.8920"),
        (FEBRUARY, "'EBOPS '!I9", "0", "2026-02", "812245.6956"),
        (MARCH, "'EBOPS '!F9", "0", "2026-02", "800206.0419"),
    ],
)
def test_printed_figures_stand_in_their_cells(read, release, locator, series, period, value):
    figure = next(f for f in read(bundled.render(release)).figures if f.locator == locator)
    assert (figure.series_code, figure.measure, figure.period.code) == (series, "credit", period)
    assert round(figure.value, 4) == Decimal(value)


def test_a_figure_carries_its_label_header_and_text(read):
    figure = next(f for f in read(bundled.render(MARCH)).figures if f.locator == "'EBOPS '!I61")
    assert (figure.label_raw, figure.indent, figure.parent_code) == ("9.1.1 Call centres", 5, "9.1")
    assert (figure.header_locator, figure.header_as_printed, figure.flag) == (
        "'EBOPS '!I7",
        "Mar-26 (P)",
        Flag.PROVISIONAL,
    )
    assert (figure.as_printed, figure.unit) == ("36,410", "usd_thousand")


def test_bundled_editions_pass_every_gate(findings):
    assert findings(describe(FEBRUARY), date(2026, 3, 17)) == []
    assert findings(describe(MARCH)) == []


# -- synthetic editions: the months nobody has kept a workbook of ------------------------------------------------


def headed(release, *headers):
    roles = ("month_a_year_ago", "previous_month", "current_month", "year_to_date_a_year_ago", "year_to_date")
    return describe(replace(release, headers=dict(zip(roles, headers, strict=True))))


def test_a_june_release_yields_fiscal_years(read):
    sheet = headed(MARCH, "Jun-25 (R)", "May-26 (R)", "Jun-26 (P)", "Jul-Jun, FY25 (R)", "Jul-Jun, FY26 (P)")
    reading = read(to_xls(sheet))
    assert reading.edition == "2026-06"
    assert {"FY25", "FY26"} <= {f.period.code for f in reading.figures}
    assert {f.period.kind for f in reading.figures if f.period.code == "FY26"} == {"fiscal_year"}


@pytest.mark.parametrize(
    "to_date",
    [("Jul, FY26 (R)", "Jul, FY27 (P)"), ("Jul-Jul, FY26 (R)", "Jul-Jul, FY27 (P)"), ("Jul-25 (R)", "Jul-26 (P)")],
)
def test_a_july_release_yields_a_month_and_a_year_to_date_that_must_be_equal(read, findings, to_date):
    sheet = headed(MARCH, "Jul-25 (R)", "Jun-26 (R)", "Jul-26 (P)", *to_date)
    found = findings(sheet, date(2026, 8, 17))
    assert {f.gate for f in found} == {"one_value_per_quantity"}  # March's months are no year-to-dates
    for row in range(8, 96):  # make the year-to-dates repeat the months
        for month, cumulative in ((2, 11), (8, 14)):
            for measure in range(3):
                sheet.cells[row, cumulative + measure] = sheet.cells[row, month + measure]
    assert findings(sheet, date(2026, 8, 17)) == []
    assert {"2026-07", "FY27.Jul-Jul", "FY26.Jul-Jul"} <= {f.period.code for f in read(to_xls(sheet)).figures}


# -- workbooks that are wrong: each is refused by the gate that is there for it ----------------------------------


def put(address, value):
    def edit(sheet):
        sheet.cells[at(address)] = Cell(value, sheet.cells[at(address)].number_format)

    return edit


def add(address, by):
    def edit(sheet):
        cell = sheet.cells[at(address)]
        sheet.cells[at(address)] = replace(cell, value=cell.value + by)

    return edit


def drop_row(row):
    def edit(sheet):
        for place in [place for place in sheet.cells if place[0] == row - 1]:
            del sheet.cells[place]

    return edit


def insert_column(before):
    def edit(sheet):
        moved = {(row, column + (column >= before)): cell for (row, column), cell in sheet.cells.items()}
        sheet.cells.clear()
        sheet.cells.update(moved)
        sheet.cells[7, before] = Cell("Share")

    return edit


@pytest.mark.parametrize(
    ("edit", "gate", "locator", "expected", "found"),
    [
        (put("L6", "(Amount in Million US$)"), "unit_text", "'EBOPS '!L6", "Thousand US$", "(Amount in Million US$)"),
        (put("D8", "Debits"), "header_row", "'EBOPS '!8:8", "Credit Debit Net, 5 times", "Debits"),
        (insert_column(5), "header_row", "'EBOPS '!8:8", "Credit Debit Net, 5 times", "16 cells"),
        (drop_row(8), "header_row", "'EBOPS '", "Credit Debit Net, 5 times", "no such row"),
        (drop_row(61), "codes", None, "line 9.1.1 Call centres", "no such line"),
        (put("B61", "9.1.7 Call centres"), "codes", "'EBOPS '!C61", "declared codes", "9.1.7 Call centres"),
        (put("B61", "9.1.2 Call centres"), "codes", "'EBOPS '!C61", "line 9.1.2 once", "2 times"),
        (put("B61", "Call centres"), "codes", "'EBOPS '!B61", "a label with an EBOPS code", "'Call centres'"),
        (add("K61", 0.000002), "net_is_credit_less_debit", "'EBOPS '!K61", "net of line 9.1.1 for 2026-03", ""),
        (add("I9", 1), "parent_is_sum_of_children", "'EBOPS '!I9", "credit of line 0 for 2026-03", "902913."),
        (put("I7", "Apr-26 (P)"), "periods", "'EBOPS '!C7", "month_a_year_ago 2025-04", "'Mar-25 (R)'"),
        (put("O7", "Jul-Feb, FY26 (P)"), "periods", "'EBOPS '!O7", "year_to_date FY26.Jul-Mar", "FY26.Jul-Feb"),
        (put("F7", "soon"), "periods", "'EBOPS '!F7", "previous_month such as", "'soon'"),
        (put("F7", "Xyz-26 (R)"), "periods", "'EBOPS '!F7", "previous_month such as", "'Xyz-26 (R)'"),
        (put("I61", "n.a"), "value", "'EBOPS '!I61", "credit of line 9.1.1 for 2026-03", "'n.a'"),
        (put("I61", float("nan")), "value", "'EBOPS '!I61", "credit of line 9.1.1 for 2026-03", "'NaN'"),
        (put("I61", float("inf")), "value", "'EBOPS '!I61", "credit of line 9.1.1 for 2026-03", "'Infinity'"),
        (put("I61", ""), "value", "'EBOPS '!I61", "credit of line 9.1.1 for 2026-03", "an empty cell"),
    ],
)  # fmt: skip
def test_a_wrong_workbook_is_refused_where_it_is_wrong(findings, edit, gate, locator, expected, found):
    sheet = describe(MARCH)
    edit(sheet)
    against = [finding for finding in findings(sheet) if finding.gate == gate]
    assert against, findings(sheet)
    assert any(one.locator == locator and expected in one.expected and found in one.found for one in against), against
    assert all(one.consequence == "quarantine" for one in against)


def test_a_net_off_by_half_a_tolerance_passes(findings):
    sheet = describe(MARCH)
    add("K61", 0.0000005)(sheet)
    assert "net_is_credit_less_debit" not in {f.gate for f in findings(sheet)}


def test_an_edition_of_the_future_is_refused(findings):
    against = findings(describe(MARCH), date(2026, 3, 31))
    assert [(f.gate, f.locator) for f in against] == [("edition_not_in_future", "'EBOPS '!I7")]


def test_findings_without_end_are_counted_not_listed(findings):
    sheet = describe(MARCH)
    for row in range(10, 97):
        add(f"K{row}", 5)(sheet)
    against = [f for f in findings(sheet) if f.gate == "net_is_credit_less_debit"]
    assert len(against) == 21
    assert against[-1].found == "67 more like these"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file, 0 bytes"),
        (b"<html>moved</html>", "begin b'<html>mo'"),
        (bundled.render(MARCH)[:20000], "Error"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Error"),
        (bytes(20_000_001), "20,000,001 bytes"),
    ],
)
def test_bytes_that_are_no_workbook_are_refused_as_a_file(read, content, found):
    with pytest.raises(Unreadable) as refused:
        read(content)
    (finding,) = refused.value.findings
    assert finding.gate == "file"
    assert found in finding.found


def test_another_datasets_workbook_is_refused_not_half_read(read):
    sheet = describe(MARCH)
    sheet.name = "BPM6_Summary"
    with pytest.raises(Unreadable, match=r"sheet: expected a sheet 'EBOPS', found only 'BPM6_Summary'"):
        read(to_xls(sheet))


@pytest.mark.parametrize("name", ["Balancepayment_BPM6.xls", "IBF_Arch.xls", "Export_Receipts_by_all_Countries.xls"])
def test_the_publishers_other_workbooks_are_refused(read, real_february, name):
    with pytest.raises(Unreadable, match="another dataset's workbook"):
        read((REAL_RELEASES / name).read_bytes())


def test_the_canonical_hash_is_free_of_layout_but_not_of_figures(read):
    plain = read(bundled.render(MARCH))
    relabelled, changed = describe(MARCH), describe(MARCH)
    put("B61", "9.1.1  Call  centers")(relabelled)
    add("I61", 0.01)(changed)
    assert read(to_xls(relabelled)).canonical_sha256 == plain.canonical_sha256
    assert read(to_xls(changed)).canonical_sha256 != plain.canonical_sha256
    assert six_places(plain.figures[0].value) != plain.figures[0].value  # full precision is kept beside it
