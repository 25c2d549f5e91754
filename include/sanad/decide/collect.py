"""One collect cycle of a dataset: ask every address, take the newest edition, write down every attempt."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from sanad.archive import fetches, ledger, releases
from sanad.archive.fetches import Fetch, Heard, Outcome
from sanad.archive.releases import Known
from sanad.archive.store import Store, sha256_of
from sanad.collect import (
    FinalFetchError,
    RefusedFetchError,
    Response,
    TransientFetchError,
    Via,
    fetch,
    within_moments,
)
from sanad.decide.collected import Collected
from sanad.redact import redact
from sanad.registry import Dataset, Url
from sanad.warehouse.connect import Role, engine
from sanad.words.errors import NotKept, UsageError
from sanad.words.vocabulary import Event, Origin

log = logging.getLogger(__name__)


class _Answer(NamedTuple):
    """An attempt with what came of it; ``sha256`` and ``edition`` are those of what the address serves, where known."""

    attempt: Fetch
    response: Response | None = None
    error: TransientFetchError | FinalFetchError | None = None
    sha256: str | None = None
    edition: str | None = None
    warning: str | None = None


def collect(dataset: Dataset, *, via: Via | None, actor: str, airflow_run: str | None = None) -> Collected:
    """Fetch what is there now and ingest at most one new release: of several, the newest that can be read.

    When no address gave a whole answer the error is raised: TransientFetchError if one of them may answer later,
    with the longest ``retry_after_seconds`` any of them asked for, else FinalFetchError. An address that fails beside
    one that answers is recorded and left for the next cycle.
    """
    if dataset.collect is None:
        raise UsageError(f"{dataset.name} is not collected; use `sanad ingest`")
    if dataset.collect.walk:
        return _walk(dataset, via, actor, airflow_run)
    with engine(Role.LOADER).begin() as connection:
        ledger.mend_last(connection, Store.open())
        known = {one.release.sha256: one for one in releases.known(connection, dataset.name)}
        past = {
            url: fetches.last_heard(connection, dataset.name, str(url.url), redirected=via is not None)
            for url in dataset.collect.urls
        }
    answers = [_ask(dataset, url, _trusted(past[url], known), via, airflow_run) for url in dataset.collect.urls]
    answers = [_with_edition(dataset, answer, known) for answer in answers]
    taken = max((answer for answer in answers if _is_new(answer, known)), key=_rank, default=None)
    answers = [_settled(answer, answers, taken, known) for answer in answers]
    warnings = [answer.warning for answer in answers if answer.warning]
    for warning in warnings:
        log.warning("%s: %s", dataset.name, warning)
    try:
        done = _ingest(dataset, taken, via, actor) if taken else _nothing_new(answers)
        return replace(done, warnings=warnings)
    finally:  # an attempt is an attempt, whatever came of it
        with engine(Role.LOADER).begin() as connection:
            fetches.record(connection, *(answer.attempt for answer in answers))


def _walk(dataset: Dataset, via: Via | None, actor: str, airflow_run: str | None) -> Collected:
    from sanad.decide.walk import collect_by_walk

    return collect_by_walk(dataset, redact=redact, via=via, actor=actor, airflow_run=airflow_run)


def _trusted(heard: Heard | None, known: Mapping[str, Known]) -> Heard | None:
    """What an address may be asked to compare with: never a quarantined file.

    An empty or damaged body under the true file's ETag would otherwise hide the true file behind 304.
    """
    return None if heard and known[heard.sha256].state is Event.QUARANTINED else heard


def _ask(dataset: Dataset, url: Url, heard: Heard | None, via: Via | None, airflow_run: str | None) -> _Answer:
    """One address's answer, conditional where its last whole answer is young; never an error."""
    address, started_at = str(url.url), datetime.now(UTC)
    attempt = Fetch(
        dataset.name, address, started_at, Outcome.NEW, via=via.base_url if via else None, airflow_run=airflow_run
    )
    compared = heard if heard and heard.may_be_compared(started_at) else None
    hitches: list[TransientFetchError] = []
    try:
        response = within_moments(partial(_get, dataset, address, compared, via), hitches.append)
        if compared and _contradicts(response, compared):
            response = within_moments(partial(_get, dataset, address, None, via), hitches.append)
    except (TransientFetchError, FinalFetchError) as error:
        log.warning("%s", error)
        outcome = Outcome.REFUSED if isinstance(error, RefusedFetchError) else Outcome.FAILED
        return _Answer(
            replace(attempt, status=error.status, outcome=outcome, reason=_said(*hitches, error)), error=error
        )
    attempt = replace(
        attempt,
        status=response.status,
        etag=response.etag,
        last_modified=response.last_modified,
        reason=f"answered when asked again: {_said(*hitches)}" if hitches else None,
    )
    if response.status == 304:
        return _Answer(
            replace(attempt, outcome=Outcome.NOT_MODIFIED), response, sha256=compared.sha256 if compared else None
        )
    try:
        sha256 = sha256_of(redact(dataset, _name(address), response.content).content)
    except NotKept as error:
        refusal = RefusedFetchError(str(error), response.status)
        return _Answer(replace(attempt, outcome=Outcome.REFUSED, reason=str(error)), error=refusal)
    warning = None
    if heard and sha256 != heard.sha256:
        if response.etag and response.etag == heard.etag:
            warning = f"{address} serves other bytes under the same ETag {response.etag}"
        if response.last_modified == heard.last_modified:  # a date that stays while the bytes change dates nothing
            response = replace(response, last_modified=None)
    return _Answer(
        replace(attempt, bytes=len(response.content), sha256=sha256), response, sha256=sha256, warning=warning
    )


