"""The app that Airflow's server mounts under /sanad."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote, urlencode

import psycopg
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from sanad.warehouse.connect import NoWarehouse
from sanad.words.errors import UsageError
from sanad_pages import builds, lineage
from sanad_pages.render import page


@cache
def app() -> FastAPI:
    """The app: every route, also one added tomorrow, wants Airflow's login; there are no pages about itself."""
    made = FastAPI(
        title="Sanad", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(get_user)]
    )  # fmt: skip
    made.add_exception_handler(UsageError, _not_found)
    made.add_exception_handler(NoWarehouse, _no_warehouse)
    made.add_exception_handler(psycopg.OperationalError, _no_warehouse)
    made.add_exception_handler(psycopg.errors.UndefinedTable, _not_built)
    made.add_exception_handler(HTTPException, _to_login)
    made.get("/builds", response_class=HTMLResponse)(last_builds)
    made.get("/builds/{run}", response_class=HTMLResponse)(builds_of_run)
    made.get("/lineage", response_class=HTMLResponse)(lineage.search_page)
    made.get("/lineage/figure/{figure_id}", response_class=HTMLResponse)(lineage.figure_page)
    made.get("/lineage/entry/{entry_id}", response_class=HTMLResponse)(lineage.entry_page)
    made.get("/lineage/{mart}/{key:path}", response_class=HTMLResponse)(lineage.value_page)
    made.get("/lineage.js")(lineage.script)
    return made


def last_builds(request: Request) -> HTMLResponse:
    """The last builds, one row each."""
    return page("builds.html", request, builds=builds.last(), most=builds.LAST)


def builds_of_run(request: Request, run: str) -> HTMLResponse:
    """Every dbt node of one Airflow run."""
    found = builds.of_run(run)
    return page("build.html", request, 200 if found else 404, run=run, builds=found)


def _not_found(request: Request, error: Exception) -> HTMLResponse:
    return page("sorry.html", request, 404, heading="There is no such row or figure", said=str(error))


def _no_warehouse(request: Request, error: Exception) -> HTMLResponse:
    return page("sorry.html", request, 503, heading="The warehouse does not answer", said=str(error))


def _not_built(request: Request, error: Exception) -> HTMLResponse:
    said = "There are no marts yet: they are there after the first build."
    return page("sorry.html", request, 503, heading="Nothing is built yet", said=said)


async def _to_login(request: Request, error: Exception) -> Response:
    """Send a person who is not logged in to Airflow's login and back; a program is told 401 or 403."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for no other
    if error.status_code not in {401, 403} or "text/html" not in request.headers.get("accept", ""):
        return await http_exception_handler(request, error)
    airflow = request.scope["root_path"].removesuffix("/sanad")
    here = quote(request.url.path, safe="/:+@") + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{airflow}/api/v2/auth/login?{urlencode({'next': here})}", 303)
