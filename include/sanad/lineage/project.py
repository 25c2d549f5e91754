"""What dbt knows of a mart: the models it is built through."""

from __future__ import annotations

import json

from sanad.words import settings


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
