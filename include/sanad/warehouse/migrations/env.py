"""Alembic's environment: migrations run as the admin, on the tables of ``sanad.warehouse.tables``."""

from alembic import context
from sqlalchemy import text

from sanad.warehouse.connect import Role, engine
from sanad.warehouse.tables import SCHEMAS, metadata


def _ours(name, type_, parent_names):
    # dbt's tables live in the same schemas; only these two hold nothing of dbt's
    if type_ == "schema":
        return name in SCHEMAS
    if type_ == "table":
        return f"{parent_names['schema_name']}.{name}" in metadata.tables
    return True


with engine(Role.ADMIN).connect() as connection:
    # the version table stands beside the archive, so that a dropped mart schema does not lose it
    connection.execute(text("create schema if not exists archive"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_schemas=True,
        include_name=_ours,
        version_table_schema="archive",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
