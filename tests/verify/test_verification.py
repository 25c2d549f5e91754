"""What a verification covers, where its result stands, and what it leaves for a build.

The ledger of the folder's warehouse grows here, after the tests that count its events.
"""

from __future__ import annotations

import json
import sys

import psycopg
import pytest
from helpers import DATASET, MARCH, build_marts, release_id, rows

from sanad.archive import ledger
from sanad.archive.store import Store
from sanad.verify import newest, verify
from sanad.verify.snapshot import snapshot
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, connection, engine
from sanad.words.errors import Disagrees, UsageError
from sanad.words.vocabulary import Event, Scope, Verdict

pytestmark = pytest.mark.warehouse


def note(release, *events):
    with engine(Role.LOADER).begin() as writing:
        seqs = ledger.append(writing, "tester", *(ledger.Entry(one, release_id(release), "a test") for one in events))
    with engine(Role.LOADER).connect() as reading:
        ledger.write_files(reading, Store.open(), seqs)


def own(statement):
    with connection(Role.ADMIN) as admin:
        admin.execute(statement)


def test_the_result_stands_in_ops_and_in_dim_build_and_a_build_keeps_it(built):
    told = "select verify_result from marts.dim_build"
    own("update marts.dim_build set verify_result = null")
    report = verify(airflow_run="a run")
    assert rows(told) == [("agrees",)]
    last = newest()
    assert (last.result, last.scope, last.ledger_seq) == ("agrees", "full", 4)
    assert (last.head_seq, last.head_hash) == (report.head_seq, report.head_hash)
    assert last.summary == report.summary
    assert rows("select airflow_run from ops.verification order by verification_id desc limit 1") == [("a run",)]
    dbt.build(select="dim_build")
    assert rows(told) == [("agrees",)]
    verify(Scope.SAMPLE, sample=1)
    assert newest() == last, "a sample is no verification of the marts"


def test_a_sample_can_be_drawn_again(built):
    report = verify(Scope.SAMPLE, sample=25, seed=7)
    assert report.counts["staging"]["figures re-read"] == 25
    assert (report.seed, report.counts["archive"]["parts"]) == (7, 2)
    with snapshot() as asked:
        from random import Random

        drawn = asked.sample(25, Random(7))
        assert drawn == asked.sample(25, Random(7)) != asked.sample(25, Random(8))
        assert len(asked.sample(10**6, Random(1))) == 2640
    assert verify(Scope.SAMPLE, sample=25).seed != verify(Scope.SAMPLE, sample=25).seed
    assert drawn


def test_only_what_the_ledger_told_of_is_read_again_and_what_no_build_has_seen_waits(built, monkeypatch):
    verify()
    unchanged = verify(Scope.CHANGED)
    assert (unchanged.scope, unchanged.counts["archive"]["parts"]) == (Scope.CHANGED, 0)
    note(MARCH, Event.RETRACTED)
    report = verify(Scope.CHANGED)
    assert report.verdict is Verdict.AGREES
    assert (report.counts["archive"]["parts"], report.counts["staging"]["figures re-read"]) == (1, 1320)
    assert report.waiting == ["event 5, retracted, waits for a build"]
    assert (report.built_seq, report.head_seq) == (4, 5)
    build_marts()
    report = verify(Scope.CHANGED)
    assert (report.built_seq, report.waiting, report.disagreements) == (5, [], [])
    assert report.marts["mart_revisions"].rows == 0


def test_a_release_read_anew_after_the_build_leaves_its_marts_waiting(built, monkeypatch):
    from sanad.decide import reread
    from sanad.extract.sbp import trade_in_services
    from sanad.words.ids import Handle

    note(MARCH, Event.REINSTATED)
    monkeypatch.setattr(trade_in_services, "VERSION", "2")
    reread.accept(Handle.parse(f"{DATASET}@2026-02"), "tester", "a new parser")
    report = verify()
    assert report.disagreements == []
    assert f"mart_call_centres waits for a build: {DATASET} was read anew" in report.waiting
    assert "mart_call_centres" not in report.marts and "dim_release" in report.marts
    assert report.parsers == ["sbp.trade_in_services 1", "sbp.trade_in_services 2"]
    build_marts()
    report = verify()
    assert (report.disagreements, report.waiting) == ([], [])
    assert report.marts["mart_revisions"].rows == 264
    assert report.marts["fct_services_trade_vintage"].rows > 2904, "what stood in between is kept, and verified"


