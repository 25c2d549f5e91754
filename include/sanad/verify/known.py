"""What the warehouse knew at a ledger event, put together anew from the ledger, the releases and their figures.

Nothing of dbt's is used: not its models, not its views. The rules are those of docs/time.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, cast

from sanad.words.numbers import six_places
from sanad.words.vocabulary import VISIBLE

Key = tuple[str, str, str]
T = TypeVar("T")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Event(NamedTuple):
    """One row of the ledger, as far as it says what stands."""

    seq: int
    at: datetime
    event: str
    actor: str
    reason: str
    extraction_id: int | None
    evidence: Mapping[str, Any]


class State(NamedTuple):
    """What a figure says: value to 6 decimals, else the reason why there is none; the flag; whether corrected."""

    value: Decimal | None
    null_reason: str | None
    flag: str | None
    corrected: bool = False


@dataclass(eq=False)
class Release:
    """One release with its events up to the ledger event in question."""

    release_id: int
    dataset: str
    sha256: str
    origin: str
    url: str | None
    published_on: date
    published_on_from: str
    last_saved_at: datetime | None
    first_fetched_at: datetime
    events: list[Event] = field(default_factory=list)
    redacted: bool = False
    coverage: str | None = None
    edition: str | None = None
    figures: int = 0
    entries: int = 0
    rejected: int = 0
    published_seq: int = 0

    @property
    def handle(self) -> str:
        """By edition where it was read, else by hash."""
        return f"{self.dataset}@{self.edition}" if self.edition else f"{self.dataset}#{self.sha256[:8]}"

    @property
    def order(self) -> tuple[date, int]:
        """Its place on the published axis, among those of its dataset."""
        return self.published_on, self.published_seq

    @property
    def is_visible(self) -> bool:
        """Whether its figures count, as read now."""
        return bool(self.events) and self.events[-1].event in VISIBLE

    @cached_property
    def visible(self) -> list[tuple[datetime, datetime | None]]:
        """The spans of recorded time in which its figures counted; events of one instant count together."""
        instants = [(at, list(group)[-1].event in VISIBLE) for at, group in groupby(self.events, attrgetter("at"))]
        spans: list[tuple[datetime, datetime | None]] = []
        for at, counts in instants:
            if spans and spans[-1][1] is None:
                if not counts:
                    spans[-1] = spans[-1][0], at
            elif counts:
                spans.append((at, None))
        return spans

    def stood_at(self, at: datetime) -> bool:
        """Whether its figures counted at an instant."""
        return any(since <= at and (until is None or at < until) for since, until in self.visible)

    @cached_property
    def corrections(self) -> list[tuple[datetime, dict[int, Mapping[str, Any]]]]:
        """Since when which corrections were in force: each event gives the whole set, by figure."""
        return [
            (one.at, {int(c["figure_id"]): c for c in one.evidence["corrections"] if c.get("figure_id")})
            for one in self.events
            if "corrections" in one.evidence
        ]

    @cached_property
    def entry_corrections(self) -> dict[int, Mapping[str, Any]]:
        """The corrections of entries in force now, by entry."""
        sets = [one.evidence["corrections"] for one in self.events if "corrections" in one.evidence]
        return {int(one["entry_id"]): one for one in (sets[-1] if sets else []) if one.get("entry_id")}

    def correction(self, figure_id: int, at: datetime | None) -> Mapping[str, Any] | None:
        """The correction of a figure in force at an instant, None for the last one."""
        in_force: dict[int, Mapping[str, Any]] = {}
        for since, corrections in self.corrections:
            if at is None or since <= at:
                in_force = corrections
        return in_force.get(figure_id)


@dataclass(eq=False, slots=True)
class Print:
    """One figure of one release: the value that stands in the archived cell, and what staging says of it.

    ``details`` are kept of documents only; of a workbook's cells they say no more than where headings stand.
    """

    figure_id: int
    release: Release
    series_code: str
    measure: str
    period_start: date | None
    period_end: date | None
    period_kind: str | None
    period_code: str | None
    value: Decimal | None
    null_reason: str | None
    flag: str | None
    locator: str
    label_raw: str | None
    indent: int | None
    parent_code: str | None
    unit: str | None = None
    resolution: Decimal | None = None
    qualifier: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    _printed: State | None = None

    def said(self, at: datetime | None = None) -> State | None:
        """Its state with the corrections in force at an instant, None for now; None when it was dropped."""
        if not self.release.corrections or not (found := self.release.correction(self.figure_id, at)):
            return self.printed
        if found["action"] == "drop":
            return None
        override = None if found["value"] is None else six_places(Decimal(found["value"]))
        return State(override, found.get("null_reason"), found["flag"], corrected=True)

    @property
    def printed(self) -> State:
        """Its state without any correction."""
        if self._printed is None:
            value = None if self.value is None else six_places(self.value)
            self._printed = State(value, self.null_reason, self.flag)
        return self._printed

    @property
    def is_in_millions(self) -> bool:
        """Whether it was printed in million US dollars."""
        return self.unit == "usd_million"

    def usd_thousand(self, said: State) -> Decimal | None:
        """What it says in thousand US dollars, to 6 decimals of these."""
        if said.value is None or not self.is_in_millions:
            return said.value
        return six_places(1000 * (said.value if said.corrected or self.value is None else self.value))

    @property
    def width_usd_thousand(self) -> Decimal:
        """How wide the interval is that it stands for; 0 for a value in full and for what is no amount of dollars."""
        if self.resolution is None or not self.is_in_millions:
            return Decimal(0)
        return six_places(1000 * self.resolution * (2 if self.qualifier == "about" else 1))

    @property
    def key(self) -> Key:
        """Series, measure and period; only of prints with a period."""
        return self.series_code, self.measure, self.period_code or ""

    @property
    def span(self) -> tuple[date | None, date | None]:
        """What is equal for periods of one span, whatever their kind."""
        return self.period_start, self.period_end

    @property
    def is_of_edition(self) -> bool:
        """Whether the period ends in the release's edition month."""
        end = self.period_end
        return end is not None and date.fromordinal(end.toordinal() - 1).strftime("%Y-%m") == self.release.edition


