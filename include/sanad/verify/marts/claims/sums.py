"""What is told beside a verdict: the sums that disputed months are part of, and exports a head."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sanad.verify.declared import seed
from sanad.verify.marts.claims.evidence import DISPUTED, INCONSISTENT, Finding, Weighing
from sanad.verify.marts.claims.official import Official
from sanad.verify.marts.claims.printed import NEVER, Bounds, Claim, apart, told
from sanad.words.numbers import six_places
from sanad.words.periods import first_of_next_month, fiscal_year_of

Findings = Mapping[int, Finding | None]


class Implied(NamedTuple):
    """What the months that nobody is sure of come to together, by single months and with a cumulative print."""

    months: list[date]
    by_months: Bounds
    by_ytd: Bounds
    figure_ids: list[int]


class Heads(NamedTuple):
    """Exports a head in US dollars: by the claim's number, and by the nearest that speaks against it."""

    own: Decimal
    other: Decimal | None
    figure_id: int


def implied(one: Claim, weighing: Weighing, now: Findings) -> Implied | None:
    """Of a month that is disputed now: a cumulative figure of SBP's less the months that are settled."""
    found, start = now[one.figure_id], one.span[0]
    if not (found and found.verdict == DISPUTED and one.is_month and one.unit == "usd_million" and start):
        return None
    year_start = date(fiscal_year_of(start) - 1, 7, 1)
    cover = min(
        (
            (span[1], official)
            for (series, span), official in weighing.published.on(NEVER).items()
            if series == one.series and span[0] == year_start and span[1] and one.span[1]
            and one.span[1] <= span[1] <= date(year_start.year + 1, 7, 1)
        ),
        default=None,
    )  # fmt: skip
    if cover is None:
        return None
    standing = _standing(one.series, weighing, now)
    unsettled = _unsettled(one.series, weighing, now) | {start}
    months = _months(year_start, cover[0])
    single = {month: claim for claim in reversed(standing) if claim.is_month and (month := claim.span[0])}
    settled = {month: single.get(month) for month in months if month not in unsettled}
    if not all(settled.values()):
        return None
    certain = {month: claim for month, claim in settled.items() if claim}
    unsure = [month for month in months if month in unsettled]
    begun = _begun(standing, year_start, unsure[0])
    rest = [claim for month, claim in certain.items() if begun and begun.span[1] and month >= begun.span[1]]
    whole, used = cover[1], [*certain.values(), *([begun] if begun else [])]
    return Implied(
        unsure,
        _less(whole, certain.values()),
        _less(whole, [begun, *rest]) if begun else (None, None),
        sorted({*cover[1].figure_ids, *(claim.figure_id for claim in used)}),
    )


def _standing(series: str, weighing: Weighing, now: Findings) -> list[Claim]:
    """Dated prints of a sector that are not found inconsistent, the earliest first."""
    found = (
        one for one in weighing.claims
        if one.is_weighed and one.measure == "credit" and one.unit == "usd_million" and weighing.reads(one) == series
    )  # fmt: skip
    fit = [one for one in found if one.known_on != NEVER and not _is(now[one.figure_id], INCONSISTENT)]
    return sorted(fit, key=lambda one: (one.known_on, one.figure_id))


def _is(found: Finding | None, verdict: str) -> bool:
    return found is not None and found.verdict == verdict


def _unsettled(series: str, weighing: Weighing, now: Findings) -> set[date]:
    """Months that were restated, or that one article prints twice."""
    return {
        start
        for one in weighing.claims
        if one.is_weighed and one.is_month and one.unit == "usd_million" and weighing.reads(one) == series
        and (start := one.span[0]) and (found := now[one.figure_id]) and found.rule in {"restated", "printed_twice"}
    }  # fmt: skip


def _months(start: date, end: date) -> list[date]:
    found = [start]
    while (following := first_of_next_month(found[-1].year, found[-1].month)) < end:
        found.append(following)
    return found


def _begun(standing: Iterable[Claim], year_start: date, first_unsure: date) -> Claim | None:
    """The longest cumulative print that ends before the first month nobody is sure of, the earliest of that length."""
    found = [
        (one, one.span[1]) for one in standing
        if one.figure.period_kind == "fiscal_year_to_date" and one.span[0] == year_start
        and one.span[1] and one.span[1] <= first_unsure
    ]  # fmt: skip
    longest = max((end for _, end in found), default=None)
    return next((one for one, end in found if end == longest), None)


def _less(whole: Official, taken: Iterable[Claim]) -> Bounds:
    claims = list(taken)
    low = whole.low - sum((one.high for one in claims), Decimal(0))
    return low, whole.high - sum((one.low for one in claims), Decimal(0))


def per_head(one: Claim, claims: list[Claim], found: Finding | None) -> Heads | None:
    """Exports of the people's sector in the newest period that the same article prints, over their number."""
    sector = {row["counted_what"]: row["sector_code"] for row in seed("sector_staff")}.get(one.series)
    if one.measure != "stock" or sector is None or not one.value:
        return None
    exports = [
        other for other in claims
        if (other.article, other.series, other.measure, other.unit) == (one.article, sector, "credit", "usd_million")
    ]  # fmt: skip
    if not exports:
        return None
    newest = min(exports, key=lambda other: (*_newest_first(other), other.figure_id))
    against = [other for other in claims if found and other.figure_id in found.evidence and other.value]
    gap = {other.figure_id: apart((one.low, one.high), (other.low, other.high)) for other in against}
    nearest = min(against, key=lambda other: (gap[other.figure_id], other.figure_id), default=None)
    return Heads(_a_head(newest, one), _a_head(newest, nearest) if nearest else None, newest.figure_id)


def _newest_first(one: Claim) -> tuple[int, int]:
    start, end = one.span
    assert start and end  # noqa: S101 - exports are of a period
    return -end.toordinal(), -(end - start).days


def _a_head(exports: Claim, people: Claim) -> Decimal:
    return six_places(1_000_000 * exports.value / people.value)


def columns(implied: Implied | None, heads: Heads | None) -> dict[str, Any]:
    """As the mart has them."""
    return {
        "implied_period_codes": [f"{month:%Y-%m}" for month in implied.months] if implied else None,
        "implied_low": implied.by_months[0] if implied else None,
        "implied_high": implied.by_months[1] if implied else None,
        "implied_ytd_low": implied.by_ytd[0] if implied else None,
        "implied_ytd_high": implied.by_ytd[1] if implied else None,
        "implied_figure_ids": implied.figure_ids if implied else None,
        "exports_per_head_usd": heads.own if heads else None,
        "exports_per_other_head_usd": heads.other if heads else None,
        "exports_per_head_figure_ids": [heads.figure_id] if heads else None,
    }


def told_of(implied: Implied | None, heads: Heads | None, bounds: Callable[[Bounds, Claim], str], one: Claim) -> str:
    """The same in words."""
    words = ""
    if implied:
        months = " and ".join(f"{month:%Y-%m}" for month in implied.months)
        with_ytd = ""
        if implied.by_ytd[0] is not None:
            with_ytd = f", {bounds(implied.by_ytd, one)} with the longest cumulative print"
        words += f" {months} are implied as {bounds(implied.by_months, one)} by single months{with_ytd}."
    if heads:
        other = "" if heads.other is None else f", the other number {told(heads.other)}"
        words += f" It makes {told(heads.own)} US$ of exports a head{other}."
    return words
