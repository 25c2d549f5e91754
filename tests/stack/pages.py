"""The commands of a page of docs, to be run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
_PARTS = re.compile(r"^## (?P<heading>[^\n]+)$|^```sh\n(?P<block>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, heading: str = "") -> list[str]:
    """The blocks marked ``sh`` under a heading of the second level, before the first one when it is empty.

    KeyError when there is none: a page whose commands moved must not pass for one that was followed.
    """
    under = ""
    found: dict[str, list[str]] = {}
    for part in _PARTS.finditer((DOCS / page).read_text()):
        if part["heading"] is not None:
            under = part["heading"]
        else:
            found.setdefault(under, []).append(part["block"])
    return found[heading]
