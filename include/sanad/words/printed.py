"""A printed number: ``over Rs 72 crore`` as value, unit, step of its rounding and qualifier.

The step is that of the last printed digit: 1 million for ``$328 million``, 10 million for ``$1.06 billion``. A number
of people or firms is rounded at its last digit that is not 0: ``over 1,000`` has the step 1,000.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from math import prod
from typing import NamedTuple

from sanad.words.errors import UsageError

#: Words for a qualifier, by the qualifier.
QUALIFIERS = {
    "over": ("over", "more than", "above", "exceeding", "at least"),
    "nearly": ("nearly", "almost", "just under", "close to"),
    "about": ("about", "around", "some", "approximately", "roughly"),
}
#: What a printed word multiplies by, South Asian and Urdu ones among them; of two their product, ``lakh crore``.
_SCALES = {
    "thousand": 10**3, "lakh": 10**5, "lac": 10**5, "million": 10**6, "mn": 10**6, "m": 10**6, "crore": 10**7,
    "billion": 10**9, "bn": 10**9, "b": 10**9, "trillion": 10**12, "trn": 10**12,
    "ہزار": 10**3, "لاکھ": 10**5, "ملین": 10**6, "کروڑ": 10**7, "ارب": 10**9,
}  # fmt: skip
_CURRENCIES = {"$": "usd", "us$": "usd", "usd": "usd", "dollars": "usd", "dollar": "usd",
               "rs": "pkr", "rs.": "pkr", "pkr": "pkr", "₨": "pkr", "rupees": "pkr",
               "ڈالر": "usd", "روپے": "pkr"}  # fmt: skip
_PERCENT = frozenset({"percent", "pct", "pc", "%", "فیصد"})
#: Units of money are millions of a currency.
MONEY = frozenset({"usd_million", "pkr_million"})

_SEPARATORS = str.maketrans({"٬": ",", "٫": ".", "−": "-", "–": "-", "—": "-"})
_RANGE = re.compile(r"\d[\d,.]*\s*(?:-|to\b|and\b)\s*\D{0,4}\d", re.IGNORECASE)
_TOKEN = re.compile(r"[+-]?\d(?:[\d,.]*\d)?")
#: Thousands by three digits, or lakhs and crores by two.
_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<digits>(?:\d{1,3}(?:,\d{2,3})*,\d{3}|\d+)(?:\.\d+)?)")


class Amount(NamedTuple):
    """What a print says; ``resolution`` is the step of its rounding, in the unit."""

    value: Decimal
    unit: str
    resolution: Decimal
    qualifier: str | None


@dataclass(frozen=True)
class _Words:
    currency: str | None
    scale: int | None
    percent: bool


def western(text: str) -> str:
    """Digits of any script as 0 to 9, ``۳۲۸`` as 328, with the decimal signs that go with them."""
    digits = (str(unicodedata.decimal(letter, letter)) for letter in text)
    return "".join(digits).translate(_SEPARATORS)


def amount(text: str, unit: str | None = None) -> Amount:
    """What a printed number says; ``unit`` is what it is of where the print does not say.

    UsageError where there is no number, two of them, a range, no unit, or another unit than ``unit``.
    """
    plain = western(text).strip()
    if _RANGE.search(plain):
        raise UsageError(f"'{text}': expected one number, found a range")
    found = list(_TOKEN.finditer(plain))
    number = _NUMBER.fullmatch(found[0][0]) if len(found) == 1 else None
    if number is None:
        raise UsageError(f"'{text}': expected one number, found {', '.join(one[0] for one in found) or 'none'}")
    words = _words(plain[: found[0].start()], plain[found[0].end() :])
    stated = _unit(text, words, unit)
    digits = Decimal(number["digits"].replace(",", "")) * (-1 if number["sign"] == "-" else 1)
    factor = _factor(words, stated)
    return Amount(digits * factor, stated, _step(digits, stated, words) * factor, _qualifier(plain))


def _words(before: str, after: str) -> _Words:
    around = f" {before} {after} ".casefold().replace("us$", " us$ ").replace("%", " % ")
    around = re.sub(r"(?<!us)\$", " $ ", around).replace("₨", " ₨ ")
    tokens = around.replace("per cent", "percent").split()
    currency = next((_CURRENCIES[token] for token in tokens if token in _CURRENCIES), None)
    scales = [_SCALES[token] for token in tokens if token in _SCALES]
    return _Words(currency, prod(scales) if scales else None, not _PERCENT.isdisjoint(tokens))


def _unit(text: str, words: _Words, unit: str | None) -> str:
    printed = "pct" if words.percent else f"{words.currency}_million" if words.currency else None
    if printed and unit and printed != unit:
        raise UsageError(f"'{text}': expected {unit}, found {printed}")
    stated = printed or unit
    if stated is None:
        raise UsageError(f"'{text}': expected a unit, found none: write $328 million, Rs 72 crore or 24.6 percent")
    if stated in MONEY and words.scale is None and unit is None:
        raise UsageError(f"'{text}': expected thousand, lakh, million, crore or billion, found none")
    return stated


def _factor(words: _Words, unit: str) -> Decimal:
    if unit in MONEY:
        return Decimal(words.scale or 10**6) / 10**6
    return Decimal(words.scale or 1)


def _step(digits: Decimal, unit: str, words: _Words) -> Decimal:
    _, figures, exponent = digits.as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - a number of digits is finite
    if unit in MONEY or unit == "pct" or exponent < 0 or words.scale or not digits:
        return Decimal(1).scaleb(exponent)
    zeros = len(figures) - len("".join(map(str, figures)).rstrip("0"))
    return Decimal(1).scaleb(exponent + zeros)


def _qualifier(text: str) -> str | None:
    folded = f" {text.casefold()} "
    return next((name for name, words in QUALIFIERS.items() if any(f" {word} " in folded for word in words)), None)
