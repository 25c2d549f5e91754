"""Exchange rates and the balance of payments beside trade in services: staged, built, verified."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from helpers import DATASET, FEBRUARY, MARCH, arrival, build_marts, bundled_arrival, release_of, rows

from sanad.collect import Via
from sanad.decide import ingest
from sanad.decide.collect import collect
from sanad.local import bundled
from sanad.local.publisher import Publisher
from sanad.registry import dataset
from sanad.verify import Report, verify
from sanad.words.vocabulary import Event, Origin, Verdict

pytestmark = pytest.mark.warehouse
BOP, RATES = "sbp/bop_summary", "sbp/exchange_rates"
FIGURES = {BOP: 730, RATES: 831}
PUBLISHED_ON = {BOP: date(2026, 4, 15), RATES: date(2026, 4, 3)}


def take(name: str, content: bytes, origin: Origin = Origin.TRANSCRIBED, days_later: int = 0):
    saved = release_of(name).last_saved + timedelta(days=days_later)
    return ingest(dataset(name), arrival(content, origin, http_last_modified=saved))


@pytest.fixture(scope="module")
def built(shared_installation) -> None:
    """A built warehouse with every bundled dataset of statistics."""
    for release in (FEBRUARY, MARCH):
        ingest(dataset(DATASET), bundled_arrival(release))
    with Publisher() as publisher:
        via = Via(publisher.url, allow_private=True, trust_origin=True)
        assert {collect(dataset(name), via=via, actor="tester").outcome for name in FIGURES} == {"accepted"}
    build_marts()


@pytest.fixture(scope="module")
def report(built) -> Report:
    return verify()


def test_releases_and_the_build_list_them(built):
    assert rows(
        "select dataset, handle, figures, state, published_on from marts.dim_release where dataset != %s order by 1",
        DATASET,
    ) == [(name, f"{name}@2026-03", FIGURES[name], "accepted", PUBLISHED_ON[name]) for name in sorted(FIGURES)]
    assert rows("select dataset, newest_edition, figures, complete from marts.dim_build order by 1") == sorted(
        [*((name, "2026-03", figures, True) for name, figures in FIGURES.items()), (DATASET, "2026-03", 2640, True)]
    )


def test_rates_stand_in_staging_with_their_cells(built):
    assert rows(
        "select rate_pkr_per_usd, rate_unrounded_pkr_per_usd, month_as_printed, year_as_printed, locator, year_locator"
        " from staging.stg_sbp__exchange_rates where period_code = '2018-12'"
    ) == [
        (
            Decimal("138.471259"), Decimal("138.47125862069"), "December ", "2018",
            "'Monthly Avg. Ex. Rates in PKR'!X757", "'Monthly Avg. Ex. Rates in PKR'!B757",
        )
    ]  # fmt: skip
    assert rows(
        "select count(*), min(period_start), max(period_end), count(rate_pkr_per_usd)"
        " from staging.stg_sbp__exchange_rates"
    ) == [(831, date(1957, 1, 1), date(2026, 4, 1), 831)]


def test_verification_reads_every_figure_again_and_agrees(report):
    assert report.disagreements == []
    assert report.verdict is Verdict.AGREES
    assert report.counts["staging"]["figures re-read"] == 2640 + sum(FIGURES.values())
    assert {name: report.marts[name].rows for name in ("dim_release", "dim_build")} == {
        "dim_release": 2 + len(FIGURES),
        "dim_build": 1 + len(FIGURES),
    }


def test_exports_of_services_stand_in_staging_with_both_cells_of_their_period(built):
    assert rows(
        "select period_code, flag, value_usd_million, resolution_usd_million, header_locator, year_locator"
        " from staging.stg_sbp__bop_summary where bop_line_code = 'exports_of_services' and period_end = '2026-04-01'"
        " order by 1"
    ) == [
        ("2026-03", "P", 903, 1, "'BPM6_Summary'!I5", "'BPM6_Summary'!I6"),
        ("FY26.Jan-Mar", "P", 2582, 1, "'BPM6_Summary'!J5", "'BPM6_Summary'!J6"),
        ("FY26.Jul-Mar", "P", 7348, 1, "'BPM6_Summary'!K5", "'BPM6_Summary'!L6"),
    ]
    assert rows(
        "select value_usd_million, value_unrounded_usd_million, resolution_usd_million"
        " from staging.stg_sbp__bop_summary where bop_line_code = 'imports_of_services' and period_code = '2025-03'"
    ) == [(Decimal("897.330306"), Decimal("897.3303064213328"), None)]


def test_the_publishers_own_file_takes_the_place_of_its_transcription(
    built, report, real_exchange_rates, real_bop_summary
):
    for name, content in ((RATES, real_exchange_rates), (BOP, real_bop_summary)):
        assert take(name, content, Origin.OFFICIAL).event is Event.ACCEPTED
        assert rows(
            "select event, reason from archive.ledger join archive.release using (release_id)"
            " where dataset = %s and origin = 'transcribed' order by seq desc limit 1",
            name,
        ) == [("retracted", "authentic copy received")]


def test_a_warning_lets_a_release_in_and_stands_in_its_evidence(built, report):
    sheet = bundled.describe(release_of(RATES))
    where = bundled.at("AW844")
    sheet.cells[where] = bundled.Cell(0.5, sheet.cells[where].number_format)
    sheet.cells[bundled.at("X844")] = bundled.Cell(280.0, "0.0000")
    done = take(RATES, bundled.to_xls(sheet), days_later=1)
    assert done.event is Event.ACCEPTED
    ((evidence,),) = rows(
        "select evidence from archive.ledger where release_id = %s and event = 'accepted'", done.release_id
    )
    assert {one["gate"]: one["consequence"] for one in evidence["findings"]} == {
        "change_as_printed": "warn",
        "value_moved": "warn",
    }
