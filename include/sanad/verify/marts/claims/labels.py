"""Articles that exchange the labels of two lines of one total, found by fiscal years shared with earlier articles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from sanad.verify.declared import seed
from sanad.verify.marts.claims.printed import NEVER, Claim, by_article


class Label(NamedTuple):
    """What a label stands for, and the figures of the article that this was seen beside."""

    read_as: str
    reference: list[int]


#: Per article the labels it exchanges.
Exchanged = Mapping[str, Mapping[str, Label]]
_Pair = tuple[str, str]
#: How many of a pair's labels the article prints, the pair, and the article it was compared with.
_Explanation = tuple[int, _Pair, str]


def falls(one: Claim, other: Claim) -> bool:
    """Whether of two cumulative claims of one fiscal year the longer is less than the shorter."""
    if one.span[0] != other.span[0] or one.span[1] is None or other.span[1] is None:
        return False
    if one.span[1] < other.span[1]:
        return one.low > other.high
    return one.span[1] > other.span[1] and other.low > one.high


def families() -> dict[str, list[str]]:
    """The parts of each total."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in seed("sector_part"):
        found[row["total_sector_code"]].append(row["sector_code"])
    return found


def exchanged(found: Iterable[Claim]) -> Exchanged:
    """An article is read by the earliest one it can be compared with, which is itself so read.

    Two articles can be compared when cumulative exports of a fiscal year fall between them as they are labelled and do
    not once two labels are exchanged in one of them, or the other way round.
    """
    dated = [one for one in found if one.is_cumulative and one.unit == "usd_million" and one.known_on != NEVER]
    articles = by_article(dated)
    order = sorted(articles, key=lambda article: (articles[article][0].known_on, article))
    explained: dict[str, list[_Explanation]] = defaultdict(list)
    for parts in families().values():
        for pair in combinations(sorted(parts), 2):
            states: dict[str, bool] = {}
            for number, article in enumerate(order):
                reference, differs = _reference(article, order[:number], pair, parts, articles)
                states[article] = reference is not None and states[reference] is not differs
                if reference and states[article]:
                    printed = len({one.series for one in articles[article]} & set(pair))
                    explained[article].append((printed, pair, reference))
    return {article: _named(some, articles) for article, some in explained.items()}


def _named(explained: list[_Explanation], articles: Mapping[str, list[Claim]]) -> dict[str, Label]:
    """For each label the one it stands for: pairs that are both printed first, and none of two that are as good."""
    found = {}
    for label in {label for _, pair, _ in explained for label in pair}:
        most = max(printed for printed, pair, _ in explained if label in pair)
        best = [(pair, reference) for printed, pair, reference in explained if label in pair and printed == most]
        if len(best) == 1:
            pair, reference = best[0]
            beside = [one.figure_id for one in articles[reference] if one.series in pair]
            found[label] = Label(pair[1] if pair[0] == label else pair[0], beside)
    return found


def _reference(
    article: str, earlier: list[str], pair: _Pair, parts: list[str], articles: Mapping[str, list[Claim]]
) -> tuple[str | None, bool]:
    """The earliest article that this one can be compared with, and whether it labels the pair otherwise."""
    mine = _by_series(articles[article], parts)
    if any(series in mine for series in pair):
        other_label = {pair[0]: pair[1], pair[1]: pair[0]}
        for reference in earlier:
            theirs = _by_series(articles[reference], parts)
            if not all(series in theirs for series in pair):
                continue
            as_labelled = _any_fall(mine, theirs, {})
            if as_labelled is not _any_fall(mine, theirs, other_label):
                return reference, as_labelled
    return None, False


def _any_fall(mine: Mapping[str, list[Claim]], theirs: Mapping[str, list[Claim]], other: Mapping[str, str]) -> bool:
    return any(
        falls(one, two)
        for series, ones in mine.items()
        for one in ones
        for two in theirs.get(other.get(series, series), [])
    )


def _by_series(found: Iterable[Claim], parts: list[str]) -> dict[str, list[Claim]]:
    by_series: dict[str, list[Claim]] = defaultdict(list)
    for one in found:
        if one.series in parts:
            by_series[one.series].append(one)
    return by_series
