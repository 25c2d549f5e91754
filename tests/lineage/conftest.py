"""A warehouse with a history to trace: February collected and built, then March, and the marts as of a day between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from helpers import DATASET, new_installation, rows

from sanad.collect import Via
from sanad.decide import builds
from sanad.decide.collect import collect
from sanad.local import handed_over
from sanad.local.publisher import Publisher
from sanad.registry import dataset
from sanad.warehouse import dbt

THEN = date(2026, 3, 20)
THEN_SCHEMA = "marts_2026_03_20"


@dataclass(frozen=True)
class Told:
    """The publisher's stand-in that was asked, and an instant after February and before March."""

    publisher: str
    between: datetime


@pytest.fixture(scope="session")
def told(template: Path) -> Iterator[Told]:
    with new_installation(template), Publisher() as publisher:
        via = Via(publisher.url, allow_private=True, trust_origin=True)
        for run in ("run_1", "run_2"):  # nothing new the second time: 304
            collect(dataset(DATASET), via=via, actor="collect__sbp__trade_in_services", airflow_run=run)
        (between,) = rows("select clock_timestamp()")[0]
        publisher.advance()
        collect(dataset(DATASET), via=via, actor="collect__sbp__trade_in_services", airflow_run="run_3")
        publisher.rewind()  # February's bytes once more
        collect(dataset(DATASET), via=via, actor="collect__sbp__trade_in_services", airflow_run="run_4")
        for document in handed_over.counts():
            document.take()
        dbt.build(airflow_run="build_1")
        builds.build_as_of(THEN_SCHEMA, THEN)
        yield Told(publisher.url, between)
