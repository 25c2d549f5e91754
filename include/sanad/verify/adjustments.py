"""Exports seasonally adjusted: the output of a model, held against the same model over the figures verified."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sanad.decide import seasons
from sanad.verify.known import Known
from sanad.verify.marts.industry_brief import series
from sanad.verify.report import Disagreement

TABLE = "staging.adjusted"


def adjustments(known: Known) -> tuple[int, list[Disagreement]]:
    """What is kept of the series that stands, against what the model makes of it: months compared, and all that
    disagrees. Of other series nothing is asked.
    """  # fmt: skip
    standing = series(known)
    key = seasons.series_sha256(standing)
    due = {one.period_code: (seasons.MODEL, one.value) for one in seasons.adjusted(standing)}
    found = {code: _told(row) for code, row in known.adjusted.get(key, {}).items()}
    codes = sorted(due.keys() | found.keys())
    return len(codes), [
        Disagreement("marts", TABLE, str(due.get(code)), str(found.get(code)), code)
        for code in codes
        if due.get(code) != found.get(code)
    ]


def _told(row: Mapping[str, Any]) -> tuple[str, Decimal]:
    return row["model"], row["adjusted_usd_thousand"]
