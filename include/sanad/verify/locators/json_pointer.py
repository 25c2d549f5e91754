"""JSON by the standard library, its places named by JSON Pointer (RFC 6901)."""

from __future__ import annotations

import json
import platform
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sanad.verify.locators.markup import Page
from sanad.verify.locators.markup import read as read_page

_INDEX = re.compile(r"0|[1-9][0-9]*")


@dataclass(frozen=True, eq=False)
class Node:
    """A JSON document."""

    reader: str
    content: Any

    def at(self, locator: str) -> Any:
        """The node a pointer names, ``/rows/3/name``; null is None. LookupError when there is none.

        Where a text of the document is a page, its places follow: ``/html!/html[1]/body[1]/div[2]``.
        """
        if "!/html[" in locator:
            outer, _, inner = locator.rpartition("!")
            page = self.at(outer)
            if not isinstance(page, str):
                raise LookupError(f"{outer} is no page")
            return _page(page).at(inner)
        if locator and not locator.startswith("/"):
            raise LookupError(f"{locator} is no JSON Pointer")
        found = self.content
        for escaped in locator.split("/")[1:]:
            token = escaped.replace("~1", "/").replace("~0", "~")
            match found:
                case dict() if token in found:
                    found = found[token]
                case list() if _INDEX.fullmatch(token) and int(token) < len(found):
                    found = found[int(token)]
                case _:
                    raise LookupError(f"the document has no {locator}")
        return found


@lru_cache(maxsize=4)
def _page(text: str) -> Page:
    return read_page(text)


def read(content: bytes) -> Node:
    """The document; numbers are exact decimals."""
    return Node(
        f"json of Python {platform.python_version()}", json.loads(content, parse_float=Decimal, parse_int=Decimal)
    )
