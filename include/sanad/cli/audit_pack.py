"""``sanad audit-pack``: a mart row with all that vouches for it, in one file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from sanad.archive.store import sha256_of
from sanad.cli.output import screen
from sanad.warehouse.as_of import as_day


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("audit-pack")(audit_pack)


def audit_pack(
    mart: Annotated[str, typer.Argument(help="mart_call_centres")],
    key: Annotated[str, typer.Argument(help="Its primary key's values joined by /: FY26.Jul-Mar")],
    as_of: Annotated[
        str | None, typer.Option(help="The row as of a day in the publisher's zone, included: 2026-03-20")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The zip; named after mart and key without it.")] = None,
) -> None:
    """Pack a mart row with figures, chains, archived files and ledger, for an auditor who has no Sanad.

    The zip holds a page that opens offline and a script that verifies everything. The same state of the warehouse
    gives the same bytes.
    """
    from sanad.lineage import trace
    from sanad.lineage.pack import audit_pack as packed
    from sanad.local.postgres import warehouse

    asked: dict[str, Any] = {"published": as_day(as_of)} if as_of else {}
    with warehouse():
        content = packed(trace(mart, key, **asked))
    named = f"{mart}-{key}" + (f"-as-of-{as_of}" if as_of else "")
    path = out or Path(re.sub(r"[^A-Za-z0-9_.-]+", "-", named) + ".zip")
    path.write_bytes(content)
    screen.print(f"{path}: {len(content):,} bytes, sha256 {sha256_of(content)}", markup=False)
