"""``sanad corrections``: what is declared in include/corrections, what is in force, and what no longer holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from sanad.cli.output import aligned, errors, print_json, screen
from sanad.local.postgres import warehouse
from sanad.words import settings

_corrections = typer.Typer(help="Declared corrections of figures and entries.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_corrections, name="corrections")


@_corrections.command("list")
def show(json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False) -> None:
    """Every correction on every release it is about: in force, pending, withdrawn, failing, or waiting for one."""
    from sanad.decide import corrections

    with warehouse():
        found = corrections.overview()
    if json:
        print_json([asdict(one) for one in found])
        return
    told = [(one.correction, one.action, one.about, one.release or "", one.state) for one in found]
    for line, one in zip(aligned(told) if told else [], found, strict=True):
        screen.print(line, markup=False)
        if one.finding:
            errors.print(f"    {one.finding}", markup=False)
    if not told:
        screen.print("No correction is declared.")


@_corrections.command("apply")
def apply() -> None:
    """Put in force what is declared and holds, withdraw the rest; exit 3 names every correction that does not hold."""
    from sanad.decide import corrections

    with warehouse():
        applied = corrections.apply(settings.actor())
    for line in applied.changed:
        screen.print(f"{line}; the marts show it after `sanad build`", markup=False)
    if not applied.changed:
        screen.print("Nothing to apply.")
    applied.check()
