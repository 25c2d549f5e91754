"""How a collect task ends: what is retried, what is final, what starts a build."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import pytest

pytestmark = pytest.mark.airflow

NAME = "sbp/trade_in_services"


@dataclass
class Found:
    outcome: str
    handle: str | None = f"{NAME}@2026-02"
    release_id: int | None = 7
    figures: int = 1320
    summary: str = "the summary"
    findings: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@pytest.fixture
def run(dag_bag, context, monkeypatch):
    """Run the task's own function, with the outcome or the error that collecting is to have."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    function = dag_bag.dags["collect__sbp__trade_in_services"].get_task("collect").python_callable
    asked = {}

    def run(came, connection=None):
        def collect(dataset, **how):
            asked.update(how, name=dataset.name)
            if isinstance(came, Exception):
                raise came
            return came

        def get(conn_id):
            asked["conn_id"] = conn_id
            if connection is None:
                raise AirflowNotFoundException(conn_id)
            return connection

        import sanad.decide.collect  # noqa: F401

        monkeypatch.setattr(sys.modules["sanad.decide.collect"], "collect", collect)
        monkeypatch.setattr("sanad.lineage.openlineage.of_release", lambda release: asked.update(emitted=release))
        monkeypatch.setattr(Connection, "get", get)
        monkeypatch.setitem(function.__globals__, "get_current_context", lambda: context)
        function(NAME)
        return asked

    return run


def test_an_accepted_release_is_an_asset_event_with_its_handle(run, context):
    asked = run(Found("accepted"))
    assert asked["name"] == NAME
    assert asked["via"] is None
    assert asked["actor"] == "a_dag"
    assert asked["airflow_run"] == "manual__1"
    ((asset, events),) = context["outlet_events"].items()
    assert asset.uri == f"x-sanad://staging/{NAME}"
    assert events.extra["release"] == f"{NAME}@2026-02"
    assert events.extra["outcome"] == "accepted"
    assert asked["emitted"] == 7


def test_no_news_is_a_skip_without_an_event(run, context):
    from airflow.sdk.exceptions import AirflowSkipException

    with pytest.raises(AirflowSkipException, match="the summary"):
        run(Found("unchanged", handle=None, figures=0))
    assert context["outlet_events"] == {}


def test_quarantine_fails_at_once_and_says_why(run, context):
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException) as caught:
        run(Found("quarantined", findings=["net at 'EBOPS '!I61: expected 1, found 2"]))
    assert str(caught.value) == f"{NAME}@2026-02 is quarantined\nnet at 'EBOPS '!I61: expected 1, found 2"
    assert context["outlet_events"] == {}
    assert context["ti"].collected["outcome"] == "quarantined"
    assert context["ti"].collected["findings"] == ["net at 'EBOPS '!I61: expected 1, found 2"]


def test_what_a_cycle_warns_of_is_told_with_its_outcome(run, context):
    run(Found("accepted", warnings=["two addresses serve two editions"]))
    assert context["ti"].collected["warnings"] == ["two addresses serve two editions"]


def _transient():
    from psycopg.errors import AdminShutdown
    from sqlalchemy.exc import OperationalError

    from sanad.collect import TransientFetchError
    from sanad.warehouse.connect import NoWarehouse

    return [
        TransientFetchError("503"),
        NoWarehouse("does not answer"),
        OperationalError("select", {}, Exception("gone")),
        AdminShutdown("terminating connection due to administrator command"),
    ]


@pytest.mark.parametrize("which", range(4))
def test_what_may_pass_by_itself_is_left_to_the_retries(run, context, which):
    from airflow.sdk.exceptions import AirflowFailException

    error = _transient()[which]
    with pytest.raises(type(error)) as caught:
        run(error)
    assert not isinstance(caught.value, AirflowFailException)
    assert context["outlet_events"] == {}


def test_what_cannot_pass_is_not_retried(run):
    from airflow.sdk.exceptions import AirflowFailException

    from sanad.collect import FinalFetchError

    with pytest.raises(AirflowFailException, match=f"{NAME}: FinalFetchError: 404 Not Found"):
        run(FinalFetchError("404 Not Found"))
    with pytest.raises(AirflowFailException, match="KeyError"):
        run(KeyError())


def test_a_connection_sends_the_publishers_requests_elsewhere(run):
    from airflow.sdk import Connection

    elsewhere = Connection(
        conn_id="sanad_sbp", conn_type="http", host="127.0.0.1", port=4321, schema="http",
        extra='{"allow_private": true, "trust_origin": true}',
    )  # fmt: skip
    asked = run(Found("accepted"), elsewhere)
    assert asked["conn_id"] == "sanad_sbp"
    assert asked["via"].base_url == "http://127.0.0.1:4321"
    assert asked["via"].allow_private
    assert asked["via"].trust_origin
