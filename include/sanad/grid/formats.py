"""Cells as a reader sees them: the number formats that statistical workbooks really use.

Excel's full grammar is larger. A format outside of what is handled here shows the plain value; that costs a
nicer text in a trace, never a figure.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from sanad.words.numbers import plain, shortest

_BRACKETS = re.compile(r"\[[^\]]*\]")
_LITERALS = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]*)?|\.[#0?]+")
_MOST_DIGITS = 20  # a larger number has no decimals to round
_DATE_WORDS = {
    "yyyy": "%Y", "yy": "%y", "mmmm": "%B", "mmm": "%b", "mm": "%m", "m": "%-m", "dddd": "%A", "ddd": "%a",
    "dd": "%d", "d": "%-d", "hh": "%H", "h": "%-H", "ss": "%S",
}  # fmt: skip
_DATE_TOKEN = re.compile(r"y{2,4}|m{1,4}|d{1,4}|h{1,2}|s{1,2}", re.IGNORECASE)


class _Template(NamedTuple):
    """A section of a format: what stands around its digits. Without a pattern the section shows no digits."""

    before: str
    pattern: str
    after: str
    percents: int


def shown_number(value: float, number_format: str) -> str:
    """A number as its format shows it: ``36409.9251`` in ``#,##0`` is ``36,410``."""
    number = shortest(value)
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
        return plain(number)
    if number_format in {"", "General", "@"}:
        return plain(number).removesuffix(".0")
    section, signed = _section(number, number_format)
    template = _template(section)
    if template is None:
        return plain(number)
    if not template.pattern:
        return template.before.strip()
    amount = (number if signed else abs(number)) * 100**template.percents
    return (template.before + _digits(amount, template.pattern) + template.after).strip()


@lru_cache(maxsize=4096)
def _template(section: str) -> _Template | None:
    """The section taken apart; None for fractions, exponents and the like."""
    literals: list[str] = []
    template = _LITERALS.sub(lambda found: _keep(found, literals), _BRACKETS.sub("", section))
    digits = _DIGITS.search(template)
    start, end = digits.span() if digits else (len(template), len(template))
    if digits and re.search(r"[^\s\x00#0?,.()%+-]", template):
        return None
    kept = iter(literals)
    before, after = (re.sub("\x00", lambda _: next(kept), text) for text in (template[:start], template[end:]))
    return _Template(before, template[start:end], after, template.count("%"))


def _keep(found: re.Match[str], literals: list[str]) -> str:
    text = found[1] if found[1] is not None else found[2]
    if text is None:
        return ""  # padding
    literals.append(text)
    return "\x00"


def _section(number: Decimal, number_format: str) -> tuple[str, bool]:
    """The section of the format that a number falls in, and whether its sign is still to be shown."""
    sections = number_format.split(";")
    if number < 0 and len(sections) > 1:
        return sections[1], False
    if number == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], True


def _digits(amount: Decimal, pattern: str) -> str:
    whole, _, fraction = pattern.partition(".")
    rounded = amount.quantize(Decimal(1).scaleb(-len(fraction)), rounding=ROUND_HALF_UP) + 0
    if not rounded and "0" not in pattern:
        return ""  # only a 0 in the pattern asks for a digit where there is none: "-"?? shows a dash
    text = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    optional = len(fraction) - len(fraction.rstrip("#"))
    while optional and text.endswith("0"):
        text, optional = text[:-1], optional - 1
    return text.rstrip(".") if fraction else text


def shown_date(value: datetime, number_format: str) -> str:
    """A date as its format shows it: 28 February 2025 in ``mmm\\-yy`` is ``Feb-25``."""
    template = _BRACKETS.sub("", number_format.split(";", maxsplit=1)[0])
    template = re.sub(r'\\(.)|"([^"]*)"', lambda found: found[1] or found[2] or "", template).replace("@", "")
    shown = _DATE_TOKEN.sub(lambda token: value.strftime(_DATE_WORDS.get(token[0].lower(), "")), template)
    return shown if shown.strip() else value.isoformat()
