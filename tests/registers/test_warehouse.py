"""Registers from bytes to staging, through the one door, and what a person can do about them."""

from __future__ import annotations

import json
from datetime import date

import pytest
from helpers import events, rows
from parsers.written import as_csv
from registers.conftest import ROWS, reply
from registers.planted import PLANTED
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.decide import Arrival, decisions, ingest, rejected
from sanad.extract.pseb import registration_list
from sanad.registry import dataset
from sanad.words.errors import Refused, UsageError
from sanad.words.ids import Handle
from sanad.words.vocabulary import Event, Origin

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("shared_installation")]
LIST = "pseb/registration_list"


def take(name: str, parts: dict[str, bytes] | bytes, **said):
    handed = parts if isinstance(parts, dict) else {"list.csv": parts}
    return ingest(dataset(name), Arrival(handed, Origin.SYNTHETIC, "tester", "handed over", **said))


def a_list(firm: str, *more) -> bytes:
    return as_csv([*ROWS[:3], ["Z-25-11111/24", firm, "Lahore", "IT Company", "Oct 2025", "Sep 2026"], *more])


def the_release(sha256: str):
    return rows(
        "select release_id, redacted, coverage, original_sha256 from archive.release join archive.part"
        " using (release_id) where release.sha256 = %s",
        sha256,
    )


def test_a_list_is_staged_with_the_places_of_its_fields():
    done = take(LIST, a_list("First Firm"))
    assert (done.event, done.entries, done.rejected, done.edition) == (Event.ACCEPTED, 1, 0, "2026-02")
    assert "1 entries staged" in done.summary
    assert "no column for" in done.summary
    ((entry_id, name, month, fields),) = rows(
        "select entry_id, name, valid_till_month::text, fields from staging.entry where release_id = %s",
        done.release_id,
    )
    assert (entry_id >> 28, name, month) == (done.release_id, "First Firm", "2026-09-01")
    assert fields["name"] == {"value": "First Firm", "as_printed": "First Firm", "locator": "cell=4,2"}
    ((release_id, redacted, coverage, _),) = the_release(done.sha256)
    assert (release_id, redacted, coverage) == (done.release_id, True, "partial"), "its title is cut down to the month"


def test_a_file_that_was_cut_says_so_and_is_known_when_it_comes_again():
    content = as_csv([[*ROWS[2], "CNIC"], [*ROWS[3][:1], "Cut Firm", *ROWS[3][2:], PLANTED["cnic"]]])
    done = take(LIST, content)
    ((_, redacted, _, original),) = the_release(done.sha256)
    assert redacted
    assert original not in {None, done.sha256}
    ((removed,),) = rows(
        "select evidence -> 'removed' from archive.ledger where release_id = %s and event = 'received'",
        done.release_id,
    )
    assert removed == {"001.csv": {"col=7": "cnic 1"}}
    again = take(LIST, content)
    assert (again.new, again.release_id, again.entries) == (False, done.release_id, 1)


def test_coverage_is_the_bearers_word():
    done = take(LIST, a_list("Covered Firm"), coverage="complete:call_centre/Punjab")
    assert the_release(done.sha256)[0][2] == "complete:call_centre/Punjab"


def test_a_register_that_says_the_same_again_is_a_duplicate():
    untitled = as_csv([ROWS[2], ["Z-25-0011/96", "Same Firm", *ROWS[3][2:]]])
    first = take(LIST, untitled, stated_on=date(2020, 2, 6))
    again = take(LIST, untitled.replace(b"Same Firm", b"Same  Firm"), stated_on=date(2020, 2, 7))
    assert (first.event, again.event) == (Event.ACCEPTED, Event.DUPLICATE)


def many(*bad) -> bytes:
    good = [[f"Z-25-{n:05d}/24", f"Firm {n}", "Lahore", "BPO", "Oct 2025", "Sep 2026"] for n in range(40)]
    return a_list("One of Many", *good, *bad)


BAD = ["Z-25-22222/24", "Consortium Firm", "Lahore", "BPO", "someday", "Sep 2026"]


