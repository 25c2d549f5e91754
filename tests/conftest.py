"""Fixtures for tests of every kind."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers import (
    DATASET,
    FEBRUARY,
    MARCH,
    REAL_RELEASES,
    build_marts,
    bundled_arrival,
    new_installation,
    state_folder,
)

from sanad.registry import Dataset

#: Folders that take minutes, the longest first: begun last, one would keep a worker busy while the other has no more.
LONG = ("registrations", "dbt", "vintages", "property", "run", "integration", "claims", "lineage", "verify",
        "registers", "scaffold", "dags")  # fmt: skip

# a `make` that a test starts is no part of the one that may be running the tests
for _name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"):
    os.environ.pop(_name, None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep a folder's tests on one worker: an installation of the session is that folder's alone."""
    from xdist.scheduler import LoadScopeScheduling

    config.option.loadscopereorder = False  # the order below, not the folder with most tests first

    class ByFolder(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid.partition("::")[0].rpartition("/")[0]

    return ByFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folders that take long first, the others as they were."""
    order = {folder: place for place, folder in enumerate(LONG)}
    items.sort(key=lambda item: order.get(item.path.parent.name, len(LONG)))


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """A finished, stopped, empty installation with dbt's project parsed, copied for each test that needs one."""
    from dbt.adapters.postgres import PostgresCredentials

    from sanad.local.postgres import located, warehouse
    from sanad.warehouse import dbt

    keys = PostgresCredentials._connection_keys
    with state_folder() as state, pytest.MonkeyPatch.context() as patch:
        # dbt parses anew when an attribute of the connection is another, and every copy listens on a port of its own
        patch.setattr(PostgresCredentials, "_connection_keys", lambda self: (*(set(keys(self)) - {"port"}),))
        with warehouse():
            dbt.invoke("parse")
        with (located().data / "postgresql.conf").open("a") as configuration:
            configuration.write("fsync = off\nfull_page_writes = off\n")  # no test pulls the plug
        yield state


@pytest.fixture(scope="session")
def built_template(template: Path) -> Iterator[Path]:
    """A stopped installation with the two bundled releases, built; copied for the tests that look at marts."""
    from sanad.decide import ingest
    from sanad.local.postgres import warehouse
    from sanad.registry import dataset

    with state_folder() as state:
        subprocess.run(["cp", "-a", f"{template}/.", state], check=True)
        with warehouse():
            for release in (FEBRUARY, MARCH):
                ingest(dataset(DATASET), bundled_arrival(release))
            build_marts()
        yield state


@pytest.fixture
def installation(template: Path) -> Iterator[Path]:
    """An empty installation for one test."""
    with new_installation(template) as state:
        yield state


@pytest.fixture(scope="module")
def shared_installation(template: Path) -> Iterator[Path]:
    """An installation for the tests of one module."""
    with new_installation(template) as state:
        yield state


def _real(name: str) -> bytes:
    """A workbook of SBP's own; never committed, and never passed over where it is."""
    if not REAL_RELEASES.exists():
        pytest.skip("the real SBP workbooks are not on this machine")
    return (REAL_RELEASES / name).read_bytes()


@pytest.fixture(scope="session")
def real_february() -> bytes:
    """SBP's own trade in services of February 2026."""
    return _real("dt_2026-03-17.xls")


@pytest.fixture(scope="session")
def real_exchange_rates() -> bytes:
    """SBP's own exchange rates up to March 2026."""
    return _real("IBF_Arch.xls")


@pytest.fixture(scope="session")
def real_bop_summary() -> bytes:
    """SBP's own balance of payments of March 2026."""
    return _real("Balancepayment_BPM6.xls")


@pytest.fixture
def trade_in_services() -> Dataset:
    """The dataset of the registry."""
    from sanad.registry import dataset

    return dataset(DATASET)
