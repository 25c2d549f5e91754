"""What tests of every kind share: a throw-away installation, and the real workbooks where they are."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sanad.words import settings

PROJECT = Path(__file__).resolve().parents[1]
REAL_RELEASES = PROJECT.parent / "shared" / "releases" / "sbp"


@contextmanager
def new_installation() -> Iterator[Path]:
    """A state folder of its own with a running, migrated, empty warehouse; gone at the end, server included."""
    from sanad.local.postgres import warehouse

    # not pytest's own folder: when root runs the tests, the server's unprivileged user must be able to enter
    state = Path(tempfile.mkdtemp(prefix="sanad-test-"))
    state.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANAD_STATE", str(state))
        patch.setenv("SANAD_ACTOR", "tester")
        for name in ("SANAD_DATABASE_URL", "SANAD_ARCHIVE", "SANAD_SECRETS", "SANAD_SOURCES"):
            patch.delenv(name, raising=False)
        try:
            with warehouse():
                yield state
        finally:
            shutil.rmtree(state, ignore_errors=True)


@pytest.fixture
def installation() -> Iterator[Path]:
    """An empty installation for one test."""
    with new_installation() as state:
        yield state


@pytest.fixture(scope="module")
def shared_installation() -> Iterator[Path]:
    """An installation for the tests of one module."""
    with new_installation() as state:
        yield state


@pytest.fixture(scope="session")
def real_february() -> bytes:
    """SBP's own workbook of February 2026; never committed, and never passed over where it is."""
    path = REAL_RELEASES / "dt_2026-03-17.xls"
    if not REAL_RELEASES.exists():
        pytest.skip("the real SBP workbooks are not on this machine")
    return path.read_bytes()


@pytest.fixture
def trade_in_services():
    """The dataset of the registry."""
    from sanad.registry import dataset

    settings.sources()
    return dataset("sbp/trade_in_services")
