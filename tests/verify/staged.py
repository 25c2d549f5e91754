"""Rows as they would be staged, without a warehouse."""

from __future__ import annotations

from typing import Any

from sanad.extract import read_release
from sanad.registry import Dataset
from sanad.words import ids


def rows_of(dataset: Dataset, content: bytes, release_id: int) -> list[dict[str, Any]]:
    """The rows that reading a file would stage."""
    rows = []
    for one in read_release(dataset, {"file.xls": content}).figures:
        row = {name: getattr(one, name) for name in one.__slots__ if name not in {"ordinal", "period", "flag"}}
        row |= {"figure_id": ids.figure_id(release_id, one.ordinal), "flag": one.flag and one.flag.value}
        period = one.period
        row |= {"period_code": period.code, "period_kind": period.kind.value}
        rows.append(row | {"period_start": period.start, "period_end": period.end})
    return rows
