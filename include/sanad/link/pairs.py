"""Whom to compare: pairs of records that share something rare enough in their names. All with all would never end.

A name's keys are its words, each two of its words, and the whole without blanks, also with one letter left out: so
names with one slip share a key, wherever it is (the neighbourhood of deletions, as Mor and Fraenkel described it in
1982). A key that too many of those known have tells nobody apart and is passed over; so the number of pairs grows as
the records do.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sanad.link.evidence import Record
from sanad.link.names import Name

#: Records that may share a key, and words of a name that are looked at.
MOST, WORDS = 15, 6
#: Records that are asked for at a time: what bounds the memory.
BATCH = 20_000

Keys = tuple[NDArray[np.int64], NDArray[np.int64]]


def candidates(known: Sequence[Record], asked: Sequence[Record]) -> Iterator[tuple[int, list[int]]]:
    """For each asked who has any, in order: their place, and the places of those known to compare them with."""
    keys, owners = _keys(known)
    for start in range(0, len(asked), BATCH):
        wanted, askers = _keys(asked[start : start + BATCH])
        first = np.searchsorted(keys, wanted, side="left")
        count = np.searchsorted(keys, wanted, side="right") - first
        few = (count > 0) & (count <= MOST)
        first, count, askers = first[few], count[few], askers[few]
        # the places first, first + 1, ... of every run, one after the other
        places = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
        pairs = np.unique(np.repeat(askers, count) * len(known) + owners[places])
        who, whom = np.divmod(pairs, max(1, len(known)))
        bounds = np.flatnonzero(np.diff(who, prepend=-1))
        for one, found in zip(who[bounds], np.split(whom, bounds[1:]), strict=False):
            yield start + int(one), found.tolist()


def _keys(records: Sequence[Record]) -> Keys:
    """Every key of every record as a number, in order, and whose it is."""
    keys, owners = array("q"), array("q")
    for place, one in enumerate(records):
        own = {hash(key) for key in _keys_of(one.name)}
        keys.extend(own)
        owners.extend([place] * len(own))
    order = np.argsort(np.frombuffer(keys, dtype=np.int64), kind="stable")
    return np.frombuffer(keys, dtype=np.int64)[order], np.frombuffer(owners, dtype=np.int64)[order]


def _keys_of(name: Name) -> Iterator[str | tuple[str, str]]:
    words = sorted(set(name.words[:WORDS]))
    yield from words
    yield from combinations(words, 2)
    whole = name.squashed
    yield f" {whole}"
    for place in range(len(whole)):
        yield f" {whole[:place]}{whole[place + 1 :]}"
