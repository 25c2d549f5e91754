"""``sanad claim``: one more printed figure."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from sanad.cli.output import errors, print_json, screen
from sanad.words import settings
from sanad.words.errors import UsageError
from sanad.words.vocabulary import VISIBLE, Event, ExitCode

_claim = typer.Typer(help="Figures that somebody printed.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_claim, name="claim")


@_claim.callback()
def _group() -> None:
    """Figures that somebody printed."""


def _asked(given: str | None, option: str, question: str, *, json: bool) -> str:
    """What was given, else what a person at the terminal answers; UsageError where nobody can be asked."""
    if given is not None:
        return given
    if json or not sys.stdin.isatty():
        raise UsageError(f"{option} is missing: {question}")
    answer: str = typer.prompt(question)
    return answer


@_claim.command("add")
def add(
    series: Annotated[str | None, typer.Option(help="What it is a figure of: call_centres, ict_total.")] = None,
    printed: Annotated[str | None, typer.Option(help="As printed: '$328 million', 'Rs 72 crore', '+24.6%'.")] = None,
    period: Annotated[str | None, typer.Option(help="2026-02, FY26, FY26.Jul-Feb or 2025; '' for none.")] = None,
    source: Annotated[str | None, typer.Option(help="The article's address, or words that say which it is.")] = None,
    date: Annotated[
        str | None, typer.Option("--date", help="The article's: 2025-08-19, 2025-08, 2025; '' where it has none.")
    ] = None,
    measure: Annotated[str, typer.Option(help="credit, credit_growth, share or stock.")] = "credit",
    unit: Annotated[str | None, typer.Option(help="Where the print does not say: usd_million, pct, centres.")] = None,
    base: Annotated[str | None, typer.Option(help="Of a growth: the period it is measured against.")] = None,
    whole: Annotated[str | None, typer.Option(help="Of a share: the series it is a share of.")] = None,
    outlet: Annotated[str | None, typer.Option(help="Who printed it.")] = None,
    restates: Annotated[str | None, typer.Option(help="The claim_id it says it takes the place of.")] = None,
    note: Annotated[str | None, typer.Option(help="What a reader must know.")] = None,
    claim_id: Annotated[str | None, typer.Option(help="Its name; made of its content without one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The outcome as JSON; nothing is asked.")] = False,
) -> None:
    """Record a printed figure: archived as its article's document, read, and accepted or quarantined.

    What is not given is asked for. Exit codes: 0 accepted or known, 2 the call was wrong, 3 quarantined.
    """
    from sanad.decide import claims
    from sanad.local.postgres import warehouse

    claim = claims.Claim(
        series=_asked(series, "--series", "What is it a figure of (call_centres)?", json=json),
        measure=measure,
        printed=_asked(printed, "--printed", "As printed ($328 million)?", json=json),
        unit=unit,
        period=_asked(period, "--period", "Of which period (FY25)?", json=json),
        base=base,
        whole=whole,
        source=_asked(source, "--source", "The article's address?", json=json),
        dated=_asked(date, "--date", "Its date (2025-08-19, 2025-08; empty where it has none)?", json=json),
        outlet=outlet,
        restates=restates,
        note=note,
        claim_id=claim_id,
    )
    claims.document(claim)  # a wrong call is told before the warehouse is started
    with warehouse():
        named, done = claims.add(claim, settings.actor())
    if json:
        print_json({
            "claim_id": named,
            "release": done.handle,
            "release_id": str(done.release_id),
            "event": done.event,
            "new": done.new,
            "findings": [finding.as_evidence() for finding in done.findings],
        })  # fmt: skip
    else:
        screen.print(f"{named}: {done.summary}", markup=False)
        for finding in done.findings:
            errors.print(f"  {finding.consequence}: {finding}", markup=False)
    if done.event not in VISIBLE | {Event.DUPLICATE}:
        raise typer.Exit(ExitCode.QUARANTINED)
