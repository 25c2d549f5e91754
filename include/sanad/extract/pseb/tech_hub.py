"""The Tech Hub, PSEB's public directory: a page of cards, and replies to searches that carry more of them.

A release is one walk over the known places, each answer a part. What is odd about it:

- A reply is JSON with the markup under ``html``. The class of a card's expertise is misspelt ``ecperties-overflow``.
- ``.staff-holder`` is a company's staff, and on a call centre's card stands twice: seats, and CSR agents.
- The word ``Array`` stands where a list should: the site's own slip, and no area of expertise.
- A firm answers to its city and to its town, so a walk sees many cards more than once: the same card is one entry, at
  the first place where it was seen.
- Freelancers' cards come along unasked; they are cut out before anything is archived.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sanad.extract.reading import Entry, Reading, Rejected
from sanad.extract.registers import Printed, Rows, UnfitError, reject, stop, tidy, version_of
from sanad.grid import read_json
from sanad.grid.markup import classes_of, path_of, read_page, text_of
from sanad.grid.read import told_type, whole
from sanad.registry import Dataset, heading

PARSER = "pseb.tech_hub"
VERSION = "1"

_COUNT = re.compile(r"\d[\d,]*")
_YEARS = re.compile(r"(\d+)\s*Yrs?", re.IGNORECASE)
#: What a head count on a card is a count of, by the word beside it.
_COUNTED = {"seats": "seats", "csr": "csr_agents", "staff": "staff"}


def extract(dataset: Dataset, parts: dict[str, bytes]) -> Reading:
    """An entry for each distinct card of a firm. Unreadable (gates ``file``, ``cards``) when there is no card."""
    entries: list[Entry] = []
    rejected: list[Rejected] = []
    seen: set[str] = set()
    ordinal = 0
    for name, content in sorted(parts.items()):
        for place, kind, card in _cards(dataset, content):
            prefix = f"{name}!" if len(parts) > 1 else ""
            one = _entry(Rows(dataset, kind=kind), ordinal, prefix + place, card)
            ordinal += 1
            if isinstance(one, Rejected):
                rejected.append(one)
            elif one.canonical not in seen:
                seen.add(one.canonical)
                entries.append(one)
    if not entries and not rejected:
        raise stop("cards", f"cards of class {dataset.card_class}", "none in any part")
    return Reading(PARSER, version_of(dataset, VERSION), None, entries=entries, rejected=rejected)


def _cards(dataset: Dataset, content: bytes) -> Iterator[tuple[str, str, Any]]:
    """The place, the kind and the element of each card of a part."""
    kind = told_type(content, dataset.file_types, dataset.max_bytes)
    inside = ""
    page: bytes | str = content
    if kind == "json":
        page, inside = read_json(content, dataset.max_bytes)[dataset.markup_key], f"/{dataset.markup_key}!"
    if not page.strip():
        return
    with whole(dataset.file_types):
        root = read_page(page)
    for element in root.iter("div"):
        named = classes_of(element) & set(dataset.containers)
        for card in element.iterchildren("div") if named else ():
            if dataset.card_class in classes_of(card):
                yield inside + path_of(card), dataset.containers[min(named)], card


def _entry(rows: Rows, ordinal: int, locator: str, card: Any) -> Entry | Rejected:
    printed = dict(_printed(rows.dataset, card, locator))
    try:
        return rows.entry(ordinal, locator, printed)
    except UnfitError as unfit:
        return reject(locator, unfit, (one.as_printed for one in printed.values()))


def _printed(dataset: Dataset, card: Any, locator: str) -> Iterator[tuple[str, Printed]]:
    """The fields a card holds something in, each with its own place."""
    named = dataset.printed_as
    base = path_of(card)
    for part in card.iterdescendants():
        field = next(filter(None, (named.get(heading(one)) for one in sorted(classes_of(part)))), None)
        if field is None:
            continue
        place = locator + path_of(part).removeprefix(base)
        shown = tidy(text_of(part))
        match field:
            case "staff":
                yield from _heads(shown, place)
            case "experience_years":
                if years := _YEARS.search(shown):
                    yield field, Printed(int(years[1]), shown, place)
            case "expertise":
                labels = [text_of(one).strip() for one in part.iterchildren("div")]
                yield field, Printed([one for one in labels if one != "Array"], text_of(part).strip(), place)
            case "website":
                for link in part.iter("a"):
                    href = f"{locator}{path_of(link).removeprefix(base)}/@href"
                    yield field, Printed(link.get("href"), link.get("href"), href)
            case _ if shown:
                yield field, Printed(shown, text_of(part).strip(), place)


def _heads(shown: str, place: str) -> Iterator[tuple[str, Printed]]:
    """A count of heads, and of whose."""
    count = _COUNT.search(shown)
    if count:
        what = next((field for word, field in _COUNTED.items() if word in shown.lower()), "staff")
        yield what, Printed(int(count[0].replace(",", "")), shown, place)