def test_rejected_rows_are_kept_beside_the_others_and_replayed(monkeypatch):
    done = take(LIST, many(BAD))
    assert (done.event, done.entries, done.rejected) == (Event.ACCEPTED, 41, 1)
    handle = Handle(LIST, sha256=done.sha256)
    (row,) = rejected.rows_of(handle)
    assert (row.locator, row.gate) == ("row=45", "validity")
    assert "Consortium Firm" in row.raw
    assert [one.gates for one in rejected.releases_with_rejected() if one.known.release.sha256 == done.sha256] == [
        {"validity": 1}
    ]
    with pytest.raises(Refused, match="already"):
        rejected.replay(handle, "tester", "nothing has changed")
    ids = rows("select entry_id, locator from staging.entry where release_id = %s order by 1", done.release_id)
    monkeypatch.setattr(registration_list, "VERSION", "2")
    monkeypatch.setattr("sanad.extract.registers.month_of", lambda text: None if text == "never" else _month(text))
    replayed = rejected.replay(handle, "tester", "a new parser reads someday")
    assert (replayed.before, replayed.now, replayed.event) == (1, 0, Event.REINSTATED)
    assert rejected.rows_of(handle) == []
    now = rows("select entry_id, locator from staging.entry where release_id = %s order by 1", done.release_id)
    assert set(ids) < set(now)
    assert len(now) == 42


def _month(text: str):
    from sanad.words.months import month_of

    return month_of("Oct 2025" if text == "someday" else text)


def test_too_many_rejected_rows_hold_the_release_back_until_it_is_read_otherwise(monkeypatch):
    held = take(LIST, many(*([BAD] * 5)))
    assert (held.event, held.entries) == (Event.QUARANTINED, 0)
    assert "at most 5 % of 46 rows rejected, found 5 (validity 5)" in str(held.findings[0])
    assert rows("select count(*) from staging.rejected where release_id = %s", held.release_id) == [(0,)]
    handle = Handle(LIST, sha256=held.sha256)
    assert len(rejected.rows_of(handle)) == 5
    patient = dataset(LIST).model_copy(update={"max_rejected_pct": 20})
    monkeypatch.setattr("sanad.decide.decisions.dataset", lambda name: patient)
    replayed = rejected.replay(handle, "tester", "agreed with PSEB")
    assert (replayed.event, replayed.now) == (Event.ACCEPTED, 5)
    assert rows("select count(*) from staging.rejected where release_id = %s", held.release_id) == [(5,)]


def test_a_quarantined_register_is_replayed_from_what_was_archived():
    held = take(LIST, many(*([BAD] * 6)))
    before = len(events())
    assert decisions.replay(Handle(LIST, sha256=held.sha256), "tester").event is Event.QUARANTINED
    assert len(events()) == before + 1


def test_commands(tmp_path):
    folder = tmp_path / "walk"
    folder.mkdir()
    (folder / "certificate.json").write_bytes(reply(name="SYNTHETIC BY COMMAND LTD"))
    call = CliRunner().invoke
    done = call(app, ["ingest", "pseb/certificate", str(folder), "--published-on", "2025-10-22", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["entries"], told["event"], told["edition"]) == (1, "accepted", None)
    for wrong in ("complete:shop", "complete", "all"):
        refusal = call(app, ["ingest", LIST, str(folder), "--coverage", wrong])
        assert isinstance(refusal.exception, UsageError), refusal.output
    assert "is no register" in str(
        call(app, ["ingest", "sbp/trade_in_services", str(folder), "--coverage", "partial"]).exception
    )
    take(LIST, many([*BAD[:1], "Shown Firm", *BAD[2:]]))
    listed = json.loads(call(app, ["rejected", "list", "--json"]).stdout)
    assert {"validity": 1} in [one["rejected"] for one in listed]
    shown = call(app, ["rejected", "show", listed[-1]["release"]])
    assert "validity: expected a month" in shown.stdout
    refusal = call(app, ["rejected", "replay", listed[-1]["release"], "--reason", "why not"])
    assert isinstance(refusal.exception, Refused)