def test_after_a_disagreement_everything_is_looked_at_again(tampered):
    planted = "update marts.dim_sector set sector_name = 'planted' where sector_code = 'ict_total'"
    with tampered("marts.dim_sector", planted):
        assert verify().verdict is Verdict.DISAGREES
        assert rows("select verify_result from marts.dim_build") == [("disagrees",)]
        report = verify(Scope.CHANGED)
        assert (report.scope, report.counts["archive"]["parts"]) == (Scope.FULL, 2)
        with pytest.raises(Disagrees, match="dim_sector ict_total sector_name: expected Telecomm"):
            report.check()
        assert [one["subject"] for one in newest().disagreements] == ["dim_sector"]
    assert verify(Scope.CHANGED).scope is Scope.FULL
    assert rows("select verify_result from marts.dim_build") == [("agrees",)]


def test_a_mart_that_verification_does_not_know_is_said_to_be_uncovered(built):
    own("create table marts.mart_unheard_of (n int); alter table marts.mart_call_centres add unheard_of int")
    try:
        report = verify()
        assert report.verdict is Verdict.AGREES
        assert report.not_covered == ["mart_call_centres: unheard_of", "mart_unheard_of: it is no model of the project"]
    finally:
        own("drop table marts.mart_unheard_of; alter table marts.mart_call_centres drop unheard_of")


def test_a_model_without_a_check_is_said_to_be_uncovered(built, monkeypatch):
    monkeypatch.delitem(sys.modules["sanad.verify.marts"]._EXPECTED, "dim_sector")
    assert verify(mart="dim_sector").not_covered == ["dim_sector: verification does not know it"]


def test_marts_of_an_unfinished_build_are_not_judged(tampered):
    with tampered("marts.dim_build", "update marts.dim_build set complete = false"):
        report = verify()
        assert report.not_covered == ["marts: there is no build, or the last one did not finish"]
        assert report.verdict is Verdict.AGREES


def test_one_mart_alone_is_not_written_down(built):
    before = rows("select count(*) from ops.verification")
    assert set(verify(mart="dim_period").marts) == {"dim_period"}
    assert rows("select count(*) from ops.verification") == before
    with pytest.raises(UsageError, match=r"no mart 'mart_nothing' to verify; known: dim_build, "):
        verify(mart="mart_nothing")


@pytest.mark.parametrize("head", ["", "abc", "g" * 64, "x:" + "a" * 64])
def test_a_head_that_is_none(built, head):
    with pytest.raises(UsageError, match="no head of a ledger"):
        verify(head=head or " ")


def test_only_the_owner_writes_verifications(built):
    columns = "verified_at, scope, result, head_seq, head_hash, counts, disagreements, seconds"
    values = "now(), 'full', 'agrees', 1, 'x', '{}', '[]', 1"
    for role in (Role.LOADER, Role.TRANSFORMER, Role.BI_READER, Role.AUDITOR):
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
            rows(f"insert into ops.verification ({columns}) values ({values}) returning 1", role=role)


# ---- the command


def run(monkeypatch, capsys, *arguments):
    from sanad.cli import main

    monkeypatch.setattr(sys, "argv", ["sanad", "verify", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def test_the_command_agrees_with_exit_0(built, monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys)
    assert code == 0, out
    [(head,)] = rows("select seq || ':' || hash from archive.ledger order by seq desc limit 1")
    assert f"events with their files, head {head}" in out
    assert "2,640 of 2,640 figures read again by calamine" in out
    assert "Class 2, registers: 0 fields. Class 3, model output: 0 values." in out
    assert ": all agree, " in out.splitlines()[-1]
    code, out, _ = run(monkeypatch, capsys, "--head", head, "--json", "--mart", "dim_build")
    told = json.loads(out)
    assert (code, told["verdict"], told["head"]["hash"]) == (0, "agrees", head.partition(":")[2])


def test_the_command_disagrees_with_exit_4_and_names_at_most_twenty(tampered, monkeypatch, capsys):
    with tampered("marts.mart_revisions", "update marts.mart_revisions set days_since_before = 1"):
        code, out, err = run(monkeypatch, capsys)
        assert code == 4
        assert out.count("days_since_before") == 20 and "and 244 more" in out
        assert "sanad: full verification: " in err and err.strip().endswith("264 disagreements")
        code, out, _ = run(monkeypatch, capsys, "--json")
        told = json.loads(out)
        assert (code, told["verdict"], len(told["disagreements"])) == (4, "disagrees", 264)
        assert {one["measure"] for one in told["disagreements"]} == {"days_since_before"}
        assert len(newest().disagreements) == 100


def test_a_wrong_call_is_told_so_with_exit_2(built, monkeypatch, capsys):
    assert run(monkeypatch, capsys, "--sample", "3", "--changed")[0] == 2
    assert run(monkeypatch, capsys, "--head", "abc")[0] == 2
    assert run(monkeypatch, capsys, "--mart", "nothing")[0] == 2
