"""Formulas are data: evaluated in Decimal, and nothing outside their grammar is let through."""

from decimal import Decimal

import pytest

from sanad.verify import declared
from sanad.verify.formulas import BadFormula, evaluate, measures

D = Decimal
VALUES = {"exports": D("36409.925100"), "before": D("32258.232600"), "zero": D(0), "unknown": None,
          "rounded": D(5), "figures": D(3), "less_figures": D(1)}  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("sum(figures)", "3"),
        ("sum(figures) - sum(less_figures)", "2"),
        ("100 * (exports / before - 1)", "12.870180"),
        ("-exports + 0.5", "-36409.4251"),
        ("exports / zero", None),
        ("zero / exports", "0"),
        ("exports - unknown", None),
        ("unknown / zero", None),
        ("1 / 3", "0.333333"),
        ("2 / 3", "0.666667"),
        ("0.0000005 * 1", "0.000001"),
        ("-0.0000005", "-0.000001"),
        ("100 * (fine(exports) / fine(before) - 1)", "12.870180"),
        ("fine(exports) - fine(rounded)", None),
        ("rounded - fine(zero)", "5"),
    ],
)
def test_a_value_is_rounded_half_away_from_zero_and_unknown_stays_unknown(formula, value):
    assert evaluate(formula, VALUES, coarse=["rounded"]) == (value if value is None else D(value))


@pytest.mark.parametrize(
    "formula",
    [
        "exports ** 2", "exports.real", "__import__('os')", "max(exports, before)", "sum(exports)", "sum(figures, 1)",
        "figures", "[exports]", "exports if before else zero", "missing", "'1'", "True", "exports +", "a := 1",
        "fine(figures)", "fine(missing)", "fine(1)", "sum(x for x in figures)",
        "exports // before", "lambda: 1", "exports < before",
    ],
)  # fmt: skip
def test_nothing_else_is_let_through(formula):
    with pytest.raises(BadFormula):
        evaluate(formula, VALUES)


def test_the_names_of_a_formula_in_their_order():
    assert measures("100 * (exports / exports_year_ago - 1) + exports") == ("exports", "exports_year_ago")
    assert measures("sum(figures) - sum(less_figures)") == ("figures", "less_figures")


def test_every_formula_of_the_project_is_one():
    found = [(mart, formula) for mart in declared.marts().values() for formula in mart.formulas.values()]
    assert len(found) > 25
    for mart, formula in found:
        values = dict.fromkeys([*mart.measures, "figures", "less_figures"], D(1))
        evaluate(formula, values)
        assert set(measures(formula)) <= values.keys()


def test_the_project_declares_a_key_for_every_mart_and_what_it_is_made_of():
    marts = declared.marts()
    assert len(marts) >= 13
    views = {"mart_registered_counts_member", "mart_registrations_member"}
    assert {name for name, mart in marts.items() if not mart.key} == views
    printed = {"sbp/trade_in_services", "sbp/exchange_rates", "reported/figures", "reported/counts"}
    assert declared.datasets_of("mart_call_centres") == printed
    assert declared.datasets_of("fct_services_trade") == {"sbp/trade_in_services"}
    assert declared.datasets_of("dim_release") == frozenset()
