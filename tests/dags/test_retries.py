"""When a task is tried again: never before the publisher asked for it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.airflow


@pytest.fixture
def decide(dag_bag):
    """What the collect task's own policy says to an error; its registry says 60 seconds."""
    task = dag_bag.dags["collect__sbp__trade_in_services"].get_task("collect")
    assert task.retry_delay == timedelta(seconds=60)
    return lambda error: task.retry_policy.evaluate(error, 1, 4, {"ti": SimpleNamespace(task=task)})


def _asks(seconds):
    from sanad.collect import TransientFetchError

    return TransientFetchError("429", 429, retry_after_seconds=seconds)


@pytest.mark.parametrize("seconds", [61, 120.5, 86_400])
def test_a_publisher_that_asks_for_patience_is_given_it(decide, seconds):
    found = decide(_asks(seconds))
    assert (found.action.value, found.retry_delay) == ("retry", timedelta(seconds=seconds))
    assert "the publisher asks" in found.reason


@pytest.mark.parametrize("error", [_asks(None), _asks(0), _asks(60), ValueError()], ids=str)
def test_otherwise_the_task_waits_as_the_registry_says(decide, error):
    found = decide(error)
    assert (found.action.value, found.retry_delay) == ("default", None)


def test_every_collect_dag_has_the_policy(dag_bag):
    from sanad_retries import NotBeforeAsked

    collectors = [dag for name, dag in dag_bag.dags.items() if name.startswith("collect__")]
    assert collectors
    assert all(isinstance(task.retry_policy, NotBeforeAsked) for dag in collectors for task in dag.tasks)


def test_airflow_lets_the_policys_wait_stand_before_its_own(dag_bag):
    """Airflow's side of it: what the policy said is the next try's time, beyond the longest back-off too."""
    from datetime import UTC, datetime

    from airflow.models.taskinstance import TaskInstance

    ended = datetime(2026, 11, 22, tzinfo=UTC)
    asked = SimpleNamespace(retry_delay_override=7200.0, end_date=ended)
    assert TaskInstance.next_retry_datetime(asked) == ended + timedelta(hours=2)
