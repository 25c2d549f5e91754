"""Exports seasonally adjusted: the output of a model, held against the same model over the figures verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sanad.decide import seasons
from sanad.verify.known import Known
from sanad.verify.marts.industry_brief import series
from sanad.verify.report import Disagreement

TABLE = "staging.adjusted"


def adjustments(known: Known) -> Iterator[Disagreement]:
    """What is kept of the series that stands, against what the model makes of it; of other series nothing is asked."""
    standing = series(known)
    key = seasons.series_sha256(standing)
    due = {one.period_code: (seasons.MODEL, one.value) for one in seasons.adjusted(standing)}
    found = {code: _told(row) for code, row in known.adjusted.get(key, {}).items()}
    for code in sorted(due.keys() | found.keys()):
        if due.get(code) != found.get(code):
            yield Disagreement("marts", TABLE, str(due.get(code)), str(found.get(code)), code)


def _told(row: Mapping[str, Any]) -> tuple[str, Decimal]:
    return row["model"], row["adjusted_usd_thousand"]
