"""SBP's ``Balancepayment_BPM6.xls``: the balance of payments in one table, million US$.

One sheet, ``BPM6_Summary``. A column is headed by two rows: ``Mar`` over ``FY26P``. Oddities of the publisher:

- The flag is glued to the fiscal year (``FY25R``); no flag means none. Two columns may share one period (``Jul-Mar``,
  merged); how many columns there are, and which, depends on the month. The edition stands in the title, ``... - March
  2026``.
- The calendar year follows from month and fiscal year: ``Mar FY26`` is March 2026, ``Oct-Dec FY26`` ends in 2025.
- No line has a code and labels repeat (``Central Bank``, ``General Government``): a line is told by its label and the
  label it is indented under. The codes are the registry's.
- Shown as whole millions (``#,##0``), but some cells store fractions (imports of services of FY25, 11286.19...). A
  stored fraction is kept as it is, with no resolution: it is full precision. A whole number is taken for one that was
  rounded, with a resolution of 1.
- ``-`` is a figure that is not there. Reserves are stocks, and memorandum items have other units, or 0.0 for what is
  not known: the registry sets both apart, archived and not staged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sanad.extract.reading import Figure, Reading
from sanad.extract.sheets import era, sheet_of, stop, unit_above, value_of
from sanad.grid import Cell, Grid, Sheet, read
from sanad.grid.cells import locate
from sanad.registry import Dataset, Layout
from sanad.words.errors import Finding, Unreadable
from sanad.words.periods import Period, fiscal_year_of, full_year, month_number
from sanad.words.vocabulary import Consequence, Flag

PARSER = "sbp.bop_summary"
VERSION = "1"

_FISCAL_YEAR = re.compile(r"^FY ?(\d{2})([PR])?$")
_MONTHS = re.compile(r"^([A-Z][a-z]{2})(?:-([A-Z][a-z]{2}))?$")
_NEWEST = re.compile(r" - ([A-Z][a-z]+) (\d{4})$")
_MISSING = frozenset({"-"})
_SHOWN_STEP = Decimal(1)


@dataclass(frozen=True)
class _Header:
    """What heads a column: the cell of its months, that of its fiscal year, and what they say."""

    months: Cell
    year: Cell
    period: Period
    flag: Flag | None


@dataclass(frozen=True)
class _Table:
    """The sheet, its header by column, its title, and the month the title ends with."""

    sheet: Sheet
    year_row: int
    headers: dict[int, _Header]
    title: Cell
    measure: str
    newest: Period

    @property
    def edition(self) -> str:
        return self.newest.code

    @property
    def label_column(self) -> int:
        return min(self.headers) - 1


@dataclass(frozen=True)
class _Line:
    """A row of figures: its label, its code, the code of the line it is indented under."""

    label: Cell
    code: str
    parent_code: str | None


def extract(dataset: Dataset, parts: dict[str, bytes]) -> Reading:
    """A figure for each declared line and column, in million US$: 73 lines by 10 columns in March 2026.

    Unreadable names the first of the gates ``file``, ``sheet``, ``header_row``, ``periods``, ``layout``, ``unit_text``,
    ``codes``, ``value`` that the workbook does not pass.
    """
    grid = read(next(iter(parts.values())), dataset.file_types, dataset.max_bytes)
    layout, table = era(dataset, lambda layout: _table(grid, layout))
    unit = unit_above(table.sheet, table.year_row, layout)
    return Reading(PARSER, VERSION, table.edition, figures=_figures(table, layout, unit))


def _table(grid: Grid, layout: Layout) -> _Table:
    sheet = sheet_of(grid, layout)
    year_row = _year_row(sheet)
    headers = {cell.column: _header(sheet, cell) for (row, _), cell in sheet.cells.items() if row == year_row}
    title, measure, newest = _title(sheet, year_row, layout)
    table = _Table(sheet, year_row, headers, title, measure, newest)
    _check_roles(table, layout)
    return table


def _year_row(sheet: Sheet) -> int:
    """The row of fiscal years and nothing else."""
    for row, cells in sheet.rows():
        if row and all(_FISCAL_YEAR.match(cell.text) for cell in cells):
            return row
    raise stop("header_row", "a row of fiscal years such as FY26P", "no such row", locate(sheet.name))


def _header(sheet: Sheet, year: Cell) -> _Header:
    months = sheet.over(year.row - 1, year.column)
    fiscal_year = _FISCAL_YEAR.match(year.text)
    match = _MONTHS.match(months.text) if months else None
    if months is not None and match and fiscal_year:
        try:
            period = _period(match[1], match[2], fiscal_year[1])
            return _Header(months, year, period, Flag(fiscal_year[2]) if fiscal_year[2] else None)
        except ValueError:
            pass  # no month, or no span of the grammar: said below
    found = f"'{months.text}' over '{year.text}'" if months else f"an empty cell over '{year.text}'"
    raise stop("periods", "months such as Mar or Jul-Mar over a fiscal year", found, year.locator)


def _period(first: str, last: str | None, fiscal_year: str) -> Period:
    """A month of a fiscal year, or the span from one to another: a quarter, or one from July."""
    if last:
        return Period.parse(f"FY{fiscal_year}.{first}-{last}")
    month = month_number(first)
    return Period.month(full_year(int(fiscal_year)) - (month >= 7), month)


def _title(sheet: Sheet, year_row: int, layout: Layout) -> tuple[Cell, str, Period]:
    """The title, the measure that its words stand for, and the month it ends with."""
    for (row, _), cell in sheet.cells.items():
        newest = _NEWEST.search(cell.text)
        measure = layout.measures.get(cell.text[: newest.start()]) if newest else None
        if row < year_row and newest and measure:
            try:
                return cell, measure, Period.month(int(newest[2]), month_number(newest[1]))
            except ValueError:
                break
    first = next(iter(sheet.cells.values()))
    expected = f"{' or '.join(layout.measures)} - March 2026, above the table"
    raise stop("header_row", expected, f"'{first.text}'", first.locator)


def _check_roles(table: _Table, layout: Layout) -> None:
    """Every role has a column, and none is of a time after the edition's month."""
    newest, place = table.newest, locate(table.sheet.name, table.year_row)
    to_date = Period.fiscal_year_to_date(fiscal_year_of(newest.start), newest.start.month)
    roles = {
        "current_month": newest,
        "month_a_year_ago": newest.shifted(-1),
        "year_to_date": to_date,
        "year_to_date_a_year_ago": to_date.shifted(-1),
    }
    spans = {header.period.span for header in table.headers.values()}
    findings = [
        Finding("periods", Consequence.QUARANTINE, f"{role} {roles[role]} beside {newest}", "no such column", place)
        for role in layout.roles
        if roles[role].span not in spans
    ]
    findings += [_later(header, newest.end) for header in table.headers.values() if header.period.end > newest.end]
    if findings:
        raise Unreadable(*findings)


