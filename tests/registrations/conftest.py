"""A warehouse with both bundled releases of trade, every bundled count, and four small lists of invented firms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import airflow_home  # noqa: F401 - before anything imports Airflow
import pytest
from dags.conftest import anonymous, logged_in, plugin  # noqa: F401 - fixtures
from helpers import DATASET, FEBRUARY, MARCH, bundled_arrival, new_installation
from parsers.written import as_csv

from sanad.decide import Arrival, builds, ingest
from sanad.local import handed_over
from sanad.registry import dataset
from sanad.warehouse.dbt import BuildResult
from sanad.words.vocabulary import Origin

LIST = "pseb/registration_list"
HEADINGS = ["Registration No", "Company Name", "City", "Province", "Category", "Valid From", "Valid Till", "Status"]
LAHORE, KARACHI = ("Lahore", "Punjab"), ("Karachi", "Sindh")


def row(number, name, place, kind, first, last, status="Active"):
    return [number, name, *place, kind, first, last, status]


SOFTWARE = ("Z-25-00100/23", "Renewing Software (Pvt) Ltd")
MOVER = ("Z-25-00101/23", "Moving Systems (Pvt) Ltd")
CENTRE = ("CC-1/24", "Zarnova Voice (Pvt) Ltd")
BRANCH = ("CC-1/24-B1", "Zarnova Voice (Pvt) Ltd")
RETURNING = ("CC-2/23", "Hufigon Calls")
GONE = ("CC-3/24", "Kelbit Lines")
EDITIONS = {
    date(2024, 3, 5): ("partial", [
        row(*SOFTWARE, LAHORE, "IT Company", "Apr 2023", "Mar 2024"),
        row(*MOVER, LAHORE, "IT Company", "Jan 2024", "Dec 2024"),
        row(*CENTRE, LAHORE, "Call Centre", "Feb 2024", "Apr 2024", "Provisional"),
        row(*RETURNING, KARACHI, "Call Centre", "Jan 2023", "Dec 2023", "Expired"),
        row(*GONE, LAHORE, "Call Centre", "Jan 2024", "Dec 2024"),
    ]),
    date(2024, 9, 5): ("complete:call_centre", [
        row(*CENTRE, LAHORE, "Call Centre", "Feb 2024", "Jan 2025"),
        row(*BRANCH, KARACHI, "Call Centre (Branch)", "Aug 2024", "Jan 2025"),
        row(*RETURNING, KARACHI, "Call Centre", "Jul 2024", "Jun 2025"),
    ]),
    date(2025, 3, 5): ("partial", [
        row(*SOFTWARE, LAHORE, "IT Company", "May 2024", "Apr 2025"),
        row(*MOVER, KARACHI, "Call Centre", "Jan 2025", "Dec 2025"),
        row(*CENTRE, LAHORE, "Call Centre", "Feb 2025", "Jan 2026"),
        row(*BRANCH, KARACHI, "Call Centre (Branch)", "Feb 2025", "Jan 2026"),
    ]),
    date(2025, 6, 5): ("partial", [row(*GONE, LAHORE, "Call Centre", "Jan 2024", "Dec 2024", "Expired")]),
}  # fmt: skip


def take(day, coverage, listed):
    content = as_csv([[f"As on {day:%d %B %Y}"], HEADINGS, *listed])
    arrival = Arrival({"list.csv": content}, Origin.SYNTHETIC, "tester", "given", stated_on=day, coverage=coverage)
    return ingest(dataset(LIST), arrival)


@pytest.fixture(scope="session")
def registered(template: Path) -> Iterator[BuildResult]:
    """All of it, built."""
    with new_installation(template):
        for release in (FEBRUARY, MARCH):
            ingest(dataset(DATASET), bundled_arrival(release))
        for document in handed_over.counts():
            document.take()
        for day, (coverage, listed) in EDITIONS.items():
            assert take(day, coverage, listed).entries == len(listed)
        yield builds.build()
