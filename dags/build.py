"""Build the marts whenever a dataset's releases moved on, and verify what changed."""

import logging
from datetime import timedelta
from functools import reduce
from operator import or_
from pathlib import Path

from airflow.sdk import DAG, Asset, AssetAlias, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from sanad_checks import check_corrections, verify

from sanad.registry import datasets

MARTS = AssetAlias("marts")
log = logging.getLogger(__name__)


@task(pool="dbt", outlets=[MARTS], retries=1, retry_delay=timedelta(seconds=10))
def build() -> str:
    """Apply declared corrections, then run dbt once; a failed data test is final, anything else is tried once more."""
    from sanad.decide import builds, corrections
    from sanad.lineage import openlineage
    from sanad.warehouse import dbt

    context = get_current_context()
    corrections.apply(context["dag"].dag_id)
    if context["dag_run"].run_type == "asset_triggered" and dbt.standing().up_to_date:
        raise AirflowSkipException("the build before this one saw the same releases")
    try:
        result = builds.build(airflow_run=context["run_id"], report=lambda node: log.info("%s", node))
    except dbt.BuildFailed as error:
        if error.final:
            raise AirflowFailException(str(error)) from error
        raise
    openlineage.of_build(result.invocation_id)
    for node in result.nodes:
        if node.name in result.changed_marts:
            rows = {"rows_inserted": node.rows_inserted, "rows_deleted": node.rows_deleted}
            context["outlet_events"][MARTS].add(Asset(f"x-sanad://marts/{node.name}"), extra=rows)
    return f"{len(result.nodes)} nodes, {len(result.changed_marts)} marts changed, {result.seconds:.1f} s in dbt"


with DAG(
    dag_id="build__marts",
    schedule=reduce(or_, (Asset(f"x-sanad://staging/{name}") for name in datasets())),
    catchup=False,
    max_active_runs=1,
    tags=["build", "dbt"],
    doc_md=Path(__file__).with_suffix(".md").read_text(),
    default_args={"owner": "data-engineering"},
):
    build() >> [verify("changed"), check_corrections()]
