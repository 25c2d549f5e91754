"""A parser that reads the wrong column is found, also where every sum adds up and no gate and no test says a word."""

from dataclasses import replace

import pytest
from helpers import DATASET, FEBRUARY, MARCH, build_marts, bundled_arrival, new_installation

from sanad.decide import ingest, reread
from sanad.extract.sbp import trade_in_services as parser
from sanad.registry import dataset
from sanad.verify import verify
from sanad.warehouse import dbt
from sanad.words.ids import Handle

pytestmark = pytest.mark.warehouse
_headers = parser._headers


def swapped(*where):
    """Two groups of columns read for each other: credit less debit is still net, and parts add up to the whole."""
    headers = _headers(*where)
    one, other = headers["previous_month"], headers["month_a_year_ago"]
    return headers | {
        "previous_month": replace(one, columns=other.columns),
        "month_a_year_ago": replace(other, columns=one.columns),
    }


def one_to_the_right(*where):
    """In one group each measure is read from the column to its right, net from the first."""
    headers = _headers(*where)
    current = headers["current_month"]
    columns = list(current.columns.values())
    shifted = dict(zip(current.columns, [*columns[1:], columns[0]], strict=True))
    return headers | {"current_month": replace(current, columns=shifted)}


@pytest.fixture(scope="module")
def shifted(template):
    with new_installation(template), pytest.MonkeyPatch.context() as patch:
        patch.setattr(parser, "_headers", swapped)
        accepted = ingest(dataset(DATASET), bundled_arrival(FEBRUARY))
        assert (accepted.event, accepted.findings) == ("accepted", [])
        unbuilt = verify()
        assert unbuilt.not_covered == ["marts: there is no build, or the last one did not finish"]
        assert (unbuilt.marts, unbuilt.built_seq, len(unbuilt.disagreements)) == ({}, None, 2 * 88 * 3)
        dbt.build()
        patch.setattr(parser, "_headers", one_to_the_right)
        ungated = dataset(DATASET).model_copy(update={"gates": []})
        assert ingest(ungated, bundled_arrival(MARCH)).event == "accepted"
        yield [str(one) for one in verify().disagreements]


def of(told, edition, column):
    return [line for line in told if f"@{edition} " in line and f" {column} " in line]


def test_a_shifted_period_is_found_though_every_check_of_the_build_passed(shifted):
    told = of(shifted, "2026-02", "header_locator")
    assert len(told) == 2 * 88 * 3
    assert any(
        " 9.1.1 credit 2026-01, figure " in line and line.endswith(
            "header_locator 'EBOPS '!C61: expected the heading over its column, found 'EBOPS '!F7"
        )
        for line in told
    )  # fmt: skip


def test_a_shifted_measure_is_found(shifted):
    told = of(shifted, "2026-03", "measure")
    assert len(told) == 88 * 3
    assert any(
        " 9.1.1 credit 2026-03, figure " in line and line.endswith("measure 'EBOPS '!J61: expected debit, found credit")
        for line in told
    )


def test_nothing_else_is_blamed(shifted):
    assert len(shifted) == 2 * 88 * 3 + 88 * 3


def test_read_anew_by_the_right_parser_all_agrees(shifted, monkeypatch):
    monkeypatch.setattr(parser, "_headers", _headers)
    monkeypatch.setattr(parser, "VERSION", "2")
    for edition in ("2026-02", "2026-03"):
        reread.accept(Handle(DATASET, edition=edition), "tester", "the columns were shifted")
    build_marts()
    report = verify()
    assert (report.disagreements, report.waiting, report.not_covered) == ([], [], [])
    assert report.counts["staging"]["figures re-read"] == 2 * 88 * 15
