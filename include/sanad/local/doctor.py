"""What may ail this installation: small checks, each with what was found and what to do. Changes and starts nothing."""

from __future__ import annotations

import fcntl
import importlib.metadata
import os
import platform
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sanad.local import alone, machine
from sanad.words import settings
from sanad.words.errors import SanadError

_ZONES = Path("/usr/share/zoneinfo")
_AGAIN = "remove .venv, then make run"


class State(StrEnum):
    """How bad it is: ``warn`` is a limitation, with ``fail`` a run cannot go well."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """What one check found, and what to do when that is not well."""

    state: State
    found: str
    todo: str | None = None


def ok(found: str) -> Finding:
    """All is well."""
    return Finding(State.OK, found)


def warn(found: str, todo: str) -> Finding:
    """A limitation."""
    return Finding(State.WARN, found, todo)


def fail(found: str, todo: str) -> Finding:
    """A run cannot go well."""
    return Finding(State.FAIL, found, todo)


Check = Callable[[], Finding]


def examine() -> Iterator[tuple[str, Finding]]:
    """Every check in turn; one that stumbles has failed."""
    for name, check in CHECKS.items():
        try:
            yield name, check()
        except Exception as error:
            said = machine.in_one_line(error) or f"{type(error).__name__}: {error}"
            yield name, fail(" ".join(f"could not be checked: {said}".split()), "see the other lines first")


def python() -> Finding:
    """Python 3.11."""
    found = platform.python_version()
    if found.startswith("3.11."):
        return ok(found)
    return fail(f"{found}, and 3.11 is needed", "remove .venv, then make run PYTHON=/path/to/python3.11")


def environment() -> Finding:
    """Every package of the lock is installed, in its version."""
    from packaging.markers import Marker

    lock = settings.project() / "requirements.txt"
    pinned = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(?: ; ([^\\\n]+))?", lock.read_text(), re.M)
    wanted = {name: version for name, version, marker in pinned if not marker or Marker(marker.strip()).evaluate()}
    differing = [f"{name} {_installed(name)} for {version}" for name, version in wanted.items()
                 if _installed(name) != version]  # fmt: skip
    if not wanted:
        return fail(f"{lock} pins nothing", "restore it")
    if differing:
        more = f" and {len(differing) - 3} more" if len(differing) > 3 else ""
        return fail(f"not as locked: {', '.join(differing[:3])}{more}", _AGAIN)
    ready = Path(sys.prefix) / ".ready"
    if not ready.exists():
        return warn(f"{len(wanted)} packages as locked, in {sys.prefix}, which make did not finish", _AGAIN)
    return ok(f"{len(wanted)} packages as locked, in {sys.prefix}")


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def disk() -> Finding:
    """Room where the state and the cluster are."""
    from sanad.local.postgres import located

    places = {machine.existing(path.absolute()) for path in (settings.state(), located().data)}
    least, place = min((machine.free_bytes(path), path) for path in places)
    found = f"{least // machine.MIB:,} MiB free in {place}"
    if least < machine.ROOM_TO_BEGIN:
        return fail(
            f"{found}; a first run needs {machine.ROOM_TO_BEGIN // machine.MIB}", "free some, or set SANAD_STATE"
        )
    if least < machine.ROOM_TO_BE_EASY:
        return warn(f"{found}; a large load may write {machine.ROOM_TO_BE_EASY // machine.MIB} of log", "free some")
    return ok(found)


def state_folder() -> Finding:
    """The state folder can be written."""
    folder = settings.state()
    there = machine.existing(folder.absolute())
    if not os.access(there, os.W_OK | os.X_OK):
        return fail(
            f"{there} cannot be written by {machine.myself()}; it belongs to {machine.owner_of(there)}",
            "work as its owner, or set SANAD_STATE to a folder of your own",
        )
    return ok(str(folder) if folder.exists() else f"{folder}, made by the first run")


def secrets() -> Finding:
    """The file of passwords is whole and nobody else's to read."""
    from sanad.warehouse.connect import secrets as known

    path = settings.secrets_file()
    if not path.exists():
        return ok("none yet")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return fail(f"{path} has mode {mode:04o}: others can read the passwords", f"chmod 600 '{path}'")
    try:
        return ok(f"{path}, mode {mode:04o}, {len(known())} of them")
    except (ValueError, TypeError):
        return fail(f"{path} is damaged", f"put a copy of it back, or move {settings.state()} away")


def programs() -> Finding:
    """The server's programs run, as the user they have to run as."""
    from sanad.local.postgres import located

    if settings.database_url() is not None:
        return ok("not needed: SANAD_DATABASE_URL is set")
    server = located()
    user = server.user or machine.myself()
    if not server.bin.exists():
        return ok(f"copied to {server.bin.parent} by the first run, for {user}")
    try:
        said = server.run("postgres", "--version", folder=Path("/")).stdout.strip()
    except (OSError, subprocess.SubprocessError, SanadError) as error:
        return fail(f"postgres does not run as {user}: {error}", _AGAIN)
    return ok(f"{said}, as {user}")


