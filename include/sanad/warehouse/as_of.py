"""Schemas that hold the marts as of a day: what they may be called, whose they are, and who may read them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final

from psycopg import sql

from sanad.warehouse.connect import Role, connection
from sanad.warehouse.tables import SCHEMAS
from sanad.words.errors import UsageError

#: The comment by which such a schema is known; anything else of that name is left alone.
_MARK: Final = "Marts as of "
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


def default_schema(published: date) -> str:
    """``marts_2026_03_20``."""
    return f"marts_{published:%Y_%m_%d}"


def as_day(text: str) -> date:
    """A day as a person types it, ``2026-03-20``; UsageError when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"'{text}' is no day: expected one like 2026-03-20") from error


def as_instant(text: str) -> datetime:
    """An instant as a person types it, ``2026-03-20T14:30:00+05:00``, UTC without a zone; or UsageError."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"'{text}' is no instant: expected one like 2026-03-20T14:30:00+05:00") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def as_of_schema(schema: str, published: date | None, recorded: datetime | None) -> None:
    """Make the schema, or find the one made before, and let readers into it.

    UsageError when the name is the warehouse's own or PostgreSQL's, or a schema of that name was not made here.
    """
    if not _NAME.fullmatch(schema) or schema.startswith("pg_"):
        raise UsageError(f"'{schema}' will not do for a schema: expected a to z, 0 to 9 and _, at most 63")
    if schema in {*SCHEMAS, "public", "information_schema"}:
        raise UsageError(f"schema '{schema}' is the warehouse's own: choose another, such as marts_2026_03_20")
    name = sql.Identifier(schema)
    with connection(Role.OWNER) as warehouse:
        found = warehouse.execute(
            "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = %s", [schema]
        ).fetchone()
        if found and not (found[0] or "").startswith(_MARK):
            raise UsageError(f"schema '{schema}' is there already and holds no marts as of a day: choose another")
        if not found:
            warehouse.execute(sql.SQL("create schema {} authorization transformer").format(name))
            warehouse.execute(sql.SQL("grant usage on schema {} to owner, bi_reader, auditor").format(name))
            warehouse.execute(
                sql.SQL(
                    "alter default privileges for role transformer in schema {} "
                    "grant select on tables to bi_reader, auditor"
                ).format(name)
            )
        words = f"{_MARK}{published or 'now'}, recorded by {recorded.isoformat() if recorded else 'now'}"
        warehouse.execute(sql.SQL("comment on schema {} is {}").format(name, sql.Literal(words)))
