"""A warehouse with all that is bundled of trade, exchange rates and the balance of payments, every printed claim, and
the counts of call centres and their people, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import DATASET, FEBRUARY, MARCH, arrival, bundled_arrival, new_installation, release_of

from sanad.decide import builds, ingest
from sanad.local import bundled
from sanad.local.handed_over import counts, figures
from sanad.registry import dataset

BALANCE = "sbp/bop_summary"
RATES = "sbp/exchange_rates"


@pytest.fixture(scope="session")
def weighed(template: Path) -> Iterator[None]:
    with new_installation(template):
        for release in (FEBRUARY, MARCH):
            ingest(dataset(DATASET), bundled_arrival(release))
        balance, rates = release_of(BALANCE), release_of(RATES)
        ingest(dataset(BALANCE), bundled_arrival(balance))
        ingest(dataset(RATES), arrival(bundled.render(rates), http_last_modified=rates.last_saved))
        of_call_centres = [one for one in counts() if b"call_centre" in one.render()]
        assert of_call_centres
        for document in [*of_call_centres, *figures()]:
            document.take()
        builds.build()
        yield
