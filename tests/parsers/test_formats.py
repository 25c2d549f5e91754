from datetime import datetime

import pytest

from sanad.grid import column_letters
from sanad.grid.formats import shown_date, shown_number

ACCOUNTING = r'_(* #,##0_);_(* \(#,##0\);_(* "-"??_);_(@_)'


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (36409.9251, ACCOUNTING, "36,410"),
        (-1234.5, ACCOUNTING, "(1,235)"),
        (0.0, ACCOUNTING, "-"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (-3.5, "0.00", "-3.50"),
        (0.126, "0.0%", "12.6%"),
        (3.5, "0.##", "3.5"),
        (3.0, "0.##", "3"),
        (279.511285714, "0.0000", "279.5113"),
        (26508.9619, "General", "26508.9619"),
        (12.5, '"US$ "0.0', "US$ 12.5"),
        (0.5, "# ?/?", "0.5"),
    ],
)
def test_a_number_is_shown_as_its_format_says(value, number_format, shown):
    assert shown_number(value, number_format) == shown


def test_a_date_is_shown_as_its_format_says():
    assert shown_date(datetime(2025, 2, 28), r"[$-409]mmm\-yy;@") == "Feb-25"
    assert shown_date(datetime(2025, 2, 3), "d/m/yyyy") == "3/2/2025"


def test_columns_are_lettered_as_in_a_spreadsheet():
    assert [column_letters(column) for column in (0, 8, 25, 26, 701, 702)] == ["A", "I", "Z", "AA", "ZZ", "AAA"]
