"""The drawing of a sheet, the chart and the words of the lineage pages, without a warehouse."""

from __future__ import annotations

import io
import sys
from decimal import Decimal

import openpyxl
import pytest
from helpers import DATASET, MARCH, PROJECT

from sanad.grid import read
from sanad.grid.cells import locate
from sanad.local import bundled
from sanad.words.errors import UsageError

sys.path.insert(0, str(PROJECT / "plugins"))  # Airflow does this for its own processes

from sanad_pages import sheet, wording
from sanad_pages.chart import chart
from sanad_pages.prints import Print
from sanad_pages.sheet import NotDrawn, Wanted

SHEET = "EBOPS "


@pytest.fixture
def workbooks(monkeypatch, trade_in_services):
    """Lets the dataset's releases be workbooks of any type."""
    every = trade_in_services.model_copy(update={"file_types": ["xls", "xlsx", "csv"]})
    monkeypatch.setattr(sheet, "dataset", lambda name: every)


def written(rows: int, columns: int, merges: tuple[str, ...] = ()) -> bytes:
    """A workbook with a title, a row of headers, a column of labels, and its own addresses as figures."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Big"
    page["A1"] = "A title that runs over its neighbours"
    for column in range(2, columns + 2):
        page.cell(3, column, f"H{column}")
    for row in range(4, rows + 4):
        page.cell(row, 1, f"line {row}")
        for column in range(2, columns + 2):
            page.cell(row, column, row * 1000 + column)
    for merge in merges:
        page.merged_cells.add(merge)  # merge_cells() would make every cell
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def drawn(content: bytes, locator: str, **wanted):
    grid = read(content, ["xlsx"], 10**8)
    figures = {
        cell.locator: str(cell.ordinal)
        for found in grid.sheets
        for cell in found.cells.values()
        if isinstance(cell.value, float)
    }
    wanted = Wanted(locator, wanted.pop("header_locator", None), figures, **wanted)
    return sheet.picture(DATASET, {"big.xlsx": content}, wanted)


def texts(rows) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in rows]


def test_a_small_sheet_is_drawn_whole(workbooks):
    picture = drawn(written(4, 3), "'Big'!C5")
    assert picture.letters == ("A", "B", "C", "D")
    assert texts(picture.above) == [["A title that runs over its neighbours"], [""] * 4]
    assert picture.above[0].cells[0].columns == 4
    assert texts(picture.headers) == [["", "H2", "H3", "H4"]]
    assert [row.number for row in picture.below] == [4, 5, 6, 7]
    assert [cell.role for cell in picture.below[1].cells] == ["label", "", "lit", ""]
    assert (picture.headings, picture.label, picture.label_letter) == (("H3",), "line 5", "A")
    assert [cell.stays for cell in picture.below[1].cells] == [True, False, False, False]


def test_of_a_big_sheet_a_window_is_drawn_with_headers_and_labels(workbooks):
    picture = drawn(written(400, 60), "'Big'!AH300")
    numbers = [row.number for row in picture.below]
    assert (numbers[0], numbers[-1]) == (260, 340)
    assert [row.number for row in (*picture.above, *picture.headers)] == [1, 2, 3]
    assert picture.letters[:2] == ("A", "X")
    assert picture.letters[-1] == "AR"
    assert picture.skipped_columns
    (lit,) = [cell for row in picture.below for cell in row.cells if cell.role == "lit"]
    assert lit.text == "300034"
    assert picture.headings == ("H34",)


def test_the_last_row_and_the_first_column_have_a_window_too(workbooks):
    picture = drawn(written(400, 60), "'Big'!B403")
    assert picture.below[-1].number == 403
    assert picture.letters[0] == "A"
    assert picture.below[0].skipped == 0


def test_rows_that_are_not_drawn_are_counted(workbooks):
    content = written(400, 3)
    grid = read(content, ["xlsx"], 10**8)
    figures = {cell.locator: "1" for cell in grid.sheets[0].cells.values() if cell.row >= 100 and cell.column}
    picture = sheet.picture(DATASET, {"big.xlsx": content}, Wanted("'Big'!C300", "'Big'!C90", figures))
    assert [row.number for row in picture.above] == list(range(81, 90))
    assert picture.headers[0].number == 90
    assert picture.below[0].number == 260


def test_merges_are_drawn_as_one_and_cut_at_the_windows_edge(workbooks):
    picture = drawn(written(400, 60, ("AC3:AE3", "B3:W3", "A10:A20")), "'Big'!AH200")
    heads = [(cell.text, cell.columns) for cell in picture.headers[0].cells]
    assert heads[0] == ("", 1)
    assert ("H29", 3) in heads
    assert ("H2", 22) not in heads  # wholly outside
    assert sum(columns for _, columns in heads) == len(picture.letters)
    cut = drawn(written(400, 60, ("B3:AG3",)), "'Big'!AH200").headers[0]
    assert [(cell.text, cell.columns) for cell in cut.cells][1] == ("H2", 10)


def test_a_merge_of_a_million_cells_costs_nothing(workbooks):
    picture = drawn(written(10, 3, ("F1:AZZ30000",)), "'Big'!C5")
    assert [cell.role for cell in picture.below[1].cells][2] == "lit"


def test_every_row_fills_all_columns(workbooks, real_or_bundled):
    picture = sheet.picture(DATASET, {"dt.xls": real_or_bundled}, _of_services(real_or_bundled))
    open_below: dict[int, int] = {}
    for section in (picture.above, picture.headers, picture.below):
        for row in section:
            taken = sum(open_below.pop(row.number, {}).values()) if row.number in open_below else 0
            assert taken + sum(cell.columns for cell in row.cells) == len(picture.letters), row.number
            for cell in row.cells:
                for beneath in range(row.number + 1, row.number + cell.rows):
                    open_below.setdefault(beneath, {})[id(cell)] = cell.columns


@pytest.fixture(params=["bundled", "real"])
def real_or_bundled(request) -> bytes:
    """A rendering of ours, and SBP's own workbook where it is."""
    if request.param == "bundled":
        return bundled.render(MARCH)
    return request.getfixturevalue("real_february")


