"""One dbt process worth of work: build the marts, say what each node did, keep it in ``ops.dbt_result``."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sanad.registry import datasets
from sanad.warehouse.as_of import as_of_schema
from sanad.warehouse.connect import Role, connection, url
from sanad.words import settings
from sanad.words.errors import SanadError

#: The line the `difference` strategy logs, followed by JSON: model, inserted, deleted.
DIFFERENCE: Final = "sanad.difference "
#: The build's own record: rewritten by every build, so never a sign that figures changed.
BUILD_MART: Final = "dim_build"
#: What is to be done when a model was made, before those that depend on it, by its name.
Between = Mapping[str, Callable[[], object]]
_BAD: Final = frozenset({"error", "fail", "runtime error", "partial success"})


@dataclass(frozen=True)
class NodeResult:
    """What one dbt node did.

    ``node`` is dbt's unique_id; ``status`` dbt's word (success, pass, warn, fail, error, skipped);
    ``seconds`` wall time; ``rows_inserted`` and ``rows_deleted`` those of the difference strategy,
    ``failures`` the rows a data test returned, each None for other nodes.
    """

    node: str
    resource_type: str
    status: str
    started_at: datetime | None
    seconds: float
    rows_inserted: int | None = None
    rows_deleted: int | None = None
    failures: int | None = None
    message: str | None = None

    def __str__(self) -> str:
        """One line for a log."""
        rows = "" if self.rows_inserted is None else f"  +{self.rows_inserted} -{self.rows_deleted} rows"
        return f"{self.status} {self.name} {self.seconds:.2f} s{rows}  {self.message or ''}".rstrip()

    @property
    def name(self) -> str:
        """The node's name without its kind and project: ``fct_services_trade``."""
        return self.node.split(".")[3 if self.resource_type == "unit_test" else 2]

    @property
    def failed(self) -> bool:
        """Whether the node itself went wrong; a node skipped behind it did not."""
        return self.status in _BAD

    @property
    def changed(self) -> int:
        """Rows inserted and deleted together."""
        return (self.rows_inserted or 0) + (self.rows_deleted or 0)


@dataclass(frozen=True)
class BuildResult:
    """What one build did: dbt's own name of the run, wall seconds, every node in the order it finished."""

    invocation_id: str
    seconds: float
    nodes: tuple[NodeResult, ...]

    def of(self, *resource_types: str) -> tuple[NodeResult, ...]:
        """The nodes of these kinds: model, seed, test, unit_test."""
        return tuple(node for node in self.nodes if node.resource_type in resource_types)

    @property
    def failed(self) -> tuple[NodeResult, ...]:
        """The nodes that went wrong."""
        return tuple(node for node in self.nodes if node.failed)

    @property
    def changed_marts(self) -> tuple[str, ...]:
        """Names of the marts whose rows changed, ``dim_build`` left out, sorted."""
        return tuple(sorted(node.name for node in self.of("model") if node.changed and node.name != BUILD_MART))


class BuildFailed(SanadError):
    """dbt did not finish well; names every failed node with its message.

    ``result`` holds what the nodes did, None when dbt failed before the first (a project that does not
    parse). ``final``: a data test failed, so that trying again cannot help until data or project change.
    """

    def __init__(self, message: str, result: BuildResult | None = None) -> None:
        super().__init__(message)
        self.result = result
        self.final = result is None or any(node.status == "fail" for node in result.nodes)


def build(
    *,
    airflow_run: str | None = None,
    select: str | None = None,
    full_refresh: bool = False,
    report: Callable[[NodeResult], None] | None = None,
    prepare: Callable[[], object] = lambda: None,
    between: Between = MappingProxyType({}),
) -> BuildResult:
    """Run ``dbt build`` in this process, as role ``transformer``, and keep every node's result.

    ``select`` is dbt's node selection, None for everything; ``full_refresh`` makes the marts anew. ``report``
    is called with each node as it finishes, from dbt's threads. One build at a time: a second one waits; ``prepare`` is
    done when its turn has come, ``between`` as soon as a model is made.
    Unit tests are left to the project's own tests: they prove the code, not the data.

    Raises BuildFailed, after the results are kept; NoWarehouse when there is nothing to connect to.
    """
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    if select:
        arguments += ["--select", *select.split()]
    if full_refresh:
        arguments.append("--full-refresh")
    with one_at_a_time():
        prepare()
        _tell_the_planner()
        result, error = _invoke(arguments, report, between)
        _keep(result, airflow_run)
    if error is not None:
        raise BuildFailed(f"dbt build: {error}") from error
    _raise_failed("dbt build", result)
    return result


