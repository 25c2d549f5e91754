"""``sanad links``: which rows of registers name one registrant, and what a person says of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sanad.cli.output import aligned, errors, print_json, screen
from sanad.local.postgres import warehouse
from sanad.words import settings

Handle = Annotated[str, typer.Argument(help="8 hex digits, as `sanad links list` shows them.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the ledger for ever.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]

_links = typer.Typer(help="Who is who: registrants found by name and place.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_links, name="links")


@_links.command("list")
def list_links(
    all_links: Annotated[bool, typer.Option("--all", help="Also those that are made or decided.")] = False,
    json: AsJson = False,
) -> None:
    """The candidates that wait for a person, the most probable first, and keys that stand beside unlike names."""
    from sanad.decide import links
    from sanad.link import State

    with warehouse():
        found = links.resolution()
    shown = [one for one in found.links if all_links or one.state is State.CANDIDATE]
    shown.sort(key=lambda one: (one.state, -(one.probability or 0), one.handle))
    if json:
        print_json([_told(one) for one in shown])
        return
    lines = [(one.handle, one.state, _probability(one), _row(one.asked), "is", _row(one.known)) for one in shown]
    for line in aligned(lines, "<<><<<") if lines else ["Nobody waits for a decision."]:
        screen.print(line, markup=False)
    for code, rows in found.doubts.items():
        names = " / ".join(sorted({row.name for row in rows}))
        errors.print(f"{code} stands beside names without one word in common: {names}", markup=False)


@_links.command("show")
def show(handle: Handle, json: AsJson = False) -> None:
    """Both rows, what speaks for and against it in bits, and what was decided."""
    from sanad.decide import links

    with warehouse():
        one, about = links.found(handle)
    if json:
        print_json(_told(one) | {"decisions": [_decision(each) for each in about]})
        return
    screen.print(f"link {one.handle}: {one.state} {_probability(one)}".rstrip(), markup=False)
    for what, row, code in (("asked", one.asked, one.asked_code), ("known", one.known, one.known_code)):
        screen.print(f"  {what}  {_row(row)}  {code}  entry {row.row_id}, seen on {row.seen_on}", markup=False)
    for sign, bits in (one.evidence._asdict() if one.evidence else {}).items():
        screen.print(f"  {bits:+7.1f}  {sign}", markup=False)
    for each in about:
        said = _decision(each)
        screen.print(f"  {said['decided']} by {said['actor']} on {each.at:%Y-%m-%d}: {said['reason']}", markup=False)


@_links.command("accept")
def accept(handle: Handle, reason: Reason) -> None:
    """The two are one registrant."""
    _decide("accept", handle, reason, "one registrant")


@_links.command("reject")
def reject(handle: Handle, reason: Reason) -> None:
    """The two are two registrants; what was linked is parted."""
    _decide("reject", handle, reason, "two registrants")


@_links.command("withdraw")
def withdraw(handle: Handle, reason: Reason) -> None:
    """Take back what was decided: arithmetic says again what they are."""
    _decide("withdraw", handle, reason, "undecided again")


@_links.command("places")
def places(
    all_places: Annotated[bool, typer.Option("--all", help="Also the spellings that are known.")] = False,
    json: AsJson = False,
) -> None:
    """The spellings of places that no file knows, with their number of rows."""
    from sanad.decide import links

    with warehouse():
        shown = [one for one in links.places() if all_places or not one.is_matched]
    if json:
        print_json([one._asdict() for one in shown])
        return
    lines = [(one.printed or "(nothing)", one.place_code if one.is_matched else "?", str(one.rows)) for one in shown]
    for line in aligned(lines, "<<>") if lines else ["Every spelling is known."]:
        screen.print(line, markup=False)


def _decide(decision: str, handle: str, reason: str, became: str) -> None:
    from sanad.decide import links

    with warehouse():
        one = getattr(links, decision)(handle, settings.actor(), reason)
    screen.print(f"link {one.handle}: {_row(one.asked)} and {_row(one.known)} are {became}", markup=False)


def _row(row: Any) -> str:
    told = [row.name, row.place or "no place", row.certificate_no or row.portal_key]
    return ", ".join(part for part in told if part)


def _probability(one: Any) -> str:
    return "" if one.probability is None else f"{one.probability:.3f}"


def _told(one: Any) -> dict[str, Any]:
    return {
        "link": one.handle,
        "state": one.state,
        "probability": _probability(one) or None,
        "is_branch": one.is_branch,
        "asked": {"code": one.asked_code, **_fields(one.asked)},
        "known": {"code": one.known_code, **_fields(one.known)},
        "bits": {sign: round(bits, 3) for sign, bits in one.evidence._asdict().items()} if one.evidence else None,
    }


def _fields(row: Any) -> dict[str, Any]:
    return {
        "entry_id": row.row_id,
        "name": row.name,
        "place": row.place,
        "kind": row.kind,
        "certificate_no": row.certificate_no,
        "portal_key": row.portal_key,
        "seen_on": row.seen_on,
    }


def _decision(one: Any) -> dict[str, Any]:
    decided = {True: "accepted", False: "rejected", None: "withdrawn"}[one.decision.is_same]
    return {"decided": decided, "actor": one.actor, "reason": one.reason, "at": one.at}
