"""A person's decisions: through the ledger, with actor and reason, and only where they may follow."""

import json

import pytest
from helpers import DATASET, FEBRUARY, MARCH, arrival, bundled_arrival, events, rows
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.decide import decisions, ingest
from sanad.grid.cells import locate, located
from sanad.local.bundled import Cell, at, describe, to_xls
from sanad.words.errors import Refused, UsageError
from sanad.words.ids import Handle
from sanad.words.vocabulary import Event

pytestmark = pytest.mark.warehouse
HELD = Handle(DATASET, edition="2026-03")


@pytest.fixture
def held(installation, trade_in_services):
    """A release in quarantine: one line's net is off by ten."""
    sheet = describe(MARCH)
    cell = sheet.cells[at("K61")]
    sheet.cells[at("K61")] = Cell(cell.value + 10, cell.number_format)
    done = ingest(trade_in_services, arrival(to_xls(sheet), http_last_modified=MARCH.last_saved))
    assert done.event is Event.QUARANTINED
    return done


@pytest.fixture
def sanad(installation):
    def call(*arguments):
        return CliRunner().invoke(app, list(arguments))

    return call


def test_show_prints_the_evidence_and_the_cells_around(held, sanad):
    listed = sanad("quarantine", "list")
    assert f"{DATASET}@2026-03" in listed.stdout
    shown = sanad("quarantine", "show", str(HELD))
    assert "net_is_credit_less_debit at 'EBOPS '!K61" in shown.stdout
    assert "expected net of line 9.1.1 for 2026-03 = credit 36409.9" in shown.stdout
    assert "[36,420]" in shown.stdout
    told = json.loads(sanad("quarantine", "show", str(HELD), "--json").stdout)
    assert told["findings"][0]["locator"] == "'EBOPS '!K61"
    assert len(told["around"]["'EBOPS '!K61"]) == 5


def test_an_accepted_quarantine_is_staged_in_spite_of_its_findings(held, installation):
    done = decisions.accept(HELD, "a person", "SBP confirmed the cell by telephone")
    assert (done.event, done.figures) == (Event.ACCEPTED, 1320)
    assert events() == ["received", "quarantined", "accepted"]
    ((actor, reason, evidence),) = rows("select actor, reason, evidence from archive.ledger where event = 'accepted'")
    assert (actor, reason) == ("a person", "SBP confirmed the cell by telephone")
    assert evidence["overruled"] is True
    assert {found["gate"] for found in evidence["findings"]} >= {"net_is_credit_less_debit"}
    assert rows("select count(*) from staging.figure") == [(1320,)]


def test_what_cannot_be_read_cannot_be_accepted(installation, trade_in_services):
    empty = ingest(trade_in_services, arrival(b""))
    done = decisions.accept(Handle(DATASET, sha256=empty.sha256), "a person", "never mind")
    assert done.event is Event.QUARANTINED
    assert rows("select count(*) from staging.figure") == [(0,)]


def test_a_rejected_release_is_closed_for_good(held, installation, trade_in_services):
    decisions.reject(HELD, "a person", "a draft that SBP withdrew")
    for decision in (decisions.reject, decisions.accept, decisions.retract):
        with pytest.raises(Refused, match="is rejected, not"):
            decision(HELD, "a person", "again")
    assert decisions.quarantined() == []
    assert events()[-1] == "rejected"


def test_replay_reads_again_and_stays_in_quarantine_until_it_passes(held, installation, sanad):
    assert sanad("quarantine", "replay", str(HELD)).exit_code == 3
    assert sanad("quarantine", "replay").exit_code == 3
    assert events() == ["received", "quarantined", "quarantined", "quarantined"]


def test_retract_and_reinstate_delete_nothing(installation, trade_in_services, sanad):
    ingest(trade_in_services, bundled_arrival(FEBRUARY))
    name = f"{DATASET}@2026-02"
    done = sanad("retract", name, "--reason", "wrong file")
    assert (done.exit_code, "retracted" in done.stdout) == (0, True)
    assert rows("select count(*) from staging.figure") == [(1320,)]
    with pytest.raises(Refused, match="is retracted, not accepted or corrected or identified or reinstated"):
        decisions.retract(Handle.parse(name), "a person", "again")
    assert sanad("reinstate", name, "--reason", "it was right").exit_code == 0
    assert events() == ["received", "accepted", "retracted", "reinstated"]
    files = sorted(path.name for path in (installation / "archive" / "ledger").iterdir())
    assert files == [f"{seq:012d}.json" for seq in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("handle", "reason", "error", "said"),
    [
        (HELD, "  ", UsageError, "a reason"),
        (Handle(DATASET, edition="2031-01"), "x", UsageError, "no release"),
        (Handle(DATASET, sha256="00000000"), "x", UsageError, "no release"),
    ],
)
def test_a_decision_needs_a_release_and_a_reason(held, handle, reason, error, said):
    with pytest.raises(error, match=said):
        decisions.reject(handle, "a person", reason)
    assert events() == ["received", "quarantined"]


@pytest.mark.parametrize(("sheet", "row", "column"), [("EBOPS ", 60, 8), ("it's", 0, 27), ("", 4, 2)])
def test_a_locator_can_be_read_back(sheet, row, column):
    assert located(locate(sheet, row, column)) == (sheet, row, column)
