"""Figures, and the releases they stand in, each with its chain of transmission."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from psycopg import Connection

from sanad.lineage.asking import rows
from sanad.words.errors import SanadError

_FIGURES = """
    select
        figure_id::text as figure_id, series_code, measure, period_code, period_start, period_end, value, null_reason,
        unit, flag, resolution, qualifier, locator, as_printed, header_locator, header_as_printed,
        measure_header_locator, measure_header_as_printed, unit_locator, unit_as_printed, label_raw, release_id,
        -- a period may stand in two cells, the month's and the year's
        (select details ->> 'year_locator' from staging.figure as staged where staged.figure_id = figure.figure_id)
            as year_locator,
        (select details ->> 'year_as_printed' from staging.figure as staged where staged.figure_id = figure.figure_id)
            as year_as_printed,
        json_build_object(
            'extraction_id', extraction_id::text, 'parser', parser, 'parser_version', parser_version,
            'canonical_sha256', canonical_sha256
        ) as extraction,
        lineage.corrections(figure_id, %(seen)s) as corrections
    from lineage.figure
    where figure_id = any(%(ids)s)
    order by figure_id
"""
_RELEASES = """
    select
        release.release_id,
        json_build_object(
            'release_id', release.release_id::text, 'handle', named.handle,
            'dataset', release.dataset, 'edition', last_read.edition, 'origin', release.origin,
            'state', (select state.state from archive.release_state as state
                      where state.release_id = release.release_id),
            'sha256', release.sha256, 'redacted', release.redacted, 'url', release.url,
            'published_on', release.published_on, 'published_on_from', release.published_on_from,
            'last_saved_at', release.last_saved_at, 'first_fetched_at', release.first_fetched_at,
            'parts', (
                select json_agg(
                    json_build_object(
                        'name', part.name, 'sha256', part.sha256, 'original_sha256', part.original_sha256,
                        'bytes', part.bytes, 'media_type', part.media_type, 'url', part.url
                    ) order by part.name
                )
                from archive.part where part.release_id = release.release_id
            )
        ) as release,
        case when last_read.extraction_id is not null then json_build_object(
            'extraction_id', last_read.extraction_id::text, 'parser', last_read.parser,
            'parser_version', last_read.parser_version, 'canonical_sha256', last_read.canonical_sha256
        ) end as extraction,
        (
            select json_agg(
                json_build_object(
                    'seq', ledger.seq, 'at', ledger.at, 'event', ledger.event, 'actor', ledger.actor,
                    'reason', ledger.reason, 'findings', coalesce(ledger.evidence -> 'findings', '[]'),
                    'overruled', coalesce(ledger.evidence -> 'overruled', 'false'), 'hash', ledger.hash
                ) order by ledger.seq
            )
            from archive.ledger where ledger.release_id = release.release_id
        ) as custody,
        (
            select coalesce(
                json_agg(
                    json_build_object(
                        'url', brought.url, 'via', brought.via, 'started_at', brought.started_at,
                        'status', brought.status, 'outcome', brought.outcome, 'airflow_run', brought.airflow_run,
                        'times', brought.times, 'last_at', brought.last_at
                    ) order by brought.fetch_id
                ), '[]'
            )
            from (
                select distinct on (attempt.url, attempt.via)
                    attempt.*, count(*) over address as times, max(attempt.started_at) over address as last_at
                from archive.fetch as attempt
                join archive.part on attempt.sha256 in (part.sha256, part.original_sha256)
                where part.release_id = release.release_id and attempt.dataset = release.dataset
                window address as (partition by attempt.url, attempt.via)
                order by attempt.url, attempt.via, attempt.fetch_id
            ) as brought
        ) as fetches
    from archive.release
    join lineage.handles(%(ids)s) as named using (release_id)
    left join lateral (
        select extraction.*
        from archive.ledger join archive.extraction using (extraction_id)
        where ledger.release_id = release.release_id
        order by ledger.seq desc
        limit 1
    ) as last_read on true
    where release.release_id = any(%(ids)s)
    order by release.published_on, release.last_saved_at, release.release_id
"""


def figures(asking: Connection[Any], ids: Collection[int], seen: int | None = None) -> list[dict[str, Any]]:
    """Figures with their chains of transmission, in the order of their ids; shapes as in ``sanad trace --json``.

    ``value`` is as printed, ``value_used`` as the ``corrections`` have it that were in force at ledger event ``seen``
    (None: none). SanadError when one of them is not staged.
    """
    listed = rows(asking, _FIGURES, {"ids": list(ids), "seen": seen})
    if len(listed) != len(set(ids)):
        missing = sorted(set(ids) - {int(row["figure_id"]) for row in listed})
        raise SanadError(f"figures that are cited are not staged: {', '.join(map(str, missing))}")
    found = releases(asking, {row["release_id"] for row in listed})
    # a figure's extraction is the one that is staged
    return [{**found[row.pop("release_id")], **row, "value_used": _used(row)} for row in listed]


def _used(figure: dict[str, Any]) -> Decimal | None:
    value = figure["corrections"][0]["value"] if figure["corrections"] else figure["value"]
    return None if value is None else Decimal(value)


def releases(asking: Connection[Any], ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Releases by id, in published order: ``release``, ``extraction`` (the last), ``custody`` and ``fetches``."""
    return {row.pop("release_id"): row for row in rows(asking, _RELEASES, {"ids": list(ids)})}
