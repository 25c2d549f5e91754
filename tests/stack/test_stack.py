"""The compose stack, built and booted for real by its own docs; then broken, restored, upgraded, and taken away.

The tests of this file are one story, in order: ``make test-stack``. What each phase took, and how much memory the stack
had, is printed at the end.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from stack.engine import base_image, engine, leftovers
from stack.pages import blocks
from stack.stack import NAME, Deployment, clone, free_ports, wait_until

pytestmark = pytest.mark.slow

PORTS = ("AIRFLOW_PORT", "SUPERSET_PORT", "WAREHOUSE_PORT", "AIRFLOW_TLS_PORT", "SUPERSET_TLS_PORT")
PUBLISHER = "tests/stack/publisher.yml"
COLLECT = "collect__sbp__trade_in_services"
#: What SBP printed for call centres in March 2026, in thousand US dollars.
PRINTED = 36409.9251


@pytest.fixture(scope="module")
def stack() -> Iterator[Deployment]:
    """The repository in a folder of its own, an engine, and nothing left of either afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="sanad-stack-", dir="/var/tmp"))
    ports = free_ports(*PORTS)
    try:
        with engine(folder) as environment:
            ours = {name: str(port) for name, port in ports.items()}
            made = Deployment(clone(folder), {**environment, **ours, "COMPOSE_PROJECT_NAME": NAME}, ports)
            made.compose_with(PUBLISHER)
            try:
                with made.phase("base image"):
                    base_image(environment, folder)
                yield made
            finally:
                _take_away(made)
    finally:
        left = leftovers(folder)
        shutil.rmtree(folder)
    assert not left, f"left behind: {left}"


def _take_away(stack: Deployment) -> None:
    if not (stack.folder / ".env").exists():  # it did not get as far
        return
    began = time.monotonic()
    stack.sh("docker compose down --volumes --remove-orphans --timeout 20")
    stack.seconds["down"] = time.monotonic() - began
    label = f"--filter label=com.docker.compose.project={NAME}"
    kept = stack.sh(f"docker ps -qa {label}; docker volume ls -q {label}; docker network ls -q {label}")
    ours = "--filter reference='sanad/*:test-stack' --filter reference='sanad/*:next'"
    stack.sh(f"docker images {ours} --format '{{{{.Repository}}}}:{{{{.Tag}}}}' | xargs -r docker rmi")
    print("\n" + "\n".join(f"{name:<42} {seconds:7.1f} s" for name, seconds in stack.seconds.items()))
    assert not kept, f"containers, volumes or networks are left: {kept}"


def test_it_is_deployed_by_its_page(stack):
    stack.follow(blocks("deploying.md", "Settings and secrets"))
    with (stack.folder / ".env").open("a") as settings:
        settings.write("SANAD_VERSION=test-stack\n")
    build, start, *look = blocks("deploying.md", "Start")
    build, up = (f"{line}\n" for line in build.splitlines())
    with stack.phase("images built"):
        stack.follow([build])
    with stack.phase("everything healthy"):
        stack.follow([up, start, *look])
        stack.wait_until_well()


def test_every_container_is_confined(stack):
    found = stack.containers()
    assert len(found) >= 11
    for name, one in found.items():
        if name == "publisher":
            continue
        host = one["HostConfig"]
        assert one["Config"]["User"] not in {"", "root", "0"}, name
        assert host["Memory"] and host["NanoCpus"] and host["PidsLimit"] and host["CapDrop"] == ["ALL"], name
        for bound in (one["NetworkSettings"]["Ports"] or {}).values():
            assert {address["HostIp"] for address in bound or []} <= {"127.0.0.1"}, name


def test_no_secret_is_told_by_the_engine(stack):
    told = stack.sh(f"docker inspect {' '.join(one['Id'] for one in stack.containers().values())}")
    values = {file.name: file.read_text() for file in (stack.folder / "secrets").iterdir()}
    assert len(values) >= 19
    assert "secrets/admin" in told, "where they are is told; so they would be found"
    assert not [name for name, value in values.items() if value in told]


def test_workers_have_no_way_to_the_metadata(stack):
    looked = stack.sh("docker compose exec -T worker-1 sh -c 'ls /run/secrets; printenv'")
    assert "loader" in looked
    assert "airflow_database" not in looked and "POSTGRES_ADDRESS" not in looked


def test_who_is_logged_in_enters_and_nobody_else(stack):
    with stack.airflow("admin") as admin, stack.airflow("reader") as reader:
        for page in ("/api/v2/dags", "/sanad/builds"):
            assert admin.get(page).status_code == 200
            assert reader.get(page).status_code == 200
            assert admin.get(page, headers={"Authorization": ""}).status_code == 401
        login = admin.get("/sanad/lineage", headers={"Authorization": "", "Accept": "text/html"})
        assert login.status_code == 303 and "/auth/login" in login.headers["location"]
        refused = reader.post(f"/api/v2/dags/{COLLECT}/dagRuns", json={"logical_date": None})
        assert refused.status_code == 403


