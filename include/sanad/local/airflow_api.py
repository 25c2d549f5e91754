"""As much of Airflow's REST API as a run needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx

from sanad.words.errors import SanadError

ENDED = frozenset({"success", "failed"})
_LOG_LINES = 12
_RAISED = "raised "


class AirflowRefused(SanadError):
    """Airflow answered a request with an error, or not at all."""


class ImportErrors(SanadError):
    """A DAG file cannot be imported."""


@dataclass(frozen=True)
class Run:
    """One DAG run, as Airflow last told it."""

    dag_id: str
    run_id: str
    state: str
    run_after: datetime
    ended_at: datetime | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen in it."""
        return self.state in ENDED


@dataclass(frozen=True)
class TaskState:
    """Where one task of a run stands."""

    task_id: str
    state: str | None
    try_number: int


class Airflow:
    """A client that signs in by itself, and calls ``tick(seconds)`` whenever it waits."""

    def __init__(self, url: str, user: str, password: str, tick: Callable[[float], None]) -> None:
        self._http = httpx.Client(base_url=url, timeout=10, trust_env=False)
        self._user = user
        self._password = password
        self._tick = tick

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # the server

    def is_healthy(self, since: datetime) -> bool:
        """Whether all components answer and have shown life since an instant (not: before the last stop)."""
        try:
            answer = self._http.get("/api/v2/monitor/health")
        except httpx.TransportError:
            return False
        if answer.status_code != HTTPStatus.OK:
            return False
        health = answer.json()
        return health["metadatabase"]["status"] == "healthy" and all(
            health[part]["status"] == "healthy" and _instant(health[part][f"latest_{part}_heartbeat"]) >= since
            for part in ("scheduler", "dag_processor")
        )

    def warm_up(self) -> None:
        """Have the API that tasks use built now: its first answer takes seconds, more than a task waits."""
        try:
            self._http.get("/execution/health", timeout=60)
        except httpx.TransportError as error:
            raise self._unanswered("GET /execution/health", error) from error

    def ensure_pool(self, name: str, slots: int) -> None:
        """Make a pool, or give it back its slots."""
        pool = {"name": name, "slots": slots, "include_deferred": False}
        if self._call("GET", f"/pools/{name}", missing_ok=True) is None:
            self._call("POST", "/pools", json=pool)
        else:
            self._call("PATCH", f"/pools/{name}", json={"pool": name, "slots": slots, "include_deferred": False})

    # DAGs

    def has_parsed(self, dag_ids: set[str], since: datetime) -> bool:
        """Whether all these DAGs were parsed since an instant; ImportErrors when a file cannot be."""
        listed = self._call("GET", "/dags", params={"limit": 100, "exclude_stale": True})["dags"]
        fresh = {
            dag["dag_id"] for dag in listed if dag["last_parsed_time"] and _instant(dag["last_parsed_time"]) >= since
        }
        if dag_ids <= fresh:
            return True
        errors = [
            error
            for error in self._call("GET", "/importErrors")["import_errors"]
            if _instant(error["timestamp"]) >= since
        ]
        if errors:
            raise ImportErrors(
                "; ".join(f"{e['filename']}: {e['stack_trace'].strip().splitlines()[-1]}" for e in errors)
            )
        return False

    def unpause(self, dag_id: str) -> None:
        """Let a DAG's runs start."""
        self._call("PATCH", f"/dags/{dag_id}", json={"is_paused": False})

    def awaits(self, dag_id: str) -> bool:
        """Whether events have come for which a DAG scheduled on assets still owes a run."""
        found = self._call("GET", f"/dags/{dag_id}/assets/queuedEvents", missing_ok=True)
        return bool(found and found["total_entries"])

    # runs

    def trigger(self, dag_id: str) -> Run:
        """Ask for a run now."""
        return _run(self._call("POST", f"/dags/{dag_id}/dagRuns", json={"logical_date": None}))

    def run(self, run: Run) -> Run:
        """Where a run stands now."""
        return _run(self._call("GET", f"/dags/{run.dag_id}/dagRuns/{run.run_id}"))

    def runs(self, dag_id: str, limit: int = 20) -> list[Run]:
        """A DAG's newest runs, however they were started, newest first."""
        listed = self._call("GET", f"/dags/{dag_id}/dagRuns", params={"order_by": "-run_after", "limit": limit})
        return [_run(found) for found in listed["dag_runs"]]

    def wait(self, run: Run, progress: Callable[[Run, list[TaskState]], None] | None = None) -> Run:
        """Wait until a run has ended; ``progress`` hears of each look at it."""
        while not run.ended:
            self._tick(0.25)
            run = self.run(run)
            if progress is not None:
                progress(run, self.tasks(run))
        return run

    def tasks(self, run: Run) -> list[TaskState]:
        """The states of a run's tasks."""
        listed = self._call("GET", f"/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances")
        return [TaskState(found["task_id"], found["state"], found["try_number"]) for found in listed["task_instances"]]

    def xcom(self, run: Run, task_id: str, key: str) -> Any:
        """A value a task left behind; None when it left none."""
        path = f"/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/{task_id}/xcomEntries/{key}"
        found = self._call("GET", path, params={"deserialize": True}, missing_ok=True)
        return found["value"] if found else None

    def log(self, run: Run, task: TaskState) -> list[str]:
        """The log of a task's last try, a line an event, errors with their class and words."""
        path = f"/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/{task.task_id}/logs/{task.try_number}"
        answer = self._call("GET", path, params={"full_content": True})
        return [line for event in answer["content"] for line in _lines(event)]

    def why_failed(self, run: Run) -> str:
        """Which tasks of a run failed and why: the error's own words, else the end of the log."""
        failed = [task for task in self.tasks(run) if task.state == "failed"]
        if not failed:
            return f"{run.dag_id} failed before any task did (run {run.run_id})"
        return "; ".join(f"{run.dag_id}, task {task.task_id}: {self._reason(run, task)}" for task in failed)

    def _reason(self, run: Run, task: TaskState) -> str:
        lines = self.log(run, task)
        raised = [line.removeprefix(_RAISED) for line in lines if line.startswith(_RAISED)]
        # a task that fails on purpose says why in its own words; the class adds nothing
        said = raised[-1].removeprefix("AirflowFailException: ") if raised else " / ".join(lines[-_LOG_LINES:])
        return "; ".join(said.splitlines()) or "no log"

    # the wire

    def _call(self, method: str, path: str, *, missing_ok: bool = False, **request: Any) -> Any:
        try:
            answer = self._http.request(method, f"/api/v2{path}", **request)
            if answer.status_code == HTTPStatus.UNAUTHORIZED:
                self._sign_in()
                answer = self._http.request(method, f"/api/v2{path}", **request)
        except httpx.TransportError as error:
            raise self._unanswered(f"{method} {path}", error) from error
        if missing_ok and answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        if answer.is_error:
            raise AirflowRefused(f"Airflow refused {method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def _unanswered(self, request: str, error: Exception) -> AirflowRefused:
        self._tick(0)  # a component that died explains more than a connection refused
        return AirflowRefused(f"Airflow does not answer {request}: {error}")

    def _sign_in(self) -> None:
        answer = self._http.post("/auth/token", json={"username": self._user, "password": self._password})
        if answer.is_error:
            raise AirflowRefused(f"Airflow does not let {self._user} in: {answer.status_code} {answer.text[:300]}")
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def _instant(text: str | None) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC) if text else datetime.min.replace(tzinfo=UTC)


def _run(found: dict[str, Any]) -> Run:
    return Run(
        dag_id=found["dag_id"],
        run_id=found["dag_run_id"],
        state=found["state"],
        run_after=_instant(found["run_after"]),
        ended_at=_instant(found["end_date"]) if found["end_date"] else None,
    )


def _lines(event: Any) -> list[str]:
    if isinstance(event, str):
        return [event]
    lines = [str(event.get("event", ""))]
    # the chain of causes, innermost last; the outermost is what the task said
    lines += [f"{_RAISED}{error['exc_type']}: {error['exc_value']}" for error in (event.get("error_detail") or [])[:1]]
    return lines
