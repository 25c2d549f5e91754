"""From which columns each column of a model is computed, as the SQL that dbt compiled says."""

from __future__ import annotations

import json
import logging
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from sanad.warehouse.connect import Role, connection

Manifest = dict[str, Any]
#: A column of a model by the columns it comes from: ``{column: [Source]}``.
Sources = dict[str, list["Source"]]

_COLUMNS = """
    select
        namespace.nspname, class.relname, attribute.attname,
        format_type(attribute.atttypid, attribute.atttypmod), attribute.attnum
    from pg_attribute as attribute
    join pg_class as class on class.oid = attribute.attrelid and class.relkind in ('r', 'v', 'm', 'p')
    join pg_namespace as namespace on namespace.oid = class.relnamespace
    where attribute.attnum > 0 and not attribute.attisdropped and namespace.nspname = any(%s)
    order by 1, 2, 5
"""


class Source(NamedTuple):
    """A column that another one comes from. ``node`` is dbt's unique_id."""

    node: str
    column: str
    how: str


def relation(node: dict[str, Any]) -> tuple[str, str]:
    """Schema and name of what a model, seed or source stands in."""
    return node["schema"], node.get("alias") or node.get("identifier") or node["name"]


def tables(manifest: Manifest) -> dict[str, dict[str, Any]]:
    """Every model, seed and source of the project by its unique_id."""
    known = {**manifest["nodes"], **manifest["sources"]}
    return {name: node for name, node in known.items() if node["resource_type"] in {"model", "seed", "source"}}


def standing(manifest: Manifest) -> dict[str, dict[str, str]]:
    """Columns and their types, as they stand in the warehouse, of each table of the project."""
    nodes = tables(manifest)
    schemas = sorted({relation(node)[0] for node in nodes.values()})
    found: dict[tuple[str, str], dict[str, str]] = {}
    with connection(Role.AUDITOR) as asking:
        for schema, name, column, kind, _ in asking.execute(_COLUMNS, [schemas]):
            found.setdefault((schema, name), {})[column] = kind
    return {name: found[relation(node)] for name, node in nodes.items() if relation(node) in found}


def sources(manifest: Manifest, columns: dict[str, dict[str, str]]) -> dict[str, Sources]:
    """For each model of the manifest its columns with those they come from; a constant comes from none."""
    from dbt_colibri.lineage_extractor.extractor import DbtColumnLineageExtractor

    logging.getLogger("colibri").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, "manifest.json"), Path(folder, "catalog.json")]
        for path, content in zip(paths, (manifest, _catalog(manifest, columns)), strict=True):
            path.write_text(json.dumps(content))
        found = DbtColumnLineageExtractor(*map(str, paths)).extract_project_lineage()
    return {
        model: {
            column: [Source(one["dbt_node"], one["column"], one["lineage_type"]) for one in parents]
            for column, parents in its_columns.items()
        }
        for model, its_columns in found["lineage"]["parents"].items()
    }


def _catalog(manifest: Manifest, columns: dict[str, dict[str, str]]) -> dict[str, Any]:
    """What `dbt docs generate` would have written, without the second run of dbt."""
    catalog: dict[str, Any] = {"metadata": {}, "nodes": {}, "sources": {}}
    for name, node in tables(manifest).items():
        if name in columns:
            schema, table = relation(node)
            listed = enumerate(columns[name].items(), start=1)
            catalog["sources" if node["resource_type"] == "source" else "nodes"][name] = {
                "unique_id": name,
                "metadata": {"database": node["database"], "schema": schema, "name": table, "type": "TABLE"},
                "columns": {column: {"name": column, "type": kind, "index": place} for place, (column, kind) in listed},
            }
    return catalog
