"""Periods nobody printed, by subtraction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sanad.verify.known import Known, Print, State
from sanad.verify.marts.expected import Row
from sanad.verify.marts.services_trade import flag_of, origin_of
from sanad.words.periods import Period, fiscal_year_of
from sanad.words.vocabulary import Basis, PeriodKind

_CUMULATIVE = {PeriodKind.FISCAL_YEAR_TO_DATE.value, PeriodKind.FISCAL_YEAR.value}
_Said = tuple[Print, State]


@dataclass(frozen=True)
class Difference:
    """A cumulative period less what is taken away from it, and the span that is left."""

    basis: Basis
    whole: _Said
    less: list[_Said]
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
    """The best difference of each line, measure and span that no visible release prints.

    Within one release goes before across two, then the newest.
    """
    series: dict[tuple[str, str], list[_Said]] = defaultdict(list)
    for said in known.standing:
        series[said[0].series_code, said[0].measure].append(said)
    for key, prints in series.items():
        printed = {one.span for one, _ in prints}
        best: dict[tuple[date, date], Difference] = {}
        for one in [*_within(prints), *_across(prints, known)]:
            span = one.start, one.end
            if span not in printed and (span not in best or _rank(one) > _rank(best[span])):
                best[span] = one
        yield from ((key, one) for one in best.values())


def _rank(one: Difference) -> tuple[bool, tuple[date, int]]:
    return one.basis is Basis.DERIVED, one.whole[0].release.order


def _is_cumulative(one: Print) -> bool:
    return one.period_kind in _CUMULATIVE and one.period_start is not None and one.period_start.month == 7


def _within(prints: list[_Said]) -> Iterator[Difference]:
    """From the end of a cumulative period back, as far as the same release displays month after month."""
    months = {
        (one.release.release_id, one.period_end): (one, state)
        for one, state in prints
        if one.period_kind == PeriodKind.MONTH
    }
    for whole, state in prints:
        if not _is_cumulative(whole):
            continue
        less: list[_Said] = []
        month = months.get((whole.release.release_id, whole.period_end))
        while month and month[0].period_start and whole.period_start and month[0].period_start > whole.period_start:
            less.append(month)
            yield Difference(Basis.DERIVED, (whole, state), list(less), whole.period_start, month[0].period_start)
            month = months.get((whole.release.release_id, month[0].period_start))


def _across(prints: list[_Said], known: Known) -> Iterator[Difference]:
    """A month between two cumulative periods of two releases, each at its newest print, the longer one newer."""
    newest = [said for said in prints if _is_cumulative(said[0]) and known.newest[said[0].key][0] is said[0]]
    by_span = defaultdict(list)
    for said in newest:
        by_span[said[0].span].append(said)
    for longer in newest:
        start, end = longer[0].span
        if start is None or end is None:
            continue
        before = date(end.year - (end.month == 1), (end.month - 2) % 12 + 1, 1)
        for shorter in by_span[start, before]:
            if longer[0].release.order > shorter[0].release.order:
                yield Difference(Basis.IMPLIED, longer, [shorter], before, end)
