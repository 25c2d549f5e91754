"""The vintage store: at every instant at which something changed, the rows that hold are the states that then stood."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import takewhile, zip_longest
from typing import Any, NamedTuple

from sanad.verify.known import Known, Print, State
from sanad.verify.marts.expected import Found, Pair
from sanad.verify.marts.services_trade import period
from sanad.words.vocabulary import Basis

_TICK = timedelta(microseconds=1)
_Key = tuple[str, str, str, str]
_Said = list[tuple[Print, State]]


class _Standing(NamedTuple):
    """One state along the published axis, as known at an instant."""

    figure_ids: tuple[int, ...]
    state: State
    superseded_on: date | None
    is_first_print: bool


def vintages(known: Known, rows: Iterable[Found]) -> Iterator[Pair]:
    """``fct_services_trade_vintage``, beside its rows.

    Rectangles are not built anew. A key's recorded axis is cut at every instant at which one of its prints came, went
    or was corrected; in each slice the rows that hold must be the states that stood, each once. Rows begin and end
    only at such an instant.
    """
    found: dict[_Key, list[Found]] = defaultdict(list)
    for row in rows:
        found[row["dataset"], row["series_code"], row["measure"], row["period_code"]].append(row)
    prints: dict[_Key, list[Print]] = defaultdict(list)
    for one in known.prints:
        if one.period_code is not None and one.release.visible:
            prints[one.release.dataset, *one.key].append(one)
    for key in found.keys() | prints.keys():
        yield from _of_key(key, sorted(prints[key], key=lambda one: one.release.order), found[key])


def _of_key(key: _Key, prints: list[Print], rows: list[Found]) -> Iterator[Pair]:
    instants = sorted({at for one in prints for at in _instants(one)})
    said_by = [(row, _of_row(row)) for row in rows]
    missing: dict[_Standing, datetime] = {}
    edges = {None, *instants}
    wrong = {
        id(row)
        for row in rows
        if {row["recorded_at"], row["superseded_at"]} - edges or row["recorded_at"] == row["superseded_at"]
    }
    for at in instants:
        due = set(_standing(_said(prints, at)))
        for row, standing in said_by:
            if _holds(row, at):
                if standing not in due:
                    wrong.add(id(row))
                due.discard(standing)
        for standing in due:
            missing.setdefault(standing, at)
    by_id = {one.figure_id: one for one in prints}
    for standing, at in missing.items():
        one = by_id[standing.figure_ids[0]]
        yield ((*key, *one.release.order, at), {"state": standing.state}), None
    for row, standing in said_by:
        if id(row) in wrong:
            yield None, row
        else:
            columns = _columns(by_id[standing.figure_ids[0]], standing, _last_seen(prints, instants, row))
            columns["superseded_at"] = row["superseded_at"]  # the slices have said that it ends there
            yield ((*key, *by_id[standing.figure_ids[0]].release.order, row["recorded_at"]), columns), row


def _instants(one: Print) -> set[datetime]:
    ends = {at for span in one.release.visible for at in span if at is not None}
    return ends | {at for at, _ in one.release.corrections}


def _holds(row: Found, at: datetime) -> bool:
    return bool(row["recorded_at"] <= at and (row["superseded_at"] is None or at < row["superseded_at"]))


def _of_row(row: Found) -> _Standing:
    state = State(row["value_usd_thousand"], row["null_reason"], row["flag"], row.get("corrected", False))
    return _Standing(tuple(row["value_figure_ids"]), state, row["superseded_on"], row["is_first_print"])


def _said(prints: list[Print], at: datetime) -> _Said:
    """The prints that stood at an instant with what they said, in published order."""
    said = ((one, one.said(at)) for one in prints if one.release.stood_at(at))
    return [(one, state) for one, state in said if state]


def _standing(said: _Said) -> Iterator[_Standing]:
    """The states along the published axis: a new one where a print says another thing than the one before."""
    changes = [n for n, (_, state) in enumerate(said) if n == 0 or state != said[n - 1][1]]
    for n, following in zip_longest(changes, changes[1:]):
        one, state = said[n]
        until = None if following is None else said[following][0].release.published_on
        yield _Standing((one.figure_id,), state, until, n == 0 and one.is_of_edition)


def _last_seen(prints: list[Print], instants: list[datetime], row: Found) -> str | None:
    """The edition of the last print of the row's state, as known at the end of its recorded interval."""
    until = row["superseded_at"]
    said = _said(prints, until - _TICK if until else instants[-1])
    start = next(n for n, (one, _) in enumerate(said) if [one.figure_id] == row["value_figure_ids"])
    same = list(takewhile(lambda pair: pair[1] == said[start][1], said[start:]))
    return same[-1][0].release.edition


def _columns(one: Print, standing: _Standing, last_seen: str | None) -> dict[str, Any]:
    return {
        **period(one),
        "published_on": one.release.published_on,
        "published_seq": one.release.published_seq,
        "superseded_on": standing.superseded_on,
        "null_reason": standing.state.null_reason,
        "flag": standing.state.flag,
        "corrected": standing.state.corrected,
        "is_first_print": standing.is_first_print,
        "origin": one.release.origin,
        "basis": Basis.PRINTED.value,
        "release_id": one.release.release_id,
        "edition": one.release.edition,
        "last_seen_edition": last_seen,
        "value_figure_ids": [one.figure_id],
    }
