"""The events of a release: fetched into the archive, then read into staging."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    error_message_run,
    job_type_job,
    lineage,
    output_statistics_output_dataset,
    schema_dataset,
)
from psycopg.rows import dict_row

from sanad.lineage.openlineage import names
from sanad.lineage.openlineage.names import Name, event
from sanad.warehouse import tables
from sanad.warehouse.connect import Role, connection
from sanad.words.vocabulary import VISIBLE

_RELEASE = """
    select
        release.dataset, release.url, release.first_fetched_at, state.seq, state.at, state.event, state.reason,
        extraction.parser, extraction.parser_version, extraction.figures, extraction.entries,
        array(
            select part.sha256 from archive.part where part.release_id = release.release_id order by part.name
        ) as parts
    from archive.release
    cross join lateral (
        select seq, at, event, reason, extraction_id from archive.ledger
        where ledger.release_id = release.release_id and event in ('accepted', 'quarantined', 'duplicate')
        order by seq desc limit 1
    ) as state
    left join archive.extraction on extraction.extraction_id = state.extraction_id
    where release.release_id = %s
"""


def events(release_id: int) -> Iterator[RunEvent]:
    """START and COMPLETE (or FAIL, of a reading that was quarantined) of both jobs; nothing of an unknown release."""
    with connection(Role.AUDITOR) as asking:
        found = asking.cursor(row_factory=dict_row).execute(_RELEASE, [release_id]).fetchone()
    if found is None:
        return
    parts = [names.archived(sha256) for sha256 in found["parts"]]
    yield from _archived(found, parts)
    yield from _staged(found, parts)


def _archived(found: dict[str, Any], parts: list[Name]) -> Iterator[RunEvent]:
    origins = [names.published(found["url"])] if found["url"] else []
    entries = [_entry(part, origins, "archived as it came") for part in parts]
    job = _job("archive", found["dataset"], entries)
    run = Run(runId=names.run("archive", str(found["seq"])))
    inputs = [InputDataset(*one) for one in origins]
    outputs = [OutputDataset(*one) for one in parts]
    yield event(RunState.START, found["first_fetched_at"], run, job, inputs)
    yield event(RunState.COMPLETE, found["first_fetched_at"], run, job, inputs, outputs)


def _staged(found: dict[str, Any], parts: list[Name]) -> Iterator[RunEvent]:
    filled = [table for table, rows in ((tables.figure, "figures"), (tables.entry, "entries")) if found[rows]]
    how = f"read by {found['parser']} {found['parser_version']}"
    targets = [names.table(str(table.schema), table.name) for table in filled]
    listed = [[column.name for column in table.columns] for table in filled]
    entries = [
        _entry(target, parts, how, columns)
        for target, columns in zip(targets, listed, strict=True)
        if found["event"] in VISIBLE
    ]
    job, run = _job("stage", found["dataset"], entries), Run(runId=names.run("stage", str(found["seq"])))
    inputs = [InputDataset(*one) for one in parts]
    yield event(RunState.START, found["at"], run, job, inputs)
    if found["event"] == "quarantined":
        run.facets = {"errorMessage": error_message_run.ErrorMessageRunFacet(found["reason"], "python")}
        yield event(RunState.FAIL, found["at"], run, job, inputs)
        return
    outputs = [
        OutputDataset(
            *target,
            facets={"schema": _schema(table)},
            outputFacets={
                "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
                    rowCount=found["figures" if table is tables.figure else "entries"]
                )
            },
        )
        for target, table in zip(targets, filled, strict=True)
        if found["event"] in VISIBLE
    ]
    yield event(RunState.COMPLETE, found["at"], run, job, inputs, outputs)


def _schema(table: Any) -> schema_dataset.SchemaDatasetFacet:
    return schema_dataset.SchemaDatasetFacet(
        fields=[
            schema_dataset.SchemaDatasetFacetFields(column.name, str(column.type).lower(), column.comment)
            for column in table.columns
        ]
    )


def _job(step: str, dataset: str, entries: Sequence[lineage.LineageEntry]) -> Job:
    """A Python step declares its own lineage: no SQL tells it."""
    facets: dict[str, Any] = {"jobType": job_type_job.JobTypeJobFacet("BATCH", "SANAD", "TASK")}
    if entries:
        facets["lineage"] = lineage.LineageJobFacet(entries=list(entries))
    return Job(names.JOBS, f"{step}.{dataset.replace('/', '.')}", facets)


def _entry(target: Name, inputs: list[Name], how: str, columns: list[str] | None = None) -> lineage.LineageDatasetEntry:
    transformation = lineage.LineageTransformation(type="DIRECT", subtype="TRANSFORMATION", description=how)
    sources: list[lineage.LineageInput] = [
        lineage.LineageDatasetInput(*one, "DATASET", transformations=[transformation]) for one in inputs
    ]
    fields = {column: lineage.LineageFieldEntry(inputs=sources) for column in columns or []}
    return lineage.LineageDatasetEntry(*target, "DATASET", inputs=sources, fields=fields)
