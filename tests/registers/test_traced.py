"""An entry is corrected as declared, traced to its place, and verified field by field."""

from __future__ import annotations

import json
from datetime import date

import pytest
from helpers import rows
from integration.test_audit_pack import disagrees, edited, plant, unpacked, verified
from parsers.written import as_csv
from registers.conftest import ROWS, reply
from typer.testing import CliRunner

from corrections import correction, folder
from sanad.cli.commands import app
from sanad.decide import Arrival, builds, ingest
from sanad.lineage import trace, trace_entry
from sanad.lineage.pack import audit_pack
from sanad.registry import dataset
from sanad.verify import verify
from sanad.warehouse.connect import Role, connection
from sanad.words.errors import UsageError
from sanad.words.vocabulary import Origin

pytestmark = pytest.mark.warehouse
LIST = "pseb/registration_list"
CORRECTIONS = [
    correction("moved", entry={"certificate_no": "Z-25-0010/96"}, expect={"place": "Rawalpindi"},
               set={"place": "Islamabad", "valid_till": "2026-12", "kind": "call_centre"}),
    correction("twice", "drop", entry={"locator": "row=5"}, expect={"name": "Second Synthetic Firm"}),
    correction("asked", "flag", entry={"locator": "row=6"}, expect={"place": "Karachi"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def listed(shared_installation, tmp_path_factory) -> int:
    """A list of three rows, each corrected in another way, and a certificate; built. The list's release."""
    with pytest.MonkeyPatch.context() as patch:
        folder(tmp_path_factory.mktemp("corrections"), patch).declare(*CORRECTIONS, dataset=LIST)
        arrival = Arrival({"list.csv": as_csv(ROWS)}, Origin.SYNTHETIC, "tester", "handed over")
        done = ingest(dataset(LIST), arrival)
        assert done.corrected == 3
        certificate = Arrival({"x.json": reply()}, Origin.SYNTHETIC, "tester", "handed over")
        ingest(dataset("pseb/certificate"), certificate)
        builds.build()
        yield done.release_id


def test_corrected_entries_reach_a_model_and_staged_ones_stay(listed):
    found = rows(
        "select certificate_no, kind, place, valid_till_month, corrected, is_dropped"
        " from intermediate.int_registers__correct where release_id = %s order by entry_id", listed,
    )  # fmt: skip
    assert found == [
        ("Z-25-0010/96", "call_centre", "Islamabad", date(2026, 12, 1), True, False),
        ("Z-25-20500/26", "call_centre", "Lahore", date(2026, 12, 1), True, True),
        ("CC-1/26-B2", "call_centre", "Karachi", date(2026, 12, 1), True, False),
    ]
    assert rows("select corrected from intermediate.int_registers__correct where release_id <> %s", listed) == [
        (False,)
    ]
    assert rows("select place from staging.entry where release_id = %s order by entry_id limit 1", listed) == [
        ("Rawalpindi",)
    ]


def test_an_entry_is_traced_by_its_id_its_row_and_any_of_its_cells(listed):
    ((entry_id,),) = rows("select min(entry_id) from staging.entry where release_id = %s", listed)
    chain = trace_entry(str(entry_id))
    for place in ("row=4", "cell=4,2", "cell=4,5"):
        assert trace_entry(f"{LIST}@2026-02!{place}") == chain
    told = {one["field"]: one for one in chain.fields}
    assert (told["place"]["value"], told["place"]["value_used"]) == ("Rawalpindi", "Islamabad")
    assert told["name"] == {
        "field": "name", "value": "First Synthetic Firm (Pvt) Ltd", "as_printed": "First Synthetic Firm (Pvt) Ltd",
        "locator": "cell=4,2", "value_used": "First Synthetic Firm (Pvt) Ltd",
    }  # fmt: skip
    assert [event["event"] for event in chain.release["custody"]] == ["received", "accepted", "corrected"]
    assert chain.models == ["stg_pseb__registration_list", "int_registers__correct"]
    assert trace_entry(f"{LIST}@2026-02!row=5").is_dropped
    (only,) = trace_entry(str(entry_id), "valid_from").fields
    assert (only["value"], only["locator"]) == ("2025-10", "cell=4,5")


def test_a_correction_says_which_event_put_it_in_force_and_stands_in_the_pack(listed, tmp_path):
    ((entry_id,),) = rows("select min(entry_id) from staging.entry where release_id = %s", listed)
    (correction,) = trace_entry(str(entry_id)).corrections
    ((seq, actor),) = rows(
        "select seq, actor from archive.ledger where release_id = %s and event = 'corrected'", listed
    )
    assert (correction["event"]["seq"], correction["event"]["actor"]) == (seq, actor)
    code = "certificate:Z-25-0010/96"
    pack = unpacked(audit_pack(trace("dim_registrant", code)), tmp_path / "pack")
    (entry,) = [one for one in trace("dim_registrant", code).entries if one["entry_id"] == str(entry_id)]
    assert {one["field"]: one["value_used"] for one in entry["fields"]}["place"] == "Islamabad"
    assert entry["corrections"] == [correction]
    exit_code, said = verified(pack)
    assert exit_code == 0, said

    def raw(chain):
        fields = {one["field"]: one for entry in chain["entries"] for one in entry["fields"]}
        fields["place"]["value_used"] = "Rawalpindi"

    plant(pack, "chain.json", edited(raw))
    disagrees(pack, "place at cell=4,3, value used")


@pytest.mark.parametrize(
    ("name", "field", "said"),
    [
        ("12345", None, "of no staged figure or entry"), (f"{LIST}@2026-02", None, "names no entry: give its id"),
        (f"{LIST}@2026-02!row=99", None, "no staged figure or entry at row=99"),
        (f"{LIST}@1999-01!row=4", None, "no release"),
        (f"{LIST}@2026-02!row=4", "owner", "has no field owner: it has "),
    ],
)  # fmt: skip
def test_what_is_no_entry_is_told_so(listed, name, field, said):
    with pytest.raises(UsageError, match=said):
        trace_entry(name, field)


def test_the_command(listed):
    call = CliRunner().invoke
    shown = call(app, ["trace", "entry", f"{LIST}@2026-02!cell=4,3"])
    assert shown.exit_code == 0, shown.output
    assert "shown   'Rawalpindi' at cell=4,3" in shown.stdout
    assert "instead Islamabad is used" in shown.stdout
    assert "override by pseb/registration_list:moved" in shown.stdout
    told = json.loads(call(app, ["trace", "entry", f"{LIST}@2026-02!row=4", "--measure", "place", "--json"]).stdout)
    assert (told["fields"][0]["value_used"], told["release"]["release"]["handle"]) == ("Islamabad", f"{LIST}@2026-02")
    assert isinstance(told["entry_id"], str)
    assert isinstance(call(app, ["trace", "entry", "1", "--as-of", "2026-01-01"]).exception, UsageError)


EDITS = [
    ("fields = jsonb_set(fields, '{place,value}', '\"Peshawar\"')", "place", "cell=4,3"),
    ("fields = jsonb_set(fields, '{valid_till,value}', '\"2031-09\"')", "valid_till", "cell=4,6"),
    ("fields = jsonb_set(fields, '{name,as_printed}', '\"Somebody Else\"')", "name", "cell=4,2"),
    ("fields = jsonb_set(fields, '{name,locator}', '\"cell=5,2\"')", "name", "cell=5,2"),
    ("kind = 'call_centre'", "kind", "cell=4,4"),
]


@pytest.mark.parametrize(("edit", "field", "place"), EDITS, ids=[field for _, field, _ in EDITS])
def test_verify_names_the_row_the_field_and_the_place_of_what_was_edited(listed, edit, field, place):
    assert verify().disagreements == []
    ((entry_id,),) = rows("select min(entry_id) from staging.entry where release_id = %s", listed)
    with connection(Role.ADMIN) as admin:
        ((before,),) = admin.execute("select to_jsonb(entry) from staging.entry where entry_id = %s", [entry_id])
        admin.execute(f"update staging.entry set {edit} where entry_id = %s", [entry_id])
    try:
        found = verify().disagreements
    finally:
        with connection(Role.ADMIN) as admin:
            was = [json.dumps(before["fields"]), before["kind"], entry_id]
            admin.execute("update staging.entry set fields = %s, kind = %s where entry_id = %s", was)
    named = [(one.key, one.measure, one.locator) for one in found if one.area == "registers"]
    assert (f"entry {entry_id}", field, place) in named
    assert not any("Peshawar" in str(one) or "Somebody" in str(one) for one in found)
