"""One set of tests over every reader: the same table in every format reads to the same cells."""

import io
import re
import socket
import zipfile
from datetime import UTC, datetime

import openpyxl
import pytest
import xlwt
from parsers.written import MOST, WRITERS, as_csv, changed, read, saved, values, xls, xlsx

from sanad import grid
from sanad.grid.cells import CellError, locate
from sanad.words.errors import Unreadable

URDU = "کال سینٹر"
TABLE = [
    ["Line", None, "Feb-26 (P)", "note"],
    [],
    ["9.1.1 Call\u00a0centres", 35425.4657, -3.0, URDU],
    ["  padded  ", 0.0, 1e-300, "00123"],
    [None, None, None, "\u200fright to left\u200e"],
]
READERS = {
    "xls": ("xls", True),
    "xlsx": ("xlsx", True),
    "xlsx, plain": ("xlsx", False),
    "csv": ("csv", True),
}  # fmt: skip
WORKBOOKS = {name: reader for name, reader in READERS.items() if reader[0] != "csv"}


@pytest.fixture(params=READERS, ids=str)
def written(request):
    """Write a table in the format of one reader, and read it with that reader."""
    kind, formats = READERS[request.param]
    return lambda table, **options: read(WRITERS[kind](table, **options), formats=formats)


@pytest.fixture(params=WORKBOOKS, ids=str)
def workbook(request):
    kind, formats = WORKBOOKS[request.param]
    return lambda table, **options: read(WRITERS[kind](table, **options), formats=formats)


def in_csv(value):
    return str(value) if isinstance(value, float) else value


def expected(table, of_csv):
    found = [(r, c, v) for r, row in enumerate(table) for c, v in enumerate(row) if v is not None]
    return [(r, c, in_csv(v) if of_csv else v, ordinal) for ordinal, (r, c, v) in enumerate(found)]


def test_the_same_table_reads_to_the_same_cells(written):
    found = written(TABLE)
    assert values(found) == expected(TABLE, of_csv=found.encoding is not None)
    assert all(type(value) is float for _, column, value, _ in values(found) if column in {1, 2} and value == 0)


def test_rows_cells_and_places_agree(written):
    (sheet,) = written(TABLE).sheets
    assert [row for row, _ in sheet.rows()] == [0, 2, 3, 4]
    assert [cell for _, cells in sheet.rows() for cell in cells] == list(sheet.cells.values())
    assert sheet.at(2, 3).text == URDU
    assert sheet.at(2, 0).text == "9.1.1 Call centres"
    assert sheet.at(1, 1) is None
    assert sheet.count == 12


def test_a_workbooks_locator_is_its_sheet_and_address(workbook):
    (sheet,) = workbook(TABLE).sheets
    assert sheet.name == "Data "  # the blank is part of the name
    assert (sheet.at(2, 1).address, sheet.at(2, 1).locator) == ("B3", "'Data '!B3")
    assert workbook(TABLE, sheet="It's").sheets[0].at(0, 0).locator == "'It''s'!A1"


def test_a_csvs_locator_is_the_fragment_of_rfc_7111():
    (sheet,) = read(as_csv(TABLE)).sheets
    assert sheet.at(2, 1).locator == "cell=3,2"
    assert (locate("", 2), locate("")) == ("row=3", "row=1-*")
    quoted = read(b'a,"two\nlines"\nb,c\n').sheets[0]
    assert quoted.at(1, 1).locator == "cell=2,2"  # a row is a record


def test_a_table_of_one_cell(written):
    assert [value for _, _, value, _ in values(written([["x"]]))] == ["x"]


def test_an_empty_sheet_holds_no_cells(workbook):
    assert values(workbook([])) == []


def test_a_wide_and_a_long_table(written):
    wide, long = [[f"c{n}" for n in range(250)]], [[f"r{n}", float(n)] for n in range(3000)]
    assert [c for _, c, _, _ in values(written(wide))] == list(range(250))
    assert len(values(written(long))) == 6000


@pytest.mark.parametrize("content", [as_csv([["x"] * 100_000] * 2), xlsx([["x"] * 16_384])], ids=["csv", "xlsx"])
def test_a_hundred_thousand_columns_are_only_wide(content):
    assert values(read(content))[-1][1] in {99_999, 16_383}


def test_dates_of_both_calendars(workbook):
    day = datetime(2025, 2, 28)
    assert values(workbook([[day]])) == values(workbook([[day]], dates_1904=True)) == [(0, 0, day, 0)]