def invoke(*arguments: str, report: Callable[[NodeResult], None] | None = None, folder: str = "target") -> BuildResult:
    """Run any dbt command (``"test", "--select", "test_type:unit"``) the same quiet way; nothing is kept.

    ``folder`` is where dbt writes what it makes of the project, within the state folder's ``dbt``.

    Raises BuildFailed when dbt itself fails; failed nodes are for the caller to look at.
    """
    result, error = _invoke(list(arguments), report, folder=folder)
    if error is not None:
        raise BuildFailed(f"dbt {arguments[0]}: {error}") from error
    return result


def build_as_of(
    schema: str,
    published: date | None = None,
    recorded: datetime | None = None,
    report: Callable[[NodeResult], None] | None = None,
    prepare: Callable[[], object] = lambda: None,
    between: Between = MappingProxyType({}),
) -> BuildResult:
    """Make the marts as they were known as of a day and an instant, in a schema that is there for it alone.

    ``published`` is a day in the publisher's zone, ``recorded`` an instant with its zone; both are included, None
    is now. Neither ``marts`` nor what the next build knows of the last one is touched. Data tests are not run:
    the figures passed them when they were built. ``prepare`` is done when the schema is there, ``between`` as in
    `build`.

    Raises BuildFailed; UsageError when the schema's name will not do or the schema is somebody else's.
    """
    variables = {
        "as_of_schema": schema,
        "as_of_published": published.isoformat() if published else None,
        "as_of_recorded": recorded.isoformat() if recorded else None,
    }
    arguments = ["run", "--full-refresh", "--exclude", "path:models/staging", "--vars", json.dumps(variables)]
    with one_at_a_time():
        as_of_schema(schema, published, recorded)
        prepare()
        result, error = _invoke(arguments, report, between, folder="as_of")
    if error is not None:
        raise BuildFailed(f"dbt run as of: {error}") from error
    _raise_failed("dbt run as of", result)
    return result


def _raise_failed(what: str, result: BuildResult) -> None:
    if result.failed:
        words = [f"{node.name}: {' '.join((node.message or node.status).split())}" for node in result.failed]
        raise BuildFailed(f"{what}: {len(words)} failed: {'; '.join(words)}", result)


def _invoke(
    arguments: list[str],
    report: Callable[[NodeResult], None] | None,
    between: Between = MappingProxyType({}),
    folder: str = "target",
) -> tuple[BuildResult, BaseException | None]:
    from dbt.cli.main import dbtRunner

    listener = _Listener(report, between)
    started = time.monotonic()
    with _environment():
        outcome = dbtRunner(callbacks=[listener]).invoke([*arguments, *_flags(folder)])
    for result in getattr(outcome.result, "results", ()):
        if result.node.unique_id not in listener.nodes:  # skipped behind a failure: no event says so
            listener.add(
                NodeResult(
                    node=result.node.unique_id,
                    resource_type=str(result.node.resource_type),
                    status=str(result.status),
                    started_at=None,
                    seconds=0.0,
                    message=result.message or None,
                )
            )
    seconds = time.monotonic() - started
    result = BuildResult(listener.invocation_id, seconds, tuple(listener.nodes.values()))
    return result, outcome.exception or listener.error


class _Listener:
    """Makes node results of dbt's events, and does what is to be done between nodes.

    dbt says that a node has finished before it begins those that depend on it.
    """

    def __init__(self, report: Callable[[NodeResult], None] | None, between: Between) -> None:
        self.error: Exception | None = None
        self._between = between
        self.nodes: dict[str, NodeResult] = {}
        self.invocation_id = ""
        self._report = report
        self._differences: dict[str, dict[str, int]] = {}

    def __call__(self, event: Any) -> None:
        self.invocation_id = event.info.invocation_id
        match event.info.name:
            case "JinjaLogInfo" if event.data.msg.startswith(DIFFERENCE):
                self._differences[event.data.node_info.unique_id] = json.loads(event.data.msg.removeprefix(DIFFERENCE))
            case "NodeFinished":
                node = self._finished(event.data.node_info, event.data.run_result)
                self.add(node)
                self._follow(node)

    def add(self, node: NodeResult) -> None:
        self.nodes[node.node] = node
        if self._report is not None:
            self._report(node)

    def _follow(self, node: NodeResult) -> None:
        if node.status == "success" and node.name in self._between:
            try:
                self._between[node.name]()
            except Exception as error:  # raised when dbt is through: its own threads would swallow it
                self.error = error

    def _finished(self, node: Any, result: Any) -> NodeResult:
        difference = self._differences.get(node.unique_id, {})
        if not difference and node.materialized == "incremental" and result.status == "success":
            # the table was made just now
            difference = {"inserted": _rows_affected(result), "deleted": 0}
        return NodeResult(
            node=node.unique_id,
            resource_type=node.resource_type,
            status=str(result.status),
            started_at=datetime.fromisoformat(node.node_started_at) if node.node_started_at else None,
            seconds=round(result.execution_time, 6),
            rows_inserted=difference.get("inserted"),
            rows_deleted=difference.get("deleted"),
            failures=result.num_failures if node.resource_type in {"test", "unit_test"} else None,
            message=result.message or None,
        )


