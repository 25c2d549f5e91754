"""The marts built, once it is known whom each row of each register names.

`staging.identity` has one row for each row of a visible register. It is written before dbt reads the ledger, under
the lock that keeps builds apart, and only as far as another resolution differs from what stands. Nothing is resolved
when the ledger says nothing new of a register and neither names, places, weights nor the code that reads them differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import astuple
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

import sanad.link
from sanad.decide import links, seasons
from sanad.link import Identity
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, connection
from sanad.warehouse.dbt import BuildResult, NodeResult
from sanad.words import settings

#: After this mart its exports are seasonally adjusted, before mart_industry_brief takes that up.
_EXPORTS = "mart_sector_exports"
_HEAD = "select coalesce(max(seq), 0) from archive.ledger"
#: Whether the ledger says anything new of a release with rows in a register.
_IS_DUE = """
    select exists (
        select from archive.ledger
        where seq > %s and exists (select from staging.entry where entry.release_id = ledger.release_id)
    )
"""
#: Registrants who have another row, or one row less, than before; a row of a release that is new is no change.
_CHANGED = """
    insert into staging.identity_changed (registrant_code)
    select registrant_code from (
        select was.registrant_code, was.entry_id from gone as was
        union
        select one.registrant_code, one.entry_id from resolved as one
    ) as named
    where entry_id in (select entry_id from gone)
    on conflict do nothing
"""


def build(
    *,
    airflow_run: str | None = None,
    select: str | None = None,
    full_refresh: bool = False,
    report: Callable[[NodeResult], None] | None = None,
) -> BuildResult:
    """`dbt.build`, with whom each row names resolved before; its parameters and its errors are the same."""
    return dbt.build(
        airflow_run=airflow_run,
        select=select,
        full_refresh=full_refresh,
        report=report,
        prepare=resolve,
        between={_EXPORTS: seasons.adjust},
    )


def build_as_of(schema: str, published: date | None = None, recorded: datetime | None = None) -> BuildResult:
    """`dbt.build_as_of`, with the rows that were visible then resolved into a table of that schema."""
    return dbt.build_as_of(
        schema,
        published,
        recorded,
        prepare=partial(_resolve_as_of, schema, published, recorded),
        between={_EXPORTS: partial(seasons.adjust, schema)},
    )


def resolve() -> int | None:
    """Bring `staging.identity` to what `links.resolution()` says; how many rows came or went, None if none was due.

    To be called under the lock of builds.
    """
    with connection(Role.TRANSFORMER) as writing:
        head, rules = _number(writing, _HEAD), _rules()
        known = writing.execute("select ledger_seq, rules from ops.resolution").fetchone()
        if known and known[1] == rules and not _number(writing, _IS_DUE, known[0]):
            return None
        changed = _replace(writing, links.resolution().identities)
        writing.execute("delete from ops.resolution")
        writing.execute("insert into ops.resolution (ledger_seq, rules) values (%s, %s)", (head, rules))
    return changed


def _number(asking: psycopg.Connection[Any], question: str, *parameters: Any) -> int:
    found = asking.execute(question, parameters).fetchone()
    return int(found[0]) if found else 0


def _rules() -> str:
    """The sha256 of everything but the rows and the decisions that a resolution depends on."""
    project = settings.project()
    files = [
        *sorted((project / "include" / "names").iterdir()),
        *(project / "dbt_project" / "seeds" / f"{name}.csv" for name in ("place", "place_spelling")),
        *sorted(Path(sanad.link.__file__).parent.glob("*.py")),
    ]
    return hashlib.sha256(b"\x00".join(file.read_bytes() for file in files)).hexdigest()


def _replace(writing: psycopg.Connection[Any], identities: Iterable[Identity]) -> int:
    """Rows that are not so any more deleted, missing ones inserted, in the caller's transaction."""
    writing.execute("create temporary table resolved (like staging.identity) on commit drop")
    _copy(writing, sql.Identifier("resolved"), identities)
    writing.execute(
        "create temporary table gone on commit drop as select * from staging.identity except select * from resolved"
    )
    writing.execute(_CHANGED)
    deleted = writing.execute("delete from staging.identity using gone where identity.entry_id = gone.entry_id")
    inserted = writing.execute(
        "insert into staging.identity select * from resolved except select * from staging.identity"
    )
    return deleted.rowcount + inserted.rowcount


def _copy(writing: psycopg.Connection[Any], table: sql.Composable, identities: Iterable[Identity]) -> None:
    statement = sql.SQL(
        "copy {} (entry_id, registrant_code, place_code, linked_by, is_branch, probability) from stdin"
    ).format(table)
    with writing.cursor() as cursor, cursor.copy(statement) as copying:
        for one in identities:
            copying.write_row(astuple(one))
    writing.execute(sql.SQL("analyze {}").format(table))


def _resolve_as_of(schema: str, published: date | None, recorded: datetime | None) -> None:
    table = sql.Identifier(schema, "identity")
    with connection(Role.TRANSFORMER) as writing:
        writing.execute(sql.SQL("drop table if exists {}").format(table))
        writing.execute(sql.SQL("create table {} (like staging.identity including all)").format(table))
        _copy(writing, table, links.resolution(published, recorded).identities)
