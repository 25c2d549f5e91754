"""What the warehouse says about its own marts: formulas for traces, and how far its stores have come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sanad.verify import declared
from sanad.verify.report import Disagreement

_WORDS = ("measure", "formula")


def as_declared(rows: Iterable[Mapping[str, Any]], only: str | None) -> Iterator[Disagreement]:
    """Rows of ``lineage.measure`` that are not the YAML's: a trace would tell another formula than verify evaluates.

    ``only`` is the one mart to look at, None for all.
    """
    found = {(row["mart"], row["column_name"]): row for row in rows if only in {None, row["mart"]}}
    due = {
        (mart.name, column): said
        for mart in declared.marts().values()
        for column, said in mart.words.items()
        if only in {None, mart.name}
    }
    for mart, column in sorted(found.keys() | due.keys()):
        stands, said = found.get((mart, column)), due.get((mart, column))
        for place, word in enumerate(_WORDS):
            expected, is_said = (said[place] if said else None), (stands[word] if stands else None)
            if expected != is_said:
                words = str(expected or "nothing"), str(is_said or "nothing")
                yield Disagreement("marts", "lineage.measure", *words, f"{mart} {column}", word)


def ahead(watermarks: Mapping[str, int], begun_seq: int) -> Iterator[Disagreement]:
    """Stores that say they hold events no build has looked at: the next build would leave those out."""
    for model, seq in watermarks.items():
        if seq > begun_seq:
            expected = f"a watermark up to event {begun_seq}, the newest any build looked at"
            yield Disagreement("marts", model, expected, f"event {seq}")
