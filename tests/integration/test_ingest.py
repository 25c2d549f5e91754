"""One release's way into the warehouse: accepted, quarantined, replayed, duplicated, replaced."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import psycopg
import pytest
from helpers import DATASET, FEBRUARY, MARCH, arrival, bundled_arrival, events, rows

from sanad.archive import ledger, releases
from sanad.archive.ledger import GENESIS
from sanad.archive.store import Store, Tampered
from sanad.decide import ingest
from sanad.local import bundled
from sanad.local.bundled import Cell, at, describe, to_xls
from sanad.warehouse.connect import Role, engine
from sanad.words import ids
from sanad.words.errors import Refused, UsageError
from sanad.words.vocabulary import Event, Origin

pytestmark = pytest.mark.warehouse


def wrong_workbook():
    sheet = describe(MARCH)
    sheet.cells[at("L6")] = Cell("(Amount in Million US$)")
    return to_xls(sheet)


def test_a_release_is_archived_staged_and_chained(installation, trade_in_services):
    done = ingest(trade_in_services, bundled_arrival(MARCH))
    assert (done.event, done.handle, done.figures, done.new) == (Event.ACCEPTED, f"{DATASET}@2026-03", 1320, True)
    assert rows(
        "select count(*), count(distinct figure_id), count(*) filter (where value is null) from staging.figure"
    ) == [(1320, 1320, 10)]
    assert rows(
        "select value, flag, locator, as_printed, period_code from staging.figure where locator = '''EBOPS ''!I61'"
    ) == [(rows("select 36409.925099999986")[0][0], "P", "'EBOPS '!I61", "36,410", "2026-03")]
    assert rows("select published_on, published_on_from, last_saved_at, origin from archive.release") == [
        (date(2026, 4, 17), "http", datetime(2026, 4, 17, 7, 40, 5, tzinfo=UTC), "transcribed")
    ]
    (release_id, figure_id) = rows("select release_id, figure_id from staging.figure where locator = '''EBOPS ''!I61'")[
        0
    ]
    assert release_id == ids.release_id(DATASET, done.sha256) == ids.release_of(figure_id)
    assert events() == ["received", "accepted"]


def test_the_same_bytes_again_change_nothing(installation, trade_in_services):
    ingest(trade_in_services, bundled_arrival(MARCH))
    before = rows("select count(*), max(seq) from staging.figure, archive.ledger")
    again = ingest(trade_in_services, bundled_arrival(MARCH))
    assert (again.event, again.new) == (Event.ACCEPTED, False)
    assert rows("select count(*), max(seq) from staging.figure, archive.ledger") == before


def test_a_quarantined_release_stages_nothing_loses_nothing_and_says_why(installation, trade_in_services):
    content = wrong_workbook()
    done = ingest(trade_in_services, arrival(content))
    assert (done.event, done.figures) == (Event.QUARANTINED, 0)
    assert rows("select count(*) from staging.figure") == [(0,)]
    assert Store.open().get(hashlib.sha256(content).hexdigest()) == content
    ((evidence,),) = rows("select evidence from archive.ledger where event = 'quarantined'")
    assert evidence["findings"] == [
        {
            "gate": "unit_text", "consequence": "quarantine", "locator": "'EBOPS '!L6",
            "expected": "'Thousand US$'", "found": "'(Amount in Million US$)'",
        }
    ]  # fmt: skip


def test_a_quarantined_file_is_read_again_and_accepted_when_the_parser_can(
    installation, trade_in_services, monkeypatch
):
    content = wrong_workbook()
    assert ingest(trade_in_services, arrival(content)).event is Event.QUARANTINED
    assert ingest(trade_in_services, arrival(content)).event is Event.QUARANTINED
    layout = trade_in_services.layouts[0].model_copy(update={"unit_text": "Million US$"})
    mended = trade_in_services.model_copy(update={"layouts": [layout]})
    assert ingest(mended, arrival(content)).event is Event.ACCEPTED
    assert events() == ["received", "quarantined", "quarantined", "accepted"]
    assert rows("select count(*) from staging.figure") == [(1320,)]


def test_an_empty_file_is_archived_and_quarantined(installation, trade_in_services):
    done = ingest(trade_in_services, arrival(b""))
    assert done.event is Event.QUARANTINED
    assert rows("select bytes from archive.part") == [(0,)]


def test_a_parser_that_stumbles_quarantines_instead_of_losing(installation, trade_in_services, monkeypatch):
    def stumble(dataset, parts):
        raise KeyError("a bug")

    monkeypatch.setattr("sanad.extract.sbp.trade_in_services.extract", stumble)
    done = ingest(trade_in_services, bundled_arrival(MARCH))
    assert done.event is Event.QUARANTINED
    assert done.findings[0].gate == "parser"
    assert "KeyError: 'a bug'" in done.findings[0].found


def test_another_rendering_of_the_same_figures_is_a_duplicate(installation, trade_in_services):
    ingest(trade_in_services, bundled_arrival(MARCH))
    sheet = describe(MARCH)
    sheet.cells[at("B61")] = Cell("9.1.1  Call centers", indent=5)
    done = ingest(trade_in_services, arrival(to_xls(sheet), http_last_modified=datetime(2026, 4, 20, tzinfo=UTC)))
    assert done.event is Event.DUPLICATE
    assert rows("select count(*) from staging.figure") == [(1320,)]


def test_a_publisher_may_return_to_an_older_state(installation, trade_in_services):
    other, third = describe(MARCH), describe(MARCH)
    for address in ("I9", "K9", "I88", "K88", "I92", "K92"):
        cell = other.cells[at(address)]
        other.cells[at(address)] = Cell(cell.value + 7, cell.number_format)
    third.cells[at("B2")] = Cell("Trade in Services ")
    days = (datetime(2026, 4, day, tzinfo=UTC) for day in (17, 18, 19))
    outcomes = [
        ingest(trade_in_services, arrival(to_xls(sheet), Origin.OFFICIAL, http_last_modified=day)).event
        for sheet, day in zip((describe(MARCH), other, third), days, strict=True)
    ]
    assert outcomes == [Event.ACCEPTED] * 3


def test_the_real_workbook_takes_its_transcriptions_place(installation, trade_in_services, real_february):
    transcribed = ingest(trade_in_services, bundled_arrival(FEBRUARY))
    authentic = ingest(trade_in_services, arrival(real_february, Origin.OFFICIAL))
    assert authentic.event is Event.ACCEPTED
    assert rows("select event, release_id, reason from archive.ledger where seq > 2 order by seq") == [
        ("received", authentic.release_id, "handed over"),
        ("retracted", transcribed.release_id, "authentic copy received"),
        ("accepted", authentic.release_id, "the publisher's own copy of what 1 transcription said"),
    ]
    assert rows("select published_on, published_on_from from archive.release where origin = 'official'") == [
        (date(2026, 3, 17), "document")
    ]
    # and the rendering does not come back
    later = ingest(trade_in_services, bundled_arrival(FEBRUARY))
    assert (later.event, later.new) == (Event.RETRACTED, False)


def test_a_transcription_of_what_is_there_already_is_a_duplicate(installation, trade_in_services, real_february):
    ingest(trade_in_services, arrival(real_february, Origin.OFFICIAL))
    assert ingest(trade_in_services, bundled_arrival(FEBRUARY)).event is Event.DUPLICATE


def test_a_stated_day_wins_and_may_not_lie_in_the_future(installation, trade_in_services):
    with pytest.raises(UsageError, match="lies in the future"):
        ingest(trade_in_services, arrival(bundled.render(MARCH), stated_on=date(2999, 1, 1)))
    assert events() == []
    done = ingest(trade_in_services, arrival(bundled.render(MARCH), stated_on=date(2026, 4, 18)))
    assert done.published_on == date(2026, 4, 18)


def test_the_chain_can_be_recomputed_and_every_event_has_its_file(installation, trade_in_services):
    ingest(trade_in_services, bundled_arrival(FEBRUARY))
    ingest(trade_in_services, arrival(wrong_workbook()))
    columns = "seq, at, event, release_id, extraction_id, actor, reason, evidence, prev_hash, hash"
    previous = GENESIS
    for row in rows(f"select {columns} from archive.ledger order by seq"):
        event = dict(zip(columns.split(", "), row, strict=True))
        assert event["prev_hash"] == previous
        previous = event.pop("hash")
        assert ledger.hash_of(event) == previous
        on_disk = json.loads((installation / "archive" / "ledger" / f"{event['seq']:012d}.json").read_text())
        assert on_disk["ledger"]["hash"] == previous
        assert on_disk["release"]["release_id"] == str(event["release_id"])
    with engine(Role.AUDITOR).connect() as asking:
        assert ledger.head(asking) == (4, previous)


def test_an_event_that_may_not_follow_is_refused(installation, trade_in_services):
    done = ingest(trade_in_services, bundled_arrival(MARCH))
    with engine(Role.LOADER).begin() as writing, pytest.raises(Refused, match="is accepted: it cannot become received"):
        ledger.append(writing, "tester", ledger.Entry(Event.RECEIVED, done.release_id, "again"))


@pytest.mark.parametrize("table", ["release", "part", "extraction", "ledger", "fetch"])
@pytest.mark.parametrize("role", [Role.ADMIN, Role.OWNER, Role.LOADER])
@pytest.mark.parametrize(
    "change", ["update archive.{} set {} = {}", "delete from archive.{}", "truncate archive.{} cascade"]
)
def test_the_archive_is_insert_only_for_every_role(shared_archive, table, role, change):
    column = {"fetch": "url", "part": "name", "extraction": "parser", "ledger": "actor"}.get(table, "url")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"insert-only|denied"):
        rows(change.format(table, column, column), role=role)


@pytest.fixture(scope="module")
def shared_archive(shared_installation):
    from sanad.archive import fetches
    from sanad.registry import dataset

    ingest(dataset(DATASET), bundled_arrival(FEBRUARY))
    with engine(Role.LOADER).begin() as writing:
        fetches.record(writing, fetches.Fetch(DATASET, "https://x", datetime.now(UTC), "failed"))


def test_a_flipped_byte_in_the_archive_is_found_on_reading(installation, trade_in_services):
    done = ingest(trade_in_services, bundled_arrival(MARCH))
    path = installation / "archive" / "sha256" / done.sha256[:2] / done.sha256
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    with engine(Role.AUDITOR).connect() as asking, pytest.raises(Tampered, match="now hashes to"):
        releases.contents(asking, Store.open(), done.release_id)
    path.unlink()
    with engine(Role.AUDITOR).connect() as asking, pytest.raises(Tampered, match="no content"):
        releases.contents(asking, Store.open(), done.release_id)


@pytest.mark.parametrize(
    "where",
    [
        "sanad.archive.store.Store.put",
        "sanad.archive.releases.record",
        "sanad.decide.arrival.record_extraction",
        "sanad.decide.arrival.stage",
        "sanad.archive.ledger.append",
        "sanad.archive.ledger.write_files",
    ],
)
def test_a_crash_anywhere_leaves_the_old_state_or_the_new_and_the_next_try_completes(
    installation, trade_in_services, monkeypatch, where
):
    class Crash(BaseException):
        pass

    def crash(*_, **__):
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(where, crash)
        with pytest.raises(Crash):
            ingest(trade_in_services, bundled_arrival(FEBRUARY))
    committed = where.endswith("write_files")
    assert rows("select count(*) from staging.figure") == [(1320 if committed else 0,)]
    assert len(events()) == (2 if committed else 0)
    ingest(trade_in_services, bundled_arrival(FEBRUARY))
    ingest(trade_in_services, bundled_arrival(MARCH))
    assert events() == ["received", "accepted"] * 2
    assert rows("select count(*) from staging.figure") == [(2640,)]
    assert len(list((installation / "archive" / "ledger").glob("*.json"))) == 4


def test_missing_event_files_are_written_again_by_repair(installation, trade_in_services):
    ingest(trade_in_services, bundled_arrival(FEBRUARY))
    ingest(trade_in_services, bundled_arrival(MARCH))
    first = installation / "archive" / "ledger" / "000000000001.json"
    before = first.read_bytes()
    first.unlink()
    ingest(trade_in_services, bundled_arrival(MARCH))
    assert not first.exists()  # an older gap is verify's to find
    with engine(Role.LOADER).connect() as reading:
        assert ledger.repair(reading, Store.open()) == [1]
    assert first.read_bytes() == before


def test_ingests_side_by_side_accept_each_release_once_and_keep_the_chain_whole(installation, trade_in_services):
    arrivals = [bundled_arrival(release) for release in (FEBRUARY, MARCH, FEBRUARY, MARCH)]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda one: ingest(trade_in_services, one), arrivals))
    assert [one.event for one in done] == [Event.ACCEPTED] * 4
    assert sum(one.new for one in done) == 2
    assert sorted(events()) == ["accepted", "accepted", "received", "received"]
    assert rows("select count(*), count(distinct figure_id) from staging.figure") == [(2640, 2640)]
    chain = rows("select prev_hash, hash from archive.ledger order by seq")
    assert [previous for previous, _ in chain] == [GENESIS, *(found for _, found in chain[:-1])]
