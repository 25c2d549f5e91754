"""Laying a release out: its figures, headers and lines in the cells its layout names.

A layout is data (`layout.yml` beside the figures, named by each edition), so another era of a publisher's
sheet is another file. There are two kinds: of a table whose lines are named in a file of their own, for the State
Bank's Trade in Services, dt.xls; and of rows as they stand, cell by cell, for its exchange rates and its balance of
payments.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from sanad.local.bundled.releases import BundledRelease, read_yaml
from sanad.local.bundled.sheet import GENERAL, Cell, Sheet, at

_Cells = dict[tuple[int, int], Cell]
_NUMBER = re.compile(r"^-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?$")


def describe(release: BundledRelease) -> Sheet:
    """The release as its publisher's sheet."""
    layout = read_yaml(release.layout_file)
    cells = _by_line(layout, release) if "lines" in layout else _as_they_stand(layout, release)
    return Sheet(
        name=layout["sheet"],
        cells=cells,
        merges=[_merge(span) for span in layout["merges"]],
        widths={at(f"{column}1")[1]: width for column, width in layout["widths"].items()},
        hidden=_rows(layout["hidden"]) if "hidden" in layout else range(0),
    )


def _by_line(layout: dict[str, Any], release: BundledRelease) -> _Cells:
    """88 lines by 5 periods by credit, debit, net, in thousand US$."""
    lines = _read_csv(release.layout_file.with_name(layout["lines"]))
    return _texts(layout) | _periods(layout, release) | _labels(layout, lines) | _figures(layout, lines, release)


def _as_they_stand(layout: dict[str, Any], release: BundledRelease) -> _Cells:
    """Rows of the sheet under the letters of its columns, and what an edition's headers say, by address.

    A text that is a number is one. ``indent``, where the rows have it, is the level of the first column's texts.
    """
    rows = _read_csv(release.figures_file)
    columns = [column for column in rows.columns if column not in {"row", "indent"}]
    texts = {at(address): Cell(text) for address, text in {**layout["cells"], **release.headers}.items()}
    return texts | {
        at(f"{column}{line['row']}"): Cell(
            _value(line[column]),
            layout["column_formats"].get(column, GENERAL),
            int(line.get("indent", 0)) if column == columns[0] else 0,
        )
        for line in rows.to_dict("records")
        for column in columns
        if line[column]
    }


def _rows(span: str) -> range:
    """``14:747``, counted from 1 and inclusive."""
    first, last = map(int, span.split(":"))
    return range(first - 1, last)


def _merge(span: str) -> tuple[int, int, int, int]:
    (top, left), (bottom, right) = map(at, span.split(":"))
    return top, bottom, left, right


def _texts(layout: dict[str, Any]) -> _Cells:
    """Titles, unit, measures, notes and the contact block: what is the same in every edition."""
    texts = {at(address): text for address, text in layout["cells"].items()}
    texts |= {
        _beside(column, layout["measure_row"], offset): text
        for column in layout["periods"].values()
        for offset, text in enumerate(layout["measures"].values())
    }
    formats = {at(address): number_format for address, number_format in layout["number_formats"].items()}
    return {where: Cell(text, formats.get(where, GENERAL)) for where, text in texts.items()}


def _periods(layout: dict[str, Any], release: BundledRelease) -> _Cells:
    """The period headers, at the first cell of each group; text or date, the number format is a date's."""
    return {
        at(f"{column}{layout['period_row']}"): Cell(release.headers[period], layout["period_format"])
        for period, column in layout["periods"].items()
    }


def _labels(layout: dict[str, Any], lines: pd.DataFrame) -> _Cells:
    """The label of each line, indented by its level."""
    return {
        at(f"{layout['label_column']}{line.row}"): Cell(line.label_raw, indent=int(line.indent))
        for line in lines.itertuples()
    }


def _figures(layout: dict[str, Any], lines: pd.DataFrame, release: BundledRelease) -> _Cells:
    """Each line's figures, a period's measures side by side; a line without figures is a KeyError."""
    figures = _read_csv(release.figures_file).set_index("ebops_code")
    return {
        _beside(column, line.row, offset): Cell(
            _value(figures.at[line.ebops_code, f"{period}.{measure}"]), layout["figure_format"]
        )
        for line in lines.itertuples()
        for period, column in layout["periods"].items()
        for offset, measure in enumerate(layout["measures"])
    }


def _beside(column: str, row: int | str, offset: int) -> tuple[int, int]:
    row_index, column_index = at(f"{column}{row}")
    return row_index, column_index + offset


def _read_csv(file: Path) -> pd.DataFrame:
    """A frame of texts exactly as they stand: a label's blanks, a double's last digit and N/A all matter."""
    return pd.read_csv(file, dtype=str, keep_default_na=False)


def _value(printed: str) -> float | str:
    return float(printed) if _NUMBER.match(printed) else printed
