"""A text in plain form: what is left of a spelling when case, punctuation, marks and kinds of letters are put aside."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache

from sanad.words import settings

_INITIALS = re.compile(r"(?<!\w)(\w)\.(?=\w(?!\w))")
_APOSTROPHES = re.compile(r"['`\u2018\u2019\u02bc]")
_NO_WORD = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Lower case, one blank between words, no punctuation; digits of any script as 0 to 9; marks above letters gone.

    Letters and digits stay in their order, none is left out. What is plain already stays as it is.
    """
    if text.isascii():
        bare = text.casefold()
    else:
        spread = unicodedata.normalize("NFKD", text.casefold())
        # marks and what is not seen at all join no words and part none
        kept = "".join(_letter(one) for one in spread if unicodedata.category(one) not in {"Mn", "Cf"})
        bare = unicodedata.normalize("NFC", kept).casefold()
    bare = _INITIALS.sub(r"\1", _APOSTROPHES.sub("", bare.replace("&", " and ").replace("+", " plus ")))
    return _NO_WORD.sub(" ", bare).strip()


def _letter(letter: str) -> str:
    digit = unicodedata.digit(letter, None)
    return str(digit) if digit is not None else _letters().get(letter, letter)


@cache
def _letters() -> dict[str, str]:
    return {row["letter"]: row["stands_for"] for row in data("letters")}


def data(name: str) -> list[dict[str, str]]:
    """The rows of a file of ``include/names``."""
    with (settings.project() / "include" / "names" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
