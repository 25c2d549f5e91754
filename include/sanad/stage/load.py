"""COPY into the staging tables. A release is staged whole or not at all; its ids make loading it twice impossible."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import Any

from psycopg import Cursor, sql
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Table

from sanad.extract import Reading
from sanad.warehouse import tables
from sanad.words import ids
from sanad.words.periods import Period

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def stage(connection: Connection, dataset: str, release_id: int, extraction_id: int, reading: Reading) -> None:
    """Load a reading's figures, entries and rejected rows, in the connection's transaction.

    A row that is there already is an error (its primary key), never an update.
    """
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    with driver.cursor() as cursor:
        _copy(cursor, tables.figure, _figures(dataset, release_id, extraction_id, reading))
        _copy(cursor, tables.entry, _entries(dataset, release_id, extraction_id, reading))
        _copy(
            cursor,
            tables.rejected,
            ((release_id, row.locator, row.gate, row.reason, row.raw) for row in reading.rejected),
        )


def _copy(cursor: Cursor[Any], table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """One COPY in binary: less for the server to parse, and the columns' own types say how values are sent."""
    statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(
        sql.Identifier(table.schema or "", table.name),
        sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns),
    )
    with cursor.copy(statement) as copy:
        copy.set_types([str(column.type).lower() for column in table.columns])
        for row in rows:
            copy.write_row(row)


def _figures(dataset: str, release_id: int, extraction_id: int, reading: Reading) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of ``tables.figure``'s columns."""
    for figure in reading.figures:
        start, end, kind, code = _span(figure.period) if figure.period else (None, None, None, None)
        yield (
            ids.figure_id(release_id, figure.ordinal), dataset, release_id, extraction_id, figure.series_code,
            figure.measure, start, end, kind, code, figure.value, figure.null_reason, figure.unit, figure.resolution,
            figure.qualifier, figure.flag and figure.flag.value, figure.locator, figure.header_locator,
            figure.as_printed, figure.header_as_printed, figure.label_raw, figure.indent, figure.parent_code,
            _json(figure.details),
        )  # fmt: skip


@cache
def _span(period: Period) -> tuple[date, date, str, str]:
    """A period's four columns: there are few periods, and each heads many figures."""
    return period.start, period.end, period.kind.value, period.code


def _entries(dataset: str, release_id: int, extraction_id: int, reading: Reading) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of ``tables.entry``'s columns."""
    for entry in reading.entries:
        yield (
            ids.figure_id(release_id, entry.ordinal), dataset, release_id, extraction_id, entry.locator, entry.kind,
            entry.portal_key, entry.certificate_no, entry.name, entry.place, entry.valid_from_month,
            entry.valid_till_month, entry.status,
            Jsonb(
                {
                    name: {"value": value, "as_printed": as_printed, "locator": locator}
                    for name, (value, as_printed, locator) in entry.fields.items()
                },
                _COMPACT.encode,
            ),
        )  # fmt: skip


def _json(value: dict[str, Any] | None) -> Jsonb | None:
    return None if value is None else Jsonb(value)
