"""Whom each row names, kept in the warehouse: one identity a row, written only when something is otherwise."""

from __future__ import annotations

from datetime import date

import pytest
from helpers import build_marts, rows
from parsers.written import as_csv
from registers.conftest import ROWS

from corrections import correction, folder
from sanad.decide import Arrival, builds, corrections, decisions, ingest, links
from sanad.registry import dataset
from sanad.warehouse import dbt
from sanad.words.ids import Handle
from sanad.words.vocabulary import Origin

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("installation")]
LIST = "pseb/registration_list"


def take(*listed, day, of=LIST):
    content = as_csv([[f"As on {day:%d %B %Y}"], ROWS[2], *listed])
    return ingest(dataset(of), Arrival({"list.csv": content}, Origin.SYNTHETIC, "tester", "given", stated_on=day))


def kept():
    return rows(
        "select entry_id::text, registrant_code, place_code, linked_by, is_branch, probability::float"
        " from staging.identity as one order by one.entry_id"
    )


def resolved():
    return [
        (one.row_id, one.registrant_code, one.place_code, one.by, one.is_branch, one.probability)
        for one in sorted(links.resolution().identities, key=lambda one: int(one.row_id))
    ]


def test_the_table_is_what_linking_says_and_is_touched_only_when_due(monkeypatch, tmp_path):
    assert builds.resolve() == 0
    first = take(*ROWS[3:], day=date(2026, 2, 5))
    assert builds.resolve() == 3
    assert kept() == resolved()
    assert builds.resolve() is None, "the ledger says nothing new"

    take(["", *ROWS[3][1:]], day=date(2026, 3, 5))
    assert builds.resolve() == 1
    assert kept() == resolved()
    assert [row[3] for row in kept()].count("name") == 2, "a branch, and a row without a number"
    assert rows("select * from staging.identity_changed") == [], "a row that is new changes nobody"

    declared = folder(tmp_path, monkeypatch)
    declared.declare(
        correction("moved", entry={"certificate_no": "Z-25-0010/96"}, expect={"place": "Rawalpindi"},
                   set={"place": "Islamabad"}), dataset=LIST)  # fmt: skip
    corrections.apply("tester")
    assert builds.resolve() == 4, "the row, and the other, which was linked to it by name and place"
    assert kept() == resolved()

    decisions.retract(Handle(LIST, sha256=first.sha256), "tester", "taken back")
    builds.resolve()
    assert kept() == resolved()
    assert {code for (code,) in rows("select * from staging.identity_changed")} >= {"certificate:Z-25-0010/96"}


def test_other_rules_resolve_anew(monkeypatch):
    take(*ROWS[3:], day=date(2026, 2, 5))
    assert builds.resolve() == 3
    monkeypatch.setattr("sanad.decide.builds._rules", lambda: "other weights")
    assert builds.resolve() == 0, "looked at, and found the same"
    assert builds.resolve() is None


def test_a_register_that_comes_while_a_build_begins_waits_for_the_next(monkeypatch):
    take(*ROWS[3:4], day=date(2026, 2, 5))
    before = rows("select max(seq) from archive.ledger")

    def late():
        builds.resolve()
        take(*ROWS[3:], day=date(2026, 3, 5))

    dbt.build(select="stg_pseb__registration_list", prepare=late)
    assert rows("select ledger_seq from ops.build order by build_id desc limit 1") == before
    assert not dbt.standing().up_to_date


def test_verification_resolves_again_and_finds_what_was_planted():
    from sanad.verify import verify
    from sanad.warehouse.connect import Role, connection

    take(*ROWS[3:], day=date(2026, 2, 5))
    build_marts(builds.build)
    report = verify()
    assert report.disagreements == []
    table = report.marts["staging.identity"]
    assert (table.verify_class, table.rows, table.values) == (3, 3, 1), "the branch was linked by its name"
    with connection(Role.OWNER) as planting:
        planting.execute("update staging.identity set registrant_code = 'certificate:X' where linked_by = 'name'")
    (fault,) = [one for one in verify().disagreements if one.area == "registers"]
    assert fault.subject == "staging.identity"
    assert "certificate:X" in fault.found
