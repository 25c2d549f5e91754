"""A staged figure, or a staged entry field by field, against what stands at its locators.

Of a figure: the cell holds its value or the reason why there is none; the heading it names stands over its column and
says its period and flag, with the year's cell where that is another; the words of the layout over it say its measure;
its label stands in its row and says its line; the unit is printed above; the cells it names for measure and unit hold
what they are said to hold; the id counts the cells before it. Where periods stand beside the rows, label and year say
the period, and the heading says the line. Of an entry: each field is what stands at its place, inside the row, and its
value is what that text says; its columns are those fields; the id counts the cells before the row. What the second
reader cannot see is not judged: number formats, and so a printed text it cannot read; indents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sanad.registry import Dataset, Layout
from sanad.verify import locators
from sanad.verify.fields import misread
from sanad.verify.headings import as_number, clean, mark, shows, span
from sanad.verify.locators import Place, Table, Value
from sanad.verify.report import Disagreement
from sanad.verify.view import View
from sanad.words import ids
from sanad.words.periods import Period

Row = Mapping[str, Any]
#: A column of staging, where it was looked up, what stands there, what is staged.
_Fault = tuple[str, str | None, str, str]
_SAME = "the same text"
#: Cells beside a figure's own and its heading that `details` names, each with its text.
_NAMED = ("measure_header", "unit")
#: Columns of an entry that repeat a field, and the fields that its months come of.
_REPEATED = ("portal_key", "certificate_no", "name", "place", "status")
_MONTHS = {"valid_from_month": "valid_from", "valid_till_month": "valid_till"}


class Reread:
    """A release's archived parts, its figures to be asked for in the order of their ids.

    ``unjudged`` counts periods and printed texts that could not be read, and cells that ids count and the second
    reader does not see.
    """

    def __init__(
        self,
        release_id: int,
        handle: str,
        parts: locators.Release,
        layout: Layout | None,
        dataset: Dataset | None = None,
    ) -> None:
        self.unjudged: Counter[str] = Counter()
        self._release_id = release_id
        self._handle = handle
        self._parts = parts
        self._layout = layout
        self._views: dict[int, View] = {}
        self._dataset = dataset
        self._stands: dict[tuple[str, str | None], bool] = {}
        self._last = -1
        self._ahead = 0

    def figure(self, row: Row) -> tuple[Decimal | None, list[Disagreement]]:
        """The number in a figure's cell, None where it holds none, and all that disagrees.

        Unread when the file has no second reader.
        """
        try:
            document, inner = self._parts.find(row["locator"])
            cell = document.at(inner)
        except LookupError as error:
            return None, [self._disagreement(row, ("locator", row["locator"], "a place of the file", str(error)))]
        archived = cell if isinstance(cell, Decimal) else as_number(cell) if isinstance(cell, str) else None
        faults = [*_value(row, cell, archived), *self._printed(row, cell), *_period(row), *self._header(row)]
        faults += self._named(row)
        if isinstance(document, Table):
            view, where = self._view(document), locators.place(inner)
            faults += self._identity(row["figure_id"], row["locator"], document, where, "figure")
            faults += [*self._over(row, view, where), *_label(row, view, where)]
            if self._layout:
                faults += _worded(row, view, where, self._place(row["header_locator"]), self._layout)
        return archived, [self._disagreement(row, fault) for fault in faults]

    def _view(self, table: Table) -> View:
        if id(table) not in self._views:
            self._views[id(table)] = View(table, self._layout)
        return self._views[id(table)]

    def entry(self, row: Row) -> Iterator[Disagreement]:
        """What of a register's row is not what the archived one says; their texts are not told."""
        faults: list[_Fault] = []
        for name, field in row["fields"].items():
            found = self._field(field)
            if found != _SAME:
                faults.append((name, field["locator"], "the staged text", found))
            if not locators.is_within(field["locator"], row["locator"]):
                faults.append((name, field["locator"], "a place of the entry's row", f"one outside {row['locator']}"))
        for what, expected in misread(row, self._dataset):
            place = row["fields"][what]["locator"] if what in row["fields"] else row["locator"]
            faults.append((what, place, expected, "another value"))
        faults += [*_columns(row), *self._entry_identity(row)]
        for column, locator, expected, told in faults:
            key = f"entry {row['entry_id']}"
            yield Disagreement("registers", self._handle, expected, told, key, column, locator)

    def _entry_identity(self, row: Row) -> Iterator[_Fault]:
        """The id is the release's, and counts the cells before the row where the file has cells to count."""
        if ids.release_of(row["entry_id"]) != self._release_id:
            expected = f"an id of release {self._release_id}"
            yield "entry_id", row["locator"], expected, f"one of {ids.release_of(row['entry_id'])}"
            return
        try:
            document, inner = self._parts.find(next((one["locator"] for one in row["fields"].values()), ""))
            if isinstance(document, Table) and not self._parts.has_several:
                where = document.first_of(locators.place(inner))
                yield from self._identity(row["entry_id"], row["locator"], document, where, "entry")
        except LookupError:
            return  # told already, as a field without a place

    def _field(self, field: Mapping[str, Any]) -> str:
        try:
            value = self._parts.at(field["locator"])
        except LookupError:
            return "no such place"
        if value is None:
            return _SAME if field["as_printed"] in {None, "", "null"} else "nothing"
        judged = shows(field["as_printed"] or "", value)
        if judged is None:
            self.unjudged["printed texts"] += 1
        return "another text" if judged is False else _SAME

    def _disagreement(self, row: Row, fault: _Fault) -> Disagreement:
        column, locator, expected, found = fault
        key = f"{row['series_code']} {row['measure']} {row['period_code']}, figure {row['figure_id']},"
        return Disagreement("staging", self._handle, expected, found, key, column, locator)

    def _printed(self, row: Row, cell: Value | None) -> Iterator[_Fault]:
        judged = shows(row["as_printed"], cell) if cell is not None else False
        if judged is None:
            self.unjudged["printed texts"] += 1
        elif not judged:
            yield "as_printed", row["locator"], _told(cell), _told(row["as_printed"])

    def _header(self, row: Row) -> Iterator[_Fault]:
        """The heading says what is staged of it, its period and its flag."""
        locator, printed = row["header_locator"], row["header_as_printed"]
        if locator is None:
            return
        try:
            says = self._parts.at(locator)
        except LookupError as error:
            yield "header_locator", locator, "a place of the file", str(error)
            return
        if says is None or shows(printed or "", says) is False:
            yield "header_as_printed", locator, _told(says), _told(printed)
            return
        yield from self._year(row)
        said_of = self._dated(row, says)
        if (said := span(said_of)) is None:
            self.unjudged["periods"] += 1
        elif said != (row["period_start"], row["period_end"]):
            yield "period_code", locator, f"{said[0]} to {said[1]}", _told(row["period_code"])
        printed_mark = mark(said_of) if isinstance(said_of, str) else None
        if printed_mark != row["flag"] and (printed_mark or not _bears(row)):
            yield "flag", locator, _told(printed_mark), _told(row["flag"])

    def _dated(self, row: Row, says: Value) -> Value:
        """What says the period: the heading, or the row's label, with the year where a cell of its own holds it."""
        year = _detail(row, "year_as_printed")
        if year is None:
            return says
        return f"{row['label_raw'] if self._layout and self._layout.periods == 'down' else says} {year}"

    def _year(self, row: Row) -> Iterator[_Fault]:
        """The year's cell says what is staged of it."""
        locator, printed = _detail(row, "year_locator"), _detail(row, "year_as_printed")
        if locator is None:
            return
        try:
            says = self._parts.at(locator)
        except LookupError as error:
            yield "year_locator", locator, "a place of the file", str(error)
            return
        if says is None or shows(printed or "", says) is not True:
            yield "year_as_printed", locator, _told(says), _told(printed)

    def _identity(self, number: int, locator: str, table: Table, where: Place, thing: str) -> Iterator[_Fault]:
        """The id counts the cells before; only cells that the second reader cannot see may come between."""
        release_id, ordinal = ids.release_of(number), number & ((1 << ids.ORDINAL_BITS) - 1)
        seen = table.ordinals.get(where, -1)
        if release_id != self._release_id or seen <= self._last or ordinal - seen < self._ahead:
            expected = ids.figure_id(self._release_id, max(seen, 0) + self._ahead)
            yield f"{thing}_id", locator, f"{thing} {expected}", f"{thing} {number}"
            return
        self._last, self._ahead = seen, ordinal - seen
        self.unjudged["cells unseen"] = self._ahead

    def _named(self, row: Row) -> Iterator[_Fault]:
        """The cells that are named for measure and unit hold what they are said to; those of a column are read once."""
        told = row["details"] or {}
        for name in _NAMED:
            locator, printed = told.get(f"{name}_locator"), told.get(f"{name}_as_printed")
            if locator is None:
                continue
            if (locator, printed) not in self._stands:
                self._stands[locator, printed] = self._field({"locator": locator, "as_printed": printed}) == _SAME
            if not self._stands[locator, printed]:
                yield f"{name}_as_printed", locator, "the text of the cell it names", _told(printed)

    def _over(self, row: Row, view: View, where: Place) -> Iterator[_Fault]:
        """The heading, and the year's cell, stand over the figure's column, or in its row."""
        for column, locator in (
            ("header_locator", row["header_locator"]),
            ("year_locator", _detail(row, "year_locator")),
        ):
            heading = self._place(locator)
            if heading and heading.row != where.row and view.heading(where, heading.row) != heading:
                yield column, row["locator"], "the heading over its column", _told(locator)

    def _place(self, locator: str | None) -> Place | None:
        """The place of a locator; None for none, and for one that leads nowhere, which is told elsewhere."""
        try:
            return locators.place(self._parts.find(locator)[1]) if locator else None
        except LookupError:
            return None


