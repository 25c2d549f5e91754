"""A new warehouse from the archive folder alone: the same rows everywhere, or one error that says why not."""

import json
import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from helpers import (
    DATASET,
    FEBRUARY,
    MARCH,
    URL,
    arrival,
    build_marts,
    bundled_arrival,
    events,
    new_installation,
    rows,
    state_folder,
)
from parsers.eras import edition, put, releases
from typer.testing import CliRunner

from sanad.archive import ledger
from sanad.archive.store import Store, Tampered
from sanad.cli.commands import app
from sanad.decide import decisions, ingest
from sanad.decide import rebuild as rebuilding
from sanad.decide.rebuild import rebuild
from sanad.extract.sbp import trade_in_services as parser
from sanad.local.bundled import to_xls
from sanad.registry import dataset
from sanad.warehouse import dbt
from sanad.words.errors import Refused, UsageError
from sanad.words.ids import Handle
from sanad.words.vocabulary import Origin

pytestmark = pytest.mark.warehouse

_TABLES = """
    select table_schema, table_name from information_schema.tables
    where table_schema in ('archive', 'staging', 'marts') and table_type = 'BASE TABLE'
      and (table_schema, table_name) not in (('archive', 'fetch'), ('archive', 'alembic_version'))
    order by 1, 2
"""


def everything() -> dict[str, list[str]]:
    """Every row of every table that a rebuild gives back; ``built_at`` is the instant of the build itself."""
    return {
        f"{schema}.{table}": [
            row for (row,) in rows(f"select (to_jsonb(t) - 'built_at')::text from {schema}.{table} as t order by 1")
        ]
        for schema, table in rows(_TABLES)
    }


def handed(sheet, day: date, **said):
    """A sheet handed over, of a stated day."""
    return arrival(to_xls(sheet), stated_on=day, **said)


def take(*arrivals):
    return [ingest(dataset(DATASET), one) for one in arrivals]


def history() -> None:
    """Late, of one day, duplicate, held back and accepted, rejected, unreadable, taken back, let in again."""
    march, _, december, twin, quarantined, refused, unreadable = take(
        bundled_arrival(MARCH),
        bundled_arrival(FEBRUARY),  # late
        handed(edition("2025-12"), date(2026, 3, 17), url=URL),  # of February's day
        arrival(to_xls(same_figures()), url=URL),
        handed(edition("2026-01"), date(2026, 1, 20)),  # a month that had not ended
        handed(edition("2025-11", put("9.1.2", 10, 1.0)), date(2025, 12, 17)),
        arrival(b"no workbook"),
    )
    assert [twin.event, quarantined.event, refused.event, unreadable.event] == ["duplicate", *["quarantined"] * 3]
    decisions.accept(by_hash(quarantined), "a person", "it is what SBP printed")
    decisions.reject(by_hash(refused), "a person", "it is not")
    decisions.retract(by_hash(march), "a person", "on second thoughts")
    decisions.reinstate(by_hash(march), "a person", "on third thoughts")
    decisions.retract(by_hash(december), "a person", "it was a draft")


def same_figures():
    """March's figures in other bytes."""
    sheet = edition("2026-03")
    sheet.widths[3] = 5000
    return sheet


def by_hash(done) -> Handle:
    return Handle(DATASET, sha256=done.sha256)


@pytest.fixture(scope="module")
def first(template):
    """The archive of a warehouse with a history, what was in that warehouse, and its ledger's head."""
    with new_installation(template) as state:
        history()
        build_marts()
        kept = shutil.copytree(state / "archive", state.parent / f"{state.name}-archive")
        [(seq, newest)] = rows("select seq, hash from archive.ledger order by seq desc limit 1")
        found = everything()
    yield kept, found, f"{seq} {newest}"
    shutil.rmtree(kept)


@pytest.fixture
def archive(first, tmp_path) -> Path:
    """A copy of that archive, to be spoilt."""
    return Path(shutil.copytree(first[0], tmp_path / "archive"))


@pytest.fixture(scope="module")
def empty(template):
    """An installation in which nothing is ever written."""
    with new_installation(template):
        yield


@pytest.fixture
def stopped(empty, archive):
    """A rebuild that does not come about, with its words; the warehouse is as empty as before."""

    def stop(error, match, **said):
        with pytest.raises(error, match=match) as raised:
            rebuild(Store.open(str(archive)), **said)
        assert rows("select count(*) from archive.release") == rows("select count(*) from staging.figure") == [(0,)]
        return str(raised.value)

    return stop


