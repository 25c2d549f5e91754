"""What a mart must hold, row by row, beside what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sanad.verify.known import Known

#: A row's key in the order of the mart's primary key, and what its other columns must be. Columns that a formula gives
#: are left to the formula; what the mart has no column for is no matter.
Row = tuple[tuple[Any, ...], dict[str, Any]]
Found = Mapping[str, Any]
#: What must be there beside what is there; None for a row that is missing, or that must not be.
Pair = tuple[Row | None, Found | None]
#: The pairs of a mart, from what was known at its build and its rows.
Check = Callable[[Known, Iterable[Found]], Iterator[Pair]]


def by_key(expected: Callable[[Known], Iterable[Row]], key: tuple[str, ...]) -> Check:
    """The check of a mart whose rows are all known beforehand; ``key`` is its primary key."""

    def pairs(known: Known, rows: Iterable[Found]) -> Iterator[Pair]:
        due = {row[0]: row for row in expected(known)}
        for found in rows:
            yield due.pop(tuple(found[column] for column in key), None), found
        yield from ((row, None) for row in due.values())

    return pairs