def test_a_moment_and_a_time_of_day_are_read_alike():
    table = [[0.5, 45716.75, 1.25, 60.0]]
    found = [
        values(read(writer(table, number_format="yyyy-mm-dd hh:mm"), formats=formats))
        for writer, formats in ((xls, True), (xlsx, True), (xlsx, False))
    ]
    assert found[0] == found[1] == found[2]
    assert found[0][1][2] == datetime(2025, 2, 28, 18)
    assert found[0][0][2] == datetime(1899, 12, 31, 12)


@pytest.mark.parametrize("number", [-5.0, 99_999_999.0])
@pytest.mark.parametrize("writer", [xls, xlsx])
def test_a_number_outside_the_calendar_only_wears_the_format(writer, number):
    assert values(read(writer([[number]], number_format="yyyy-mm-dd"))) == [(0, 0, number, 0)]


def test_booleans_are_booleans(workbook):
    assert [value for _, _, value, _ in values(workbook([[True, False, 1.0]]))] == [True, False, 1.0]
    assert type(values(workbook([[True]]))[0][2]) is bool


@pytest.mark.parametrize("formats", [True, False])
def test_errors_are_told_from_texts(formats):
    book = openpyxl.Workbook()
    book.active.append(["#DIV/0!", "#N/A", "fine"])
    cells = [value for _, _, value, _ in values(read(saved(book), formats=formats))]
    assert cells == ["#DIV/0!", "#N/A", "fine"]
    assert [type(value) for value in cells] == [CellError, CellError, str]


def test_errors_of_an_xls_are_told_from_texts():
    book = xlwt.Workbook()
    row = book.add_sheet("x").row(0)
    row.set_cell_error(0, "#DIV/0!")
    row.write(1, "#DIV/0!")
    assert [type(value) for _, _, value, _ in values(read(saved(book)))] == [CellError, str]


def with_formulas(cached):
    """A1 = 2, B1 = A1*2 with its value or without, C1 = a text, empty."""
    book = openpyxl.Workbook()
    book.active.append([2, "=A1*2", '=""'])

    def compute(xml):
        xml = re.sub(rb"<v\s*/>|<v></v>", b"<v />", xml)  # whichever library openpyxl writes with
        xml = xml.replace(b'<c r="C1"><f>""</f><v /></c>', b'<c r="C1" t="str"><f>""</f><v></v></c>')
        return xml.replace(b"<f>A1*2</f><v />", b"<f>A1*2</f><v>4</v>") if cached else xml

    return changed(saved(book), xl__worksheets__sheet1_xml=compute)


@pytest.mark.parametrize("formats", [True, False])
def test_a_formula_yields_the_value_it_was_saved_with_or_says_that_it_has_none(formats):
    assert [value for _, _, value, _ in values(read(with_formulas(cached=True), formats=formats))] == [2.0, 4.0]
    two, never = [value for _, _, value, _ in values(read(with_formulas(cached=False), formats=formats))]
    assert (two, never) == (2.0, "=A1*2 (never computed)")
    assert type(never) is CellError


def merged_xls():
    book = xlwt.Workbook()
    book.add_sheet("a").write_merge(0, 1, 0, 2, "head")
    book.get_sheet(0).row(3).write(0, 1.0)
    book.get_sheet(0).row(3).hidden = True
    book.add_sheet("b").write(0, 0, "second")
    book.get_sheet(1).visibility = 1
    return saved(book)


def merged_xlsx():
    book = openpyxl.Workbook()
    book.active["A1"] = "head"
    book.active.merge_cells("A1:C2")
    book.active["A4"] = 1
    book.active.row_dimensions[4].hidden = True
    book.create_sheet("b")["A1"] = "second"
    book["b"].sheet_state = "hidden"
    return saved(book)


@pytest.mark.parametrize(
    ("content", "formats"),
    [(merged_xls(), True), (merged_xlsx(), True), (merged_xlsx(), False)],
    ids=["xls", "xlsx", "xlsx, plain"],
)
def test_merges_hidden_rows_and_hidden_sheets_are_there(content, formats):
    found = read(content, formats=formats)
    assert found.sheets[0].merges == [(0, 0, 1, 2)]
    assert found.sheets[1].merges == []
    assert found.sheets[1].at(0, 0).ordinal == 2  # asked for first, counted all the same
    assert values(found) == [(0, 0, "head", 0), (3, 0, 1.0, 1), (0, 0, "second", 2)]


def styled_xls():
    book = xlwt.Workbook()
    book.add_sheet("x").write(0, 0, 1234.5, xlwt.easyxf("align: horiz left, indent 5", "#,##0"))
    return saved(book)


def styled_xlsx():
    book = openpyxl.Workbook()
    cell = book.active["A1"]
    cell.value, cell.number_format = 1234.5, "#,##0"
    cell.alignment = openpyxl.styles.Alignment(horizontal="left", indent=5)
    return saved(book)


