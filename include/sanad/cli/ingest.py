"""``sanad ingest``: a file that somebody has; past releases cannot be fetched again."""

from __future__ import annotations

import mimetypes
import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from sanad import registry
from sanad.cli.output import errors, print_json, screen
from sanad.registry import Dataset
from sanad.words import settings
from sanad.words.errors import UsageError
from sanad.words.vocabulary import VISIBLE, Event, ExitCode


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ingest")(ingest)


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise typer.BadParameter(f"'{text}' is no day: write 2026-03-17") from error


def _parts(file: Path) -> dict[str, bytes]:
    """The file, or a folder's files by name; hidden ones are none."""
    files = [one for one in sorted(file.iterdir()) if one.is_file() and one.name[0] != "."] if file.is_dir() else [file]
    if not files:
        raise UsageError(f"{file}: expected a file or a folder of files, found an empty folder")
    return {one.name: one.read_bytes() for one in files}


def _check_coverage(source: Dataset, coverage: str | None) -> None:
    """UsageError unless it says what the dataset's releases can be complete of."""
    if coverage is None:
        return
    if source.kind != "register":
        raise UsageError(f"--coverage {coverage}: {source.name} is no register")
    words = re.fullmatch(r"partial|complete:([a-z_]+)(/[^/]+)?", coverage)
    kinds = {*source.kinds.values(), "all"}
    if words is None or (words[1] and words[1] not in kinds):
        known = ", ".join(sorted(kinds))
        raise UsageError(
            f"--coverage {coverage}: expected partial or complete:KIND[/REGION], a kind being one of {known}"
        )


def ingest(
    dataset: Annotated[str, typer.Argument(help="As in the registry: sbp/trade_in_services")],
    file: Annotated[
        Path,
        typer.Argument(help="The publisher's file, or a folder whose files are the parts of one release.", exists=True),
    ],
    published_on: Annotated[
        date | None,
        typer.Option(parser=_day, metavar="DATE", help="The day it was issued, when you know better than the file."),
    ] = None,
    url: Annotated[str | None, typer.Option(help="Where it was taken from.")] = None,
    coverage: Annotated[
        str | None,
        typer.Option(
            metavar="partial|complete:KIND[/REGION]",
            help="What a register's list is complete of, when you know: complete:all, complete:call_centre/Punjab.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The outcome as JSON.")] = False,
) -> None:
    """Archive a file, read it, and accept or quarantine it.

    A file that is in the archive already is read again while it is quarantined. Exit codes: 0 accepted or duplicate,
    2 the call was wrong, 3 quarantined (or rejected, or retracted).
    """
    source = registry.dataset(dataset)
    if url is not None and not url.startswith(("https://", "http://")):
        raise UsageError(f"--url {url}: expected an http or https address")
    _check_coverage(source, coverage)
    parts = _parts(file)
    from sanad.decide import Arrival
    from sanad.decide import ingest as decide
    from sanad.lineage import openlineage
    from sanad.local.postgres import warehouse

    arrival = Arrival(
        parts=parts,
        origin=source.origin,
        actor=settings.actor(),
        reason="handed over" if source.fields else f"handed over as {file.name}",  # a name may be a person's
        url=url,
        media_type=mimetypes.guess_type(min(parts))[0] or "application/octet-stream",
        stated_on=published_on,
        coverage=coverage,
    )
    with warehouse():
        done = decide(source, arrival)
        if done.new:
            openlineage.of_release(done.release_id)
    if json:
        print_json(
            {
                "dataset": dataset,
                "release": done.handle,
                "release_id": str(done.release_id),
                "sha256": done.sha256,
                "event": done.event,
                "new": done.new,
                "edition": done.edition,
                "published_on": done.published_on,
                "figures": done.figures,
                "entries": done.entries,
                "rejected": done.rejected,
                "findings": [finding.as_evidence() for finding in done.findings],
            }
        )
    else:
        screen.print(done.summary, markup=False)
        for finding in done.findings:
            errors.print(f"  {finding.consequence}: {dataset} {done.handle}: {finding}", markup=False)
    if done.event not in VISIBLE | {Event.DUPLICATE}:
        raise typer.Exit(ExitCode.QUARANTINED)
