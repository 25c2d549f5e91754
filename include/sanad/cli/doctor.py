"""``sanad doctor``: what may ail this installation, one line a check."""

from __future__ import annotations

from typing import Annotated

import typer

from sanad.cli.output import print_json, screen
from sanad.local.doctor import State, examine
from sanad.words.vocabulary import ExitCode

_STYLE = {State.OK: "green", State.WARN: "yellow", State.FAIL: "bold red"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def by_itself() -> typer.Typer:
    """The command line with this command alone."""
    app = typer.Typer(pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]})
    app.callback()(lambda: None)
    register(app)
    return app


def doctor(json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False) -> None:
    """Check the machine, the environment and the state folder; changes nothing. Exit 1 when something must be done."""
    failed = False
    told = []
    for name, finding in examine():
        failed |= finding.state is State.FAIL
        told.append({"check": name, "state": finding.state, "found": finding.found, "todo": finding.todo})
        if not json:
            screen.print(f"{finding.state:<5}", style=_STYLE[finding.state], end="")
            todo = f": {finding.todo}" if finding.todo else ""
            screen.print(f"{name:<20} {finding.found}{todo}", markup=False)
    if json:
        print_json(told)
    raise typer.Exit(ExitCode.UNEXPECTED if failed else ExitCode.GOOD)
