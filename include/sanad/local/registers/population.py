"""Who is registered: about two thousand synthetic registrants with all that ever happens to them.

A registrant's history is drawn once, up to the last edition; an edition shows what of it has happened by its month.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from sanad.local.registers import months
from sanad.local.registers.draws import Draws
from sanad.local.registers.months import Month
from sanad.local.registers.plan import Plan, plan

Kind = Literal["company", "call_centre", "freelancer"]
#: A provisional letter is valid for 90 days, until the site has been inspected.
PROVISIONAL_MONTHS = 3


@dataclass(frozen=True)
class Validity:
    """A registration, from its first to its last month, both included."""

    first: Month
    last: Month


@dataclass(frozen=True)
class Version:
    """What the portal holds of a registrant from a month on. ``place`` is as printed, ``city`` what it stands for;
    ``town`` is named by some in cities that have towns. ``activities`` is empty where none is given.
    """  # fmt: skip

    since: Month
    city: str
    place: str
    town: str | None
    address: str
    legal_form: str
    activities: tuple[str, ...]


@dataclass(frozen=True)
class Branch:
    """Another location of a call centre, with a certificate of its own."""

    certificate_no: str
    since: Month
    place: str


@dataclass(frozen=True)
class Registrant:
    """One who is registered, with a history. Registrations and versions are in the order of time, never empty."""

    number: int
    kind: Kind
    stem: str
    portal_key: str
    certificate_no: str
    validities: tuple[Validity, ...]
    versions: tuple[Version, ...]
    branches: tuple[Branch, ...]

    @property
    def first_month(self) -> Month:
        """When it was first registered."""
        return self.validities[0].first

    @cached_property
    def draws(self) -> Draws:
        """Further draws that are this registrant's own."""
        return plan().draws.under(self.kind, self.number)

    def version(self, month: Month) -> Version:
        """What the portal holds in a month."""
        return [version for version in self.versions if version.since <= month][-1]

    def validity(self, month: Month) -> Validity:
        """The newest registration begun by a month; it may be over."""
        return [validity for validity in self.validities if validity.first <= month][-1]

    def active(self, month: Month) -> bool:
        """Whether a registration holds in a month."""
        return month <= self.validity(month).last

    def provisional(self, month: Month) -> bool:
        """Whether a call centre holds a provisional letter only."""
        return self.kind == "call_centre" and month < self.first_month + PROVISIONAL_MONTHS

    def name(self, month: Month) -> str:
        """The name in full, as it is written in a month; a person has no legal form."""
        form = "" if self.kind == "freelancer" else self.version(month).legal_form
        return f"{self.stem} {form}".strip()

    @property
    def website(self) -> str:
        """An address of a host that cannot be: .example is nobody's."""
        return f"https://firm-{self.number:04d}.example/"

    @property
    def owner(self) -> str:
        """Who is said to own it."""
        return f"Synthetic Owner {self.number:04d}"

    @property
    def cnic(self) -> str:
        """A number that cannot be: no province is 0."""
        return f"00000-{self.number:07d}-0"

    @property
    def mobile(self) -> str:
        """A number that cannot be: no network has the prefix 399."""
        return f"+92 399 {self.number:07d}"

    @property
    def email(self) -> str:
        """An address at a host that cannot be."""
        return f"owner@firm-{self.number:04d}.example"


@cache
def registrants() -> tuple[Registrant, ...]:
    """Everybody: companies, call centres, freelancers; each kind in the order of first registration."""
    return tuple(_everybody(plan()))


def registered(month: Month, *kinds: Kind) -> list[Registrant]:
    """Those of the kinds who have been registered by a month, whether they still are or not."""
    return [one for one in registrants() if one.kind in kinds and one.first_month <= month]


def _everybody(drawn_from: Plan) -> Iterator[Registrant]:
    number = 0
    for kind, count in drawn_from.words["registrants"].items():
        taken = set(drawn_from.words["serials_of_others"])
        for turn in range(count):
            number += 1
            yield _registrant(drawn_from, kind, number, (turn, count), taken)


def _registrant(drawn_from: Plan, kind: Kind, number: int, turn: tuple[int, int], taken: set[int]) -> Registrant:
    draws = drawn_from.draws.under(kind, number)
    first, certificate_no = _first(drawn_from, draws, kind, turn, taken)
    validities = tuple(_validities(drawn_from, draws, first))
    versions = tuple(_versions(drawn_from, draws, first))
    return Registrant(
        number,
        kind,
        _stem(drawn_from, draws, kind, number),
        _portal_key(draws),
        certificate_no,
        validities,
        versions,
        tuple(_branches(drawn_from, draws, first, certificate_no)) if kind == "call_centre" else (),
    )


