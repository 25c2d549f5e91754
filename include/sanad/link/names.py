"""Names as they are compared: their words as ``include/names`` has them, and their legal form kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from sanad.link.text import data, plain
from sanad.words.errors import UsageError


@dataclass(frozen=True)
class Name:
    """A name's words in their order, never empty where the name has a letter or a digit, and the legal forms around
    them.
    """  # fmt: skip

    words: tuple[str, ...]
    forms: tuple[str, ...] = ()

    def __str__(self) -> str:
        before = [form for form in self.forms if form in _prefixes()]
        after = [form for form in self.forms if form not in _prefixes()]
        return " ".join([*before, *self.words, *after])

    @cached_property
    def squashed(self) -> str:
        """The words without the blanks between them: NetSol and Net Sol."""
        return "".join(self.words)


def named(text: str) -> Name:
    """A name as it is compared. ``named(str(named(text)))`` is the same again."""
    words = _respelt(tuple(plain(text).split()))
    before, words = _forms(words, at_end=False)
    after, words = _forms(words, at_end=True)
    return Name(words, (*before, *after))


def _forms(words: tuple[str, ...], *, at_end: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The legal forms at one end of a name, and the words without them; a name is never taken for a form."""
    known = _legal_forms(at_end)
    longest = max(map(len, known))
    found: list[str] = []
    shorter = True
    while shorter:
        shorter = False
        for count in range(min(longest, len(words) - 1), 0, -1):
            ending = words[-count:] if at_end else words[:count]
            if ending in known:
                found.append(known[ending])
                words = words[:-count] if at_end else words[count:]
                shorter = True
                break
    return tuple(reversed(found)) if at_end else tuple(found), words


def _respelt(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words as ``words.csv`` has them; what has come together may be a spelling again."""
    known = _words()
    while (done := _replaced(words, known)) != words:
        words = done
    return words


def _replaced(words: Sequence[str], known: Mapping[tuple[str, ...], tuple[str, ...]]) -> tuple[str, ...]:
    """The words with each known spelling, the longest first, as the word it is for."""
    longest = max(map(len, known))
    done: list[str] = []
    place = 0
    while place < len(words):
        for count in range(min(longest, len(words) - place), 0, -1):
            spelling = tuple(words[place : place + count])
            if spelling in known or count == 1:
                done += known.get(spelling, spelling)
                place += count
                break
    return tuple(done)


@cache
def _words() -> dict[tuple[str, ...], tuple[str, ...]]:
    known = {tuple(plain(row["spelling"]).split()): tuple(row["word"].split()) for row in data("words")}
    for spelling, word in known.items():
        if _replaced(word, known) != word:
            raise UsageError(f"include/names/words.csv: {' '.join(spelling)}: {' '.join(word)} is a spelling itself")
    return known


@cache
def _legal_forms(at_end: bool) -> dict[tuple[str, ...], str]:
    stands = "end" if at_end else "begin"
    rows = [row for row in data("legal_forms") if row["stands"] == stands]
    known = {tuple(plain(row["spelling"]).split()): row["form"] for row in rows}
    for spelling, form in known.items():
        if known.get(tuple(form.split())) != form:
            raise UsageError(f"include/names/legal_forms.csv: {' '.join(spelling)}: {form} is no form itself")
    return known


@cache
def _prefixes() -> frozenset[str]:
    return frozenset(_legal_forms(at_end=False).values())