@dataclass(eq=False)
class Known:
    """Releases and prints as of a ledger event, for a build that began at ``built_at``.

    ``replaced`` are the datasets of which a release was read anew after it; ``entries`` are staged rows by release,
    ``identities`` those of ``staging.identity`` by entry, ``adjusted`` those of ``staging.adjusted`` by series and
    month: all are verified where they stand.
    """

    seq: int
    built_at: datetime
    releases: dict[int, Release]
    prints: list[Print] = field(default_factory=list)
    replaced: set[str] = field(default_factory=set)
    entries: dict[int, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    identities: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    adjusted: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    _parts: dict[frozenset[str], Known] = field(default_factory=dict)
    _made: dict[Callable[[Known], Any], Any] = field(default_factory=dict)

    def once(self, work: Callable[[Known], T]) -> T:
        """What a function makes of these, worked out when it is first asked for: several marts rest on the same."""
        if work not in self._made:
            self._made[work] = work(self)
        return cast(T, self._made[work])

    def of(self, datasets: frozenset[str]) -> Known:
        """The same of some datasets only."""
        if datasets not in self._parts:
            releases = {number: one for number, one in self.releases.items() if one.dataset in datasets}
            prints = [one for one in self.prints if one.release.release_id in releases]
            self._parts[datasets] = Known(
                self.seq,
                self.built_at,
                releases,
                prints,
                entries=self.entries,
                identities=self.identities,
                adjusted=self.adjusted,
            )
        return self._parts[datasets]

    @property
    def corrected(self) -> int:
        """How many figures of visible releases are corrected, dropped ones among them."""
        said = (one.said() for one in self.prints if one.release.is_visible and one.release.corrections)
        return sum(1 for state in said if state is None or state.corrected)

    @cached_property
    def by_id(self) -> dict[int, Print]:
        """Prints by figure id."""
        return {one.figure_id: one for one in self.prints}

    @cached_property
    def visible(self) -> list[Release]:
        """The releases that count now, in published order."""
        return sorted((one for one in self.releases.values() if one.is_visible), key=lambda one: one.order)

    @cached_property
    def standing(self) -> list[tuple[Print, State]]:
        """The prints that count now with what they say, in published order."""
        said = ((one, one.said()) for one in self.prints if one.release.is_visible)
        return sorted(((one, state) for one, state in said if state), key=lambda pair: pair[0].release.order)

    @cached_property
    def by_key(self) -> dict[Key, list[tuple[Print, State]]]:
        """The prints of each series, measure and period that count now, in published order."""
        found: dict[Key, list[tuple[Print, State]]] = defaultdict(list)
        for one, state in self.standing:
            if one.period_code is not None:
                found[one.key].append((one, state))
        return dict(found)

    @cached_property
    def newest(self) -> dict[Key, tuple[Print, State]]:
        """The newest print of each."""
        return {key: prints[-1] for key, prints in self.by_key.items()}


def releases_at(
    seq: int,
    releases: Iterable[Mapping[str, Any]],
    extractions: Mapping[int, Mapping[str, Any]],
    ledger: Iterable[Mapping[str, Any]],
) -> dict[int, Release]:
    """The releases that the ledger had heard of at ``seq``, from rows of ``archive``, the ledger's in order.

    ``extractions`` are by id.
    """
    fields = Release.__dataclass_fields__.keys()
    known = {row["release_id"]: Release(**{name: row[name] for name in fields & row.keys()}) for row in releases}
    for row in ledger:
        if row["seq"] <= seq:
            known[row["release_id"]].events.append(Event(**{name: row[name] for name in Event._fields}))
    heard = {number: release for number, release in known.items() if release.events}
    for release in heard.values():
        read = [extractions[event.extraction_id] for event in release.events if event.extraction_id]
        if read:
            last = read[-1]
            release.edition, release.figures = last["edition"], last["figures"]
            release.entries, release.rejected = last["entries"], last["rejected"]
    for release, place in _places(heard.values()):
        release.published_seq = place
    return heard


def _places(releases: Iterable[Release]) -> Iterator[tuple[Release, int]]:
    """Releases of one day follow each other by last-saved instant, unknown first, then by id; never by arrival."""
    days: dict[tuple[str, date], list[Release]] = defaultdict(list)
    for one in releases:
        days[one.dataset, one.published_on].append(one)
    for day in days.values():
        day.sort(key=lambda one: (one.last_saved_at or _LONG_AGO, one.release_id))
        yield from ((one, place) for place, one in enumerate(day, 1))
