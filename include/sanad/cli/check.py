"""``sanad check``: what is to be said for and against a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sanad.cli.output import print_json, screen
from sanad.words.vocabulary import ExitCode

if TYPE_CHECKING:
    from sanad.lineage.check import Checked


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    sentence: Annotated[str, typer.Argument(help="'call centres FY25 328 million, up 24.6 percent'")],
    on: Annotated[
        str | None, typer.Option("--on", help="The day it was printed, to weigh it by what was known then.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """Weigh a sentence by the rules of mart_claims_weighed, and show the evidence.

    Exit codes: 0 nothing in it is inconsistent, 2 nothing understood, 4 a claim is inconsistent.
    """
    from sanad.lineage import check as weighing
    from sanad.local.postgres import warehouse
    from sanad.warehouse.as_of import as_day

    day = as_day(on) if on else None
    with warehouse():
        done = weighing.check(sentence, day)
    if json:
        print_json({
            "sentence": done.sentence.text,
            "claims": done.claims,
            "evidence": list(done.evidence.values()),
            "assumed": done.sentence.assumed,
            "not_understood": done.sentence.not_understood,
        })  # fmt: skip
    else:
        _show(done)
    if any("inconsistent" in (one["verdict_now"], one["verdict_then"]) for one in done.claims):
        raise typer.Exit(ExitCode.DISAGREES)


def _show(done: Checked) -> None:
    for one in done.claims:
        against = f" against {one['base_period_code']}" if one["base_period_code"] else ""
        qualifier = f"{one['qualifier']} " if one["qualifier"] else ""
        screen.print(
            f"{one['claim_id']}: {one['series_code']} {one['measure']} {one['period_code']}{against}, "
            f"{qualifier}{one['value']} {one['unit']}, which is {one['value_low']:f} to {one['value_high']:f}",
            markup=False,
        )
        if one["known_on"]:
            screen.print(f"  then  {one['sentence_then']}", markup=False)
        screen.print(f"  now   {one['sentence_now']}", markup=False)
        for id_ in one["evidence_figure_ids"]:
            screen.print(f"        {_evidence(done, id_)}", markup=False)
        for print_ in one["repeats"]:
            screen.print(f"  also printed as {print_['claim_id']}, {print_['as_printed']}", markup=False)
            screen.print(f"        {print_['sentence_now']}", markup=False)
    for words in done.sentence.assumed:
        screen.print(f"assumed: {words}", markup=False)
    if done.sentence.not_understood:
        screen.print(f"not understood: {', '.join(done.sentence.not_understood)}", markup=False)


def _evidence(done: Checked, id_: str) -> str:
    found = done.evidence.get(id_)
    if found is None:
        return f"{done.claims[-int(id_) - 1]['claim_id']} of the sentence"
    name = found["claim_id"] or f"{found['dataset']}@{found['edition']}"
    flag = f" ({found['flag']})" if found["flag"] else ""
    return (
        f"{name} {found['series_code']} {found['period_code']} {found['as_printed']}{flag} {found['unit']}, "
        f"{found['origin']}, {found['published_on']}, {found['locator']}, {found['source']}"
    )
