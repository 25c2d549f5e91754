"""How every question about lineage is put to the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.rows import dict_row

from sanad.warehouse.connect import Role, connection
from sanad.words.errors import UsageError

#: What the functions of the schema lineage raise when the call was wrong.
_WRONG_CALL = "SN001"


@contextmanager
def asking() -> Iterator[Connection[Any]]:
    """A connection as the auditor: one snapshot for the whole question, instants in UTC.

    UsageError, in the warehouse's own words, when the call was wrong.
    """
    with connection(Role.AUDITOR) as opened:
        opened.execute("set transaction isolation level repeatable read; set local timezone = 'GMT'")
        try:
            yield opened
        except psycopg.Error as error:
            if error.sqlstate != _WRONG_CALL:
                raise
            raise UsageError(str(error.diag.message_primary)) from error


def rows(connection: Connection[Any], question: str | sql.Composed, parameters: Any = None) -> list[dict[str, Any]]:
    """The answer, each row by column."""
    return connection.cursor(row_factory=dict_row).execute(question, parameters).fetchall()
