"""Whom each row of a register names: the output of a model, held against the same model over the rows verified.

The rows and the decisions are put together anew from staging and the ledger; that a link is right nobody can compute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from sanad.link import Decision, Identity, resolve
from sanad.link import Row as Named
from sanad.registry import datasets
from sanad.verify.known import Known, Release
from sanad.verify.report import Disagreement
from sanad.words.vocabulary import Event

TABLE = "staging.identity"
Row = Mapping[str, Any]
_KEPT = ("name", "place", "region", "kind", "certificate_no", "portal_key", "is_branch")


def identities(known: Known, ledger: Iterable[Row], found: Iterable[Row]) -> Iterator[Disagreement]:
    """What is kept of each row's registrant and place, against what is resolved of the rows that were visible.

    ``ledger`` has its rows up to the build, ``found`` those of the table.
    """
    registers = {name for name, source in datasets().items() if source.kind == "register"}
    rows = [
        _named(entry, release)
        for release in known.releases.values()
        if release.is_visible and release.dataset in registers
        for entry in known.entries.get(release.release_id, ())
    ]
    decisions = [_decision(row["evidence"]["identity"]) for row in ledger if row["event"] == Event.IDENTIFIED]
    due = {int(one.row_id): _told(one) for one in resolve(rows, decisions).identities}
    for row in found:
        expected = due.pop(row["entry_id"], None)
        told = {name: row[name] for name in ("registrant_code", "place_code", "linked_by", "is_branch", "probability")}
        if told != expected:
            yield Disagreement("registers", TABLE, str(expected or "no such row"), str(told), str(row["entry_id"]))
    for entry_id, expected in due.items():
        yield Disagreement("registers", TABLE, str(expected), "no row", str(entry_id))


def _named(entry: Row, release: Release) -> Named:
    fields = entry["fields"]
    changes = release.entry_corrections.get(entry["entry_id"], {}).get("fields") or {}

    def said(name: str) -> Any:
        return changes[name] if name in changes else (fields.get(name) or {}).get("value")

    kind = changes.get("kind") or entry["kind"]
    told = {name: said(name) for name in ("name", "place", "region", "certificate_no", "portal_key", "website")}
    is_branch = bool((fields.get("branch") or {}).get("value"))
    return Named(str(entry["entry_id"]), **told, kind=kind, is_branch=is_branch, seen_on=release.published_on)


def _decision(said: Mapping[str, Any]) -> Decision:
    def row(told: Mapping[str, Any]) -> Named:
        return Named(told["entry_id"], **{name: told[name] for name in _KEPT})

    return Decision(row(said["asked"]), row(said["known"]), said["is_same"])


def _told(one: Identity) -> dict[str, Any]:
    return {
        "registrant_code": one.registrant_code,
        "place_code": one.place_code,
        "linked_by": one.by.value,
        "is_branch": one.is_branch,
        "probability": None if one.probability is None else Decimal(f"{one.probability:.6f}"),
    }
