"""HTML through selectolax, its places named by paths as ``/html[1]/body[1]/table[2]/tr[3]/td[1]``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

_STEP = re.compile(r"([a-z][a-z0-9]*)\[([1-9][0-9]*)\]")
#: Elements that a parser of the HTML standard puts in where a page left them out.
_IMPLIED = ("tbody", "thead", "tfoot")
_HIDDEN = ("script", "style", "template", "noscript", "head")


@dataclass(frozen=True, eq=False)
class Page:
    """A page as a tree."""

    reader: str
    root: Any

    def at(self, locator: str) -> str:
        """The text shown inside an element, or an attribute's (``/a[1]/@href``). LookupError when there is none."""
        path, _, attribute = locator.partition("/@")
        element = None
        for step in path.split("/")[1:]:
            found = _STEP.fullmatch(step)
            if not found:
                raise LookupError(f"{locator} is no path of a page")
            alike = [self.root] if element is None else list(_children(element, found[1]))
            if int(found[2]) > len(alike):
                raise LookupError(f"the page has no {locator}")
            element = alike[int(found[2]) - 1]
        if element is None:
            raise LookupError(f"{locator} is no path of a page")
        if attribute:
            if attribute not in element.attributes:
                raise LookupError(f"the page has no {locator}")
            return element.attributes[attribute] or ""
        return "".join(_texts(element))


def _children(element: Any, tag: str) -> Iterator[Any]:
    for child in element.iter():
        if child.tag == tag:
            yield child
        elif child.tag in _IMPLIED and tag == "tr":
            yield from _children(child, tag)


def _texts(element: Any) -> Iterator[str]:
    for child in element.iter(include_text=True):
        if child.tag == "-text":
            yield child.text_content or ""
        elif child.tag == "br":
            yield "\n"
        elif child.tag not in _HIDDEN:
            yield from _texts(child)


def read(content: bytes | str) -> Page:
    """The page."""
    from selectolax.lexbor import LexborHTMLParser

    return Page(f"selectolax {version('selectolax')}", LexborHTMLParser(content).root)
