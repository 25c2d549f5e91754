"""The DAGs that must be there, and the manners each must have."""

from __future__ import annotations

import re
import statistics
from datetime import timedelta

import pytest
from helpers import PROJECT

from sanad.registry import datasets

pytestmark = pytest.mark.airflow

FILES = sorted((PROJECT / "dags").rglob("*.py"))
COLLECTED = {name: known for name, known in datasets().items() if known.collect is not None}


def test_every_dag_is_there_and_no_other(dag_bag):
    assert dag_bag.import_errors == {}
    expected = {f"collect__{name.replace('/', '__')}" for name in COLLECTED} | {
        "build__marts",
        "verify__lineage",
    }
    assert "collect__sbp__trade_in_services" in expected
    assert len(expected) == len(COLLECTED) + 2 >= 3
    assert set(dag_bag.dag_ids) == expected


def test_every_dag_has_tags_an_owner_and_says_how_to_re_run_it(dag_bag):
    assert dag_bag.dags
    for dag in dag_bag.dags.values():
        assert dag.tags, dag.dag_id
        assert all(task.owner not in {"", "airflow"} for task in dag.tasks), dag.dag_id
        assert "How to re-run" in dag.doc_md, dag.dag_id
        assert re.search(r'"(now|per release)" DAG', dag.doc_md), dag.dag_id
        assert "{" not in dag.doc_md, "a gap in the text was not filled"
        assert not dag.catchup, dag.dag_id
        assert dag.max_active_runs == 1, dag.dag_id


def test_a_collect_dag_runs_at_its_publishers_hours_and_retries_as_the_registry_says(dag_bag):
    for name, known in COLLECTED.items():
        dag = dag_bag.dags[f"collect__{known.dag_suffix}"]
        assert dag.timetable.expression == known.collect.schedule
        assert str(dag.timetable.timezone) == known.publisher.timezone
        assert dag.timetable.run_immediately == timedelta(0), "a DAG that is new follows no tick of before"
        (task,) = dag.tasks
        assert task.retries == known.collect.retries
        assert task.retry_delay.total_seconds() == known.collect.retry_delay_seconds
        assert task.retry_exponential_backoff > 1
        assert [outlet.uri for outlet in task.outlets] == [f"x-sanad://staging/{name}"]
        assert f"`{name}`" in dag.doc_md


def test_the_build_waits_for_any_staged_dataset_and_has_dbt_to_itself(dag_bag):
    dag = dag_bag.dags["build__marts"]
    condition = dag.timetable.asset_condition
    assert type(condition).__name__ in {"AssetAny", "Asset"}
    waited_for = {asset.uri for asset in getattr(condition, "objects", [condition])}
    assert waited_for == {f"x-sanad://staging/{name}" for name in datasets()}
    assert {task.task_id for task in dag.tasks if task.upstream_task_ids == {"build"}} == {
        "verify",
        "check_corrections",
    }
    assert {task.task_id for task in dag.tasks if (task.pool, task.pool_slots) == ("dbt", 1)} == {"build", "verify"}
    assert dag.get_task("verify").trigger_rule == "all_success", "a build that had nothing to do verifies nothing"


def test_everything_is_verified_once_a_week_and_never_beside_a_build(dag_bag):
    dag = dag_bag.dags["verify__lineage"]
    assert (dag.timetable.expression, dag.timetable.run_immediately) == ("0 3 * * 0", timedelta(0))
    (task,) = dag.tasks
    assert (task.pool, task.pool_slots) == ("dbt", 1)


def test_dag_files_are_thin():
    lines = {file.name: len(file.read_text().splitlines()) for file in FILES}
    assert len(lines) >= 2
    assert max(lines.values()) <= 120, lines
    assert statistics.median(lines.values()) < 60, lines


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_dag_files_hold_no_address_and_no_sql(file):
    text = file.read_text()
    assert not re.search(r"\b(https?|ftp)://[\w.]", text)
    assert not re.search(
        r"\b(select\s.+\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from|create\s+table)\b", text, re.I
    )
    assert not re.search(r"^\s*(import re|from re import)\b", text, re.MULTILINE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_parsing_loads_no_heavy_library(file):
    # at the top of a file every parse and every task pays for it
    top = [line for line in file.read_text().splitlines() if re.match(r"(import|from)\s", line)]
    assert top
    assert not [
        line for line in top if re.search(r"\b(pandas|sqlalchemy|dbt|sanad\.(decide|warehouse|collect))\b", line)
    ]
