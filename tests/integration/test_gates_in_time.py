"""Gates that compare: against the release that stands before on the published axis at the time of the decision."""

from datetime import UTC, datetime

import pytest
from parsers.eras import DATASET, edition, put, scaled

from sanad.decide import Arrival, arrival, ingest
from sanad.local import bundled
from sanad.local.bundled import describe, to_xls
from sanad.warehouse.connect import Role, connection
from sanad.words.vocabulary import Event, Origin

pytestmark = pytest.mark.warehouse
FEBRUARY, MARCH = bundled.editions(DATASET)


def arriving(sheet, day):
    saved = datetime(2026, *day, 7, tzinfo=UTC)
    return Arrival({"dt.xls": to_xls(sheet)}, Origin.SYNTHETIC, "tester", "handed over", http_last_modified=saved)


@pytest.fixture
def takes(installation, trade_in_services):
    """Ingest a sheet published on a day of 2026; what is found is (gate, locator)."""

    def take(sheet, *day):
        done = ingest(trade_in_services, arriving(sheet, day))
        return done.event, [(finding.gate, finding.locator) for finding in done.findings]

    return take


def evidence():
    query = "select reason, evidence from archive.ledger where event = 'accepted' order by seq desc limit 1"
    with connection(Role.AUDITOR) as asking:
        return asking.execute(query).fetchone()


#: SBP's own revision of February 2026 in March: line 10.2.2's debit rose by half, which made its net 3.3 times as deep
REVISED = [("value_moved", "'EBOPS '!H80")]


def test_two_real_editions_follow_each_other_with_one_figure_that_moved(takes):
    assert takes(describe(FEBRUARY), 3, 17) == (Event.ACCEPTED, [])
    assert takes(describe(MARCH), 4, 17) == (Event.ACCEPTED, REVISED)


def test_a_warning_is_accepted_and_stands_in_the_ledger(takes):
    takes(describe(FEBRUARY), 3, 17)
    assert takes(edition("2026-04"), 5, 17) == (Event.ACCEPTED, [("edition_gap", None)])
    reason, said = evidence()
    assert reason.startswith("passed every gate, 1 warning;")
    assert said["findings"] == [
        {
            "gate": "edition_gap", "consequence": "warn", "locator": None, "found": "2026-04",
            "expected": f"the edition that begins 2026-03-01, after {DATASET}@2026-02",
        }
    ]  # fmt: skip


def test_a_late_release_is_compared_with_its_own_predecessor(takes):
    takes(describe(FEBRUARY), 3, 17)
    assert takes(edition("2026-04"), 5, 17)[1] == [("edition_gap", None)]
    assert takes(describe(MARCH), 4, 17) == (Event.ACCEPTED, REVISED)


def test_values_are_compared_with_what_was_staged(takes):
    takes(describe(MARCH), 4, 17)
    # the same edition again, N/A where numbers were, and a revision (net and sums kept)
    again = edition("2026-03", put("9.2.5", 8, "N/A"))
    event, found = takes(again, 4, 18)
    assert event is Event.QUARANTINED  # the sums no longer hold
    assert ("turned_missing", "'EBOPS '!I68") in found
    moved = describe(MARCH)
    for address in ("I9", "I88", "I92", "K9", "K88", "K92"):
        cell = moved.cells[bundled.at(address)]
        moved.cells[bundled.at(address)] = bundled.Cell(cell.value + 40_000, cell.number_format)
    event, found = takes(moved, 4, 19)
    assert event is Event.ACCEPTED
    assert {gate for gate, _ in found} == {"value_moved"}
    assert ("value_moved", "'EBOPS '!I92") in found
    assert ("value_moved", "'EBOPS '!I9") not in found  # 40,000 in 900,000


@pytest.mark.parametrize("by", [0.001, 1000.0])
def test_thousand_for_million_is_quarantined(takes, by):
    takes(describe(FEBRUARY), 3, 17)
    event, found = takes(edition("2026-03", scaled(by)), 4, 17)
    assert event is Event.QUARANTINED
    assert ("scale_jump", "'EBOPS '!I9") in found


def test_a_first_release_is_compared_with_nothing(takes):
    assert takes(edition("2026-03", scaled(1024.0)), 4, 17)[0] is Event.ACCEPTED


def test_what_comes_in_while_a_release_is_read_is_compared_with(takes, trade_in_services, monkeypatch):
    """The decision is made under the ledger's lock, after the reading."""
    reads = arrival.read_release

    def read_slowly(dataset, parts):
        with monkeypatch.context() as patch:
            patch.setattr(arrival, "read_release", reads)
            ingest(trade_in_services, arriving(describe(FEBRUARY), (3, 17)))
        return reads(dataset, parts)

    monkeypatch.setattr(arrival, "read_release", read_slowly)
    assert takes(edition("2026-04"), 5, 17) == (Event.ACCEPTED, [("edition_gap", None)])


def test_a_retracted_release_is_compared_with_no_more(takes, trade_in_services):
    from sanad.archive import ledger
    from sanad.warehouse.connect import engine

    done = ingest(trade_in_services, arriving(edition("2025-06"), (3, 17)))
    with engine(Role.LOADER).begin() as writing:
        ledger.append(writing, "tester", ledger.Entry(Event.RETRACTED, done.release_id, "wrong"))
    assert takes(describe(MARCH), 4, 17) == (Event.ACCEPTED, [])


def test_the_release_before_is_asked_for_only_where_a_gate_compares(takes, trade_in_services, monkeypatch):
    def refuse(*_):
        raise AssertionError("nobody needs it")

    monkeypatch.setattr(arrival, "_printed", refuse)
    alone = [gate for gate in trade_in_services.gates if gate.gate in {"codes", "label_changed"}]
    dataset = trade_in_services.model_copy(update={"gates": alone})
    for sheet, day in ((describe(FEBRUARY), (3, 17)), (describe(MARCH), (4, 17))):
        assert ingest(dataset, arriving(sheet, day)).event is Event.ACCEPTED
