"""The console command ``sanad``. One module a group of commands; this one gathers them and ends them well."""

from __future__ import annotations

import sys

import typer

from sanad import __version__
from sanad.cli import as_of, ingest, revisions, run, trace, warehouse
from sanad.cli.output import errors
from sanad.words.errors import SanadError
from sanad.words.vocabulary import ExitCode

app = typer.Typer(
    name="sanad",
    help="A warehouse of Pakistan's IT-export figures, each with its chain of transmission.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (run, ingest, trace, as_of, revisions, warehouse):
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


def main() -> None:
    """Run the command line: errors a person can act on are one line, and every exit code has a meaning."""
    try:
        app(standalone_mode=True)
    except SanadError as error:
        errors.print(f"sanad: {error}", style="red", markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        errors.print("sanad: interrupted")
        sys.exit(ExitCode.INTERRUPTED)
