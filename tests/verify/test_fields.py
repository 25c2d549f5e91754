"""Registers: every value of an entry is what its printed text says; one that was edited is named with its place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from parsers.written import WRITERS, as_csv, html
from registers.conftest import card, exported, page, record, reply

from sanad.extract import read_release
from sanad.local.handed_over import synthetic_registers
from sanad.redact import redact
from sanad.registry import dataset
from sanad.verify.fields import misread
from sanad.verify.known import Event, Release
from sanad.verify.staging import check
from sanad.words import ids


@pytest.fixture
def release():
    return Release(1, "a/register", "f" * 64, "synthetic", None, None, "stated", None, None, edition="2026-02")


HEADS = (
    "<div class='staff-holder'><span>1,200</span> Staff</div><div class='experience'>12 Yrs Experience</div>"
    "<div class='staff-holder'>40 Seats</div>"
)
LIST = [
    ["List of February 2026"],
    ["Certificate No", "Name", "City", "Category", "Valid From", "Valid Till", "Website"],
    ["Z-25-00123/96", "A firm (Pvt) Ltd", "Lahore", "Call Centre (Branch)", "Oct 2025", "30-09-2026", None],
    ["Z-25-00124/26", "Second", "Multan", "Consortium", "2026-01-15", "Dec-2026", "www.second.example"],
]


@pytest.mark.parametrize("form", [*WRITERS, "html"])
def test_every_row_of_every_form_is_read_again_and_is_right(release, form):
    source, content = dataset("pseb/registration_list"), {**WRITERS, "html": html}[form](LIST)
    rows = staged(source, content)
    done = check(release, [], rows, {"file": redact(source, "file", content).content}, source, None)
    assert (done.disagreements, done.unread) == ([], set())
    assert done.counts["fields"] == sum(len(row["fields"]) for row in rows) >= 14


def staged(source, content: bytes) -> list[dict[str, object]]:
    """The rows of a file as they are staged."""
    reading = read_release(source, {"file": redact(source, "file", content).content})
    return [
        {name: getattr(one, name) for name in ("locator", "kind", "portal_key", "certificate_no", "name", "place",
                                               "valid_from_month", "valid_till_month", "status")}
        | {"entry_id": ids.figure_id(1, one.ordinal),
           "fields": {name: told._asdict() for name, told in one.fields.items()}}
        for one in reading.entries
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "planted"),
    [
        ("kind", {"kind": "company"}),
        *((name, {"fields": {name: value}}) for name, value in {
            "name": "Another firm (Pvt) Ltd", "valid_till": "2026-10", "registered_year": 2096, "branch": False,
            "kind": "Call Centre",
        }.items()),
    ],
)  # fmt: skip
def test_a_value_or_a_column_that_was_edited_is_named(release, what, planted):
    source, content = dataset("pseb/registration_list"), as_csv(LIST)
    first, second = staged(source, content)
    for column, value in planted.items():
        if column == "fields":
            ((name, edited),) = value.items()
            first["fields"][name] = first["fields"][name] | {"value": edited}
        else:
            first[column] = value
    done = check(release, [], [first, second], {"file": redact(source, "x", content).content}, source, None)
    assert what in {one.measure for one in done.disagreements}
    assert {one.key for one in done.disagreements} == {f"entry {first['entry_id']}"}
    assert all(one.locator in {"row=3", *(f"cell=3,{n}" for n in range(1, 8))} for one in done.disagreements)


@pytest.mark.parametrize(
    ("source", "content"),
    [
        ("pseb/registry_export", exported(record(1, status=True, archived_at=None), record(2, city_name="Café"))),
        ("pseb/certificate", reply()),
        ("pseb/tech_hub", page(card("A firm", more=HEADS), card("B", kind="tech-callcenter-profile"))),
    ],
)
def test_other_registers_are_read_again_and_are_right(release, source, content):
    source = dataset(source)
    rows = staged(source, content)
    done = check(release, [], rows, {"file": redact(source, "file", content).content}, source, None)
    assert (done.disagreements, done.unread) == ([], set())
    first = next(row for row in rows if len(row["fields"]) > 4)
    for name, field in first["fields"].items():
        spoilt = first | {
            "fields": first["fields"] | {name: field | {"value": SPOILT.get(type(field["value"]), "2001-01")}}
        }
        told = check(release, [], [spoilt], {"file": redact(source, "file", content).content}, source, None)
        assert name in {one.measure for one in told.disagreements}, name


#: Another value of the type.
SPOILT = {int: -7, list: ["Another"], bool: None}


@pytest.mark.parametrize(
    ("name", "printed", "value"),
    [
        ("name", "Caf\u00c3\u00a9 Firm", "Caf\u00e9 Firm"), ("valid_from", "45945", "2025-10"),
        ("valid_from", "15.10.2025", "2025-10"), ("name", "\u202bfirm  name\u202c", "firm name"),
    ],
)  # fmt: skip
def test_what_a_parser_mends_is_mended_here_too(name, printed, value):
    row = {
        "kind": None,
        "locator": "row=1",
        "fields": {name: {"value": value, "as_printed": printed, "locator": "cell=1,1"}},
    }
    assert list(misread(row, dataset("pseb/registration_list"))) == []


@pytest.mark.parametrize(
    ("further", "was", "said"),
    [
        (0, {"place": "Lahore"}, None), (0, {"place": "Multan"}, "others"), (0, {"owner": "x"}, "others"),
        (1, {"place": "Lahore"}, "no such entry"),
    ],
)  # fmt: skip
def test_a_correction_in_force_is_of_an_entry_as_it_is_staged(release, further, was, said):
    rows = staged(dataset("pseb/registration_list"), as_csv(LIST))
    held = {"correction": "a/b:c", "entry_id": str(rows[0]["entry_id"] + further), "was": was}
    release.events = [Event(1, None, "corrected", "x", "y", None, {"corrections": [held]})]
    done = check(release, [], rows, {}, None, None)
    assert [one.found for one in done.disagreements] == ([said] if said else [])
    withdrawn = Event(2, None, "corrected", "x", "y", None, {"corrections": []})
    after = replace(release, events=[*release.events, withdrawn])
    assert check(after, [], [], {}, None, None).disagreements == []


BUNDLED = {(one.dataset, one.name.rpartition(".")[2]): one for one in synthetic_registers() if one.name[-4:] != ".pdf"}


@pytest.mark.parametrize("key", BUNDLED, ids=" .".join)
def test_what_is_bundled_is_read_again_and_is_right(release, key):
    source, content = dataset(key[0]), BUNDLED[key].render()
    rows = staged(source, content)
    done = check(release, [], rows, {"file": redact(source, "file", content).content}, source, None)
    assert (done.disagreements, done.unread) == ([], set())
    assert done.counts["fields"] > 5
