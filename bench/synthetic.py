"""Readings like those of dt.xls, as many as wanted and one at a time, so that memory stays that of one release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import Connection, insert

from sanad.extract import Figure, Reading
from sanad.grid.cells import column_letters
from sanad.warehouse import tables
from sanad.words import ids
from sanad.words.periods import Period
from sanad.words.vocabulary import Flag

DATASET = "bench/synthetic"
FIGURES_A_RELEASE = 50_000
_MEASURES = ("credit", "debit", "net")
_PERIODS = [Period.month(year, month) for year in (2025, 2026) for month in range(1, 13)]
_COLUMNS = [(measure, period) for period in _PERIODS for measure in _MEASURES]


def reading(release: int, figures: int) -> Reading:
    """One release: lines x 24 months x credit, debit, net; every 200th debit is N/A. Headers are shared objects."""
    found: list[Figure] = []
    for ordinal in range(figures):
        row, column = divmod(ordinal, len(_COLUMNS))
        measure, period = _COLUMNS[column]
        missing = ordinal % 200 == 1
        thousandths = (ordinal * 7919 + release * 104729) % 10**10
        value = None if missing else Decimal(thousandths).scaleb(-4)
        code = f"{row // 60 + 1}.{row // 8 % 8 + 1}.{row % 8 + 1}"
        found.append(
            Figure(
                ordinal=ordinal,
                series_code=code,
                measure=measure,
                period=period,
                value=value,
                null_reason="N/A" if missing else None,
                unit="thousand US$",
                flag=Flag.PROVISIONAL if column >= 69 else None,
                locator=f"'EBOPS '!{column_letters(column + 2)}{row + 8}",
                as_printed="N/A" if value is None else f"{value:,.0f}",
                header_locator=f"'EBOPS '!{column_letters(column // 3 * 3 + 2)}6",
                header_as_printed=f"{period.start:%b-%y}",
                label_raw=f"{code}\u00a0Services of the kind that are counted here, line {row}",
                indent=row % 8,
                parent_code=code.rpartition(".")[0],
            )
        )
    return Reading("bench.synthetic", "1", f"edition {release}", figures=found)


def readings(figures: int) -> Iterator[tuple[int, int, Reading]]:
    """(release_id, extraction_id, reading) of release after release until there are so many figures."""
    for release in range(-(-figures // FIGURES_A_RELEASE)):
        release_id = ids.release_id(DATASET, _sha256(release))
        extraction_id = ids.extraction_id(release_id, "bench.synthetic", "1")
        size = min(FIGURES_A_RELEASE, figures - release * FIGURES_A_RELEASE)
        yield release_id, extraction_id, reading(release, size)


def record(connection: Connection, figures: int) -> None:
    """Write down the releases and extractions that the figures refer to."""
    for release in range(-(-figures // FIGURES_A_RELEASE)):
        sha256 = _sha256(release)
        release_id = ids.release_id(DATASET, sha256)
        connection.execute(
            insert(tables.release).values(
                release_id=release_id, dataset=DATASET, sha256=sha256, origin="synthetic", redacted=False,
                published_on=date(2026, 1, 1), published_on_from="observed", first_fetched_at=datetime.now(UTC),
            )
        )  # fmt: skip
        connection.execute(
            insert(tables.extraction).values(
                extraction_id=ids.extraction_id(release_id, "bench.synthetic", "1"), release_id=release_id,
                parser="bench.synthetic", parser_version="1", edition=f"edition {release}", canonical_sha256=sha256,
                figures=0, entries=0, rejected=0,
            )
        )  # fmt: skip


def _sha256(release: int) -> str:
    return hashlib.sha256(f"release {release}".encode()).hexdigest()
