"""A throw-away installation: a state folder with a PostgreSQL of its own, gone at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from sanad.warehouse.connect import Role, dsn

PROJECT = Path(__file__).resolve().parents[1]
REAL_RELEASE = PROJECT.parent / "shared" / "releases" / "sbp" / "dt_2026-03-17.xls"
DATASET = "sbp/trade_in_services"


@contextmanager
def installation() -> Iterator[Path]:
    """The warehouse up, migrated and empty; the state folder is set in the environment, for child processes too."""
    from sanad.local.postgres import warehouse

    state = Path(tempfile.mkdtemp(prefix="sanad-bench-"))
    state.chmod(0o755)  # started by root, the server's unprivileged user must be able to enter
    for name in ("SANAD_DATABASE_URL", "SANAD_ARCHIVE", "SANAD_SECRETS", "SANAD_SOURCES", "SANAD_CORRECTIONS"):
        os.environ.pop(name, None)
    os.environ |= {"SANAD_STATE": str(state), "SANAD_ACTOR": "bench"}
    try:
        with warehouse():
            yield state
    finally:
        shutil.rmtree(state, ignore_errors=True)
        del os.environ["SANAD_STATE"], os.environ["SANAD_ACTOR"]


def as_admin(*statements: str) -> None:
    """Statements outside of a transaction: TRUNCATE, CHECKPOINT."""
    with psycopg.connect(dsn(Role.ADMIN), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)


def forget(state: Path, *more: str) -> None:
    """Archive, staged figures and ``more`` tables as they were; only an admin who switches triggers off can do that."""
    shutil.rmtree(state / "archive", ignore_errors=True)
    locked = ("ledger", "extraction", "part", "release", "fetch")
    tables = ", ".join(["staging.figure", *more, *(f"archive.{table}" for table in locked)])
    switch = "; ".join(f"alter table archive.{table} {{0}} trigger user" for table in locked)
    as_admin(switch.format("disable"), f"truncate {tables} cascade", switch.format("enable"))


def server_version() -> str:
    with psycopg.connect(dsn(Role.ADMIN)) as admin:
        return str(admin.info.parameter_status("server_version"))