def test_every_row_comes_back_from_the_archive_alone(first, template):
    archive, before, head = first
    assert len(before["marts.mart_call_centres"]) > 10
    no_register = {"staging.entry", "staging.rejected", "staging.identity", "staging.identity_changed"} | {
        f"marts.{name}" for name in ("dim_registrant", "fct_registration", "mart_registrations")
    }
    no_count = {"marts.mart_registered_counts", "marts.mart_exports_per_registrant"}
    no_article = {"marts.mart_claims_weighed", "marts.fct_reported_exports_print"}
    # and too few months for a season
    no_other_workbook = {"marts.fct_exchange_rate_print", "marts.mart_cross_checks", "staging.adjusted"}
    empty = no_register | no_count | no_article | no_other_workbook
    assert {name for name in before if not before[name]} == empty
    with new_installation(template) as state:
        shutil.copytree(archive, state / "archive")
        done = CliRunner().invoke(app, ["rebuild", "--head", head.split()[1]])
        assert done.exit_code == 0, done.output
        assert done.stdout.splitlines()[-1] == head
        after = everything()
    assert after.keys() == before.keys()
    for name, found in before.items():
        assert after[name] == found, name


def test_another_archive_becomes_the_installations_own(first, template):
    archive, before, head = first
    with new_installation(template) as state:
        done = CliRunner().invoke(app, ["rebuild", "--archive", str(archive), "--no-build"])
        assert done.exit_code == 0, done.output
        for file in archive.rglob("*.json"):
            assert (state / "archive" / file.relative_to(archive)).read_bytes() == file.read_bytes()
        after = everything()
        assert not [name for name in after if name.startswith("marts.")]
        assert {name: after[name] for name in after} == {name: before[name] for name in after}
        # it goes on from there
        decisions.retract(Handle(DATASET, edition="2026-02"), "a person", "goes on")
        [(prev_hash,)] = rows("select prev_hash from archive.ledger order by seq desc limit 1")
        assert prev_hash == head.split()[1]
        with pytest.raises(UsageError, match="needs a new warehouse: expected no event in its ledger, found 20"):
            rebuild()


def edit(archive: Path, seq: int, change) -> None:
    file = archive / "ledger" / f"{seq:012d}.json"
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def test_an_edited_event_stops_it(archive, stopped):
    edit(archive, 3, lambda file: file["ledger"].update(reason="another reason"))
    assert "expected a row of hash " in stopped(Tampered, r"event file 3, sbp/trade_in_services#[0-9a-f]{8}: ")


def test_an_event_written_anew_with_its_hash_breaks_the_next(archive, stopped):
    def rewrite(file):
        row = file["ledger"] | {"actor": "somebody else"}
        plain = {name: value for name, value in row.items() if name != "hash"}
        ids = {name: plain[name] and int(plain[name]) for name in ("release_id", "extraction_id")}
        file["ledger"] = row | {"hash": ledger.hash_of({**plain, **ids, "at": datetime.fromisoformat(row["at"])})}

    edit(archive, 3, rewrite)
    stopped(Tampered, r"event file 4, .*: expected prev_hash [0-9a-f]{64}, found [0-9a-f]{64}")


def test_a_missing_event_file_stops_it(archive, stopped):
    (archive / "ledger" / "000000000003.json").unlink()
    stopped(Tampered, "event file 3: expected the next of the chain, found none before 4")


def test_a_missing_last_event_is_told_by_the_head(first, archive, stopped):
    seq, head = first[2].split()
    (archive / "ledger" / f"{int(seq):012d}.json").unlink()
    stopped(Tampered, f"expected an event of hash {head} in the chain, found none up to {int(seq) - 1}", head=head)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"ledger": {}, "release": {}, "parts": [], "extraction": null}'])
def test_an_event_file_that_is_none_stops_it(archive, stopped, content):
    (archive / "ledger" / "000000000002.json").write_text(content)
    stopped(Tampered, "event file 2: expected a ledger row with its release, parts and extraction, found ")


@pytest.mark.parametrize(
    ("table", "field", "value", "said"),
    [
        ("release", "published_on", "2026-04-18", "published_on, as the event states it, 2026-04-17, found 2026-04-18"),
        ("release", "url", None, f"url, as the event states it, {URL}, found None"),
        ("release", "sha256", "0" * 64, "the release_id of dataset and sha256 "),
        ("release", "dataset", "sbp/another", "the release_id of dataset and sha256 "),
    ],
)
def test_what_an_event_states_of_a_release_is_in_the_chain(archive, stopped, table, field, value, said):
    edit(archive, 1, lambda file: file[table].update({field: value}))
    assert said in stopped(Tampered, "event file 1, ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda file: file["release"].update(origin="official"),
            "origin, as in event file 1, transcribed, found official",
        ),
        (lambda file: file["parts"][0].update(media_type="text/html"), "the parts of event file 1 "),
        (lambda file: file["parts"][0].update(sha256="0" * 64), "the sha256 of the parts "),
        (lambda file: file["extraction"].update(parser_version="7"), "the extraction_id of parser and version "),
        (lambda file: file["extraction"].update(figures=7), "figures, as the event states it, 1320, found 7"),
        (lambda file: file.update(extraction=None), "extraction "),
    ],
)
def test_files_of_one_release_say_the_same(archive, stopped, change, said):
    edit(archive, 2, change)
    assert said in stopped(Tampered, "event file 2, ")


