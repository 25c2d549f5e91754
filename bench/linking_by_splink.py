"""Splink on DuckDB, on the same names, places and pairs: what linking by words is measured against.

It is told more than it would know in practice: its m probabilities come from a labelled set. Its u probabilities are
those of pairs with one first word, for among pairs at random there are no look-alikes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas

from bench.labelled import Labelled
from sanad.link import pairs
from sanad.link.evidence import Record

Best = dict[str, tuple[str, float]]


def best(known: Sequence[Record], asked: Sequence[Record], trained_on: Labelled) -> Best:
    """The most probable of those known for each asked for."""
    from splink import block_on

    truth = {one.record.record_id: one.truth for one in trained_on.asked}
    training = _linker(trained_on.known, [one.record for one in trained_on.asked], truth)
    training.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    training.training.estimate_m_from_label_column("truth")
    training.training.estimate_parameters_using_expectation_maximisation(
        block_on("first_word"), fix_m_probabilities=True, fix_u_probabilities=False, record_sample_proportion=1.0
    )
    prior = sum(one is not None for one in truth.values()) / (len(truth) * len(trained_on.known))
    model = training.misc.save_model_to_json()
    for comparison in model["comparisons"]:
        for level in comparison["comparison_levels"][1:]:  # the first is for what is not told
            level.setdefault("m_probability", 1e-4)  # never seen on one firm's rows: Splink would leave the level out
            level.setdefault("u_probability", 1e-4)
    model["probability_two_random_records_match"] = prior * len(trained_on.known) / len(known)
    linker = _linker(known, asked, {}, model)
    found = linker.inference.predict(threshold_match_probability=0.05).as_pandas_dataframe()
    told: Best = {}
    for left, right, probability in zip(
        found["unique_id_l"], found["unique_id_r"], found["match_probability"], strict=True
    ):
        who, whom = (left, right) if left.startswith("A") else (right, left)
        if probability > told.get(who, ("", 0.0))[1]:
            told[who] = (whom, float(probability))
    return told


def _linker(
    known: Sequence[Record], asked: Sequence[Record], truth: dict[str, str | None], model: dict[str, Any] | None = None
) -> Any:
    from splink import Linker
    from splink.backends.duckdb import DuckDBAPI

    keys = _rare_keys(known, asked)
    api = DuckDBAPI()
    own = {one.record_id: one.record_id for one in known}
    frames = [
        api.register(_frame(known, own, keys[: len(known)]), table_name="known"),
        api.register(_frame(asked, truth, keys[len(known) :]), table_name="asked"),
    ]
    return Linker(frames, model or _settings(), log_level=40)


def _rare_keys(known: Sequence[Record], asked: Sequence[Record]) -> list[list[str]]:
    """The keys of each record that some, but not too many, of those known have."""
    numbers, owners = pairs._keys([*known, *asked])
    values, counts = np.unique(numbers[owners < len(known)], return_counts=True)
    rare = set(values[counts <= pairs.MOST].tolist())
    found: list[list[str]] = [[] for _ in range(len(known) + len(asked))]
    for number, owner in zip(numbers.tolist(), owners.tolist(), strict=True):
        if number in rare:
            found[owner].append(str(number))
    return found


def _frame(records: Sequence[Record], truth: dict[str, str | None], keys: list[list[str]]) -> pandas.DataFrame:
    return pandas.DataFrame(
        {
            "unique_id": [one.record_id for one in records],
            "whole": [one.name.squashed for one in records],
            "words": [sorted(set(one.name.words)) for one in records],
            "first_word": [one.name.words[0] if one.name.words else None for one in records],
            "last_word": [one.name.words[-1] if one.name.words else None for one in records],
            "number": ["".join(word for word in one.name.words if word.isdigit()) or "none" for one in records],
            "form": [" ".join(one.name.forms) or None for one in records],
            "city": [one.place.city_code for one in records],
            "region": [one.place.region_code for one in records],
            "kind": [one.kind for one in records],
            "keys": keys,
            "truth": [truth.get(one.record_id) for one in records],
        }
    )


def _settings() -> Any:
    import splink.comparison_level_library as levels
    import splink.comparison_library as comparisons
    from splink import SettingsCreator, block_on

    def of(column: str, *told: Any) -> Any:
        first = [levels.NullLevel(column)]
        return comparisons.CustomComparison(
            output_column_name=column, comparison_levels=[*first, *told, levels.ElseLevel()]
        )

    return SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[block_on("keys", arrays_to_explode=["keys"])],
        comparisons=[
            of(
                "whole",
                levels.ExactMatchLevel("whole", term_frequency_adjustments=True),
                levels.DamerauLevenshteinLevel("whole", 1),
                levels.DamerauLevenshteinLevel("whole", 2),
                levels.JaroWinklerLevel("whole", 0.92),
            ),
            of(
                "first_word",
                levels.ExactMatchLevel("first_word", term_frequency_adjustments=True),
                levels.DamerauLevenshteinLevel("first_word", 1),
            ),
            of("last_word", levels.ExactMatchLevel("last_word", term_frequency_adjustments=True)),
            of("words", levels.ArraySubsetLevel("words"), levels.ArrayIntersectLevel("words", 2)),
            comparisons.ExactMatch("number"),
            of("city", levels.ExactMatchLevel("city", term_frequency_adjustments=True)),
            comparisons.ExactMatch("form"),
            comparisons.ExactMatch("kind"),
        ],
    )
