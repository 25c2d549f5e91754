"""Sanad's pages in Airflow, for whoever is logged in and nobody else; and of them, what dbt did in a run."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.airflow

RUN = "asset_triggered__2026-11-22T00:18:28.322840+00:00_yRS5gUPH"
BEGAN = datetime(2026, 11, 22, 0, 18, 30, tzinfo=UTC)
EVIL = "<script>alert('1')</script> & \"quoted\""


@pytest.fixture(scope="module")
def kept(template):
    """A warehouse that remembers one run of two tries, and a build outside Airflow."""
    from helpers import new_installation

    from sanad.warehouse import dbt
    from sanad.warehouse.dbt import BuildResult, NodeResult

    def node(name, status="success", seconds=0.1, after=0, **told):
        kind = "test" if status in {"pass", "fail"} else "model"
        began = BEGAN + timedelta(seconds=after)
        return NodeResult(f"{kind}.sanad.{name}", kind, status, began, seconds, **told)

    with new_installation(template):
        slow = node("slow", seconds=3.5, rows_inserted=1320, rows_deleted=264, message="SELECT 1")
        dbt._keep(BuildResult("first-try", 4.0, (node("quick"), slow, node("wrong", "fail", message=EVIL))), RUN)
        dbt._keep(BuildResult("second-try", 4.0, (node("quick", after=60), node("right", "pass", after=60))), RUN)
        dbt._keep(BuildResult("by-hand", 1.0, (node("quick", after=-60),)), None)
        yield


class Rows(HTMLParser):
    """The first cell of each row of a page's tables."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = 0
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "th" and dict(attributes).get("scope") == "row":
            self._inside = 1
            self.found.append("")

    def handle_endtag(self, tag):
        if tag == "th":
            self._inside = 0

    def handle_data(self, text):
        if self._inside:
            self.found[-1] += text.strip()


PATHS = {
    "/builds": "/sanad/builds",
    "/builds/{run}": f"/sanad/builds/{RUN}",
    "/lineage": "/sanad/lineage?q=call",
    "/lineage/figure/{figure_id}": "/sanad/lineage/figure/6052936148222976",
    "/lineage/entry/{entry_id}": "/sanad/lineage/entry/6052936148222976",
    "/lineage/{mart}/{key:path}": "/sanad/lineage/mart_sector_exports/call_centres/2026-03?measure=exports",
    "/lineage.js": "/sanad/lineage.js",
}


@pytest.mark.parametrize("path", PATHS.values())
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}, {"Cookie": "_token=nonsense"}])
def test_nobody_sees_a_page_without_a_login(anonymous, path, headers):
    from airflow.api_fastapi.app import create_auth_manager

    create_auth_manager()
    answer = anonymous.get(path, headers=headers)
    assert answer.status_code == (403 if headers else 401)
    assert set(answer.json()) == {"detail"}


@pytest.mark.parametrize("path", PATHS.values())
def test_a_person_without_a_login_is_sent_to_it_and_back(anonymous, path):
    answer = anonymous.get(path, headers={"Accept": "text/html,*/*"}, follow_redirects=False)
    assert answer.status_code == 303
    to = urlsplit(answer.headers["Location"])
    assert (to.netloc, to.path) == ("", "/api/v2/auth/login")
    assert parse_qs(to.query) == {"next": [path]}


def test_every_route_there_is_wants_the_login(plugin, anonymous):
    from airflow.api_fastapi.core_api.security import get_user
    from sanad_pages.app import app

    routes = app().routes
    assert {route.path for route in routes} == PATHS.keys()
    for route in routes:
        assert get_user in [one.call for one in route.dependant.dependencies], route.path
        assert route.methods == {"GET"}
    for path in ("/sanad/docs", "/sanad/redoc", "/sanad/openapi.json"):
        assert anonymous.get(path).status_code == 404


def test_a_runs_nodes_are_listed_newest_try_first_and_in_it_what_failed_then_what_took_long(kept, logged_in):
    answer = logged_in.get(f"/sanad/builds/{RUN}")
    assert answer.status_code == 200
    # of equal times by name, then the total
    assert Rows(answer.text).found == ["quick", "right", "Total", "wrong", "slow", "quick", "Total"]
    assert "1 failed" in answer.text
    assert "1,320" in answer.text
    assert "264" in answer.text


def test_what_dbt_said_is_shown_as_text(kept, logged_in):
    page = logged_in.get(f"/sanad/builds/{RUN}").text
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &#34;quoted&#34;" in page


def test_a_run_that_built_nothing_is_not_found_and_its_name_is_shown_as_text(kept, logged_in):
    answer = logged_in.get("/sanad/builds/%3Cscript%3Ealert(1)")
    assert answer.status_code == 404
    assert "No dbt node" in answer.text
    assert "<script" not in answer.text


def test_the_last_builds_are_listed_newest_first_with_those_outside_airflow(kept, logged_in):
    page = logged_in.get("/sanad/builds").text
    links = re.findall(r'href="(builds/[^"]+)"', page)
    assert [link.rpartition("/")[2][:15] for link in links] == ["asset_triggered", "asset_triggered", "by-hand"]
    for link in links:
        assert logged_in.get(f"/sanad/{link}").status_code == 200


def test_no_page_asks_another_host_or_runs_a_script(kept, logged_in):
    for path in ("/sanad/builds", f"/sanad/builds/{RUN}"):
        answer = logged_in.get(path)
        assert not re.search(r"(https?:)?//\w|<script|\son\w+=|@import|url\(", answer.text)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_no_warehouse_is_said(logged_in, monkeypatch, tmp_path):
    monkeypatch.setenv("SANAD_STATE", str(tmp_path))
    answer = logged_in.get("/sanad/builds")
    assert answer.status_code == 503
    assert "make run" in answer.text


def test_the_task_that_runs_dbt_links_to_its_runs_page_and_no_other_does(dag_bag, plugin):
    from airflow.models.taskinstancekey import TaskInstanceKey
    from airflow.serialization.serialized_objects import DagSerialization

    links = {}
    for dag in dag_bag.dags.values():
        read = DagSerialization.from_dict(DagSerialization.to_dict(dag))
        for task in read.tasks:
            asking = SimpleNamespace(key=TaskInstanceKey(dag.dag_id, task.task_id, RUN, 1, -1))
            links[f"{dag.dag_id}.{task.task_id}"] = task.get_extra_links(asking, "dbt nodes")
    linked = {task: link for task, link in links.items() if link}
    assert linked == {
        "build__marts.build": "/sanad/builds/asset_triggered__2026-11-22T00%3A18%3A28.322840%2B00%3A00_yRS5gUPH"
    }
    assert len(links) > 1


def test_a_run_has_the_page_as_a_tab_and_the_pages_are_of_this_server(plugin):
    views = {view["name"]: view["href"] for view in plugin.external_views}
    assert views == {"dbt nodes": "/sanad/builds/{RUN_ID}", "Lineage": "/sanad/lineage", "Builds": "/sanad/builds"}


def test_loading_the_plugin_makes_no_app():
    """Every component loads it, in a task's own process too."""
    import subprocess
    import sys

    code = (
        "import sys; from airflow import plugins_manager; "
        "assert [one.name for one in plugins_manager._get_plugins()[0] if one.name == 'sanad']; "
        "assert 'sanad_pages.app' not in sys.modules and 'sanad.warehouse' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
