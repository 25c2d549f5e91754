"""The bundled releases: what they hold, and that they render cell for cell as the publisher's sheet."""

import csv
import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlrd

from sanad.cli.run import _collectors, _served
from sanad.local import bundled
from sanad.words import settings
from sanad.words.errors import UsageError

DATASET = "sbp/trade_in_services"
PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared"
REAL = SHARED / "releases" / "sbp" / "dt_2026-03-17.xls"
FACTS = SHARED / "facts" / "dt_releases_tidy.csv"
FIGURES = settings.project() / "include" / "bundled" / DATASET
PERIODS = ("month_a_year_ago", "previous_month", "current_month", "year_to_date_a_year_ago", "year_to_date")
MEASURES = ("credit", "debit", "net")
EDITIONS = ("2026-02", "2026-03")
TOLERANCE = Decimal("1e-6")


def release(edition):
    return next(found for found in bundled.editions(DATASET) if found.edition == edition)


def figures(edition):
    """{(code, period, measure): text as in the file}"""
    with (FIGURES / f"{edition}.csv").open(newline="", encoding="utf-8") as file:
        return {
            (line["ebops_code"], period, measure): line[f"{period}.{measure}"]
            for line in csv.DictReader(file)
            for period in PERIODS
            for measure in MEASURES
        }


def lines():
    with (FIGURES / "lines.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number(text):
    return Decimal(0) if text == "N/A" else Decimal(text)


def read(content):
    """Everything of a one-sheet workbook that is not empty, by address."""
    book = xlrd.open_workbook(file_contents=content, formatting_info=True)
    sheet = book.sheet_by_index(0)
    cells = {}
    for row in range(sheet.nrows):
        for column in range(sheet.ncols):
            cell = sheet.cell(row, column)
            if cell.ctype not in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK}:
                style = book.xf_list[cell.xf_index]
                number_format = book.format_map[style.format_key].format_str
                cells[row, column] = (cell.ctype, cell.value, number_format, style.alignment.indent_level)
    book_facts = (book.sheet_names(), book.datemode, book.biff_version, sheet.nrows, sheet.ncols)
    return book_facts, sheet.merged_cells, cells


def test_two_editions_in_the_order_of_their_issue():
    assert bundled.datasets() == ["sbp/bop_summary", "sbp/exchange_rates", DATASET]
    assert bundled.only_with_all() == {"sbp/bop_summary", "sbp/exchange_rates"}
    assert [found.edition for found in bundled.editions(DATASET)] == list(EDITIONS)
    assert [found.last_saved for found in bundled.editions(DATASET)] == [
        datetime(2026, 3, 17, 9, 12, 50, tzinfo=UTC),
        datetime(2026, 4, 17, 7, 40, 5, tzinfo=UTC),
    ]
    assert {found.origin for found in bundled.editions(DATASET)} == {"transcribed"}


def test_a_run_collects_the_extras_only_where_all_is_asked_for():
    extras = {"collect__sbp__bop_summary", "collect__sbp__exchange_rates"}
    usual, everything = (set(_collectors(_served(wanted))) for wanted in (False, True))
    assert everything - usual == extras
    assert "collect__sbp__trade_in_services" in usual < everything


def test_an_unknown_dataset_is_a_usage_error():
    with pytest.raises(UsageError, match="sbp/trade_in_goods"):
        bundled.editions("sbp/trade_in_goods")


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_line_has_every_figure(edition):
    codes = [line["ebops_code"] for line in lines()]
    assert len(codes) == len(set(codes)) == 88
    assert [int(line["row"]) for line in lines()] == list(range(9, 97))
    found = figures(edition)
    assert len(found) == 1320
    assert {code for code, _, _ in found} == set(codes)
    assert {(code, measure) for (code, _, measure), text in found.items() if text == "N/A"} == {
        ("9.2.5", "debit"),
        ("10.3.5", "debit"),
    }
    assert all(text == "N/A" or repr(float(text)) == text for text in found.values())


@pytest.mark.parametrize(
    ("edition", "code", "period", "value"),
    [
        ("2026-02", "0", "current_month", "812245.695591939"),
        ("2026-03", "0", "previous_month", "800206.041911469"),
        ("2026-02", "9.1.1", "current_month", "35425.4657"),
        ("2026-03", "9.1.1", "current_month", "36409.9251"),
        ("2026-03", "9.1.1", "year_to_date", "289057.9660"),
        ("2026-03", "9.1.1", "year_to_date_a_year_ago", "240153.6550"),
        ("2026-03", "9", "current_month", "413622.8920"),
    ],
)
def test_the_headline_figures(edition, code, period, value):
    assert abs(number(figures(edition)[code, period, "credit"]) - Decimal(value)) < Decimal("1e-4") / 2


