"""What the loopback publisher answers at each address it stands for: one desk an address.

The State Bank's desk hands out the bundled workbooks. PSEB's three answer from the synthetic registers: the Tech Hub's
page, its search, and the verification of certificates. A desk answers for one edition, and knows no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from functools import cache
from http import HTTPStatus
from urllib.parse import parse_qs

from sanad.local import bundled, registers
from sanad.local.bundled import Address, BundledRelease
from sanad.local.faults import Answer
from sanad.local.registers import Edition, certificate, tech_hub
from sanad.words.vocabulary import Origin

#: What a dataset may be at: a bundled release, or an edition of the synthetic registers.
Issue = BundledRelease | Edition
READING = frozenset({"GET", "HEAD"})
_SENDING = frozenset({"POST"})
_TECH_HUB, _PORTAL_API = "techdestination.com", "api.techdestination.com"


@dataclass(frozen=True)
class Desk:
    """Who answers at an address, by which methods; ``answer`` is given the dataset's edition and the request's body."""

    dataset: str
    methods: frozenset[str]
    answer: Callable[[Issue, bytes], Answer]


def issues() -> dict[str, tuple[Issue, ...]]:
    """The editions of every dataset that is served, in the order of issue."""
    editions: dict[str, tuple[Issue, ...]] = {dataset: bundled.editions(dataset) for dataset in bundled.datasets()}
    return editions | dict.fromkeys((registers.TECH_HUB, registers.CERTIFICATE), registers.plan().editions)


def desks() -> dict[Address, Desk]:
    """Every address there is."""
    documents = {
        address: Desk(dataset, READING, _document)
        for dataset in bundled.datasets()
        for address in bundled.published_at(dataset)
    }
    page = Desk(registers.TECH_HUB, READING, _page)
    return documents | {
        Address(_TECH_HUB, "/tech-hub-portal/"): page,
        Address(_TECH_HUB, "/profiles/"): page,
        Address(_TECH_HUB, "/wp-admin/admin-ajax.php"): Desk(registers.TECH_HUB, _SENDING, _search),
        Address(_PORTAL_API, "/api/verify-certificate"): Desk(registers.CERTIFICATE, _SENDING, _verification),
    }


def _document(release: Issue, body: bytes) -> Answer:
    """The release's file."""
    assert isinstance(release, BundledRelease)  # noqa: S101 - the table of desks sees to it
    content = _rendered(release)
    headers = {
        "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
        "Last-Modified": format_datetime(release.last_saved, usegmt=True),
        "Content-Type": release.media_type,
        "X-Sanad-Origin": release.origin,
    }
    return Answer(HTTPStatus.OK, headers, content)


@cache
def _rendered(release: BundledRelease) -> bytes:
    return bundled.render(release)


def _page(edition: Issue, body: bytes) -> Answer:
    """The Tech Hub's page."""
    assert isinstance(edition, Edition)  # noqa: S101
    return _synthetic(edition, "text/html; charset=UTF-8", tech_hub.page(edition))


def _search(edition: Issue, body: bytes) -> Answer:
    """The Tech Hub's actions: a form says which, and of which place."""
    assert isinstance(edition, Edition)  # noqa: S101
    form = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    content = _acted(edition, {field: values[0] for field, values in form.items()})
    if content is None:
        return _synthetic(edition, "text/html; charset=UTF-8", tech_hub.UNHANDLED, HTTPStatus.BAD_REQUEST)
    said = "text/html" if content == tech_hub.UNHANDLED else "application/json"
    return _synthetic(edition, f"{said}; charset=UTF-8", content)


def _acted(edition: Edition, form: Mapping[str, str]) -> bytes | None:
    """What the form's action answers; None when there is no such action."""
    match form.get("action"):
        case tech_hub.SEARCH:
            return tech_hub.search(edition, form.get("locations[]", ""), form.get("search", ""))
        case tech_hub.LOAD_MORE if form.get("page", "").isdecimal():
            return tech_hub.load_more(edition, int(form["page"]))
        case tech_hub.FREELANCERS:
            return tech_hub.freelancers(edition)
    return None


def _verification(edition: Issue, body: bytes) -> Answer:
    """The portal's verification of certificates."""
    assert isinstance(edition, Edition)  # noqa: S101
    status, content = certificate.verified(body, edition)
    return _synthetic(edition, "application/json; charset=utf-8", content, status)


def _synthetic(edition: Edition, media_type: str, content: bytes, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    headers = {
        "Last-Modified": format_datetime(edition.published_at, usegmt=True),
        "Content-Type": media_type,
        "X-Sanad-Origin": Origin.SYNTHETIC,
    }
    return Answer(status, headers, content)