def test_the_pipeline_runs_on_the_workers(stack):
    with stack.phase("first edition, collected to verified"):
        stack.follow(blocks("deploying.md", "Collect"))
        _wait_for_build(stack, after=0)
    first = _built_seq(stack)
    control = "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/_control/advance', data=b'')"
    stack.sh(f'docker compose exec -T publisher python -c "{control}"')
    with stack.phase("second edition, collected to verified"), stack.airflow("admin") as airflow:
        _run(airflow, COLLECT)
        _wait_for_build(stack, after=first)
        # whatever the schedule began meanwhile
        _wait_for_runs(airflow)
    assert _call_centres(stack) == pytest.approx(PRINTED)
    print("\n".join(f"{name:<42} {mib:7.0f} MiB" for name, mib in sorted(stack.memory_mib().items())))


def test_a_task_whose_worker_dies_ends_on_the_other(stack):
    with stack.airflow("admin") as airflow:
        run = _trigger(airflow, "build__marts")
        struck = wait_until(lambda: _at_work(airflow, run, "build"), 60, lambda: str(_tasks(airflow, run)))
        time.sleep(3)  # in the middle of it
        stack.sh(f"docker kill $(docker compose ps -q {struck['hostname']})")
        until = time.monotonic() + 120
        with stack.phase("a killed worker's task, begun elsewhere"):
            wait_until(lambda: _at_work(airflow, run, "build", 2), 120, lambda: str(_tasks(airflow, run)))
        with stack.phase("and done there"):
            left = until - time.monotonic()
            done = wait_until(lambda: _ended(airflow, run, "build"), left, lambda: str(_tasks(airflow, run)))
        assert (done["state"], done["try_number"]) == ("success", 2)
        assert {done["hostname"], struck["hostname"]} == {"worker-1", "worker-2"}
        stack.sh("docker compose up -d")
        stack.wait_until_well()
        assert _state_of(airflow, run, 180) == "success"


def test_postgresql_is_restarted_under_load(stack):
    readers = _Readers(stack)
    with stack.airflow("admin") as airflow, readers:
        runs = [_trigger(airflow, "build__marts"), _trigger(airflow, COLLECT), _trigger(airflow, "verify__lineage")]
        wait_until(lambda: _at_work(airflow, runs[0], "build"), 60, lambda: str(_tasks(airflow, runs[0])))
        with stack.phase("PostgreSQL restarted"):
            stack.sh("docker compose restart postgres")
            wait_until(lambda: "postgres" not in stack.unwell(), 60, lambda: str(stack.unwell()))
        with stack.phase("everything that was under way, done"):
            states = {run[0]: _state_of(airflow, run, 300) for run in runs}
        assert set(states.values()) == {"success"}, {run[0]: _tasks(airflow, run) for run in runs}
    assert readers.answers > 10 and readers.refused, "there was load, and it did feel the restart"
    stack.wait_until_well()


def test_what_was_lost_is_restored(stack):
    with stack.phase("backup"):
        stack.follow(blocks("backup.md", "Back up"))
    head, before = stack.sh("docker compose exec -T worker-1 sanad ledger head"), _call_centres(stack)
    with stack.phase("everything lost and restored"):
        stack.follow(blocks("backup.md", "Restore"))
        stack.wait_until_well()
    assert stack.sh("docker compose exec -T worker-1 sanad ledger head") == head
    assert _call_centres(stack) == before


def test_it_is_upgraded_by_its_page(stack):
    with stack.phase("upgrade"):
        stack.follow(blocks("upgrading.md"))
        stack.wait_until_well()
    images = {one["Config"]["Image"] for one in stack.containers().values()}
    assert {image.rpartition(":")[2] for image in images} == {"next"}


def test_tls_is_put_before_the_pages(stack):
    certificate, start, ask = blocks("tls.md")
    stack.compose_with("docker-compose.tls.yml", PUBLISHER)
    with stack.phase("TLS put before the pages"):
        stack.follow([certificate, start])
        stack.wait_until_well()
    # the page's ports are taken on who knows which machine: here they are others
    airflow, superset = stack.ports["AIRFLOW_TLS_PORT"], stack.ports["SUPERSET_TLS_PORT"]
    stack.follow([ask.replace(":8443", f":{airflow}").replace(":8444", f":{superset}")])
    login = f"https://localhost:{airflow}/sanad/lineage"
    answer = stack.sh(f"curl -s -i --cacert secrets/tls_certificate -H 'Accept: text/html' {login}")
    assert re.search(r"^location: (/|https://)\S*auth/login", answer, re.MULTILINE | re.IGNORECASE), answer


