"""The second readers see what the first ones saw, cell by cell."""

import json
from datetime import datetime
from decimal import Decimal

import pytest
from helpers import REAL_RELEASES
from hypothesis import given, settings
from hypothesis import strategies as st
from parsers.written import ALL, as_csv, xls, xlsx

from sanad import grid
from sanad.verify import locators
from sanad.verify.locators import Place, Unread, calamine, delimited, json_pointer, openpyxl, place

D = Decimal
TABLE = [
    ["a name", None, "ünïcode اردو", "with 'quotes' and, a comma"],
    [],
    [None, 1.5, -0.1, 36409.925099999986],
    ["two\nlines", True, "  blanks  ", "00123"],
]


def _same(table, content, file_types=ALL):
    seen = 0
    for sheet in grid.read(content, file_types, 10**8).sheets:
        for _, cells in sheet.rows():
            for cell in cells:
                where = place(cell.locator)
                assert where == Place(cell.sheet, cell.row, cell.column)
                assert table.ordinals[where] == cell.ordinal
                value = table.cells[where]
                if isinstance(cell.value, float):
                    assert value == D(repr(cell.value))
                elif not isinstance(cell.value, datetime):
                    assert value == cell.value
                seen += 1
    assert seen == len(table.cells) > 0


@pytest.mark.parametrize(("reader", "content"), [(calamine, xls), (calamine, xlsx), (openpyxl, xlsx)])
def test_workbooks(reader, content):
    _same(reader.read(content(TABLE, sheet="It's 1 ")), content(TABLE, sheet="It's 1 "))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv(delimiter, encoding):
    content = as_csv(TABLE, delimiter, encoding)
    _same(delimited.read(content), content)


def test_csv_of_western_letters_in_one_byte():
    content = "name;café\nother;naïve\n".encode("cp1252")
    assert delimited.read(content).at("cell=1,2") == "café"
    _same(delimited.read(content), content)


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=6)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.lists(texts, min_size=2, max_size=4), min_size=1, max_size=6))
def test_any_csv_is_read_alike_by_both(table):
    content = as_csv(table)
    rows = grid.read(content, ["csv"], 10**8) if content.strip(b'",\r\n') else None
    if rows is None or rows.delimiter != ",":
        return  # nothing in it, or a text that makes another delimiter the better guess
    found = delimited.read(content).cells
    first = {place(cell.locator): cell.value for sheet in rows.sheets for _, cells in sheet.rows() for cell in cells}
    if all(row_delimiter not in content.decode() for row_delimiter in ";\t|"):
        assert found == first


@pytest.mark.parametrize("file", ["Balancepayment_BPM6.xls", "Export_Receipts_by_all_Countries.xls", "IBF_Arch.xls"])
def test_other_workbooks_of_the_publisher(file):
    if not REAL_RELEASES.exists():
        pytest.skip("the real SBP workbooks are not on this machine")
    content = (REAL_RELEASES / file).read_bytes()
    _same(calamine.read(content), content)


def test_merges_and_what_stands_over_a_column():
    from helpers import MARCH

    from sanad.local import bundled

    table = calamine.read(bundled.render(MARCH))
    assert table.heading(place("'EBOPS '!K61"), 6) == place("'EBOPS '!I7")
    assert table.heading(place("'EBOPS '!K61"), 7) == place("'EBOPS '!K8")
    assert table.heading(place("'EBOPS '!A61"), 6) is None
    assert table.left(place("'EBOPS '!D61"))[-1] == "9.1.1 Call centres"


@pytest.mark.parametrize("locator", ["I61", "'EBOPS '", "'EBOPS '!61:61", "row=3", "cell=0,1", "/a/b", ""])
def test_what_names_no_cell(locator):
    with pytest.raises(LookupError, match="names no cell"):
        place(locator)


DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8,
            "none": None, "deep": [{"x": 1.5}]}  # fmt: skip


def test_json_pointers():
    """The examples of RFC 6901, section 5, and a few more."""
    read = json_pointer.read(json.dumps(DOCUMENT).encode())
    assert read.at("") == DOCUMENT
    examples = {"/foo": ["bar", "baz"], "/foo/0": "bar", "/": 0, "/a~1b": 1, "/c%d": 2, "/e^f": 3, "/g|h": 4,
                "/i\\j": 5, '/k"l': 6, "/ ": 7, "/m~0n": 8, "/none": None}  # fmt: skip
    assert {pointer: read.at(pointer) for pointer in examples} == examples
    assert read.at("/deep/0/x") == D("1.5") and isinstance(read.at("/deep/0/x"), Decimal)
    for nowhere in ("foo", "/nothing", "/foo/2", "/foo/01", "/foo/-", "/foo/bar", "/none/x"):
        with pytest.raises(LookupError):
            read.at(nowhere)


def test_a_release_of_several_parts():
    parts = {"page!1.json": b'{"a": "x"}', "list.csv": b"a,b\n", "page": b'["y"]'}
    release = locators.Release(parts, is_register=True)
    assert release.at("page!1.json!/a") == "x"
    assert release.at("page!/0") == "y"
    assert release.at("list.csv!cell=1,2") == "b"
    assert {reader.split()[0] for reader in release.readers} == {"json", "pandas"}
    with pytest.raises(LookupError, match="names no part"):
        release.at("other!/0")


def test_the_second_reader_is_never_the_first():
    """A register's .xlsx is parsed by calamine, any other by openpyxl."""
    content = xlsx(TABLE)
    for is_register, name in ((True, "openpyxl"), (False, "calamine")):
        release = locators.Release({"x": content}, is_register=is_register)
        release.at("'Data '!A1")
        assert [reader.split()[0] for reader in release.readers] == [name]


@pytest.mark.parametrize("content", [b"%PDF-1.7", xlsx(TABLE)[:-40]])
def test_what_no_second_reader_reads(content):
    with pytest.raises(Unread):
        locators.Release({"x": content}, is_register=False).at("'Data '!A1")


PAGE = (
    "<html><body><h1>Cards</h1><table><tr><td>A<br>firm</td><td><a href='https://firm.example/'>site</a></td></tr>"
    "<tr><td>B &amp; C<script>hidden()</script></td></tr></table></body></html>"
)


@pytest.mark.parametrize(
    ("locator", "found"),
    [
        ("/html[1]/body[1]/h1[1]", "Cards"),
        ("/html[1]/body[1]/table[1]/tr[1]/td[1]", "A\nfirm"),
        ("/html[1]/body[1]/table[1]/tr[2]/td[1]", "B & C"),
        ("/html[1]/body[1]/table[1]/tr[1]/td[2]/a[1]/@href", "https://firm.example/"),
    ],
)
def test_places_of_a_page_and_of_a_page_inside_a_document(locator, found):
    page = locators.Release({"x": PAGE.encode()}, is_register=True)
    assert page.at(locator) == found
    assert [reader.split()[0] for reader in page.readers] == ["selectolax"]
    inside = locators.Release({"x": json.dumps({"html": PAGE}).encode()}, is_register=True)
    assert inside.at(f"/html!{locator}") == found


@pytest.mark.parametrize("locator", ["/html[1]/body[1]/h1[2]", "/html[1]/@lang", "h1", "/html[1]//h1[1]"])
def test_places_that_a_page_has_not(locator):
    with pytest.raises(LookupError):
        locators.Release({"x": PAGE.encode()}, is_register=True).at(locator)
