"""SBP's ``dt.xls``: trade in services by EBOPS 2010 line.

One sheet, ``EBOPS`` and a trailing space. A row of ``Credit | Debit | Net`` repeated under five merged period
headers; below it 88 lines whose code is glued to the label (``9.1.1 Call centres``), the first, ``Services``,
without a code: it is line 0. Oddities of the publisher:

- A header is a *date cell* when unrevised and *text* with ``(R)`` or ``(P)`` otherwise (``Feb-25``, ``Feb-26 (P)``,
  ``Jul-Feb, FY26 (P)``): the flag is inside the header, and no flag means none, not "final".
- The last two columns accumulate from July; in a June release they are the fiscal year, in a July release they
  span one month, and must then equal it.
- Labels hold no-break spaces, runs of blanks, trailing blanks. Lines 9.2.5 and 10.3.5 print ``N/A`` as debit.
- Values are full-precision doubles shown as whole thousands of US dollars; a shown "-" is a stored zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sanad.extract.reading import Figure, Reading
from sanad.extract.sheets import era, sheet_of, stop, unit_above, value_of
from sanad.grid import Cell, Grid, Sheet, read
from sanad.grid.cells import clean, locate
from sanad.registry import Dataset, Layout
from sanad.words.errors import Finding, Unreadable
from sanad.words.periods import Period, fiscal_year_of, full_year, month_number
from sanad.words.vocabulary import Consequence, Flag

PARSER = "sbp.trade_in_services"
VERSION = "1"

_MONTH = re.compile(r"^([A-Z][a-z]{2})-(\d{2})(?: \((P|R)\))?$")
_TO_DATE = re.compile(r"^Jul(?:-([A-Z][a-z]{2}))?,? FY ?(\d{2})(?: \((P|R)\))?$")
_CODE = re.compile(r"^(\d+(?:\.\d+)*)\.?(?=\s|\u00a0)")
_MISSING = frozenset({"N/A", "n.a.", "..."})


@dataclass(frozen=True)
class _Header:
    """One period header with the columns it stands over, by measure."""

    period: Period
    flag: Flag | None
    columns: dict[str, int]
    locator: str
    printed: str


class _Column(NamedTuple):
    """A column of figures: its measure, its period's header, and where its measure and unit are printed."""

    measure: str
    header: _Header
    heads: dict[str, str]


@dataclass(frozen=True)
class _Table:
    """The table found in a workbook: its header row, and the header of each role."""

    sheet: Sheet
    header_row: int
    headers: dict[str, _Header]

    @property
    def edition(self) -> str:
        return self.headers["current_month"].period.code


def extract(dataset: Dataset, parts: dict[str, bytes]) -> Reading:
    """Its lines x 5 periods x credit, debit, net of one workbook, in thousand US$: 88 lines give 1,320 figures.

    Unreadable names the first of the gates ``file``, ``sheet``, ``header_row``, ``periods``, ``layout``, ``unit_text``
    that the workbook does not pass. Lines are taken as they stand; whether they are the right ones is the gate
    ``codes``' to say.
    """
    grid = read(next(iter(parts.values())), dataset.file_types, dataset.max_bytes)
    layout, table = era(dataset, lambda layout: _table(grid, layout))
    unit = unit_above(table.sheet, table.header_row, layout)
    return Reading(PARSER, VERSION, table.edition, figures=_figures(table, layout, unit))


def _table(grid: Grid, layout: Layout) -> _Table:
    sheet = sheet_of(grid, layout)
    header_row = _header_row(sheet, layout)
    return _Table(sheet, header_row, _headers(sheet, header_row, layout))


def _header_row(sheet: Sheet, layout: Layout) -> int:
    """The row that repeats Credit, Debit, Net once for every role."""
    wanted = list(layout.measures) * len(layout.roles)
    best: tuple[int, list[str]] | None = None
    for row, cells in sheet.rows():
        words = [cell.text for cell in cells]
        if words == wanted:
            return row
        if best is None and set(layout.measures) & set(words):
            best = row, words
    found = f"{len(best[1])} cells: {' '.join(best[1])}" if best else "no such row"
    raise stop(
        "header_row",
        f"a row of {' '.join(layout.measures)}, {len(layout.roles)} times",
        found,
        locate(sheet.name, best[0]) if best else locate(sheet.name),
    )


def _headers(sheet: Sheet, header_row: int, layout: Layout) -> dict[str, _Header]:
    """The period headers by role, checked against the current month."""
    measured = [cell for (row, _), cell in sheet.cells.items() if row == header_row]
    width = len(layout.measures)
    headers: dict[str, _Header] = {}
    for start, role in zip(range(0, len(measured), width), layout.roles, strict=True):
        group = measured[start : start + width]
        cell = sheet.at(header_row - 1, group[0].column)
        if cell is None:
            place = locate(sheet.name, header_row - 1, group[0].column)
            raise stop("periods", f"the period of {role}", "an empty cell", place)
        period, flag = _period(cell, role)
        columns = {layout.measures[word.text]: word.column for word in group}
        headers[role] = _Header(period, flag, columns, cell.locator, cell.shown)
    _check_roles(headers)
    return headers


