"""Synthetic editions of dt.xls: a bundled release described, edited, and written again in another era's layout.

The figures are March 2026's under other months, so these workbooks are synthetic and stay in the tests.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from sanad.local import bundled
from sanad.local.bundled import BundledRelease, Cell, Sheet, describe
from sanad.words.periods import MONTHS, first_of_next_month

DATASET = "sbp/trade_in_services"
MARCH = bundled.editions(DATASET)[-1]
ROLES = ("month_a_year_ago", "previous_month", "current_month", "year_to_date_a_year_ago", "year_to_date")
FIRST_LINE, LAST_LINE = 8, 95  # rows from 0
FREELANCE = ("9.2.5", "10.3.5")

Edit = Callable[[Sheet], None]


def edition(code: str, *edits: Edit, release: BundledRelease = MARCH) -> Sheet:
    """The sheet as it would have been headed in the edition ``2018-11``, with edits."""
    sheet = headed(*headers(code), release=release)
    if code.endswith("-07"):
        repeat_the_month(sheet)
    for edit in edits:
        edit(sheet)
    return sheet


def releases(count: int) -> Iterator[tuple[date, Sheet]]:
    """So many releases with the day each was published, in their order, no two with the same figures.

    Consecutive editions up to March 2026, back to December 2018 at most; each is issued on as many days as that takes.
    """
    issues = -(-count // 88)
    for number in range(count):
        back, left = divmod(count - 1 - number, issues)
        year, month = divmod(2026 * 12 + 2 - back, 12)
        published_on = first_of_next_month(year, month + 1) + timedelta(days=15 + issues - left)
        yield published_on, edition(f"{year}-{month + 1:02d}", scaled(1 + number / 4096))


def headed(*texts: str, release: BundledRelease = MARCH) -> Sheet:
    """The sheet under these five period headers."""
    return describe(replace(release, headers=dict(zip(ROLES, texts, strict=True))))


def headers(code: str) -> list[str]:
    """An edition's five period headers, as SBP writes them."""
    year, month = int(code[:4]), int(code[5:])
    before = (year, month - 1) if month > 1 else (year - 1, 12)
    fiscal = year + (month >= 7)
    to_date = f"Jul-{MONTHS[month - 1]}, FY"
    return [
        f"{_month(year - 1, month)} (R)",
        f"{_month(*before)} (R)",
        f"{_month(year, month)} (P)",
        f"{to_date}{(fiscal - 1) % 100:02d} (R)",
        f"{to_date}{fiscal % 100:02d} (P)",
    ]


def _month(year: int, month: int) -> str:
    return f"{MONTHS[month - 1]}-{year % 100:02d}"


def repeat_the_month(sheet: Sheet) -> None:
    """In July the year to date is the month: make the cumulative columns say so."""
    for row in range(FIRST_LINE, LAST_LINE + 1):
        for month, cumulative in ((2, 11), (8, 14)):
            for measure in range(3):
                sheet.cells[row, cumulative + measure] = sheet.cells[row, month + measure]


def row_of(sheet: Sheet, code: str) -> int:
    """The row of a line, by its printed code."""
    return next(row for (row, column), cell in sheet.cells.items() if column == 1 and _code(cell.value) == code)


def _code(label: object) -> str:
    return str(label).replace("\u00a0", " ").split(" ")[0].rstrip(".")


def without_line(code: str) -> Edit:
    """A line that is not there, its figures taken out of every line above it, the rows below moved up."""

    def edit(sheet: Sheet) -> None:
        row = row_of(sheet, code)
        parents = [code.rpartition(".")[0], code.split(".", maxsplit=1)[0]]
        rows = [*(row_of(sheet, parent) for parent in parents), FIRST_LINE]
        for column in range(2, 17):
            gone = sheet.cells[row, column].value
            for parent in rows:
                cell = sheet.cells[parent, column]
                sheet.cells[parent, column] = replace(cell, value=cell.value - (0 if gone == "N/A" else gone))
        for place in [place for place in sheet.cells if place[0] == row]:
            del sheet.cells[place]
        move_rows(sheet, row, -1)

    return edit


def add_line(after: str, label: str) -> Edit:
    """A line of noughts behind another."""

    def edit(sheet: Sheet) -> None:
        row = row_of(sheet, after)
        move_rows(sheet, row + 1, 1)
        sheet.cells[row + 1, 1] = replace(sheet.cells[row, 1], value=label)
        for column in range(2, 17):
            sheet.cells[row + 1, column] = replace(sheet.cells[row, column], value=0.0)

    return edit


def rename_line(code: str, label: str) -> Edit:
    def edit(sheet: Sheet) -> None:
        place = row_of(sheet, code), 1
        sheet.cells[place] = replace(sheet.cells[place], value=label)

    return edit


def lower_by(rows: int) -> Edit:
    """The whole table so many rows lower."""
    return lambda sheet: move_rows(sheet, 0, rows)


def insert_column(before: int, word: str = "Share") -> Edit:
    """A column nobody declared."""

    def edit(sheet: Sheet) -> None:
        _place(sheet, {(row, col + (col >= before)): cell for (row, col), cell in sheet.cells.items()})
        sheet.cells[7, before] = Cell(word)
        sheet.merges.clear()

    return edit


def put(code: str, column: int, value: float | str) -> Edit:
    """One figure of a line replaced, without regard to the sums."""

    def edit(sheet: Sheet) -> None:
        place = row_of(sheet, code), column
        sheet.cells[place] = replace(sheet.cells[place], value=value)

    return edit


def scaled(by: float) -> Edit:
    """Every figure in another unit, whatever the sheet says of it."""

    def edit(sheet: Sheet) -> None:
        for (row, column), cell in sheet.cells.items():
            if FIRST_LINE <= row <= LAST_LINE and column >= 2 and isinstance(cell.value, float):
                sheet.cells[row, column] = replace(cell, value=cell.value * by)

    return edit


def move_rows(sheet: Sheet, first: int, by: int) -> None:
    """Every row from ``first`` on moved."""
    _place(sheet, {(row + by if row >= first else row, column): cell for (row, column), cell in sheet.cells.items()})
    sheet.merges.clear()


def _place(sheet: Sheet, cells: dict[tuple[int, int], Cell]) -> None:
    sheet.cells.clear()
    sheet.cells.update(cells)
