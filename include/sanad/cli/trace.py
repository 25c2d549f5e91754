"""``sanad trace``: where a figure of a mart comes from."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any

import typer

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
        return
    for line in _lines(chain):
        screen.print(line, markup=False)


def _lines(chain: Chain) -> Iterator[str]:
    """The chain for a reader: values with their formulas, then each figure once, then each release once."""
    inputs = {one.measure: one for measure in chain.measures for one in measure.inputs}
    cited = {figure["figure_id"]: figure for one in inputs.values() for figure in (*one.figures, *one.less)}
    numbers = {figure_id: number for number, figure_id in enumerate(cited, start=1)}
    yield f"{chain.mart} {'/'.join(chain.key.values())}"
    width = max(len(measure.column) for measure in chain.measures)
    for measure in chain.measures:
        used = " ".join(f"{one.measure} {_marks(one, numbers)}" for one in measure.inputs)
        yield f"  {measure.column:{width}}  {_number(measure.value):>20}  {measure.formula}: {used}"
    yield ""
    for figure_id, figure in cited.items():
        yield f"[{numbers[figure_id]}] {figure['locator']}  {_number(figure['value'])} {figure['unit']}{_flag(figure)}"
        yield f"    shown '{figure['as_printed']}' under '{figure['header_as_printed']}' {figure['header_locator']}"
        yield f"    in line '{figure['label_raw']}', {figure['measure']}; figure {figure_id}"
        yield f"    of {figure['release']['dataset']}@{figure['release']['edition']}, read by {_parser(figure)}"
        for one in figure["corrections"]:
            yield f"    {one['action']} by {one['correction']}: {_number(figure['value_used'])}{_flag(one)} is used"
            yield f"    for: {one['reason']}; {one['reporter']}, {one['reported_on']}{_source(one)}"
    yield ""
    for release_id, figure in {figure["release"]["release_id"]: figure for figure in cited.values()}.items():
        yield from _release(release_id, figure)
    if chain.models:
        yield f"Through {' > '.join(chain.models)}"
    if chain.build:
        yield f"Built {chain.build['built_at']:%Y-%m-%d %H:%M:%S} UTC at ledger seq {chain.build['ledger_seq']}"


def _release(release_id: str, figure: dict[str, Any]) -> Iterator[str]:
    release = figure["release"]
    yield f"{release['dataset']}@{release['edition']}, release {release_id}, {release['origin']}"
    yield f"    sha256 {release['sha256']}"
    source = release["url"] or "handed over"
    yield f"    published on {release['published_on']} ({release['published_on_from']}), {source}"
    for event in figure["custody"]:
        yield f"    {event['seq']}. {event['at'][:19]} {event['event']} by {event['actor']}: {event['reason']}"
    yield ""


def _marks(one: Input, numbers: dict[str, int]) -> str:
    signed = [("", one.figures), ("-", one.less)]
    return "".join(f"{sign}[{numbers[figure['figure_id']]}]" for sign, cited in signed for figure in cited)


def _parser(figure: dict[str, Any]) -> str:
    return f"{figure['extraction']['parser']} {figure['extraction']['parser_version']}"


def _flag(figure: dict[str, Any]) -> str:
    return f" ({figure['flag']})" if figure["flag"] else ""


def _source(correction: dict[str, Any]) -> str:
    return f", {correction['source']}" if correction["source"] else ""


def _number(value: Decimal | None) -> str:
    return "no value" if value is None else f"{value:,f}"
