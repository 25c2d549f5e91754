"""What is to be said for and against a sentence, by the rules of ``mart_claims_weighed``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg.rows import dict_row

from sanad.lineage.asking import asking
from sanad.lineage.sentences import Sentence, parse
from sanad.words.errors import UsageError

_WEIGHED = "select weighed::text as weighed from intermediate.weigh_claims(%s) as weighed"
#: Prints that say the same; they confirm nothing, but what weighs on them weighs on the sentence.
_REPEATS = """
    select claim_id, as_printed, article, published_on, verdict_now, sentence_now
    from marts.mart_claims_weighed
    where
        series_code = %(series_code)s and measure = %(measure)s and unit = %(unit)s
        and period_code = %(period_code)s and base_period_code is not distinct from %(base_period_code)s
        and value = %(value)s::numeric
    order by published_on, claim_id
"""
_EVIDENCE = """
    select
        figure.figure_id::text, figure.release_id::text, figure.dataset, figure.edition, figure.origin,
        figure.series_code, figure.measure, figure.period_code, figure.value, figure.unit, figure.flag,
        coalesce(staged.details ->> 'as_printed', figure.as_printed) as as_printed,
        coalesce(staged.details ->> 'claim_id', staged.details ->> 'count_id') as claim_id,
        figure.locator, coalesce(figure.url, staged.details ->> 'source') as source, figure.published_on
    from lineage.figure
    join staging.figure as staged using (figure_id)
    where figure.figure_id = any(%s)
    order by figure.figure_id
"""


@dataclass(frozen=True)
class Checked:
    """A sentence, each of its claims weighed, and the figures that are the evidence, by id."""

    sentence: Sentence
    claims: list[dict[str, Any]]
    evidence: dict[str, dict[str, Any]]


def check(text: str, known_on: date | None = None) -> Checked:
    """Weigh a sentence; ``known_on`` is the day it was printed, None for nobody knows.

    UsageError when nothing in it is understood, and when nothing is built yet.
    """
    sentence = parse(text, known_on)
    with asking() as connection:
        asked = connection.cursor(row_factory=dict_row)
        (there,) = asked.execute("select to_regprocedure('intermediate.weigh_claims(jsonb)') as weigh").fetchall()
        if there["weigh"] is None:
            raise UsageError("nothing is built yet that a sentence could be weighed by: run `sanad build`")
        rows = asked.execute(_WEIGHED, [json.dumps(sentence.claims)]).fetchall()
        claims = [
            {
                **said,
                **_told(json.loads(row["weighed"], parse_float=Decimal)),
                "repeats": asked.execute(_REPEATS, said).fetchall(),
            }
            for said, row in zip(sentence.claims, rows, strict=True)
        ]
        ids = [int(id_) for one in claims for id_ in one["evidence_figure_ids"] if not id_.startswith("-")]
        evidence = {row["figure_id"]: row for row in asked.execute(_EVIDENCE, [ids]).fetchall()}
    return Checked(sentence, claims, evidence)


def _told(weighed: dict[str, Any]) -> dict[str, Any]:
    """One claim as it is shown, ids as text; numbers of the sentence itself have ids below 0."""
    moments = {name: weighed[name] for name in weighed if name.endswith(("_then", "_now")) and "due" not in name}
    ids = {*(weighed["evidence_then_figure_ids"] or []), *(weighed["evidence_now_figure_ids"] or [])}
    return {
        **{name: weighed[name] for name in ("value_low", "value_high", "due_now_low", "due_now_high")},
        **{name: value for name, value in moments.items() if "figure_ids" not in name},
        "evidence_claim_ids": sorted(
            {*(weighed["evidence_then_claim_ids"] or []), *(weighed["evidence_now_claim_ids"] or [])}
        ),
        "evidence_figure_ids": [str(id_) for id_ in sorted(ids)],
    }