def _rows_affected(result: Any) -> int:
    response = result.adapter_response
    return int(response["rows_affected"]) if "rows_affected" in response else 0


def _flags(folder: str) -> list[str]:
    project, state = settings.project() / "dbt_project", settings.state() / "dbt"
    return [
        "--project-dir", str(project),
        "--profiles-dir", str(project),
        "--target-path", str(state / folder),
        "--log-path", str(state / "logs"),
        "--log-level", "none",
        "--log-level-file", "info",
        "--no-use-colors", "--no-use-colors-file",
        "--partial-parse",
        "--no-send-anonymous-usage-stats",
    ]  # fmt: skip


@contextmanager
def _environment() -> Iterator[None]:
    """The variables that profiles.yml and the models read, for as long as dbt runs."""
    target = url(Role.TRANSFORMER)
    ours = {
        "SANAD_DBT_HOST": target.host or "",
        "SANAD_DBT_PORT": str(target.port or 5432),
        "SANAD_DBT_USER": target.username or "",
        "SANAD_DBT_PASSWORD": str(target.password),
        "SANAD_DBT_DBNAME": target.database or "",
        "SANAD_DBT_DUE_DAYS": json.dumps({name: known.due_day for name, known in datasets().items() if known.due_day}),
        "DO_NOT_TRACK": "1",
        # views upon views are long to compile and short to run: compiling cost more than it saved in every model
        "PGOPTIONS": "-c jit=off",
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until no build is at work, and keep the next one waiting."""
    with connection(Role.TRANSFORMER) as holding:
        holding.autocommit = True  # a lock of the session: no transaction stays open beside dbt's
        holding.execute("select pg_advisory_lock(hashtext('sanad.dbt'))")
        yield


class Standing(NamedTuple):
    """The ledger event the marts were last wholly built at, and the newest that they should show; 0 for none."""

    built_seq: int
    due_seq: int

    @property
    def up_to_date(self) -> bool:
        """Whether a build would find nothing new in the ledger."""
        return self.built_seq >= self.due_seq


def standing() -> Standing:
    """How far the marts are behind the ledger. A release that was only received or quarantined is not due."""
    with connection(Role.TRANSFORMER) as asking:
        due = asking.execute(
            "select coalesce(max(seq), 0) from archive.ledger where event not in ('received', 'quarantined')"
        ).fetchone()
        exists = asking.execute("select to_regclass('marts.dim_build') is not null").fetchone()
        built = (
            asking.execute("select min(case when complete then ledger_seq else 0 end) from marts.dim_build").fetchone()
            if exists and exists[0]
            else None
        )
    return Standing(int(built[0] or 0) if built else 0, int(due[0]) if due else 0)


# a table's share of rows that are new since its statistics were made; autovacuum waits a minute to look, a build cannot
_STALE = """
    select relid::regclass::text
    from pg_stat_user_tables
    join pg_class on pg_class.oid = relid
    where relid in ('staging.figure'::regclass, 'staging.entry'::regclass, 'staging.identity'::regclass)
      and n_mod_since_analyze > 50 + reltuples / 10
"""


def _tell_the_planner() -> None:
    """Statistics of what was staged just now: planned for empty tables, the vintages of 40 releases take for ever."""
    with connection(Role.OWNER) as planning:
        for (table,) in planning.execute(_STALE).fetchall():
            planning.execute(f"analyze {table}")


def _keep(result: BuildResult, airflow_run: str | None) -> None:
    columns = ", ".join(["invocation_id", *(field.name for field in fields(NodeResult)), "airflow_run"])
    with (
        connection(Role.TRANSFORMER) as warehouse,
        warehouse.cursor() as cursor,
        cursor.copy(f"copy ops.dbt_result ({columns}) from stdin") as rows,
    ):
        for node in result.nodes:
            rows.write_row((result.invocation_id, *astuple(node), airflow_run))
