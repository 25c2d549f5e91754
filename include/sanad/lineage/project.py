"""What dbt knows of a mart: the models it is built through."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from sanad.words import settings


def models_passed(model: str) -> list[str]:
    """The dbt models between staging tables and a mart, in the order the data flows, the mart last.

    Read from the manifest of the last dbt run; empty when there was none here. Models that one only waits for, named
    in a comment ``depends_on``, are not among them.
    """
    manifest = settings.state() / "dbt" / "target" / "manifest.json"
    if not manifest.exists():
        return []
    parents = _parents(manifest, manifest.stat().st_mtime_ns)
    passed: list[str] = []

    def visit(node: str) -> None:
        if node.startswith("model.") and node not in passed:
            for parent in parents[node]:
                visit(parent)
            passed.append(node)

    visit(f"model.sanad.{model}")
    return [node.rpartition(".")[2] for node in passed]


# a page asks for each value it shows, and the file has a megabyte
@lru_cache(maxsize=1)
def _parents(manifest: Path, written_ns: int) -> dict[str, list[str]]:
    """What each node reads, by the manifest that was written at that instant."""
    nodes = json.loads(manifest.read_text())["nodes"]
    return {name: sorted(_read_by(node)) for name, node in nodes.items() if name.startswith("model.")}


_WAITS = re.compile(r"^\s*-- depends_on: \{\{ ref\('(\w+)'\) \}\}", re.MULTILINE)


def _read_by(node: dict[str, Any]) -> set[str]:
    read = re.sub(_WAITS, "", node["raw_code"])
    waited = {name for name in _WAITS.findall(node["raw_code"]) if name not in read}
    return {parent for parent in node["depends_on"]["nodes"] if parent.rpartition(".")[2] not in waited}
