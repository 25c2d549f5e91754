"""What the dbt project declares: formulas of the marts' columns, and the models a mart is built through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sanad.words import settings


@cache
def _declared(folder: Path) -> dict[str, dict[str, str]]:
    formulas: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("**/*.yml")):
        for model in (yaml.safe_load(path.read_text()) or {}).get("models", []):
            formulas[model["name"]] = dict(_formulas(model))
    return formulas


def _formulas(model: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for column in model.get("columns", []):
        meta = column.get("meta") or (column.get("config") or {}).get("meta") or {}
        if formula := meta.get("sanad", {}).get("formula"):
            yield column["name"], formula


def formulas(model: str) -> dict[str, str]:
    """``meta.sanad.formula`` by column of a model, from its YAML."""
    return _declared(settings.project() / "dbt_project" / "models").get(model, {})


def models_passed(model: str) -> list[str]:
    """The dbt models between staging tables and a mart, in the order the data flows, the mart last.

    Read from the manifest of the last dbt run; empty when there was none here.
    """
    manifest = settings.state() / "dbt" / "target" / "manifest.json"
    if not manifest.exists():
        return []
    parents = json.loads(manifest.read_text())["parent_map"]
    passed: list[str] = []

    def visit(node: str) -> None:
        if node.startswith("model.") and node not in passed:
            for parent in sorted(parents.get(node, [])):
                visit(parent)
            passed.append(node)

    visit(f"model.sanad.{model}")
    return [node.rpartition(".")[2] for node in passed]
