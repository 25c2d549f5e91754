"""An Airflow of the tests' own: an empty folder, a SQLite that next to nothing is written to.

Imported before Airflow is, by every conftest whose tests import that.
"""

from __future__ import annotations

import os
import tempfile

from helpers import PROJECT

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