@pytest.mark.parametrize("edition", EDITIONS)
def test_net_is_credit_less_debit(edition):
    found = figures(edition)
    gaps = [
        number(found[code, period, "net"])
        - (number(found[code, period, "credit"]) - number(found[code, period, "debit"]))
        for code in {code for code, _, _ in found}
        for period in PERIODS
    ]
    assert len(gaps) == 440
    assert max(map(abs, gaps)) < TOLERANCE


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_parent_is_the_sum_of_its_children(edition):
    found = figures(edition)
    children = {}
    for line in lines():
        code = line["ebops_code"]
        if code != "0":
            children.setdefault(code.rpartition(".")[0] or "0", []).append(code)
    assert len(children["0"]) == 12
    for parent, codes in children.items():
        for period in PERIODS:
            for measure in MEASURES:
                parts = sum(number(found[code, period, measure]) for code in codes)
                assert abs(number(found[parent, period, measure]) - parts) < TOLERANCE, (
                    parent,
                    period,
                    measure,
                )


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_figures_are_those_of_the_facts(edition):
    if not FACTS.exists():
        pytest.skip(f"the facts are not here: {FACTS}")
    with FACTS.open(newline="", encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["workbook_last_saved"] == f"{release(edition).last_saved:%Y-%m-%dT%H:%M:%S}"
        ]
    headers = list(dict.fromkeys(row["period_header_as_printed"] for row in rows))
    expected = {}
    for row in rows:
        period = PERIODS[headers.index(row["period_header_as_printed"])]
        expected[row["ebops_code_printed"] or "0", period, row["measure"]] = row["value_thousand_usd"]
    assert figures(edition) == expected
    labels = {(row["excel_row"], row["label_raw_repr"], row["indent_level"]) for row in rows}
    assert labels == {(line["row"], repr(line["label_raw"]), line["indent"]) for line in lines()}


def test_the_transcription_is_the_publishers_sheet_cell_for_cell():
    if not REAL.exists():
        pytest.skip(f"the publisher's own workbook is not here: {REAL}")
    real = REAL.read_bytes()
    assert hashlib.sha256(real).hexdigest() == release("2026-02").transcribes_sha256
    facts, merges, cells = read(bundled.render(release("2026-02")))
    real_facts, real_merges, real_cells = read(real)
    assert len(cells) == 1446
    assert {where: (cells.get(where), cell) for where, cell in real_cells.items() if cells.get(where) != cell} == {}
    assert cells == real_cells
    assert sorted(merges) == sorted(real_merges)
    assert facts == real_facts == (["EBOPS "], 0, 80, 103, 17)


def test_the_traps_are_in_the_sheets():
    _, _, february = read(bundled.render(release("2026-02")))
    _, _, march = read(bundled.render(release("2026-03")))
    year_ago = bundled.at("C7")
    assert february[year_ago] == (xlrd.XL_CELL_DATE, 45716.0, "[$-409]mmm\\-yy;@", 0)
    assert march[year_ago][:2] == (xlrd.XL_CELL_TEXT, "Mar-25 (R)")
    assert february[bundled.at("B70")][1] == "9.3\xa0Information services"
    assert february[bundled.at("B64")][1] == "9.2.1 Hardware consultancy services  "
    assert february[bundled.at("J68")][:2] == (xlrd.XL_CELL_TEXT, "N/A")
    assert march[bundled.at("I61")][:2] == (xlrd.XL_CELL_NUMBER, 36409.925099999986)


RENDER = """
import time
time.time = lambda: {now}
time.localtime = time.gmtime = lambda *_: time.struct_time((2031, 1, 2, 3, 4, 5, 4, 2, 0))
import hashlib
from sanad.local import bundled
for release in bundled.editions("sbp/trade_in_services"):
    print(hashlib.sha256(bundled.render(release)).hexdigest())
"""


def test_rendering_depends_on_nothing_but_the_release():
    here = [hashlib.sha256(bundled.render(found)).hexdigest() for _ in range(2) for found in bundled.editions(DATASET)]
    assert here[:2] == here[2:]
    assert len(set(here)) == 2
    for seed, now, zone in (("1", 0, "Asia/Karachi"), ("4711", 2_000_000_000, "America/New_York")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "USER": f"user{seed}", "LC_ALL": "C"}
        environment["PYTHONPATH"] = str(PROJECT / "include")
        done = subprocess.run(
            [sys.executable, "-c", RENDER.format(now=now)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == here[:2]


def test_a_changed_sheet_renders_with_the_change_and_nothing_else():
    sheet = bundled.describe(release("2026-03"))
    unit = bundled.at("L6")
    sheet.cells[unit] = replace(sheet.cells[unit], value="(Amount in Million US$)")
    _, _, cells = read(bundled.to_xls(sheet))
    _, _, sound = read(bundled.render(release("2026-03")))
    assert {where for where in sound if cells[where] != sound[where]} == {unit}
    assert cells[unit][1] == "(Amount in Million US$)"


def test_a_line_can_be_missing():
    sheet = bundled.describe(release("2026-03"))
    row, _ = bundled.at("A61")
    sheet.cells = {(at, column): cell for (at, column), cell in sheet.cells.items() if at != row}
    _, _, cells = read(bundled.to_xls(sheet))
    assert len(cells) == 1446 - 16
    assert not [where for where in cells if where[0] == row]


def test_a_column_can_be_inserted():
    sheet = bundled.describe(release("2026-03"))
    _, inserted = bundled.at("I1")
    sheet.cells = {(row, at + (at >= inserted)): cell for (row, at), cell in sheet.cells.items()}
    sheet.merges = [
        (top, bottom, left + (left >= inserted), right + (right >= inserted))
        for top, bottom, left, right in sheet.merges
    ]
    _, merges, cells = read(bundled.to_xls(sheet))
    assert cells[bundled.at("J61")][1] == 36409.925099999986
    assert (5, 6, 2, 12) in merges
