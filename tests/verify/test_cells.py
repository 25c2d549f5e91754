"""A staged figure against its cell: every column that can be read again, read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from helpers import DATASET, FEBRUARY, MARCH, release_id
from verify.staged import rows_of

from sanad.local import bundled
from sanad.local.bundled import Cell, at, describe, to_xls
from sanad.registry import dataset
from sanad.verify import locators
from sanad.verify.cells import Reread

HANDLE = "sbp/trade_in_services@2026-03"
LAYOUT = dataset(DATASET).layout_for("2026-03")


def staged(content: bytes, release=MARCH) -> list[dict]:
    """The rows that reading the bytes would stage."""
    return rows_of(dataset(DATASET), content, release_id(release))


def reread(content: bytes, release=MARCH, layout=LAYOUT) -> Reread:
    return Reread(release_id(release), HANDLE, locators.Release({"dt.xls": content}, is_register=False), layout, None)


@pytest.fixture(scope="module")
def march() -> bytes:
    return bundled.render(MARCH)


@pytest.fixture(scope="module")
def call_centres(march) -> dict:
    [row] = [row for row in staged(march) if row["locator"] == "'EBOPS '!I61"]
    return row


@pytest.mark.parametrize("release", [FEBRUARY, MARCH], ids=lambda release: release.edition)
def test_everything_a_parser_read_is_found_again(release):
    content = bundled.render(release)
    asked = reread(content, release)
    rows = staged(content, release)
    found = [asked.figure(row) for row in rows]
    assert [archived for archived, _ in found] == [row["value"] for row in rows]
    assert [fault for _, faults in found for fault in faults] == []
    assert +asked.unjudged == {}
    assert len(rows) == 1320


def test_everything_in_the_publishers_own_workbook_is_found_again(real_february):
    asked = reread(real_february, FEBRUARY)
    rows = staged(real_february, FEBRUARY)
    assert [fault for row in rows for fault in asked.figure(row)[1]] == []
    assert +asked.unjudged == {}


@pytest.mark.parametrize(
    ("column", "planted", "told"),
    [
        ("value", Decimal("36409.9251"), "value 'EBOPS '!I61: expected 36409.925099999986, found 36409.9251"),
        ("value", None, "value 'EBOPS '!I61: expected 36409.925099999986, found nothing"),
        ("as_printed", "36,411", "as_printed 'EBOPS '!I61: expected 36409.925099999986, found 36,411"),
        ("locator", "'EBOPS '!I62", "value 'EBOPS '!I62: expected "),
        ("locator", "'Another'!I61", "value 'Another'!I61: expected nothing, found 36409.925099999986"),
        ("locator", "I61", "locator I61: expected a place of the file, found I61 names no cell"),
        ("header_locator", "'EBOPS '!F7", "header_as_printed 'EBOPS '!F7: expected Feb-26 (R), found Mar-26 (P)"),
        ("header_locator", "'EBOPS '!I99", "header_as_printed 'EBOPS '!I99: expected nothing, found Mar-26 (P)"),
        ("header_locator", "7", "header_locator 7: expected a place of the file, found 7 names no cell"),
        ("header_as_printed", "Mar-26", "header_as_printed 'EBOPS '!I7: expected Mar-26 (P), found Mar-26"),
        ("period_code", "2026-02", "period_code: expected 2026-02-01 to 2026-03-01, month, found 2026-03-01"),
        ("period_code", "March", "period_code: expected a period, found 'March' is no period"),
        ("flag", "R", "flag 'EBOPS '!I7: expected P, found R"),
        ("flag", None, "flag 'EBOPS '!I7: expected P, found nothing"),
        ("measure", "debit", "measure 'EBOPS '!I61: expected credit, found debit"),
        ("series_code", "9.1.2", "series_code 'EBOPS '!I61: expected 9.1.1, found 9.1.2"),
        ("label_raw", "9.1.1 Centres", "label_raw 'EBOPS '!I61: expected 9.1.1 Call centres, found 9.1.1 Centres"),
        ("unit", "usd", "unit 'EBOPS '!I61: expected usd_thousand, from 'Thousand US$' above, found usd"),
        ("figure_id", 1, "figure_id 'EBOPS '!I61: expected figure "),
    ],
)  # fmt: skip
def test_a_column_that_is_not_what_stands_there(march, call_centres, column, planted, told):
    _, faults = reread(march).figure(call_centres | {column: planted})
    assert any(told in str(fault) for fault in faults), list(map(str, faults))
    assert all(fault.subject == HANDLE for fault in faults)
    assert all(
        "9.1.1 credit 2026-03" in str(f) for f in faults if column not in {"measure", "series_code", "period_code"}
    )


def test_a_period_that_is_not_that_of_its_heading(march, call_centres):
    february = {"period_code": "2026-02", "period_start": date(2026, 2, 1), "period_end": date(2026, 3, 1)}
    [fault] = reread(march).figure(call_centres | february)[1]
    assert str(fault).endswith("period_code 'EBOPS '!I7: expected 2026-03-01 to 2026-04-01, found 2026-02")


def test_a_heading_that_stands_over_another_column(march, call_centres):
    """Text, period and flag of the heading are right; it only heads another column."""
    sheet = describe(MARCH)
    sheet.cells[at("F7")] = Cell("Mar-26 (P)", sheet.cells[at("F7")].number_format)
    [fault] = reread(to_xls(sheet)).figure(call_centres | {"header_locator": "'EBOPS '!F7"})[1]
    assert str(fault).endswith("header_locator 'EBOPS '!I61: expected the heading over its column, found 'EBOPS '!F7")


def test_without_merges_the_nearest_heading_at_the_left_counts(march, call_centres):
    unmerged = to_xls(replace(describe(MARCH), merges=[]))
    [net] = [row for row in staged(march) if row["locator"] == "'EBOPS '!K61"]
    assert reread(unmerged).figure(net)[1] == []
    [fault] = reread(unmerged).figure(net | {"header_locator": "'EBOPS '!L7"})[1][-1:]
    assert "expected the heading over its column" in str(fault)


def test_ids_that_changed_places(march):
    rows = staged(march)
    asked = reread(march)
    first, second = rows[0], rows[1]
    assert asked.figure(second | {"figure_id": first["figure_id"]})[1], "fewer cells than stand before it"
    asked = reread(march)
    assert asked.figure(rows[5])[1] == []
    assert [fault.measure for fault in asked.figure(rows[4])[1]] == ["figure_id"], "they come in reading order"


def test_cells_that_the_second_reader_cannot_see_are_counted(march):
    rows = staged(march)
    asked = reread(march)
    for row in rows:  # as if three error cells stood before all
        assert asked.figure(row | {"figure_id": row["figure_id"] + 3})[1] == []
    assert asked.unjudged["cells unseen"] == 3


def test_without_a_layout_what_needs_no_words_is_still_read_again(march, call_centres):
    asked = reread(march, layout=None)
    assert asked.figure(call_centres)[1] == []
    asked = reread(march, layout=None)  # figures are asked for in reading order, each once
    faults = asked.figure(call_centres | {"value": Decimal(1), "measure": "unknown", "unit": "unknown"})[1]
    assert [fault.measure for fault in faults] == ["value"]
