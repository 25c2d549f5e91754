"""Sanad in Airflow's pages: where every figure comes from, and what dbt did in a run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin
from airflow.providers.standard.decorators.python import _PythonDecoratedOperator
from airflow.sdk import BaseOperatorLink

PREFIX = "/sanad"
#: Where the pages are for a browser; Airflow may itself live below a path.
ROOT = f"{urlsplit(conf.get('api', 'base_url', fallback='')).path.rstrip('/')}{PREFIX}"
BUILDS = f"{ROOT}/builds"


async def pages(scope: dict[str, Any], receive: Callable[..., Awaitable[Any]], send: Callable[..., Any]) -> None:
    """The pages' app. Every component of Airflow loads its plugins; only where a page is asked for is it made."""
    from sanad_pages.app import app

    await app()(scope, receive, send)


class DbtNodes(BaseOperatorLink):
    """From a task that runs dbt to what each node did, also while it runs; other tasks have no such link."""

    operators: ClassVar[list[type]] = [_PythonDecoratedOperator]

    @property
    def name(self) -> str:
        """The link's words."""
        return "dbt nodes"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The page of the task's run; empty where the task is not the one that runs dbt."""
        return f"{BUILDS}/{quote(ti_key.run_id, safe='')}" if operator.task_id == "build" else ""


class SanadPlugin(AirflowPlugin):
    """What Airflow loads."""

    name = "sanad"
    fastapi_apps: ClassVar[list[Any]] = [{"name": "sanad", "app": pages, "url_prefix": PREFIX}]
    external_views: ClassVar[list[Any]] = [
        {"name": "dbt nodes", "href": f"{BUILDS}/{{RUN_ID}}", "destination": "dag_run", "url_route": "dbt_nodes"},
        {"name": "Lineage", "href": f"{ROOT}/lineage", "destination": "nav", "url_route": "lineage"},
        {"name": "Builds", "href": BUILDS, "destination": "nav", "url_route": "builds", "category": "browse"},
    ]
    operator_extra_links: ClassVar[list[Any]] = [DbtNodes()]
