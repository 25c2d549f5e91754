"""Periods nobody printed, by subtraction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

from sanad.verify.known import Known, Print, State
from sanad.verify.marts.expected import Row
from sanad.verify.marts.services_trade import flag_of, origin_of
from sanad.words.periods import Period, fiscal_year_of
from sanad.words.vocabulary import Basis, PeriodKind

_CUMULATIVE = {PeriodKind.FISCAL_YEAR_TO_DATE.value, PeriodKind.FISCAL_YEAR.value}
#: A print, and what it says as of now.
Said = tuple[Print, State]


@dataclass(frozen=True)
class Difference:
    """A cumulative period less what is taken away from it, and the span that is left."""

    basis: Basis
    whole: Said
    less: list[Said]
    start: date
    end: date

    @property
    def period(self) -> Period:
        """A month where it is one, else the fiscal year up to a month."""
        last = date.fromordinal(self.end.toordinal() - 1)
        if (self.start.year, self.start.month) == (last.year, last.month):
            return Period.month(last.year, last.month)
        return Period.fiscal_year_to_date(fiscal_year_of(last), last.month)


def derived_periods(known: Known) -> Iterable[Row]:
    """``mart_derived_periods``."""
    for (series, measure), best in differences(known):
        newest, prints = best.whole[0].release, [one for one, _ in (best.whole, *best.less)]
        states = [state for _, state in (best.whole, *best.less)]
        yield (
            (series, measure, best.period.code),
            {
                "period_kind": best.period.kind.value,
                "period_start": best.start,
                "period_end": best.end,
                "flag": flag_of(states),
                "corrected": any(state.corrected for state in states),
                "origin": origin_of(prints),
                "basis": best.basis.value,
                "dataset": newest.dataset,
                "edition": newest.edition,
                "release_id": newest.release_id,
                "published_on": newest.published_on,
                "value_figure_ids": [best.whole[0].figure_id],
                "value_less_figure_ids": sorted(one.figure_id for one, _ in best.less),
            },
        )


def differences(known: Known) -> Iterator[tuple[tuple[str, str], Difference]]:
    """The best difference of each line, measure and span that no visible release prints."""
    series: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for said in known.standing:
        series[said[0].series_code, said[0].measure].append(said)
    for key, prints in series.items():
        newest = [said for said in prints if said[0].period_code and known.newest[said[0].key][0] is said[0]]
        yield from ((key, one) for one in best(prints, newest))


def best(prints: list[Said], newest: list[Said]) -> Iterator[Difference]:
    """Of each span that is not among the prints of one series the best difference of them.

    Within one release goes before across two, then the newest. ``newest`` are those that stand for their periods.
    """
    printed = {one.span for one, _ in prints}
    found: dict[tuple[date, date], Difference] = {}
    for one in [*_within(prints), *_across(newest)]:
        span = one.start, one.end
        if span not in printed and (span not in found or _rank(one) > _rank(found[span])):
            found[span] = one
    yield from found.values()


def _rank(one: Difference) -> tuple[bool, tuple[date, int]]:
    return one.basis is Basis.DERIVED, one.whole[0].release.order


def _is_cumulative(one: Print) -> bool:
    return one.period_kind in _CUMULATIVE and one.period_start is not None and one.period_start.month == 7


def _within(prints: list[Said]) -> Iterator[Difference]:
    """From the end of a cumulative period back, as far as the same release displays month after month."""
    months = {
        (one.release.release_id, one.period_end): (one, state)
        for one, state in prints
        if one.period_kind == PeriodKind.MONTH
    }
    for whole, state in prints:
        if not _is_cumulative(whole):
            continue
        less: list[Said] = []
        month = months.get((whole.release.release_id, whole.period_end))
        while month and month[0].period_start and whole.period_start and month[0].period_start > whole.period_start:
            less.append(month)
            yield Difference(Basis.DERIVED, (whole, state), list(less), whole.period_start, month[0].period_start)
            month = months.get((whole.release.release_id, month[0].period_start))


def _across(newest: list[Said]) -> Iterator[Difference]:
    """A month between two cumulative periods of two releases, each as it stands, the longer one newer."""
    by_span = defaultdict(list)
    for said in newest:
        if _is_cumulative(said[0]):
            by_span[said[0].span].append(said)
    for (start, end), longer_ones in list(by_span.items()):
        if start is None or end is None:
            continue
        before = date(end.year - (end.month == 1), (end.month - 2) % 12 + 1, 1)
        for longer, shorter in product(longer_ones, by_span.get((start, before), [])):
            if longer[0].release.order > shorter[0].release.order:
                yield Difference(Basis.IMPLIED, longer, [shorter], before, end)
