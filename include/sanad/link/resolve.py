"""Who is who: the rows of all registers, each with the code of the registrant it names, and how that is known.

Keys first. Who has none is asked for among those who have; who is nobody of them, among each other. Certificates of two
numbers are two registrants, unless one is declared a branch. What a person has decided stands before all arithmetic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
    """What a person has decided: whether the one that a row names is the one that another row names; None withdraws."""

    asked: Row
    known: Row
    is_same: bool | None


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
    known_rows = sorted(rows, key=lambda row: (row.seen_on or date.min, row.row_id))
    named_in = [row for one in decisions for row in (one.asked, one.known)]
    groups = by_key([*known_rows, *named_in])
    told = _told(groups, known_rows)
    last = {(groups.of(code_of(one.asked)), groups.of(code_of(one.known))): one for one in decisions}
    decided = {pair: one for pair, one in last.items() if one.is_same is not None}
    links = list(_links(told, decided))
    return Resolution(list(_identities(told, links)), links, _doubts(told))


def _told(groups: Groups, rows: Sequence[Row]) -> dict[str, list[Row]]:
    told: dict[str, list[Row]] = {}
    for row in rows:
        told.setdefault(groups.of(code_of(row)), []).append(row)
    return told


_Told = Mapping[str, list[Row]]
_Decided = Mapping[tuple[str, str], Decision]


def _links(told: _Told, decided: _Decided) -> Iterator[Link]:
    """Every link: a person's; branches to their firms; who has no key to those who have; the rest to each other."""
    for pair, one in sorted(decided.items()):
        asked, known = told.get(pair[0], [one.asked])[-1], told.get(pair[1], [one.known])[-1]
        yield Link(*pair, asked, known, State.ACCEPTED if one.is_same else State.REJECTED, _is_branch([asked]))
    settled = {asked: known for (asked, known), one in decided.items() if one.is_same}
    keyed = [code for code, rows in told.items() if rows[0].keys]
    branches = {code for code in keyed if _is_branch(told[code])}
    keyless = [code for code, rows in told.items() if not rows[0].keys]

    heads = {code: code for code in keyed if code not in branches}
    of_firm = {code: settled[code] for code in branches if settled.get(code) in told}
    for link in _matched(told, heads, sorted(branches - set(settled)), decided):
        if link.is_made:
            of_firm[link.asked_code] = link.known_code
        yield link

    firms = {code: of_firm.get(code, code) for code in keyed}
    found: set[str] = set(settled)
    for link in _matched(told, firms, [code for code in keyless if code not in settled], decided):
        if link.is_made:
            found.add(link.asked_code)
        yield link

    alone = [code for code in keyless if code not in found]
    others = {code: code for code in keyless if code not in found or code in settled}
    for link in _matched(told, others, alone, decided):
        # each pair once, from the later to the earlier
        if link.known_code < link.asked_code or link.known_code in settled:
            yield link


def _is_branch(rows: Sequence[Row]) -> bool:
    """Whether a certificate is one of a branch: not every list says so."""
    return any(row.is_branch for row in rows)


def _matched(told: _Told, known: Mapping[str, str], asking: Sequence[str], decided: _Decided) -> Iterator[Link]:
    """Links of those asking to those known, each of whom is ``known`` as another code."""

    def records(codes: Iterable[tuple[str, str]]) -> list[Record]:
        return list(dict.fromkeys(row.record(called) for code, called in codes for row in told[code]))

    def is_ruled_out(one: str, other: str) -> bool:
        return (one, other) in decided or (other, one) in decided

    best: dict[str, dict[str, Match]] = {}
    seen = records((code, code) for code in told if told[code][0].keys or code in known)
    for found in match(records(known.items()), records((code, code) for code in asking), is_ruled_out, seen):
        others = best.setdefault(found.asked_id, {})
        if found.known_id not in others or found.probability > others[found.known_id].probability:
            others[found.known_id] = found
    for one, others in best.items():
        first = max(others.values(), key=lambda found: (found.probability, found.known_id))
        for other, found in others.items():
            # one who is written in two ways may fit two: only the better is linked
            is_linked = found is first and found.probability >= weights().linked
            state = State.LINKED if is_linked else State.CANDIDATE
            rows, probability = told[one], round(found.probability, 6)
            known_row = told[other][-1]
            yield Link(one, other, rows[-1], known_row, state, _is_branch(rows), probability, found.evidence)


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
        yield Identity(row.row_id, registrants.of(code), row.meant.place_code, by, _is_branch(told[code]), probability)


def _doubts(told: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    """Those whose key stands beside two names without one word in common: one of the numbers may be mistyped."""
    return {
        code: rows
        for code, rows in sorted(told.items())
        if rows[0].keys and not set.intersection(*(set(row.as_compared.words) for row in rows))
    }
