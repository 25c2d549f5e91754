"""Whatever small table is written, in whatever format, the same table is read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parsers.written import WRITERS, read

# not in any text: the delimiters a CSV may have, and what XML 1.0 or a carriage return's normalisation cannot carry
_LETTERS = st.characters(
    codec="utf-8", exclude_categories=["Cs", "Cc", "Cn", "Co"], exclude_characters=",;\t|", max_codepoint=0xFFFF
)  # fmt: skip
texts = st.text(_LETTERS, min_size=1, max_size=12).filter(lambda text: "_x" not in text)
# Excel keeps fifteen digits and openpyxl writes sixteen: doubles that need seventeen do not survive their writer
doubles = st.floats(-1e300, 1e300, allow_subnormal=False)
numbers = doubles.map(lambda number: float(f"{number:.15g}") + 0.0)
values = st.none() | texts | numbers | st.booleans()


def tables(cells, least_columns=1):
    widths = st.integers(least_columns, 5)
    return widths.flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=6))


def cells_of(table):
    found = [(r, c, value) for r, row in enumerate(table) for c, value in enumerate(row) if value is not None]
    return [(*place, ordinal) for ordinal, place in enumerate(found)]


def read_back(content, formats=True):
    (sheet,) = read(content, formats=formats).sheets
    return [(cell.row, cell.column, cell.value, cell.ordinal) for _, cells in sheet.rows() for cell in cells]


def typed(cells):
    return [(row, column, type(value), value, ordinal) for row, column, value, ordinal in cells]


@pytest.mark.parametrize(("kind", "formats"), [("xls", True), ("xlsx", True), ("xlsx", False)])
def test_a_table_survives_a_workbook(kind, formats):
    @settings(max_examples=40, deadline=None)
    @given(tables(values))
    def survives(table):
        assert typed(read_back(WRITERS[kind](table), formats)) == typed(cells_of(table))

    survives()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_of_texts_survives_a_csv(delimiter, encoding):
    @settings(max_examples=40, deadline=None)
    @given(tables(texts, least_columns=2).filter(bool))
    def survives(table):
        table = [["name", *(f"column {n}" for n in range(1, len(table[0])))], *table]
        assert read_back(WRITERS["csv"](table, delimiter=delimiter, encoding=encoding)) == cells_of(table)

    survives()


@pytest.mark.parametrize("garbage", [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"])
def test_garbage_is_refused_or_read_but_never_stumbled_over(garbage):
    from sanad.words.errors import Unreadable

    @settings(max_examples=100, deadline=None)
    @given(st.binary(max_size=300))
    def survives(content):
        try:
            read_back(garbage + content)
        except Unreadable as refused:
            assert refused.findings[0].gate == "file"

    survives()