def _of_services(content: bytes, locator: str = "'EBOPS '!I61") -> Wanted:
    grid = read(content, ["xls"], 10**8)
    figures = {
        locate(SHEET, row, column): str(cell.ordinal)
        for (row, column), cell in grid.sheets[0].cells.items()
        if 8 <= row <= 95 and 2 <= column <= 16
    }
    return Wanted(locator, "'EBOPS '!I7", figures)


def test_the_publishers_sheet_has_its_period_its_measure_its_unit_and_its_line_marked(real_or_bundled):
    picture = sheet.picture(DATASET, {"dt.xls": real_or_bundled}, _of_services(real_or_bundled))
    assert picture.headings[0] == "(Amount in Thousand US$)"
    assert picture.headings[2] == "Credit"
    assert picture.label == "9.1.1 Call centres"
    assert [row.number for row in picture.headers] == [6, 7, 8]
    assert [row.number for row in picture.below] == list(range(9, 104))
    indents = {cell.text.strip(): cell.indent for row in picture.below for cell in row.cells if cell.stays}
    assert indents["9.1.1 Call centres"] == 5


def test_an_empty_cell_is_still_pointed_at(workbooks):
    picture = drawn(written(4, 3), "'Big'!F5")
    assert picture.lit is None
    assert picture.letters[-1] == "F"
    assert picture.below[1].cells[-1].role == "lit"


@pytest.mark.parametrize(
    ("locator", "said"),
    [
        ("'Other'!C5", "no sheet 'Other'"),
        ("page 3, box 1 2 3 4", "locates no cell"),
        ("/data/3/value", "locates no cell"),
    ],
)
def test_what_cannot_be_drawn_is_said(workbooks, locator, said):
    with pytest.raises(NotDrawn, match=said):
        drawn(written(4, 3), locator)


