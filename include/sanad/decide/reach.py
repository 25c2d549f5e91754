"""What the declared corrections come to on one release: which reach it, whose guards hold, what they make of it.

Figures and entries are looked for where they are: in the reading of a release that arrives, else among staged rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from sanad.archive import ledger
from sanad.extract import Entry, Field, Figure, Reading
from sanad.registry.corrections import Correction, EntryCorrection, same
from sanad.warehouse import tables
from sanad.words import ids
from sanad.words.errors import Finding
from sanad.words.ids import Handle
from sanad.words.numbers import plain
from sanad.words.vocabulary import Consequence

#: What a finding about a correction names as its gate.
GATE = "correction"
_FIGURE = ("value", "null_reason", "flag")


@dataclass(frozen=True)
class Stated:
    """A figure or an entry as its release states it: value, null reason and flag, or its fields."""

    id: int
    locator: str
    state: dict[str, Any]


Find = Callable[[Correction], list[Stated]]


@dataclass(frozen=True)
class Reached:
    """The corrections that hold on a release, as the ledger is to hold them, and what those found that do not."""

    holding: list[dict[str, Any]]
    failing: dict[str, Finding]

    @property
    def handles(self) -> set[str]:
        """Every correction that is about something in the release."""
        return {one["correction"] for one in self.holding} | self.failing.keys()


def reach(declared: Mapping[str, Correction], release: Handle, sha256: str, find: Find) -> Reached:
    """Look at every declared correction that covers the release.

    One that is about a range of editions passes over those that do not display its figure or entry; one that is about
    a release by name fails there.
    """
    holding: list[dict[str, Any]] = []
    failing: dict[str, Finding] = {}
    taken: dict[int, str] = {}
    for handle, correction in declared.items():
        if not correction.covers(release.edition, sha256):
            continue
        found = find(correction)
        if not found and correction.editions:
            continue
        problem = _problem(handle, correction, release, found, taken)
        if problem:
            failing[handle] = problem
        else:
            taken[found[0].id] = handle
            holding.append(_evidence(handle, correction, found[0]))
    return Reached(ledger.storable(holding), failing)


def _problem(
    handle: str, correction: Correction, release: Handle, found: list[Stated], taken: Mapping[int, str]
) -> Finding | None:
    """What keeps a correction from being applied."""

    def finding(expected: str, instead: str, locator: str | None = None) -> Finding:
        return Finding(GATE, Consequence.QUARANTINE, f"{handle}: {expected}, in {release}", instead, locator)

    about = str(correction.about)
    if len(found) != 1:
        return finding(f"one {about}", ", ".join(one.locator for one in found) or "none")
    [one] = found
    if one.id in taken:
        return finding(f"{about} in no other correction", taken[one.id], one.locator)
    if unknown := sorted((correction.expected.keys() | correction.changes.keys()) - one.state.keys()):
        return finding(f"{about} with the field {', '.join(unknown)}", f"only {', '.join(one.state)}", one.locator)
    if not all(same(one.state[name], value) for name, value in correction.expected.items()):
        instead = {name: one.state[name] for name in correction.expected}
        return finding(f"{about} {_told(correction.expected)}", _told(instead), one.locator)
    return None


def _told(state: Mapping[str, Any]) -> str:
    return ", ".join(f"no {name}" if value is None else f"{name} {_text(value)}" for name, value in state.items())


def _text(value: Any) -> Any:
    return plain(value) if isinstance(value, Decimal) else value


def _evidence(handle: str, correction: Correction, one: Stated) -> dict[str, Any]:
    """A correction on one figure or entry, with what it was and what it is now; numbers and ids are text."""
    about: dict[str, Any] = {"correction": handle, "locator": one.locator, "action": correction.action}
    if isinstance(correction, EntryCorrection):
        fields = correction.expected.keys() | correction.changes.keys()
        was = {name: one.state[name] for name in sorted(fields)}
        about |= {"entry_id": str(one.id), "fields": correction.changes, "was": was}
    else:
        was = {name: _text(one.state[name]) for name in _FIGURE}
        about |= {"figure_id": str(one.id), **_after(correction, was), "was": was}
    return about | {
        "reason": correction.reason,
        "reporter": correction.reporter,
        "reported_on": correction.reported_on.isoformat(),
        "source": correction.source and str(correction.source),
    }


def _after(correction: Correction, was: dict[str, Any]) -> dict[str, Any]:
    """Value, null reason and flag of a corrected figure."""
    if correction.action == "drop":
        return dict.fromkeys(_FIGURE)
    after = was | {name: _text(value) for name, value in correction.changes.items()}
    return after if after["value"] is None else after | {"null_reason": None}


def in_reading(release_id: int, reading: Reading) -> Find:
    """Where to look in a release that is not staged yet."""

    def find(correction: Correction) -> list[Stated]:
        if isinstance(correction, EntryCorrection):
            key = correction.entry
            entries = [one for one in reading.entries if getattr(one, key.column) == key.value]
            return [_entry(ids.figure_id(release_id, one.ordinal), one) for one in entries]
        wanted = correction.figure
        return [
            _figure(ids.figure_id(release_id, one.ordinal), one)
            for one in reading.figures
            if (one.series_code, one.measure) == (wanted.series, wanted.measure)
            and one.period
            and one.period.code == wanted.period
        ]

    return find


def staged(connection: Connection, release_id: int) -> Find:
    """Where to look in a release whose rows are staged."""
    figure, entry = tables.figure.c, tables.entry.c

    def find(correction: Correction) -> list[Stated]:
        if isinstance(correction, EntryCorrection):
            key = correction.entry
            entries = select(tables.entry).where(entry.release_id == release_id, entry[key.column] == key.value)
            return [_entry(row.entry_id, row) for row in connection.execute(entries.order_by(entry.entry_id))]
        wanted = correction.figure
        figures = select(tables.figure).where(
            figure.release_id == release_id,
            figure.series_code == wanted.series,
            figure.measure == wanted.measure,
            figure.period_code == wanted.period,
        )
        return [_figure(row.figure_id, row) for row in connection.execute(figures.order_by(figure.figure_id))]

    return find


def _figure(figure_id: int, one: Figure | Any) -> Stated:
    return Stated(figure_id, one.locator, {name: getattr(one, name) for name in _FIGURE})


def _entry(entry_id: int, one: Entry | Any) -> Stated:
    """``one`` is a row as it was read, or as it is staged: fields are then JSON."""
    values = {name: field.value if isinstance(field, Field) else field["value"] for name, field in one.fields.items()}
    return Stated(entry_id, one.locator, values)
