"""The gates that compare with the release before: each passes on good, and fails on bad where it is bad."""

from datetime import date
from decimal import Decimal

import pytest

from sanad.extract import Figure, Reading
from sanad.gates import Before, Occasion, Quantity, compares, judge
from sanad.registry import Gate
from sanad.words.errors import UsageError
from sanad.words.periods import Period

FEBRUARY, MARCH = Period.month(2026, 2), Period.month(2026, 3)
HANDLE = "sbp/trade_in_services@2026-02"
DECLARED = {
    "edition_gap": Gate(gate="edition_gap", consequence="warn"),
    "value_moved": Gate(gate="value_moved", consequence="warn", factor=3, at_least=1000),
    "turned_missing": Gate(gate="turned_missing", consequence="warn"),
    "scale_jump": Gate(gate="scale_jump", consequence="quarantine", factor=30, series="0", measure="credit"),
}


def figure(value, period=FEBRUARY, series="9.1.1", measure="credit", null_reason=None):
    return Figure(
        1, series, measure, period, None if value is None else Decimal(value), null_reason, "usd_thousand", None,
        "'EBOPS '!F61", str(value),
    )  # fmt: skip


def before(*figures, edition="2026-02"):
    values = {Quantity(f.series_code, f.measure, *f.period.span): f.value for f in figures}
    return Before(HANDLE, edition, values)


@pytest.fixture
def found(trade_in_services):
    """What one gate finds in figures, after a release that printed others."""

    def judged(gate, figures, was, edition="2026-03"):
        dataset = trade_in_services.model_copy(update={"gates": [DECLARED[gate]]})
        reading = Reading("p", "1", edition, figures=figures)
        return judge(Occasion(dataset, reading, date(2026, 4, 17), was))

    return judged


@pytest.mark.parametrize("gate", DECLARED)
def test_a_first_release_has_nothing_to_compare_with(found, gate):
    assert found(gate, [figure(5, series="0"), figure(5, MARCH, "0")], None) == []


def test_the_registry_declares_each_with_these_thresholds(trade_in_services):
    declared = {gate.gate: gate for gate in trade_in_services.gates}
    assert {name: declared[name] for name in DECLARED} == DECLARED
    assert compares(trade_in_services)
    assert not compares(trade_in_services.model_copy(update={"gates": [declared["codes"]]}))


@pytest.mark.parametrize(
    ("before_", "edition"), [("2026-02", "2026-03"), ("2025-12", "2026-01"), ("2026-03", "2026-03")]
)
def test_an_edition_that_follows_or_comes_again_leaves_no_gap(found, before_, edition):
    assert found("edition_gap", [], before(edition=before_), edition) == []


@pytest.mark.parametrize("edition", ["2026-04", "2026-01", "2025-03", "2027-03"])
def test_an_edition_that_does_not_follow_is_warned_of(found, edition):
    (finding,) = found("edition_gap", [], before(), edition)
    assert (finding.consequence, finding.expected, finding.found) == (
        "warn",
        f"the edition that begins 2026-03-01, after {HANDLE}",
        edition,
    )


@pytest.mark.parametrize(
    ("was", "value"),
    [
        ("1000", "3000"),  # threefold and no more
        ("3000", "1000"),
        ("100", "1100"),  # elevenfold, by no more than 1,000
        ("0", "1000"),
        ("-500", "500"),
        ("-3000", "-1000"),
        ("800000", "812000"),
        (None, "5000"),
    ],
)
def test_a_value_that_moved_little_passes(found, was, value):
    assert found("value_moved", [figure(value)], before(figure(was))) == []


@pytest.mark.parametrize(
    ("was", "value"),
    [("1000", "3000.1"), ("3000.1", "1000"), ("0", "1000.1"), ("-1000", "-3001"), ("-600", "600"), ("2000", "-5")],
)
def test_a_value_that_moved_more_than_threefold_and_by_more_than_1000_is_warned_of(found, was, value):
    (finding,) = found("value_moved", [figure(value)], before(figure(was)))
    assert (finding.consequence, finding.locator, finding.found) == ("warn", "'EBOPS '!F61", value)
    assert finding.expected == f"credit of line 9.1.1 for 2026-02 within 3 times {was}, as in {HANDLE}"


def test_only_the_same_quantity_is_compared(found):
    others = [figure(9_000_000, MARCH), figure(9_000_000, series="9.1"), figure(9_000_000, measure="debit")]
    assert found("value_moved", others, before(figure(1))) == []
    july, to_july = Period.month(2025, 7), Period.fiscal_year_to_date(2026, 7)
    assert found("value_moved", [figure(9_000_000, july)], before(figure(1, to_july)))  # one span, one quantity


def test_a_number_that_turned_missing_is_warned_of(found):
    assert found("turned_missing", [figure(0), figure(None, measure="debit", null_reason="N/A")],
                 before(figure(7), figure(None, measure="debit"))) == []  # fmt: skip
    (finding,) = found("turned_missing", [figure(None, null_reason="N/A")], before(figure("7.5")))
    assert (finding.consequence, finding.locator, finding.found) == ("warn", "'EBOPS '!F61", "N/A")
    assert finding.expected == f"credit of line 9.1.1 for 2026-02 a number, as in {HANDLE}: 7.5"


@pytest.mark.parametrize("value", ["800000", "26667", "24000000", "0.0"])
def test_line_0_of_another_month_may_differ_by_thirty_times(found, value):
    judged = found("scale_jump", [figure(value, MARCH, "0")], before(figure(800_000, series="0")))
    assert bool(judged) is (value == "0.0")


@pytest.mark.parametrize("value", ["800", "800000000", "-900000"])
def test_line_0_in_another_unit_is_quarantined(found, value):
    (finding,) = found("scale_jump", [figure(value, MARCH, "0")], before(figure(800_000, series="0")))
    assert (finding.consequence, finding.found) == ("quarantine", value)
    assert finding.expected == f"credit of line 0 for 2026-03 within 30 times 800000, that of {HANDLE}"


def test_only_the_newest_months_line_0_is_looked_at(found):
    others = [figure(1, series="0"), figure(1, MARCH, "0", "debit"), figure(1, MARCH)]
    assert found("scale_jump", others, before(figure(800_000, series="0"))) == []


def test_a_threshold_the_registry_leaves_out_is_named(trade_in_services):
    gate = Gate(gate="value_moved", consequence="warn", factor=3)
    dataset = trade_in_services.model_copy(update={"gates": [gate]})
    with pytest.raises(UsageError, match="'value_moved' without its at_least"):
        judge(Occasion(dataset, Reading("p", "1", "2026-03", figures=[figure(1)]), date(2026, 4, 17), before()))
