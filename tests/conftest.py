"""What tests of every kind share: a throw-away installation, and the real workbooks where they are."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
REAL_RELEASES = PROJECT.parent / "shared" / "releases" / "sbp"


@contextmanager
def state_folder() -> Iterator[Path]:
    """An empty state folder, set as the one in use; gone at the end."""
    # not pytest's own folder: when root runs the tests, the server's unprivileged user must be able to enter
    state = Path(tempfile.mkdtemp(prefix="sanad-test-"))
    state.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANAD_STATE", str(state))
        patch.setenv("SANAD_ACTOR", "tester")
        for name in ("SANAD_DATABASE_URL", "SANAD_ARCHIVE", "SANAD_SECRETS", "SANAD_SOURCES"):
            patch.delenv(name, raising=False)
        try:
            yield state
        finally:
            shutil.rmtree(state, ignore_errors=True)


@contextmanager
def new_installation(template: Path) -> Iterator[Path]:
    """A state folder of its own with a running, migrated, empty warehouse."""
    from sanad.local.postgres import warehouse

    with state_folder() as state:
        subprocess.run(["cp", "-a", f"{template}/.", state], check=True)
        with warehouse():
            yield state


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """A finished, stopped, empty installation, copied for each test that needs one."""
    from sanad.local.postgres import warehouse

    with state_folder() as state:
        with warehouse():
            pass
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

    return dataset("sbp/trade_in_services")