def _columns(row: Row) -> Iterator[_Fault]:
    """The columns of an entry say what its fields say."""
    values = {name: field["value"] for name, field in row["fields"].items()}
    due = {name: None if values.get(name) is None else str(values[name]) for name in _REPEATED}
    due |= {name: f"{values[field]}-01" if field in values else None for name, field in _MONTHS.items()}
    for name, said in due.items():
        if (None if row[name] is None else str(row[name])) != said:
            yield name, row["locator"], "what its field says", "another text"


def _value(row: Row, cell: Value | None, archived: Decimal | None) -> Iterator[_Fault]:
    reason = clean(cell) if isinstance(cell, str) and archived is None else None
    if row["value"] != archived:
        yield "value", row["locator"], _told(cell), _told(row["value"])
    elif row["null_reason"] != reason:
        yield "null_reason", row["locator"], _told(cell), _told(row["null_reason"])


def _period(row: Row) -> Iterator[_Fault]:
    """Code, kind and days of a period say the same."""
    if row["period_code"] is None:
        return
    try:
        period = Period.parse(row["period_code"])
    except ValueError as error:
        yield "period_code", None, "a period", str(error)
        return
    if (period.start, period.end, period.kind.value) != (row["period_start"], row["period_end"], row["period_kind"]):
        staged = f"{row['period_start']} to {row['period_end']}, {row['period_kind']}"
        yield "period_code", None, f"{period.start} to {period.end}, {period.kind}", staged


