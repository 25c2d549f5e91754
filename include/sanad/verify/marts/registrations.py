"""Who is registered where, and since when it was known: every location followed from day to day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sanad.verify.declared import seed
from sanad.verify.known import Known, Release
from sanad.verify.marts.expected import Row
from sanad.words.vocabulary import Origin, weakest

_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Sight:
    """A row of a register that counts, as corrected, with whom it names."""

    release: Release
    entry_id: int
    identity: Mapping[str, Any]
    said: Mapping[str, Any]
    corrected: bool

    def month(self, name: str) -> date | None:
        """The first day of a month it states."""
        value = self.said.get(name)
        return date.fromisoformat(f"{value}-01") if value else None

    @property
    def location(self) -> str | None:
        """By certificate, portal's key or place; None where the row is about no registration."""
        for what, key in (("certificate", self.said.get("certificate_no")), ("portal", self.said.get("portal_key"))):
            if key:
                return f"{what}:{''.join(key.upper().split())}"
        branch = "/branch" if self.identity["is_branch"] else ""
        return f"place:{self.identity['place_code']}{branch}" if self.said.get("valid_till") else None

    @property
    def rank(self) -> tuple[Any, ...]:
        """Its place among those of one location and day, the one that counts last."""
        before_all = [-ord(letter) for letter in self.release.dataset]
        return before_all, self.release.published_seq, self.month("valid_till") or date.min, self.entry_id


@dataclass(frozen=True)
class State:
    """What is known of a location; the first seven are what a version is of."""

    is_branch: bool = False
    kind: str | None = None
    place_code: str = _UNKNOWN
    valid_from_month: date | None = None
    valid_till_month: date | None = None
    is_provisional: bool = False
    is_listed: bool = True
    succession: str | None = None
    release_id: int = 0
    sight: Sight | None = None

    @property
    def version(self) -> tuple[Any, ...]:
        """What makes it another version."""
        return (
            self.is_branch, self.kind, self.place_code, self.valid_from_month, self.valid_till_month,
            self.is_provisional, self.is_listed,
        )  # fmt: skip


@dataclass
class _Location:
    """A location as it is followed; what was stated of a validity holds whenever it is named again."""

    states: list[tuple[date, State]] = field(default_factory=list)
    begun: dict[date | None, date] = field(default_factory=dict)
    provisional: dict[date | None, bool] = field(default_factory=dict)
    last_seen: Sight | None = None

    def say(self, day: date, sight: Sight) -> None:
        self.last_seen = sight
        before = self.states[-1][1] if self.states else State()
        till = sight.month("valid_till") or before.valid_till_month
        if first := sight.month("valid_from"):
            self.begun[till] = first
        if (status := sight.said.get("status")) is not None:
            self.provisional[till] = status.lower() == "provisional"
        place = sight.identity["place_code"]
        now = State(
            sight.identity["is_branch"],
            sight.said.get("kind") or before.kind,
            before.place_code if place == _UNKNOWN else place,
            self.begun.get(till),
            till,
            self.provisional.get(till, False),
            True,
            before.succession,
            sight.release.release_id,
            sight,
        )
        if till and till != before.valid_till_month:
            now = replace(now, succession=_succession(before, now, day))
        self._add(day, now)

    def leave_out(self, day: date, lists: list[Release], regions: Mapping[str, str]) -> None:
        now = self.states[-1][1]
        leaving = [one.release_id for one in lists if _covers(one, now, regions)]
        if leaving:
            self._add(day, replace(now, is_listed=False, release_id=min(leaving), sight=self.last_seen))

    def _add(self, day: date, state: State) -> None:
        if not self.states or self.states[-1][1].version != state.version:
            self.states.append((day, state))


def _covers(listed: Release, state: State, regions: Mapping[str, str]) -> bool:
    kind, _, region = (listed.coverage or "").removeprefix("complete:").partition("/")
    return kind in {"all", state.kind} and (not region or regions.get(state.place_code) == region.lower())


def _succession(before: State, now: State, day: date) -> str:
    end, till, first = before.valid_till_month, now.valid_till_month, now.valid_from_month
    if end is None or till is None:
        return "new"
    if till < end:
        return "restated"
    begun = first or day
    months = (begun.year - end.year) * 12 + begun.month - end.month
    if before.is_provisional and not now.is_provisional and months < 2:
        return "confirmed"
    if months < 4:
        return "renewed"
    return "re_registered" if first else "unclear"


def sights(known: Known) -> Iterator[Sight]:
    """Every row of a visible register that no correction drops."""
    for release in known.visible:
        for row in known.entries.get(release.release_id, ()):
            correction = release.entry_corrections.get(row["entry_id"], {})
            identity = known.identities.get(row["entry_id"])
            if correction.get("action") != "drop" and identity:
                said = {name: one["value"] for name, one in row["fields"].items()} | {"kind": row["kind"]}
                changes = correction.get("fields") or {}
                yield Sight(release, row["entry_id"], identity, said | changes, bool(correction))


