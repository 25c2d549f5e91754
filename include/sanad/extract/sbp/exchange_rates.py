"""SBP's ``IBF_Arch.xls``: the monthly average of Pakistani rupees per US dollar, January 1957 to the edition's month.

Four sheets of rates since 1947 and one without a cell. Only ``Monthly Avg. Ex. Rates in PKR`` is read, and in it one
column; the others, and the other currencies, are archived and not staged. Oddities of the publisher:

- Each sheet has two blocks, the rates and their change in percent, with the same countries over the same currencies.
  What a column holds is told by what heads its block in the unit's row: ``Pak Rupees per Currency Unit``, over
  columns A to Z. The other column of that country and currency is the change, for the gate ``change_as_printed``.
- Names carry leading blanks. A month is its first three letters (``Jan``, from June 2017 on ``January``, once
  ``December `` with a trailing blank, on another sheet ``December ( R )``), the year a number in the next column.
- Four spans before 1957 (``Aug 1947 to Jun 1949``) stand in one cell over both: they are no months. The registry sets
  them apart.
- Rows up to February 2018 are hidden; they are figures like the others. ``...`` or ``…`` is a figure that is not there.
- Plus in the change means that the rupee gained: it is 100 x (previous / current - 1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sanad.extract.reading import Figure, Reading
from sanad.extract.sheets import era, sheet_of, stop, unit_above, value_of
from sanad.grid import Cell, Grid, Sheet, read
from sanad.grid.cells import locate
from sanad.registry import Dataset, Layout
from sanad.words.errors import Finding, Unreadable
from sanad.words.numbers import plain
from sanad.words.periods import MONTHS, Period, month_number
from sanad.words.vocabulary import Consequence, Flag

PARSER = "sbp.exchange_rates"
VERSION = "1"

_MONTH = re.compile(rf"^({'|'.join(MONTHS)})[a-z]*(?: \( ?([PR]) ?\))?$")
_MISSING = frozenset({"...", "…"})


@dataclass(frozen=True)
class _Rates:
    """The column of one currency's rates, what heads it, and the column of their change where there is one."""

    code: str
    measure: str
    country: Cell
    currency: Cell
    title: Cell
    unit: Cell
    change: int | None

    @property
    def heads(self) -> dict[str, str]:
        """The cells beside the currency's that say what the column's figures are."""
        return {
            "measure_header_locator": self.title.locator,
            "measure_header_as_printed": self.title.shown,
            "country_locator": self.country.locator,
            "country_as_printed": self.country.shown,
            "unit_locator": self.unit.locator,
            "unit_as_printed": self.unit.shown,
        }


@dataclass(frozen=True)
class _Row:
    """One month of the table: its two cells, and what they say."""

    month: Cell
    year: Cell
    period: Period
    flag: Flag | None


@dataclass(frozen=True)
class _Table:
    """The sheet, its column of rates, and the rows of its months."""

    sheet: Sheet
    rates: _Rates
    months: list[_Row]

    @property
    def edition(self) -> str:
        return max(row.period for row in self.months).code


def extract(dataset: Dataset, parts: dict[str, bytes]) -> Reading:
    """A figure a month, in rupees per dollar: January 1957 to March 2026 are 831.

    Unreadable names the first of the gates ``file``, ``sheet``, ``header_row``, ``unit_text``, ``periods``, ``layout``,
    ``value`` that the workbook does not pass. Whether the months are all there is ``months_follow``'s to say.
    """
    grid = read(next(iter(parts.values())), dataset.file_types, dataset.max_bytes)
    layout, table = era(dataset, lambda layout: _table(grid, layout))
    return Reading(PARSER, VERSION, table.edition, figures=_figures(table, layout))


def _table(grid: Grid, layout: Layout) -> _Table:
    sheet = sheet_of(grid, layout)
    ((code, (country, currency)),) = layout.words.items()
    header_row = _header_row(sheet, currency)
    unit = unit_above(sheet, header_row, layout)
    title, measure = _title(sheet, header_row, layout)
    both = _columns(sheet, header_row, country, currency)
    columns = [column for column in both if sheet.over(unit.row, column) == unit]
    if len(columns) != 1:
        expected = f"one column of {country}, {currency} under '{unit.text}'"
        raise stop("header_row", expected, f"{len(columns)}", locate(sheet.name, header_row))
    changes = [column for column in both if column not in columns]
    rates = _Rates(
        code,
        measure,
        sheet.cells[header_row - 1, columns[0]],
        sheet.cells[header_row, columns[0]],
        title,
        unit,
        changes[0] if len(changes) == 1 else None,
    )
    return _Table(sheet, rates, _months(sheet, rates, layout))


