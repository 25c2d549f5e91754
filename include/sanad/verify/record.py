"""Where a verification's result stands: ``ops.verification``, and ``marts.dim_build`` for the build it is of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from sanad.verify.report import MOST_TOLD, Disagreement, Report, summary
from sanad.warehouse.connect import Role, connection
from sanad.warehouse.dbt import one_at_a_time
from sanad.words.vocabulary import Scope

#: Disagreements kept with a verification; their number stands in its counts.
MOST_KEPT = 100
_NEWEST = """
    select verified_at, ledger_seq, head_seq, head_hash, scope, result, counts, disagreements
    from ops.verification where scope != 'sample' order by verification_id desc limit 1
"""
_HEADS = "select distinct head_seq, head_hash from ops.verification where result = 'agrees' order by head_seq"
_INSERT = """
    insert into ops.verification
        (verified_at, ledger_seq, scope, result, head_seq, head_hash, counts, disagreements, seconds, airflow_run)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
#: What the model dim_build reads of ops.verification, without waiting for the next build.
_TELL = "update marts.dim_build set verify_result = %s where ledger_seq = %s and verify_result is distinct from %s"


@dataclass(frozen=True)
class Verification:
    """A verification on record: see ``ops.verification`` for each field."""

    verified_at: datetime
    ledger_seq: int | None
    head_seq: int
    head_hash: str
    scope: str
    result: str
    counts: dict[str, Any]
    disagreements: list[dict[str, Any]]

    @property
    def summary(self) -> str:
        """One line for people."""
        return summary(self.scope, self.result, self.counts)

    def told(self) -> list[str]:
        """The first disagreements, a line each."""
        return [str(Disagreement(**one)) for one in self.disagreements[:MOST_TOLD]]


def newest() -> Verification | None:
    """The newest verification that was no sample; None when there was none."""
    with connection(Role.AUDITOR) as asking:
        row = asking.cursor(row_factory=dict_row).execute(_NEWEST).fetchone()
    return Verification(**row) if row else None


def noted_heads() -> list[tuple[int, str]]:
    """The ledger's heads as (seq, hash) that verifications have noted when all agreed."""
    with connection(Role.AUDITOR) as asking:
        return [(int(seq), str(hash_)) for seq, hash_ in asking.execute(_HEADS).fetchall()]


def keep(report: Report, airflow_run: str | None) -> None:
    """Write a verification down; one that was no sample stands in ``marts.dim_build`` from here on."""
    told = [asdict(one) for one in report.disagreements[:MOST_KEPT]]
    with one_at_a_time(), connection(Role.OWNER) as writing:
        writing.execute(
            _INSERT,
            [
                report.began_at, report.built_seq, report.scope, report.verdict, report.head_seq, report.head_hash,
                Jsonb(report.numbers), Jsonb(told), report.seconds, airflow_run,
            ],
        )  # fmt: skip
        if report.built_seq is not None and report.scope is not Scope.SAMPLE:
            writing.execute(_TELL, [report.verdict, report.built_seq, report.verdict])
