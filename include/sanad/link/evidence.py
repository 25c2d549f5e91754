"""What speaks for two rows being one registrant, in bits, and what that comes to as a probability.

The arithmetic is Fellegi and Sunter's: bits of independent signs add up, a sign's bits being the logarithm of how much
more often it is seen on rows of one registrant than on rows of two. A word that agrees counts by how rare it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import log2
from typing import NamedTuple

import yaml
from rapidfuzz.distance import OSA

from sanad.link.names import Name
from sanad.link.places import Place
from sanad.words import settings


@dataclass(frozen=True)
class Weights:
    """The numbers of ``include/names/weights.yml``, which says what each is."""

    known: float
    unseen: float
    group: float
    whole: float
    misspelt: float
    joined: float
    order: float
    missing: float
    missing_rare: float
    exchanged: float
    number: float
    common: float
    form_same: float
    form_other: float
    misspelt_elsewhere: float
    stays: float
    city_same_most: float
    city_other: float
    region_other: float
    kind_other: float
    website_same: float
    website_other: float
    linked: float
    candidate: float


@cache
def weights() -> Weights:
    """The weights of the project."""
    return Weights(**yaml.safe_load((settings.project() / "include" / "names" / "weights.yml").read_text()))


class Record(NamedTuple):
    """One who may be somebody known: a name, a place, and what else helps to tell; ``website`` is a host alone."""

    record_id: str
    name: Name
    place: Place
    kind: str | None = None
    website: str | None = None


class Evidence(NamedTuple):
    """Bits for (above 0) and against (below) by sign; ``chance`` is what stands before any sign is looked at."""

    chance: float
    words: float
    whole: float
    spelling: float
    missing: float
    form: float
    place: float
    kind: float
    website: float

    @property
    def bits(self) -> float:
        """All of it."""
        return sum(self)


class Knowledge:
    """How frequent words and cities are among those who were seen, each once: what an agreement is worth.

    ``known`` is how many of them one who is asked for may be.
    """

    def __init__(self, seen: Iterable[Record], known: int) -> None:
        words, cities, whose = set(), set(), set()
        for one in seen:  # somebody who is written in many ways makes no word frequent
            whose.add(one.record_id)
            words |= {(one.record_id, word) for word in one.name.words}
            cities.add((one.record_id, one.place.city_code))
        self.size = max(1, len(whose))
        self._words = Counter(word for _, word in words)
        self._cities = Counter(city for _, city in cities)
        self._weights = weights()
        self._chance = log2(self._weights.known / (1 - self._weights.known) / max(1, known))
        self._most = log2(self.size) + self._weights.group

    def weigh(self, asked: Record, known: Record) -> Evidence:
        """The evidence for somebody known being who is asked for."""
        ours, theirs = asked.name.words, known.name.words
        words, spelling, missing = self._names(ours, theirs)
        place = self._place(asked.place, known.place)
        if place < 0 and spelling <= self._weights.misspelt:
            place += self._weights.misspelt_elsewhere
        return Evidence(
            self._chance,
            min(words, self._most),
            0.0 if missing else self._weights.whole,
            spelling,
            missing,
            self._form(asked.name, known.name),
            place,
            self._weights.kind_other if asked.kind and known.kind and asked.kind != known.kind else 0.0,
            self._website(asked.website, known.website),
        )

    def _names(self, ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[float, float, float]:
        """Bits of words that agree, of how they are spelt and ordered, and of those that only one has."""
        shared = set(ours) & set(theirs)
        words = sum(self._rare(one) for one in dict.fromkeys(theirs) if one in shared)
        spelling = 0.0
        if len(shared) > 1 and [one for one in ours if one in shared] != [one for one in theirs if one in shared]:
            spelling += self._weights.order
        ours_left, theirs_left = [o for o in ours if o not in shared], [t for t in theirs if t not in shared]
        if ours_left and theirs_left:
            if _apart("".join(ours_left), "".join(theirs_left)) == 0:
                return words + sum(map(self._rare, theirs_left)), spelling + self._weights.joined, 0.0
            for ours_word, theirs_word in _misspelt(ours_left, theirs_left):
                ours_left.remove(ours_word)
                theirs_left.remove(theirs_word)
                words += self._rare(theirs_word)
                spelling += self._weights.misspelt - log2(max(1, self._words[ours_word]))
        return words, spelling, self._missing(ours_left, theirs_left)

    def _rare(self, word: str) -> float:
        """How much a shared word says: the one known who is looked at does not count."""
        return log2(self.size / (max(0, self._words[word] - 1) + self._weights.unseen))

    def _missing(self, ours: Sequence[str], theirs: Sequence[str]) -> float:
        bits = self._weights.exchanged if ours and theirs else 0.0
        for word in (*ours, *theirs):
            if word.isdigit():
                bits += self._weights.number
            elif self._words[word] >= self._weights.common * self.size:
                bits += self._weights.missing
            else:
                bits += self._weights.missing_rare
        return bits

    def _form(self, ours: Name, theirs: Name) -> float:
        if not ours.forms or not theirs.forms:
            return 0.0
        return self._weights.form_same if ours.forms == theirs.forms else self._weights.form_other

    def _place(self, ours: Place, theirs: Place) -> float:
        if ours.city_code and ours.city_code == theirs.city_code:
            rare = self.size / (self._cities[ours.city_code] + self._weights.unseen)
            return min(log2(self._weights.stays * rare), self._weights.city_same_most)
        if ours.region_code and theirs.region_code and ours.region_code != theirs.region_code:
            return self._weights.region_other
        return self._weights.city_other if ours.city_code and theirs.city_code else 0.0

    def _website(self, ours: str | None, theirs: str | None) -> float:
        if not ours or not theirs:
            return 0.0
        return self._weights.website_same if ours == theirs else self._weights.website_other


def _apart(one: str, other: str) -> int:
    """Letters left out, put in, changed or exchanged with their neighbours; 3 for all beyond 2."""
    return OSA.distance(one, other, score_cutoff=2)


def _misspelt(ours: Iterable[str], theirs: Sequence[str]) -> list[tuple[str, str]]:
    """Words that are one word but for a slip: one letter in four, two in nine; none has a digit."""
    found: list[tuple[str, str]] = []
    taken: set[str] = set()
    for one in ours:
        for other in theirs:
            shorter = min(len(one), len(other))
            if other in taken or shorter < 4 or not (one.isalpha() and other.isalpha()):
                continue
            if _apart(one, other) <= (2 if shorter >= 9 else 1):
                found.append((one, other))
                taken.add(other)
                break
    return found


class Match(NamedTuple):
    """One who is asked for, one known, how probable it is that they are one, and why."""

    asked_id: str
    known_id: str
    probability: float
    evidence: Evidence


def probabilities(bits: Sequence[float]) -> list[float]:
    """Of being each of those known, who cannot be two of them and may be none: they add up to less than 1."""
    highest = max([0.0, *bits])
    odds = [2 ** (one - highest) for one in bits]
    all_odds = 2**-highest + sum(odds)
    return [one / all_odds for one in odds]
