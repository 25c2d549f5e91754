"""What codes are called on a page: units, marks, instants, events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sanad.grid.cells import clean
from sanad.words.numbers import six_places

_UNITS = {"usd_thousand": "thousand US$", "usd_million": "million US$", "pkr_million": "million PKR", "pct": "%"}
_PUBLISHED_FROM = {
    "stated": "stated by a person",
    "document": "the document's own last-saved property",
    "http": "the server's Last-Modified",
    "observed": "the day of the first fetch, an upper bound",
}


@dataclass(frozen=True)
class Mark:
    """A mark that tells at a glance what sort of figure this is; ``kind`` is its class in the style sheet."""

    kind: str
    sign: str
    word: str
    meaning: str


#: Every mark there is, in the order in which they are shown.
MARKS = (
    Mark("provisional", "P", "provisional", "The publisher marked it (P): it may change."),
    Mark("revised", "R", "revised", "The publisher marked it (R): it has changed since it was first printed."),
    Mark("official", "✓", "official", "From the publisher's own bytes."),
    Mark("transcribed", "¶", "transcribed", "The publisher's figures, in a rendering of ours."),
    Mark("press", "❝", "press", "As the press reported it."),
    Mark("synthetic", "✗", "synthetic", "Generated: nobody published it."),
    Mark("printed", "■", "printed", "Stands in a release as it is."),
    Mark("derived", "±", "derived", "Arithmetic of ours inside one release."),
    Mark("implied", "≈", "implied", "Arithmetic of ours across releases."),
    Mark("corrected", "✎", "corrected", "A declared correction changed what was printed."),
)
_FLAGS = {"P": "provisional", "R": "revised"}


def marks(*, flag: str | None, origin: str | None, basis: str | None, corrected: bool) -> list[Mark]:
    """The marks of a value, at most one of each sort."""
    wanted = {_FLAGS.get(flag or ""), origin, basis, "corrected" if corrected else None}
    return [mark for mark in MARKS if mark.kind in wanted]


def flag_word(flag: str | None) -> str:
    """``provisional``, ``revised``, or nothing."""
    return _FLAGS.get(flag or "", "")


def number(value: Decimal | int | None) -> str:
    """``36,409.9251``: to 6 decimals, as far as figures are compared, without idle zeros."""
    if value is None:
        return "no value"
    return _signed(six_places(Decimal(value)))


def exact(value: Decimal) -> str:
    """A number with every decimal it was stored with; empty where `number` says as much."""
    return "" if six_places(value) == value else _signed(value)


def _signed(value: Decimal) -> str:
    text = f"{value:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def unit(name: str) -> str:
    """A unit's code, or a column that ends in one, in words; an unknown one as it is."""
    return next((word for code, word in _UNITS.items() if name == code or name.endswith(f"_{code}")), name)


def unit_of(column: str) -> str:
    """The unit in which a mart's column is, empty where its name ends in none."""
    return next((word for code, word in _UNITS.items() if column.endswith(f"_{code}")), "")


def column_words(column: str) -> str:
    """``exports_year_ago_usd_thousand`` is ``exports year ago``."""
    ending = next((f"_{code}" for code in _UNITS if column.endswith(f"_{code}")), "")
    return column.removesuffix(ending).replace("_", " ")


def moment(instant: datetime | str) -> str:
    """An instant in UTC, to the second."""
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def published_from(code: str) -> str:
    """How a day of publication is known."""
    return _PUBLISHED_FROM.get(code, code)


def plain_words(text: str | None) -> str:
    """Text with every run of blanks made one."""
    return clean(text or "")


def plain(value: Any) -> str:
    """Any value of a row or of a field as words; nothing where there is none."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(plain, value))
    return "" if value is None else plain_words(str(value))
