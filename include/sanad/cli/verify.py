"""``sanad verify``: the chain walked back by another road."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sanad.cli.output import aligned, errors, print_json, screen
from sanad.verify.report import Report
from sanad.words.errors import Disagrees, UsageError
from sanad.words.vocabulary import Scope


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify")(verify)


def verify(
    sample: Annotated[int | None, typer.Option(min=1, help="Read so many figures again, drawn at random.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Draw the same sample again.")] = None,
    changed: Annotated[bool, typer.Option("--changed", help="What the ledger told of since the last time.")] = False,
    head: Annotated[str | None, typer.Option(help="HASH or SEQ:HASH noted earlier; it must be in the chain.")] = None,
    mart: Annotated[str | None, typer.Option(help="Compare this mart alone; nothing is written down.")] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON on standard output; every disagreement.")] = False,
) -> None:
    """Verify archive, ledger, staging and marts against each other; exit 4 when anything disagrees.

    Archived files are read by another library than the one that parsed them, every mart is computed a second time.
    """
    from sanad.local.postgres import warehouse
    from sanad.verify import verify as look

    if sample and changed:
        raise UsageError("--sample and --changed exclude each other")
    scope = Scope.SAMPLE if sample else Scope.CHANGED if changed else Scope.FULL
    with warehouse(), _bar() as bar:
        task = bar.add_task("ledger", total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        report = look(scope, sample=sample or 0, seed=seed, head=head, mart=mart, progress=show)
    if json:
        print_json(report.as_dict())
    else:
        for line in _lines(report):
            screen.print(line, markup=False)
    if report.disagreements:
        raise Disagrees(report.summary)


def _bar() -> Progress:
    columns = TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)


def _lines(report: Report) -> Iterator[str]:
    """The report for a reader: areas, marts, what waits, what is not covered, what disagrees, and the result."""
    counts = report.counts
    ledger, archive, staging, registers = (counts[area] for area in ("ledger", "archive", "staging", "registers"))
    yield f"Ledger     {ledger['events']:,} events with their files, head {report.head_seq}:{report.head_hash}"
    yield f"Archive    {archive['parts']:,} parts hashed, {archive['bytes']:,} bytes"
    read, staged = staging["figures re-read"], staging["figures"]
    yield (
        f"Staging    {read:,} of {staged:,} figures read again by {', '.join(report.readers) or 'nothing'}"
        f", {staging['corrected']:,} corrected"
    )
    yield f"Registers  {registers['entries']:,} entries, {registers['fields']:,} fields read again"
    if report.marts:
        yield f"Marts      at ledger event {report.built_seq}"
        rows = [(name, f"{one.rows:,} rows", f"{one.values:,} values") for name, one in report.marts.items()]
        yield from (f"  {line}" for line in aligned(rows, "<>>"))
    yield (
        f"Class 1, figures and ratios: {report.classes['1']:,} values recomputed. Class 2, registers: "
        f"{report.classes['2']:,} fields. Class 3, model output: {report.classes['3']:,} values."
    )
    yield from (f"Waiting: {one}" for one in report.waiting)
    yield from (f"Not judged: {times:,} {thing}" for thing, times in counts["unjudged"].items() if times)
    yield from (f"Not covered: {one}" for one in report.not_covered)
    yield from report.told()
    drawn = f", seed {report.seed}" if report.seed is not None else ""
    yield f"{report.summary}{drawn}, {report.seconds:.1f} s"
