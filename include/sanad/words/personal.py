"""What in a text gives a person away: CNIC numbers, mobile telephones, e-mail addresses, pages about a person.

Digits are those of any script, and may stand apart by blanks, dashes, full stops, brackets, marks of direction.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

#: What stands where something personal was cut out of a text.
MARK = "[removed]"

_APART = r"[\s.()\-\u00ad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069]*"
_NO_DIGITS = re.compile(r"\D+")
_EMAIL = re.compile(r"[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
#: Where sites keep one page for each person; a firm's page there has another path.
_PROFILE = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*(?:linkedin\.com/(?:in|pub)|upwork\.com/(?:freelancers|fl)|fiverr\.com)/[^\s\"'<>]+",
    re.IGNORECASE,
)


def _digits(count: int) -> str:
    return _APART.join([r"\d"] * count)


_NUMBERS = {
    # 12345-1234567-1, and with strokes where the dashes are
    "cnic": re.compile(rf"(?<!\d)(?:{_digits(13)}|\d{{5}}\s*[/_|]\s*\d{{7}}\s*[/_|]\s*\d)(?!\d)"),
    # +92 3xx xxxxxxx, +92 (0)3xx xxxxxxx, 03xx-xxxxxxx, and 3xxxxxxxxx as a spreadsheet keeps it
    "mobile": re.compile(
        rf"(?<!\d)(?:(?:\+|00)?{_APART}92{_APART}(?:0{_APART})?|0{_APART})?3{_APART}{_digits(9)}(?!\d)"
    ),
}


class Scrubbed(NamedTuple):
    """A text without what is personal in it, and which patterns were found, each once."""

    text: str
    found: tuple[str, ...]


@lru_cache(maxsize=16_384)  # a register says most of its words many times
def scrub(text: str, *, keep_email: bool = False) -> Scrubbed:
    """Put `MARK` in the place of each CNIC and mobile number, of each address of a page about a person, and of each
    e-mail address unless it is to be kept.
    """  # fmt: skip
    if len(text) < 6 or (len(text) < 10 and "@" not in text):
        return Scrubbed(text, ())
    found = []
    if not keep_email and ("@" in text or "%40" in text):
        text, times = _EMAIL.subn(MARK, text)
        found += ["email"] * bool(times)
    if ".com/" in text.casefold():
        text, times = _PROFILE.subn(MARK, text)
        found += ["profile"] * bool(times)
    if len(text) >= 10 and len(_NO_DIGITS.sub("", text)) >= 10:
        for name, pattern in _NUMBERS.items():
            text, times = pattern.subn(MARK, text)
            found += [name] * bool(times)
    return Scrubbed(text, tuple(found))
