"""A directory's cards: a page, or a JSON reply that carries one, written anew with the declared parts of firms' cards.

Whatever else a page holds is left out: cards of persons, scripts, menus, and containers that nobody has declared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

from sanad.grid import read_json
from sanad.grid.markup import classes_of, markup, read_page, text_of
from sanad.redact.cutting import UNDECLARED, Cutting
from sanad.registry import heading
from sanad.words.vocabulary import Privacy


def cut(cutting: Cutting, kind: str, content: bytes) -> bytes:
    """The page, or the reply, with its firms' cards alone."""
    if kind == "html":
        return _page(cutting, content)
    reply = read_json(content, cutting.dataset.max_bytes)
    key = cutting.dataset.markup_key
    if not isinstance(reply, dict) or not isinstance(reply.get(key), str):
        raise cutting.refused(f"a reply with markup under '{key}'", "none")
    if others := len(reply) - 1:
        cutting.removed["/*", UNDECLARED] += others
    page = _page(cutting, reply[key]) if reply[key].strip() else b""
    return json.dumps({key: page.decode()}, ensure_ascii=False, separators=(",", ":")).encode()


def _page(cutting: Cutting, content: bytes | str) -> bytes:
    root = etree.Element("html")
    etree.SubElement(etree.SubElement(root, "head"), "meta", charset="utf-8")
    body = etree.SubElement(root, "body")
    for container, cards in _containers(cutting, read_page(content)):
        kept = etree.SubElement(body, "div", {"class": min(classes_of(container) & set(cutting.dataset.containers))})
        for card in cards:
            _card(cutting, card, etree.SubElement(kept, "div", {"class": cutting.dataset.card_class}))
    return markup(root)


def cards_in(card_class: str, container: Any) -> Iterator[Any]:
    """The cards of a container."""
    return (one for one in container.iterdescendants("div", "li", "article") if card_class in classes_of(one))


def _containers(cutting: Cutting, root: Any) -> Iterator[tuple[Any, list[Any]]]:
    """The containers of firms' cards, each with its own; those of persons are counted.

    A page that forgets to close one container has the next one inside it: a card is the innermost one's.
    """
    persons, firms = set(cutting.dataset.persons.containers), set(cutting.dataset.containers)
    own: dict[Any, list[Any]] = {}
    for card in cards_in(cutting.dataset.card_class, root):
        for element in card.iterancestors():
            if classes_of(element) & (persons | firms):
                own.setdefault(element, []).append(card)
                break
    for element in root.iter():
        if cards := own.get(element):
            if of_persons := classes_of(element) & persons:
                cutting.removed[f".{min(of_persons)}", "person"] += len(cards)
            else:
                yield element, cards


def _card(cutting: Cutting, card: Any, kept: Any) -> None:
    """The declared parts of a card, each with its class and its text, and a link's address where it is asked for."""
    for part in card.iterdescendants():
        field = _field(cutting, part)
        if field is None or cutting.privacy(field) is Privacy.PERSONAL:
            continue
        name = min(classes_of(part) & _declared(cutting, field))
        written = etree.SubElement(kept, "div", {"class": name})
        if cutting.dataset.fields[field].value == "link":
            for link in part.iter("a"):
                address = cutting.text(f".{name}", link.get("href", ""))
                etree.SubElement(written, "a", href=address if address.startswith(("http://", "https://")) else "")
        elif cutting.dataset.fields[field].value == "labels":
            for label in part.iterchildren("div"):
                etree.SubElement(written, "div").text = cutting.text(f".{name}", text_of(label).strip())
        else:
            written.text = cutting.value(f".{name}", field, text_of(part).strip())


def _field(cutting: Cutting, part: Any) -> str | None:
    return next(filter(None, (cutting.fields.get(heading(name)) for name in classes_of(part))), None)


def _declared(cutting: Cutting, field: str) -> set[str]:
    return set(cutting.dataset.fields[field].columns)