@pytest.mark.parametrize("content", [styled_xls(), styled_xlsx()], ids=["xls", "xlsx"])
def test_formats_and_indents_are_kept(content):
    cell = read(content).sheets[0].at(0, 0)
    assert (cell.number_format, cell.indent, cell.shown) == ("#,##0", 5, "1,235")


def test_a_large_workbook_streams_and_reads_the_same(monkeypatch):
    content = xlsx(TABLE)
    kept = values(read(content))
    monkeypatch.setattr("sanad.grid.xlsx.KEPT_MOST", 1)
    found = read(content, formats=False)
    assert not found.sheets[0].kept
    assert values(found) == values(found) == kept
    assert "cells" not in vars(found.sheets[0])


@pytest.mark.parametrize("number", [float("inf"), float("nan"), 1e300])
def test_no_number_is_too_strange_to_be_shown(number):
    assert read(xls([[number]], number_format="#,##0.00")).sheets[0].at(0, 0).shown


# -- CSV ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encode", "encoding"),
    [
        (lambda text: text.encode(), "utf-8"),
        (lambda text: text.encode("utf-8-sig"), "utf-8"),
        (lambda text: text.encode("utf-16"), "utf-16"),
        (lambda text: b"\xfe\xff" + text.encode("utf-16-be"), "utf-16"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_and_stated(encode, encoding, delimiter):
    found = read(encode(f"name{delimiter}place\r\n{URDU}{delimiter}Karachi\r\n"))
    assert (found.encoding, found.delimiter) == (encoding, delimiter)
    assert [value for _, _, value, _ in values(found)] == ["name", "place", URDU, "Karachi"]


def test_western_text_of_one_byte_a_letter_is_told():
    found = read("name,place\nCafé “Zürich”,Lahore\n".encode("cp1252"))
    assert found.encoding == "cp1252"
    assert found.sheets[0].at(1, 0).value == "Café “Zürich”"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("name,é\n".encode() + b"caf\xe9,x\n", r"byte 0xe9 at offset 11 is not utf-8, beside other bytes that are"),
        (b"a,\x81b\n", r"byte 0x81 at offset 2 is not cp1252"),
        (b"name\n" + URDU.encode("cp1256", "ignore") + b"\n", r"nor are the bytes at offset 9 western"),
        (b"\xff\xfea\x00,\x00\x00\xd8", r"at offset 6 is not utf-16-le"),
        (b"a,b\nc\x00,d\n", r"byte 0x00 at offset 5"),
        ("a,b\n".encode("utf-16-le"), r"byte 0x00 at offset 1: no text, or UTF-16 without its mark"),
        (b"a,b\n" * 300_000 + b"\xc3\xa9\xe9", r"byte 0xe9 at offset 1,200,002"),
        (b'a,b\n"never closed,c\n', r"unexpected end of data"),
        (b"a," + b"x" * 10_000_000, r"field larger than field limit"),
    ],
)
def test_a_text_that_cannot_be_told_is_refused_where_it_is_wrong(content, found):
    with pytest.raises(Unreadable, match=found) as refused:
        values(read(content))
    assert refused.value.findings[0].gate == "file"


@pytest.mark.parametrize(
    ("text", "delimiter", "first"),
    [
        ("name\nAli\nSara\n", ",", ["name"]),
        ("a;b;c\n1,5;2,5;3,5\n", ";", ["a", "b", "c"]),
        ('name,note\nAli,"a; b; c"\nSara,"d; e; f"\n', ",", ["name", "note"]),
        ("a,b\n" * 40_000 + 'x,"say ""no"""\n', ",", ["a", "b"]),
        ("Registered firms\n\nname,place,kind\nAli,Lahore,IT\n", ",", ["Registered firms"]),
    ],
)
def test_the_delimiter_is_the_one_that_makes_a_table(text, delimiter, first):
    found = read(text.encode())
    assert found.delimiter == delimiter
    assert [value for row, _, value, _ in values(found) if row == 0] == first


# -- files that must not be opened -------------------------------------------------------------------------------


def refusal(content, **options):
    with pytest.raises(Unreadable) as refused:
        values(read(content, **options))
    (finding,) = refused.value.findings
    assert finding.gate == "file"
    return finding.found


@pytest.mark.parametrize("formats", [True, False])
@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/media/image1.png"])
def test_a_zip_bomb_is_not_unpacked(member, formats):
    bomb = changed(xlsx(TABLE), **{member: b" " * 50_000_000})
    assert len(bomb) < 100_000
    assert f"'{member}' unpacks to more than 100 times" in refusal(bomb, formats=formats)


