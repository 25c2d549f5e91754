"""What is counted of registrations; published counts beside it; exports over them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sanad.verify.declared import seed
from sanad.verify.known import Known, Release
from sanad.verify.known import State as Value
from sanad.verify.marts.expected import Found, Pair, Row
from sanad.verify.marts.registrations import State, followed, lapses_on
from sanad.verify.marts.sectors import call_centres
from sanad.words.vocabulary import Origin, weakest

_MEASURES = (
    "registered", "new", "renewed", "re_registered", "unclear", "lapsed", "unlisted", "moved_in", "moved_out",
)  # fmt: skip
Cell = tuple[str, str, str]


class Member(NamedTuple):
    """A registration that a number counts, from its first month up to, and without, another."""

    measure: str
    cell: Cell
    first: date
    end: date
    registrant: str
    location: str
    origin: str
    entry_id: int


def _month(day: date, later: int = 0) -> date:
    months = day.year * 12 + day.month - 1 + later
    return date(months // 12, months % 12 + 1, 1)


def _places() -> dict[str, Mapping[str, str]]:
    return {row["place_code"]: row for row in seed("place")}


def _cell(state: State, places: Mapping[str, Mapping[str, str]]) -> Cell:
    place = places[state.place_code]
    return state.kind or "unknown", place["region_code"] or state.place_code, place["city_code"] or state.place_code


class Validity(NamedTuple):
    """A validity as it was stated last, the month in which it was seen first, and how it began."""

    seen: date
    state: State
    began: str | None

    @property
    def till(self) -> date:
        """The first day of its last month."""
        assert self.state.valid_till_month  # noqa: S101 - what has no end is none
        return self.state.valid_till_month

    @property
    def start(self) -> date:
        """Its first day; where none is stated, it is not known to be older than its first release."""
        return self.state.valid_from_month or self.seen


def _stated(states: list[tuple[date, State]]) -> list[Validity]:
    found: list[Validity] = []
    for day, state in states:
        if found and found[-1].till == state.valid_till_month:
            found[-1] = found[-1]._replace(state=state)
        elif state.valid_till_month:
            found.append(Validity(_month(day), state, state.succession))
    return found


def _validities(states: list[tuple[date, State]]) -> list[Validity]:
    """Those that stand: one replaces those before it that end no earlier, and began as the first of them."""
    standing: list[Validity] = []
    for one in _stated(states):
        now = one
        while standing and standing[-1].till >= one.till:
            replaced = standing.pop()
            now = one._replace(seen=replaced.seen, began=replaced.began)
        standing.append(now)
    return standing


def members(known: Known) -> Iterator[Member]:
    """Everything that is counted, up to the month of the newest release."""
    places, histories = _places(), followed(known)
    days = [day for states in histories.values() for day, _ in states]
    if not days:
        return
    newest = max(days)
    for key, states in histories.items():
        for measure, state, first, end in [*_of_validities(states, newest), *_of_changes(states, places)]:
            until = min(end, _month(newest, 1))
            if first < until and first <= newest and state.sight:
                sight = state.sight
                yield Member(
                    measure, _cell(state, places), first, until, *key, sight.release.origin, sight.entry_id
                )  # fmt: skip


def _of_validities(states: list[tuple[date, State]], newest: date) -> Iterator[tuple[str, State, date, date]]:
    standing = _validities(states)
    for number, one in enumerate(standing):
        start, lapses = one.start, _month(one.till, 1)
        after = min((later.start for later in standing[number + 1 :]), default=lapses)
        yield "registered", one.state, start, min(lapses, after)
        if one.began in _MEASURES and start < lapses:
            yield one.began, one.state, start, _month(start, 1)
        if lapses <= newest and (number + 1 == len(standing) or after > lapses):
            yield "lapsed", one.state, lapses, _month(lapses, 1)


def _of_changes(
    states: list[tuple[date, State]], places: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, State, date, date]]:
    before: State | None = None
    for day, state in states:
        span = _month(day), _month(day, 1)
        if not state.is_listed:
            yield "unlisted", state, *span
        if before:
            cities = places[before.place_code]["city_code"], places[state.place_code]["city_code"]
            if all(cities) and cities[0] != cities[1]:
                yield "moved_in", state, *span
                yield (
                    "moved_out",
                    State(kind=before.kind, place_code=before.place_code, sight=state.sight),
                    *span,
                )
        before = state


def registrations(known: Known) -> Iterable[Row]:
    """``mart_registrations``: counted member by member."""
    counts: dict[tuple[date, Cell], Counter[str]] = defaultdict(Counter)
    first: dict[Cell, date] = {}
    origins: dict[Cell, set[Origin]] = defaultdict(set)
    for one in members(known):
        first[one.cell] = min(one.first, first.get(one.cell, one.first))
        origins[one.cell].add(Origin(one.origin))
        for month in _months(one.first, one.end):
            counts[month, one.cell][one.measure] += 1
    newest = max((day for states in followed(known).values() for day, _ in states), default=date.min)
    lists, places = [one for one in known.visible if (one.coverage or "").startswith("complete:")], _places()
    for cell, begin in first.items():
        for month in _months(begin, _month(newest, 1)):
            listed = _complete(lists, cell, _month(month, 1), places)
            yield (
                (month.strftime("%Y-%m"), *cell),
                {
                    "period_start": month,
                    "period_end": _month(month, 1),
                    **{measure: counts[month, cell][measure] for measure in _MEASURES},
                    "complete_list_on": listed,
                    "coverage": "complete" if listed else "partial",
                    "origin": weakest(origins[cell]).value,
                },
            )


def _months(first: date, end: date) -> Iterator[date]:
    while first < end:
        yield first
        first = _month(first, 1)


def _complete(lists: list[Release], cell: Cell, before: date, places: Mapping[str, Mapping[str, str]]) -> date | None:
    found = []
    for one in lists:
        kind, _, region = (one.coverage or "").removeprefix("complete:").partition("/")
        is_here = not region or places[cell[1]]["place_name"].lower() == region.lower()
        if one.published_on < before and kind in {"all", cell[0]} and is_here:
            found.append(one.published_on)
    return max(found, default=None)


def check_members(known: Known, rows: Iterable[Found]) -> Iterator[Pair]:
    """``mart_registrations_member``."""
    names = (
        "period_code", "kind", "region_code", "city_code", "measure", "registrant_code", "location_code", "origin",
    )  # fmt: skip
    due = Counter(
        (month.strftime("%Y-%m"), *one.cell, one.measure, one.registrant, one.location, one.origin, one.entry_id)
        for one in members(known)
        for month in _months(one.first, one.end)
    )
    return _whole_rows(due, names, rows)


def _whole_rows(due: Counter[tuple[Any, ...]], names: tuple[str, ...], rows: Iterable[Found]) -> Iterator[Pair]:
    """The pairs of a view without a key of its own: whole rows are compared, each as often as it is due."""
    for found in rows:
        key = (*(found[name] for name in names), found["entry_ids"][0])
        due[key] -= 1
        row = ((), {**dict(zip(names, key, strict=False)), "entry_ids": [key[-1]]})
        yield (row if due[key] >= 0 else None), found
    for key, times in due.items():
        for _ in range(max(times, 0)):
            yield (key, {}), None


def check_listed(known: Known, rows: Iterable[Found]) -> Iterator[Pair]:
    """``mart_registered_counts_member``."""
    names = ("count_id", "measure", "registrant_code", "location_code", "origin")
    histories, places, due = followed(known), _places(), Counter[tuple[Any, ...]]()
    for one in counts(known):
        listed = _listed(one, histories, places) if one.kind_of_count != "serial" else {}
        for (registrant, location), state in listed.items():
            is_active = _is_active(state, one.on)
            told = {"listed_ever": True, "listed_active": is_active, "listed_branches": is_active and state.is_branch}
            for measure in (name for name, is_so in told.items() if is_so):
                key = (one.told["count_id"], measure, registrant, location, _origin(state))
                due[*key, _cited(state)] += 1
    return _whole_rows(due, names, rows)


@dataclass(frozen=True)
class Count:
    """A published count that can be set against registers."""

    figure_id: int
    release: Release
    told: Mapping[str, Any]
    what: str
    kind_of_count: str
    registrar: str
    kind: str
    value: Value

    @property
    def on(self) -> date | None:
        """The last day of what it speaks of."""
        return date.fromisoformat(self.told["reference_on"]) if self.told.get("reference_on") else None

    @property
    def number(self) -> Decimal:
        """What it says."""
        return self.value.value or Decimal(0)


def counts(known: Known) -> list[Count]:
    """The counts that stand, of each count's documents the newest."""
    counted = {row["counted_what"]: row for row in seed("counted")}
    found: dict[str, Count] = {}
    for one, state in known.standing:
        if one.release.dataset == "reported/counts" and (said := counted.get(one.series_code)):
            told = {**one.details, "unit": one.unit, "qualifier": one.qualifier}
            found[told["count_id"]] = Count(
                one.figure_id, one.release, told, one.series_code, one.measure, said["registrar"], said["kind"], state
            )
    return list(found.values())


