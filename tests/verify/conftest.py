"""A built warehouse of the two bundled releases, which each test plants one thing in, and mends again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import DATASET, FEBRUARY, MARCH, bundled_arrival, new_installation

from sanad.decide import ingest
from sanad.registry import dataset
from sanad.warehouse import dbt


@pytest.fixture(scope="session")
def built(template: Path) -> Iterator[Path]:
    """The state folder of a warehouse with both releases, built once."""
    with new_installation(template) as state:
        for release in (FEBRUARY, MARCH):
            ingest(dataset(DATASET), bundled_arrival(release))
        dbt.build()
        yield state
