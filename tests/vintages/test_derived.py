"""Periods nobody printed, from edition 2026-02 alone and with the next one beside it."""

from datetime import date
from decimal import Decimal as D

import pytest
from helpers import rows

from sanad.warehouse import dbt
from sanad.warehouse.connect import Role

pytestmark = pytest.mark.warehouse
QUESTION = (
    "select period_code, value_usd_thousand, basis, edition, cardinality(whole_figure_ids), "
    "cardinality(less_figure_ids) from {}.mart_derived_periods "
    "where (series_code, measure) = ('9.1.1', 'credit') order by period_end, period_start"
)


def ask(schema):
    return rows(QUESTION.format(schema), role=Role.BI_READER)


def test_from_february_alone(history):
    dbt.build_as_of("marts_then", date(2026, 3, 20))
    found = {row[0]: row[1:] for row in ask("marts_then")}
    assert found["FY26.Jul-Dec"] == (D("184106.475900"), "derived", "2026-02", 1, 2)
    assert found["FY25.Jul-Jan"] == (D("181386.460500"), "derived", "2026-02", 1, 1)
    assert set(found) == {"FY26.Jul-Dec", "FY26.Jul-Jan", "FY25.Jul-Jan"}


def test_beside_march_nothing_printed_is_derived_and_nothing_is_subtracted_across_releases(history):
    found = {row[0]: row[1:] for row in ask("marts")}
    assert set(found) == {"FY26.Jul-Dec", "FY26.Jul-Jan", "FY25.Jul-Jan"}
    assert {basis for _, basis, *_ in found.values()} == {"derived"}
    assert found["FY26.Jul-Jan"][2] == "2026-03", "the newest release that displays both sides"
