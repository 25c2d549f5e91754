"""A new parser version: the difference cell by cell first, then staging replaced with the same ids."""

from dataclasses import replace

import psycopg
import pytest
from helpers import DATASET, FEBRUARY, bundled_arrival, events, rows

from sanad.decide import ingest, reread
from sanad.extract.sbp import trade_in_services as parser
from sanad.warehouse.connect import Role
from sanad.words.errors import Refused, UsageError
from sanad.words.ids import Handle

pytestmark = pytest.mark.warehouse
RELEASE = Handle(DATASET, edition="2026-02")


@pytest.fixture
def staged(installation, trade_in_services):
    ingest(trade_in_services, bundled_arrival(FEBRUARY))


@pytest.fixture
def new_version(staged, monkeypatch):
    """A parser that sees another value in one cell, drops a figure, and says so by its version."""
    real = parser.extract

    def extract(dataset, parts):
        reading = real(dataset, parts)
        figures = [
            replace(figure, value=figure.value + 1) if figure.locator == "'EBOPS '!C94" else figure
            for figure in reading.figures
            if figure.locator != "'EBOPS '!D94"
        ]
        return replace(reading, parser_version="2", figures=figures)

    monkeypatch.setattr(parser, "extract", extract)


def test_the_same_parser_sees_nothing_otherwise(staged):
    found = reread.compare(RELEASE)
    assert (found.before_version, found.version, found.changes) == ("1", "1", [])
    with pytest.raises(Refused, match=r"was read by sbp\.trade_in_services 1 already"):
        reread.accept(RELEASE, "a person", "for nothing")


def test_the_difference_is_shown_cell_by_cell_and_nothing_is_written(new_version):
    before = rows("table staging.figure order by figure_id")
    changed, gone = reread.compare(RELEASE).changes
    assert str(changed).startswith("'EBOPS '!C94: value ")
    assert str(gone) == "'EBOPS '!D94: not there any more"
    assert rows("table staging.figure order by figure_id") == before
    assert events() == ["received", "accepted"]


def test_a_reading_that_fails_a_gate_is_refused_and_the_old_one_stays(new_version):
    with pytest.raises(Refused, match="parent_is_sum_of_children"):
        reread.accept(RELEASE, "a person", "a better parser")
    assert rows("select count(*), count(distinct extraction_id) from staging.figure") == [(1320, 1)]


def test_staging_is_replaced_in_one_transaction_with_the_same_ids(staged, monkeypatch):
    real = parser.extract

    def extract(dataset, parts):
        reading = real(dataset, parts)
        figures = [replace(figure, label_raw=figure.label_raw.strip()) for figure in reading.figures]
        return replace(reading, parser_version="2", figures=figures)

    monkeypatch.setattr(parser, "extract", extract)
    ids = rows("select figure_id, value from staging.figure order by 1")
    found = reread.accept(RELEASE, "a person", "labels without blanks at their ends")
    assert found.changes
    assert all(list(change.after) == ["label_raw"] for change in found.changes)
    assert rows("select figure_id, value from staging.figure order by 1") == ids
    assert rows("select distinct parser_version from staging.figure join archive.extraction using (extraction_id)") == [
        ("2",)
    ]
    assert events() == ["received", "accepted", "retracted", "reinstated"]
    ((evidence, instants),) = rows(
        "select (select evidence from archive.ledger where seq = 4), count(distinct at) "
        "from archive.ledger where seq > 2"
    )
    assert evidence["changed"] == len(found.changes)
    assert instants == 1
    assert reread.compare(RELEASE).changes == []


def test_a_decision_needs_a_reason(new_version):
    with pytest.raises(UsageError, match="a reason"):
        reread.accept(RELEASE, "a person", "")


def test_only_the_loader_may_unstage(staged):
    for role in (Role.AUDITOR, Role.BI_READER, Role.TRANSFORMER):
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
            rows("select staging.unstage(1)", role=role)
    assert rows("select staging.unstage(1)", role=Role.LOADER) == [(0,)]
    assert rows("select sum(value) is not null from staging.figure") == [(True,)]
