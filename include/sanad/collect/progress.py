"""How far a walk has come: what is kept of its answers, and what has been asked in vain.

It stands in the archive beside the bytes, so that a walk goes on in another process, on another machine, or tomorrow.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from sanad.archive.store import Store
from sanad.collect.questions import Question, questions, walk_of
from sanad.registry import Dataset
from sanad.words.vocabulary import Origin, weakest

#: A question without an answer after so many requests is left out of the walk.
TRIES = 3


class Redacted(Protocol):
    """An answer as it may be kept: ``original_sha256`` is None when nothing was cut out, else that of what came."""

    @property
    def content(self) -> bytes:
        """What may be kept."""

    @property
    def original_sha256(self) -> str | None:
        """The hash of what came."""

    @property
    def removed_paths(self) -> Mapping[str, str]:
        """What was cut out, by path."""


@dataclass(frozen=True)
class Kept:
    """An answer that is kept: the hash its bytes are archived under, how many cards are in it, and what was cut out.

    ``origin`` is what the connection said of it, ``saved_at`` its Last-Modified, ISO 8601.
    """

    sha256: str
    cards: int
    origin: str | None
    saved_at: str | None
    original_sha256: str | None
    removed_paths: Mapping[str, str]


@dataclass
class Progress:
    """A walk: when it began, through a connection that redirects the publisher or not, and what came of it so far.

    ``kept`` and ``tries`` (requests in vain) are by the name of the part.
    """

    began_at: datetime
    redirected: bool
    kept: dict[str, Kept] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)

    def waiting(self, dataset: Dataset) -> list[Question]:
        """The questions still to be asked, those first that have failed least."""
        unanswered = (one for one in questions(dataset) if one.part not in self.kept)
        worth = (one for one in unanswered if self.tries.get(one.part, 0) < TRIES)
        return sorted(worth, key=lambda one: self.tries.get(one.part, 0))

    def failed(self, question: Question) -> None:
        """Count a request in vain."""
        self.tries[question.part] = self.tries.get(question.part, 0) + 1

    def answers(self, dataset: Dataset) -> dict[str, Kept]:
        """What the release is made of: every kept answer, but those to places that the search forgot."""
        left_out = {question.part for question in self.forgotten(dataset)}
        return {
            question.part: self.kept[question.part]
            for question in questions(dataset)
            if question.part in self.kept and question.part not in left_out
        }

    def forgotten(self, dataset: Dataset) -> list[Question]:
        """The places whose answers are the same, card for card: the search took no heed of the place."""
        places = [one for one in questions(dataset) if one.place and one.part in self.kept]
        times = Counter(self.kept[one.part].sha256 for one in places)
        return [one for one in places if self.kept[one.part].cards and times[self.kept[one.part].sha256] > 1]

    def unanswered(self, dataset: Dataset) -> list[Question]:
        """What was asked in vain to the end."""
        return [one for one in questions(dataset) if one.part not in self.kept]

    def full_pages(self, dataset: Dataset) -> list[Question]:
        """The places of which there may be more cards than one page shows."""
        full = walk_of(dataset).first_page
        return [
            one
            for one in questions(dataset)
            if one.place and one.part in self.kept and self.kept[one.part].cards >= full
        ]

    def origin(self, dataset: Dataset) -> Origin:
        """The weakest that the connection said of any answer; the dataset's own where it said nothing."""
        said = [Origin(one.origin) for one in self.answers(dataset).values() if one.origin]
        return weakest(said) if said else dataset.origin

    def saved_at(self, dataset: Dataset) -> datetime | None:
        """The newest Last-Modified of any answer; None where none has one."""
        said = [datetime.fromisoformat(one.saved_at) for one in self.answers(dataset).values() if one.saved_at]
        return max(said, default=None)


def load(store: Store, dataset: Dataset) -> Progress | None:
    """The walk that is under way; None when none is."""
    content = store.walk(dataset.dag_suffix)
    if content is None:
        return None
    said = json.loads(content)
    kept = {part: Kept(**one) for part, one in said["kept"].items()}
    return Progress(datetime.fromisoformat(said["began_at"]), said["redirected"], kept, said["tries"])


def save(store: Store, dataset: Dataset, progress: Progress) -> None:
    """Write down how far it has come."""
    content = {**asdict(progress), "began_at": progress.began_at.astimezone(UTC).isoformat()}
    store.put_walk(dataset.dag_suffix, json.dumps(content, indent=1, sort_keys=True).encode())


def forget(store: Store, dataset: Dataset) -> None:
    """The walk is over, and its release is in the ledger."""
    store.drop_walk(dataset.dag_suffix)
