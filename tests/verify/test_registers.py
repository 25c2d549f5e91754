"""Registers: every field of an entry is what stands at the field's own locator."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from parsers.written import as_csv, pdf, xls, xlsx
from registers.conftest import ROWS

from sanad.extract import read_release
from sanad.local.registers.tables import Table, write
from sanad.redact import redact
from sanad.registry import dataset
from sanad.verify.known import Release
from sanad.verify.staging import check
from sanad.words import ids

HEADINGS, ROW = ["Certificate No", "Name", "Place"], ["Z-25/00123", "A firm", "Lahore"]
TABLE = [["Registered 2026-02"], HEADINGS, [], ROW]
JSON = json.dumps([{"no": "Z-25/00123", "name": "A firm", "place": None, "seats": 40, "open": True}]).encode()


FIRST = {"xls": 4, "xlsx": 4, "csv": 4}  # cells that stand before the row
LOCATOR = {"xls": "'Data '!4:4", "xlsx": "'Data '!4:4", "csv": "row=4"}


def entry(locator="", ordinal=0, **fields):
    """An entry as it is staged: its columns repeat its fields."""
    names = ("portal_key", "certificate_no", "name", "place", "status", "valid_from_month", "valid_till_month")
    return {
        "entry_id": ids.figure_id(1, ordinal),
        "kind": "firm",
        "locator": locator,
        **{name: fields[name][0] if name in fields else None for name in names},
        "fields": {name: {"value": text, "as_printed": text, "locator": at} for name, (text, at) in fields.items()},
    }


@pytest.fixture
def register():
    return dataset("sbp/trade_in_services").model_copy(update={"kind": "register", "layouts": []})


@pytest.fixture
def release():
    return Release(1, "a/register", "f" * 64, "synthetic", None, None, "stated", None, None, edition="2026-02")


def told(release, register, content, row):
    done = check(release, [], [row], {"file": content}, register, None)
    assert done.counts["fields"] == len(row["fields"])
    return [(one.measure, one.locator, one.found) for one in done.disagreements], done.readers


AT = {
    "xls": ("'Data '!A4", "'Data '!B4", "'Data '!C4"),
    "xlsx": ("'Data '!A4", "'Data '!B4", "'Data '!C4"),
    "csv": ("cell=4,1", "cell=4,2", "cell=4,3"),
}
CONTENT = {"xls": xls(TABLE), "xlsx": xlsx(TABLE), "csv": as_csv(TABLE)}


@pytest.mark.parametrize(("kind", "reader"), [("xls", "calamine"), ("xlsx", "openpyxl"), ("csv", "pandas")])
def test_fields_of_a_row(release, register, kind, reader):
    certificate, name, place = AT[kind]
    good = {"certificate_no": (ROW[0], certificate), "name": (ROW[1], name), "place": (ROW[2], place)}
    at = {"locator": LOCATOR[kind], "ordinal": FIRST[kind]}
    faults, readers = told(release, register, CONTENT[kind], entry(**at, **good))
    assert faults == []
    assert [one.split()[0] for one in readers] == [reader]
    planted = good | {
        "name": ("Another firm", name),
        "place": (ROW[2], certificate),
        "certificate_no": (ROW[0], "nowhere"),
    }
    assert told(release, register, CONTENT[kind], entry(**at, **planted))[0] == [
        ("certificate_no", "nowhere", "no such place"),
        ("certificate_no", "nowhere", f"one outside {LOCATOR[kind]}"),
        ("name", name, "another text"),
        ("place", certificate, "another text"),
    ]


def test_fields_of_a_json_reply(release, register):
    good = {
        "no": ("Z-25/00123", "/0/no"),
        "place": ("", "/0/place"),
        "seats": ("40", "/0/seats"),
        "open": ("true", "/0/open"),
    }
    assert told(release, register, JSON, entry(**good))[0] == []
    planted = {
        "place": ("Lahore", "/0/place"),
        "seats": ("41", "/0/seats"),
        "open": ("false", "/0/open"),
        "name": ("x", "/1/name"),
    }
    assert told(release, register, JSON, entry(**planted))[0] == [
        ("place", "/0/place", "nothing"),
        ("seats", "/0/seats", "another text"),
        ("open", "/0/open", "another text"),
        ("name", "/1/name", "no such place"),
    ]


def test_what_stands_in_a_register_is_in_no_disagreement(release, register):
    """A field may be a person's business contact."""
    row = entry("row=4", 4, name=("Somebody Else", "cell=4,2"))
    done = check(release, [], [row], {"file": CONTENT["csv"]}, register, None)
    assert len(done.disagreements) == 1
    assert not any(word in str(done.disagreements[0]) for word in ("Somebody", "A firm"))


def test_a_file_that_the_second_reader_cannot_read_is_said_to_be_uncovered(release, register):
    done = check(release, [], [entry(name=("A firm", "/html/body/p"))], {"file": b"%PDF-1.7"}, register, None)
    [said] = done.unread
    assert said.startswith("a/register@2026-02: pdf cannot read it: ")
    assert (done.counts["fields"], done.disagreements) == (0, [])


