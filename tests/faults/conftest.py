"""A publisher that misbehaves, and a clock that does not wait."""

from __future__ import annotations

import time
from itertools import count

import pytest
from faults.seen import DATASET

from sanad.collect import Via
from sanad.local import bundled
from sanad.local.publisher import Publisher

_numbers = count(1)


@pytest.fixture
def source(shared_installation, trade_in_services):
    """The dataset under a name of its own: an empty warehouse for each test, without the price of one."""
    return trade_in_services.model_copy(update={"name": f"sbp/case_{next(_numbers)}"})


@pytest.fixture(scope="session")
def server():
    with Publisher() as running:
        yield running


@pytest.fixture
def publisher(server):
    server.rewind()
    return server


@pytest.fixture
def via(publisher):
    return Via(publisher.url, allow_private=True, trust_origin=True)


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """Every pause between tries, in seconds, not waited for."""
    taken = []
    monkeypatch.setattr(time, "sleep", taken.append)
    return taken


@pytest.fixture
def february():
    return bundled.render(bundled.editions(DATASET)[0])
