"""``sanad as-of``: the marts as they were known as of a day."""

from __future__ import annotations

from typing import Annotated

import typer

from sanad.cli.output import screen
from sanad.warehouse.as_of import as_day, as_instant, default_schema


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("as-of")(as_of)


def as_of(
    published: Annotated[str, typer.Argument(help="A day in the publisher's zone, included: 2026-03-20")],
    recorded: Annotated[
        str | None, typer.Option(help="An instant of the warehouse, included; now without it: 2026-05-01T12:00:00Z")
    ] = None,
    schema: Annotated[str | None, typer.Option(help="Where the marts go; marts_2026_03_20 without it.")] = None,
) -> None:
    """Make the marts anew as they were known on a day, in a schema of their own; the marts themselves stay."""
    from sanad.decide import builds
    from sanad.local.postgres import warehouse

    day, instant = as_day(published), as_instant(recorded) if recorded else None
    name = schema or default_schema(day)
    with warehouse():
        done = builds.build_as_of(name, day, instant)
    screen.print(f"{name}: {len(done.of('model'))} marts as of {day}, {done.seconds:.1f} s")
