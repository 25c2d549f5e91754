"""A warehouse with the two bundled releases and a history: March was taken back for a while."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from helpers import DATASET, FEBRUARY, MARCH, build_marts, bundled_arrival, new_installation, rows

from sanad.archive import ledger
from sanad.archive.ledger import Entry
from sanad.decide import ingest
from sanad.registry import dataset
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, engine
from sanad.words.vocabulary import Event


@dataclass(frozen=True)
class History:
    """Release ids, and the instants at which each step of the story was over."""

    february: int
    march: int
    instants: dict[str, datetime]


@pytest.fixture(scope="session")
def history(template: Path) -> Iterator[History]:
    """Built after every step, so that what stands came about by increments."""
    with new_installation(template):
        instants = {}
        ids = []
        for name, release in (("february", FEBRUARY), ("march", MARCH)):
            ids.append(ingest(dataset(DATASET), bundled_arrival(release)).release_id)
            build_marts()
            instants[name] = rows("select clock_timestamp()")[0][0]
        for name, event in (("retracted", Event.RETRACTED), ("reinstated", Event.REINSTATED)):
            with engine(Role.LOADER).begin() as writing:
                ledger.append(writing, "tester", Entry(event, ids[1], "a test"))
            build_marts()
            instants[name] = rows("select clock_timestamp()")[0][0]
        tests = dbt.invoke("test", "--select", "test_type:data").of("test")
        assert {one.status for one in tests} == {"pass"}, "also of rows that came about by increments"
        yield History(*ids, instants)
