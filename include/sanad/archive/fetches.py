"""The record of every attempt to collect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from sanad.warehouse import tables


@dataclass(frozen=True)
class Fetch:
    """One attempt: see ``archive.fetch`` for each field."""

    dataset: str
    url: str
    started_at: datetime
    outcome: str
    via: str | None = None
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    reason: str | None = None
    airflow_run: str | None = None


class Validators(NamedTuple):
    """What makes the next request to an address conditional."""

    etag: str | None
    last_modified: str | None


def record(connection: Connection, *attempts: Fetch) -> None:
    """Write attempts down."""
    if attempts:
        connection.execute(insert(tables.fetch), [vars(attempt) for attempt in attempts])


def validators(connection: Connection, dataset: str, url: str) -> Validators:
    """Those of the last whole answer from an address whose content is in the archive; any other is asked for again."""
    fetch, release = tables.fetch.c, tables.release.c
    found = connection.execute(
        select(fetch.etag, fetch.last_modified)
        .join(tables.release, (release.dataset == fetch.dataset) & (release.sha256 == fetch.sha256))
        .where(fetch.dataset == dataset, fetch.url == url)
        .order_by(fetch.fetch_id.desc())
        .limit(1)
    ).first()
    return Validators(found.etag, found.last_modified) if found else Validators(None, None)
