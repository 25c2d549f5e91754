"""Registers from bytes to staging, through the one door, and what a person can do about them."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import traceback
from datetime import date
from pathlib import Path

import psycopg
import pytest
from helpers import DATASET as SBP
from helpers import FEBRUARY, bundled_arrival, events, rows
from parsers.written import as_csv
from registers.conftest import ROWS, reply
from registers.planted import PLANTED, files, refused, seen
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.decide import Arrival, decisions, ingest, rejected
from sanad.extract.pseb import registration_list
from sanad.local.postgres import psql
from sanad.registry import dataset
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, connection, dsn, url
from sanad.words.errors import NotKept, Refused, UsageError
from sanad.words.ids import Handle
from sanad.words.vocabulary import Event, Origin

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("shared_installation")]
LIST = "pseb/registration_list"
CONTACTS = ("042-35700001", "info@firm.example")


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
    assert the_release(done.sha256) == [(done.release_id, False, "partial", None)]


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
    assert removed == {"list.csv": {"col=7": "cnic 1"}}
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


@pytest.fixture(scope="module")
def spoken(shared_installation, tmp_path_factory) -> str:
    """Everything planted has come in, by the door and by the command; the marts are built. All that was said of it."""
    said: list[str] = []
    handler = logging.StreamHandler(stream := io.StringIO())
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    for name, parts in files("Known Synthetic Firm"):
        done = take(name, parts)
        assert done.event in {Event.ACCEPTED, Event.QUARANTINED}, (name, done.summary)
        handle = Handle(name, sha256=done.sha256)
        said += [done.summary, str(done.findings), str(rejected.rows_of(handle))]
        if done.event is Event.QUARANTINED:
            decisions.accept(handle, "tester", "it is synthetic")
    for name, parts in refused():
        with pytest.raises(NotKept) as error:
            take(name, parts)
        spoilt = tmp_path_factory.mktemp("spoilt") / next(iter(parts))
        spoilt.write_bytes(next(iter(parts.values())))
        done = CliRunner().invoke(app, ["ingest", name, str(spoilt)])
        said += ["".join(traceback.format_exception(error.value)), done.output, str(done.exception)]
    take(LIST, as_csv([[*ROWS[2], "Office Phone", "Company Email"], [*ROWS[3], *CONTACTS]]))
    ingest(dataset(SBP), bundled_arrival(FEBRUARY))
    dbt.build()
    logging.getLogger().removeHandler(handler)
    return "\n".join([*said, stream.getvalue()])


def test_nothing_personal_is_said(spoken):
    assert "was not kept" in spoken
    assert seen(spoken) == []


def test_nothing_personal_stands_in_the_cluster(spoken):
    program = [Path(psql()).with_name("pg_dumpall"), "-d", dsn(Role.ADMIN), "--no-role-passwords"]
    password = {"PGPASSWORD": str(url(Role.ADMIN).password)}
    dumped = subprocess.run(program, capture_output=True, check=True, env=os.environ | password).stdout
    assert b"Known Synthetic Firm" in dumped
    assert seen(dumped) == []


def test_nothing_personal_stands_in_the_archive_or_beside_it(spoken, shared_installation):
    written = [path for path in shared_installation.rglob("*") if path.is_file() and "postgres" not in path.parts]
    assert len([path for path in written if "archive" in path.parts]) > 20
    assert any("dbt" in path.parts for path in written)
    assert {str(path): found for path in written if (found := seen(path.read_bytes()))} == {}


def test_who_looks_at_the_marts_sees_no_business_contact(spoken):
    fields = str(rows("select fields from staging.entry"))
    assert [contact for contact in CONTACTS if contact not in fields] == []
    for table in ("staging.entry", "staging.rejected", "staging.stg_pseb__registration_list"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection(Role.BI_READER) as asking:
            asking.execute(f"select * from {table}")
    with connection(Role.BI_READER) as asking:
        tables = asking.execute("select table_name from information_schema.tables where table_schema = 'marts'")
        names = [name for (name,) in tables.fetchall()]
        assert "dim_release" in names
        for name in names:
            found = str(asking.execute(f"select * from marts.{name}").fetchall())
            assert [contact for contact in CONTACTS if contact in found] == []


def test_every_register_is_a_view_and_a_row_of_the_marts_dimensions(spoken):
    for name in ("registration_list", "registry_export", "certificate", "tech_hub"):
        ((staged, shown),) = rows(
            f"select (select count(*) from staging.entry where dataset = %s), count(*) from staging.stg_pseb__{name}",
            f"pseb/{name}",
        )
        assert staged == shown > 0
    assert rows("select coverage, redacted from marts.dim_release where handle like 'pseb/tech_hub%'") == [
        ("partial", True)
    ]
    assert rows("select newest_edition like '#%', entries from marts.dim_build where dataset = 'pseb/tech_hub'") == [
        (True, 1)
    ]
