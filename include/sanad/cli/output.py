"""What every command does alike: JSON, tables, and words on standard error."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import typer
from rich.console import Console

#: Colour only on a terminal, and never with NO_COLOR: rich sees to both. No emoji for what stands between two colons.
screen = Console(soft_wrap=True, highlight=False, emoji=False)
errors = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def aligned(rows: Sequence[tuple[str, ...]], alignment: str = "") -> list[str]:
    """Rows in columns, ``<`` or ``>`` for each; a line is never cut, for a figure without its end is another figure."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    sides = alignment.ljust(len(widths), "<")
    return [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)).rstrip()
        for row in rows
    ]


def as_json(value: Any) -> str:
    """JSON for people and programs: decimals and dates as text; ids must come as text already."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=_plain)


def print_json(value: Any) -> None:
    """Write JSON to standard output, uncoloured."""
    typer.echo(as_json(value))