def _get(dataset: Dataset, address: str, compared: Heard | None, via: Via | None) -> Response:
    assert dataset.collect  # noqa: S101 - the caller's to check
    return fetch(
        address,
        max_bytes=dataset.max_bytes,
        timeout_seconds=dataset.collect.timeout_seconds,
        etag=compared.etag if compared else None,
        last_modified=compared.last_modified if compared else None,
        via=via,
        hosts={urlsplit(str(url.url)).hostname or "" for url in dataset.collect.urls},
    )


def _contradicts(response: Response, compared: Heard) -> bool:
    """Whether a 304 names other validators than ours: then the file moved on behind it, and is asked for outright."""
    if response.status != 304:
        return False
    etag_moved = response.etag and compared.etag and response.etag != compared.etag
    date_moved = response.last_modified and response.last_modified != compared.last_modified
    return bool(etag_moved or date_moved)


def _said(*errors: Exception) -> str:
    """What went wrong, each thing once."""
    return "; ".join(dict.fromkeys(map(str, errors)))


def _with_edition(dataset: Dataset, answer: _Answer, known: Mapping[str, Known]) -> _Answer:
    """The answer with the edition it is, or for 304 stands for; none when it cannot be read as one."""
    if answer.response is None or answer.sha256 is None:
        return answer
    if answer.sha256 in known:
        return answer._replace(edition=known[answer.sha256].edition)
    from sanad.extract import read_release

    try:
        reading = read_release(dataset, {_name(answer.attempt.url): answer.response.content})
    except Exception:  # unreadable, or a parser that stumbles: the ingest will say so, if it comes to that
        return answer
    return answer._replace(edition=reading.edition)


def _is_new(answer: _Answer, known: Mapping[str, Known]) -> bool:
    return answer.attempt.sha256 is not None and answer.attempt.sha256 not in known


def _rank(answer: _Answer) -> tuple[str, float]:
    """What ranks two contents of one cycle: the edition each says it is, then when it was saved."""
    saved = answer.response.last_modified_at if answer.response else None
    return answer.edition or "", saved.timestamp() if saved else 0.0


def _settled(answer: _Answer, answers: list[_Answer], taken: _Answer | None, known: Mapping[str, Known]) -> _Answer:
    """The answer with the outcome that the whole cycle gave it, and what is to be warned of."""
    attempt = answer.attempt
    if attempt.outcome is Outcome.NEW and not (taken and attempt.sha256 == taken.attempt.sha256):
        attempt = replace(attempt, outcome=Outcome.KNOWN if attempt.sha256 in known else Outcome.OLDER)
    said = [attempt.reason, answer.warning, _behind(answer, answers)]
    if attempt.outcome is Outcome.OLDER and answer.edition is None and taken:
        said.append(f"{attempt.url} serves what cannot be read; passed over for {taken.attempt.url}")
    warnings = "; ".join(filter(None, said[1:]))
    return answer._replace(
        attempt=replace(attempt, reason="; ".join(filter(None, said)) or None), warning=warnings or None
    )


def _behind(answer: _Answer, answers: list[_Answer]) -> str | None:
    """That an address serves an older edition than another: said when either of them has just sent a file.

    While both only say "not modified" it has been said before; a mirror that is frozen for good would otherwise
    warn for ever. It is said again when they are next asked outright.
    """
    newest = max((other for other in answers if other.edition), key=_rank, default=None)
    if newest is None or not answer.edition or answer.edition == newest.edition:
        return None
    if answer.attempt.sha256 is None and newest.attempt.sha256 is None:
        return None
    return f"{answer.attempt.url} serves edition {answer.edition} while {newest.attempt.url} serves {newest.edition}"


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
            "etag": answer.attempt.etag,
            "last_modified": answer.attempt.last_modified,
            "via": via.base_url if via else None,
        },
    )
    return Collected.of(ingest(dataset, arrival))


def _nothing_new(answers: list[_Answer]) -> Collected:
    if any(answer.response for answer in answers):
        heard = ", ".join(f"{answer.attempt.url} {answer.attempt.status}" for answer in answers if answer.response)
        return Collected("unchanged", f"nothing new: {heard}")
    errors = [answer.error for answer in answers if answer.error]
    said = f"no address answered: {'; '.join(map(str, errors))}"
    transient = [error for error in errors if isinstance(error, TransientFetchError)]
    if not transient:
        raise FinalFetchError(said)
    waits = [error.retry_after_seconds for error in transient if error.retry_after_seconds is not None]
    raise TransientFetchError(said, retry_after_seconds=max(waits, default=None))
