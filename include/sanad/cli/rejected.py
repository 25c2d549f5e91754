"""``sanad rejected``: rows of registers that a gate turned away."""

from __future__ import annotations

from typing import Annotated

import typer

from sanad.cli.output import print_json, screen
from sanad.local.postgres import warehouse
from sanad.words import settings
from sanad.words.ids import Handle
from sanad.words.vocabulary import VISIBLE, ExitCode

Release = Annotated[str, typer.Argument(help="pseb/registration_list@2026-02, or # and 8 or more hex digits.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]

_rejected = typer.Typer(help="Rows of registers that a gate turned away.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_rejected, name="rejected")


@_rejected.command("list")
def list_rejected(json: AsJson = False) -> None:
    """Every release with rejected rows, and how many each gate turned away."""
    from sanad.decide import rejected

    with warehouse():
        found = rejected.releases_with_rejected()
    if json:
        print_json(
            [
                {
                    "release": str(one.handle),
                    "release_id": str(one.known.release.release_id),
                    "entries": one.known.entries,
                    "rejected": one.gates,
                }
                for one in found
            ]
        )
        return
    for one in found:
        told = ", ".join(f"{gate} {times:,}" for gate, times in one.gates.items())
        screen.print(f"{one.handle}  {one.known.entries:,} entries, rejected: {told}", markup=False)
    if not found:
        screen.print("No row is rejected.")


@_rejected.command("show")
def show(release: Release, json: AsJson = False) -> None:
    """Each rejected row of a release: where, by which gate, why, and its text."""
    from sanad.decide import rejected

    with warehouse():
        found = rejected.rows_of(Handle.parse(release))
    if json:
        print_json([{"locator": r.locator, "gate": r.gate, "reason": r.reason, "raw": r.raw} for r in found])
        return
    for row in found:
        screen.print(f"{row.locator}  {row.gate}: {row.reason}\n    {row.raw}", markup=False)
    if not found:
        screen.print("No row of it is rejected.")


@_rejected.command("replay")
def replay(
    release: Release,
    reason: Annotated[str, typer.Option("--reason", help="What has changed; it stands in the ledger for ever.")],
) -> None:
    """Read a release again with today's parser and registry: rows that pass now are staged."""
    from sanad.decide import rejected

    with warehouse():
        done = rejected.replay(Handle.parse(release), settings.actor(), reason)
    screen.print(f"{done.handle} {done.event}: {done.before:,} rows rejected before, {done.now:,} now", markup=False)
    if done.event not in VISIBLE:
        raise typer.Exit(ExitCode.QUARANTINED)
