"""Connections, by role. Passwords are read from the secrets file, never from a command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import urlencode

import psycopg
from sqlalchemy import URL, Engine, NullPool, create_engine, make_url

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


class Form(StrEnum):
    """How programs want to be told of a server."""

    LIBPQ = "libpq"
    JDBC = "jdbc"
    ODBC = "odbc"


def address(role: Role, form: Form) -> str:
    """The warehouse's address for a role, with the password: a URL of libpq or JDBC, or ODBC's connection string."""
    where = url(role)
    if form is Form.LIBPQ:
        return dsn(role)
    server = f"//{where.host}:{where.port or 5432}/{where.database}"
    if form is Form.JDBC:
        return f"jdbc:postgresql:{server}?" + urlencode({"user": where.username, "password": where.password})
    told = {
        "Driver": "PostgreSQL Unicode", "Server": where.host, "Port": where.port or 5432, "Database": where.database,
        "Uid": where.username, "Pwd": "{" + str(where.password).replace("}", "}}") + "}",
    }  # fmt: skip
    return ";".join(f"{name}={value}" for name, value in told.items())


def engine(role: Role) -> Engine:
    """A SQLAlchemy engine, made once a process, that keeps no connection open and says who it is."""
    return _engine(url(role), role)


@cache
def _engine(target: URL, role: Role) -> Engine:
    # no pool: a server that was stopped, or a process that forked, leaves no dead connection behind
    return create_engine(target, poolclass=NullPool, connect_args={"application_name": f"sanad/{role}"})


@contextmanager
def connection(role: Role) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A psycopg connection for COPY and for hand-written SQL; committed at the end, rolled back on error."""
    try:
        opened = psycopg.connect(dsn(role), application_name=f"sanad/{role}", connect_timeout=10)
    except psycopg.OperationalError as error:
        raise NoWarehouse(f"the warehouse does not answer as {role}: {str(error).strip()}") from error
    with opened:
        yield opened
