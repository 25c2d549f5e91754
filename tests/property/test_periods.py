from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sanad.words.periods import Period, fiscal_year_of

years = st.integers(1971, 2068)
months = st.integers(1, 12)
periods = st.one_of(
    st.builds(Period.month, years, months),
    st.builds(Period.fiscal_year, years),
    st.builds(Period.fiscal_year_to_date, years, months),
    years.map(lambda year: Period.parse(str(year))),
)


@given(periods)
def test_a_period_survives_its_code(period):
    assert Period.parse(period.code) == period


@given(periods)
def test_a_span_is_half_open_and_of_whole_months(period):
    assert period.start < period.end
    assert period.start.day == period.end.day == 1
    year, month = period.last_month
    assert date(year, month, 1) < period.end <= date(year, month, 1) + timedelta(days=31)


@given(years, months)
def test_months_tile_time_without_gap_or_overlap(year, month):
    this = Period.month(year, month)
    following = Period.month(this.end.year, this.end.month)
    assert following.start == this.end
    assert (this.end - this.start).days in {28, 29, 30, 31}


@given(years, months)
def test_a_year_to_date_starts_in_july_and_ends_with_its_month(fiscal_year, month):
    period = Period.fiscal_year_to_date(fiscal_year, month)
    assert (period.start.month, fiscal_year_of(period.start)) == (7, fiscal_year)
    assert period.last_month[1] == month
    assert fiscal_year_of(period.end - timedelta(days=1)) == fiscal_year


@given(years, st.integers(7, 17))
def test_years_to_date_grow_by_one_month(fiscal_year, step):
    shorter, longer = (Period.fiscal_year_to_date(fiscal_year, (number - 1) % 12 + 1) for number in (step, step + 1))
    assert longer.start == shorter.start
    assert (shorter.end, longer.end) == Period.month(shorter.end.year, shorter.end.month).span


@given(periods, st.integers(-3, 3))
def test_a_shift_by_years_keeps_kind_and_months(period, by):
    shifted = period.shifted(by)
    assert (shifted.kind, shifted.start.month, shifted.end.month) == (period.kind, period.start.month, period.end.month)
    assert shifted.shifted(-by) == period
