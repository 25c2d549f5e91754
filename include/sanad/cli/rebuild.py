"""``sanad rebuild``: a new warehouse from the archive folder alone."""

from __future__ import annotations

from typing import Annotated

import typer

from sanad.cli.output import screen
from sanad.cli.progress import Phases


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rebuild")(rebuild)


def rebuild(
    archive: Annotated[
        str | None, typer.Option(help="A folder or an fsspec URL; this installation's own archive without it.")
    ] = None,
    head: Annotated[
        str | None, typer.Option(help="A hash noted down from `sanad ledger head`: it must be in the chain.")
    ] = None,
    build: Annotated[bool, typer.Option("--build/--no-build", help="Build the marts at the end.")] = True,
) -> None:
    """Make a new warehouse from the archive's event files and bytes, and print the ledger's head.

    Every row of the archive, of staging and of the marts comes back as it was, ids and instants included. Only an
    empty warehouse is filled; an archive that is not what its hashes say stops it with nothing written.
    """
    from sanad.archive.store import Store
    from sanad.decide import builds
    from sanad.decide import rebuild as rebuilding
    from sanad.local.postgres import warehouse

    phases = Phases()
    with warehouse():
        with phases.phase("Archive read back") as say:
            done = rebuilding.rebuild(Store.open(archive) if archive else None, head, say)
        staged = f"{done.staged} of them staged: {done.figures:,} figures, {done.entries:,} entries"
        screen.print(f"{done.releases} releases, {staged}")
        if build:
            with phases.phase("Marts built") as say:
                builds.build(report=lambda node: say(node.name))
    typer.echo(f"{done.head.seq} {done.head.hash}")
