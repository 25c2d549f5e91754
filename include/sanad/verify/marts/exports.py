"""A sector's exports in a period: as the official releases give them, and the one value to believe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sanad.verify.declared import seed
from sanad.verify.known import Known, Print, State
from sanad.verify.marts import derived, reported
from sanad.verify.marts.claims.official import TRADE
from sanad.verify.marts.claims.printed import NEVER
from sanad.verify.marts.derived import Difference, Said
from sanad.verify.marts.services_trade import origin_of
from sanad.words.vocabulary import Basis, Origin, weakest_basis

#: By sector and period.
Found = dict[tuple[str, str], "Exports"]
_BASES = list(Basis)


class Line(NamedTuple):
    """A line's exports in a period: what is added and what is taken away."""

    basis: Basis
    added: Said
    less: list[Said]
    period_kind: str | None
    span: tuple[date | None, date | None]


@dataclass(frozen=True)
class Exports:
    """The exports of a sector in a period, of each of its lines; what others print is one line.

    ``place_on`` is the day since which a print stands, or the one whose place it takes; `NEVER` for none.
    """

    lines: list[Line]
    disputed: bool = False
    printed_on: date = date.min
    place_on: date = date.min

    @property
    def said(self) -> list[Said]:
        """What is added, and what is taken away."""
        return [said for line in self.lines for said in (line.added, *line.less)]

    @property
    def prints(self) -> list[Print]:
        """Their figures."""
        return [one for one, _ in self.said]

    @property
    def states(self) -> list[State]:
        """What these say."""
        return [state for _, state in self.said]

    @property
    def newest(self) -> Print:
        """The newest of them."""
        return max(self.prints, key=lambda one: one.release.order)

    @property
    def basis(self) -> Basis:
        """The weakest; a sum of ours is not printed."""
        sums = [Basis.DERIVED] if len(self.lines) > 1 else []
        return weakest_basis([*sums, *(line.basis for line in self.lines)])

    @property
    def origin(self) -> Origin:
        """The weakest."""
        return Origin(origin_of(self.prints))

    @property
    def value(self) -> Decimal | None:
        """In thousand US dollars; None when a figure has no value."""
        if any(state.value is None for state in self.states):
            return None
        added = (one.usd_thousand(state) for one, state in (line.added for line in self.lines))
        taken = (one.usd_thousand(state) for line in self.lines for one, state in line.less)
        return sum(filter(None, added), Decimal(0)) - sum(filter(None, taken), Decimal(0))

    @property
    def width(self) -> Decimal | None:
        """How wide the interval is that it stands for, thousand US dollars; None for a value in full."""
        widths = [one.width_usd_thousand for one in self.prints if one.is_in_millions]
        return sum(widths, Decimal(0)) if widths else None

    @property
    def ids(self) -> list[int]:
        """The figures that are added."""
        return sorted(line.added[0].figure_id for line in self.lines)

    @property
    def less_ids(self) -> list[int] | None:
        """Those taken away; None when none is."""
        return sorted(one.figure_id for line in self.lines for one, _ in line.less) or None

    @property
    def rank(self) -> tuple[Any, ...]:
        """The least is the one to believe."""
        return (
            self.value is None,
            self.origin is Origin.PRESS,
            self.printed_on == NEVER,
            _BASES.index(self.basis),
            self.width or Decimal(0),
            self.place_on,
            self.printed_on,
            self.ids,
        )


def chosen(known: Known) -> Found:
    """Of each sector and period the one value to believe."""
    candidates: dict[tuple[str, str], list[Exports]] = defaultdict(list)
    for key, one in official(known).items():
        if one.origin is not Origin.SYNTHETIC:
            candidates[key].append(one)
    for claim in (standing := reported.standing(known)):
        line = Line(Basis.PRINTED, claim.said, [], claim.print.period_kind, claim.print.span)
        one = Exports([line], claim.disputed, claim.known_on, claim.place_on)
        candidates[claim.sector, claim.print.period_code or ""].append(one)
    disputed = {claim.print.figure_id for claim in standing if claim.disputed}
    for sector, difference in list(_differences(candidates)):
        one = _exports(difference, disputed)
        if one.origin is Origin.PRESS:  # the official releases alone are subtracted line by line
            candidates[sector, difference.period.code].append(one)
    return {key: min(some, key=lambda one: one.rank) for key, some in candidates.items()}


def _differences(candidates: dict[tuple[str, str], list[Exports]]) -> Iterator[tuple[str, Difference]]:
    """Between prints of one sector that have a date; a sum of several lines is nobody's print."""
    prints: dict[str, list[Said]] = defaultdict(list)
    newest: dict[str, list[Said]] = defaultdict(list)
    for (sector, _), some in candidates.items():
        fit = [one for one in some if one.basis is Basis.PRINTED and not one.rank[0] and one.printed_on != NEVER]
        prints[sector] += [one.lines[0].added for one in fit]
        newest[sector] += [one.lines[0].added for one in sorted(fit, key=lambda one: one.rank)[:1]]
    for sector, of_sector in prints.items():
        yield from ((sector, one) for one in derived.best(of_sector, newest[sector]))


def _exports(one: Difference, disputed: set[int]) -> Exports:
    line = Line(one.basis, one.whole, one.less, one.period.kind.value, (one.start, one.end))
    return Exports([line], any(figure.figure_id in disputed for figure, _ in (one.whole, *one.less)))


def official(known: Known) -> Found:
    """Where every line of the sector is printed, or every one derived: a sum with a line missing is another sum."""
    known = known.of(frozenset({TRADE}))
    lines: dict[str, list[str]] = defaultdict(list)
    for row in seed("sector_ebops_line"):
        lines[row["sector_code"]].append(row["ebops_code"])
    exports: Found = {}
    for found in (_printed(known), _derived(known)):
        for sector, of_sector in lines.items():
            for code in {code for _, code in found}:
                whole = [found[line, code] for line in of_sector if (line, code) in found]
                if len(whole) == len(of_sector):
                    exports[sector, code] = Exports(whole)
    return exports


def _printed(known: Known) -> dict[tuple[str, str], Line]:
    return {
        (series, code): Line(Basis.PRINTED, said, [], said[0].period_kind, said[0].span)
        for (series, measure, code), said in known.newest.items()
        if measure == "credit"
    }


def _derived(known: Known) -> dict[tuple[str, str], Line]:
    return {
        (series, one.period.code): Line(one.basis, one.whole, one.less, one.period.kind.value, (one.start, one.end))
        for (series, measure), one in derived.differences(known)
        if measure == "credit"
    }


def within_ict() -> Iterable[str]:
    """The sectors that are parts of ICT."""
    return {row["sector_code"] for row in seed("sector") if row["is_within_ict"] == "true"}
