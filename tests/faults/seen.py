"""What the warehouse holds and has written down, and a dataset asked for at chosen addresses."""

from __future__ import annotations

from dataclasses import dataclass

from sanad.registry import Url
from sanad.warehouse.connect import Role, connection

DATASET = "sbp/trade_in_services"
SBP, ARCHIVE, PATH = "www.sbp.org.pk", "archive.sbp.org.pk", "/ecodata/dt.xls"


@dataclass(frozen=True)
class Held:
    """What no fault may touch."""

    events: int
    releases: int
    figures: int


def held():
    with connection(Role.AUDITOR) as asking:
        return Held(
            *asking.execute(
                "select (select count(*) from archive.ledger), (select count(*) from archive.release), "
                "(select count(*) from staging.figure)"
            ).fetchone()
        )


def attempts(last=None):
    """(status, outcome, reason) of the last attempts, in the order they were made."""
    with connection(Role.AUDITOR) as asking:
        found = asking.execute("select status, outcome, reason from archive.fetch order by fetch_id").fetchall()
    return found[-last:] if last else found


def at(dataset, *hosts, **changes):
    """The dataset asked for at these hosts only, with changes to how it is collected."""
    urls = [Url(url=f"https://{host}{PATH}", verified=False) for host in hosts]
    return dataset.model_copy(update={"collect": dataset.collect.model_copy(update={"urls": urls, **changes})})
