"""A mart's rows against what they must be, and every value against its formula over archived figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sanad.verify import formulas
from sanad.verify.declared import Mart
from sanad.verify.known import Known, Print
from sanad.verify.marts.expected import Check, Found, Row
from sanad.verify.report import Disagreement, MartCount

_IDS = "_figure_ids"
_MOST_TOLD = 3


class Comparison:
    """One mart's rows, compared; afterwards ``uncovered`` are the columns that nothing was said about."""

    def __init__(self, mart: Mart, known: Known, columns: Iterable[str]) -> None:
        self.count = MartCount(mart.verify_class)
        self.uncovered = set(columns) - set(mart.key) - mart.formulas.keys()
        self._mart = mart
        self._known = known

    def run(self, check: Check, rows: Iterable[Found]) -> Iterator[Disagreement]:
        """Everything that disagrees, row by row."""
        for expected, found in check(self._known, rows):
            if found is None:
                assert expected  # noqa: S101 - one of the two is always there
                yield self._fault(expected[0], "a row", "none")
                continue
            self.count.rows += 1
            key = tuple(found[column] for column in self._mart.key)
            if expected is None:
                yield self._fault(key, "no such row", f"one that cites {self._cells(_added(_cited(found)))}")
            else:
                self.uncovered -= expected[1].keys()
                yield from self._columns(key, expected, found)
            yield from self._values(key, found)

    def _columns(self, key: tuple[Any, ...], expected: Row, found: Found) -> Iterator[Disagreement]:
        for column, due in expected[1].items():
            if column in found and found[column] != due:
                if column.endswith(_IDS):
                    ids = found[column] or []
                    yield self._fault(key, self._cells(_added(due)), self._cells(_added(ids)), column, ids)
                else:
                    yield self._fault(key, _told(due), _told(found[column]), column, _cited(found))

    def _values(self, key: tuple[Any, ...], found: Found) -> Iterator[Disagreement]:
        recomputed = _Recomputed(self._mart, self._known, found)
        for column, formula in self._mart.formulas.items():
            try:
                due = recomputed.column(column)
            except LookupError as error:
                yield self._fault(key, f"{formula}", str(error), column)
                continue
            self.count.values += 1
            if found[column] != due:
                cited = recomputed.cited(column)
                words = f"{_told(due)}, {formula} of {self._cells(cited)}"
                yield self._fault(key, words, _told(found[column]), column, [one for _, one in cited])

    def _cells(self, cited: Sequence[tuple[str, int]]) -> str:
        told = "".join(f" {sign} {self._cell(one)}" for sign, one in cited[:_MOST_TOLD])
        more = f" and {len(cited) - _MOST_TOLD} more" if len(cited) > _MOST_TOLD else ""
        return told.removeprefix(" + ").strip() + more or "nothing"

    def _cell(self, figure_id: int) -> str:
        one = self._known.by_id.get(figure_id)
        return f"{one.locator} of {one.release.handle}" if one else f"figure {figure_id}, which is not staged"

    def _fault(
        self,
        key: tuple[Any, ...],
        expected: str,
        found: str,
        measure: str | None = None,
        cited: Sequence[int] = (),
    ) -> Disagreement:
        cells = (self._known.by_id.get(one) for one in cited)
        locator = next((one.locator for one in cells if one), None)
        return Disagreement("marts", self._mart.name, expected, found, "/".join(map(_plain, key)), measure, locator)


class _Recomputed:
    """The values of one row, from the archived figures it cites."""

    def __init__(self, mart: Mart, known: Known, row: Found) -> None:
        self._mart = mart
        self._known = known
        self._row = row
        self._at = row.get("recorded_at")
        self._names = {column: measure for measure, column in mart.measures.items()}

    def column(self, name: str) -> Decimal | None:
        """The value of a column by its formula; LookupError when a cited figure is not staged or a formula is bad."""
        formula = self._mart.formulas[name]
        values = {used: self._input(used, name) for used in formulas.measures(formula)}
        coarse = [used for used, value in values.items() if value is not None and self._width(used) * 100 > abs(value)]
        try:
            return formulas.evaluate(formula, values, coarse)
        except formulas.BadFormula as error:
            raise LookupError(str(error)) from error

    def cited(self, name: str) -> list[tuple[str, int]]:
        """The figures behind a column, added or taken away, directly or through the measures it uses."""
        behind = [*formulas.measures(self._mart.formulas[name]), self._names.get(name, "")]
        ends = (("+", _IDS), ("-", f"_less{_IDS}"))
        return [(sign, id_) for one in behind for sign, end in ends for id_ in self._row.get(f"{one}{end}") or ()]

    def _input(self, name: str, column: str) -> Decimal | None:
        """A measure of the row, or what ``sum(...)`` gives for the measure that is ``column``."""
        measure = self._names.get(column, "")
        match name:
            case "figures":
                return self._sum(self._row.get(f"{measure}{_IDS}"), column)
            case "less_figures":
                return self._sum(self._row.get(f"{measure}_less{_IDS}") or [], column)
        if name not in self._mart.measures:
            raise LookupError(f"a formula over {name}, which is no measure of the mart")
        return self.column(self._mart.measures[name])

    def _sum(self, ids: list[int] | None, column: str) -> Decimal | None:
        if ids is None:
            return None
        values = [self._value(self._figure(one), column) for one in ids]
        return None if any(value is None for value in values) else sum((v for v in values if v), Decimal(0))

    def _value(self, one: Print, column: str) -> Decimal | None:
        """In the unit that the column's name says."""
        said = one.said(self._at)
        if said is None:
            return None
        return one.usd_thousand(said) if column.endswith("_usd_thousand") else said.value

    def _width(self, measure: str) -> Decimal:
        """How wide the intervals are, together, that the figures of a measure stand for, thousand US dollars."""
        ids = [one for end in (_IDS, f"_less{_IDS}") for one in self._row.get(f"{measure}{end}") or ()]
        return sum((self._figure(one).width_usd_thousand for one in ids), Decimal(0))

    def _figure(self, figure_id: int) -> Print:
        one = self._known.by_id.get(figure_id)
        if one is None:
            raise LookupError(f"figure {figure_id}, which is not staged")
        return one


def _cited(row: Found) -> list[int]:
    return [one for column, ids in row.items() if column.endswith(_IDS) and ids for one in ids]


def _added(ids: list[int] | None) -> list[tuple[str, int]]:
    return [("+", one) for one in ids or ()]


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _told(value: object) -> str:
    if value is None:
        return "nothing"
    return format(value, "f") if isinstance(value, Decimal) else _plain(value)