def _detail(row: Row, name: str) -> str | None:
    text: str | None = (row["details"] or {}).get(name)
    return text


def _bears(row: Row) -> bool:
    """Whether the cell or its label, not the heading, bears the flag's mark."""
    return any(mark(text or "") == row["flag"] for text in (row["as_printed"], row["label_raw"]))


def _label(row: Row, view: View, where: Place) -> Iterator[_Fault]:
    if row["label_raw"] is not None and row["label_raw"] not in view.table.left(where):
        beside = next((text for text in view.table.left(where)[::-1] if isinstance(text, str)), None)
        yield "label_raw", row["locator"], _told(beside), _told(row["label_raw"])


def _worded(row: Row, view: View, where: Place, heading: Place | None, layout: Layout) -> Iterator[_Fault]:
    """Measure, line and unit are those that the words of the layout say; a title may say the only measure there is."""
    if (measure := view.measure(where)) != row["measure"]:
        yield "measure", row["locator"], _told(measure), row["measure"]
    if (code := view.code(row["label_raw"] or "", where, heading)) != row["series_code"]:
        yield "series_code", row["locator"], _told(code), row["series_code"]
    elif _begins(row["label_raw"], code) and row["parent_code"] != (parent := _parent(code)):
        yield "parent_code", row["locator"], _told(parent), _told(row["parent_code"])
    column = _detail(row, "measure_header_locator")
    if column is not None and len(layout.measures) > 1 and locators.place(column)[::2] != where[::2]:
        yield "measure_header_locator", row["locator"], "a cell over its column", column
    if row["unit"] != layout.unit or not view.states_unit_above(where):
        stated = f"{layout.unit}, from '{layout.unit_text}' above"
        yield "unit", row["locator"], stated if view.states_unit_above(where) else "a unit above", row["unit"]


def _begins(label: str | None, code: str | None) -> bool:
    """Whether a label bears its line's code, which says by itself what the line is part of; others do so by indents."""
    return code is not None and clean(label or "").startswith(code)


def _parent(code: str | None) -> str | None:
    """The line a line is part of: 9.1.1 is part of 9.1, 9 of 0, and 0 of none."""
    return None if code in {None, "0"} else (code or "").rpartition(".")[0] or "0"


def _told(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
    return str(value)