def test_a_changed_byte_stops_it(archive, stopped, first):
    file = max((archive / "sha256").rglob("*"), key=lambda path: path.is_file() and path.stat().st_size)
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)
    stopped(Tampered, rf"sbp/trade_in_services#[0-9a-f]{{8}}: archived content {file.name} now hashes to ")
    file.unlink()
    stopped(Tampered, rf"sbp/trade_in_services#[0-9a-f]{{8}}: the archive has no content {file.name}")


def test_a_parser_that_reads_something_else_stops_it(stopped, monkeypatch):
    real = parser.extract

    def extract(dataset, parts):
        reading = real(dataset, parts)
        figures = [replace(f, value=f.value and f.value + 1) for f in reading.figures]
        return replace(reading, parser_version="2", figures=figures)

    monkeypatch.setattr(parser, "extract", extract)
    said = stopped(Refused, r"sbp/trade_in_services#[0-9a-f]{8}: expected what sbp\.trade_in_services 1 read, edition ")
    assert "; found, by sbp.trade_in_services 2, edition 2026-03, canonical_sha256 " in said


def test_a_parser_that_reads_nothing_any_more_stops_it(stopped, monkeypatch):
    monkeypatch.setattr(parser, "extract", lambda dataset, parts: 1 / 0)
    stopped(Refused, r"sbp/trade_in_services#[0-9a-f]{8}: .* found bytes that are not read today: ZeroDivisionError")


def test_broken_off_in_the_middle_the_warehouse_is_as_empty_as_before_and_a_second_try_goes_through(
    archive, template, monkeypatch
):
    """Staging fails at the third release, with two staged in the open transaction."""
    real, staged = rebuilding.stage, []

    def stage(connection, *rest):
        if len(staged) == 2:
            raise KeyboardInterrupt
        real(connection, *rest)
        staged.append(connection.exec_driver_sql("select count(*) from staging.figure").scalar())

    with new_installation(template) as state:
        with monkeypatch.context() as patch:
            patch.setattr(rebuilding, "stage", stage)
            with pytest.raises(KeyboardInterrupt):
                rebuild(Store.open(str(archive)))
        assert staged == [1320, 2640]
        assert rows("select count(*) from archive.ledger") == rows("select count(*) from staging.figure") == [(0,)]
        assert not (state / "archive" / "ledger").exists()
        assert rebuild(Store.open(str(archive))).staged == 4
        assert len(events()) == 19


def test_an_archive_of_ones_own_is_not_written_over(archive, empty, tmp_path):
    with state_folder() as state:
        Store.open().put_event(1, b"another history")
        with pytest.raises(UsageError, match="has events of its own: expected an empty one"):
            rebuild(Store.open(str(archive)))
        assert (state / "archive/ledger/000000000001.json").read_bytes() == b"another history"


def test_nothing_to_rebuild_from(empty, tmp_path):
    with pytest.raises(UsageError, match=r"expected event files in .*/nowhere/ledger, found none"):
        rebuild(Store.open(str(tmp_path / "nowhere")))


def test_a_reading_that_replaced_another_is_the_one_that_is_staged(template, monkeypatch):
    """Read again by a new version: both extractions come back, and staging cites the second."""
    from sanad.decide import reread

    with new_installation(template) as state:
        take(bundled_arrival(FEBRUARY))
        real = parser.extract

        def extract(dataset, parts):
            reading = real(dataset, parts)
            figures = [replace(figure, label_raw=figure.label_raw.strip()) for figure in reading.figures]
            return replace(reading, parser_version="2", figures=figures)

        monkeypatch.setattr(parser, "extract", extract)
        reread.accept(Handle(DATASET, edition="2026-02"), "a person", "labels without blanks at their ends")
        before = everything()
        with new_installation(template):
            rebuild(Store.open(str(state / "archive")))
            assert everything() == before
    assert len(before["archive.extraction"]) == 2


@pytest.mark.slow
def test_forty_editions_come_back(template):
    """Synthetic editions of more than three years, in an order that is not theirs."""
    with new_installation(template) as state:
        made = list(releases(40))
        for published_on, sheet in made[::2] + made[1::2]:
            [done] = take(handed(sheet, published_on, origin=Origin.SYNTHETIC))
            assert done.event == "accepted", (published_on, done.findings)
        dbt.build()
        before = everything()
        with new_installation(template):
            done = CliRunner().invoke(app, ["rebuild", "--archive", str(state / "archive")])
            assert done.exit_code == 0, done.output
            after = everything()
    assert len(before["staging.figure"]) == 40 * 1320
    for name, found in before.items():
        assert after[name] == found, name
