"""Every print, for as long as its release counted and it said the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sanad.verify.known import Known, Print, State
from sanad.verify.marts.expected import Row
from sanad.verify.marts.services_trade import period
from sanad.words.vocabulary import Basis

_Span = tuple[datetime, datetime | None]


def prints(known: Known) -> Iterable[Row]:
    """``fct_services_trade_print``."""
    for one in known.prints:
        if one.period_code is None:
            continue
        for (since, until), state in states(one):
            yield (
                (*one.key, one.release.release_id, since),
                {
                    **period(one),
                    "published_on": one.release.published_on,
                    "published_seq": one.release.published_seq,
                    "superseded_at": until,
                    "null_reason": state.null_reason,
                    "flag": state.flag,
                    "origin": one.release.origin,
                    "basis": Basis.PRINTED.value,
                    "corrected": state.corrected,
                    "dataset": one.release.dataset,
                    "edition": one.release.edition,
                    "value_figure_ids": [one.figure_id],
                },
            )


def states(one: Print) -> Iterator[tuple[_Span, State]]:
    """The spans of recorded time in which it counted, cut where a correction came or went."""
    for since, until in one.release.visible:
        cuts = [at for at, _ in one.release.corrections if since < at and (until is None or at < until)]
        started, state = since, one.said(since)
        for at in cuts:
            if (then := one.said(at)) != state:
                if state:
                    yield (started, at), state
                started, state = at, then
        if state:
            yield (started, until), state
