"""A warehouse for the dbt tests: the two bundled releases, built once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from helpers import DATASET, FEBRUARY, MARCH, bundled_arrival, new_installation, rows

from sanad.decide import ingest
from sanad.registry import dataset
from sanad.warehouse.connect import Role, connection


@pytest.fixture(scope="session")
def releases(template: Path) -> Iterator[tuple[int, int]]:
    """The release ids of February and March 2026, staged in a warehouse of the session's own."""
    with new_installation(template):
        yield tuple(ingest(dataset(DATASET), bundled_arrival(release)).release_id for release in (FEBRUARY, MARCH))


@pytest.fixture(scope="session")
def built(releases: tuple[int, int]) -> object:
    """The warehouse built once."""
    from sanad.warehouse import dbt

    return dbt.build()


@pytest.fixture
def query(built: object) -> Callable[..., list[tuple[object, ...]]]:
    """Rows of a question asked as a role, bi_reader unless another is named."""

    def ask(question: str, *parameters: object, role: Role = Role.BI_READER) -> list[tuple[object, ...]]:
        return rows(question, *parameters, role=role)

    return ask


@pytest.fixture
def owner(built: object) -> Iterator[psycopg.Connection]:
    """A transaction of the owner that is always rolled back: whatever is planted is gone afterwards."""
    with connection(Role.OWNER) as warehouse:
        yield warehouse
        warehouse.rollback()