def _header_row(sheet: Sheet, currency: str) -> int:
    for row, cells in sheet.rows():
        if currency in {cell.text for cell in cells}:
            return row
    raise stop("header_row", f"a row of currencies, {currency} among them", "no such row", locate(sheet.name))


def _title(sheet: Sheet, header_row: int, layout: Layout) -> tuple[Cell, str]:
    """The cell above the header that says what the rates are, and the measure it stands for."""
    for (row, _), cell in sheet.cells.items():
        if row < header_row and cell.text in layout.measures:
            return cell, layout.measures[cell.text]
    found = ", ".join(f"'{cell.text}'" for cell in sheet.cells.values() if cell.row < header_row - 1)
    raise stop("header_row", f"above it {' or '.join(layout.measures)}", found or "nothing", locate(sheet.name))


def _columns(sheet: Sheet, header_row: int, country: str, currency: str) -> list[int]:
    """The columns over which the country stands above the currency."""
    return [
        column
        for (row, column), cell in sheet.cells.items()
        if row == header_row
        and cell.text == currency
        and (above := sheet.at(row - 1, column)) is not None
        and above.text == country
    ]


def _months(sheet: Sheet, rates: _Rates, layout: Layout) -> list[_Row]:
    """The rows that hold something in the column of rates, but for those that the layout sets apart."""
    months: list[_Row] = []
    findings: list[Finding] = []
    for row, cells in sheet.rows():
        if row <= rates.currency.row or cells[0].text in layout.apart or not _is_of_the_table(cells, rates):
            continue
        try:
            months.append(_month(sheet, row))
        except Unreadable as unreadable:
            findings += unreadable.findings
    if findings:
        raise Unreadable(*findings)
    if not months:
        raise stop("periods", "a row a month", "none", locate(sheet.name))
    return months


def _is_of_the_table(cells: list[Cell], rates: _Rates) -> bool:
    """Whether a row is one of figures: notes and the contact block have none, and name no month."""
    return any(cell.column >= rates.currency.column for cell in cells) or bool(_MONTH.match(cells[0].text))


def _month(sheet: Sheet, row: int) -> _Row:
    month, year = sheet.at(row, 0), sheet.at(row, 1)
    match = _MONTH.match(month.text) if month else None
    if month is not None and year is not None and match and type(year.value) is float and year.value.is_integer():
        try:
            period = Period.month(int(year.value), month_number(match[1]))
            return _Row(month, year, period, Flag(match[2]) if match[2] else None)
        except ValueError:
            pass  # no month of the calendar: said below
    found = " ".join(f"'{cell.text}'" for cell in (month, year) if cell) or "empty cells"
    raise stop("periods", "a month such as March and a year such as 2026", found, locate(sheet.name, row, 0))


def _figures(table: _Table, layout: Layout) -> list[Figure]:
    figures: list[Figure] = []
    findings: list[Finding] = []
    for row in table.months:
        at = row.month.row, table.rates.currency.column
        cell = table.sheet.at(*at)
        value, null_reason = value_of(cell, _MISSING)
        if cell is None or (value is None and null_reason is None):
            wanted = f"the {table.rates.measure} of {table.rates.code} for {row.period}: a number or ..."
            found = f"'{cell.text}'" if cell else "an empty cell"
            findings.append(Finding("value", Consequence.QUARANTINE, wanted, found, locate(table.sheet.name, *at)))
            continue
        figures.append(
            Figure(
                ordinal=cell.ordinal,
                series_code=table.rates.code,
                measure=table.rates.measure,
                period=row.period,
                value=value,
                null_reason=null_reason,
                unit=layout.unit,
                flag=row.flag,
                locator=cell.locator,
                as_printed=cell.shown,
                header_locator=table.rates.currency.locator,
                header_as_printed=table.rates.currency.shown,
                label_raw=row.month.shown,
                details={
                    "year_locator": row.year.locator,
                    "year_as_printed": row.year.shown,
                    **table.rates.heads,
                    **_change(table, row),
                },
            )
        )
    if findings:
        raise Unreadable(*findings)
    return figures


def _change(table: _Table, row: _Row) -> dict[str, Any]:
    """What the month's change in percent is printed as, and where; nothing where none is."""
    cell = table.sheet.at(row.month.row, table.rates.change) if table.rates.change is not None else None
    change, _ = value_of(cell, _MISSING)
    if cell is None or change is None:
        return {}
    return {"change_pct": plain(change), "change_locator": cell.locator, "change_as_printed": cell.shown}
