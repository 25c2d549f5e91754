"""A second and a third try at once, for what is often over in a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from sanad.collect.http import TransientFetchError

Answer = TypeVar("Answer")

TRIES = 3
LONGEST_PAUSE_SECONDS = 4.0
#: No further try begins after this, however quickly the tries failed.
NO_TRY_AFTER_SECONDS = 20.0


def within_moments(ask: Callable[[], Answer], hitch: Callable[[TransientFetchError], None]) -> Answer:
    """The answer of at most three tries; each error that another try follows is handed to ``hitch``.

    Waiting for a publisher is Airflow's: it retries the task, with minutes between. But it does so only when *no*
    address answered; a connection reset at the one address that has the new release, beside another that says 404 or
    "unchanged", would otherwise cost half a day. So a broken connection and a 500, 502 or 504 are tried again here,
    after a random pause that doubles (full jitter, so that several collectors do not knock together). Not so a
    time-out, which has had its time, and 408, 425, 429 and 503, which ask for patience.
    """
    trying = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, TransientFetchError) and error.passing),
        stop=stop_after_attempt(TRIES) | stop_after_delay(NO_TRY_AFTER_SECONDS),
        wait=wait_random_exponential(multiplier=0.5, max=LONGEST_PAUSE_SECONDS),
        before_sleep=lambda state: hitch(_error_of(state)),
        reraise=True,
    )
    return trying(ask)


def _error_of(state: RetryCallState) -> TransientFetchError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, TransientFetchError)  # noqa: S101 - nothing else is tried again
    return error