def test_many_members_below_the_ratio_are_bounded_together(monkeypatch):
    monkeypatch.setattr("sanad.grid.package.UNPACKED_MOST", 3_000_000)
    parts = {f"xl/part{n}.xml": bytes(900_000) for n in range(4)}
    assert "more than 3,000,000 bytes unpacked, at 'xl/part3.xml'" in refusal(changed(xlsx(TABLE), **parts))


LAUGHS = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "docProps/core.xml"])
def test_entities_are_refused_before_any_parser_sees_them(member, encoding):
    content = changed(xlsx(TABLE), **{member: LAUGHS.encode(encoding)})
    assert f"'{member}' declares a document type" in refusal(content)
    assert grid.properties(content) is None or member != "docProps/core.xml"


def test_two_members_of_one_name_are_refused():
    stream = io.BytesIO(xlsx(TABLE))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(stream, "a") as package:
        package.writestr("xl/workbook.xml", b"<workbook/>")
    assert "two of one name" in refusal(stream.getvalue())


def test_external_links_are_not_followed(monkeypatch):
    def refuse(*_):
        raise AssertionError("a reader opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    book = openpyxl.Workbook()
    book.active.append(["=[1]Sheet1!A1", 1])
    link = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    content = changed(saved(book), xl__externalLinks__externalLink1_xml=link)
    assert [value for _, _, value, _ in values(read(content))] == ["=[1]Sheet1!A1 (never computed)", 1.0]


def retyped(old, new):
    def edit(xml):
        assert old in xml
        return xml.replace(old, new)

    return changed(xlsx(TABLE), **{"[Content_Types].xml": edit})


SHEET_MAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (retyped(SHEET_MAIN, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "a .xlsm workbook, one with"),
        (retyped(SHEET_MAIN, b"application/vnd.ms-excel.sheet.binary.macroEnabled.main"), "a .xlsb workbook"),
        (changed(xlsx(TABLE), mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "an OpenDocument"),
        (retyped(SHEET_MAIN, b"application/x"), "a zip file that is no workbook"),
        (b"PK\x03\x04" + bytes(100), "a zip file that is no workbook, or is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "under a password"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\n <!doctype html><table>", "markup"),
        (b'{"a": 1}', "JSON"),
        (b"", "an empty file, 0 bytes"),
        (bytes(MOST + 1), "20,000,001 bytes"),
        (changed(xlsx(TABLE), xl__worksheets__sheet1_xml=b"<worksheet><sheetData><row>"), "ParseError"),
        (changed(xlsx(TABLE), xl__styles_xml=b"<styleSheet"), "Error"),
        (xlsx(TABLE)[:-200], "zip file that is no workbook, or is damaged"),
        (xls(TABLE)[:3000], "Error"),
    ],
)  # fmt: skip
def test_what_is_no_readable_file_is_said_by_its_name(content, found):
    assert found in refusal(content)


@pytest.mark.parametrize("kind", ["xls", "xlsx", "csv"])
def test_a_file_of_another_declared_type_is_refused(kind):
    others = [other for other in WRITERS if other != kind]
    with pytest.raises(Unreadable, match=rf"expected a \.{others[0]} or \.{others[1]} file, found"):
        grid.read(WRITERS[kind](TABLE), others, MOST)


# -- properties --------------------------------------------------------------------------------------------------


def test_a_workbook_states_when_it_was_last_saved():
    book = openpyxl.Workbook()
    book.properties.modified = datetime(2026, 3, 17, 9, 12, 50)
    # openpyxl stamps the day of saving over it
    content = changed(saved(book), docProps__core_xml=lambda xml: _stamped(xml, b"2026-03-17T09:12:50Z"))
    assert grid.properties(content) == datetime(2026, 3, 17, 9, 12, 50, tzinfo=UTC)
    zoned = changed(content, docProps__core_xml=lambda xml: _stamped(xml, b"2026-03-17T14:12:50+05:00"))
    assert grid.properties(zoned) == datetime(2026, 3, 17, 9, 12, 50, tzinfo=UTC)


def _stamped(xml, instant):
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + instant, xml)


@pytest.mark.parametrize(
    "content",
    [
        as_csv(TABLE),
        b"",
        b"PK\x03\x04",
        changed(xlsx(TABLE), docProps__core_xml=b"<x/>"),
        changed(xlsx(TABLE), docProps__core_xml=b"<x"),
        changed(xlsx(TABLE), docProps__core_xml=lambda xml: _stamped(xml, b"soon")),
    ],
)
def test_a_file_that_does_not_say_states_nothing(content):
    assert grid.properties(content) is None
