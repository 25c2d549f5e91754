"""The demo stack: Airflow's own api-server, scheduler and dag-processor under our supervision, on 127.0.0.1.

Not `airflow standalone`: see docs/decisions/0003-own-supervisor.md.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from sanad.local import secrets
from sanad.local.airflow_api import Airflow
from sanad.local.interrupts import Interrupts
from sanad.local.keeper import Keeper
from sanad.local.machine import free_port
from sanad.local.postgres import airflow_dsn
from sanad.local.supervisor import GRACE_SECONDS, Supervisor
from sanad.registry import datasets
from sanad.words import settings
from sanad.words.errors import SanadError

#: Who may enter Airflow: the name, Airflow's role for it, and the secret that is its password.
ADMIN, READER = "admin", "reader"
USERS = {ADMIN: ("admin", secrets.AIRFLOW_ADMIN), READER: ("viewer", secrets.AIRFLOW_READER)}
#: One dbt process at a time: two would write the same relations.
POOLS = {"dbt": 1}
#: Where people look for Airflow; a run that nobody looks into takes any port, and is in nobody's way.
PORT_FOR_PEOPLE = 8080
_START_SECONDS = 180.0
_INTERRUPTED_GRACE_SECONDS = 3.0


class NotUp(SanadError):
    """Airflow did not come up in time."""


@dataclass(frozen=True)
class Login:
    """Where Airflow's pages are, and who may enter."""

    url: str
    user: str
    password: str


def home() -> Path:
    """Airflow's own folder."""
    return settings.state() / "airflow"


def environment(port: int, publisher: str | None) -> dict[str, str]:
    """The environment of every process of the stack.

    ``publisher`` is the loopback publisher's address; None leaves every dataset at its real addresses.
    """
    keys = secrets.ensure()
    url = f"http://127.0.0.1:{port}"
    configured: dict[str, dict[str, Any]] = {
        "core": {
            "dags_folder": settings.project() / "dags",
            "plugins_folder": settings.project() / "plugins",
            "load_examples": False,
            "dags_are_paused_at_creation": True,  # what nobody asked for is not collected because its hour has come
            "executor": "LocalExecutor",
            "parallelism": 4,
            "fernet_key": keys[secrets.AIRFLOW_FERNET],
            "execution_api_server_url": f"{url}/execution/",
            "hostname_callable": "socket.gethostname",  # a fully qualified name may take a resolver's time-out
            "simple_auth_manager_users": ",".join(f"{user}:{role}" for user, (role, _) in USERS.items()),
            "simple_auth_manager_passwords_file": home() / "passwords.json",
        },
        "database": {
            "sql_alchemy_conn": airflow_dsn(),
            # Airflow would look for asyncpg; psycopg 3 does both
            "sql_alchemy_conn_async": airflow_dsn().replace("+psycopg2", "+psycopg", 1),
        },
        "api": {"base_url": url, "secret_key": keys[secrets.AIRFLOW_API]},
        # stretched to the 64 bytes that its HMAC-SHA512 asks for
        "api_auth": {"jwt_secret": hashlib.sha512(keys[secrets.AIRFLOW_JWT].encode()).hexdigest()},
        "scheduler": {
            "scheduler_heartbeat_sec": 1,
            "job_heartbeat_sec": 2,
            "scheduler_idle_sleep_time": 0.2,
            # tasks of a scheduler that was killed: found again in seconds, not minutes
            "scheduler_health_check_threshold": 10,
            "orphaned_tasks_check_interval": 5,
            "task_instance_heartbeat_timeout": 30,
        },
        "dag_processor": {"min_file_process_interval": 10, "refresh_interval": 10},
        # a finished task's supervisor lingers this long, and holds its slot
        "workers": {"min_heartbeat_interval": 1, "execution_api_timeout": 30},
        "logging": {
            "base_log_folder": home() / "logs",
            "dag_processor_child_process_log_directory": home() / "logs" / "dag_processor",
            "colored_console_log": False,
        },
    }
    inherited = {
        name: value
        for name, value in os.environ.items()
        # another Airflow's settings are not ours; without byte code every process compiles Airflow anew
        if not name.startswith(("AIRFLOW_", "_AIRFLOW_")) and name != "PYTHONDONTWRITEBYTECODE"
    }
    return {
        **inherited,
        "AIRFLOW_HOME": str(home()),
        "SANAD_PROJECT": str(settings.project()),
        "SANAD_STATE": str(settings.state()),
        "SCARF_ANALYTICS": "false",
        "DO_NOT_TRACK": "1",
        **{
            f"AIRFLOW__{section}__{name}".upper(): str(value)
            for section, options in configured.items()
            for name, value in options.items()
        },
        **(_connections(publisher) if publisher else {}),
    }


