"""A Tech Hub on the loopback, walked under a name of its own by each test."""

from __future__ import annotations

import hashlib
import json
import re
from itertools import count
from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import parse_qs

import pytest

from sanad.collect import Manners, Via
from sanad.extract.reading import Entry, Field, Reading
from sanad.local.publisher import Publisher
from sanad.registry import Dataset, dataset

_numbers = count(1)
AJAX = ("techdestination.com", "/wp-admin/admin-ajax.php")
PERSONS = re.compile(r"<div class='tech-user-profile'>.*</div>\s*(?=<button>|$)", re.DOTALL)


class Cut(NamedTuple):
    """An answer as it may be kept."""

    content: bytes
    original_sha256: str | None
    removed_paths: dict[str, str]


def cut(source: Dataset, part: str, content: bytes) -> Cut:
    """Cut freelancers' cards out of a page or a reply."""
    reply = json.loads(content) if part.endswith(".json") else {"html": content.decode()}
    kept, times = PERSONS.subn("", reply["html"])
    if not times:
        return Cut(content, None, {})
    written = json.dumps({"html": kept}) if part.endswith(".json") else kept
    return Cut(written.encode(), hashlib.sha256(content).hexdigest(), {".tech-user-profile": f"person {times}"})


class Seen(NamedTuple):
    """A request as the publisher got it."""

    method: str
    address: tuple[str, str]
    headers: dict[str, str]
    form: dict[str, list[str]]

    @property
    def place(self) -> str | None:
        """The place asked for; None for the page."""
        return self.form["locations[]"][0] if self.form else None


class Listening(Publisher):
    """The publisher, with everything it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Seen] = []

    def answer(self, method, path, headers, body=b""):
        """Answer, and remember."""
        self.seen.append(Seen(method, (headers["Host"], path), dict(headers), parse_qs(body.decode(), True)))
        return super().answer(method, path, headers, body)

    @property
    def places(self) -> list[str | None]:
        """The places asked for, in order."""
        return [one.place for one in self.seen]


@pytest.fixture(scope="session")
def server():
    with Listening() as running:
        yield running


@pytest.fixture
def publisher(server):
    server.rewind()
    server.seen.clear()
    return server


@pytest.fixture
def via(publisher):
    return Via(publisher.url, allow_private=True, trust_origin=True)


@pytest.fixture
def tech_hub(shared_installation, monkeypatch):
    """The dataset under a name of its own, over some places; its parser is the test's."""
    monkeypatch.setattr("sanad.extract.release.parser", lambda source: SimpleNamespace(extract=extract))

    def over(*places: str, **changed) -> Dataset:
        real = dataset("pseb/tech_hub")
        towns = {place: [] for place in places} or real.collect.walk.places
        walk = real.collect.walk.model_copy(update={"places": towns, **changed})
        collected = real.collect.model_copy(update={"walk": walk})
        return real.model_copy(update={"name": f"pseb/case_{next(_numbers)}", "collect": collected})

    return over


def extract(source: Dataset, parts: dict[str, bytes]) -> Reading:
    """An entry for each name on a card."""
    names = dict.fromkeys(
        (name, part)
        for part, content in parts.items()
        for name in re.findall(r"class='name'>([^<]*)<", content.decode())
    )
    entries = [
        Entry(
            ordinal,
            f"{part}!{ordinal}",
            "company",
            None,
            None,
            name,
            None,
            None,
            None,
            None,
            {"name": Field(name, name, f"{part}!{ordinal}")},
        )
        for ordinal, (name, part) in enumerate(names)
    ]
    return Reading("a.test", "1", "2023-09", entries=entries)


@pytest.fixture
def manners():
    """No pauses; as many requests as it takes."""
    return Manners(0, None)