def followed(known: Known) -> dict[tuple[str, str], list[tuple[date, State]]]:
    """The versions of each registrant's locations with their first days, in order."""
    regions = {row["place_code"]: row["region_code"] for row in seed("place")}
    names = {row["place_code"]: row["place_name"].lower() for row in seed("place")}
    region_names = {place: names[region] for place, region in regions.items() if region}
    daily: dict[date, dict[tuple[str, str], list[Sight]]] = defaultdict(lambda: defaultdict(list))
    for sight in sights(known):
        if (location := sight.location) and not sight.said.get("is_archived"):
            daily[sight.release.published_on][sight.identity["registrant_code"], location].append(sight)
    lists: dict[date, list[Release]] = defaultdict(list)
    for release in known.visible:
        if (release.coverage or "").startswith("complete:"):
            lists[release.published_on].append(release)
    locations: dict[tuple[str, str], _Location] = defaultdict(_Location)
    for day in sorted(daily.keys() | lists.keys()):
        for key, one in locations.items():
            if key not in daily[day] and one.states[-1][1].is_listed:
                one.leave_out(day, lists[day], region_names)
        for key, found in daily[day].items():
            locations[key].say(day, max(found, key=lambda sight: sight.rank))
    return {key: one.states for key, one in locations.items()}


def registrations(known: Known) -> Iterable[Row]:
    """``fct_registration``."""
    for (registrant, location), states in followed(known).items():
        ends = [day for day, _ in states[1:]] + [None]
        for (day, state), end in zip(states, ends, strict=True):
            sight = state.sight
            assert sight  # noqa: S101 - every state that is followed was seen
            yield (
                (registrant, location, day),
                {
                    "superseded_on": end,
                    "kind": state.kind,
                    "place_code": state.place_code,
                    "is_branch": state.is_branch,
                    "valid_from_month": state.valid_from_month,
                    "valid_till_month": state.valid_till_month,
                    "lapses_on": lapses_on(state),
                    "is_provisional": state.is_provisional,
                    "succession": state.succession,
                    "is_listed": state.is_listed,
                    "linked_by": sight.identity["linked_by"],
                    "link_probability": sight.identity["probability"],
                    "corrected": sight.corrected,
                    "origin": sight.release.origin,
                    "dataset": sight.release.dataset,
                    "release_id": state.release_id,
                    "entry_ids": [sight.entry_id],
                },
            )


def lapses_on(state: State) -> date | None:
    """The first day of the month after its last one."""
    till = state.valid_till_month
    return till and date(till.year + till.month // 12, till.month % 12 + 1, 1)


def registrants(known: Known) -> Iterable[Row]:
    """``dim_registrant``."""
    named: dict[str, list[Sight]] = defaultdict(list)
    for sight in sights(known):
        named[sight.identity["registrant_code"]].append(sight)
    for code, found in named.items():
        first: dict[tuple[Any, ...], Sight] = {}
        for sight in sorted(found, key=lambda one: (one.release.published_on, one.entry_id)):
            keys = (sight.said.get("certificate_no"), sight.said.get("portal_key"))
            first.setdefault((sight.said["name"], *keys, sight.identity["linked_by"]), sight)
        cited = list(first.values())
        newest = max(found, key=_newness)
        probabilities = [one.identity["probability"] for one in cited if one.identity["probability"] is not None]
        yield (
            (code,),
            {
                "registrant_name": newest.said["name"],
                "names": _distinct(one.said["name"] for one in cited),
                "kinds": _distinct(one.said["kind"] for one in found),
                "certificate_nos": _distinct(one.said.get("certificate_no") for one in cited),
                "portal_keys": _distinct(one.said.get("portal_key") for one in cited),
                "datasets": _distinct(one.release.dataset for one in cited),
                "first_listed_on": min(one.release.published_on for one in found),
                "is_linked": any(one.identity["linked_by"] in {"name", "person"} for one in cited),
                "least_link_probability": min(probabilities, default=None),
                "corrected": any(one.corrected for one in found),
                "origin": weakest(Origin(one.release.origin) for one in cited).value,
                "entry_ids": sorted(one.entry_id for one in cited),
            },
        )


def _newness(sight: Sight) -> tuple[Any, ...]:
    release = sight.release
    by_dataset = [-ord(letter) for letter in release.dataset]
    return not sight.identity["is_branch"], release.published_on, by_dataset, release.published_seq, sight.entry_id


def _distinct(texts: Iterable[str | None]) -> list[str]:
    return sorted({text for text in texts if text})
