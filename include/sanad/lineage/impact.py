"""``impact``: from a release, a figure or an entry to the rows of the marts that use it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from sanad.lineage.asking import asking, rows
from sanad.lineage.entries import entries
from sanad.lineage.figures import figures, releases
from sanad.lineage.named import named
from sanad.words import ids

_IS_REGISTER = "select release_id from staging.entry where release_id = %s limit 1"
_ROWS = "select * from lineage.impact(%s, %s) order by mart, key, measure, role"


@dataclass(frozen=True)
class Impact:
    """What rests on a release, a figure or an entry.

    ``release`` is as in ``Chain.releases``; ``figure`` as in an input's ``figures``, ``entry`` as in
    ``Chain.entries``, both None when a whole release was asked for. ``rows`` has, for each use, ``mart``, ``key``
    (that of ``trace``), ``measure``, ``role`` (a figure is added or taken away; an entry is cited, or counted by a
    count) and the ``columns`` that are computed from the measure.
    """

    release: dict[str, Any]
    figure: dict[str, Any] | None
    entry: dict[str, Any] | None
    rows: list[dict[str, Any]]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by mart, each counted once."""
        return dict(sorted(Counter(mart for mart, _ in {(row["mart"], row["key"]) for row in self.rows}).items()))

    def as_dict(self) -> dict[str, Any]:
        """For JSON; ids are text."""
        return {**asdict(self), "counts": self.counts}


def impact(name: str) -> Impact:
    """The rows of the marts, as they stand now, that use a release, or one figure or entry; names as in ``named``."""
    with asking() as connection:
        release_id, item_id = named(connection, name)
        first = release_id << ids.ORDINAL_BITS if item_id is None else item_id
        last = first + (1 << ids.ORDINAL_BITS) - 1 if item_id is None else item_id
        # a release has figures or entries, never both
        is_register = bool(rows(connection, _IS_REGISTER, [release_id]))
        return Impact(
            releases(connection, [release_id])[release_id],
            None if item_id is None or is_register else figures(connection, [item_id])[0],
            entries(connection, [item_id])[0] if item_id is not None and is_register else None,
            rows(connection, _ROWS, [first, last]),
        )
