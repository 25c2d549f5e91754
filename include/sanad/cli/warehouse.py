"""Looking into the warehouse: ``psql``, ``dsn``, ``status``, ``ledger``, ``build``."""

from __future__ import annotations

import os
import signal
import subprocess
from datetime import datetime
from typing import Annotated, Any

import typer
from psycopg.rows import dict_row

from sanad.archive import ledger
from sanad.archive.store import Store
from sanad.cli.output import aligned, print_json, screen
from sanad.local.postgres import psql as psql_program
from sanad.local.postgres import set_up, warehouse
from sanad.warehouse.connect import Form, Role, address, connection, engine, url
from sanad.words import settings
from sanad.words.vocabulary import VISIBLE, Scope

WhichRole = Annotated[Role, typer.Option("--role", help="owner, loader, transformer, bi_reader or auditor.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]

_ledger = typer.Typer(help="The chain of what happened to each release.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("psql", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(psql)
    app.command("dsn")(print_dsn)
    app.command("status")(status)
    app.command("migrate")(migrate)
    app.command("build")(build)
    app.add_typer(_ledger, name="ledger")


def _working(role: Role) -> Role:
    if role is Role.ADMIN:
        raise typer.BadParameter("the admin only migrates; work as owner", param_hint="--role")
    return role


def psql(context: typer.Context, role: WhichRole = Role.AUDITOR) -> None:
    """A psql of the server's own version, on the warehouse. Further arguments are psql's own: sanad psql -c '...'."""
    _working(role)
    with warehouse():
        where = url(role)
        variables = {
            "PGHOST": where.host, "PGPORT": where.port or 5432, "PGUSER": where.username,
            "PGPASSWORD": where.password, "PGDATABASE": where.database, "PGAPPNAME": f"sanad/{role}",
        }  # fmt: skip
        environment = os.environ | {name: str(value) for name, value in variables.items() if value is not None}
        running = subprocess.Popen([psql_program(), *context.args], env=environment)
        # Ctrl-C is psql's: it cancels a query, not the session
        signal.signal(signal.SIGINT, lambda number, _: running.send_signal(number))
        try:
            running.wait()
        finally:
            running.terminate()
    # ended by a signal: what a shell makes of that
    raise typer.Exit(running.returncode if running.returncode >= 0 else 128 - running.returncode)


def print_dsn(
    role: WhichRole = Role.AUDITOR,
    form: Annotated[Form, typer.Option("--form", help="libpq, jdbc or odbc.")] = Form.LIBPQ,
) -> None:
    """The warehouse's address with the role's password, for any program that speaks PostgreSQL.

    The embedded server listens only while something uses it: `make up`, `make run`, or a command of its own.
    """
    with warehouse():
        typer.echo(address(_working(role), form))


def migrate() -> None:
    """Bring databases, roles and tables to this release, and every role's password to its secret."""
    with warehouse():
        set_up()
    typer.echo("the warehouse stands at this release")


def build(
    verify: Annotated[
        bool, typer.Option("--verify", help="Verify afterwards what changed; exit 4 if it disagrees.")
    ] = False,
) -> None:
    """Apply declared corrections and build the marts now, outside Airflow: one dbt process.

    A correction that does not hold keeps nothing from being built; exit 3 names it afterwards.
    """
    from sanad.decide import builds, corrections
    from sanad.lineage import openlineage

    with warehouse():
        applied = corrections.apply(settings.actor())
        done = builds.build()
        openlineage.of_build(done.invocation_id)
        screen.print(f"{len(done.nodes)} nodes, {len(done.changed_marts)} marts changed, {done.seconds:.1f} s")
        if verify:
            from sanad.verify import verify as look

            report = look(Scope.CHANGED)
            screen.print(report.summary)
            report.check()
    applied.check()


_STATUS = """
    select
        release.dataset, coalesce(extraction.edition, '#' || left(release.sha256, 8)) as release,
        state.state, release.origin, release.published_on, release.published_on_from, extraction.figures,
        extraction.entries, extraction.rejected,
        state.at, state.actor, state.reason, release.release_id::text as release_id, release.sha256
    from archive.release
    join archive.release_state as state using (release_id)
    left join archive.extraction using (extraction_id)
    order by release.dataset, release.published_on, release.last_saved_at, release.release_id
"""
_LAST_FETCH = """
    select distinct on (dataset, url) dataset, url, started_at, status, outcome, reason
    from archive.fetch order by dataset, url, fetch_id desc
"""


def status(json: AsJson = False) -> None:
    """Releases with their states, the last answer of each address, and the ledger's head."""
    with warehouse(), connection(Role.AUDITOR) as asking:
        asking.row_factory = dict_row  # type: ignore[assignment]
        releases: list[dict[str, Any]] = asking.execute(_STATUS).fetchall()  # type: ignore[assignment]
        fetches: list[dict[str, Any]] = asking.execute(_LAST_FETCH).fetchall()  # type: ignore[assignment]
        newest = _head()
    if json:
        print_json({"releases": releases, "fetches": fetches, "ledger": newest})
        return
    _print_rows("Releases", releases, ("dataset", "release", "state", "origin", "published_on", "figures", "entries"))
    for row in releases:
        if row["state"] not in VISIBLE:
            screen.print(f"    {row['release']}: {row['reason']}", markup=False)
    _print_rows("Last answers", fetches, ("url", "started_at", "status", "outcome"))
    screen.print(f"Ledger: seq {newest['seq']}, {newest['hash']}")


def _print_rows(title: str, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    screen.print(title if rows else f"{title}: none yet")
    for line in aligned([tuple(_cell(row[column]) for column in columns) for row in rows]) if rows else []:
        screen.print(f"  {line}", markup=False)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return "" if value is None else str(value)


def _head() -> dict[str, Any]:
    with engine(Role.AUDITOR).connect() as reading:
        return ledger.head(reading)._asdict()


@_ledger.command("head")
def head(json: AsJson = False) -> None:
    """The newest event's seq and hash: note them down, and a rewritten chain will be found."""
    with warehouse():
        newest = _head()
    if json:
        print_json(newest)
    else:
        typer.echo(f"{newest['seq']} {newest['hash']}")


@_ledger.command("repair")
def repair() -> None:
    """Write event files that are missing from the archive folder, from the ledger in the warehouse."""
    with warehouse(), engine(Role.LOADER).connect() as reading:
        written = ledger.repair(reading, Store.open())
    typer.echo(f"{len(written)} event files written" + (f": {', '.join(map(str, written))}" if written else ""))