def _later(header: _Header, end: date) -> Finding:
    found = f"'{header.months.text} {header.year.text}', read as {header.period}"
    return Finding("periods", Consequence.QUARANTINE, f"nothing after {end}", found, header.year.locator)


def _figures(table: _Table, layout: Layout, unit: Cell) -> list[Figure]:
    figures: list[Figure] = []
    findings: list[Finding] = []
    for line in _lines(table, layout, findings):
        for column, header in table.headers.items():
            cell = table.sheet.at(line.label.row, column)
            value, null_reason = value_of(cell, _MISSING)
            if cell is None or (value is None and null_reason is None):
                wanted = f"{line.code} for {header.period}: a number or -"
                found, place = f"'{cell.text}'" if cell else "an empty cell", (line.label.row, column)
                findings.append(
                    Finding("value", Consequence.QUARANTINE, wanted, found, locate(table.sheet.name, *place))
                )
                continue
            figures.append(
                Figure(
                    ordinal=cell.ordinal,
                    series_code=line.code,
                    measure=table.measure,
                    period=header.period,
                    value=value,
                    null_reason=null_reason,
                    unit=layout.unit,
                    flag=header.flag,
                    locator=cell.locator,
                    as_printed=cell.shown,
                    header_locator=header.months.locator,
                    header_as_printed=header.months.shown,
                    label_raw=line.label.shown,
                    indent=line.label.indent,
                    parent_code=line.parent_code,
                    resolution=_resolution(value),
                    details=_heads(table, header, unit),
                )
            )
    if findings:
        raise Unreadable(*findings)
    return figures


def _heads(table: _Table, header: _Header, unit: Cell) -> dict[str, str]:
    """The cells beside that of the months that say what a column's figures are."""
    return {
        "year_locator": header.year.locator,
        "year_as_printed": header.year.shown,
        "measure_header_locator": table.title.locator,
        "measure_header_as_printed": table.title.shown,
        "unit_locator": unit.locator,
        "unit_as_printed": unit.shown,
    }


def _resolution(value: Decimal | None) -> Decimal | None:
    """The step of rounding of a whole number; None for a stored fraction, which is not rounded."""
    is_whole = value is not None and value == value.to_integral_value()
    return _SHOWN_STEP if is_whole else None


def _lines(table: _Table, layout: Layout, findings: list[Finding]) -> Iterator[_Line]:
    """The rows of figures that the layout does not set apart; one that it does not know is a finding."""
    codes = {words: code for code, words in layout.words.items()}
    above: list[tuple[Cell, str | None]] = []
    for row, cells in table.sheet.rows():
        label = table.sheet.at(row, table.label_column)
        if row <= table.year_row or not any(_holds_a_figure(cell, table) for cell in cells):
            continue  # a title, a note
        if label is None:
            found, place = "an empty cell", locate(table.sheet.name, row, table.label_column)
            findings.append(Finding("codes", Consequence.QUARANTINE, "a label before figures", found, place))
            continue
        while above and above[-1][0].indent >= label.indent:
            above.pop()
        over, parent_code = above[-1] if above else (None, None)
        code = codes.get((over.text, label.text)) if over else None
        code = code or codes.get((label.text,))
        above.append((label, code))
        if code:
            yield _Line(label, code, parent_code)
        elif label.text not in layout.apart:
            found = f"'{over.text} > {label.text}'" if over else f"'{label.text}'"
            expected = f"one of the {len(codes)} declared lines"
            findings.append(Finding("codes", Consequence.QUARANTINE, expected, found, label.locator))


def _holds_a_figure(cell: Cell, table: _Table) -> bool:
    return cell.column in table.headers and (type(cell.value) is float or cell.text in _MISSING)
