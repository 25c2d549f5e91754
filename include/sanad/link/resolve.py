"""Who is who: the rows of all registers, each with the code of the registrant it names, and how that is known.

Keys first. Who has none is asked for among those who have; who is nobody of them, among each other. Certificates of two
numbers are two registrants, unless one is declared a branch. What a person has decided stands before all arithmetic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sanad.link.evidence import Evidence, Match, Record, weights
from sanad.link.match import match
from sanad.link.rows import Groups, Row, by_key, code_of


class By(StrEnum):
    """How it is known whom a row names."""

    KEY = "key"
    NAME = "name"
    PERSON = "person"
    ALONE = "alone"


class State(StrEnum):
    """What has become of a possible link: made by its probability, or waiting for a person, or decided by one."""

    LINKED = "linked"
    CANDIDATE = "candidate"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Decision:
    """What a person has decided: whether the one that a row names is the one that another row names."""

    asked: Row
    known: Row
    is_same: bool


@dataclass(frozen=True)
class Link:
    """Two codes that may name one registrant. ``probability`` and ``evidence`` are None where a person joined what
    arithmetic would not even compare, or parted it.
    """  # fmt: skip

    asked_code: str
    known_code: str
    asked: Row
    known: Row
    state: State
    is_branch: bool = False
    probability: float | None = None
    evidence: Evidence | None = None

    @property
    def handle(self) -> str:
        """What people call it: 8 hex digits of the two codes."""
        return hashlib.sha256(f"{self.asked_code}\x00{self.known_code}".encode()).hexdigest()[:8]

    @property
    def is_made(self) -> bool:
        """Whether the two are one registrant now."""
        return self.state in {State.LINKED, State.ACCEPTED}


@dataclass(frozen=True)
class Identity:
    """Whom a row names, and where. ``probability`` is that of the link where a name made it, which is model output."""

    row_id: str
    registrant_code: str
    place_code: str
    by: By
    is_branch: bool
    probability: float | None


@dataclass(frozen=True)
class Resolution:
    """One identity a row, in the order of row ids; every link; registrants whose key stands beside unlike names."""

    identities: list[Identity]
    links: list[Link]
    doubts: dict[str, list[Row]]


def resolve(rows: Iterable[Row], decisions: Sequence[Decision] = ()) -> Resolution:
    """Whom each row names, whatever their order. Of two decisions about one pair the last counts."""
    known_rows = sorted(rows, key=lambda row: row.row_id)
    named_in = [row for one in decisions for row in (one.asked, one.known)]
    groups, _ = by_key([*known_rows, *named_in])
    told = _told(groups, known_rows)
    decided = {(groups.of(code_of(one.asked)), groups.of(code_of(one.known))): one for one in decisions}
    links = list(_links(told, decided))
    return Resolution(list(_identities(told, links)), links, _doubts(told))


def _told(groups: Groups, rows: Sequence[Row]) -> dict[str, list[Row]]:
    told: dict[str, list[Row]] = {}
    for row in rows:
        told.setdefault(groups.of(code_of(row)), []).append(row)
    return told


_Decided = Mapping[tuple[str, str], Decision]


def _links(told: Mapping[str, list[Row]], decided: _Decided) -> Iterator[Link]:
    """Every link: a person's first, then branches and those without keys among those with, then the rest."""
    for pair, one in sorted(decided.items()):
        state = State.ACCEPTED if one.is_same else State.REJECTED
        yield Link(*pair, one.asked, one.known, state, is_branch=one.asked.is_branch)
    settled = {asked for (asked, _), one in decided.items() if one.is_same}
    heads = [code for code, rows in told.items() if rows[0].keys and not all(row.is_branch for row in rows)]
    asking = [code for code in told if code not in settled and code not in set(heads)]
    linked: set[str] = set()
    for link in _matched(told, heads, asking, decided):
        if link.is_made:
            linked.add(link.asked_code)
        yield link
    alone = [code for code in asking if code not in linked and not told[code][0].keys]
    decided_on = [code for code in told if code in settled and not told[code][0].keys]
    for link in _matched(told, [*alone, *decided_on], alone, decided):
        # each pair once, from the later to the earlier
        if link.known_code < link.asked_code or link.known_code in settled:
            yield link


def _matched(
    told: Mapping[str, list[Row]], known: Sequence[str], asking: Sequence[str], decided: _Decided
) -> Iterator[Link]:
    def records(codes: Sequence[str]) -> list[Record]:
        return list(dict.fromkeys(row.record(code) for code in codes for row in told[code]))

    def is_ruled_out(one: str, other: str) -> bool:
        return (one, other) in decided or (other, one) in decided

    best: dict[str, dict[str, Match]] = {}
    for found in match(records(known), records(asking), is_ruled_out, records(list(told))):
        others = best.setdefault(found.asked_id, {})
        if found.known_id not in others or found.probability > others[found.known_id].probability:
            others[found.known_id] = found
    for one, others in best.items():
        first = max(others.values(), key=lambda found: (found.probability, found.known_id))
        for other, found in others.items():
            # one who is written in two ways may fit two: only the better is linked
            is_linked = found is first and found.probability >= weights().linked
            yield Link(
                one,
                other,
                told[one][-1],
                told[other][-1],
                State.LINKED if is_linked else State.CANDIDATE,
                all(row.is_branch for row in told[one]),
                round(found.probability, 6),
                found.evidence,
            )


def _identities(told: Mapping[str, list[Row]], links: Sequence[Link]) -> Iterator[Identity]:
    made = [one for one in links if one.is_made]
    registrants, how = Groups(), {one.asked_code: one for one in made}
    for one in made:
        registrants.join(one.asked_code, one.known_code)
    known_of = [(row, code) for code, rows in told.items() for row in rows]
    for row, code in sorted(known_of, key=lambda pair: pair[0].row_id):
        link = how.get(code)
        by = By.KEY if row.keys else By.ALONE
        if link:
            by = By.PERSON if link.state is State.ACCEPTED else By.NAME
        probability = link.probability if link else None
        yield Identity(row.row_id, registrants.of(code), row.meant.place_code, by, row.is_branch, probability)


def _doubts(told: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    """Those whose key stands beside two names without one word in common: one of the numbers may be mistyped."""
    return {
        code: rows
        for code, rows in sorted(told.items())
        if rows[0].keys and not set.intersection(*(set(row.as_compared.words) for row in rows))
    }
