"""``sanad trace``: where a figure of a mart comes from."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.tree import Tree

from sanad.cli.output import print_json, screen
from sanad.lineage import Chain, Input


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("trace")(trace)


def trace(
    mart: Annotated[str, typer.Argument(help="mart_call_centres")],
    key: Annotated[str, typer.Argument(help="Its primary key's values joined by /: 2026-03, or call_centres/2026-03")],
    measure: Annotated[str | None, typer.Option(help="One column or input measure; all of the row without it.")] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON on standard output; ids as text.")] = False,
) -> None:
    """Show the chain of a mart row: formulas, figures as printed, cells, releases, and who accepted them."""
    from sanad.lineage import trace as find
    from sanad.local.postgres import warehouse

    with warehouse():
        chain = find(mart, key, measure)
    if json:
        print_json(chain.as_dict())
    else:
        screen.print(_tree(chain))


def _tree(chain: Chain) -> Tree:
    tree = Tree(f"[bold]{chain.mart}[/] {'/'.join(chain.key.values())}")
    for measure in chain.measures:
        branch = tree.add(f"[bold]{measure.column}[/] = {_number(measure.value)}   {measure.formula}")
        for one in measure.inputs:
            _add_input(branch, one, several=len(measure.inputs) > 1)
    if chain.models:
        tree.add("through " + " > ".join(chain.models))
    if chain.build:
        tree.add(f"built at {chain.build['built_at']:%Y-%m-%d %H:%M:%S} UTC, ledger seq {chain.build['ledger_seq']}")
    return tree


def _add_input(branch: Tree, one: Input, *, several: bool) -> None:
    if several:
        branch = branch.add(f"{one.measure} = {_number(one.value)}")
    for figure in one.figures:
        release = figure["release"]
        leaf = branch.add(
            f"{_number(figure['value'])} {figure['unit']}, shown '{figure['as_printed']}' at "
            f"[bold]{figure['locator']}[/] under '{figure['header_as_printed']}' ({figure['header_locator']}), "
            f"line '{figure['label_raw']}'",
        )
        leaf.add(
            f"{release['dataset']}@{release['edition']}, {release['origin']}, published on {release['published_on']} "
            f"({release['published_on_from']}), {release['url'] or 'handed over'}"
        )
        leaf.add(f"sha256 {release['sha256']}, read by {_parser(figure)}")
        for event in figure["custody"]:
            leaf.add(f"ledger {event['seq']}: {event['event']} by {event['actor']}: {event['reason']}")


def _parser(figure: dict[str, Any]) -> str:
    return f"{figure['extraction']['parser']} {figure['extraction']['parser_version']}"


def _number(value: Decimal | None) -> str:
    return "no value" if value is None else f"{value:,f}"
