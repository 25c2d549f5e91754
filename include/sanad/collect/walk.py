"""A walk through a directory that answers by place only: one question after the other, and not too many a day.

Each answer is cut down to what may be kept before it is written anywhere. A walk that is broken off (the task was
killed, the publisher was busy, the day's requests are used up) goes on where it stopped.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sanad.archive import fetches, releases
from sanad.archive.fetches import Fetch, Outcome
from sanad.archive.store import Store
from sanad.collect import progress
from sanad.collect.http import (
    FetchError,
    FinalFetchError,
    RefusedFetchError,
    Response,
    TransientFetchError,
    Via,
    fetch,
)
from sanad.collect.progress import Kept, Progress, Redacted
from sanad.collect.questions import Question, walk_of
from sanad.collect.retries import within_moments
from sanad.registry import Dataset, Walk
from sanad.warehouse.connect import Role, engine
from sanad.words.errors import Refused

#: A walk that has not come to its end by then begins anew: its first answers say nothing of the directory today.
LONGEST = timedelta(days=10)
#: So many different questions in vain, one after the other, and the directory is taken to be out of order.
IN_A_ROW = 3

log = logging.getLogger(__name__)
Redact = Callable[[Dataset, str, bytes], Redacted]


class _UselessAnswer(RefusedFetchError):
    """An answer came, and is none to the question."""


class _DayIsOver(Exception):
    """No more requests today."""


class _Asked(NamedTuple):
    """A request with the answer it got."""

    attempt: Fetch
    response: Response


@dataclass
class Manners:
    """A pause between any two requests, by the clock and the sleep it is given, and so many requests a day (None: any).

    They are owed to the publisher; one that stands in for it, on this machine, can be asked as fast as it answers.
    """

    pause_seconds: float
    requests_a_day: int | None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _last: float | None = field(default=None, init=False)

    @classmethod
    def towards(cls, walk: Walk, via: Via | None) -> Manners:
        """Those the registry asks for."""
        stands_in = via is not None and via.trust_origin
        return cls(0, None) if stands_in else cls(walk.pause_seconds, walk.max_requests_a_day)

    def wait(self) -> None:
        """Come back when the next request may leave."""
        early = 0.0 if self._last is None else self._last + self.pause_seconds - self.clock()
        if early > 0:
            self.sleep(early)
        self._last = self.clock()


class Walker:
    """One walk of a dataset. ``redact`` gives of an answer what may be kept; Refused when that is nothing."""

    def __init__(
        self,
        dataset: Dataset,
        redact: Redact,
        store: Store,
        *,
        via: Via | None = None,
        airflow_run: str | None = None,
        manners: Manners | None = None,
    ) -> None:
        self._dataset = dataset
        self._walk = walk_of(dataset)
        self._redact = redact
        self._store = store
        self._via = via
        self._airflow_run = airflow_run
        self._manners = manners or Manners.towards(self._walk, via)
        self._engine = engine(Role.LOADER)

    def go(self) -> Progress:
        """Ask what is still open, as far as the day's requests reach; at the end of a walk nothing is.

        A question in vain is put off to the end, and left out after three times. The error is raised when the
        directory may answer later (TransientFetchError), or when it did not answer several questions in a row; what
        has been kept stays kept.
        """
        found = self._under_way() or Progress(datetime.now(UTC), self._via is not None)
        in_a_row = 0
        while waiting := found.waiting(self._dataset):
            question = waiting[0]
            try:
                found.kept[question.part] = self._answer(question)
                in_a_row = 0
            except _DayIsOver:
                return found
            except FetchError as error:
                found.failed(question)
                in_a_row += found.tries[question.part] == 1
                log.warning("%s", error)
                if isinstance(error, TransientFetchError):
                    raise
                if in_a_row == IN_A_ROW:
                    raise _out_of_order(error) from error
            finally:
                progress.save(self._store, self._dataset, found)
        return found

    def _under_way(self) -> Progress | None:
        """The walk to go on with: one that is not too old, and was begun through the same sort of connection."""
        found = progress.load(self._store, self._dataset)
        if found is None or found.redirected is not (self._via is not None):
            return None
        return found if datetime.now(UTC) - found.began_at <= LONGEST else None

    def _answer(self, question: Question) -> Kept:
        """Ask, and keep what may be kept of the answer; FetchError when there is none, or none to the question."""
        attempt, response = within_moments(lambda: self._ask(question), lambda hitch: log.warning("%s", hitch))
        try:
            self._check(question, response)
            cut = self._redact(self._dataset, question.part, response.content)
        except Exception as error:
            useless = isinstance(error, Refused)
            reason = str(error) if useless else f"{type(error).__name__} while it was cut down to what may be kept"
            self._record(replace(attempt, outcome=Outcome.REFUSED, status=response.status, reason=reason))
            if not useless:
                raise
            raise _UselessAnswer(f"{question.url}: {error}", response.status) from error
        sha256 = self._store.put(cut.content)
        self._record(
            replace(
                attempt,
                outcome=Outcome.KNOWN if self._is_archived(sha256) else Outcome.NEW,
                status=response.status,
                etag=response.etag,
                last_modified=response.last_modified,
                bytes=len(cut.content),
                sha256=sha256,
            )
        )
        saved_at = response.last_modified_at
        cards = cut.content.count(self._dataset.card_class.encode())
        return Kept(
            sha256, cards, response.origin, saved_at.isoformat() if saved_at else None,
            cut.original_sha256, dict(cut.removed_paths),
        )  # fmt: skip

    def _ask(self, question: Question) -> _Asked:
        """One request, in its turn; one that fails is written down here."""
        if self._manners.requests_a_day is not None and self._asked_today() >= self._manners.requests_a_day:
            raise _DayIsOver
        self._manners.wait()
        attempt = Fetch(
            self._dataset.name,
            question.url,
            datetime.now(UTC),
            Outcome.FAILED,
            via=self._via.base_url if self._via else None,
            airflow_run=self._airflow_run,
        )
        try:
            return _Asked(attempt, self._fetch(question))
        except FetchError as error:
            outcome = Outcome.REFUSED if isinstance(error, RefusedFetchError) else Outcome.FAILED
            self._record(replace(attempt, status=error.status, outcome=outcome, reason=str(error)))
            raise

    def _fetch(self, question: Question) -> Response:
        assert self._dataset.collect  # noqa: S101 - only what is collected is walked
        return fetch(
            question.address,
            max_bytes=self._dataset.max_bytes,
            timeout_seconds=self._dataset.collect.timeout_seconds,
            form=question.form,
            headers=self._walk.headers if question.form else None,
            via=self._via,
        )

    def _check(self, question: Question, response: Response) -> None:
        """Refused when the answer to a place is no JSON object with markup in it; nothing of it is quoted."""
        if question.place is None:
            return
        try:
            said = json.loads(response.content)
        except (ValueError, RecursionError):
            said = None
        key = self._dataset.markup_key
        if not isinstance(said, dict) or not isinstance(said.get(key), str):
            found = f"{response.media_type} of {len(response.content):,} bytes"
            raise Refused(f"expected a JSON object with '{key}', found {found} that is none")

    def _asked_today(self) -> int:
        today = datetime.now(self._dataset.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        with self._engine.connect() as connection:
            return fetches.asked_since(connection, self._dataset.name, today, redirected=self._via is not None)

    def _is_archived(self, sha256: str) -> bool:
        with self._engine.connect() as connection:
            return releases.has_part(connection, self._dataset.name, sha256)

    def _record(self, attempt: Fetch) -> None:
        with self._engine.begin() as connection:
            fetches.record(connection, attempt)


def _out_of_order(last: FetchError) -> FetchError:
    """Several questions in a row were in vain: worth another try later where answers came, of whatever sort."""
    said = f"{IN_A_ROW} questions in a row were in vain; the last: {last}"
    if isinstance(last, _UselessAnswer):
        return TransientFetchError(said, last.status)
    return FinalFetchError(said, last.status)
