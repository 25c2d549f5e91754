"""Laying a release out: its figures, headers and lines in the cells its layout names.

A layout is data (`layout.yml` beside the figures, named by each edition), so another era of a publisher's
sheet is another file. Source of the first: the State Bank's Trade in Services, dt.xls.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from sanad.local.bundled.releases import BundledRelease, read_yaml
from sanad.local.bundled.sheet import GENERAL, Cell, Sheet, at

_Cells = dict[tuple[int, int], Cell]


def describe(release: BundledRelease) -> Sheet:
    """The release as its publisher's sheet: 88 lines by 5 periods by credit, debit, net, in thousand US$."""
    layout = read_yaml(release.layout_file)
    lines = _read_csv(release.layout_file.with_name(layout["lines"]))
    return Sheet(
        name=layout["sheet"],
        cells=_texts(layout) | _periods(layout, release) | _labels(layout, lines) | _figures(layout, lines, release),
        merges=[_merge(span) for span in layout["merges"]],
        widths={at(f"{column}1")[1]: width for column, width in layout["widths"].items()},
    )


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
    return printed if printed == "N/A" else float(printed)
