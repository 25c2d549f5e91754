"""The prints of one figure across editions: what a triangle says of one period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sanad.lineage.revisions import triangle
from sanad.words.errors import UsageError


@dataclass(frozen=True)
class Print:
    """One release's word on a period; ``change`` is against the print before it, None for the first."""

    release: str
    published_on: str
    value: Decimal | None
    flag: str | None
    figure_id: str
    change: Decimal | None
    is_this: bool

    @property
    def edition(self) -> str:
        """The release's label without its dataset."""
        return self.release.partition("@")[2]


def prints(figure: Mapping[str, Any]) -> list[Print]:
    """Every visible print of a figure's series, measure and period, in the order of publication.

    Empty where no mart follows its series through the editions.
    """
    try:
        found = triangle(figure["series_code"], figure["measure"])
    except UsageError:
        return []
    periods = {row["period_code"]: row["prints"] for row in found["periods"]}
    cells = periods.get(figure["period_code"], [])
    listed: list[Print] = []
    for release, day, cell in zip(found["editions"], found["published_on"], cells, strict=False):
        if cell is None:
            continue
        before = listed[-1].value if listed else None
        change = cell["value"] - before if before is not None and cell["value"] is not None else None
        (figure_id,) = cell["figure_ids"]
        is_this = figure_id == figure["figure_id"]
        listed.append(Print(release, str(day), cell["value"], cell["flag"], figure_id, change, is_this))
    return listed
