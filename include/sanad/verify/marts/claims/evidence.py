"""What weighs on a claim at a moment, strongest first: one finding a rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from sanad.verify.declared import seed
from sanad.verify.known import Known
from sanad.verify.marts.claims.labels import Label, exchanged, falls, families
from sanad.verify.marts.claims.official import Published
from sanad.verify.marts.claims.printed import NEVER, Bounds, Claim, Span, apart, by_article, claims, elsewhere
from sanad.words.numbers import six_places

CONSISTENT, INCONSISTENT, DISPUTED = "consistent", "inconsistent", "disputed"


class Finding(NamedTuple):
    """What a rule says of a claim: the bounds within which it should lie, and by which figures."""

    rank: int
    rule: str
    verdict: str
    due: Bounds
    evidence: list[int]


@dataclass
class Weighing:
    """All claims, and what was published officially."""

    claims: list[Claim]
    published: Published
    _strong: dict[tuple[int, date], bool] = field(default_factory=dict)

    @cached_property
    def articles(self) -> dict[str, list[Claim]]:
        """The claims of each article."""
        return by_article(self.claims)

    @cached_property
    def labels(self) -> dict[int, Label]:
        """By figure, what a claim's label stands for where its article exchanges it with another."""
        labels = exchanged(self.claims)
        return {
            one.figure_id: labels[one.article][one.series]
            for one in self.claims
            if one.measure == "credit" and one.series in labels.get(one.article, {})
        }

    @cached_property
    def read_as(self) -> dict[int, str]:
        """By figure, what such a claim is of."""
        return {figure_id: label.read_as for figure_id, label in self.labels.items()}

    def reads(self, one: Claim) -> str:
        """What a claim is of."""
        return self.read_as.get(one.figure_id, one.series)

    @cached_property
    def _as_read(self) -> dict[tuple[str, str, str], list[Claim]]:
        """Claims by what they are of, their measure and unit."""
        found: dict[tuple[str, str, str], list[Claim]] = defaultdict(list)
        for one in self.claims:
            found[self.reads(one), one.measure, one.unit].append(one)
        return found

    @cached_property
    def _restating(self) -> dict[str, list[Claim]]:
        found: dict[str, list[Claim]] = defaultdict(list)
        for one in self.claims:
            if one.restates:
                found[one.restates].append(one)
        return found

    def replacing(self, one: Claim, until: date) -> list[Claim]:
        """The claims printed by then that declare they take the place of ``one``, and say another number."""
        return [
            other
            for other in self._restating[one.claim_id]
            if other.known_on <= until and apart((other.low, other.high), (one.low, one.high)) > 0
        ]

    def strongest(self, one: Claim, until: date) -> Finding | None:
        """The first finding in their order; None when nothing weighs on it."""
        return min(self._findings(one, until), key=lambda found: found.rank, default=None)

    def _findings(self, one: Claim, until: date) -> Iterator[Finding]:
        rules: list[Callable[[Claim, date], Iterator[Finding]]] = [
            self._official_figure, self._official_falls, self._labels, self._article_levels, self._falls,
            self._restated, self._printed_twice, self._article_sum, self._other_print,
        ]  # fmt: skip
        for rule in rules:
            yield from rule(one, until)

    def _discredited(self, one: Claim, until: date) -> bool:
        """Whether SBP's figures or its own article's say that a claim cannot be, at its own moment or now."""
        key = one.figure_id, until
        if key not in self._strong:
            moment = until if until == NEVER else one.known_on
            stronger = [self._official_figure, self._official_falls, self._article_levels]
            found = (finding for rule in stronger for finding in rule(one, moment))
            self._strong[key] = any(finding.verdict == INCONSISTENT for finding in found)
        return self._strong[key]

    def counts(self, other: Claim, until: date) -> bool:
        """Whether a print is evidence about another: it was known, not replaced and not discredited by then."""
        return other.known_on <= until and not self.replacing(other, until) and not self._discredited(other, until)

    # -- official figures ------------------------------------------------------------------------------------------

    def _official_figure(self, one: Claim, until: date) -> Iterator[Finding]:
        known = self.published.on(until)
        now, before = known.get((one.series, one.span)), known.get((one.series, one.base))
        if one.measure == "credit" and one.unit == "usd_million" and now:
            yield _within(one, 1, "official_figure", (now.low, now.high), now.figure_ids)
        elif one.measure == "credit_growth" and now and before and before.low > 0:
            due = six_places(100 * (now.low / before.high - 1)), six_places(100 * (now.high / before.low - 1))
            yield _within(one, 1, "official_figure", due, sorted(now.figure_ids + before.figure_ids))

    def _official_falls(self, one: Claim, until: date) -> Iterator[Finding]:
        if not (one.is_cumulative and one.unit == "usd_million"):
            return
        low, high, ids = [], [], []
        for (series, (start, end)), found in self.published.on(until).items():
            if (
                series != one.series
                or start != one.span[0]
                or not end
                or not one.span[1]
                or not _in_a_year((start, end))
            ):
                continue
            if end < one.span[1] and found.low > one.high:
                low.append(found.low)
                ids += found.figure_ids
            elif end > one.span[1] and found.high < one.low:
                high.append(found.high)
                ids += found.figure_ids
        if ids:
            due = max(low, default=None), min(high, default=None)
            yield Finding(2, "official_falls", INCONSISTENT, due, sorted(set(ids)))

    # -- inside one article ------------------------------------------------------------------------------------------

    def _hull(self, article: str, series: str, span: Span) -> tuple[Decimal, Decimal, list[int]] | None:
        found = [
            one for one in self.articles[article]
            if (one.series, one.span, one.measure, one.unit) == (series, span, "credit", "usd_million")
        ]  # fmt: skip
        if not found:
            return None
        return min(one.low for one in found), max(one.high for one in found), [one.figure_id for one in found]

    def _labels(self, one: Claim, until: date) -> Iterator[Finding]:
        """The article's figures of two lines are each other's."""
        if one.figure_id not in self.read_as:
            return
        other = self._hull(one.article, self.reads(one), one.span)
        low, high, fallen = self._fallen(one, [other for other in self._cumulative(one) if self.counts(other, until)])
        due = (other[0], other[1]) if other else (low, high)
        beside = self.labels[one.figure_id].reference
        ids = {*beside, *(other[2] if other else []), *(found.figure_id for found in fallen)}
        yield Finding(3, "labels_exchanged", INCONSISTENT, due, sorted(ids))

    def _article_levels(self, one: Claim, until: date) -> Iterator[Finding]:
        """A growth or a share, from the levels that its article prints."""
        own = self._hull(one.article, one.series, one.span)
        other = None
        if one.measure == "credit_growth":
            other = self._hull(one.article, one.series, one.base)
        elif one.measure == "share" and one.whole:
            other = self._hull(one.article, one.whole, one.span)
        if own and other and other[0] > 0 and (one.measure == "credit_growth" or own[0] >= 0):
            taken = 1 if one.measure == "credit_growth" else 0
            due = six_places(100 * (own[0] / other[1] - taken)), six_places(100 * (own[1] / other[0] - taken))
            yield _within(one, 4, "article_levels", due, sorted(own[2] + other[2]))

    def _printed_twice(self, one: Claim, until: date) -> Iterator[Finding]:
        others = [
            other for other in self.articles[one.article]
            if other is not one and (other.series, other.measure, other.unit, other.span, other.base, other.whole)
            == (one.series, one.measure, one.unit, one.span, one.base, one.whole)
        ]  # fmt: skip
        yield from _apart_from(one, 7, "printed_twice", DISPUTED, others)

    def _article_sum(self, one: Claim, until: date) -> Iterator[Finding]:
        """Parts and total, where the article prints every part that is always printed."""
        if one.measure != "credit" or one.unit != "usd_million":
            return
        in_order = sorted(families().items(), key=lambda family: family[0] == one.series)  # as a part first
        checks = [check for total, parts in in_order for check in self._sums(one, total, parts)]
        if off := [check for check in checks if check[0]]:
            yield Finding(8, "article_sum", DISPUTED, off[0][1], off[0][2])
        elif checks:
            yield Finding(11, "article_sum", CONSISTENT, checks[0][1], checks[0][2])

    def _sums(self, one: Claim, total: str, parts: list[str]) -> Iterator[tuple[bool, Bounds, list[int]]]:
        if one.series != total and one.series not in parts:
            return
        whole = self._hull(one.article, total, one.span)
        found = {part: hull for part in parts if (hull := self._hull(one.article, part, one.span))}
        if not whole or not _always_printed(total) <= found.keys():
            return
        low = sum((hull[0] for hull in found.values()), Decimal(0))
        high = sum((hull[1] for hull in found.values()), Decimal(0))
        is_off = low > whole[1] or (high < whole[0] and len(found) == len(parts))
        if not is_off and high < whole[0]:
            return  # the part that is not printed may be the rest
        due: Bounds = (low, high)
        if one.series != total:
            mine = found[one.series]
            due = whole[0] - (high - mine[1]), whole[1] - (low - mine[0])
        yield is_off, due, sorted(id_ for hull in (whole, *found.values()) for id_ in hull[2] if id_ != one.figure_id)

    # -- across articles -------------------------------------------------------------------------------------------

    def _cumulative(self, one: Claim) -> list[Claim]:
        """Cumulative claims of the same line and fiscal year, each read as it must be."""
        if not one.is_cumulative:
            return []
        return [
            other for other in self._as_read[one.series, one.measure, one.unit]
            if other is not one and other.is_cumulative and other.span[0] == one.span[0]
        ]  # fmt: skip

    def _fallen(self, one: Claim, others: Iterable[Claim]) -> tuple[Decimal | None, Decimal | None, list[Claim]]:
        found = [other for other in others if falls(one, other)]
        low = [other.low for other in found if other.span[1] and one.span[1] and other.span[1] < one.span[1]]
        high = [other.high for other in found if other.span[1] and one.span[1] and other.span[1] > one.span[1]]
        return max(low, default=None), min(high, default=None), found

    def _falls(self, one: Claim, until: date) -> Iterator[Finding]:
        """Cumulative exports of a fiscal year cannot fall: an earlier print stands, against a later one."""
        if one.figure_id in self.read_as:
            return
        others = [other for other in self._cumulative(one) if self.counts(other, until)]
        for rank, verdict, some in (
            (5, INCONSISTENT, [other for other in others if other.known_on < one.known_on]),
            (9, DISPUTED, [other for other in others if other.known_on >= one.known_on]),
        ):
            low, high, fallen = self._fallen(one, some)
            if fallen:
                yield Finding(rank, "falls", verdict, (low, high), sorted(other.figure_id for other in fallen))

    def _restated(self, one: Claim, until: date) -> Iterator[Finding]:
        yield from _apart_from(one, 6, "restated", INCONSISTENT, self.replacing(one, until))

    def _other_print(self, one: Claim, until: date) -> Iterator[Finding]:
        alike = self._as_read[one.series, one.measure, one.unit]
        others = [other for other in elsewhere(one, alike) if self.counts(other, until)]
        yield from _apart_from(one, 10, "other_print", DISPUTED, others)


