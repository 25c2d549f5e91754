"""DAGs and pages are tested with an Airflow of their own."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import airflow_home  # noqa: F401 - before anything imports Airflow
import pytest
from helpers import PROJECT


@pytest.fixture(scope="session")
def plugin() -> object:
    """The plugin as Airflow finds it in the folder."""
    from airflow import plugins_manager

    found, errors = plugins_manager._get_plugins()
    assert errors == {}
    (ours,) = [one for one in found if one.name == "sanad"]
    return ours


@pytest.fixture
def anonymous(plugin: object) -> object:
    """A browser without a login, on the app as Airflow mounts it."""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    (mounted,) = plugin.fastapi_apps
    outer = FastAPI()
    outer.mount(mounted["url_prefix"], mounted["app"])
    return TestClient(outer, base_url="http://127.0.0.1")


@pytest.fixture
def logged_in(anonymous: object) -> Iterator[object]:
    """The same browser after the login."""
    from airflow.api_fastapi.core_api.security import get_user
    from sanad_pages.app import app

    app().dependency_overrides[get_user] = lambda: SimpleNamespace(username="somebody")
    yield anonymous
    app().dependency_overrides.clear()


@pytest.fixture(scope="session")
def dag_bag() -> Iterator[object]:
    """Every DAG of the project, parsed as the dag-processor does."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=PROJECT / "dags")


class Pushed(SimpleNamespace):
    """A task instance that only remembers what was pushed."""

    def xcom_push(self, key: str, value: object) -> None:
        """Remember."""
        setattr(self, key, value)


class Outlets(dict):
    """Outlet events by asset uri, made when asked for, as Airflow's are."""

    def __getitem__(self, asset: object) -> SimpleNamespace:
        """The events of one asset or alias."""
        events = self.setdefault(asset, SimpleNamespace(extra={}, added=[]))
        events.add = lambda added, extra: events.added.append((added, extra))
        return events


@pytest.fixture
def context() -> dict[str, object]:
    """The context of a task in a run."""
    return {
        "run_id": "manual__1",
        "dag_run": SimpleNamespace(run_type="manual"),
        "dag": SimpleNamespace(dag_id="a_dag"),
        "ti": Pushed(),
        "outlet_events": Outlets(),
    }
