"""What verification reads of the warehouse, all of one moment at which no build is at work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from random import Random
from typing import Any

from psycopg import Connection, IsolationLevel, sql
from psycopg.rows import dict_row

from sanad.warehouse.connect import Role, connection
from sanad.warehouse.dbt import one_at_a_time

Row = dict[str, Any]
_BUILT = """
    select build.ledger_seq, build.started_at
    from ops.build
    join ops.dbt_result as result using (invocation_id)
    where result.node = 'model.sanad.dim_build' and result.status = 'success'
    order by build_id desc limit 1
"""
_MARTS = """
    select class.relname as name, array_agg(attribute.attname::text order by attribute.attnum) as columns
    from pg_class as class
    join pg_attribute as attribute on attribute.attrelid = class.oid and attribute.attnum > 0
    where class.relnamespace = 'marts'::regnamespace and class.relkind in ('r', 'p', 'v', 'm')
      and not attribute.attisdropped
    group by class.relname order by class.relname
"""


@dataclass(frozen=True)
class Build:
    """The build the marts are of: the newest ledger event it saw, and when it began."""

    ledger_seq: int
    started_at: datetime


class Snapshot:
    """The warehouse at one moment."""

    def __init__(self, asking: Connection[Any]) -> None:
        self._asking = asking

    def rows(self, question: str, *parameters: Any) -> list[Row]:
        """The rows of a question."""
        return self._asking.cursor(row_factory=dict_row).execute(question, parameters).fetchall()

    @cached_property
    def ledger(self) -> list[Row]:
        """Its rows in order."""
        return self.rows("select * from archive.ledger order by seq")

    @cached_property
    def releases(self) -> dict[int, Row]:
        """``archive.release`` by id."""
        return {row["release_id"]: row for row in self.rows("select * from archive.release order by release_id")}

    @cached_property
    def extractions(self) -> dict[int, Row]:
        """``archive.extraction`` by id."""
        return {row["extraction_id"]: row for row in self.rows("select * from archive.extraction")}

    def extractions_of(self, release_id: int) -> list[Row]:
        """Every reading of a release, those that are not staged any more among them."""
        return [row for row in self.extractions.values() if row["release_id"] == release_id]

    @cached_property
    def parts(self) -> dict[int, list[Row]]:
        """``archive.part`` by release."""
        found: dict[int, list[Row]] = defaultdict(list)
        for row in self.rows("select * from archive.part order by release_id, name"):
            found[row["release_id"]].append(row)
        return found

    @cached_property
    def rejected(self) -> dict[int, int]:
        """Rejected rows by release."""
        counted = self.rows("select release_id, count(*) as rows from staging.rejected group by release_id")
        return {row["release_id"]: row["rows"] for row in counted}

    def figures(self, release_id: int) -> list[Row]:
        """The staged figures of a release in the order of their ids."""
        return self.rows("select * from staging.figure where release_id = %s order by figure_id", release_id)

    def entries(self, release_id: int) -> list[Row]:
        """The staged entries of a release in the order of their ids."""
        return self.rows("select * from staging.entry where release_id = %s order by entry_id", release_id)

    def sample(self, size: int, chance: Random) -> frozenset[int]:
        """So many ids of staged figures and entries, drawn at random; all of them where there are no more."""
        question = "select figure_id as id from staging.figure union all select entry_id from staging.entry order by id"
        known = [row["id"] for row in self.rows(question)]
        return frozenset(chance.sample(known, min(size, len(known))))

    @cached_property
    def marts(self) -> dict[str, list[str]]:
        """Every relation of the schema with its columns."""
        return {row["name"]: row["columns"] for row in self.rows(_MARTS)}

    @cached_property
    def build(self) -> Build | None:
        """The build the marts are of; None when there was none, or a later one did not finish."""
        if "dim_build" not in self.marts or self.rows("select 1 from marts.dim_build where not complete"):
            return None
        found = self.rows(_BUILT)
        return Build(**found[0]) if found else None

    @cached_property
    def measures(self) -> list[Row]:
        """``lineage.measure``: what traces and pages say of each value."""
        return self.rows("select * from lineage.measure order by mart, place")

    @cached_property
    def watermarks(self) -> dict[str, int]:
        """Up to which ledger event each store says it is whole."""
        return {row["model"]: row["ledger_seq"] for row in self.rows("select * from ops.watermark order by model")}

    @cached_property
    def begun_seq(self) -> int:
        """The newest ledger event that any build looked at, also one that did not finish; 0 without one."""
        [row] = self.rows("select coalesce(max(ledger_seq), 0) as seq from ops.build")
        return int(row["seq"])

    def mart(self, name: str) -> Iterator[Row]:
        """A mart's rows, streamed."""
        with self._asking.cursor("mart", row_factory=dict_row) as cursor:
            cursor.itersize = 5_000
            yield from cursor.execute(sql.SQL("select * from marts.{}").format(sql.Identifier(name)))


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """The warehouse as it stands now, once a build under way has ended. NoWarehouse when there is none."""
    with connection(Role.AUDITOR) as asking:
        asking.isolation_level = IsolationLevel.REPEATABLE_READ
        with one_at_a_time():
            asking.execute("select 1 from archive.ledger limit 1")  # the snapshot is of the first statement
        yield Snapshot(asking)


def current_head() -> int:
    """The newest event's seq at this moment, not the snapshot's; 0 for none."""
    with connection(Role.AUDITOR) as asking:
        found = asking.execute("select coalesce(max(seq), 0) from archive.ledger").fetchone()
    return int(found[0]) if found else 0
