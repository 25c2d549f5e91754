"""One collect cycle of a dataset that is walked: go on with the walk, and ingest what a whole one brings home."""

from __future__ import annotations

from dataclasses import replace

from sanad.archive.store import Store
from sanad.collect import FinalFetchError, Manners, Progress, Redact, Via, Walker, forget
from sanad.decide.arrival import Arrival, ingest
from sanad.decide.collected import Collected
from sanad.registry import Dataset


def collect_by_walk(
    dataset: Dataset,
    *,
    redact: Redact,
    via: Via | None,
    actor: str,
    airflow_run: str | None = None,
    manners: Manners | None = None,
) -> Collected:
    """Walk as far as the day's requests reach; the answers of a walk that has come to its end are one release.

    Errors are those of the walk. A walk that goes on another day is "unchanged".
    """
    store = Store.open()
    found = Walker(dataset, redact, store, via=via, airflow_run=airflow_run, manners=manners).go()
    if waiting := found.waiting(dataset):
        kept = f"{len(found.kept)} answers kept, {len(waiting)} questions open"
        return Collected("unchanged", f"the walk goes on when the next day's requests may be made: {kept}")
    if not found.answers(dataset):
        forget(store, dataset)
        raise FinalFetchError(f"{dataset.name}: the walk has come to its end without one answer")
    done = ingest(dataset, _arrival(dataset, found, store, via, actor), store)
    forget(store, dataset)
    return replace(Collected.of(done), warnings=_warnings(dataset, found))


def _arrival(dataset: Dataset, found: Progress, store: Store, via: Via | None, actor: str) -> Arrival:
    assert dataset.collect  # noqa: S101 - it has just been walked
    begun_with = str(dataset.collect.urls[0].url)
    answers = found.answers(dataset)
    return Arrival(
        parts={part: store.get(kept.sha256) for part, kept in answers.items()},
        origin=found.origin(dataset),
        actor=actor,
        reason=f"walked from {begun_with}",
        url=begun_with,
        http_last_modified=found.saved_at(dataset),
        evidence={
            "via": via.base_url if via else None,
            "walk": _account(dataset, found),
            "removed": {part: dict(kept.removed_paths) for part, kept in answers.items() if kept.removed_paths},
        },
        originals={part: kept.original_sha256 for part, kept in answers.items() if kept.original_sha256},
    )


def _account(dataset: Dataset, found: Progress) -> dict[str, object]:
    """What the walk was, for the ledger: its coverage is what it asked less what it did not hear."""
    assert dataset.collect  # noqa: S101
    assert dataset.collect.walk  # noqa: S101
    return {
        "began_at": found.began_at.isoformat(),
        "places": len(dataset.collect.walk.asked),
        "without_answer": [one.place or one.part for one in found.unanswered(dataset)],
        "place_forgotten": [one.place for one in found.forgotten(dataset)],
        "full_pages": [one.place for one in found.full_pages(dataset)],
        "towns_of_two_cities": dataset.collect.walk.ambiguous,
    }


def _warnings(dataset: Dataset, found: Progress) -> list[str]:
    """What a person should look at."""
    in_vain = ", ".join(one.place or one.part for one in found.unanswered(dataset))
    forgotten = ", ".join(one.place or one.part for one in found.forgotten(dataset))
    return [
        *([f"no answer to {in_vain}"] if in_vain else []),
        *([f"the same answer to {forgotten}: the place was forgotten, and they are left out"] if forgotten else []),
    ]
