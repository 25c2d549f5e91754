"""How a build ends: which failures are final, and which marts tell that they changed."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest

pytestmark = pytest.mark.airflow


@pytest.fixture
def run(dag_bag, context, monkeypatch):
    """Run the task's own function, with the result or the error that dbt is to have."""
    function = dag_bag.dags["build__marts"].get_task("build").python_callable

    def run(came):
        def build(**_how):
            if isinstance(came, Exception):
                raise came
            return came

        monkeypatch.setattr("sanad.warehouse.dbt.build", build)
        monkeypatch.setattr("sanad.lineage.openlineage.of_build", context.setdefault("emitted", []).append)
        monkeypatch.setattr("sanad.decide.corrections.apply", lambda actor: None)
        monkeypatch.setitem(function.__globals__, "get_current_context", lambda: context)
        return function()

    return run


def _node(name, status="success", **rows):
    from sanad.warehouse.dbt import NodeResult

    kind = "test" if status == "fail" else "model"
    return NodeResult(f"{kind}.sanad.{name}", kind, status, None, 0.1, **rows)


def _result(*nodes):
    from sanad.warehouse.dbt import BuildResult

    return BuildResult("an-id", 1.5, nodes)


def test_only_a_mart_that_changed_is_an_asset_event_with_its_rows(run, context):
    said = run(
        _result(
            _node("mart_call_centres", rows_inserted=2, rows_deleted=1),
            _node("mart_sector_exports", rows_inserted=0, rows_deleted=0),
        )
    )
    ((_alias, events),) = context["outlet_events"].items()
    ((asset, rows),) = events.added
    assert asset.uri == "x-sanad://marts/mart_call_centres"
    assert context["emitted"] == ["an-id"]
    assert rows == {"rows_inserted": 2, "rows_deleted": 1}
    assert "1 marts changed" in said


def test_a_failed_data_test_is_final(run):
    from airflow.sdk.exceptions import AirflowFailException

    from sanad.warehouse.dbt import BuildFailed

    with pytest.raises(AirflowFailException, match="unique_key"):
        run(BuildFailed("1 failed: unique_key", _result(_node("unique_key", "fail"))))


def test_a_model_that_broke_is_tried_again(run):
    from sanad.warehouse.dbt import BuildFailed

    with pytest.raises(BuildFailed):
        run(BuildFailed("1 failed: a model", _result(_node("a_model", "error"))))


@pytest.mark.parametrize(
    ("run_type", "due", "builds"), [("asset_triggered", 4, False), ("asset_triggered", 6, True), ("manual", 4, True)]
)
def test_events_that_the_build_before_has_seen_start_no_dbt(run, context, monkeypatch, run_type, due, builds):
    from airflow.sdk.exceptions import AirflowSkipException

    from sanad.warehouse.dbt import Standing

    monkeypatch.setattr("sanad.warehouse.dbt.standing", lambda: Standing(4, due))
    context["dag_run"].run_type = run_type
    if builds:
        assert "1 nodes" in run(_result(_node("mart_call_centres", rows_inserted=0, rows_deleted=0)))
    else:
        with pytest.raises(AirflowSkipException):
            run(AssertionError("dbt ran"))


SLIP = "sbp/trade_in_services:a_slip"


@pytest.fixture
def declared(monkeypatch):
    """What fails of the declared corrections."""
    from sanad.decide.corrections import Survey

    failing = {}
    monkeypatch.setattr("sanad.decide.corrections.engine", lambda role: MagicMock())
    monkeypatch.setattr("sanad.decide.corrections.survey", lambda connection: Survey({}, [], failing))
    return failing


def test_a_correction_that_does_not_hold_fails_a_task_of_its_own(dag_bag, declared):
    from airflow.sdk.exceptions import AirflowFailException

    from sanad.words.errors import Finding
    from sanad.words.vocabulary import Consequence

    task = dag_bag.dags["build__marts"].get_task("check_corrections")
    assert (task.upstream_task_ids, task.trigger_rule) == ({"build"}, "all_done")
    task.python_callable()
    declared[SLIP] = Finding("correction", Consequence.QUARANTINE, f"{SLIP}: value 1", "value 2", "'EBOPS '!I61")
    with pytest.raises(AirflowFailException, match=f"{SLIP}: value 1, found value 2"):
        task.python_callable()
