"""Printed claims as intervals, from what was known at a build."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sanad.verify.known import Known, Print, State
from sanad.words.numbers import plain, six_places
from sanad.words.periods import Period

FIGURES, COUNTS = "reported/figures", "reported/counts"
#: When a print without a date is taken to be known: after every other.
NEVER = date.max
_ZEROS = re.compile(r"^(\d*?[1-9])(0*)$")
Bounds = tuple[Decimal | None, Decimal | None]
Span = tuple[date | None, date | None]


@dataclass(eq=False)
class Claim:
    """One claim: ``span`` is what it speaks of, ``known_on`` when it was printed, `NEVER` where nobody knows."""

    figure: Print
    claim_id: str
    series: str
    measure: str
    unit: str
    span: Span
    base: Span
    value: Decimal
    low: Decimal
    high: Decimal
    article: str
    known_on: date
    restates: str | None
    is_weighed: bool
    whole: str | None = None

    @property
    def figure_id(self) -> int:
        """The figure it is."""
        return self.figure.figure_id

    @property
    def is_cumulative(self) -> bool:
        """Whether it counts from July on, inside a fiscal year."""
        return self.measure == "credit" and self.figure.period_kind != "calendar_year" and _month(self.span[0]) == 7

    @property
    def is_month(self) -> bool:
        """Whether it is a level of one month."""
        return self.measure == "credit" and self.figure.period_kind == "month"


def _month(day: date | None) -> int | None:
    return day.month if day else None


def apart(one: Bounds, other: Bounds) -> Decimal:
    """By how much two intervals miss each other, 0 where they touch; a bound that is None is no bound."""
    gaps = [Decimal(0)]
    if one[1] is not None and other[0] is not None:
        gaps.append(other[0] - one[1])
    if one[0] is not None and other[1] is not None:
        gaps.append(one[0] - other[1])
    return max(gaps)


def interval(value: Decimal, resolution: Decimal, qualifier: str | None) -> tuple[Decimal, Decimal]:
    """What a printed number stands for: half a step to both sides; over and nearly a step to one, about to both."""
    below, above = {
        None: (resolution / 2, resolution / 2),
        "over": (Decimal(0), resolution),
        "nearly": (resolution, Decimal(0)),
        "about": (resolution, resolution),
    }[qualifier]
    return six_places(value - below), six_places(value + above)


def step(value: Decimal) -> Decimal:
    """The rounding of a count: its last digit that is not 0."""
    found = _ZEROS.match(plain(value.normalize()))
    return Decimal(10) ** len(found[2]) if found else Decimal(1)


def claims(known: Known) -> list[Claim]:
    """The newest print of each claim, and the national stocks that somebody counted."""
    newest: dict[str, tuple[Print, State]] = {}
    counted: list[tuple[Print, State]] = []
    for one, state in known.standing:
        if one.release.dataset == FIGURES:
            newest[one.details["claim_id"]] = one, state
        elif one.release.dataset == COUNTS and one.measure == "stock" and one.details.get("region") == "Pakistan":
            counted.append((one, state))
    found = [_claim(one, state) for one, state in newest.values() if state.value is not None]
    _fill_spans(found)
    return [*found, *(_count(one, state) for one, state in counted if state.value is not None)]


def _claim(one: Print, state: State) -> Claim:
    said = one.details
    published, base = said.get("published_on"), said.get("base_period_code")
    assert state.value is not None and one.resolution is not None  # noqa: S101 - its parser lets no other through
    low, high = interval(state.value, one.resolution, one.qualifier)
    return Claim(
        one, said["claim_id"], one.series_code, one.measure, one.unit or "", one.span,
        Period.parse(base).span if base else (None, None), state.value, low, high,
        f"{said['source']}\t{published or ''}", date.fromisoformat(published) if published else NEVER,
        said.get("restates"), True, said.get("whole"),
    )  # fmt: skip


def _count(one: Print, state: State) -> Claim:
    said = one.details
    assert state.value is not None  # noqa: S101 - asked before
    low, high = interval(state.value, step(state.value), one.qualifier)
    published = said.get("published")
    return Claim(
        one, said["count_id"], one.series_code, one.measure, one.unit or "", one.span, (None, None), state.value, low,
        high, f"{said.get('source_url') or said['count_id']}\t{published or ''}",
        date.fromisoformat(published) if published else NEVER, None, False,
    )  # fmt: skip


def _fill_spans(found: Iterable[Claim]) -> None:
    """A number without a period is of the newest period that its article prints exports of."""
    newest: dict[str, Span] = {}
    by_end = [one for one in found if one.measure == "credit" and one.span[1]]
    for one in sorted(by_end, key=lambda one: (one.span[1], _days(one.span))):
        newest[one.article] = one.span
    for one in found:
        if one.span == (None, None):
            one.span = newest.get(one.article, one.span)


def _days(span: Span) -> int:
    start, end = span
    return (end - start).days if start and end else 0


def by_article(found: Iterable[Claim]) -> dict[str, list[Claim]]:
    """The claims of each article."""
    articles: dict[str, list[Claim]] = defaultdict(list)
    for one in found:
        articles[one.article].append(one)
    return articles


def elsewhere(one: Claim, alike: Iterable[Claim]) -> Iterator[Claim]:
    """Of claims of one series, measure and unit those of other articles that speak of the time that ``one`` does, and
    are shares of the same.
    """  # fmt: skip
    others = (other for other in alike if other.article != one.article and other.whole == one.whole)
    return (other for other in others if _meets(one, other))


def _meets(one: Claim, other: Claim) -> bool:
    """Whether two claims speak of one time; numbers of somebody do where their times overlap."""
    return (one.span, one.base) == (other.span, other.base) or (
        one.measure in {"stock", "share"} and overlaps(one.span, other.span)
    )


def overlaps(one: Span, other: Span) -> bool:
    """Whether two spans share a day; what is not known shares none."""
    (start, end), (other_start, other_end) = one, other
    return bool(start and end and other_start and other_end and start < other_end and other_start < end)


def told(value: Any) -> str:
    """A number in digits without needless zeros."""
    return plain(Decimal(value).normalize())
