"""Rows and files that nobody should have sent: a bad row goes alone, a bad file goes whole, nothing goes through."""

import io
import json
import re
import zipfile
from datetime import date

import openpyxl
import pytest
from parsers.written import as_csv, html, saved, xlsx
from parsers.written import changed as repacked
from registers.conftest import ROWS, card, changed, exported, page, record, taken

from sanad.extract.registers import RAW_MOST
from sanad.gates import Occasion, judge
from sanad.redact import redact
from sanad.words.errors import NotKept

URDU = "پاکستان سافٹ ویئر"


def judged(source, reading, published_on=date(2026, 2, 6)):
    return [str(finding) for finding in judge(Occasion(source, reading, published_on))]


def only_rejected(found):
    (row,) = found.rejected
    assert len(found.entries) == 2
    return row


@pytest.mark.parametrize(
    ("cells", "gate", "reason"),
    [
        ({"B4": None}, "name", "expected a name, found none"),
        ({"B4": "=cmd|' /C calc'!A0"}, "formula", "no spreadsheet would run"),
        ({"B4": "@SUM(1+1)"}, "formula", "no spreadsheet"),
        ({"C4": "-2+3+cmd"}, "formula", "no spreadsheet"),
        ({"B4": "+cmd|' /C calc'!A0"}, "formula", "no spreadsheet"),
        ({"B4": "\t=1+1"}, "formula", "no spreadsheet"),
        ({"B4": "<script>alert(1)</script> Ltd"}, "markup", "without markup"),
        ({"A4": "MFHL-45084-RXKH"}, "certificate_no", "which is something else"),
        ({"A4": "Z-25-30000/31"}, "certificate_no", "a number given by 2025"),
        ({"E4": "soon"}, "validity", "a month such as Oct 2025"),
        ({"E4": "Oct 2026", "F4": "Sep 2026"}, "validity", "an end not before the beginning, 2026-10, found 2026-09"),
        ({"B4": "x" * 10_000_000}, "length", "at most 2,000 letters, found 10,000,000"),
        ({"B4": "Firm\x01"}, "encoding", "in one encoding"),
        ({"B4": "Firm \ufffd"}, "encoding", "in one encoding"),
    ],
)
def test_a_bad_row_goes_alone(lists, cells, gate, reason):
    row = only_rejected(taken(lists, as_csv(changed(**cells))))
    assert (row.gate, row.locator) == (gate, "row=4")
    assert reason in row.reason
    assert row.raw
    assert len(row.raw) <= RAW_MOST + 40
    row.raw.encode()  # it can be written down


def test_a_formula_without_its_value_is_no_value(lists):
    book = openpyxl.Workbook()
    for row in changed(B4="=A1&A2"):
        book.active.append(row)
    row = only_rejected(taken(lists, saved(book)))
    assert (row.gate, "never computed" in row.reason) == ("cell", True)


def test_a_saved_formula_is_its_value_and_stays_out_of_the_archive(lists):
    book = openpyxl.Workbook()
    for row in changed(C4='=HYPERLINK("http://evil.example","Lahore")'):
        book.active.append(row)

    def computed(xml):
        return re.sub(rb'(<c r="C4")', rb'\1 t="str"', re.sub(rb"</f><v\s*/>|</f><v></v>", b"</f><v>Lahore</v>", xml))

    content = repacked(saved(book), xl__worksheets__sheet1_xml=computed)
    kept = redact(lists, "x.xlsx", content).content
    assert taken(lists, content).entries[0].place == "Lahore"
    with zipfile.ZipFile(io.BytesIO(kept)) as package:
        assert b"evil.example" not in b"".join(map(package.read, package.namelist()))


def test_encodings_that_are_mixed_cost_the_rows_they_are_mixed_in(lists):
    good = as_csv(changed(B4=f"{URDU} Ltd"))
    row = only_rejected(taken(lists, good.replace(b"Second Synthetic Firm,Lahore", b"Caf\xe9 Firm,Lahore")))
    assert (row.gate, row.locator) == ("encoding", "row=5")
    assert r"Caf\udce9 Firm" in row.raw


def test_what_utf_8_became_as_windows_1252_is_undone_and_told(lists):
    scrambled = "Café Zürich".encode().decode("cp1252")
    found = taken(lists, as_csv(changed(B4=scrambled)))
    name = found.entries[0].fields["name"]
    assert (name.value, name.as_printed) == ("Café Zürich", scrambled)
    assert any("1 fields in which UTF-8 was taken" in one for one in judged(lists, found))


def test_marks_of_direction_are_no_part_of_a_name_and_urdu_is(lists):
    found = taken(lists, as_csv(changed(B4=f"\u202b{URDU}\u202c\u200f", B5="Second\u00a0Synthetic\u200b Firm")))
    assert [entry.name for entry in found.entries[:2]] == [URDU, "Second Synthetic Firm"]
    assert found.entries[0].fields["name"].as_printed == f"\u202b{URDU}\u202c\u200f"


@pytest.mark.parametrize(
    ("number", "year"),
    [
        ("Z-25-0010/96", 1996),
        ("Z-25-00011/70", 1970),
        ("Z-25-00012/05", 2005),
        ("Z-25-20500/25", 2025),
        ("Z-25-7", None),
    ],
)
def test_the_year_is_what_a_number_ends_in_and_z_25_is_none(lists, number, year):
    fields = taken(lists, as_csv(changed(A4=number))).entries[0].fields
    assert (fields["registered_year"].value if year else fields.get("registered_year")) == year


