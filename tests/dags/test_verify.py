"""How a verification ends a task: a disagreement is final and named, anything else is tried again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sanad.verify import Disagreement, Report
from sanad.words.vocabulary import Scope

pytestmark = pytest.mark.airflow


@pytest.fixture(params=["build__marts", "verify__lineage"])
def run(request, dag_bag, context, monkeypatch):
    """Run the task's own function, with what verification is to find."""
    task = dag_bag.dags[request.param].get_task("verify")
    function, wanted = task.python_callable, Scope.CHANGED if request.param == "build__marts" else Scope.FULL

    def run(*disagreements):
        def verify(scope, airflow_run):
            if disagreements and isinstance(disagreements[0], Exception):
                raise disagreements[0]
            assert (scope, airflow_run) == (wanted, "manual__1")
            return Report(scope, datetime.now(UTC), disagreements=list(disagreements))

        monkeypatch.setattr("sanad.verify.verify", verify)
        monkeypatch.setitem(function.__globals__, "get_current_context", lambda: context)
        return function(*task.op_args, **task.op_kwargs)

    return run


def test_the_task_says_what_was_verified(run):
    assert run().endswith(": all agree")


def test_a_disagreement_is_final_and_the_first_twenty_are_named(run):
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException) as failed:
        run(*(Disagreement("marts", "mart_call_centres", "1", "2", f"row {n}") for n in range(25)))
    lines = str(failed.value).splitlines()
    assert lines[0].endswith(": 25 disagreements")
    assert lines[1] == "marts: mart_call_centres row 0: expected 1, found 2"
    assert (len(lines), lines[-1]) == (22, "and 5 more")


def test_a_warehouse_that_does_not_answer_is_asked_again(run):
    from sanad.warehouse.connect import NoWarehouse

    with pytest.raises(NoWarehouse):
        run(NoWarehouse("it does not answer"))
