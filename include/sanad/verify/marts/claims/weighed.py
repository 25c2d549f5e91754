"""The rows of ``mart_claims_weighed``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sanad.verify.known import Known
from sanad.verify.marts.claims import sums
from sanad.verify.marts.claims.evidence import Finding, Weighing, weighing_of
from sanad.verify.marts.claims.printed import NEVER, Bounds, Claim, apart, told
from sanad.verify.marts.expected import Row

_UNITS = {"usd_million": " million US$", "pkr_million": " million rupees", "pct": " percent"}
_WORDS = {
    "official_figure": "SBP's figures say ",
    "official_falls": "SBP's figures of the fiscal year, which cannot fall, leave ",
    "labels_exchanged": "the article exchanges the labels {} and {}; read so, it says ",
    "article_levels": "the levels in the article give ",
    "falls": "other prints of the fiscal year, which cannot fall, leave ",
    "restated": "a print that takes its place says ",
    "printed_twice": "the article also prints ",
    "article_sum": "parts and total in the article give ",
    "other_print": "another print says ",
}
_UNKNOWN = "cannot be checked"


def weighed(known: Known) -> Iterable[Row]:
    """``mart_claims_weighed``."""
    weighing = known.once(weighing_of)
    found = weighing.claims
    names = {one.figure_id: one.claim_id for one in found}
    now = {one.figure_id: weighing.strongest(one, NEVER) for one in found if one.is_weighed}
    for one in found:
        if one.is_weighed:
            yield (one.claim_id,), _row(one, weighing, names, now)


def _row(one: Claim, weighing: Weighing, names: Mapping[int, str], now: Mapping[int, Finding | None]) -> dict[str, Any]:
    figure, said = one.figure, one.figure.details
    then = weighing.strongest(one, one.known_on) if one.known_on != NEVER else None
    label = weighing.labels.get(one.figure_id)
    exchanged_with = label.read_as if label else None
    implied = sums.implied(one, weighing, now)
    heads = sums.per_head(one, weighing.claims, now[one.figure_id])
    return {
        "series_code": one.series,
        "printed_label": figure.label_raw,
        "exchanged_with": exchanged_with,
        "measure": one.measure,
        "period_code": figure.period_code,
        "period_kind": figure.period_kind,
        "period_start": figure.period_start,
        "period_end": figure.period_end,
        "base_period_code": said.get("base_period_code"),
        "unit": one.unit,
        "as_printed": said["as_printed"],
        "resolution": figure.resolution,
        "qualifier": figure.qualifier,
        "value_low": one.low,
        "value_high": one.high,
        **_moment("then", one, then, names),
        "sentence_then": _sentence(one, then, exchanged_with, is_dated=one.known_on != NEVER),
        **_moment("now", one, now[one.figure_id], names),
        "sentence_now": _sentence(one, now[one.figure_id], exchanged_with) + sums.told_of(implied, heads, _bounds, one),
        **sums.columns(implied, heads),
        "article": said["source"],
        "outlet": said.get("outlet"),
        "published_on": None if one.known_on == NEVER else one.known_on,
        "published_precision": said["published_precision"],
        "held_by": said.get("held_by"),
        "restates": one.restates,
        "note": said.get("note"),
        "origin": figure.release.origin,
        "dataset": figure.release.dataset,
        "release_id": figure.release.release_id,
        "value_figure_ids": [one.figure_id],
    }


def _moment(moment: str, one: Claim, found: Finding | None, names: Mapping[int, str]) -> dict[str, Any]:
    due: Bounds = found.due if found else (None, None)
    evidence = sorted(set(found.evidence)) if found else []
    return {
        f"verdict_{moment}": found.verdict if found else _UNKNOWN,
        f"rule_{moment}": found.rule if found else None,
        f"due_{moment}_low": due[0],
        f"due_{moment}_high": due[1],
        f"distance_{moment}": None if due == (None, None) else apart((one.low, one.high), due),
        f"evidence_{moment}_claim_ids": sorted(names[id_] for id_ in evidence if id_ in names) or None,
        f"evidence_{moment}_figure_ids": evidence or None,
    }


def _sentence(one: Claim, found: Finding | None, exchanged_with: str | None, *, is_dated: bool = True) -> str:
    if not is_dated:
        return "Cannot be checked: it has no date, so what was known before it cannot be told."
    if found is None:
        return "Cannot be checked: nothing is known to weigh it by; a repeat confirms nothing."
    words = _WORDS[found.rule].format(one.series, exchanged_with)
    if found.due == (None, None):
        return f"{found.verdict.capitalize()}: {words}no other number."
    gap = apart((one.low, one.high), found.due)
    away = f", {told(gap)}{_unit(one)} away" if gap else ""
    return f"{found.verdict.capitalize()}: {words}{_bounds(found.due, one)}{away}."


def _unit(one: Claim) -> str:
    return _UNITS.get(one.unit, f" {one.unit}")


def _bounds(due: Bounds, one: Claim) -> str:
    low, high = due
    if low is None or high is None:
        words = f"at most {told(high)}" if low is None else f"at least {told(low)}"
    else:
        words = told(low) if low == high else f"{told(low)} to {told(high)}"
    return words + _unit(one)