def _period(cell: Cell, role: str) -> tuple[Period, Flag | None]:
    cumulative = role.startswith("year_to_date")
    if isinstance(cell.value, datetime):
        return _spanned(cell.value.year, cell.value.month, cumulative), None
    try:
        if match := _MONTH.match(cell.text):
            period = _spanned(full_year(int(match[2])), month_number(match[1]), cumulative)
        elif cumulative and (match := _TO_DATE.match(cell.text)):
            period = Period.fiscal_year_to_date(full_year(int(match[2])), month_number(match[1] or "Jul"))
        else:
            raise ValueError
    except ValueError:
        wanted = "Jul-Feb, FY26 (P)" if cumulative else "Feb-26 (P) or a date"
        raise stop("periods", f"{role} such as {wanted}", f"'{cell.text}'", cell.locator) from None
    return period, Flag(match[3]) if match[3] else None


def _spanned(year: int, month: int, cumulative: bool) -> Period:
    """A month; in a column of year-to-dates only July can be headed so, and spans it."""
    single = Period.month(year, month)
    if not cumulative:
        return single
    if month != 7:
        raise ValueError("one month heads a column of year-to-dates")
    return Period.fiscal_year_to_date(fiscal_year_of(single.start), 7)


def _check_roles(headers: dict[str, _Header]) -> None:
    """The five spans follow from the current month; anything else is a layout nobody has declared."""
    current = headers["current_month"].period
    previous_year, previous_month = (
        (current.start.year, current.start.month - 1) if current.start.month > 1 else (current.start.year - 1, 12)
    )
    to_date = Period.fiscal_year_to_date(fiscal_year_of(current.start), current.start.month)
    wanted = {
        "current_month": current,
        "previous_month": Period.month(previous_year, previous_month),
        "month_a_year_ago": current.shifted(-1),
        "year_to_date": to_date,
        "year_to_date_a_year_ago": to_date.shifted(-1),
    }
    findings = [
        Finding(
            "periods",
            Consequence.QUARANTINE,
            f"{role} {wanted[role].code} beside the current month {current.code}",
            f"'{clean(header.printed)}', read as {header.period.code}",
            header.locator,
        )
        for role, header in headers.items()
        if header.period != wanted[role]
    ]
    if findings:
        raise Unreadable(*findings)


def _figures(table: _Table, layout: Layout, unit: Cell) -> list[Figure]:
    columns = {
        column: _Column(measure, header, _heads(table, column, unit))
        for header in table.headers.values()
        for measure, column in header.columns.items()
    }
    label_column = min(columns) - 1
    figures: list[Figure] = []
    findings: list[Finding] = []
    for row, cells in table.sheet.rows():
        if row <= table.header_row or not any(type(cell.value) is float and cell.column in columns for cell in cells):
            continue  # a title, a note, or the contact block beside it
        try:
            figures += _line(table.sheet, row, label_column, columns, layout)
        except Unreadable as unreadable:
            findings += unreadable.findings
    if findings:
        raise Unreadable(*findings)
    return figures


def _heads(table: _Table, column: int, unit: Cell) -> dict[str, str]:
    """The other two cells that say what a column's figures are: the measure's word, and the unit."""
    cell = table.sheet.cells[table.header_row, column]
    return {
        "measure_header_locator": cell.locator,
        "measure_header_as_printed": cell.shown,
        "unit_locator": unit.locator,
        "unit_as_printed": unit.shown,
    }


def _line(sheet: Sheet, row: int, label_column: int, columns: dict[int, _Column], layout: Layout) -> list[Figure]:
    """One row's figures; Unreadable names every cell of it that holds none."""
    label = sheet.at(row, label_column)
    code = _code(label, layout) if label else None
    if label is None or code is None:
        found = f"'{label.text}'" if label else "an empty cell"
        place = locate(sheet.name, row, label_column)
        raise stop("codes", "a label with an EBOPS code before figures", found, place)
    label_raw, parent = label.shown, parent_code(code)
    figures: list[Figure] = []
    findings: list[Finding] = []
    for column, (measure, header, heads) in columns.items():
        cell = sheet.at(row, column)
        value, null_reason = value_of(cell, _MISSING)
        if cell is None or (value is None and null_reason is None):
            wanted = f"the {measure} of line {code} for {header.period.code}: a number or N/A"
            found = f"'{cell.text}'" if cell else "an empty cell"
            findings.append(
                Finding("value", Consequence.QUARANTINE, wanted, found, locate(sheet.name, row, column))
            )  # fmt: skip
            continue
        figures.append(
            Figure(
                ordinal=cell.ordinal,
                series_code=code,
                measure=measure,
                period=header.period,
                value=value,
                null_reason=null_reason,
                unit=layout.unit,
                flag=header.flag,
                locator=cell.locator,
                as_printed=cell.shown,
                header_locator=header.locator,
                header_as_printed=header.printed,
                label_raw=label_raw,
                indent=label.indent,
                parent_code=parent,
                details=heads,
            )
        )
    if findings:
        raise Unreadable(*findings)
    return figures


def _code(label: Cell, layout: Layout) -> str | None:
    """The printed code; line 0 is the one that has only its label."""
    match = _CODE.match(label.shown)
    if match:
        return match[1]
    return "0" if label.text == layout.lines.get("0") else None


def parent_code(code: str) -> str | None:
    """The line a line is part of, by its printed code: 9.1.1 is part of 9.1, 9 of 0, and 0 of none."""
    if code == "0":
        return None
    return code.rpartition(".")[0] or "0"
