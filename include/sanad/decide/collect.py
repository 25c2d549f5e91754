"""One collect cycle of a dataset: ask every address, take the newest edition, write down every attempt."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from sanad.archive import fetches, ledger, releases
from sanad.archive.fetches import Fetch, Validators
from sanad.archive.store import Store, sha256_of
from sanad.collect import FinalFetchError, Response, TransientFetchError, Via, fetch
from sanad.registry import Dataset, Url
from sanad.warehouse.connect import Role, engine
from sanad.words.errors import Unreadable, UsageError
from sanad.words.vocabulary import Event, Origin

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Collected:
    """What a cycle came to. ``outcome`` is unchanged, accepted, duplicate or quarantined."""

    outcome: str
    summary: str
    handle: str | None = None
    figures: int = 0
    findings: list[str] = field(default_factory=list)


class _Answer(NamedTuple):
    attempt: Fetch
    response: Response | None
    error: TransientFetchError | FinalFetchError | None


def collect(dataset: Dataset, *, via: Via | None, actor: str, airflow_run: str | None = None) -> Collected:
    """Fetch what is there now and ingest at most one new release.

    When no address gave a whole answer the error is raised: TransientFetchError if one of them may answer later,
    else FinalFetchError. An address that fails beside one that answers is recorded and left for the next cycle.
    """
    if dataset.collect is None:
        raise UsageError(f"{dataset.name} is not collected; use `sanad ingest`")
    with engine(Role.LOADER).begin() as connection:
        ledger.mend_last(connection, Store.open())
        known = {one.release.sha256: one for one in releases.known(connection, dataset.name)}
        past = {
            str(url.url): fetches.validators(connection, dataset.name, str(url.url)) for url in dataset.collect.urls
        }
    answers = [_ask(dataset, url, past[str(url.url)], via, airflow_run) for url in dataset.collect.urls]
    new = [answer for answer in answers if answer.response and answer.attempt.outcome == "new"]
    contents = {answer.attempt.sha256: answer for answer in reversed(new) if answer.attempt.sha256 not in known}
    ranked = sorted(contents.values(), key=lambda answer: _edition(dataset, answer), reverse=True)
    taken = ranked[0] if ranked else None
    try:
        return _ingest(dataset, taken, via, actor) if taken else _nothing_new(answers)
    finally:  # an attempt is an attempt, whatever came of it
        with engine(Role.LOADER).begin() as connection:
            fetches.record(connection, *(_settled(answer.attempt, set(known), taken) for answer in answers))


def _ask(dataset: Dataset, url: Url, past: Validators, via: Via | None, airflow_run: str | None) -> _Answer:
    assert dataset.collect  # noqa: S101 - the caller's to check
    attempt = Fetch(
        dataset.name,
        str(url.url),
        datetime.now(UTC),
        "new",
        via=via.base_url if via else None,
        airflow_run=airflow_run,
    )
    try:
        response = fetch(
            str(url.url),
            max_bytes=dataset.max_bytes,
            timeout_seconds=dataset.collect.timeout_seconds,
            etag=past.etag,
            last_modified=past.last_modified,
            via=via,
        )
    except (TransientFetchError, FinalFetchError) as error:
        log.warning("%s", error)
        return _Answer(replace(attempt, outcome="failed", reason=str(error)), None, error)
    heard = replace(attempt, status=response.status, etag=response.etag, last_modified=response.last_modified)
    if response.status == 304:
        return _Answer(replace(heard, outcome="not_modified"), response, None)
    return _Answer(replace(heard, bytes=len(response.content), sha256=sha256_of(response.content)), response, None)


def _edition(dataset: Dataset, answer: _Answer) -> tuple[str, float]:
    """What ranks two contents of one cycle: the edition each says it is, then when it was saved."""
    from sanad.extract import read_release

    assert answer.response  # noqa: S101 - only answers with content are ranked
    saved = answer.response.last_modified_at
    try:
        edition = read_release(dataset, {_name(answer.attempt.url): answer.response.content}).edition
    except Unreadable:
        edition = ""
    return edition, saved.timestamp() if saved else 0.0


def _name(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2] or "index"


def _ingest(dataset: Dataset, answer: _Answer, via: Via | None, actor: str) -> Collected:
    from sanad.decide.arrival import Arrival, ingest

    response = answer.response
    assert response  # noqa: S101 - only answers with content are ingested
    arrival = Arrival(
        parts={_name(answer.attempt.url): response.content},
        origin=Origin(response.origin) if response.origin else dataset.origin,
        actor=actor,
        reason=f"collected from {answer.attempt.url}",
        url=answer.attempt.url,
        media_type=response.media_type,
        http_last_modified=response.last_modified_at,
        evidence={
            "etag": response.etag,
            "last_modified": response.last_modified,
            "via": via.base_url if via else None,
        },
    )
    done = ingest(dataset, arrival)
    findings = [str(finding) for finding in done.findings]
    outcome = done.event.value if done.new else "unchanged"
    summary = "; ".join([done.summary, *findings]) if done.event is Event.QUARANTINED else done.summary
    return Collected(outcome, summary, done.handle, done.figures, findings)


def _nothing_new(answers: list[_Answer]) -> Collected:
    if any(answer.response for answer in answers):
        heard = ", ".join(f"{answer.attempt.url} {answer.attempt.status}" for answer in answers if answer.response)
        return Collected("unchanged", f"nothing new: {heard}")
    transient = [answer.error for answer in answers if isinstance(answer.error, TransientFetchError)]
    said = "; ".join(str(answer.error) for answer in answers)
    raise (TransientFetchError if transient else FinalFetchError)(f"no address answered: {said}")


def _settled(attempt: Fetch, known: set[str], taken: _Answer | None) -> Fetch:
    """The attempt with the outcome that the whole cycle gave it."""
    if attempt.outcome != "new" or (taken and attempt.sha256 == taken.attempt.sha256):
        return attempt
    return replace(attempt, outcome="known" if attempt.sha256 in known else "older")
