"""Connections, by role. Passwords are read from the secrets file, never from a command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, create_engine, make_url

from sanad.words import settings
from sanad.words.errors import SanadError


class Role(StrEnum):
    """The warehouse's roles; ``ADMIN`` is whoever ``SANAD_DATABASE_URL`` names, for migrations alone."""

    ADMIN = "admin"
    OWNER = "owner"
    LOADER = "loader"
    TRANSFORMER = "transformer"
    BI_READER = "bi_reader"
    AUDITOR = "auditor"


#: The roles a person or a task works as.
WORKING_ROLES = tuple(role for role in Role if role is not Role.ADMIN)


class NoWarehouse(SanadError):
    """There is no warehouse to connect to, or it does not answer."""


def secrets() -> dict[str, str]:
    """Passwords by role, in the JSON file of ``sanad.local`` or the deployer's folder with a file for each."""
    path = settings.secrets_file()
    if path.is_dir():
        return {file.name: file.read_text().strip() for file in path.iterdir() if file.is_file()}
    if not path.exists():
        raise NoWarehouse(f"no passwords at {path}: run `make run` once, or set SANAD_SECRETS")
    return dict(json.loads(path.read_text()))


def admin_url() -> URL:
    """``SANAD_DATABASE_URL``, else the embedded server as recorded in ``.sanad/where``.

    A password that the URL leaves out is the secret ``admin`` of the deployer's folder, where that is given.
    """
    configured = settings.database_url()
    if configured:
        url = make_url(configured)
        if not url.drivername.startswith("postgres"):
            raise NoWarehouse(f"SANAD_DATABASE_URL must name a PostgreSQL, not {url.drivername}")
        password = url.password or (secrets().get(Role.ADMIN) if settings.secrets_file().is_dir() else None)
        return url.set(drivername="postgresql+psycopg", password=password)
    where = settings.state() / "where"
    if not where.exists():
        raise NoWarehouse("no warehouse yet: run `make run` once, or set SANAD_DATABASE_URL")
    server = json.loads(where.read_text())
    return URL.create(
        "postgresql+psycopg", "postgres", secrets()["admin"], "127.0.0.1", server["port"], database="sanad"
    )


def url(role: Role) -> URL:
    """The warehouse's URL for a role."""
    admin = admin_url()
    return admin if role is Role.ADMIN else admin.set(username=role.value, password=secrets()[role.value])


def dsn(role: Role) -> str:
    """The URL in libpq's own form, with the password, for psql and other programs."""
    return url(role).set(drivername="postgresql").render_as_string(hide_password=False)


def engine(role: Role) -> Engine:
    """A SQLAlchemy engine that holds at most a few connections and says who it is."""
    return create_engine(url(role), pool_size=2, max_overflow=2, connect_args={"application_name": f"sanad/{role}"})


@contextmanager
def connection(role: Role) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A psycopg connection for COPY and for hand-written SQL; committed at the end, rolled back on error."""
    try:
        opened = psycopg.connect(dsn(role), application_name=f"sanad/{role}", connect_timeout=10)
    except psycopg.OperationalError as error:
        raise NoWarehouse(f"the warehouse does not answer as {role}: {str(error).strip()}") from error
    with opened:
        yield opened
