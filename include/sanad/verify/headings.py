"""What a printed heading says, read anew: the span of its period, the publisher's mark, a number as it is shown."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache

from sanad.verify.locators import Value

Span = tuple[date, date]

_MONTHS = {
    name: n
    for n, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_MARK = re.compile(r"\(([PR])\)")
_MONTH = re.compile(r"^([a-z]{3})[a-z]*\.?[\s\-,']+(\d{4}|\d{2})$", re.IGNORECASE)
_FISCAL = re.compile(r"^jul[a-z]*(?:\s*(?:-|–|to)\s*([a-z]{3})[a-z]*)?\.?,?\s*FY\s*(\d{4}|\d{2})$", re.IGNORECASE)
_SHOWN = re.compile(r"^([(-]?)\s*([\d,]*\.?\d+)\s*(%?)\)?$")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def clean(text: str) -> str:
    """Runs of blanks, no-break spaces among them, made one space."""
    return " ".join(text.split())


def mark(text: str) -> str | None:
    """P or R where a text bears the publisher's mark, ``Feb-26 (P)``."""
    found = _MARK.search(text)
    return found[1] if found else None


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (1900 if year >= 70 else 2000)


def _after(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


@cache
def span(heading: Value) -> Span | None:
    """The days ``[start, end)`` a heading stands for: a date, ``Feb-26 (P)``, ``Jul-Feb, FY26``; None for other words.

    A date stands for its month. Bare years and bare months are left alone: what they mean depends on their neighbours.
    """
    if isinstance(heading, date):
        return date(heading.year, heading.month, 1), _after(heading.year, heading.month)
    if not isinstance(heading, str):
        return None
    words = clean(_MARK.sub("", heading))
    if (found := _MONTH.match(words)) and found[1].lower() in _MONTHS:
        year, month = _year(found[2]), _MONTHS[found[1].lower()]
        return date(year, month, 1), _after(year, month)
    if found := _FISCAL.match(words):
        last = _MONTHS.get((found[1] or "jul").lower())
        year = _year(found[2])
        return (date(year - 1, 7, 1), _after(year - (last >= 7), last)) if last else None
    return None


def shows(text: str, value: Value | None) -> bool | None:
    """Whether a printed text shows a value; None where its form cannot be judged without the cell's number format.

    A number may be shown rounded, in percent, or in thousands or millions; a date by its month, or as ``2026-02-28``.
    """
    match value:
        case str():
            return clean(text) == clean(value)
        case bool():
            return text.upper() == str(value).upper()
        case Decimal():
            return _shows_number(text, value)
        case date():
            return _shows_date(text, value)
    return None


def _shows_date(text: str, value: date) -> bool | None:
    if _DAY.fullmatch(text.strip()):
        return text.strip() == f"{value:%Y-%m-%d}"
    shown = span(text)
    return None if shown is None else shown == span(value)


def _shows_number(text: str, value: Decimal) -> bool | None:
    if text.strip() in {"-", "–"}:
        return True if value == 0 else None
    found = _SHOWN.match(text.strip())
    if not found:
        return None
    shown = Decimal(found[2].replace(",", ""))
    if found[1] and shown and value > 0:
        return False
    scales = [Decimal(100)] if found[3] else [Decimal(1), Decimal("0.001"), Decimal("0.000001")]
    return any(abs(value * scale).quantize(shown, context=_WIDE) == shown for scale in scales)


def as_number(text: str) -> Decimal | None:
    """The number a text is, thousands separated by commas, ``1,234.5``; None when it is none."""
    bare = text.strip().replace(",", "")
    return Decimal(bare) if re.fullmatch(r"-?\d+(\.\d+)?", bare) else None
