"""Registers: every field of an entry is what stands at the field's own locator."""

from __future__ import annotations

import json

import pytest
from parsers.written import as_csv, xls, xlsx

from sanad.registry import dataset
from sanad.verify.known import Release
from sanad.verify.staging import check

HEADINGS, ROW = ["Certificate No", "Name", "Place"], ["Z-25/00123", "A firm", "Lahore"]
TABLE = [["Registered 2026-02"], HEADINGS, [], ROW]
JSON = json.dumps([{"no": "Z-25/00123", "name": "A firm", "place": None, "seats": 40, "open": True}]).encode()


def entry(**fields):
    return {"entry_id": 1, "kind": "firm", "fields": {
        name: {"value": text, "as_printed": text, "locator": locator} for name, (text, locator) in fields.items()
    }}  # fmt: skip


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
    faults, readers = told(release, register, CONTENT[kind], entry(**good))
    assert faults == []
    assert [one.split()[0] for one in readers] == [reader]
    planted = good | {
        "name": ("Another firm", name),
        "place": (ROW[2], certificate),
        "certificate_no": (ROW[0], "nowhere"),
    }
    assert told(release, register, CONTENT[kind], entry(**planted))[0] == [
        ("certificate_no", "nowhere", "no such place"),
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
    row = entry(name=("Somebody Else", "cell=4,2"))
    done = check(release, [], [row], {"file": CONTENT["csv"]}, register, None)
    assert len(done.disagreements) == 1
    assert not any(word in str(done.disagreements[0]) for word in ("Somebody", "A firm"))


def test_a_file_without_a_second_reader_is_said_to_be_uncovered(release, register):
    done = check(release, [], [entry(name=("A firm", "/html/body/p"))], {"file": b"%PDF-1.7"}, register, None)
    assert done.unread == {"a/register@2026-02: no second reader for PDF"}
    assert (done.counts["fields"], done.disagreements) == (0, [])
