"""A warehouse with releases, articles, counts and small invented lists; Superset on it; the lineage pages beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.conftest import chromium, served  # noqa: F401 - chromium is a fixture
from helpers import DATASET, FEBRUARY, MARCH, PROJECT, arrival, bundled_arrival, new_installation, release_of
from registrations.conftest import EDITIONS, take

from sanad.decide import builds, ingest
from sanad.local import bundled, dashboards
from sanad.local.alone import alone
from sanad.local.dashboards import Dashboards
from sanad.local.handed_over import counts, figures
from sanad.local.interrupts import noted
from sanad.local.keeper import kept
from sanad.registry import dataset

RATES = "sbp/exchange_rates"
#: Where the screenshots are left, for people: git does not see it.
ARTEFACTS = PROJECT / ".sanad" / "artefacts" / "dashboards"


@pytest.fixture(scope="session")
def state(template: Path) -> Iterator[Path]:
    """A built warehouse."""
    if not dashboards.installed():
        pytest.skip("no .venv-bi: call make test-bi")
    with new_installation(template) as folder:
        for release in (FEBRUARY, MARCH):
            ingest(dataset(DATASET), bundled_arrival(release))
        rates = release_of(RATES)
        ingest(dataset(RATES), arrival(bundled.render(rates), http_last_modified=rates.last_saved))
        for document in (*counts(), *figures()):
            document.take()
        for day, (coverage, listed) in EDITIONS.items():
            take(day, coverage, listed)
        builds.build()
        yield folder


@pytest.fixture(scope="session")
def superset(state: Path) -> Iterator[Dashboards]:
    """Superset provisioned from the files, its rows linked to the lineage pages."""
    with (
        served() as pages,
        noted() as interrupts,
        alone("test") as lock,
        kept(lock) as keeper,
        dashboards.dashboards(interrupts, keeper, f"{pages}/sanad/lineage") as made,
    ):
        made.start()
        yield made


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """The folder of the screenshots."""
    shutil.rmtree(ARTEFACTS, ignore_errors=True)
    ARTEFACTS.mkdir(parents=True)
    return ARTEFACTS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of it needs a whole Superset."""
    here = os.path.dirname(__file__)  # noqa: PTH120 - pytest's own paths are text
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.bi)