def _in_a_year(span: Span) -> bool:
    start, end = span
    return bool(start and end and (end - start).days <= 366)


def _always_printed(total: str) -> set[str]:
    rows = seed("sector_part")
    return {
        row["sector_code"] for row in rows if row["total_sector_code"] == total and row["is_always_printed"] == "true"
    }


def _within(one: Claim, rank: int, rule: str, due: Bounds, evidence: list[int]) -> Finding:
    verdict = CONSISTENT if apart((one.low, one.high), due) == 0 else INCONSISTENT
    return Finding(rank, rule, verdict, due, evidence)


def _apart_from(one: Claim, rank: int, rule: str, verdict: str, others: Iterable[Claim]) -> Iterator[Finding]:
    """A finding where some of the others say another number: the bounds are those of the nearest."""
    found = [other for other in others if apart((one.low, one.high), (other.low, other.high)) > 0]
    if found:
        nearest = min(found, key=lambda other: (apart((one.low, one.high), (other.low, other.high)), other.figure_id))
        ids = sorted(other.figure_id for other in found)
        yield Finding(rank, rule, verdict, (nearest.low, nearest.high), ids)


def weighing_of(known: Known) -> Weighing:
    """Every claim of these releases, and what they say officially."""
    return Weighing(claims(known), Published(known))