def registered_counts(known: Known) -> Iterable[Row]:
    """``mart_registered_counts``."""
    everything, histories, places = counts(known), followed(known), _places()
    for one in everything:
        if one.kind_of_count == "serial":
            continue
        listed = list(_listed(one, histories, places).values())
        active = sum(1 for state in listed if _is_active(state, one.on)) if listed else None
        serial = _serial(one, everything)
        reasons = [*_reasons(one, everything, serial), *_reasons_listed(one, listed)]
        is_stock = one.kind_of_count == "stock" and one.told["counted"] != "lapsed"
        against = {number for _, number in reasons if number}
        yield (
            (one.told["count_id"],),
            {
                "counted_what": one.what,
                "registrar": one.registrar,
                "kind": one.kind,
                "count_kind": one.kind_of_count,
                "reference_on": one.on,
                **{name: one.told.get(name) for name in _TOLD},
                "unit": one.told["unit"],
                "qualifier": one.told["qualifier"],
                "listed_active": active,
                "listed_ever": len(listed) or None,
                "listed_branches": _branches(listed, one.on) if listed else None,
                "gap": one.number - active if is_stock and active is not None else None,
                "reasons": sorted({reason for reason, _ in reasons}),
                "corrected": one.value.corrected,
                "origin": one.release.origin,
                "listed_origin": weakest(Origin(_origin(state)) for state in listed).value if listed else None,
                "dataset": one.release.dataset,
                "release_id": one.release.release_id,
                "published_on": one.release.published_on,
                "claimed_figure_ids": [one.figure_id],
                "serial_figure_ids": [serial.figure_id] if serial else None,
                "against_figure_ids": sorted(against) or None,
            },
        )


