"""What tests of every kind use: throw-away installations, bundled releases as arrivals, questions to the warehouse."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sanad.archive.store import sha256_of
from sanad.decide import Arrival
from sanad.local import bundled
from sanad.local.bundled import BundledRelease
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, connection
from sanad.warehouse.dbt import BuildResult
from sanad.words import ids
from sanad.words.vocabulary import Origin

PROJECT = Path(__file__).resolve().parents[1]
REAL_RELEASES = PROJECT.parent / "shared" / "releases" / "sbp"
DATASET = "sbp/trade_in_services"
URL = "https://www.sbp.org.pk/ecodata/dt.xls"
FEBRUARY, MARCH = bundled.editions(DATASET)


def release_of(dataset: str) -> BundledRelease:
    """The newest bundled edition of a dataset."""
    return bundled.editions(dataset)[-1]


def arrival(content: bytes, origin: Origin = Origin.TRANSCRIBED, **said: Any) -> Arrival:
    """Bytes somebody hands over."""
    return Arrival({"dt.xls": content}, origin, "tester", "handed over", **said)


def bundled_arrival(release: BundledRelease) -> Arrival:
    """A bundled release as the loopback publisher would deliver it."""
    return arrival(bundled.render(release), http_last_modified=release.last_saved, url=URL)


def release_id(release: BundledRelease) -> int:
    """The id a bundled release gets, on every machine."""
    return ids.release_id(DATASET, sha256_of(bundled.render(release)))


def rows(question: str, *parameters: Any, role: Role = Role.AUDITOR) -> list[tuple[Any, ...]]:
    """The rows of a question."""
    with connection(role) as asking:
        return asking.execute(question, parameters or None).fetchall()


def build_marts(
    build: Callable[..., BuildResult] = dbt.build, select: str = "resource_type:seed resource_type:model", **how: Any
) -> BuildResult:
    """A build without its data tests, which are half of it; other rows of the kind have been put to them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_INDIRECT_SELECTION", "empty")
        result = build(select=select, **how)
    assert result.of("model") and not result.of("test")
    return result


def events() -> list[str]:
    """The ledger's events in order."""
    return [event for (event,) in rows("select event from archive.ledger order by seq")]


@contextmanager
def state_folder() -> Iterator[Path]:
    """An empty state folder, set as the one in use; gone at the end."""
    # not pytest's own folder: when root runs the tests, the server's unprivileged user must be able to enter
    state = Path(tempfile.mkdtemp(prefix="sanad-test-"))
    state.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANAD_STATE", str(state))
        patch.setenv("SANAD_ACTOR", "tester")
        for name in ("SANAD_DATABASE_URL", "SANAD_ARCHIVE", "SANAD_SECRETS", "SANAD_SOURCES", "SANAD_CORRECTIONS"):
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
