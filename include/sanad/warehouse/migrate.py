"""Bring the warehouse to the newest revision, and the roles' passwords to those of the secrets file."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from psycopg import sql

from sanad.warehouse.connect import WORKING_ROLES, Role, connection, secrets


def alembic_config() -> Config:
    """Alembic's configuration, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def migrate() -> None:
    """Create or upgrade schemas, tables, triggers and roles, then set the roles' passwords."""
    command.upgrade(alembic_config(), "head")
    passwords = secrets()
    with connection(Role.ADMIN) as warehouse:
        for role in WORKING_ROLES:
            # the server hashes it (scram); libpq's client-side hashing needs a superuser's view of the settings
            warehouse.execute(
                sql.SQL("alter role {} login password {}").format(
                    sql.Identifier(role.value), sql.Literal(passwords[role.value])
                )
            )