def test_a_locator_names_the_part_where_there_are_several(workbooks):
    parts = {"a.xlsx": written(4, 3), "b.xlsx": written(6, 3)}
    figures = {"b.xlsx!'Big'!C5": "1", "a.xlsx!'Big'!B4": "2"}
    picture = sheet.picture(DATASET, parts, Wanted("b.xlsx!'Big'!C5", None, figures))
    assert picture.below[-1].number == 9
    with pytest.raises(NotDrawn, match=r"a\.xlsx, b\.xlsx"):
        sheet.picture(DATASET, parts, Wanted("'Big'!C5", None, {}))


def test_a_csv_is_drawn_too(workbooks):
    content = b"line,credit\nCall centres,35425\nOther,12\n"
    picture = sheet.picture(DATASET, {"a.csv": content}, Wanted("cell=2,2", "cell=1,2", {"cell=2,2": "7"}))
    assert texts(picture.headers) == [["line", "credit"]]
    assert picture.below[0].cells[1].role == "lit"


def test_an_unknown_dataset_is_no_page_of_errors():
    with pytest.raises(UsageError):
        sheet.picture("sbp/nothing", {"a": b""}, Wanted("'A'!A1", None, {}))


def test_the_reading_is_kept_by_content(workbooks):
    sheet._read.cache_clear()
    content = written(4, 3)
    for _ in range(3):
        drawn(content, "'Big'!C5")
    drawn(written(5, 3), "'Big'!C5")
    assert (sheet._read.cache_info().misses, sheet._read.cache_info().hits) == (2, 2)
    assert sheet._read.cache_info().maxsize == 4


# chart and words


def one(value: str | None, flag: str | None = None, is_this: bool = False) -> Print:
    return Print(
        "sbp/trade_in_services@2026-02", "2026-03-17", Decimal(value) if value else None, flag, "1", None, is_this
    )


def test_a_chart_has_a_point_for_each_print_the_higher_the_larger():
    made = chart([one("100", "P"), one(None), one("120", "R"), one("90")])
    assert made is not None
    xs, ys = zip(*((point.x, point.y) for point in made.points), strict=True)
    assert len(xs) == 3
    assert list(xs) == sorted(xs)
    assert ys[1] < ys[0] < ys[2]
    assert all(0 < point.text_y < 196 for point in made.points)
    assert made.line.count(",") == 3


def test_equal_prints_are_a_flat_line_and_a_tiny_change_stays_tiny():
    flat = chart([one("35425.4657", "P"), one("35425.4657", "R")])
    assert len({point.y for point in flat.points}) == 1
    tiny = chart([one("100"), one("100.01")])
    assert abs(tiny.points[0].y - tiny.points[1].y) < 2


@pytest.mark.parametrize("prints", [[], [one("1")], [one("1"), one(None)]])
def test_one_print_makes_no_chart(prints):
    assert chart(prints) is None


def test_zero_and_negative_prints_are_charted():
    assert chart([one("0"), one("0")]) is not None
    falling = chart([one("-5"), one("-9")])
    assert falling.points[0].y < falling.points[1].y


@pytest.mark.parametrize(
    ("value", "shown", "exact"),
    [
        ("36409.925099999986", "36,409.9251", "36,409.925099999986"),
        ("800206.041911469", "800,206.041911", "800,206.041911469"),
        ("0", "0", ""),
        ("1000", "1,000", ""),
        ("-12039.65", "−12,039.65", ""),
        ("0.0000004", "0", "0.0000004"),
    ],
)
def test_numbers_are_shown_as_far_as_they_are_compared(value, shown, exact):
    assert (wording.number(Decimal(value)), wording.exact(Decimal(value))) == (shown, exact)


def test_every_mark_can_be_told_from_the_others_without_colour():
    assert len({mark.sign for mark in wording.MARKS}) == len(wording.MARKS) == 10
    css = (PROJECT / "plugins/sanad_pages/templates/lineage.css").read_text()
    for mark in wording.MARKS:
        assert css.count(f".mark.{mark.kind}") >= 2, mark.kind  # light and dark
