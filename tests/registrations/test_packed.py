"""An audit pack of a mart of registers verifies its entries and counts from itself alone, and sees what was touched."""

from __future__ import annotations

import pytest
from integration.test_audit_pack import disagrees, edited, plant, unpacked, verified
from registrations.conftest import CENTRE
from registrations.test_traced import KARACHI

from sanad.lineage import trace
from sanad.lineage.pack import audit_pack

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("registered")]


@pytest.fixture
def pack(tmp_path):
    return unpacked(audit_pack(trace("mart_registrations", KARACHI)), tmp_path / "pack")


@pytest.mark.parametrize(
    ("mart", "key", "unchecked"),
    [
        ("mart_registrations", KARACHI, 0),
        ("dim_registrant", f"certificate:{CENTRE[0]}", 0),
        ("fct_registration", f"certificate:{CENTRE[0]}/certificate:{CENTRE[0]}/2024-09-05", 0),
        ("mart_registered_counts", "n0081", 1),  # the claim itself stands in a JSON document, in no cell
    ],
)
def test_a_pack_verifies_its_entries(tmp_path, mart, key, unchecked):
    code, said = verified(unpacked(audit_pack(trace(mart, key)), tmp_path))
    assert code == 0, said
    assert f"0 disagree, {unchecked} could not be checked here" in said
    assert "entry " in said


def first(chain):
    return chain["entries"][0]["fields"][0]


EDITS = [
    (lambda chain: first(chain).update(as_printed="Somebody"), "at cell="),
    (lambda chain: first(chain).update(locator="cell=1,1"), "at cell=1,1"),
    (lambda chain: first(chain).update(locator="cell=99,9"), "at cell=99,9"),
    (lambda chain: first(chain).update(value_used="Somebody"), "value used"),
    (lambda chain: chain["entries"][0].update(is_dropped=True), "left out"),
    (lambda chain: chain["entries"].pop(), "entries of"),
    (lambda chain: chain["members"].pop(), "moved_in = count(members)"),
    (lambda chain: chain["members"].append(dict(chain["members"][0])), "counted twice"),
    (lambda chain: chain["row"].update(registered=4), "registered of the row"),
    (lambda chain: chain["measures"][0].update(value=4), "registered = count(members)"),
]


@pytest.mark.parametrize(("change", "said"), EDITS, ids=range(len(EDITS)))
def test_what_was_touched_is_named(pack, change, said):
    plant(pack, "chain.json", edited(change))
    disagrees(pack, said)


def test_a_row_of_the_register_that_was_touched_is_named(pack):
    (source, *_) = sorted(path.relative_to(pack).as_posix() for path in (pack / "sources").rglob("*.csv"))
    plant(pack, source, lambda content: content.replace(b"Karachi", b"Multan"))
    disagrees(pack, "source", "entry")


def test_the_page_shows_them(pack):
    page = (pack / "index.html").read_text()
    assert "Who is counted" in page
    for entry in trace("mart_registrations", KARACHI).entries:
        assert f'id="entry-{entry["entry_id"]}"' in page
