"""``sanad revisions``: what each release printed for each period of a series."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from sanad.cli.output import print_json, screen


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("revisions")(revisions)


def revisions(
    series: Annotated[str, typer.Argument(help="A sector, call_centres, or a line of the classification, 9.1.1")],
    measure: Annotated[str, typer.Option(help="credit, debit or net.")] = "credit",
    json: Annotated[bool, typer.Option("--json", help="JSON on standard output; ids as text.")] = False,
) -> None:
    """Show the triangle of a series: a line for each period, a column for each release, thousand US dollars."""
    from sanad.lineage.revisions import triangle
    from sanad.local.postgres import warehouse

    with warehouse():
        found = triangle(series, measure)
    if json:
        print_json(found)
        return
    table = Table(title=f"{series}, {measure}, thousand US dollars", title_justify="left", box=None, header_style="dim")
    table.add_column("period", no_wrap=True)
    for handle in found["editions"]:
        table.add_column(handle.rpartition("@")[2], justify="right", no_wrap=True)
    for period in found["periods"]:
        table.add_row(period["period_code"], *map(_cell, period["prints"]))
    screen.print(table)


def _cell(cell: dict[str, Any] | None) -> str:
    if cell is None:
        return ""
    value = "no value" if cell["value"] is None else f"{cell['value']:,f}"
    return f"{value} {cell['flag'] or ' '}"
