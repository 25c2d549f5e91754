"""``sanad quarantine``, ``retract`` and ``reinstate``: a person's decisions, through the ledger."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sanad.cli.output import errors, print_json, screen
from sanad.local.postgres import warehouse
from sanad.words import settings
from sanad.words.ids import Handle
from sanad.words.vocabulary import VISIBLE, Event, ExitCode

Release = Annotated[
    str, typer.Argument(help="sbp/trade_in_services@2026-02, or # and 8 or more hex digits of its sha256.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the ledger for ever.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]

_quarantine = typer.Typer(help="Releases that a gate held back.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_quarantine, name="quarantine")
    app.command("retract")(retract)
    app.command("reinstate")(reinstate)
    app.command("reread")(reread)


@_quarantine.command("list")
def list_held(json: AsJson = False) -> None:
    """Every release in quarantine, with its reason."""
    from sanad.decide import decisions

    with warehouse():
        held = decisions.quarantined()
    if json:
        print_json([_told(one) for one in held])
        return
    for one in held:
        screen.print(f"{one.handle}  since {one.at:%Y-%m-%d %H:%M} UTC  {one.reason}", markup=False)
    if not held:
        screen.print("The quarantine is empty.")


@_quarantine.command("show")
def show(release: Release, json: AsJson = False) -> None:
    """What each gate expected and found, where, and the cells around it in the archived file."""
    from sanad.decide import decisions

    with warehouse():
        one = decisions.held(Handle.parse(release))
        around = {f.locator: _cells(decisions, one, f.locator) for f in one.findings if f.locator}
    if json:
        print_json({**_told(one), "around": around})
        return
    screen.print(f"{one.handle}, sha256 {one.known.release.sha256}", markup=False)
    screen.print(f"published on {one.known.release.published_on} ({one.known.release.published_on_from})")
    for finding in one.findings:
        screen.print(f"\n{finding.consequence}: {finding.gate} at {finding.locator or 'the file'}", markup=False)
        screen.print(f"  expected {finding.expected}\n  found    {finding.found}", markup=False)
        for row in around.get(finding.locator or "", []):
            screen.print("    " + "  ".join(f"{text[:18]:>18}" for text in row), markup=False)


def _cells(decisions: Any, one: Any, locator: str) -> list[list[str]]:
    try:
        rows = decisions.cells_around(one, locator)
    except Exception as error:  # a file that cannot be read has no cells to show; its findings say why
        return [[f"not readable: {error}"]]
    marked = [
        [(f"[{cell.text}]" if cell.locator == locator else cell.text) if cell else "" for cell in r] for r in rows
    ]
    return [row for row in marked if any(row)]


def _told(one: Any) -> dict[str, Any]:
    return {
        "release": str(one.handle),
        "release_id": str(one.known.release.release_id),
        "sha256": one.known.release.sha256,
        "published_on": one.known.release.published_on,
        "quarantined_at": one.at,
        "reason": one.reason,
        "findings": [finding.as_evidence() for finding in one.findings],
    }


@_quarantine.command("accept")
def accept(release: Release, reason: Reason) -> None:
    """Accept a quarantined release in spite of its gates; its figures are staged as read."""
    from sanad.decide import decisions

    with warehouse():
        done = decisions.accept(Handle.parse(release), settings.actor(), reason)
    _say(done)


@_quarantine.command("replay")
def replay(
    release: Annotated[str | None, typer.Argument(help="One release; without it, all that are in quarantine.")] = None,
) -> None:
    """Read archived bytes again with today's parser and registry: accepted, or still quarantined (exit 3)."""
    from sanad.decide import decisions

    with warehouse():
        handles = [Handle.parse(release)] if release else [_by_hash(one) for one in decisions.quarantined()]
        done = [decisions.replay(handle, settings.actor()) for handle in handles]
    for one in done:
        _say(one, last=False)
    if not done:
        screen.print("The quarantine is empty.")
    if any(one.event not in VISIBLE | {Event.DUPLICATE} for one in done):
        raise typer.Exit(ExitCode.QUARANTINED)


def _by_hash(one: Any) -> Handle:
    return Handle(one.handle.dataset, sha256=one.known.release.sha256)


@_quarantine.command("reject")
def reject(release: Release, reason: Reason) -> None:
    """Close a quarantined release for good; its bytes stay in the archive."""
    _decide("reject", release, reason, "rejected")


def retract(release: Release, reason: Reason) -> None:
    """Take an accepted release back; nothing is deleted, and `reinstate` undoes it."""
    _decide("retract", release, reason, "retracted")


def reinstate(release: Release, reason: Reason) -> None:
    """Let a retracted release be seen again."""
    _decide("reinstate", release, reason, "reinstated")


def reread(
    release: Release,
    accept: Annotated[bool, typer.Option("--accept", help="Replace what is staged; needs --reason.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why, with --accept.")] = "",
) -> None:
    """Read an accepted release again with today's parser and show, cell by cell, what it sees otherwise."""
    from sanad.decide import reread as rereading

    with warehouse():
        handle = Handle.parse(release)
        done = rereading.accept(handle, settings.actor(), reason) if accept else rereading.compare(handle)
    for change in done.changes:
        screen.print(str(change), markup=False)
    ended = "now staged" if accept else f"version {done.before_version} is staged"
    screen.print(f"{done.handle} by version {done.version}: {len(done.changes)} cells differ; {ended}", markup=False)


def _decide(decision: str, release: str, reason: str, became: str) -> None:
    from sanad.decide import decisions

    with warehouse():
        one = getattr(decisions, decision)(Handle.parse(release), settings.actor(), reason)
    screen.print(
        f"{one.handle} (#{one.release.sha256[:8]}) {became}; the marts show it after `sanad build`", markup=False
    )


def _say(done: Any, *, last: bool = True) -> None:
    screen.print(done.summary, markup=False)
    for finding in done.findings:
        errors.print(f"  {finding.consequence}: {done.handle}: {finding}", markup=False)
    if last and done.event not in VISIBLE | {Event.DUPLICATE}:
        raise typer.Exit(ExitCode.QUARANTINED)
