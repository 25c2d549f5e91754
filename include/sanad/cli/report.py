"""The end of a run: the headline figures, each with its chain."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby

from sanad.cli.output import aligned, screen
from sanad.lineage import headlines
from sanad.lineage.headlines import Headline
from sanad.verify import newest
from sanad.warehouse.dbt import standing

_TRANSCRIBED = (
    "Origin: transcribed. These are figures SBP printed, in a rendering of ours; `sanad ingest` a file of SBP's own "
    "and it takes the rendering's place."
)
_SYNTHETIC = "Entries of registers: synthetic, unless you handed over a register of your own. Nobody in them exists."


def closing(seconds: float) -> None:
    """Print what stands in the marts, from the marts, to standard output."""
    found = headlines.newest()
    for name, group in groupby(found, key=lambda one: one.sector_name):
        screen.print(f"\n[bold]{name}[/], exports in thousand US$")
        for line in _lines(list(group)):
            screen.print(f"  {line}", markup=False)
    revised = headlines.revised()
    if revised:
        screen.print("\n[bold]Revised[/] since first printed")
    for one in revised:
        screen.print(
            f"  {one.sector_name} {one.period}  {_number(one.first_value)}{_flag(one.first_flag)} in "
            f"{one.first_edition} {one.first_locator}, "
            f"now {_number(one.value)}{_flag(one.flag)} in {one.edition} {one.locator}"
        )
    screen.print()
    total = headlines.counts()
    if any(one.origin == "transcribed" for one in found):
        screen.print(_TRANSCRIBED)
    if total.entries:
        screen.print(_SYNTHETIC)
    screen.print(
        f"{total.releases} releases, {total.figures:,} figures, {total.entries:,} entries of registers, "
        f"{total.models} models, {total.tests} tests, {total.quarantined} quarantined, {seconds:.0f} s"
    )
    screen.print(_verified())
    screen.print(
        "Next: make up (Airflow) · .venv/bin/sanad trace mart_call_centres 2026-03 · .venv/bin/sanad psql", markup=False
    )


def _verified() -> str:
    """What verification said of the marts that stand."""
    last, marts = newest(), standing()
    if last is None or last.ledger_seq != marts.built_seq:
        return "Not verified since the last build: .venv/bin/sanad verify"
    return f"Verified at ledger event {last.head_seq}, {last.head_hash[:8]}: {last.summary}"


def _lines(group: list[Headline]) -> list[str]:
    """The values of one sector, in columns."""
    cells = [
        (
            f"{one.period}{_flag(one.flag)}",
            _number(one.value),
            f"{one.yoy_pct:+.2f} %" if one.yoy_pct is not None else "",
            f"on {one.year_ago_period} {_number(one.year_ago)}" if one.year_ago is not None else "",
            f"{one.edition} {one.locator}",
            f"sha256 {one.sha256[:8]}",
        )
        for one in group
    ]
    return aligned(cells, "<>><<<")


def _flag(flag: str | None) -> str:
    return f" ({flag})" if flag else ""


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.4f}"
