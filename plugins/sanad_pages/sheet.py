"""The archived sheet as its publisher laid it out, with one cell lit: a window of rows and columns around it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from sanad.archive.store import Store
from sanad.grid import Cell, Grid, Sheet, column_letters, read
from sanad.grid.cells import Merge, located
from sanad.registry import Dataset, dataset
from sanad.words.errors import SanadError

#: A sheet of at most so many rows is drawn whole; of a larger one, so many to each side of the cell.
WHOLE_ROWS, ROWS_AROUND = 150, 40
WHOLE_COLUMNS, COLUMNS_AROUND = 26, 10
#: Of what stands above and left of the figures, at most so many rows and columns.
_TITLES = 20
#: Rows near enough to the cell to be printed on paper.
_NEAR = 12
#: Readings that are kept: those of the releases people look at, not the archive.
_KEPT_GRIDS = 4
_SPREADSHEETS = {"xls", "xlsx", "csv"}

Place = tuple[int, int]


class NotDrawn(SanadError):
    """Why there is no sheet to look at, in words for whoever wanted to."""


class Drawn(NamedTuple):
    """One cell of the picture. ``role`` is lit, cited, header, label or nothing; ``link`` is its figure's id.

    ``stays`` when the picture is moved sideways: it is in the column of the rows' labels.
    """

    text: str
    is_number: bool
    role: str
    columns: int
    rows: int
    indent: int
    link: str | None
    stays: bool

    @property
    def classes(self) -> str:
        """Its classes in the style sheet."""
        kinds = (
            self.role,
            "number" if self.is_number else "wide" if self.columns > 1 else "",
            "stays" if self.stays else "",
            f"indent-{self.indent}" if self.indent else "",
        )
        return " ".join(filter(None, kinds))


@dataclass(frozen=True)
class Row:
    """A row by its number on the sheet; ``skipped`` is how many rows before it are not drawn."""

    number: int
    cells: tuple[Drawn, ...]
    skipped: int
    is_near: bool


@dataclass(frozen=True)
class Picture:
    """The window: letters of its columns, rows above the headers, headers, and all below them.

    ``lit`` is the cell itself, None where nothing stands; ``label`` its row's, ``headings`` what stands over it.
    """

    name: str
    address: str
    letters: tuple[str, ...]
    label_letter: str
    skipped_columns: bool
    above: tuple[Row, ...]
    headers: tuple[Row, ...]
    below: tuple[Row, ...]
    lit: Cell | None
    label: str
    headings: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What to draw: the figure's locator and header's, the figures that stand on the sheets, and others to mark."""

    locator: str
    header_locator: str | None
    figures: Mapping[str, str]  # figure id by locator
    cited: Collection[str] = ()  # locators


def archived(hashes: Mapping[str, str]) -> dict[str, bytes]:
    """The bytes of a release's parts by name; Tampered when they are gone or no longer what their hash says."""
    store = Store.open()
    return {name: store.get(sha256) for name, sha256 in hashes.items()}


def picture(dataset_name: str, parts: Mapping[str, bytes], wanted: Wanted) -> Picture:
    """The sheet around a figure; NotDrawn when the release is no spreadsheet, Unreadable when it cannot be read."""
    source = dataset(dataset_name)
    if not _SPREADSHEETS & set(source.file_types):
        raise NotDrawn(f"this release is no spreadsheet; the figure stands at {wanted.locator}")
    part, locator = _part(parts, wanted.locator)
    try:
        name, row, column = located(locator)
    except ValueError as error:
        raise NotDrawn(str(error)) from error
    grid = _read(parts[part], tuple(source.file_types), source.max_bytes)
    sheet = next((sheet for sheet in grid.sheets if sheet.name == name), None)
    if sheet is None:
        raise NotDrawn(f"the archived file has no sheet '{name}'")
    return _Drawing(sheet, (row, column), wanted, source, f"{part}!" if len(parts) > 1 else "").picture()


