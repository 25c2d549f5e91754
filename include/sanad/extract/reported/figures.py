"""Printed figures: one article a release, as canonical JSON.

``{"source", "outlet", "source_date", "published_on", "published_precision", "claims": [{"claim_id", "measure",
"series", "label", "period_code", "base_period_code", "value", "unit", "as_printed", "resolution", "qualifier",
"whole", "held_by", "restates", "note"}, ...]}``. Values are text; what is not known is left out. ``source`` is the
article's address, or words where none is known; ``published_on`` the last day that its date allows.

A claim is of what the article labelled it, also where that is wrong. ``measure`` is ``credit`` (exports),
``credit_growth`` in percent against ``base_period_code``, ``share`` in percent, of the series ``whole`` where the
article says so, or ``stock``, a number of somebody.
``held_by`` is ``official_secondhand`` where it is a copy of SBP's own figure; ``restates`` names the claim that it
takes the place of.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from sanad.extract.reading import Figure, Reading
from sanad.extract.registers import stop
from sanad.grid import read_json
from sanad.registry import Dataset
from sanad.words.periods import Period
from sanad.words.printed import MONEY, QUALIFIERS

PARSER = "reported.figures"
VERSION = "1"

_GATE = "claims"
#: The units a measure may have; None for any.
_UNITS = {
    "credit": MONEY,
    "credit_growth": frozenset({"pct"}),
    "share": frozenset({"pct"}),
    "stock": None,
}
_OF_THE_ARTICLE = ("source", "outlet", "source_date", "published_on", "published_precision")
_DETAILS = ("claim_id", "label", "base_period_code", "whole", "restates", "held_by", "note")
_PRECISIONS = frozenset({"day", "month", "year", "unknown"})
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_CODE = re.compile(r"[a-z][a-z0-9_]*")


def extract(dataset: Dataset, parts: dict[str, bytes]) -> Reading:
    """A figure for each claim. Unreadable (gates ``file``, ``source``, ``claims``) names what is wrong first."""
    document = read_json(next(iter(parts.values())), dataset.max_bytes)
    article = _article(document)
    claims = document.get("claims")
    if not isinstance(claims, list) or not claims:
        raise stop(_GATE, "a list of claims", "none", "/claims")
    figures = [_figure(claim, f"/claims/{number}", number, article) for number, claim in enumerate(claims)]
    claim = f"{article['source']}\t{article.get('published_on') or ''}"
    return Reading(PARSER, VERSION, None, figures=figures, claim=claim)


def _article(document: Any) -> dict[str, str]:
    """What the document says of the article, what is empty left out."""
    if not isinstance(document, dict):
        raise stop("source", "an article with its claims", type(document).__name__)
    article = {name: str(document[name]) for name in _OF_THE_ARTICLE if document.get(name)}
    if not article.get("source", "").strip():
        raise stop("source", "the article's address, or words that say which it is", "none", "/source")
    if article.get("published_precision") not in _PRECISIONS:
        raise stop("source", f"one of {', '.join(sorted(_PRECISIONS))}", repr(article.get("published_precision")),
                   "/published_precision")  # fmt: skip
    if published := article.get("published_on"):
        try:
            date.fromisoformat(published)
        except ValueError as error:
            raise stop("source", "a day such as 2025-08-31", repr(published), "/published_on") from error
    return article


def _figure(claim: Any, at: str, number: int, article: dict[str, str]) -> Figure:
    if not isinstance(claim, dict):
        raise stop(_GATE, "a claim", type(claim).__name__, at)
    measure, series = _text(claim, "measure", at), _text(claim, "series", at)
    if measure not in _UNITS:
        raise stop(_GATE, f"one of {', '.join(_UNITS)}", repr(measure), f"{at}/measure")
    if not _CODE.fullmatch(series):
        raise stop(_GATE, "a series such as call_centres", repr(series), f"{at}/series")
    unit, allowed = _text(claim, "unit", at), _UNITS[measure]
    if allowed and unit not in allowed:
        raise stop(_GATE, f"{measure} in {' or '.join(sorted(allowed))}", repr(unit), f"{at}/unit")
    period = _period(claim, "period_code", at)
    base = _period(claim, "base_period_code", at)
    if (measure == "credit_growth") is (base is None):
        raise stop(_GATE, "base_period_code for a growth, and for nothing else", repr(claim.get("base_period_code")),
                   f"{at}/base_period_code")  # fmt: skip
    if measure in {"credit", "credit_growth"} and period is None:
        raise stop(_GATE, f"the period of a {measure}", "none", f"{at}/period_code")
    if claim.get("whole") and measure != "share":
        raise stop(_GATE, "whole for a share, and for nothing else", repr(claim["whole"]), f"{at}/whole")
    qualifier = claim.get("qualifier") or None
    if qualifier is not None and qualifier not in QUALIFIERS:
        raise stop(_GATE, f"one of {', '.join(QUALIFIERS)}", repr(qualifier), f"{at}/qualifier")
    return Figure(
        ordinal=number,
        series_code=series,
        measure=measure,
        period=period,
        value=_number(claim, "value", at),
        null_reason=None,
        unit=unit,
        flag=None,
        locator=f"{at}/value",
        as_printed=_text(claim, "value", at),
        header_locator=f"{at}/period_code" if period else None,
        header_as_printed=claim["period_code"] if period else None,
        label_raw=claim.get("label") or series,
        resolution=_resolution(claim, at),
        qualifier=qualifier,
        details={
            **article,
            **{name: claim[name] for name in _DETAILS if claim.get(name)},
            **({"base_start": base.start.isoformat(), "base_end": base.end.isoformat()} if base else {}),
            "claim_id": _text(claim, "claim_id", at),
            "as_printed": _text(claim, "as_printed", at),
        },
    )


def _text(claim: dict[str, Any], name: str, at: str) -> str:
    text = claim.get(name)
    if not isinstance(text, str) or not text.strip():
        raise stop(_GATE, f"a text for {name}", repr(text), f"{at}/{name}")
    return text


def _number(claim: dict[str, Any], name: str, at: str) -> Decimal:
    """Digits 0 to 9: ``as_printed`` keeps what was printed in another script."""
    text = _text(claim, name, at)
    if not _NUMBER.fullmatch(text):
        raise stop(_GATE, f"a {name} in the digits 0 to 9 such as 328 or 24.6", repr(text), f"{at}/{name}")
    return Decimal(text)


def _resolution(claim: dict[str, Any], at: str) -> Decimal:
    step = _number(claim, "resolution", at)
    if step <= 0:
        raise stop(_GATE, "a step of rounding above 0", str(step), f"{at}/resolution")
    return step


def _period(claim: dict[str, Any], name: str, at: str) -> Period | None:
    code = claim.get(name)
    if not code:
        return None
    try:
        return Period.parse(str(code))
    except ValueError as error:
        raise stop(_GATE, "a period: 2026-02, FY26, FY26.Jul-Feb or 2025", repr(code), f"{at}/{name}") from error
