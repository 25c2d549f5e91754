"""DAGs are tested with an Airflow of their own: an empty folder, a SQLite that nothing is written to."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from helpers import PROJECT

# read by Airflow when it is first imported, so before any test of this folder is
_HOME = tempfile.TemporaryDirectory(prefix="sanad-airflow-")
for _name in [name for name in os.environ if name.startswith("AIRFLOW_")]:
    del os.environ[_name]
os.environ.update(
    AIRFLOW_HOME=_HOME.name,
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{_HOME.name}/airflow.db",
    AIRFLOW__CORE__DAGS_FOLDER=str(PROJECT / "dags"),
    AIRFLOW__CORE__PLUGINS_FOLDER=str(PROJECT / "plugins"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=f"{_HOME.name}/logs",
    SCARF_ANALYTICS="false",
)


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
