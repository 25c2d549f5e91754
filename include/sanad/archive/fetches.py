"""The record of every attempt to collect: one row an address and cycle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from sanad.warehouse import tables

#: A publisher that keeps the ETag while the bytes change would hide a release behind 304 for ever. So no address is
#: asked with validators when its last whole answer is older than this: a hidden release comes at most a week late.
REVALIDATE_AFTER = timedelta(days=7)


class Outcome(StrEnum):
    """What an attempt came to, in ``archive.fetch``; ``reason`` says more."""

    #: content that was not in the archive, ingested in this cycle (accepted, quarantined or duplicate: see the ledger);
    #: of a walk, an answer that is kept until the walk is over
    NEW = "new"
    #: content that is in the archive already
    KNOWN = "known"
    #: 304 to a request with validators
    NOT_MODIFIED = "not_modified"
    #: content that is not in the archive, passed over for a newer or a readable one: its turn comes next cycle
    OLDER = "older"
    #: no file was had: no answer, a broken one, or a status that says no
    FAILED = "failed"
    #: an answer came and was not taken: over the size limit, redirected away or in circles, 304 unasked, or none to the
    #: question that was asked
    REFUSED = "refused"


@dataclass(frozen=True)
class Fetch:
    """One attempt: see ``archive.fetch`` for each field."""

    dataset: str
    url: str
    started_at: datetime
    outcome: Outcome
    via: str | None = None
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    reason: str | None = None
    airflow_run: str | None = None


class Heard(NamedTuple):
    """The last whole answer of an address whose content is in the archive."""

    started_at: datetime
    etag: str | None
    last_modified: str | None
    sha256: str

    def may_be_compared(self, now: datetime) -> bool:
        """Whether its validators are young enough to ask with."""
        return now - self.started_at <= REVALIDATE_AFTER


def record(connection: Connection, *attempts: Fetch) -> None:
    """Write attempts down."""
    if attempts:
        connection.execute(insert(tables.fetch), [vars(attempt) for attempt in attempts])


def asked_since(connection: Connection, dataset: str, since: datetime, *, redirected: bool) -> int:
    """How many requests have been made for a dataset since an instant; ``redirected`` as for ``last_heard``."""
    fetch = tables.fetch.c
    requests = select(func.count()).where(
        fetch.dataset == dataset, fetch.started_at >= since, fetch.via.is_not(None) == redirected
    )
    return int(connection.scalar(requests) or 0)


def last_heard(connection: Connection, dataset: str, url: str, *, redirected: bool) -> Heard | None:
    """The last whole answer from an address; None when there is none.

    ``redirected`` tells answers that a connection gave in the publisher's stead from the publisher's own: the
    validators of one say nothing about the other.
    """
    fetch, release = tables.fetch.c, tables.release.c
    found = connection.execute(
        select(fetch.started_at, fetch.etag, fetch.last_modified, fetch.sha256)
        .join(tables.release, (release.dataset == fetch.dataset) & (release.sha256 == fetch.sha256))
        .where(fetch.dataset == dataset, fetch.url == url, fetch.via.is_not(None) == redirected)
        .order_by(fetch.fetch_id.desc())
        .limit(1)
    ).first()
    return Heard(found.started_at, found.etag, found.last_modified, found.sha256) if found else None
