"""Layout eras of dt.xls: what the registry declares for an edition decides what is accepted.

Declared: 88 lines from December 2018 on; before, the same without the freelance lines 9.2.5 and 10.3.5.
"""

from datetime import date

import pytest
from parsers.eras import FREELANCE, add_line, edition, insert_column, lower_by, rename_line, without_line

from sanad.extract import read_release
from sanad.gates import Occasion, judge
from sanad.local.bundled import to_xls
from sanad.words.errors import Unreadable

NO_FREELANCE = [without_line(code) for code in FREELANCE]
LONG_AFTER = date(2030, 1, 1)


@pytest.fixture
def reading(trade_in_services):
    return lambda sheet: read_release(trade_in_services, {"dt.xls": to_xls(sheet)})


@pytest.fixture
def findings(trade_in_services, reading):
    def found(sheet):
        try:
            read = reading(sheet)
        except Unreadable as unreadable:
            return list(unreadable.findings)
        return judge(Occasion(trade_in_services, read, LONG_AFTER))

    return found


def told(findings):
    return {(finding.gate, finding.consequence.value) for finding in findings}


def test_declared_two_eras_that_differ_in_the_freelance_lines(trade_in_services):
    older, newer = (trade_in_services.layout_for(code) for code in ("2018-11", "2018-12"))
    assert set(newer.lines) - set(older.lines) == set(FREELANCE)
    assert (len(older.lines), len(newer.lines)) == (86, 88)
    shared = {"sheet", "unit_text", "unit", "measures", "roles"}
    assert older.model_dump(include=shared) == newer.model_dump(include=shared)


@pytest.mark.parametrize("code", ["2013-07", "2018-10", "2018-11"])
def test_declared_86_lines_before_december_2018_and_86_are_accepted(findings, reading, code):
    sheet = edition(code, *NO_FREELANCE)
    assert findings(sheet) == []
    read = reading(sheet)
    assert (read.edition, len(read.figures)) == (code, 86 * 15)
    sums = {f.series_code: f.value for f in read.figures if (f.measure, f.period.code) == ("credit", code)}
    children = [sums[f"9.2.{n}"] for n in (1, 2, 3, 4, 6)]
    assert abs(sums["9.2"] - sum(children)) < 1e-6  # the sum of fewer lines


def test_declared_86_lines_before_december_2018_and_88_are_quarantined(findings):
    found = findings(edition("2018-10"))
    assert told(found) == {("codes", "quarantine")}
    assert [f.expected for f in found] == ["one of the 86 declared codes"] * 2
    assert [f.found for f in found] == [
        "'9.2.5 Freelance of Computer and Information Services'",
        "'10.3.5   Other Freelance Services'",
    ]


@pytest.mark.parametrize("code", ["2018-12", "2019-01"])
def test_declared_88_lines_from_december_2018_and_86_are_quarantined(findings, code):
    found = findings(edition(code, *NO_FREELANCE))
    assert told(found) == {("codes", "quarantine")}
    assert [f.expected for f in found] == [
        "line 9.2.5 Freelance of Computer and Information Services",
        "line 10.3.5 Other Freelance Services",
    ]
    assert {f.found for f in found} == {"no such line"}


@pytest.mark.parametrize("column", [2, 5, 8, 16])
def test_declared_fifteen_columns_and_one_inserted_is_quarantined(findings, column):
    assert told(findings(edition("2026-03", insert_column(column)))) == {("header_row", "quarantine")}


def test_declared_no_place_for_the_header_and_two_rows_lower_is_accepted(findings, reading):
    sheet = edition("2026-03", lower_by(2))
    assert findings(sheet) == []
    moved, plain = reading(sheet).figures, reading(edition("2026-03")).figures
    assert [f.locator for f in moved if f.locator.endswith("!I63")] == ["'EBOPS '!I63"]
    assert [f.canonical for f in moved] == [f.canonical for f in plain]
    assert [f.ordinal for f in moved] == [f.ordinal for f in plain]  # ids count cells, not rows


def test_declared_labels_and_other_words_for_a_code_are_a_warning(findings):
    found = findings(edition("2026-03", rename_line("9.1.1", "9.1.1 Contact centres")))
    assert [(f.gate, f.consequence, f.expected, f.found, f.locator) for f in found] == [
        ("label_changed", "warn", "line 9.1.1 labelled 'Call centres', as declared", "'9.1.1 Contact centres'",
         "'EBOPS '!C61"),
    ]  # fmt: skip


def test_declared_88_lines_and_an_added_one_is_quarantined(findings):
    found = findings(edition("2026-03", add_line("9.3.2", "9.3.3 Artificial intelligence services")))
    assert [(f.gate, f.consequence, f.found, f.locator) for f in found] == [
        ("codes", "quarantine", "'9.3.3 Artificial intelligence services'", "'EBOPS '!C73")
    ]


@pytest.mark.parametrize(
    ("code", "periods"),
    [
        ("2026-06", {"2025-06", "2026-05", "2026-06", "FY25", "FY26"}),
        ("2026-07", {"2025-07", "2026-06", "2026-07", "FY26.Jul-Jul", "FY27.Jul-Jul"}),
        ("2026-08", {"2025-08", "2026-07", "2026-08", "FY26.Jul-Aug", "FY27.Jul-Aug"}),
        ("2026-09", {"2025-09", "2026-08", "2026-09", "FY26.Jul-Sep", "FY27.Jul-Sep"}),
        ("2027-01", {"2026-01", "2026-12", "2027-01", "FY26.Jul-Jan", "FY27.Jul-Jan"}),
    ],
)
def test_declared_roles_and_every_turn_of_the_year_is_accepted(findings, reading, code, periods):
    sheet = edition(code)
    assert findings(sheet) == []
    assert {f.period.code for f in reading(sheet).figures} == periods


def test_an_edition_no_era_is_declared_for_is_refused_by_its_name(trade_in_services):
    newer = trade_in_services.model_copy(update={"layouts": [trade_in_services.layout_for("2026-01")]})
    with pytest.raises(Unreadable, match=r"layout at 'EBOPS ': expected a layout declared .* found none for 2018-10"):
        read_release(newer, {"dt.xls": to_xls(edition("2018-10"))})


def test_each_era_is_tried_with_its_own_words(trade_in_services, reading):
    newer, older = trade_in_services.layouts
    english = older.model_copy(update={"measures": {"Exports": "credit", "Imports": "debit", "Balance": "net"}})
    sheet = edition("2018-10", *NO_FREELANCE)
    for (row, column), cell in list(sheet.cells.items()):
        if row == 7 and column >= 2:
            words = {"Credit": "Exports", "Debit": "Imports", "Net": "Balance"}
            sheet.cells[row, column] = type(cell)(words[cell.value], cell.number_format)
    dataset = trade_in_services.model_copy(update={"layouts": [newer, english]})
    assert read_release(dataset, {"dt.xls": to_xls(sheet)}).edition == "2018-10"
    with pytest.raises(Unreadable, match="header_row"):
        reading(sheet)
