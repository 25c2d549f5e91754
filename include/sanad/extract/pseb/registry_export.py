"""The registration portal's own export: ``{"success", "message", "status", "data": {"companies": [...]}}``.

Seen in 2022. What is odd about it:

- ``registration_no`` is the portal's key (``MFHL-45084-RXKH``), ``registration_certificate_no`` the certificate's
  number.
- Columns called ``_id`` hold labels joined by commas, ``"0"`` for none. Labels and column names are misspelt; labels
  stay so.
- A registrant has a record for each version, each naming the one before in ``prev_id``: records are more than
  registrants.
- ``created_at`` is when the portal got the record: on 17 May 2019 it got everything older. It is no registration date.
- What the numbers of ``status`` mean nobody has said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sanad.extract.reading import Entry, Reading, Rejected
from sanad.extract.registers import Printed, Rows, UnfitError, reject, stop, version_of
from sanad.grid import read_json
from sanad.registry import Dataset, heading

PARSER = "pseb.registry_export"
VERSION = "1"

_RECORDS = ("data", "companies")


def extract(dataset: Dataset, parts: dict[str, bytes]) -> Reading:
    """An entry for each record that is not a person's; locators are JSON Pointers.

    A record whose ``id`` another has borne before it is rejected. Unreadable (gates ``file``, ``records``) when there
    are no records where they should be.
    """
    rows = Rows(dataset)
    named = dataset.printed_as
    found: list[Entry | Rejected] = []
    offset = 0
    for name, content in sorted(parts.items()):
        prefix = f"{name}!" if len(parts) > 1 else ""
        records = _records(read_json(content, dataset.max_bytes))
        found += _entries(rows, named, records, prefix, offset)
        offset += len(records)
    entries = [one for one in found if isinstance(one, Entry)]
    rejected = [one for one in found if isinstance(one, Rejected)]
    return Reading(PARSER, version_of(dataset, VERSION), None, entries=entries, rejected=rejected)


def _records(document: Any) -> list[Any]:
    for key in _RECORDS:
        document = document.get(key) if isinstance(document, dict) else None
    if not isinstance(document, list):
        raise stop("records", "a list of records", "none", f"/{'/'.join(_RECORDS)}")
    return document


def _entries(
    rows: Rows, named: dict[str, str], records: list[Any], prefix: str, offset: int
) -> Iterator[Entry | Rejected]:
    seen: set[Any] = set()
    for number, record in enumerate(records):
        records[number] = None  # read, and free to go: an export is large
        if record is None:
            continue  # a person's: cut out before it was archived
        locator = f"{prefix}/{'/'.join(_RECORDS)}/{number}"
        printed = _printed(record, named, locator) if isinstance(record, dict) else {}
        try:
            if not printed:
                raise UnfitError("record", "an object", type(record).__name__)
            if (one := record.get("id")) in seen and one is not None:
                raise UnfitError("record_id", "an id of its own", f"{one}, which an earlier record bears")
            seen.add(one)
            yield rows.entry(offset + number, locator, printed)
        except UnfitError as unfit:
            yield reject(locator, unfit, (one.as_printed for one in printed.values()))


def _printed(record: dict[str, Any], named: dict[str, str], locator: str) -> dict[str, Printed]:
    """The fields that hold something; a label column's ``"0"`` is kept, for it says that there is none."""
    return {
        field: Printed(value, _shown(value), f"{locator}/{key}")
        for key, value in record.items()
        if value is not None and value != "" and (field := named.get(heading(key)))
    }


def _shown(value: Any) -> str:
    """A scalar as it stands in the document, texts without their quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)
