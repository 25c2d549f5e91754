"""The events of a build: what each dbt model was made of, column by column."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    error_message_run,
    job_type_job,
    parent_run,
    schema_dataset,
    sql_job,
)
from psycopg.rows import dict_row

from sanad.lineage.openlineage import columns, names
from sanad.lineage.openlineage.columns import Manifest, Source, Sources
from sanad.lineage.openlineage.names import event
from sanad.warehouse.connect import Role, connection
from sanad.words import settings

_MADE = """
    select node, status, started_at, seconds, message from ops.dbt_result
    where invocation_id = %s and resource_type in ('model', 'seed') and started_at is not null
    order by started_at, node
"""


def events(invocation_id: str) -> Iterator[RunEvent]:
    """START and COMPLETE or FAIL of the build and of each model and seed; nothing of a build dbt did not get to.

    Reads the manifest that the build left in the state folder.
    """
    with connection(Role.AUDITOR) as asking:
        made = asking.cursor(row_factory=dict_row).execute(_MADE, [invocation_id]).fetchall()
    manifest = json.loads((settings.state() / "dbt" / "target" / "manifest.json").read_text())
    if not made:
        return
    build = Run(runId=names.run("build", invocation_id)), Job(names.JOBS, "build", {"jobType": _kind("JOB")})
    standing = columns.standing(manifest)
    sources = columns.sources(manifest, standing)
    yield event(RunState.START, made[0]["started_at"], *build)
    for node in made:
        yield from _made(node, manifest, standing, sources.get(node["node"], {}), invocation_id)
    ended = max(node["started_at"] + timedelta(seconds=float(node["seconds"])) for node in made)
    failed = any(node["status"] != "success" for node in made)
    yield event(RunState.FAIL if failed else RunState.COMPLETE, ended, *build)


def _made(
    node: dict[str, Any],
    manifest: Manifest,
    standing: dict[str, dict[str, str]],
    sources: Sources,
    invocation_id: str,
) -> Iterator[RunEvent]:
    unique_id, tables = node["node"], columns.tables(manifest)
    of_run: dict[str, Any] = {
        "parent": parent_run.ParentRunFacet(
            parent_run.Run(names.run("build", invocation_id)), parent_run.Job(names.JOBS, "build")
        )
    }
    of_job: dict[str, Any] = {"jobType": _kind("MODEL")}
    run = Run(names.run("dbt", invocation_id, unique_id), of_run)
    job = Job(names.JOBS, f"dbt.{tables[unique_id]['name']}", of_job)
    parents = [parent for parent in manifest["parent_map"].get(unique_id, []) if parent in tables]
    inputs = [InputDataset(*_name(tables[parent])) for parent in parents]
    yield event(RunState.START, node["started_at"], run, job, inputs)
    ended = node["started_at"] + timedelta(seconds=float(node["seconds"]))
    if node["status"] != "success":
        of_run["errorMessage"] = error_message_run.ErrorMessageRunFacet(node["message"] or node["status"], "SQL")
        yield event(RunState.FAIL, ended, run, job, inputs)
        return
    if compiled := tables[unique_id].get("compiled_code"):
        of_job["sql"] = sql_job.SQLJobFacet(query=compiled, dialect="postgres")
    described = {name: column.get("description") or None for name, column in tables[unique_id]["columns"].items()}
    listed = standing.get(unique_id, {}).items()
    fields = [schema_dataset.SchemaDatasetFacetFields(name, kind, described.get(name)) for name, kind in listed]
    output = OutputDataset(
        *_name(tables[unique_id]),
        facets={
            "schema": schema_dataset.SchemaDatasetFacet(fields=fields),
            "columnLineage": _columns(sources, tables),
        },
    )
    yield event(RunState.COMPLETE, ended, run, job, inputs, [output])


def _columns(sources: Sources, tables: dict[str, dict[str, Any]]) -> column_lineage_dataset.ColumnLineageDatasetFacet:
    """Columns by those they come from; what a whole table is filtered and joined by stands beside them."""

    def fields(found: list[Source]) -> list[column_lineage_dataset.InputField]:
        return [
            column_lineage_dataset.InputField(*_name(tables[one.node]), one.column)
            for one in found
            if one.node in tables
        ]

    ours = {column: found for column, found in sources.items() if not column.startswith("__")}
    whole = [one for column, found in sources.items() if column.startswith("__") for one in found]
    return column_lineage_dataset.ColumnLineageDatasetFacet(
        fields={column: column_lineage_dataset.Fields(fields(found)) for column, found in sorted(ours.items())},
        dataset=fields(whole),
    )


def _name(node: dict[str, Any]) -> names.Name:
    return names.table(*columns.relation(node))


def _kind(kind: str) -> job_type_job.JobTypeJobFacet:
    return job_type_job.JobTypeJobFacet("BATCH", "DBT", kind)
