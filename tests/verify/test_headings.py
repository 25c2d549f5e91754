"""What printed headings and numbers say, read by verification's own rules."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from sanad.extract.sbp.trade_in_services import _period
from sanad.grid import Cell
from sanad.verify.headings import as_number, mark, shows, span

D = Decimal


@pytest.mark.parametrize(
    ("heading", "days"),
    [
        ("Feb-26 (P)", ("2026-02-01", "2026-03-01")),
        ("Dec-96", ("1996-12-01", "1997-01-01")),
        ("March 2026", ("2026-03-01", "2026-04-01")),
        (date(2025, 2, 28), ("2025-02-01", "2025-03-01")),
        (datetime(2025, 12, 31, 10), ("2025-12-01", "2026-01-01")),
        ("Jul-Feb, FY26 (P)", ("2025-07-01", "2026-03-01")),
        ("Jul-Dec FY2026", ("2025-07-01", "2026-01-01")),
        ("Jul-Jun, FY25", ("2024-07-01", "2025-07-01")),
        ("Jul, FY26", ("2025-07-01", "2025-08-01")),
        ("Mar FY26P", ("2026-03-01", "2026-04-01")),
        ("Dec FY26R", ("2025-12-01", "2026-01-01")),
        ("Oct-Dec FY26", ("2025-10-01", "2026-01-01")),
        ("Jan-Mar FY26P", ("2026-01-01", "2026-04-01")),
        ("December ( R ) 2018", ("2018-12-01", "2019-01-01")),
        ("Mar-Jan FY26", None),
        ("2025", None), ("February", None), ("Xyz-26", None), ("Jul-Xyz, FY26", None), ("FY26", None), (D(2025), None),
    ],
)  # fmt: skip
def test_the_days_a_heading_stands_for(heading, days):
    assert span(heading) == (days and tuple(map(date.fromisoformat, days)))


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Feb-26 (P)", "P"),
        ("December ( R )", "R"),
        ("FY26P", "P"),
        ("Jul-Mar FY25R", "R"),
        ("FY26", None),
        ("FYP", None),
    ],
)
def test_the_mark_of_a_heading(text, flag):
    assert mark(text) == flag


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Feb-26 (P)", "current_month"),
        ("Jul-25", "current_month"),
        ("Jul-25", "year_to_date"),
        ("Jul-Feb, FY26 (R)", "year_to_date"),
        ("Jul-Jul, FY26", "year_to_date"),
        ("Jul-Jun, FY25 (P)", "year_to_date"),
    ],
)
def test_the_parsers_reading_of_a_heading_is_the_same(text, role):
    period, flag = _period(Cell("", 0, 0, text, "General", 0, 0), role)
    assert span(text) == period.span
    assert mark(text) == flag


@pytest.mark.parametrize(
    ("text", "value", "judged"),
    [
        ("36,410", D("36409.9251"), True),
        ("36,411", D("36409.9251"), False),
        ("(22,891)", D("-22890.846"), True),
        ("(22,891)", D("22890.846"), False),
        ("-22,891", D("-22890.846"), True),
        ("12.9%", D("0.12870"), True),
        ("36.4", D("36409.9251"), True),
        ("-", D(0), True),
        ("-", D("0.2"), None),
        ("1.5E+3", D(1500), None),
        ("N/A", "N/A", True),
        ("N/A", "n.a.", False),
        ("9.1  Call\u00a0centres", "9.1 Call centres", True),
        ("Feb-25", date(2025, 2, 28), True),
        ("Feb-26", date(2025, 2, 28), False),
        ("28/02/25", date(2025, 2, 28), None),
        ("TRUE", True, True),
        ("x", None, None),
    ],
)
def test_whether_a_text_shows_a_value(text, value, judged):
    assert shows(text, value) is judged


def test_texts_that_are_numbers():
    assert as_number(" 1,234.50 ") == D("1234.50")
    assert as_number("-7") == -7
    assert [as_number(text) for text in ("N/A", "", "1 234", "12%", "1e5", "0x10")] == [None] * 6
