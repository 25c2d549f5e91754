"""What a new parser version sees otherwise reaches the vintages with the next build, also a key it no longer sees."""

from dataclasses import replace

import pytest
from helpers import DATASET, FEBRUARY, build_marts, bundled_arrival, rows

from sanad.decide import ingest, reread
from sanad.extract.sbp import trade_in_services as parser
from sanad.registry import dataset
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role
from sanad.words.ids import Handle

pytestmark = pytest.mark.warehouse
RELEASE = Handle(DATASET, edition="2026-02")
STATES = (
    "select flag from marts.fct_services_trade_vintage "
    "where (series_code, measure, period_code) = (%s, 'credit', '2026-02')"
)


def states(line):
    return rows(STATES, line, role=Role.BI_READER)


def read_otherwise(reading):
    """Another flag in one line, and nothing at all of another."""
    figures = [
        replace(figure, flag=None) if figure.series_code == "9.1.1" else figure
        for figure in reading.figures
        if not (figure.series_code == "9.1.2" and figure.period.code == "2026-02")
    ]
    return replace(reading, parser_version="2", figures=figures)


def test_a_changed_state_and_a_vanished_key_reach_an_incremental_build(installation, monkeypatch):
    # a line less is a sum that does not come out: no gate, and only the store is built
    monkeypatch.setattr("sanad.decide.reread.judge", lambda _: [])
    store = ("stg_sbp__trade_in_services int_releases__state int_releases__history int_corrections__history "
             "int_services_trade__touched dim_release fct_services_trade_vintage")  # fmt: skip
    ingest(dataset(DATASET), bundled_arrival(FEBRUARY))
    build_marts()
    assert states("9.1.1") == states("9.1.2") == [("P",)]
    real = parser.extract
    monkeypatch.setattr(parser, "extract", lambda *given: read_otherwise(real(*given)))
    reread.accept(RELEASE, "a person", "the flag was read from the wrong row")
    dbt.build(select=store)
    assert states("9.1.1") == [(None,)]
    assert states("9.1.2") == []
    dbt.build(select=store, full_refresh=True)
    assert (states("9.1.1"), states("9.1.2")) == ([(None,)], [])