def _first(drawn_from: Plan, draws: Draws, kind: Kind, turn: tuple[int, int], taken: set[int]) -> tuple[Month, str]:
    """The month of first registration and the number given then.

    No call centre's number has ever been seen, so theirs are in no form of PSEB's.
    """
    which, count = turn
    place = (which + draws.share("first")) / count
    if kind == "company":
        points = [(months.parse(str(each["month"])), each["serial"]) for each in drawn_from.words["serials"]]
        serial = points[0][1] + int(place * (points[-1][1] - points[0][1]))
        while serial in taken:
            serial += 1
        taken.add(serial)
        month = _month_of_serial(points, serial)
        return month, f"Z-25-{serial:04d}/{month // 12 % 100:02d}"
    since = months.parse(drawn_from.words[f"{kind}s_since"])
    month = since + int(place * (drawn_from.horizon - since + 1))
    if kind == "call_centre":
        return month, f"CC-SYNTHETIC-{which + 1:04d}/{month // 12 % 100:02d}"
    return month, f"FL21/PSEB/{month // 12}/{which + 1:05d}"


def _month_of_serial(points: list[tuple[Month, int]], serial: int) -> Month:
    after = min(bisect_right([known for _, known in points], serial), len(points) - 1)
    (month, low), (later, high) = points[after - 1], points[after]
    return month + (serial - low) * (later - month) // (high - low)


def _validities(drawn_from: Plan, draws: Draws, first: Month) -> Iterator[Validity]:
    sort = "loyal" if draws.happens("loyal", drawn_from.shares["loyal"]) else "casual"
    while first <= drawn_from.horizon:
        years = 3 if draws.happens(f"three years from {first}", drawn_from.shares["three_years"]) else 1
        last = first + 12 * years - 1
        yield Validity(first, last)
        then = draws.weighted(f"after {last}", drawn_from.shares[f"{sort}_renewal"])
        if then == "lapsed":
            return
        first = last + 1 + (draws.number(f"late after {last}", 2, 9) if then == "late" else 0)


def _versions(drawn_from: Plan, draws: Draws, first: Month) -> Iterator[Version]:
    """The first version, and those that follow in other months; a move needs at least one."""
    begun = max(first, months.parse(drawn_from.words["portal_since"]))
    moves = draws.happens("moves", drawn_from.shares["moved"])
    count = max(draws.weighted("versions", drawn_from.shares["versions"]), 1 + moves)
    later = sorted({draws.number(f"version {turn}", begun + 1, drawn_from.horizon + 1) for turn in range(1, count)})
    city, place = _city(drawn_from, draws, "place")
    moved_to = _city(drawn_from, draws.under("moved"), "place")
    activities = _activities(drawn_from, draws.under("version", 0))
    for turn, since in enumerate((first, *later)):
        own = draws.under("version", turn)
        if turn and moves and turn == len(later):
            city, place = moved_to
        if turn and own.happens("relabelled", drawn_from.shares["relabelled"]):
            activities = _activities(drawn_from, own)
        yield Version(
            since, city, place, _town(drawn_from, draws, city), _address(drawn_from, draws, city),
            own.weighted("legal form", drawn_from.words["legal_forms"]), activities,
        )  # fmt: skip


def _city(drawn_from: Plan, draws: Draws, what: str) -> tuple[str, str]:
    city = draws.weighted(what, {name: sum(printed.values()) for name, printed in drawn_from.places.items()})
    return city, draws.weighted(f"{what}, printed", drawn_from.places[city])


def _town(drawn_from: Plan, draws: Draws, city: str) -> str | None:
    towns = drawn_from.towns.get(city, ())
    return draws.one_of("town", towns) if towns and draws.happens("in town", drawn_from.shares["in_town"]) else None


def _address(drawn_from: Plan, draws: Draws, city: str) -> str:
    dash = "\u2013" if draws.happens("dash", drawn_from.shares["dash"]) else "-"
    street = f"Synthetic Street {draws.number('street', 1, 60)}"
    return f"Plot {draws.number('plot', 1, 400)}, {street} {dash} {city}".strip()


def _activities(drawn_from: Plan, draws: Draws) -> tuple[str, ...]:
    if draws.happens("no activity", drawn_from.shares["no_activity"]):
        return ()
    return draws.some_of("activity", drawn_from.labels["activity"], 4)


def _branches(drawn_from: Plan, draws: Draws, first: Month, certificate_no: str) -> Iterator[Branch]:
    for turn in range(1, draws.weighted("branches", drawn_from.shares["branches"]) + 1):
        own = draws.under("branch", turn)
        opened = own.number("opened", first, drawn_from.horizon)
        yield Branch(f"{certificate_no}-B{turn}", opened, _city(drawn_from, own, "place")[1])


def _stem(drawn_from: Plan, draws: Draws, kind: Kind, number: int) -> str:
    if kind == "freelancer":
        return f"Synthetic Person {number:04d}"
    word = draws.one_of("word", drawn_from.words["words"])
    trade = draws.one_of("trade", drawn_from.words["trades"][kind])
    return f"Synthetic {word} {trade} {number:04d}"


def _portal_key(draws: Draws) -> str:
    """``AAAA-99999-AAAA``: the portal's own key of a registrant, easily taken for the certificate's number."""
    letters = "".join(chr(ord("A") + draws.number(f"letter {place}", 0, 25)) for place in range(8))
    return f"{letters[:4]}-{draws.number('key', 0, 99999):05d}-{letters[4:]}"
