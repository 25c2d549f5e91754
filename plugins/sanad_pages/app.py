"""The app that Airflow's server mounts under /sanad."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sanad.warehouse.connect import NoWarehouse
from sanad_pages import builds

_HEADERS = {
    # nothing but what is on the page; shown inside Airflow's own pages and in no other site's
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["quoted"] = lambda text: quote(text, safe="")


def _page(template: str, status: int = 200, **shown: Any) -> HTMLResponse:
    return HTMLResponse(_templates.get_template(template).render(**shown), status, headers=_HEADERS)


@cache
def app() -> FastAPI:
    """The app: every route, also one added tomorrow, wants Airflow's login; there are no pages about itself."""
    made = FastAPI(
        title="Sanad", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(get_user)]
    )  # fmt: skip
    made.add_exception_handler(NoWarehouse, _no_warehouse)
    made.get("/builds", response_class=HTMLResponse)(last_builds)
    made.get("/builds/{run}", response_class=HTMLResponse)(builds_of_run)
    return made


def last_builds() -> HTMLResponse:
    """The last builds, one row each."""
    return _page("builds.html", builds=builds.last(), most=builds.LAST)


def builds_of_run(run: str) -> HTMLResponse:
    """Every dbt node of one Airflow run."""
    found = builds.of_run(run)
    return _page("build.html", 200 if found else 404, run=run, builds=found)


def _no_warehouse(request: Request, error: Exception) -> HTMLResponse:
    return _page("sorry.html", 503, said=str(error))
