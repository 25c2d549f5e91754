"""PDF by pdfplumber, its places named by RFC 8118's fragment: the second reader of what pdfium parsed.

pdfium gives pieces of lines, pdfplumber single characters and the rules between them. A place is the box of a printed
text, ``page=3&viewrect=36.0,72.5,110.2,9.1``, in points from the top left corner; what is read is all that stands in
the cell around it, so that a text of which half was read is found. Without rules on all four sides it is the box alone.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import Any, NamedTuple

import pdfplumber
from pdfplumber.pdf import PDF
from pdfplumber.utils.text import extract_text

from sanad.verify.locators.table import Unread

_BOX = re.compile(r"page=([1-9][0-9]*)&viewrect=" + ",".join([r"(-?[0-9]+\.[0-9])"] * 4))
#: Points by which a text may stand out of its box or over a rule: the two libraries measure letters differently.
_SLACK = 1.0


class Box(NamedTuple):
    """A part of a page, in points from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, letter: dict[str, Any]) -> bool:
        """Whether a letter's middle lies in it."""
        across, down = (letter["x0"] + letter["x1"]) / 2, (letter["top"] + letter["bottom"]) / 2
        return bool(
            self.left - _SLACK <= across <= self.right + _SLACK and self.top - _SLACK <= down <= self.bottom + _SLACK
        )


class Page(NamedTuple):
    """The letters of a page, and its rules: edges of everything that is drawn."""

    letters: Sequence[dict[str, Any]]
    rules: Sequence[dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Document:
    """A PDF, a page of it at a time: a page's letters take megabytes."""

    reader: str
    opened: PDF

    def at(self, locator: str) -> str | None:
        """The text of the cell around a box, None where nothing stands.

        LookupError when it names no box of a page; Unread when the page cannot be read.
        """
        found = _BOX.fullmatch(locator)
        if not found or int(found[1]) > len(self.opened.pages):
            raise LookupError(f"{locator} names no box of a page")
        left, top, width, height = map(float, found.groups()[1:])
        page = _page(self, int(found[1]))
        cell = _cell(page.rules, Box(left, top, left + width, top + height))
        return extract_text([letter for letter in page.letters if cell.holds(letter)]) or None


@lru_cache(maxsize=1)
def _page(document: Document, number: int) -> Page:
    page = document.opened.pages[number - 1]
    try:
        return Page(page.chars, page.edges)
    except Exception as error:  # pdfminer raises whatever a damaged page makes it stumble over
        raise Unread(f"pdfplumber cannot read page {number}: {error}") from error
    finally:
        page.close()


def _cell(rules: Sequence[dict[str, Any]], box: Box) -> Box:
    """The nearest rules on all four sides of a box; itself where a side has none."""
    across, down = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    upright = [one["x0"] for one in rules if one["orientation"] == "v" and one["top"] <= down <= one["bottom"]]
    level = [one["top"] for one in rules if one["orientation"] == "h" and one["x0"] <= across <= one["x1"]]
    left = max((x for x in upright if x <= across), default=None)
    right = min((x for x in upright if x > across), default=None)
    top = max((y for y in level if y <= down), default=None)
    bottom = min((y for y in level if y > down), default=None)
    if left is None or right is None or top is None or bottom is None:
        return box
    return Box(left + _SLACK, top + _SLACK, right - _SLACK, bottom - _SLACK)  # a letter on a rule is in one cell


def read(content: bytes) -> Document:
    """The document, opened."""
    return Document(f"pdfplumber {version('pdfplumber')}", pdfplumber.open(io.BytesIO(content)))