@pytest.mark.parametrize("form", [as_csv, xlsx, html])
def test_headings_that_are_said_again_are_no_row(lists, form):
    found = taken(lists, form([*ROWS, ROWS[2], [*ROWS[4][:1], "Third Synthetic Firm", *ROWS[4][2:]]]))
    assert [entry.name for entry in found.entries][-1] == "Third Synthetic Firm"
    assert (len(found.entries), found.rejected) == (4, [])


@pytest.mark.parametrize("form", [as_csv, xlsx, html])
def test_a_second_table_below_with_other_headings_is_not_kept(lists, form):
    other = [["Owner", "Company Name", "City"], ["Somebody", "Firm", "Lahore"]]
    with pytest.raises(NotKept, match="expected one table a sheet, found other headings below"):
        redact(lists, "x", form([*ROWS, [], *other]))


def test_one_number_beside_two_names_is_told_and_both_stay(lists):
    found = taken(lists, as_csv(changed(A5="Z-25-0010/96")))
    assert len(found.entries) == 3
    (told,) = [one for one in judged(lists, found) if one.startswith("one_name_per_certificate")]
    assert "Z-25-0010/96 beside one name" in told
    assert "at cell=5" in told or "at row=5" in told


def test_a_serial_of_a_year_to_come_is_told_where_the_row_cannot_tell(lists):
    rows = [[row[0], row[1]] for row in changed(A4="Z-25-30000/31")[2:]]
    assert any(one.startswith("serials_not_in_future") for one in judged(lists, taken(lists, as_csv(rows))))


def test_too_many_bad_rows_quarantine_the_release(lists):
    few = [*ROWS, *([f"Z-25-{n:05d}/25", f"Firm {n}", "Multan", "BPO", "Oct 2025", "Sep 2026"] for n in range(37))]
    few[10][1] = few[11][1] = None
    assert not [one for one in judged(lists, taken(lists, as_csv(few))) if one.startswith("rejected")]
    few[12][1] = None
    (told,) = [one for one in judged(lists, taken(lists, as_csv(few))) if one.startswith("rejected")]
    assert "expected at most 5 % of 40 rows rejected, found 3 (name 3)" in told


def test_a_register_without_a_row_is_quarantined(lists):
    assert judged(lists, taken(lists, as_csv(ROWS[:3]))) == ["rejected: expected a register with rows, found none"]


def test_scripts_are_neither_read_nor_kept(lists, hub):
    listed = html(ROWS).replace(b"<body>", b"<body><script>steal()</script><!-- planted --><iframe src='x'></iframe>")
    listed = listed.replace(b"Rawalpindi", b"Rawal<script>steal()</script>pindi<img src=x onerror=steal()>")
    kept = redact(lists, "x.html", listed).content
    assert b"steal" not in kept
    assert b"planted" not in kept
    assert taken(lists, listed).entries[0].place == "Rawalpindi"
    evil = card("firm<script>steal()</script>").replace("https://firm.example/", "javascript:steal()")
    assert b"steal" not in redact(hub, "x", page(evil)).content


@pytest.mark.parametrize("width", [257, 100_000])
def test_a_table_of_many_columns_is_none(lists, width):
    wide = [[*ROWS[2], *(f"c{n}" for n in range(width))], [*ROWS[3], *(["x"] * width)]]
    with pytest.raises(NotKept, match="a table with a heading for the name"):
        redact(lists, "x.csv", as_csv(wide))


def test_a_row_wider_than_its_headings_loses_what_is_beyond_them(lists):
    kept = redact(lists, "x.csv", as_csv([*ROWS, [*ROWS[3], *(["planted"] * 100_000)]]))
    assert b"planted" not in kept.content


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(ROWS))) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/worksheets/sheet9.xml", bytes(50_000_000))
    return stream.getvalue()


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "content",
    [
        bomb(),
        repacked(xlsx(ROWS), xl__worksheets__sheet1_xml=lambda xml: ENTITIES + xml),
        xlsx(ROWS)[:-100],
        b"%PDF-1.7 broken",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken",
        b"",
        b"just a line of text",
        b'a,"never closed\n',
        b"\x00\x01\x02",
        html([["nothing"]]),
    ],
    ids=["zip bomb", "xml bomb", "cut", "pdf", "ole", "empty", "text", "csv", "binary", "html"],
)
def test_what_cannot_be_read_cannot_be_cut_and_is_not_kept(lists, content):
    with pytest.raises(NotKept, match="was not kept: expected"):
        redact(lists, "x", content)


def test_deep_json_and_keys_said_twice_are_refused(export):
    for content in (b'{"data":' * 2_000 + b"1" + b"}" * 2_000, b'{"data": 1, "data": 2}', b'{"a": NaN}', b"[1"):
        with pytest.raises(NotKept):
            redact(export, "x", content)


def test_an_export_keeps_its_good_records(export):
    bad = [record(2, full_name=None), record(3, created_at="yesterday"), record(4, status=True), 7, "text", []]
    found = taken(export, exported(*(record(n) for n in range(100, 200)), *bad))
    assert len(found.entries) == 101
    assert [row.gate for row in found.rejected] == ["name", "value", "record", "record", "record"]


def test_a_page_that_says_the_wrong_encoding_is_read_by_its_bytes(lists):
    content = html(changed(B4=URDU)).replace(b"utf-8", b"iso-8859-77")
    assert taken(lists, content).entries[0].name == URDU


def test_a_cell_that_claims_to_be_a_billion_columns_wide_is_not(lists):
    content = html(ROWS).replace(b"<td>Rawalpindi", b"<td colspan=999999999 rowspan=1000000000>Rawalpindi")
    json.dumps([row.reason for row in taken(lists, content).rejected])
