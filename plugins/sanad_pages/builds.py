"""What dbt did, from ``ops.dbt_result``, asked as the auditor."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from psycopg.rows import dict_row

from sanad.warehouse.connect import Role, connection
from sanad.warehouse.dbt import NodeResult

LAST = 50
_OF_RUN = """
    select * from ops.dbt_result where airflow_run = %(run)s or invocation_id = %(run)s
"""
_LAST = """
    with invocation as (
        select invocation_id, min(started_at) as began_at
        from ops.dbt_result group by invocation_id
        order by began_at desc nulls last, invocation_id limit %(last)s
    )

    select * from ops.dbt_result inner join invocation using (invocation_id)
"""
_LEDGER = "select invocation_id, ledger_seq from ops.build where invocation_id = any(%(invocations)s)"


@dataclass(frozen=True)
class Build:
    """One invocation of dbt: the nodes that failed first, then those that took longest."""

    invocation_id: str
    airflow_run: str | None
    ledger_seq: int | None
    nodes: tuple[NodeResult, ...]

    @property
    def run(self) -> str:
        """What the build's page goes by: Airflow's run, or dbt's own name of one outside Airflow."""
        return self.airflow_run or self.invocation_id

    @property
    def began_at(self) -> datetime | None:
        """When its first node started, None when none did."""
        return min((node.started_at for node in self.nodes if node.started_at), default=None)

    @property
    def failed(self) -> int:
        """How many nodes went wrong."""
        return sum(node.failed for node in self.nodes)

    def count(self, status: str) -> int:
        """How many nodes ended so."""
        return sum(node.status == status for node in self.nodes)

    @property
    def seconds(self) -> float:
        """The nodes' times added up; dbt runs two at a time."""
        return sum(float(node.seconds) for node in self.nodes)

    @property
    def rows_inserted(self) -> int:
        """Of all marts."""
        return sum(node.rows_inserted or 0 for node in self.nodes)

    @property
    def rows_deleted(self) -> int:
        """Of all marts."""
        return sum(node.rows_deleted or 0 for node in self.nodes)


def of_run(run: str) -> list[Build]:
    """The builds of an Airflow run, or the one dbt itself calls so, the newest first; a task tried again has two."""
    return _builds(_OF_RUN, {"run": run})


def last() -> list[Build]:
    """The last builds, the newest first."""
    return _builds(_LAST, {"last": LAST})


def _builds(question: str, parameters: dict[str, Any]) -> list[Build]:
    with connection(Role.AUDITOR) as asking, asking.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(question, parameters).fetchall()
        by_invocation: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            by_invocation.setdefault(row["invocation_id"], []).append(row)
        ledger = cursor.execute(_LEDGER, {"invocations": list(by_invocation)}).fetchall()
    seqs = {row["invocation_id"]: row["ledger_seq"] for row in ledger}
    builds = [
        Build(invocation, rows[0]["airflow_run"], seqs.get(invocation), _sorted(rows))
        for invocation, rows in by_invocation.items()
    ]
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(builds, key=lambda build: build.began_at or never, reverse=True)


def _sorted(rows: list[dict[str, Any]]) -> tuple[NodeResult, ...]:
    nodes = [NodeResult(**{field.name: row[field.name] for field in fields(NodeResult)}) for row in rows]
    return tuple(sorted(nodes, key=lambda node: (not node.failed, -node.seconds, node.node)))
