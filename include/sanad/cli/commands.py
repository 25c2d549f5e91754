"""All the commands: one module a group, gathered here."""

from __future__ import annotations

import typer

from sanad import __version__
from sanad.cli import (
    as_of,
    audit_pack,
    check,
    claims,
    contracts,
    corrections,
    decide,
    docs,
    doctor,
    ingest,
    links,
    new_source,
    rebuild,
    rejected,
    revisions,
    run,
    trace,
    verify,
    warehouse,
)

app = typer.Typer(
    name="sanad",
    help="A warehouse of Pakistan's IT-export figures, each with its chain of transmission.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    run,
    ingest,
    decide,
    rejected,
    corrections,
    links,
    claims,
    check,
    trace,
    verify,
    audit_pack,
    as_of,
    revisions,
    warehouse,
    rebuild,
    docs,
    contracts,
    new_source,
    doctor,
):
    module.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sanad {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version and exit."),
) -> None:
    """Common options."""
