"""A register's row against itself: each field's value is what its printed text says, and its kind what its word says.

Worked out anew from docs/decisions/0012, by nothing of the parsers': they and this share the words of months alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sanad.registry import Dataset, heading
from sanad.words.months import month_of
from sanad.words.periods import full_year

Row = Mapping[str, Any]
_EXCEL_DAY_0 = date(1899, 12, 30)


def misread(row: Row, dataset: Dataset | None) -> Iterator[tuple[str, str]]:
    """What of a row does not follow from its printed texts: a field, or ``kind``, and what it should be.

    No text is told: it may be somebody's.
    """
    fields = row["fields"]
    for name, field in fields.items():
        reads = _reads(name, dataset)
        if reads is not None and not reads(field["as_printed"] or "", field["value"]):
            yield name, "the value of its printed text"
    said = fields["kind"]["as_printed"] if "kind" in fields else None
    if dataset and dataset.fields and row["kind"] not in _kinds(said, dataset):
        yield "kind", "a kind that its word, its heading or its place stands for"


def _kinds(said: str | None, dataset: Dataset) -> set[str | None]:
    """The kinds a row can be of: by its own word, else by what stands around it."""
    if said:
        word = heading(said).removesuffix(" branch")
        return {{heading(known): kind for known, kind in dataset.kinds.items()}.get(word)}
    return {None, *dataset.containers.values(), *dataset.fields["name"].kinds.values()}


Reads = Callable[[str, Any], bool]


def _reads(name: str, dataset: Dataset | None) -> Reads | None:
    """How a field is to be read again; None for one that nobody has declared."""
    if name in _DERIVED:
        return _DERIVED[name]
    declared = dataset.fields.get(name) if dataset else None
    return _BY_VALUE[declared.value] if declared else None


def _is_text(printed: str, value: Any) -> bool:
    return _shown(value) in {_shown(printed), _shown(_rescued(printed))}


def _shown(text: str) -> str:
    """A text as a reader sees it: what is not seen gone, blanks made one, letters composed."""
    if text.isascii():
        return " ".join(text.split())
    seen = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def _rescued(text: str) -> str:
    """UTF-8 that was once taken for Windows-1252, taken for UTF-8."""
    if text.isascii():
        return text
    found = b""
    for letter in text:
        try:
            found += letter.encode("cp1252")
        except UnicodeEncodeError:
            if ord(letter) > 0xFF:
                return text
            found += bytes([ord(letter)])
    try:
        return found.decode()
    except UnicodeDecodeError:
        return text


def _is_number(printed: str, value: Any) -> bool:
    return value in {int(found.replace(",", "")) for found in re.findall(r"-?\d[\d,]*", printed)}


def _is_labels(printed: str, value: Any) -> bool:
    """Every label stands in the text, in this order, and between them only what is none."""
    return any(_are_all(_shown(text), value) for text in (printed, _rescued(printed)))


def _are_all(rest: str, labels: list[str]) -> bool:
    for label in labels:
        before, found, rest = rest.partition(label)
        if not found or before.strip(" ,0") not in {"", "Array"}:
            return False
    return rest.strip(" ,0") in {"", "Array"}


def _is_month(printed: str, value: Any) -> bool:
    text = _shown(printed)
    found = month_of(text)
    if found is None and text.replace(".", "", 1).isdigit():  # a date cell without its format
        found = _EXCEL_DAY_0 + timedelta(days=int(float(text)))
    return found is not None and f"{found:%Y-%m}" == value


def _is_instant(printed: str, value: Any) -> bool:
    with suppress(ValueError):
        return datetime.fromisoformat(printed) == datetime.fromisoformat(value)
    return False


def _is_epoch(printed: str, value: Any) -> bool:
    with suppress(ValueError, OverflowError):
        return datetime.fromtimestamp(int(printed), UTC) == datetime.fromisoformat(value)
    return False


def _is_flag(printed: str, value: Any) -> bool:
    return value is (printed.casefold() in {"true", "1", "yes"})


def _is_year(printed: str, value: Any) -> bool:
    found = re.search(r"/(\d\d)(?!\d)", printed)
    return found is not None and full_year(int(found[1])) == value


def _is_branch(printed: str, value: Any) -> bool:
    return value is heading(printed).endswith(" branch")


_BY_VALUE: Mapping[str, Reads] = {
    "text": _is_text, "certificate": _is_text, "link": _is_text, "email": _is_text, "number": _is_number,
    "labels": _is_labels, "month": _is_month, "instant": _is_instant, "epoch": _is_epoch, "flag": _is_flag,
}  # fmt: skip
#: Fields that no heading has: they follow from another's text.
_DERIVED: Mapping[str, Reads] = {"registered_year": _is_year, "branch": _is_branch}