AN_ENTRY = {"certificate_no": (ROW[0], "cell=4,1"), "name": (ROW[1], "cell=4,2"), "place": (ROW[2], "cell=4,3")}


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        ({"name": "Another firm"}, ("name", "row=4", "another text")),
        ({"certificate_no": None}, ("certificate_no", "row=4", "another text")),
        ({"status": "active"}, ("status", "row=4", "another text")),
        ({"valid_till_month": "2030-01-01"}, ("valid_till_month", "row=4", "another text")),
        ({"entry_id": ids.figure_id(2, 4)}, ("entry_id", "row=4", "one of 2")),
        ({"entry_id": ids.figure_id(1, 3)}, ("entry_id", "row=4", f"entry {ids.figure_id(1, 3)}")),
        ({"locator": "row=5"}, ("place", "cell=4,3", "one outside row=5")),
    ],
)
def test_columns_ids_and_places_of_an_entry(release, register, planted, named):
    """The registers' models read the columns; canonical_sha256 covers the fields alone."""
    row = entry("row=4", 4, **AN_ENTRY)
    assert told(release, register, CONTENT["csv"], row)[0] == []
    assert named in told(release, register, CONTENT["csv"], row | planted)[0]


def test_rows_that_changed_places_have_ids_that_do_not_count_on(release, register):
    rows = [["Name", "Place"], ["First firm", "Lahore"], ["Second firm", "Quetta"]]

    def entries(*ordinals):
        return [
            entry(f"row={n}", ordinal, name=(text, f"cell={n},1"))
            for n, ordinal, (text, _) in zip((2, 3), ordinals, rows[1:], strict=True)
        ]

    def faults(*ordinals):
        listed = sorted(entries(*ordinals), key=lambda row: row["entry_id"])
        done = check(release, [], listed, {"file": as_csv(rows)}, register, None)
        return [one.measure for one in done.disagreements]

    assert faults(2, 4) == []
    assert faults(4, 2) == ["entry_id"]


# ---- PDF


@pytest.fixture(scope="module", params=[True, False], ids=["ruled", "without rules"])
def listed(request):
    """A list as a PDF, as it is archived, and its entries as they are staged."""
    lists = dataset("pseb/registration_list")
    content = redact(lists, "list.pdf", pdf(ROWS, lines=request.param)).content
    fields = [
        {name: (one.as_printed, one.locator) for name, one in read.fields.items()}
        for read in read_release(lists, {"list.pdf": content}).entries
    ]
    return content, fields, request.param


def test_every_field_of_a_pdf_is_found_again(release, register, listed):
    content, entries, _ = listed
    assert len(entries) == 3
    for fields in entries:
        named = {
            name: field for name, field in fields.items() if not name.startswith(("valid_", "registered_", "branch"))
        }
        faults, readers = told(release, register, content, entry("page=1&row=4", **named))
        assert faults == []
        assert [reader.split()[0] for reader in readers] == ["pdfplumber"], "pdfium parsed it"


def test_a_field_of_a_pdf_that_is_not_what_stands_there(release, register, listed):
    content, (first, second, _), is_ruled = listed
    name, place = first["name"], first["place"]
    left, top, width, height = map(float, name[1].partition("viewrect=")[2].split(","))
    half = f"page=1&viewrect={left},{top},{width / 2:.1f},{height}"
    planted = {
        "name": ("Another firm", name[1]),
        "place": (place[0], second["name"][1]),
        "certificate_no": (first["certificate_no"][0], "page=2&viewrect=1.0,1.0,1.0,1.0"),
        "status": ("active", "page=1&viewrect=800.0,580.0,9.0,9.0"),
        "kind": ("First Synthetic", half),
    }
    found = {name: said for name, _, said in told(release, register, content, entry("page=1&row=4", **planted))[0]}
    assert found == {
        "name": "another text",
        "place": "another text",
        "certificate_no": "one outside page=1&row=4",
        "status": "nothing",
        **({"kind": "another text"} if is_ruled else {}),
    }, "half a cell is no field where rules say what a cell is"


def test_days_in_cells_of_a_register_are_shown_as_days(release, register):
    """A list's .xls holds days as dates; each is printed in full."""
    lists = dataset("pseb/registration_list")
    days = (date(2025, 10, 1), date(2026, 9, 30))
    content = write(Table((), tuple(ROWS[2]), ((*ROWS[3][:4], *days),), datetime(2026, 2, 5, tzinfo=UTC)), "xls")
    content = redact(lists, "list.xls", content).content
    [read] = read_release(lists, {"list.xls": content}).entries
    printed = {name: field.as_printed for name, field in read.fields.items()}
    assert (printed["valid_from"], printed["valid_till"]) == ("2025-10-01", "2026-09-30")
    row = entry(
        read.locator, read.ordinal, **{name: (field.as_printed, field.locator) for name, field in read.fields.items()}
    ) | {"valid_from_month": read.valid_from_month, "valid_till_month": read.valid_till_month}
    for name, field in read.fields.items():
        row["fields"][name]["value"] = field.value
    assert told(release, register, content, row)[0] == []
    row["fields"]["valid_till"]["as_printed"] = "2026-09-29"
    assert [one[::2] for one in told(release, register, content, row)[0]] == [("valid_till", "another text")]
