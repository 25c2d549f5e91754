"""Trade in services, latest: the newest visible print of each line, measure and period."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sanad.verify.known import Known, Print, State
from sanad.verify.marts.expected import Row
from sanad.words.vocabulary import Basis, Flag, Origin, weakest


def latest(known: Known) -> Iterable[Row]:
    """``fct_services_trade``."""
    for key, (newest, state) in known.newest.items():
        yield (
            key,
            {
                **period(newest),
                "null_reason": state.null_reason,
                "flag": state.flag,
                "corrected": state.corrected,
                "origin": newest.release.origin,
                "basis": Basis.PRINTED.value,
                "dataset": newest.release.dataset,
                "edition": newest.release.edition,
                "release_id": newest.release.release_id,
                "published_on": newest.release.published_on,
                "value_figure_ids": [newest.figure_id],
            },
        )


def period(one: Print) -> dict[str, Any]:
    """The columns every mart has of a period."""
    return {"period_kind": one.period_kind, "period_start": one.period_start, "period_end": one.period_end}


def flag_of(states: Iterable[State]) -> str | None:
    """Provisional if any is, else revised if any is, else none."""
    flags = {state.flag for state in states}
    return next((flag.value for flag in (Flag.PROVISIONAL, Flag.REVISED) if flag.value in flags), None)


def origin_of(prints: Iterable[Print]) -> str:
    """The weakest."""
    return weakest(Origin(one.release.origin) for one in prints).value