def test_it_ends_verified_and_a_dashboard_can_be_read(stack):
    with stack.phase("verify"):
        said = stack.sh("docker compose exec -T worker-1 sanad verify")
    assert "all agree" in said
    with stack.phase("a dashboard by REST"), stack.superset("viewer") as viewer:
        told = viewer.get("/api/v1/dashboard/sector_overview/datasets").raise_for_status().json()["result"]
        dataset = next(one["id"] for one in told if one["table_name"] == "sector_exports")
        newest = [
            {"col": "sector_code", "op": "==", "val": "call_centres"},
            {"col": "period_code", "op": "==", "val": "2026-03"},
        ]
        query = {"columns": ["period_code", "exports_usd_thousand", "standing"], "metrics": [], "filters": newest}
        asked = {"datasource": {"id": dataset, "type": "table"}, "queries": [query]}
        answer = viewer.post("/api/v1/chart/data", json=asked).raise_for_status().json()["result"][0]["data"]
    assert [float(row["exports_usd_thousand"]) for row in answer] == [pytest.approx(PRINTED)]


# Airflow, by its API

Run = tuple[str, str]


def _trigger(airflow: Any, dag_id: str) -> Run:
    answer = airflow.post(f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None}).raise_for_status().json()
    return dag_id, answer["dag_run_id"]


def _tasks(airflow: Any, run: Run) -> list[dict[str, Any]]:
    answer = airflow.get(f"/api/v2/dags/{run[0]}/dagRuns/{run[1]}/taskInstances").raise_for_status()
    wanted = ("task_id", "state", "hostname", "try_number")
    return [{name: one[name] for name in wanted} for one in answer.json()["task_instances"]]


def _at_work(airflow: Any, run: Run, task: str, try_number: int = 1) -> dict[str, Any] | None:
    wanted = (task, "running", try_number)
    return next(
        (one for one in _tasks(airflow, run) if (one["task_id"], one["state"], one["try_number"]) == wanted), None
    )


def _ended(airflow: Any, run: Run, task: str) -> dict[str, Any] | None:
    done = {"success", "failed", "skipped"}
    return next((one for one in _tasks(airflow, run) if one["task_id"] == task and one["state"] in done), None)


def _state_of(airflow: Any, run: Run, seconds: float) -> str:
    """A run's state once it has ended; a server that is away for a moment is asked again."""

    def ended() -> str | None:
        answer = airflow.get(f"/api/v2/dags/{run[0]}/dagRuns/{run[1]}")
        state = answer.json()["state"] if answer.is_success else None
        return state if state in {"success", "failed"} else None

    return str(wait_until(ended, seconds, lambda: str(_tasks(airflow, run))))


def _run(airflow: Any, dag_id: str) -> None:
    run = _trigger(airflow, dag_id)
    assert _state_of(airflow, run, 180) == "success", _tasks(airflow, run)


def _wait_for_runs(airflow: Any) -> None:
    def under_way() -> list[str]:
        asked = {"state": ["queued", "running"]}
        found = airflow.get("/api/v2/dags/~/dagRuns", params=asked).raise_for_status().json()["dag_runs"]
        return [one["dag_id"] for one in found]

    wait_until(lambda: not under_way(), 180, lambda: str(under_way()))


# the warehouse, by the port that is published to this machine


def _ask(stack: Deployment, role: str, question: str) -> Any:
    where = {"host": "127.0.0.1", "port": stack.ports["WAREHOUSE_PORT"], "dbname": "sanad", "connect_timeout": 5}
    with psycopg.connect(user=role, password=stack.secret(role), **where) as asking:
        return asking.execute(question).fetchone()[0]


def _call_centres(stack: Deployment) -> float:
    question = "select exports_usd_thousand from marts.mart_call_centres where period_code = '2026-03'"
    return float(_ask(stack, "bi_reader", question))


def _built_seq(stack: Deployment) -> int:
    return int(_ask(stack, "auditor", "select coalesce(max(ledger_seq), 0) from marts.dim_build where complete"))


def _wait_for_build(stack: Deployment, after: int) -> None:
    """Wait until a build saw a later event of the ledger, and what it built is verified."""

    def verified() -> bool:
        try:
            return _built_seq(stack) > after and _ask(stack, "auditor", _VERIFIED) > after
        except psycopg.errors.UndefinedTable:
            return False

    wait_until(verified, 300, lambda: stack.sh("docker compose logs --tail=30 scheduler worker-1 worker-2"))


_VERIFIED = "select coalesce(max(ledger_seq), 0) from ops.verification where result = 'agrees'"


class _Readers:
    """People who read marts all the time."""

    def __init__(self, stack: Deployment) -> None:
        self.answers = 0
        self.refused = 0
        self._stack = stack
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _ in range(4)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        while not self._stop.wait(0.05):
            try:
                assert _call_centres(self._stack) == pytest.approx(PRINTED)
                self.answers += 1
            except psycopg.OperationalError:
                self.refused += 1
