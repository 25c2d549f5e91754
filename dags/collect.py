"""One DAG for each dataset of the registry that is collected: fetch or walk what the publisher has now, and decide."""

from datetime import timedelta
from pathlib import Path

from airflow.sdk import DAG, Asset, Connection, CronTriggerTimetable, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException, AirflowSkipException
from sanad_retries import NotBeforeAsked

from sanad.registry import datasets

DOCS = {method: Path(__file__).with_name(f"collect_{method}.md").read_text() for method in ("http", "walk")}


def collect_once(name: str) -> None:
    """Collect a dataset and end the task as the outcome deserves; what may pass by itself is left to the retries."""
    from psycopg import OperationalError as Disconnected
    from sqlalchemy.exc import OperationalError

    from sanad.collect import TransientFetchError, Via
    from sanad.decide.collect import collect
    from sanad.lineage import openlineage
    from sanad.warehouse.connect import NoWarehouse

    context, dataset = get_current_context(), datasets()[name]
    try:  # a connection of this name sends the publisher's requests elsewhere; ordinarily there is none
        to = Connection.get(f"sanad_{dataset.publisher_code}")
        via = Via(base_url=f"{to.schema}://{to.host}:{to.port}", **to.extra_dejson)
    except AirflowNotFoundException:
        via = None
    try:
        found = collect(dataset, via=via, actor=context["dag"].dag_id, airflow_run=context["run_id"])
    except (TransientFetchError, NoWarehouse, OperationalError, Disconnected):
        raise
    except Exception as error:
        raise AirflowFailException(f"{name}: {type(error).__name__}: {error}") from error
    told = {"release": found.handle, "outcome": found.outcome, "figures": found.figures, "summary": found.summary}
    told |= {"findings": found.findings, "warnings": found.warnings}
    context["ti"].xcom_push(key="collected", value=told)
    if found.outcome != "unchanged":
        openlineage.of_release(found.release_id)
    if found.outcome == "quarantined":
        raise AirflowFailException("\n".join([f"{found.handle} is quarantined", *found.findings]))
    if found.outcome == "unchanged":
        # not an alias with run-time events: a skip keeps the graph's edge, and the grid shows that nothing came
        raise AirflowSkipException(found.summary)
    context["outlet_events"][Asset(f"x-sanad://staging/{name}")].extra = told


for known in datasets().values():
    if known.collect is None:
        continue
    with DAG(
        dag_id=f"collect__{known.dag_suffix}",
        # a tick from before the DAG was there is nobody's: Airflow would follow one of the last tenth of an interval
        schedule=CronTriggerTimetable(
            known.collect.schedule, timezone=known.publisher.timezone, run_immediately=timedelta(0)
        ),
        catchup=False,
        max_active_runs=1,
        tags=["collect", *known.tags],
        doc_md=DOCS[known.collect.method].format_map(dict(known)),
        default_args={"owner": known.owner},
    ):
        task(
            task_id="collect",
            outlets=[Asset(f"x-sanad://staging/{known.name}")],
            retries=known.collect.retries,
            retry_delay=timedelta(seconds=known.collect.retry_delay_seconds),
            retry_exponential_backoff=2,
            retry_policy=NotBeforeAsked(),
            max_retry_delay=timedelta(hours=1),
        )(collect_once)(known.name)
