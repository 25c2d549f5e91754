"""Published counts: one document a release, as canonical JSON.

``{"source_url", "published_on", "counts": [{"count_id", "measure", "kind", "region", "counted", "qualifier", "value",
"unit", "claimant", "reference_on", "reference_precision", "note"}, ...]}``, values as they are printed.

A stock, a share or an issued serial is of the month (or the year) its reference day lies in. A flow's span is known
only where the note says "one month" or "calendar year": otherwise it has no period, and the day stands in ``details``.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sanad.extract.reading import Figure, Reading
from sanad.extract.registers import stop
from sanad.grid import read_json
from sanad.registry import Dataset
from sanad.words.periods import Period

PARSER = "reported.counts"
VERSION = "1"

_MONTHLY, _YEARLY = frozenset({"month", "day"}), frozenset({"year"})
_DETAILS = ("count_id", "counted", "region", "claimant", "reference_on", "reference_precision", "note")


def extract(dataset: Dataset, parts: dict[str, bytes]) -> Reading:
    """A figure for each count. Unreadable (gates ``file``, ``counts``) names the first count that is none."""
    document = read_json(next(iter(parts.values())), dataset.max_bytes)
    counts = document.get("counts") if isinstance(document, dict) else None
    if not isinstance(counts, list) or not counts:
        raise stop("counts", "a list of counts", "none", "/counts")
    claim = f"{document.get('source_url') or ''}\t{document.get('published_on') or ''}"
    figures = [_figure(count, number, document) for number, count in enumerate(counts)]
    return Reading(PARSER, VERSION, None, figures=figures, claim=claim)


def _figure(count: dict[str, Any], number: int, document: dict[str, Any]) -> Figure:
    locator = f"/counts/{number}/value"
    try:
        value = Decimal(count["value"])
        period = _period(count)
        details = {name: count[name] for name in _DETAILS if count.get(name)}
        return Figure(
            ordinal=number,
            series_code=count["measure"],
            measure=count["kind"],
            period=period,
            value=value,
            null_reason=None,
            unit=count["unit"],
            flag=None,
            locator=locator,
            as_printed=count["value"],
            header_locator=f"/counts/{number}/reference_on" if count.get("reference_on") else None,
            header_as_printed=count.get("reference_on") or None,
            label_raw=f"{count['measure']}, {count['region']}",
            qualifier=count.get("qualifier") or None,
            details=details | {"source_url": document.get("source_url"), "published": document.get("published_on")},
        )
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise stop("counts", "a count with value, measure, kind, region and unit", repr(error), locator) from error


def _period(count: dict[str, Any]) -> Period | None:
    """The month or the year that a count speaks of, where that is stated."""
    if not count.get("reference_on"):
        return None
    day, precision, note = (
        date.fromisoformat(count["reference_on"]),
        count["reference_precision"],
        count.get("note", ""),
    )
    flow = count["kind"] == "flow"
    if precision in _YEARLY and (not flow or "calendar year" in note):
        return Period.parse(str(day.year))
    if precision in _MONTHLY and (not flow or note == "one month"):
        return Period.month(day.year, day.month)
    return None