_TOLD = ("counted", "region", "claimant", "reference_precision", "note", "source_url")


def _origin(state: State) -> str:
    assert state.sight  # noqa: S101 - every state that is followed was seen
    return state.sight.release.origin


def _cited(state: State) -> int:
    assert state.sight  # noqa: S101 - every state that is followed was seen
    return state.sight.entry_id


def _is_active(state: State, day: date | None) -> bool:
    lapses = lapses_on(state)
    return bool(day and state.is_listed and lapses and lapses > day)


def _branches(listed: list[State], day: date | None) -> int:
    return sum(1 for state in listed if state.is_branch and _is_active(state, day))


def _listed(
    one: Count, histories: Mapping[tuple[str, str], list[tuple[date, State]]], places: Mapping[str, Mapping[str, str]]
) -> dict[tuple[str, str], State]:
    """What was known on the count's day of its kind and region."""
    wanted = {
        code
        for code, row in places.items()
        if row["place_kind"] in {"city", "province", "territory"} and row["place_name"] == one.told["region"]
    }
    if one.told["region"] == "Federal (ICT)":
        wanted = {"islamabad_capital_territory"}
    found = {}
    for key, states in histories.items():
        known = [state for day, state in states if one.on and day <= one.on]
        if known and known[-1].kind == one.kind:
            place = places[known[-1].place_code]
            if one.told["region"] == "Pakistan" or wanted & {place["region_code"], place["city_code"]}:
                found[key] = known[-1]
    return found


def _serial(one: Count, everything: list[Count]) -> Count | None:
    if one.kind_of_count != "stock" or one.registrar != "PSEB" or one.told["region"] != "Pakistan" or not one.on:
        return None
    later = [
        other
        for other in everything
        if other.kind_of_count == "serial" and other.kind == one.kind and other.on and other.on >= one.on
    ]
    return min(later, key=lambda other: (other.on, -other.number), default=None)


