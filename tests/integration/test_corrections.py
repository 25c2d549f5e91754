"""Declared corrections on their way into the ledger: on arrival, by hand, failing, withdrawn; staged rows stay."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from helpers import DATASET, FEBRUARY, bundled_arrival, events, release_id, rows
from typer.testing import CliRunner

from corrections import CALL_CENTRES, PRINTED, correction, folder
from sanad.archive import ledger
from sanad.cli.commands import app
from sanad.decide import corrections, decisions, ingest, reread
from sanad.extract.reading import Entry, Field, Reading
from sanad.extract.sbp import trade_in_services as parser
from sanad.registry import dataset
from sanad.warehouse.connect import Role, engine
from sanad.words.errors import CorrectionFailed, Refused
from sanad.words.ids import Handle
from sanad.words.vocabulary import Event

pytestmark = pytest.mark.warehouse
RELEASE = Handle(DATASET, edition="2026-02")
DEBIT = {"figure": {**CALL_CENTRES, "measure": "debit"}, "expect": {"flag": "P"}}
NET = {"figure": {**CALL_CENTRES, "measure": "net"}, "expect": {"flag": "P"}}
STAGED = "select figure_id, value, flag, null_reason from staging.figure order by 1"


@pytest.fixture
def declared(installation, tmp_path, monkeypatch):
    return folder(tmp_path / "corrections", monkeypatch)


@pytest.fixture
def arrive(declared, trade_in_services):
    return lambda release: ingest(trade_in_services, bundled_arrival(release))


@pytest.fixture(scope="module")
def staged(shared_installation):
    """February, accepted once for all tests that only correct it."""
    ingest(dataset(DATASET), bundled_arrival(FEBRUARY))


@pytest.fixture
def february(staged, tmp_path, monkeypatch):
    """The folder of corrections, with nothing declared and nothing in force."""
    declared = folder(tmp_path / "corrections", monkeypatch)
    corrections.apply("tester")
    assert not in_force()
    return declared


def sanad(*arguments):
    return CliRunner().invoke(app, list(arguments))


def in_force(release=FEBRUARY):
    found = rows(
        "select evidence -> 'corrections' from archive.ledger where event = 'corrected' and release_id = %s "
        "order by seq desc limit 1", release_id(release),
    )  # fmt: skip
    return found[0][0] if found else None


def names(release=FEBRUARY):
    return [one["correction"] for one in in_force(release) or []]


def test_a_release_is_corrected_in_the_transaction_that_accepts_it(declared, arrive, installation):
    declared.declare(correction(source="https://www.sbp.org.pk/x"))
    done = arrive(FEBRUARY)
    assert (done.event, done.corrected) == (Event.ACCEPTED, 1)
    assert "1 corrected as declared" in done.summary
    assert events() == ["received", "accepted", "corrected"]
    assert rows("select count(distinct at), count(distinct extraction_id) from archive.ledger") == [(1, 1)]
    figure_id, locator = in_force()[0]["figure_id"], "'EBOPS '!I61"
    assert in_force() == [{
        "correction": f"{DATASET}:one", "action": "override", "figure_id": figure_id, "locator": locator,
        "value": "40000", "null_reason": None, "flag": "P",
        "was": {"value": PRINTED, "null_reason": None, "flag": "P"},
        "reason": "A slip of the pen.", "reporter": "a tester", "reported_on": "2026-05-01",
        "source": "https://www.sbp.org.pk/x",
    }]  # fmt: skip
    assert rows("select value::text, flag, locator from staging.figure where figure_id = %s", int(figure_id)) == [
        (PRINTED, "P", locator)
    ]
    assert not arrive(FEBRUARY).new


def test_the_event_is_chained_and_its_file_holds_the_set(february, shared_installation):
    february.declare(correction(), correction("two", "drop", **DEBIT))
    corrections.apply("tester")
    columns = "seq, at, event, release_id, extraction_id, actor, reason, evidence, prev_hash"
    chain = rows(f"select {columns}, hash from archive.ledger order by seq")
    for row in chain:
        assert ledger.hash_of(dict(zip(columns.split(", "), row[:-1], strict=True))) == row[-1]
    assert [after[8] for after in chain[1:]] == [before[9] for before in chain[:-1]]
    told = json.loads((shared_installation / "archive" / "ledger" / f"{chain[-1][0]:012d}.json").read_text())
    assert told["ledger"]["event"] == "corrected"
    assert told["ledger"]["evidence"]["corrections"] == in_force()
    assert told["extraction"]["edition"] == "2026-02"


def test_override_drop_and_flag_leave_what_is_staged_as_it_is(february):
    before = rows(STAGED)
    february.declare(
        correction(set={"flag": None}), correction("two", "drop", **DEBIT), correction("three", "flag", **NET)
    )
    applied = corrections.apply("tester")
    assert applied.failing == []
    named = ", ".join(f"{DATASET}:{name}" for name in ("one", "two", "three"))
    assert applied.changed == [f"{DATASET}@2026-02: corrected as declared: {named}"]
    one, two, three = in_force()
    assert (one["value"], one["flag"]) == (PRINTED, None)
    assert (two["value"], two["null_reason"], two["flag"]) == (None, None, None)
    assert {name: three[name] for name in three["was"]} == three["was"]
    assert rows(STAGED) == before
    assert rows("select actor, reason from archive.ledger order by seq desc limit 1") == [
        ("tester", f"corrected as declared: {named}")
    ]


def test_what_is_in_force_gets_no_event_also_when_it_came_in_on_arrival(declared, arrive):
    declared.declare(correction())
    arrive(FEBRUARY)
    assert corrections.apply("tester").changed == []
    assert events() == ["received", "accepted", "corrected"]


def test_a_guard_that_fails_on_arrival_quarantines_by_name_and_an_edit_heals_it(declared, arrive):
    declared.declare(correction(expect={"value": "1.5", "flag": "P"}))
    done = arrive(FEBRUARY)
    assert done.event is Event.QUARANTINED
    assert str(done.findings[0]) == (
        f"correction at 'EBOPS '!I61: expected {DATASET}:one: credit of line 9.1.1 for 2026-02 value 1.5, flag P, "
        f"in {DATASET}@2026-02, found value {PRINTED}, flag P"
    )
    assert rows("select count(*) from staging.figure") == [(0,)]
    assert f"{DATASET}:one" in sanad("quarantine", "show", str(RELEASE)).stdout
    declared.declare(correction())
    assert sanad("quarantine", "replay", str(RELEASE)).exit_code == 0
    assert events() == ["received", "quarantined", "accepted", "corrected"]


def test_a_file_that_cannot_be_read_loses_no_release(declared, arrive):
    declared.declare(correction(colour="green"))
    done = arrive(FEBRUARY)
    assert done.event is Event.QUARANTINED
    assert "colour" in str(done.findings[0])
    accepted = decisions.accept(RELEASE, "a person", "the file will be mended")
    assert (accepted.event, accepted.corrected) == (Event.ACCEPTED, 0)


def test_what_fails_is_named_and_keeps_no_other_from_being_applied(february):
    february.declare(
        correction(), correction("two", "flag", **DEBIT | {"expect": {"value": "1"}}), correction("three", "flag"),
        correction("four", "flag", figure={**CALL_CENTRES, "series": "9.9"}, editions={"from": "2026-01"}),
    )  # fmt: skip
    done = sanad("corrections", "apply")
    assert names() == [f"{DATASET}:one"]
    assert isinstance(done.exception, CorrectionFailed)
    assert done.exception.exit_code == 3
    for said in (
        f"{DATASET}:two: debit of line 9.1.1 for 2026-02 value 1",
        f"{DATASET}:three: credit of line 9.1.1 for 2026-02 in no other correction",
        f"{DATASET}:four: credit of line 9.9 for 2026-02 in {DATASET}@2026-02, found none",
    ):  # fmt: skip
        assert said in str(done.exception)
    february.declare(correction())
    assert sanad("corrections", "apply").exit_code == 0


def test_what_is_no_longer_declared_is_withdrawn_and_a_change_of_words_is_told(february):
    february.declare(correction())
    corrections.apply("tester")
    february.declare(correction(reason="For another reason."))
    assert len(corrections.apply("tester").changed) == 1
    assert in_force()[0]["reason"] == "For another reason."
    february.declare()
    assert corrections.apply("tester").changed == [f"{DATASET}@2026-02: corrections withdrawn"]
    assert in_force() == []
    assert corrections.apply("tester").changed == []


def test_a_folder_that_is_gone_or_a_file_that_is_broken_withdraws_nothing(february, monkeypatch):
    february.declare(correction())
    corrections.apply("tester")
    february.declare(correction(colour="green"))
    assert "colour" in str(corrections.apply("tester").failing[0])
    assert json.loads(sanad("corrections", "list", "--json").stdout)[0]["state"] == "failing"
    with monkeypatch.context() as patch:
        patch.setenv("SANAD_CORRECTIONS", str(february.path / "gone"))
        assert "no folder of corrections" in str(corrections.apply("tester").failing[0])
    assert names() == [f"{DATASET}:one"]


def test_a_file_about_no_dataset_fails_and_keeps_no_other_from_being_applied(february):
    february.declare(correction())
    february.declare(correction(), dataset="sbp/trade_in_goods")
    [failing] = corrections.apply("tester").failing
    assert "no dataset 'sbp/trade_in_goods'" in str(failing)
    assert names() == [f"{DATASET}:one"]


def test_list_tells_what_is_in_force_pending_withdrawn_failing_and_waiting(february):
    assert "No correction is declared." in sanad("corrections", "list").stdout
    february.declare(correction(), correction("gone", "flag", **NET))
    assert [one["state"] for one in json.loads(sanad("corrections", "list", "--json").stdout)] == ["pending"] * 2
    corrections.apply("tester")
    february.declare(
        correction(), correction("new", "drop", **DEBIT),
        correction("wrong", figure={**CALL_CENTRES, "series": "9.1.2"}),
        correction("slip", figure={**CALL_CENTRES, "series": "9.9"}, editions={"from": "2026-01"}),
        correction("early", release="@2031-01"),
    )  # fmt: skip
    listed = json.loads(sanad("corrections", "list", "--json").stdout)
    told = {one["correction"].partition(":")[2]: one for one in listed}
    assert {name: one["state"] for name, one in told.items()} == {
        "one": "in force", "new": "pending", "gone": "withdrawn", "wrong": "failing", "slip": "failing",
        "early": "waiting",
    }  # fmt: skip
    assert (told["early"]["release"], told["one"]["release"]) == (None, f"{DATASET}@2026-02")
    assert f"value {PRINTED}, in {DATASET}@2026-02, found value" in told["wrong"]["finding"]
    shown = sanad("corrections", "list")
    assert "credit of line 9.1.1 for 2026-02" in shown.stdout
    assert f"{DATASET}:wrong: credit" in shown.output


def test_a_retraction_keeps_the_set_and_a_retracted_release_is_left_alone(declared, arrive):
    declared.declare(correction())
    arrive(FEBRUARY)
    assert decisions.retract(RELEASE, "a person", "the wrong file").state is Event.CORRECTED
    declared.declare()
    assert corrections.apply("tester").changed == []
    with (
        pytest.raises(Refused, match="is retracted: it cannot become corrected"),
        engine(Role.LOADER).begin() as writing,
    ):
        ledger.append(writing, "tester", ledger.Entry(Event.CORRECTED, release_id(FEBRUARY), "a test"))
    decisions.reinstate(RELEASE, "a person", "the right file")
    declared.declare(correction())
    assert corrections.apply("tester").changed == []
    assert events() == ["received", "accepted", "corrected", "retracted", "reinstated"]


def test_a_new_reading_is_held_against_the_guards_and_takes_the_set_with_it(declared, arrive, monkeypatch):
    declared.declare(correction())
    arrive(FEBRUARY)
    real, locator = parser.extract, in_force()[0]["locator"]

    def sees(**otherwise):
        def extract(*given):
            reading = real(*given)
            figures = [replace(one, **otherwise) if one.locator == locator else one for one in reading.figures]
            return replace(reading, parser_version="2", figures=figures)

        monkeypatch.setattr(parser, "extract", extract)

    monkeypatch.setattr("sanad.decide.reread.judge", lambda _: [])
    sees(value=Decimal(1))
    with pytest.raises(
        Refused, match=f"{DATASET}:one: credit of line 9.1.1 for 2026-02 value {PRINTED}.*found value 1"
    ):
        reread.accept(RELEASE, "a person", "a better parser")
    assert rows("select distinct parser_version from archive.extraction") == [("1",)]
    sees(flag=None)
    reread.accept(RELEASE, "a person", "a better parser")
    assert events()[2:] == ["corrected", "retracted", "reinstated", "corrected"]
    assert rows("select count(distinct at) from archive.ledger where seq > 3") == [(1,)]
    assert (in_force()[0]["flag"], in_force()[0]["was"]["flag"]) == (None, None)
    assert corrections.apply("tester").changed == []


def test_entries_are_corrected_and_stay_staged_as_they_are(declared, arrive, trade_in_services, monkeypatch):
    listed = [
        Entry(number, f"'Register'!A{number}", None, f"p{number}", f"c{number}", name, "Lahore", None, None, None,
              {"name": Field(name, name, f"'Register'!B{number}"),
               "place": Field("Lahore", "LAHORE", f"'Register'!C{number}")})
        for number, name in ((1, "A"), (2, "B"), (3, "C"))
    ]  # fmt: skip
    monkeypatch.setattr(parser, "extract", lambda *_: Reading(parser.PARSER, "1", "2026-02", entries=listed))
    declared.declare(
        correction("one", entry={"certificate_no": "c1"}, expect={"place": "Lahore"}, set={"place": "Karachi"}),
        correction("two", "drop", entry={"portal_key": "p2"}, expect={"name": "B"}),
        correction("three", "flag", entry={"locator": "'Register'!A3"}, expect={"name": "C"}),
    )
    register = trade_in_services.model_copy(update={"gates": []})
    assert ingest(register, bundled_arrival(FEBRUARY)).corrected == 3
    one, two, three = in_force()
    assert (one["entry_id"], one["fields"], one["was"]) == (
        str(release_id(FEBRUARY) << 28 | 1), {"place": "Karachi"}, {"place": "Lahore"},
    )  # fmt: skip
    assert [(held["action"], held["locator"]) for held in (two, three)] == [
        ("drop", "'Register'!A2"), ("flag", "'Register'!A3"),
    ]  # fmt: skip
    assert corrections.apply("tester").changed == [], "staged rows are read as the reading is"
    assert rows("select place from staging.entry where certificate_no = 'c1'") == [("Lahore",)]
