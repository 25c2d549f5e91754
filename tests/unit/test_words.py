from datetime import date
from decimal import Decimal

import pytest

from sanad.words import ids
from sanad.words.errors import UsageError
from sanad.words.ids import Handle
from sanad.words.numbers import equal, plain, shortest, six_places
from sanad.words.periods import Period, full_year
from sanad.words.vocabulary import FOLLOWS, Event, Origin, PeriodKind, weakest


def test_a_fiscal_year_runs_from_july_to_june_and_ends_half_open():
    assert Period.fiscal_year(2025).span == (date(2024, 7, 1), date(2025, 7, 1))


@pytest.mark.parametrize(
    ("code", "span", "kind"),
    [
        ("2026-02", (date(2026, 2, 1), date(2026, 3, 1)), PeriodKind.MONTH),
        ("2025-12", (date(2025, 12, 1), date(2026, 1, 1)), PeriodKind.MONTH),
        ("FY26", (date(2025, 7, 1), date(2026, 7, 1)), PeriodKind.FISCAL_YEAR),
        ("FY26.Jul-Feb", (date(2025, 7, 1), date(2026, 3, 1)), PeriodKind.FISCAL_YEAR_TO_DATE),
        ("FY26.Jul-Dec", (date(2025, 7, 1), date(2026, 1, 1)), PeriodKind.FISCAL_YEAR_TO_DATE),
        ("FY27.Jul-Jul", (date(2026, 7, 1), date(2026, 8, 1)), PeriodKind.FISCAL_YEAR_TO_DATE),
        ("FY26.Oct-Dec", (date(2025, 10, 1), date(2026, 1, 1)), PeriodKind.QUARTER),
        ("2025", (date(2025, 1, 1), date(2026, 1, 1)), PeriodKind.CALENDAR_YEAR),
    ],
)
def test_a_period_code_names_a_half_open_span(code, span, kind):
    period = Period.parse(code)
    assert (period.span, period.kind, period.code) == (span, kind, code)


@pytest.mark.parametrize(
    "code", ["", "2026-13", "2026-2", "FY26.Feb-Jul-", "FY26.Aug-Feb", "FY2026", "26-02", "Feb-26"]
)
def test_what_is_no_period_code_is_refused(code):
    with pytest.raises(ValueError, match=r"no period|neither|not in"):
        Period.parse(code)


def test_july_as_a_month_and_as_a_year_to_date_is_one_span_of_two_kinds():
    month, to_date = Period.month(2026, 7), Period.fiscal_year_to_date(2027, 7)
    assert month.span == to_date.span
    assert month.code != to_date.code


def test_two_digit_years_pivot():
    assert (full_year(96), full_year(26)) == (1996, 2026)


def test_a_double_becomes_the_decimal_that_was_printed():
    assert plain(shortest(26508.9619)) == "26508.9619"
    assert plain(shortest(-0.0)) == "0.0"
    assert plain(shortest(1e-7)) == "0.0000001"
    assert float(shortest(694904.7925417232)) == 694904.7925417232


def test_figures_are_equal_when_they_agree_to_six_decimals():
    assert equal(Decimal("36409.9251"), Decimal("36409.925099999986"))
    assert not equal(Decimal("0.000001"), Decimal("0.000002"))
    assert six_places(Decimal("0.0000005")) == Decimal("0.000001")
    assert six_places(Decimal("-0.0000005")) == Decimal("-0.000001")


def test_ids_are_hashes_of_what_they_name():
    # the definition, computed here by other means
    import hashlib

    digest = hashlib.sha256(b"sbp/trade_in_services\x00" + b"ab" * 32).digest()
    release = ids.release_id("sbp/trade_in_services", "ab" * 32)
    assert f"{release:035b}" == "".join(f"{byte:08b}" for byte in digest)[:35]
    assert ids.figure_id(release, 863) == release * 2**28 + 863
    assert ids.release_of(ids.figure_id(release, 863)) == release
    digest = hashlib.sha256(str(release).encode() + b"\x00p\x001").digest()
    assert f"{ids.extraction_id(release, 'p', '1'):063b}" == "".join(f"{byte:08b}" for byte in digest)[:63]


def test_an_ordinal_beyond_its_bits_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        ids.figure_id(1, 1 << 28)


def test_a_handle_names_an_edition_or_a_hash():
    assert Handle.parse("sbp/trade_in_services@2026-02").edition == "2026-02"
    assert Handle.parse("sbp/trade_in_services#14e65eba").sha256 == "14e65eba"
    assert str(Handle.parse("sbp/trade_in_services@2026-02")) == "sbp/trade_in_services@2026-02"
    for wrong in ("sbp", "sbp/x", "sbp/x#123", "sbp/x@", "SBP/x@1"):
        with pytest.raises(UsageError, match="names no release"):
            Handle.parse(wrong)


def test_a_computed_value_has_the_weakest_origin():
    assert weakest([Origin.OFFICIAL, Origin.PRESS, Origin.TRANSCRIBED]) is Origin.PRESS
    assert weakest([Origin.SYNTHETIC, Origin.OFFICIAL]) is Origin.SYNTHETIC


def test_every_event_says_what_may_follow_it():
    assert set(FOLLOWS) == {None, *Event}
    assert Event.RECEIVED not in set().union(*(FOLLOWS[event] for event in Event))
