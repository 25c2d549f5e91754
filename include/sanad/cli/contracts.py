"""``sanad contracts``: what this version promises of the marts."""

from __future__ import annotations

from typing import Annotated

import typer

from sanad.cli.output import print_json, screen
from sanad.warehouse import contracts as promises


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("contracts")(contracts)


def contracts(
    write: Annotated[bool, typer.Option("--write", help="Keep it, and write the page docs/marts.md.")] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """Show what changed in the marts since their promise was last kept; fails when something goes unannounced."""
    promises.check()
    kept = list(promises.kept().values())
    changed = promises.changes(kept[-1] if kept else {}, promises.declared())
    if json:
        print_json([{"place": one.place, "what": one.what} for one in changed])
    else:
        screen.print("\n".join(f"{one.place} {one.what}" for one in changed) or "nothing changed", markup=False)
    if write:
        promises.keep()
