"""When a task is tried again. Airflow puts this folder on the path of whatever parses or runs a DAG."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import RetryDecision, RetryPolicy


class NotBeforeAsked(RetryPolicy):
    """No try before a publisher's Retry-After has passed; without one, and below it, the task's own back-off."""

    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Any = None) -> RetryDecision:
        """Asked by Airflow in the task's process; the task's number of retries holds all the same."""
        asked = getattr(exception, "retry_after_seconds", None)
        if asked is None:
            return RetryDecision.default()
        wait = timedelta(seconds=asked)
        own = context["ti"].task.retry_delay if context else timedelta(0)
        if wait <= own:
            return RetryDecision.default()
        return RetryDecision.retry(wait, f"the publisher asks to come back after {wait}")
