"""Registration lists: any table that PSEB, PTA or a ministry hands over.

No published list has been seen, so there is no layout to be true to: sheets, columns and their order are whatever came,
and a column is known by its heading (``fields`` in the registry). What may be met:

- Months of validity as ``Oct 2025``, ``May-2026``, a day, or a date cell; a validity runs to the end of its last month.
- ``Z-25-0010/96``: Z-25 is no year, /96 is that of the first registration, kept at every renewal.
- A call centre's branches have rows and numbers of their own, their kind with ``(Branch)`` behind it.
- A CSV that is UTF-8 taken once for Windows-1252: the value is undone, what is printed stays as it is printed.
"""

from __future__ import annotations

from sanad.extract.reading import Reading
from sanad.extract.registers import read_tables
from sanad.registry import Dataset

PARSER = "pseb.registration_list"
VERSION = "1"


def extract(dataset: Dataset, parts: dict[str, bytes]) -> Reading:
    """An entry for each row; one that is none is rejected by itself. See `read_tables`."""
    return read_tables(PARSER, VERSION, dataset, parts)
