"""The tasks that check what stands: marts and archive by another road, and declared corrections."""

from datetime import timedelta

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException


@task(pool="dbt", retries=1, retry_delay=timedelta(seconds=30))
def verify(scope: str) -> str:
    """Verify everything (``full``), or what the ledger told of since the last time (``changed``).

    A disagreement is final: the error names the first twenty.
    """
    from sanad.verify import verify as look
    from sanad.words.errors import Disagrees
    from sanad.words.vocabulary import Scope

    report = look(Scope(scope), airflow_run=get_current_context()["run_id"])
    try:
        report.check()
    except Disagrees as error:
        raise AirflowFailException(str(error)) from error
    return report.summary


@task(trigger_rule="all_done", retries=1, retry_delay=timedelta(seconds=10))
def check_corrections() -> None:
    """Fail by name for every declared correction that does not hold.

    A task of its own, whatever came of the build: a failed task has no asset events, and the others' marts did change.
    """
    from sanad.decide import corrections
    from sanad.words.errors import CorrectionFailed

    try:
        corrections.check()
    except CorrectionFailed as error:
        raise AirflowFailException(str(error)) from error
