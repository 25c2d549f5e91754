"""Walk the whole chain back once a week."""

from datetime import timedelta
from pathlib import Path

from airflow.sdk import DAG, CronTriggerTimetable
from sanad_checks import verify

with DAG(
    dag_id="verify__lineage",
    schedule=CronTriggerTimetable("0 3 * * 0", timezone="UTC", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    tags=["verify", "lineage"],
    doc_md=Path(__file__).with_suffix(".md").read_text(),
    default_args={"owner": "data-engineering"},
):
    verify("full")
