"""``impact``: from a release or a figure to the rows of the marts that use it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from sanad.lineage.asking import asking, rows
from sanad.lineage.figures import figures, releases
from sanad.lineage.named import named
from sanad.words import ids

_ROWS = "select * from lineage.impact(%s, %s) order by mart, key, measure, role"


@dataclass(frozen=True)
class Impact:
    """What rests on a release or a figure.

    ``release`` is as in ``Chain.releases``; ``figure`` as in an input's ``figures``, None when a whole release was
    asked for. ``rows`` has, for each use, ``mart``, ``key`` (that of ``trace``), ``measure``, ``role`` (added or taken
    away) and the ``columns`` that are computed from the measure.
    """

    release: dict[str, Any]
    figure: dict[str, Any] | None
    rows: list[dict[str, Any]]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by mart, each counted once."""
        return dict(sorted(Counter(mart for mart, _ in {(row["mart"], row["key"]) for row in self.rows}).items()))

    def as_dict(self) -> dict[str, Any]:
        """For JSON; ids are text."""
        return {**asdict(self), "counts": self.counts}


def impact(name: str) -> Impact:
    """The rows of the marts, as they stand now, that use a release or one figure of it; names as in ``named``."""
    with asking() as connection:
        release_id, figure_id = named(connection, name)
        first = release_id << ids.ORDINAL_BITS if figure_id is None else figure_id
        last = first + (1 << ids.ORDINAL_BITS) - 1 if figure_id is None else figure_id
        return Impact(
            releases(connection, [release_id])[release_id],
            None if figure_id is None else figures(connection, [figure_id])[0],
            rows(connection, _ROWS, [first, last]),
        )
