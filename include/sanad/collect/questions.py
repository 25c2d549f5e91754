"""What a walk asks: the page it begins with, then each known place once. Nothing else is ever asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from sanad.registry import Dataset, Walk

#: The name of the part that the page is.
PAGE = "page.html"


@dataclass(frozen=True)
class Question:
    """One request: an address, with a form where it is about a place. ``part`` names the answer in the release."""

    part: str
    address: str
    place: str | None = None
    form: Mapping[str, str] | None = None

    @property
    def url(self) -> str:
        """The address as it is written down; behind the ``#``, which is never sent, the place that was asked for."""
        return f"{self.address}#{quote(self.place)}" if self.place else self.address


def walk_of(dataset: Dataset) -> Walk:
    """The walk a dataset is collected by."""
    assert dataset.collect  # noqa: S101 - the caller's to check
    assert dataset.collect.walk  # noqa: S101
    return dataset.collect.walk


def questions(dataset: Dataset) -> list[Question]:
    """Everything a walk asks, in order."""
    assert dataset.collect  # noqa: S101 - the caller's to check
    walk = walk_of(dataset)
    action = str(walk.action.url)
    page = Question(PAGE, str(dataset.collect.urls[0].url))
    return [
        page,
        *(Question(walk.part(place), action, place, {**walk.form, walk.place_field: place}) for place in walk.asked),
    ]
