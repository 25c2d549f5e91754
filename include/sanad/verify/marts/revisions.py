"""What releases changed: print by print, over whole series, and in months they do not display."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from itertools import pairwise

from sanad.verify.known import Known, Print, Release, State
from sanad.verify.marts.expected import Row
from sanad.verify.marts.services_trade import origin_of, period
from sanad.words.numbers import six_places
from sanad.words.vocabulary import Basis, PeriodKind

_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
_CUMULATIVE = {PeriodKind.FISCAL_YEAR_TO_DATE.value, PeriodKind.FISCAL_YEAR.value}
#: Five or more figures, each rounded to 6 decimals: less than this is only their rounding.
_ROUNDING = Decimal("0.00001")
_Said = tuple[Print, State]
_Line = tuple[str, str]


def revisions(known: Known) -> Iterable[Row]:
    """``mart_revisions``: every visible print beside the one of the same figure before it."""
    for key, prints in _by_dataset(known).items():
        for place, ((before, was), (after, now)) in enumerate(pairwise(prints)):
            yield (
                (*key, *after.release.order),
                {
                    **period(after),
                    "release_id": after.release.release_id,
                    "edition": after.release.edition,
                    "edition_before": before.release.edition,
                    "published_before_on": before.release.published_on,
                    "days_since_before": (after.release.published_on - before.release.published_on).days,
                    "is_of_first_print": place == 0 and before.is_of_edition,
                    "flag": now.flag,
                    "flag_before": was.flag,
                    "corrected": now.corrected or was.corrected,
                    "origin": origin_of([before, after]),
                    "basis": Basis.PRINTED.value,
                    "value_figure_ids": [after.figure_id],
                    "value_before_figure_ids": [before.figure_id],
                },
            )


def _by_dataset(known: Known) -> dict[tuple[str, str, str, str], list[_Said]]:
    found: dict[tuple[str, str, str, str], list[_Said]] = defaultdict(list)
    for (series, measure, code), prints in known.by_key.items():
        for one, state in prints:
            found[one.release.dataset, series, measure, code].append((one, state))
    return found


def statistics(known: Known) -> Iterable[Row]:
    """``mart_revision_statistics``: the newest print against the true first, over the whole of a series."""
    counted: dict[tuple[str, str, str, str | None], list[tuple[_Said, _Said]]] = defaultdict(list)
    for (dataset, series, measure, code), prints in _by_dataset(known).items():
        (first, was), (last, now) = prints[0], prints[-1]
        is_newest = known.newest[series, measure, code][0] is last
        if len(prints) > 1 and is_newest and first.is_of_edition and was.value is not None and now.value is not None:
            counted[dataset, series, measure, first.period_kind].append((prints[0], prints[-1]))
    for key, pairs in counted.items():
        firsts = [was.value or Decimal(0) for (_, was), _ in pairs]
        changes = [(now.value or Decimal(0)) - first for first, (_, (_, now)) in zip(firsts, pairs, strict=True)]
        yield (
            key,
            {
                "first_period_start": min(one.period_start for (one, _), _ in pairs if one.period_start),
                "last_period_end": max(one.period_end for (one, _), _ in pairs if one.period_end),
                "published_on": max(one.release.published_on for _, (one, _) in pairs),
                "revisions": len(pairs),
                "share_revised_pct": _ratio(100 * sum(1 for change in changes if change), len(pairs)),
                "mean_revision_usd_thousand": _ratio(sum(changes), len(pairs)),
                "mean_absolute_revision_usd_thousand": _ratio(sum(map(abs, changes)), len(pairs)),
                "bias_pct": _ratio(100 * sum(changes), sum(firsts)) if sum(firsts) else None,
                "corrected": any(state.corrected for pair in pairs for _, state in pair),
            },
        )


def _ratio(part: Decimal | int, whole: Decimal | int) -> Decimal:
    with localcontext(_WIDE):
        return six_places(Decimal(part) / Decimal(whole))


def silent_revisions(known: Known) -> Iterable[Row]:
    """``mart_silent_revisions``: a cumulative period of the release before, beside the longer one in its place."""
    by_release: dict[int, dict[_Line, list[_Said]]] = defaultdict(lambda: defaultdict(list))
    for said in known.standing:
        by_release[said[0].release.release_id][said[0].series_code, said[0].measure].append(said)
    for before, after in _followers(known.visible):
        for line, prints in by_release[after.release_id].items():
            yield from _grown(by_release[before.release_id][line], prints)


def _followers(releases: list[Release]) -> Iterator[tuple[Release, Release]]:
    of_dataset: dict[str, list[Release]] = defaultdict(list)
    for one in releases:
        of_dataset[one.dataset].append(one)
    for same in of_dataset.values():
        yield from pairwise(same)


def _grown(before: list[_Said], after: list[_Said]) -> Iterator[Row]:
    """The rows of one line, from what two releases in a row print of it."""
    for longer in after:
        for shorter in before:
            (new, _), (old, _) = longer, shorter
            is_grown = (
                {new.period_kind, old.period_kind} <= _CUMULATIVE
                and new.period_start == old.period_start
                and (new.period_end or date.min) > (old.period_end or date.min)
            )
            if is_grown and (row := _silent(shorter, longer, before, after)):
                yield row


def _months(prints: list[_Said], start: date, end: date) -> list[_Said]:
    return [
        said
        for said in prints
        if said[0].period_kind == PeriodKind.MONTH
        and start <= (said[0].period_start or date.min)
        and (said[0].period_end or date.max) <= end
    ]


def _silent(shorter: _Said, longer: _Said, before: list[_Said], after: list[_Said]) -> Row | None:
    """None where a month by which the period grew is not displayed."""
    old, new = shorter[0], longer[0]
    assert old.period_start and old.period_end and new.period_end  # noqa: S101 - both are cumulative periods
    added = _months(after, old.period_end, new.period_end)
    if len(added) != 12 * (new.period_end.year - old.period_end.year) + new.period_end.month - old.period_end.month:
        return None
    now = _months(after, old.period_start, old.period_end)
    was = {said[0].period_code: said for said in _months(before, old.period_start, old.period_end)}
    both = [(was[said[0].period_code], said) for said in now if said[0].period_code in was]
    plus = [longer, *(one for one, _ in both)]
    minus = [shorter, *added, *(one for _, one in both)]
    rest = _difference(plus, minus)
    key = old.release.dataset, old.series_code, old.measure, old.period_code, *new.release.order
    return key, {
        **period(old),
        "release_id": new.release.release_id,
        "edition": new.release.edition,
        "edition_before": old.release.edition,
        "is_silent": None if rest is None else abs(rest) > _ROUNDING,
        "corrected": any(state.corrected for _, state in [*plus, *minus]),
        "origin": origin_of([old, new]),
        "basis": Basis.IMPLIED.value,
        "before_figure_ids": _ids([shorter]),
        "cumulative_after_figure_ids": _ids([longer]),
        "months_after_figure_ids": _ids(added),
        "displayed_before_figure_ids": _ids([one for one, _ in both]) or None,
        "displayed_after_figure_ids": _ids([one for _, one in both]) or None,
        "undisplayed_plus_figure_ids": _ids(plus),
        "undisplayed_minus_figure_ids": _ids(minus),
    }


def _ids(prints: list[_Said]) -> list[int]:
    return sorted(one.figure_id for one, _ in prints)


def _difference(plus: list[_Said], minus: list[_Said]) -> Decimal | None:
    values = [(sign, state.value) for sign, side in ((1, plus), (-1, minus)) for _, state in side]
    return None if any(value is None for _, value in values) else sum((s * v for s, v in values if v), Decimal(0))
