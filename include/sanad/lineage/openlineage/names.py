"""What things are called in lineage events. Every job names its datasets here, or the graph falls apart."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState

from sanad import __version__
from sanad.warehouse.connect import Role, url
from sanad.words import settings

#: The namespace of every job.
JOBS: Final = "sanad"
#: Who sends the events.
PRODUCER: Final = f"urn:sanad:{__version__}"
_RUNS: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:sanad:runs")

Name = tuple[str, str]


def table(schema: str, name: str) -> Name:
    """Namespace and name of a table or view of the warehouse: ``postgres://host:port``, ``sanad.marts.dim_period``."""
    where = url(Role.AUDITOR)
    return f"postgres://{where.host}:{where.port or 5432}", f"{where.database}.{schema}.{name}"


def archived(sha256: str) -> Name:
    """Of the archived bytes of a hash: ``file`` and a path, or a bucket and a key."""
    root = urlsplit(settings.archive_url())
    path = f"{root.path.rstrip('/')}/sha256/{sha256[:2]}/{sha256}"
    if root.scheme in {"", "file"}:
        return "file", path
    return f"{root.scheme}://{root.netloc}", path.lstrip("/")


def published(address: str) -> Name:
    """Of what a publisher serves at an address: its site, and the path there."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}", parts.path or "/"


def run(*what: str) -> str:
    """The id of a run: the same whenever its events are sent, so that a backend keeps one of them."""
    return str(uuid.uuid5(_RUNS, "/".join(what)))


def event(
    state: RunState,
    at: datetime,
    run: Run,
    job: Job,
    inputs: list[InputDataset] | None = None,
    outputs: list[OutputDataset] | None = None,
) -> RunEvent:
    """One event, said by us."""
    return RunEvent(
        eventType=state,
        eventTime=at.isoformat(),
        run=run,
        job=job,
        producer=PRODUCER,
        inputs=list(inputs or []),
        outputs=list(outputs or []),
    )