def time_zones() -> Finding:
    """The time zones of the publishers, for us and for the server."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from sanad.registry import datasets

    named = {known.publisher.timezone for known in datasets().values()}
    try:
        for name in named:
            ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        return fail(str(error), _AGAIN)
    if settings.database_url() is None and not (_ZONES / "Etc" / "UTC").exists():
        return warn(
            "no system database of time zones: all works, but SQL such as `at time zone 'Asia/Karachi'` fails",
            "install the package tzdata",
        )
    return ok(", ".join(sorted(named)))


def loopback() -> Finding:
    """127.0.0.1 can be listened on, and reached."""
    try:
        machine.free_port()
    except machine.Unfit as error:
        found, _, todo = str(error).partition("; ")
        return fail(found, todo)
    return ok("127.0.0.1")


def port() -> Finding:
    """Where people look for Airflow's pages."""
    with socket.socket() as caller:
        caller.settimeout(1)
        taken = caller.connect_ex(("127.0.0.1", 8080)) == 0
    return ok("8080 is taken: make up serves its pages on another, and says which" if taken else "8080 is free")


def locale() -> Finding:
    """Text is UTF-8."""
    found = sys.getfilesystemencoding(), sys.stdout.encoding.lower()
    if all(encoding.replace("-", "") == "utf8" for encoding in found):
        return ok("UTF-8")
    return warn(f"files are named in {found[0]}, text is written in {found[1]}", "export LC_ALL=C.UTF-8")


def run_under_way() -> Finding:
    """Who holds the state folder."""
    held = alone.holder()
    return ok(f"sanad {held[0]}, pid {held[1]}" if held else "none")


def left_over() -> Finding:
    """Processes of this state folder that belong to no run."""
    found = processes()
    if alone.holder() or not found:
        return ok(f"{len(found)} of the run under way" if found else "none")
    if _in_use():
        return ok("the server, for a command at work")
    told = ", ".join(f"{pid} {name}" for pid, name in found.items())
    return fail(f"left by a killed run: {told}", "make down, or any command that uses the server, or kill them")


def processes() -> dict[int, str]:
    """The living processes of this state folder that we may look into: pid and name."""
    from sanad.local.postgres import located

    ours = f"\0AIRFLOW_HOME={settings.state() / 'airflow'}\0".encode()
    keeper = f"\0SANAD_STATE={settings.state()}\0".encode()
    data = f"\0-D\0{located().data}\0".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            command = b"\0" + (entry / "cmdline").read_bytes()
            about = b"\0" + (entry / "environ").read_bytes()
            name = (entry / "comm").read_text().strip()
        except OSError:
            continue  # gone, or somebody else's
        if ours in about or data in command or (b"\0sanad.local.keeper\0" in command and keeper in about):
            found[int(entry.name)] = name
    return found


def _in_use() -> bool:
    users = settings.state() / "users.lock"
    if not users.exists():
        return False
    with users.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def cluster() -> Finding:
    """The embedded server's cluster."""
    from sanad.local import postgres

    if (url := settings.database_url()) is not None:
        return ok(f"SANAD_DATABASE_URL, on {url.rpartition('@')[2]}")
    server = postgres.located()
    made_by = postgres.cluster_major(server)
    if made_by is None:
        return ok("none yet")
    postgres.require_ours(server)
    found = f"PostgreSQL {made_by} in {server.data}"
    return ok(f"{found}, up on port {postgres.recorded().get('port')}" if server.running else f"{found}, down")


def airflow() -> Finding:
    """Airflow's metadata is of the Airflow that is installed."""
    from sanad.local.stack import airflow_version, stamped

    known = stamped().get("airflow")
    if known is None:
        return ok("not migrated yet: the next run does")
    if known != airflow_version():
        return ok(f"metadata of {known}, Airflow {airflow_version()}: the next run migrates")
    return ok(f"metadata of {known}")


def archive() -> Finding:
    """The archive can be reached."""
    from sanad.archive.store import Store

    store = Store.open()
    if not store.files.exists(store.root):
        return ok(f"{store.root}, made by the first release")
    if "file" in store.files.protocol and not os.access(store.root, os.W_OK | os.X_OK):
        return fail(f"{store.root} cannot be written by {machine.myself()}", "see who owns it")
    return ok(store.root)


def database() -> Finding:
    """The warehouse answers, and stands at the newest migration."""
    import psycopg
    from alembic.script import ScriptDirectory

    from sanad.local import postgres
    from sanad.warehouse.connect import Role, dsn
    from sanad.warehouse.migrate import alembic_config

    if settings.database_url() is None:
        server = postgres.located()
        if postgres.cluster_major(server) is None or not server.running:
            return ok("down")
    role = Role.ADMIN if settings.database_url() else Role.LOADER
    try:
        with psycopg.connect(dsn(role), connect_timeout=5) as asking:
            found = asking.execute("select version_num from archive.alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        return ok("answers, and is empty: the next run migrates")
    except psycopg.Error as error:
        return fail(f"does not answer: {' '.join(str(error).split())}", "see server.log beside the cluster")
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if found is None or found[0] != head:
        return ok(f"stands at {found and found[0]} of {head}: the next run migrates")
    return ok(f"up, at migration {head}")


CHECKS: dict[str, Check] = {
    "Python": python,
    "environment": environment,
    "disk": disk,
    "state folder": state_folder,
    "secrets": secrets,
    "server's programs": programs,
    "time zones": time_zones,
    "loopback": loopback,
    "port": port,
    "locale": locale,
    "run under way": run_under_way,
    "left-over processes": left_over,
    "cluster": cluster,
    "Airflow": airflow,
    "archive": archive,
    "database": database,
}