def _reasons(one: Count, everything: list[Count], serial: Count | None) -> Iterator[tuple[str, int | None]]:
    told = one.told
    if one.on is None or told["reference_precision"] in {"year", "unknown"}:
        yield "vague_date", None
    if told["counted"] == "unknown":
        yield "basis_not_stated", None
    if serial and one.number > serial.number:
        yield "above_the_serial", serial.figure_id
    if one.kind_of_count == "share":
        beside = [
            other
            for other in everything
            if other.kind_of_count == "share"
            and (other.what, other.told["claimant"], other.on) == (one.what, told["claimant"], one.on)
        ]
        if sum(other.number for other in beside) != 100:
            yield from (("shares_do_not_add_up", other.figure_id) for other in beside)
    for other in everything:
        yield from ((reason, other.figure_id) for reason in _beside(one, other))


def _beside(one: Count, other: Count) -> Iterator[str]:
    alike = (one.kind, one.told["region"], "stock") == (other.kind, other.told["region"], other.kind_of_count)
    if other is one or one.kind_of_count != "stock" or not alike:
        return
    if "lapsed" in {one.told["counted"], other.told["counted"]}:
        return
    if one.registrar == other.registrar:
        yield from _of_one_registrar(one, other)
    elif abs(one.number - other.number) * 20 <= other.number:
        yield "another_registrars_count_is_close"


def _of_one_registrar(one: Count, other: Count) -> Iterator[str]:
    if not one.on or not other.on:
        return
    is_claimed_otherwise = one.what == other.what and one.told["claimant"] != other.told["claimant"]
    if is_claimed_otherwise and one.on.year == other.on.year and one.number != other.number:
        yield "claimants_disagree"
    if one.on > other.on and other.told["counted"] in {"ever_issued", "unknown"} and one.number < other.number:
        yield "fewer_than_before"


def _reasons_listed(one: Count, listed: list[State]) -> Iterator[tuple[str, None]]:
    if not listed:
        return
    active = sum(1 for state in listed if _is_active(state, one.on))
    is_stock = one.kind_of_count == "stock"
    if is_stock and one.number != active and _branches(listed, one.on):
        yield "branches", None
    if is_stock and one.told["counted"] in {"unknown", "ever_issued"} and len(listed) > active:
        yield "ever_issued_or_active", None
    if any(_origin(state) == Origin.SYNTHETIC for state in listed):
        yield "lists_are_synthetic", None


def exports_per_registrant(known: Known) -> Iterable[Row]:
    """``mart_exports_per_registrant``."""
    national = [
        one
        for one in counts(known)
        if (one.what, one.kind_of_count, one.told["region"]) == ("registered_call_centres", "stock", "Pakistan")
        and one.told["counted"] in {"active", "unknown"}
        and one.on
    ]
    kept = ("period_kind", "period_start", "period_end", "flag", "basis", "dataset", "edition", "published_on")
    for key, columns in call_centres(known):
        last = columns["period_end"] - timedelta(days=1)
        beside = [one for one in national if one.on and abs((one.on - last).days) <= 366]
        taken = [one for one in beside if one.told["claimant"] != "blog"]
        if columns["period_kind"] not in {"fiscal_year", "fiscal_year_to_date"} or not taken:
            continue
        left_out = sorted(one.figure_id for one in beside if one.told["claimant"] == "blog")
        origins = [Origin(columns["origin"]), *(Origin(one.release.origin) for one in beside)]
        yield (
            key,
            {
                **{name: columns[name] for name in kept},
                "origin": weakest(origins).value,
                "corrected": columns["corrected"] or any(one.value.corrected for one in taken),
                "exports_figure_ids": columns["exports_figure_ids"],
                "exports_less_figure_ids": columns["exports_less_figure_ids"],
                "registrants_least_figure_ids": [min(taken, key=lambda one: (one.number, one.figure_id)).figure_id],
                "registrants_most_figure_ids": [min(taken, key=lambda one: (-one.number, one.figure_id)).figure_id],
                "left_out_figure_ids": left_out or None,
            },
        )
