"""What the dbt project declares of its marts: keys, formulas, classes, seeds. Read from its files, not from dbt."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sanad.words import settings

#: The same in C where the parser was built with it: some ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_REF = re.compile(r"""\bref\(\s*['"](\w+)['"]\s*\)""")


@dataclass(frozen=True)
class Mart:
    """A mart as its YAML declares it.

    ``formulas`` by column; ``measures`` are the names formulas call a column by, with that column; ``verify_class`` is
    1 for figures and ratios, 2 for registers, 3 for the output of a statistical model. ``words`` are what traces
    tell of a column: its measure, and its formula, statistic or statement.
    """

    name: str
    key: tuple[str, ...]
    formulas: dict[str, str]
    measures: dict[str, str]
    verify_class: int
    words: dict[str, tuple[str | None, str]]


def _folder() -> Path:
    return settings.project() / "dbt_project"


def marts() -> dict[str, Mart]:
    """Every mart of the project by name."""
    return _marts(_folder())


@cache
def _marts(folder: Path) -> dict[str, Mart]:
    files = sorted((folder / "models" / "marts").glob("**/*.yml"))
    models = [model for file in files for model in (_read(file) or {}).get("models", [])]
    return {model["name"]: _mart(model) for model in models}


def _read(file: Path) -> Any:
    return yaml.load(file.read_text(), _LOADER)  # noqa: S506 - a safe one, whichever it is


def _mart(model: dict[str, Any]) -> Mart:
    keys = [one["columns"] for one in model.get("constraints", []) if one["type"] == "primary_key"]
    said = {column["name"]: _said(column) for column in model.get("columns", [])}
    return Mart(
        model["name"],
        tuple(keys[0]) if keys else (),
        {column: one["formula"] for column, one in said.items() if "formula" in one},
        {one["measure"]: column for column, one in said.items() if "measure" in one},
        int(_said(model).get("class", 1)),
        {
            name: (one.get("measure"), one.get("formula") or one.get("statistic") or one.get("statement", ""))
            for name, one in said.items()
            if one
        },
    )


def _said(node: dict[str, Any]) -> dict[str, Any]:
    meta = (node.get("config") or {}).get("meta") or node.get("meta") or {}
    return dict(meta.get("sanad", {}))


def seed(name: str) -> list[dict[str, str]]:
    """The rows of a seed."""
    return _seed(_folder(), name)


@cache
def _seed(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def datasets_of(mart: str) -> frozenset[str]:
    """The datasets a mart is made of: ``stg_<publisher>__<dataset>`` of all models between staging and it."""
    found: set[str] = set()
    waiting, seen = [mart], set()
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        if model.startswith("stg_"):
            found.add("/".join(model.removeprefix("stg_").split("__", 1)))
        waiting += _references(_folder(), model)
    return frozenset(found)


@cache
def _references(folder: Path, model: str) -> tuple[str, ...]:
    files = [*(folder / "models").glob(f"**/{model}.sql")]
    return tuple(name for file in files for name in _REF.findall(file.read_text()))
