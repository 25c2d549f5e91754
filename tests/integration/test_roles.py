"""What each role may do, by trying."""

import psycopg
import pytest
from alembic import command

from sanad.warehouse.connect import WORKING_ROLES, Role, connection
from sanad.warehouse.migrate import alembic_config

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("shared_installation")]

INSERT_BUILD = "insert into ops.build (started_at, ledger_seq, invocation_id) values (now(), 0, 'x')"
ALLOWED = [
    (Role.OWNER, "delete from staging.figure"),
    (Role.OWNER, "create table marts.made_by_owner (n int); drop table marts.made_by_owner"),
    (Role.LOADER, "select count(*) from archive.release"),
    (Role.TRANSFORMER, "create table marts.made_by_dbt (n int)"),
    (Role.TRANSFORMER, INSERT_BUILD),
    (Role.OWNER, "insert into marts.made_by_dbt values (1)"),
    (Role.BI_READER, "select * from marts.made_by_dbt"),
    (Role.AUDITOR, "select * from marts.made_by_dbt"),
    (Role.AUDITOR, "select * from staging.figure, archive.ledger, ops.build"),
]
REFUSED = [
    (Role.OWNER, "insert into archive.fetch (dataset, url, started_at, outcome) values ('x', 'x', now(), 'new')"),
    (Role.LOADER, "delete from staging.figure"),
    (Role.LOADER, "update staging.figure set value = 1"),
    (Role.LOADER, "create table marts.x (n int)"),
    (Role.TRANSFORMER, "insert into staging.rejected values (1, 'x', 'x', 'x', 'x')"),
    (Role.TRANSFORMER, "insert into archive.fetch (dataset, url, started_at, outcome) values ('x', 'x', now(), 'new')"),
    (Role.BI_READER, "select * from staging.figure"),
    (Role.BI_READER, "select * from archive.release"),
    (Role.BI_READER, "select * from ops.build"),
    (Role.BI_READER, "create table marts.x (n int)"),
    (Role.BI_READER, "create temporary table x (n int)"),
    (Role.AUDITOR, "delete from staging.figure"),
    (Role.AUDITOR, "set default_transaction_read_only = off; delete from staging.figure"),
]


def run(role, statement):
    with connection(role) as asking:
        asking.execute(statement)


@pytest.mark.parametrize(("role", "statement"), ALLOWED)
def test_a_role_may(role, statement):
    run(role, statement)


@pytest.mark.parametrize(("role", "statement"), REFUSED)
def test_a_role_may_not(role, statement):
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
        run(role, statement)


def test_readers_have_a_timeout_and_read_only_transactions():
    with connection(Role.BI_READER) as asking:
        assert asking.execute("show statement_timeout").fetchone() == ("30s",)
        assert asking.execute("show default_transaction_read_only").fetchone() == ("on",)


def test_passwords_are_hashed_long_and_kept_private(shared_installation):
    with connection(Role.ADMIN) as asking:
        hashes = asking.execute(
            "select rolname, rolpassword from pg_authid where rolname = any(%s)", [list(WORKING_ROLES)]
        )
        found = dict(hashes.fetchall())
    assert set(found) == set(WORKING_ROLES)
    assert all(password.startswith("SCRAM-SHA-256$") for password in found.values())
    assert (shared_installation / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_wrong_password_is_refused():
    from sanad.warehouse.connect import url

    wrong = url(Role.AUDITOR).set(drivername="postgresql", password="guess").render_as_string(hide_password=False)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_the_tables_are_what_the_migrations_make(capsys):
    command.check(alembic_config())  # raises when a column, index or type differs


def test_every_table_outside_dbt_is_described():
    with connection(Role.AUDITOR) as asking:
        bare = asking.execute(
            """
            select relnamespace::regnamespace || '.' || relname from pg_class
            where relnamespace::regnamespace::text in ('archive', 'staging', 'ops') and relkind in ('r', 'v')
              and relname <> 'alembic_version' and obj_description(oid, 'pg_class') is null
            """
        ).fetchall()
    assert bare == []
