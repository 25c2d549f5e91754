"""One more printed claim: as the document of its article, through the one door."""

from __future__ import annotations

import calendar
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

import rfc8785

from sanad.decide.arrival import Arrival, Ingested, ingest
from sanad.registry import dataset
from sanad.words.errors import UsageError
from sanad.words.numbers import plain
from sanad.words.periods import Period
from sanad.words.printed import amount
from sanad.words.vocabulary import Origin

FIGURES = "reported/figures"
MEASURES = ("credit", "credit_growth", "share", "stock")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_SERIES = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Claim:
    """What somebody read: ``printed`` in the article's words, ``dated`` a day, a month, a year or None."""

    series: str
    measure: str
    printed: str
    period: str | None
    source: str
    dated: str | None = None
    unit: str | None = None
    base: str | None = None
    whole: str | None = None
    outlet: str | None = None
    restates: str | None = None
    note: str | None = None
    claim_id: str | None = None


def add(claim: Claim, actor: str) -> tuple[str, Ingested]:
    """Record a claim; gives its claim_id and what became of its release. UsageError for what cannot be a print."""
    claim_id, content, published_on = document(claim)
    arrival = Arrival(
        parts={f"{claim_id}.json": content},
        origin=Origin.PRESS,
        actor=actor,
        reason=f"claim {claim_id} recorded by hand",
        url=claim.source if claim.source.startswith(("http://", "https://")) else None,
        media_type="application/json",
        stated_on=published_on,
    )
    return claim_id, ingest(dataset(FIGURES), arrival)


def document(claim: Claim) -> tuple[str, bytes, date | None]:
    """The claim's name, its article as canonical JSON, and the last day its date allows."""
    if not claim.source.strip():
        raise UsageError("a claim needs its source: the article's address, or words that say which article it is")
    if claim.measure not in MEASURES:
        raise UsageError(f"--measure {claim.measure}: expected one of {', '.join(MEASURES)}")
    if not _SERIES.fullmatch(claim.series):
        raise UsageError(f"--series {claim.series}: expected a series such as call_centres")
    published_on, precision = last_day(claim.dated)
    said = {**_figure(claim), **_periods(claim, published_on)}
    if claim.whole and claim.measure != "share":
        raise UsageError("--whole is of a share, and of nothing else")
    said |= {name: text for name in ("whole", "restates", "note") if (text := getattr(claim, name))}
    article = {
        "source": claim.source.strip(),
        "published_precision": precision,
        **({"outlet": claim.outlet} if claim.outlet else {}),
        **({"source_date": claim.dated} if claim.dated else {}),
        **({"published_on": published_on.isoformat()} if published_on else {}),
    }
    named = claim.claim_id or f"c{hashlib.sha256(rfc8785.dumps({**article, **said})).hexdigest()[:8]}"
    return named, rfc8785.dumps({**article, "claims": [{**said, "claim_id": named}]}), published_on


def last_day(text: str | None) -> tuple[date | None, str]:
    """The last day a date allows, today at most, and how exact it is: ``2025-08`` is 2025-08-31, month."""
    if not text:
        return None, "unknown"
    found = _DATE.fullmatch(text)
    try:
        if not found:
            raise ValueError(text)
        year, month, day = (int(part) if part else None for part in found.groups())
        assert year is not None  # noqa: S101 - the pattern begins with it
        first = date(year, month or 1, day or 1)
    except ValueError as error:
        raise UsageError(f"--date {text}: expected 2025-08-19, 2025-08 or 2025") from error
    today = datetime.now(UTC).astimezone(dataset(FIGURES).zone).date()
    if first > today:
        raise UsageError(f"--date {text} lies in the future; today is {today}")
    if day:
        return first, "day"
    last = date(year, month or 12, calendar.monthrange(year, month or 12)[1])
    return min(last, today), "month" if month else "year"


def _figure(claim: Claim) -> dict[str, str]:
    printed = amount(claim.printed, claim.unit)
    wanted = {"credit": {"usd_million", "pkr_million"}, "credit_growth": {"pct"}, "share": {"pct"}}.get(claim.measure)
    if wanted and printed.unit not in wanted:
        raise UsageError(f"'{claim.printed}': expected {claim.measure} in {' or '.join(sorted(wanted))}, "
                         f"found {printed.unit}")  # fmt: skip
    return {
        "series": claim.series,
        "measure": claim.measure,
        "value": plain(printed.value),
        "unit": printed.unit,
        "as_printed": claim.printed,
        "resolution": plain(printed.resolution),
        **({"qualifier": printed.qualifier} if printed.qualifier else {}),
    }


def _periods(claim: Claim, published_on: date | None) -> dict[str, str]:
    found = {}
    for option, name, code in (("period", "period_code", claim.period), ("base", "base_period_code", claim.base)):
        if not code:
            continue
        try:
            period = Period.parse(code)
        except ValueError as error:
            raise UsageError(f"--{option} {error}") from error
        if published_on and period.end > published_on:
            raise UsageError(f"--{option} {code} had not ended on {published_on}, the day it was printed")
        found[name] = period.code
    if claim.measure in {"credit", "credit_growth"} and "period_code" not in found:
        raise UsageError(f"a {claim.measure} needs its --period: 2026-02, FY26, FY26.Jul-Feb or 2025")
    if (claim.measure == "credit_growth") is ("base_period_code" not in found):
        raise UsageError("a growth needs the period it is measured against, --base FY24; nothing else has one")
    return found