def beside(figure_id: str, staged: list[dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """The figures beside one on its sheet, as (way, name, figure id).

    Left and right are those of its measure in its row, by their headers; up and down those of its column, by their
    labels. None for a release that is no spreadsheet.
    """
    try:
        placed = {one["figure_id"]: (*located(one["locator"]), one) for one in staged}
    except ValueError:
        return
    name, row, column, this = placed[figure_id]
    here = [one for one in placed.values() if one[0] == name]
    across = sorted((c, one["header_as_printed"], one["figure_id"]) for _, r, c, one in here
                    if r == row and one["measure"] == this["measure"])  # fmt: skip
    down = sorted((r, one["label_raw"], one["figure_id"]) for _, r, c, one in here if c == column)
    for ways, at, line in ((("left", "right"), column, across), (("up", "down"), row, down)):
        place = next(place for place, one in enumerate(line) if one[0] == at)
        for way, other in zip(ways, (place - 1, place + 1), strict=True):
            if 0 <= other < len(line):
                yield way, line[other][1] or "", line[other][2]


def _part(parts: Mapping[str, bytes], locator: str) -> tuple[str, str]:
    """The part a locator points into, and the locator inside it; it names the part where there are several."""
    if len(parts) == 1:
        return next(iter(parts)), locator
    for name in parts:
        if locator.startswith(f"{name}!"):
            return name, locator.removeprefix(f"{name}!")
    raise NotDrawn(f"{locator} names none of the release's parts: {', '.join(sorted(parts))}")


# by content, so by hash: the bytes were hashed when they left the archive, and equal bytes are one reading
@lru_cache(maxsize=_KEPT_GRIDS)
def _read(content: bytes, file_types: tuple[str, ...], max_bytes: int) -> Grid:
    return read(content, file_types, max_bytes)


class _Drawing:
    """One sheet while it is drawn."""

    def __init__(self, sheet: Sheet, focus: Place, wanted: Wanted, source: Dataset, prefix: str) -> None:
        self._sheet = sheet
        self._focus = focus
        self._figures = _placed(sheet.name, wanted.figures, prefix)
        self._cited = set(_placed(sheet.name, dict.fromkeys(wanted.cited, ""), prefix))
        self._units = {layout.unit_text for layout in source.layouts if layout.unit_text}
        self._figure_rows = {row for row, _ in self._figures} | {focus[0]}
        self._first_row = min(self._figure_rows)
        self._first_column = min([column for _, column in self._figures] + [focus[1]])
        self._header_row = self._first_header(wanted.header_locator, prefix)
        last_row = max([row for row, _ in sheet.cells] + [focus[0]])
        last_column = max([column for _, column in sheet.cells] + [focus[1]])
        self._rows = _window(last_row, focus[0], WHOLE_ROWS, ROWS_AROUND, self._first_row)
        self._columns = _window(last_column, focus[1], WHOLE_COLUMNS, COLUMNS_AROUND, self._first_column)
        self._merges = _by_place(sheet.merges, self._rows, self._columns)

    def picture(self) -> Picture:
        """All of it; what stands above the first figure always, of what stands below a window."""
        row, column = self._focus
        return Picture(
            name=self._sheet.name,
            address=f"{column_letters(column)}{row + 1}",
            letters=tuple(map(column_letters, self._columns)),
            label_letter=column_letters(self._first_column - 1) if self._first_column else "",
            skipped_columns=any(after - before > 1 for before, after in pairwise(self._columns)),
            above=self._section([r for r in self._rows if r < self._header_row]),
            headers=self._section([r for r in self._rows if self._header_row <= r < self._first_row]),
            below=self._section([r for r in self._rows if r >= self._first_row]),
            lit=self._sheet.at(row, column),
            label=" ".join(self._texts(self._is_label)),
            headings=tuple(self._texts(self._is_header)),
        )

    def _first_header(self, header_locator: str | None, prefix: str) -> int:
        if header_locator and header_locator.startswith(prefix):
            name, row, _ = located(header_locator.removeprefix(prefix))
            if name == self._sheet.name and row < self._first_row:
                return self._with_unit(row)
        return self._with_unit(max(self._first_row - 1, 0))

    def _with_unit(self, row: int) -> int:
        """The row above the headers where that states the unit, else the headers' own."""
        above = [cell.text for (at, _), cell in self._sheet.cells.items() if at == row - 1]
        return row - 1 if any(unit in text for unit in self._units for text in above) else row

    def _section(self, rows: list[int]) -> tuple[Row, ...]:
        """The rows of one section; a merge that reaches over its edge is cut there."""
        drawn: list[Row] = []
        for place, row in enumerate(rows):
            skipped = row - rows[place - 1] - 1 if place else 0
            is_near = abs(row - self._focus[0]) <= _NEAR
            drawn.append(Row(row + 1, tuple(self._cells(row, rows)), skipped, is_near))
        return tuple(drawn)

    def _cells(self, row: int, section: list[int]) -> Iterator[Drawn]:
        columns = iter(self._columns)
        for column in columns:
            merge = self._merges.get((row, column))
            if merge is None:
                wide = self._overflow(row, column)
                for _ in range(wide - 1):
                    next(columns)
                yield self._drawn(row, column, wide, 1)
                continue
            top, left, bottom, right = merge
            across = [c for c in self._columns if left <= c <= right]
            down = [r for r in section if top <= r <= bottom]
            if (row, column) == (down[0], across[0]):
                yield self._drawn(top, left, len(across), len(down))

    def _overflow(self, row: int, column: int) -> int:
        """Over how many columns a text runs: those beside it that are empty, outside of the rows of figures."""
        cell = self._sheet.at(row, column)
        if cell is None or not isinstance(cell.value, str) or row in self._figure_rows:
            return 1
        place = self._columns.index(column)
        beside = 1
        for before, after in pairwise(self._columns[place:]):
            if after - before > 1 or self._sheet.at(row, after) is not None or (row, after) in self._merges:
                break
            beside += 1
        return beside

    def _drawn(self, row: int, column: int, columns: int, rows: int) -> Drawn:
        cell = self._sheet.at(row, column)
        is_figure = (row, column) in self._figures
        return Drawn(
            text=cell.shown if cell else "",
            is_number=is_figure or (cell is not None and isinstance(cell.value, float)),
            role=self._role(row, column),
            columns=columns,
            rows=rows,
            indent=min(cell.indent, 9) if cell else 0,
            link=self._figures.get((row, column)),
            stays=columns == 1 and column == self._first_column - 1,
        )

    def _role(self, row: int, column: int) -> str:
        if (row, column) == self._focus:
            return "lit"
        if (row, column) in self._cited:
            return "cited"
        if self._is_header(row, column):
            return "header"
        return "label" if self._is_label(row, column) else ""

    def _is_header(self, row: int, column: int) -> bool:
        """Whether a cell above the figures heads the lit one: its column's headers, and whatever states the unit."""
        cell = self._sheet.at(row, column)
        if cell is None or row >= self._first_row:
            return False
        if any(unit in cell.text for unit in self._units):
            return True
        _, left, bottom, right = self._merges.get((row, column), (row, column, row, column))
        return left <= self._focus[1] <= right and bottom >= self._header_row

    def _is_label(self, row: int, column: int) -> bool:
        return row == self._focus[0] and column < self._first_column and self._sheet.at(row, column) is not None

    def _texts(self, wanted: Callable[[int, int], bool]) -> Iterator[str]:
        return (cell.text for (row, column), cell in self._sheet.cells.items() if wanted(row, column))


def _window(last: int, focus: int, whole: int, around: int, kept: int) -> list[int]:
    """Indexes from 0 to ``last``: all when they are few, else some just before ``kept`` and those around the focus."""
    if last < whole:
        return list(range(last + 1))
    near = range(max(focus - around, 0), min(focus + around, last) + 1)
    return sorted({*range(max(kept - _TITLES, 0), kept), *near})


def _placed(sheet: str, by_locator: Mapping[str, str], prefix: str) -> dict[Place, str]:
    """What stands on one sheet, by its place."""
    placed = {}
    for locator, value in by_locator.items():
        if locator.startswith(prefix):
            name, row, column = located(locator.removeprefix(prefix))
            if name == sheet:
                placed[row, column] = value
    return placed


def _by_place(merges: list[Merge], rows: list[int], columns: list[int]) -> dict[Place, Merge]:
    """The merge of each place in the window; a sheet may merge a million cells outside of it."""
    return {
        (row, column): merge
        for merge in merges
        for row in rows[bisect_left(rows, merge[0]) : bisect_right(rows, merge[2])]
        for column in columns[bisect_left(columns, merge[1]) : bisect_right(columns, merge[3])]
    }
