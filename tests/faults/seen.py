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


def held(dataset=None):
    """Counts of one dataset, or of all."""
    with connection(Role.AUDITOR) as asking:
        return Held(
            *asking.execute(
                """
                with mine as (select release_id from archive.release where %(dataset)s in (dataset, ''))
                select
                    (select count(*) from archive.ledger join mine using (release_id)),
                    (select count(*) from mine),
                    (select count(*) from staging.figure join mine using (release_id))
                """,
                {"dataset": dataset.name if dataset else ""},
            ).fetchone()
        )


def attempts(dataset, last=None):
    """(status, outcome, reason) of a dataset's last attempts, in the order they were made."""
    with connection(Role.AUDITOR) as asking:
        found = asking.execute(
            "select status, outcome, reason from archive.fetch where dataset = %s order by fetch_id", [dataset.name]
        ).fetchall()
    return found[-last:] if last else found


def at(dataset, *hosts, **changes):
    """The dataset asked for at these hosts only, with changes to how it is collected."""
    urls = [Url(url=f"https://{host}{PATH}", verified=False) for host in hosts]
    return dataset.model_copy(update={"collect": dataset.collect.model_copy(update={"urls": urls, **changes})})
