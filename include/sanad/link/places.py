"""Places by the ways in which they are written: ``place.csv`` and ``place_spelling.csv`` of the dbt project's seeds."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from sanad.link.text import plain
from sanad.words import settings

#: What stands for no one place: not told, several that a spelling may mean, and all that is not in Pakistan.
UNKNOWN, AMBIGUOUS, ABROAD = "unknown", "ambiguous", "abroad"
_FINEST_FIRST = ("town", "city", "district", "province", "territory", "country")
_APART = re.compile(r"[,;/|()\n]|\s[-\u2013\u2014]\s|[\u2013\u2014]|\u060c|-")


@dataclass(frozen=True)
class Place:
    """A place and what it lies in; a town's and a city's own city is known, a district's is None."""

    place_code: str
    place_name: str
    place_kind: str
    city_code: str | None
    district_name: str | None
    region_code: str | None

    def agrees(self, other: Place) -> bool:
        """Whether one may lie in the other, or is it."""
        pairs = (
            (self.place_code, other.place_code, self.place_kind == other.place_kind),
            (self.city_code, other.city_code, True),
            (self.district_name, other.district_name, True),
            (self.region_code, other.region_code, True),
        )
        return all(one == another for one, another, asked in pairs if asked and one and another)


class Sighting(NamedTuple):
    """One spelling of a place as it was printed, the place it stands for, and in how many rows it stood."""

    printed: str
    place_code: str
    rows: int
    is_matched: bool


class Found(NamedTuple):
    """The place a spelling stands for. Not ``is_matched``: no file knows the spelling, and the place is unknown."""

    place: Place
    is_matched: bool


@cache
def places() -> dict[str, Place]:
    """Every place by its code."""
    return {
        row["place_code"]: Place(**{name: value or None for name, value in row.items()})  # type: ignore[arg-type]
        for row in _seed("place")
    }


@cache
def find(*printed: str | None) -> Found:
    """The place that is meant by what is printed of it: a town and its city apart, or one text with both.

    ``unknown`` for nothing; ``ambiguous`` where it may be in several cities, or where what is said disagrees.
    """
    said = [text for text in printed if text and plain(text)]
    if not said:
        return Found(places()[UNKNOWN], True)
    meant = [found for text in said for found in _parts(text) if found]
    if not meant:
        return Found(places()[UNKNOWN], False)
    return Found(_one_of(meant), True)


def _parts(text: str) -> list[frozenset[Place]]:
    """What the whole text may mean; where nobody knows it, what each part of it may."""
    whole = _spellings().get(plain(text))
    return [whole] if whole else [_spellings().get(plain(part), frozenset()) for part in _APART.split(text)]


def _one_of(meant: list[frozenset[Place]]) -> Place:
    real = [{one for one in options if one.place_kind in _FINEST_FIRST} for options in meant]
    named = [options for options in real if options]
    others = {one.place_code for options in meant for one in options if one.place_kind not in _FINEST_FIRST}
    if not named:
        return places()[next(code for code in (ABROAD, AMBIGUOUS, UNKNOWN) if code in others)]
    agreed = [one for options in named for one in options if all(any(map(one.agrees, said)) for said in named)]
    if ABROAD in others or not agreed:
        return places()[AMBIGUOUS]
    finest = {one for one in agreed if _rank(one) == min(map(_rank, agreed))}
    cities = {one.city_code for one in finest}
    if len(finest) == 1:
        return finest.pop()
    return places()[cities.pop() or AMBIGUOUS] if len(cities) == 1 else places()[AMBIGUOUS]


def _rank(place: Place) -> int:
    return _FINEST_FIRST.index(place.place_kind)


@cache
def _spellings() -> dict[str, frozenset[Place]]:
    """What each spelling, in plain form, may mean: a place's own name is one of its spellings."""
    meant: dict[str, set[Place]] = defaultdict(set)
    for place in places().values():
        meant[plain(place.place_name)].add(place)
    for row in _seed("place_spelling"):
        meant[plain(row["spelling"])].add(places()[row["place_code"]])
    return {spelling: frozenset(found) for spelling, found in meant.items()}


def sightings(printed: Iterable[str | None]) -> list[Sighting]:
    """Every spelling with the place it stands for and its number of rows, the most frequent first."""
    counted = Counter(text or "" for text in printed)
    told = ((text, find(text), rows) for text, rows in counted.items())
    found = [Sighting(text, one.place.place_code, rows, one.is_matched) for text, one, rows in told]
    return sorted(found, key=lambda one: (-one.rows, one.printed))


def _seed(name: str) -> list[dict[str, str]]:
    with (settings.project() / "dbt_project" / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