def _connections(publisher: str) -> dict[str, str]:
    """Airflow's connections that send every publisher's requests to the loopback one; the only leave to go there."""
    address = urlsplit(publisher)
    connection = {
        "conn_type": "http",
        "host": address.hostname,
        "port": address.port,
        "schema": address.scheme,
        "extra": {"allow_private": True, "trust_origin": True},
    }
    codes = {found.publisher_code for found in datasets().values() if found.collect}
    return {f"AIRFLOW_CONN_SANAD_{code.upper()}": json.dumps(connection) for code in codes}


def _revision() -> str | None:
    """The revision of Airflow's metadata, None when there is none yet."""
    try:
        with psycopg.connect(airflow_dsn().replace("+psycopg2", "", 1), connect_timeout=10) as metadata:
            found = metadata.execute("select version_num from alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return str(found[0]) if found else None


def _write_passwords() -> None:
    path = home() / "passwords.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    kept = secrets.ensure()
    path.write_text(json.dumps({user: kept[secret] for user, (_, secret) in USERS.items()}))


def airflow_version() -> str:
    """The version of Airflow that is installed."""
    return importlib.metadata.version("apache-airflow-core")


def _stamp() -> Path:
    return home() / "metadata.json"


def stamped() -> dict[str, str]:
    """Which Airflow last migrated its metadata here, and to which revision; empty when none did, or was cut short."""
    try:
        return dict(json.loads(_stamp().read_text()))
    except (FileNotFoundError, ValueError):
        return {}


class Stack:
    """Airflow on this machine, from its metadata to its pages."""

    def __init__(self, interrupts: Interrupts, publisher: str | None, keeper: Keeper, wished_port: int) -> None:
        port = free_port(wished_port)
        kept = secrets.ensure()
        self.login, self.reader = (
            Login(f"http://127.0.0.1:{port}", user, kept[USERS[user][1]]) for user in (ADMIN, READER)
        )
        self.began = datetime.now(UTC)
        self._port = port
        self._interrupts = interrupts
        _write_passwords()
        self._supervisor = Supervisor(home() / "logs", environment(port, publisher), keeper)
        self.airflow = Airflow(self.login.url, ADMIN, self.login.password, self.tick)

    def tick(self, seconds: float = 0.1) -> None:
        """Wait a moment: KeyboardInterrupt when asked to stop, ProcessDied when a component has ended."""
        self._interrupts.pause(seconds)
        self._supervisor.check()

    def migrate(self) -> bool:
        """Bring Airflow's metadata up to its version; False when it stood there already."""
        version = airflow_version()
        revision = _revision()
        if revision is not None and stamped() == {"airflow": version, "revision": revision}:
            return False
        migration = self._supervisor.start("db-migrate", "airflow", "db", "migrate")
        self._supervisor.finish(migration, self.tick)
        _stamp().write_text(json.dumps({"airflow": version, "revision": _revision()}))
        return True

    def start(self, expected: set[str]) -> None:
        """Start the components; returns when all are healthy, the pools are there and the expected DAGs parsed."""
        # it keeps nothing of its own, and takes seconds to free its memory object by object: the grace is short
        serving = ["--host", "127.0.0.1", "--port", str(self._port), "--workers", "1"]
        self._supervisor.start("api-server", "airflow", "api-server", *serving, grace_seconds=0.5)
        # its log server would listen on every address; the api-server reads the same folder
        self._supervisor.start("scheduler", "airflow", "scheduler", "--skip-serve-logs")
        self._supervisor.start("dag-processor", "airflow", "dag-processor")
        self._wait(lambda: self.airflow.is_healthy(since=self.began), "api-server, scheduler and dag-processor healthy")
        self.airflow.warm_up()
        for name, slots in POOLS.items():
            self.airflow.ensure_pool(name, slots)
        self._wait(lambda: self.airflow.has_parsed(expected, since=self.began), f"DAGs {', '.join(sorted(expected))}")

    def stop(self) -> None:
        """End everything; asked to stop once more meanwhile, by force."""
        asked = self._interrupts.asked
        self.airflow.close()
        # a task that is cut short has done nothing: everything it does is one transaction
        grace = _INTERRUPTED_GRACE_SECONDS if asked else GRACE_SECONDS
        self._supervisor.stop(grace, hurried=lambda: self._interrupts.asked > asked)

    def _wait(self, met: Callable[[], bool], what: str) -> None:
        waited = 0.0
        while not met():
            if waited > _START_SECONDS:
                raise NotUp(f"waited {_START_SECONDS:.0f} s for {what}; the logs are in {home() / 'logs'}")
            self.tick(0.2)
            waited += 0.2


@contextmanager
def stack(interrupts: Interrupts, publisher: str | None, keeper: Keeper, wished_port: int = 0) -> Iterator[Stack]:
    """The stack, not yet started; whatever of it was started is ended when the block is left."""
    made = Stack(interrupts, publisher, keeper, wished_port)
    try:
        yield made
    finally:
        made.stop()
