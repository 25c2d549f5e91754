"""What every command does alike: JSON, tables, and words on standard error."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import typer
from rich.console import Console

#: Colour only on a terminal, and never with NO_COLOR: rich sees to both.
screen = Console(soft_wrap=True, highlight=False)
errors = Console(stderr=True, soft_wrap=True, highlight=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def as_json(value: Any) -> str:
    """JSON for people and programs: decimals and dates as text; ids must come as text already."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=_plain)


def print_json(value: Any) -> None:
    """Write JSON to standard output, uncoloured."""
    typer.echo(as_json(value))
