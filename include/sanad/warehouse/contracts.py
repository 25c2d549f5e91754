"""What each version promises of the marts: their names, keys, columns and types; and what a version changed.

The promise of the version in work is read from dbt's YAML. That of every version is kept in
``docs/marts/<version>.json``, and the page ``docs/marts.md`` is written from those files alone. What is to go is
*deprecated* first: its description begins with "Deprecated:" for at least one version, and says so in PostgreSQL and
wherever the description is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import yaml

from sanad import __version__
from sanad.words import settings
from sanad.words.errors import SanadError

_DEPRECATED: Final = "Deprecated:"


class PromiseBroken(SanadError):
    """A mart or column went, or became another, that the version before did not call deprecated."""


@dataclass(frozen=True)
class Mart:
    """A mart's contract: the columns of its key in order, the type of each column, and what of it is deprecated."""

    key: tuple[str, ...]
    columns: dict[str, str]
    deprecated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """What differs between two promises. ``place`` is a mart, or ``mart.column``; ``breaks``: a reader may notice."""

    place: str
    what: str
    breaks: bool = False

    def __str__(self) -> str:
        """One line of the page."""
        return f"`{self.place}` {self.what}"


Promise = dict[str, Mart]


def declared() -> Promise:
    """The promise of the version in work, as dbt's YAML declares it."""
    return {name: _mart(model) for name, model in sorted(models().items())}


def models() -> dict[str, dict[str, Any]]:
    """What dbt's YAML says of each mart, by its name: description, constraints, columns, as they stand there."""
    folder = settings.project() / "dbt_project" / "models" / "marts"
    return {model["name"]: model for file in sorted(folder.glob("**/*.yml")) for model in _models(file)}


def key_of(model: dict[str, Any]) -> tuple[str, ...]:
    """The columns of a mart's primary key in order; none of a view."""
    keys = [one["columns"] for one in model.get("constraints", []) if one["type"] == "primary_key"]
    return tuple(keys[0]) if keys else ()


def kept() -> dict[str, Promise]:
    """The promise of every version that kept one, the oldest first."""
    files = sorted(_folder().glob("*.json"), key=lambda file: tuple(map(int, file.stem.split("."))))
    return {file.stem: {name: _read(mart) for name, mart in json.loads(file.read_text()).items()} for file in files}


def keep() -> Path:
    """Keep the promise of this version and write the page; the page's path.

    Raises PromiseBroken when something goes that the version before did not call deprecated; nothing is written then.
    """
    check()
    _folder().mkdir(parents=True, exist_ok=True)
    promise = {name: asdict(mart) for name, mart in declared().items()}
    (_folder() / f"{__version__}.json").write_text(json.dumps(promise, indent=1) + "\n")
    page_file().write_text(page(kept()))
    return page_file()


def check() -> None:
    """Hold the YAML to the promise of the version before. Raises PromiseBroken, naming each mart and column."""
    before = [promise for version, promise in kept().items() if version != __version__]
    broken = [change for change in changes(before[-1], declared()) if change.breaks] if before else []
    if broken:
        told = "\n".join(f"  {change.place}: {change.what}" for change in broken)
        raise PromiseBroken(f"the version before promised otherwise, and called none of it deprecated:\n{told}")


def page_file() -> Path:
    """The changelog of the marts."""
    return settings.project() / "docs" / "marts.md"


def page(promises: dict[str, Promise]) -> str:
    """The changelog: the newest version first, with every mart, its key and what changed in it."""
    pairs = list(pairwise([("", {}), *promises.items()]))
    return "".join([_HEAD, *(_section(version, before, after) for (_, before), (version, after) in reversed(pairs))])


_HEAD = """# The marts, version by version

Written by `sanad contracts --write` from the contracts in `dbt_project/models/marts`; not by hand. What may change
between versions, and how it is announced: [BI tools](bi-tools.md#what-may-change).
"""


def _section(version: str, before: Promise, after: Promise) -> str:
    marts = "".join(
        f"| `{name}` | {', '.join(f'`{column}`' for column in mart.key) or 'none'} | {len(mart.columns)} |\n"
        for name, mart in after.items()
    )
    told = "".join(f"- {change}\n" for change in changes(before, after)) if before else "- The first promise.\n"
    return f"\n## {version}\n\n{told}\n| mart | key | columns |\n|---|---|---:|\n{marts}"


def changes(before: Promise, after: Promise) -> list[Change]:
    """What differs, by mart and column; a change of what was deprecated breaks nothing."""
    found: list[Change] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None:
            found.append(Change(name, "is new"))
        elif new is None:
            found.append(Change(name, "is gone", name not in old.deprecated))
        else:
            found += _of_mart(name, old, new)
    return found


def _of_mart(name: str, old: Mart, new: Mart) -> Iterator[Change]:
    if old.key != new.key:
        yield Change(name, f"has the key {', '.join(new.key)}, before {', '.join(old.key)}", name not in old.deprecated)
    for column in sorted(old.columns.keys() | new.columns.keys()):
        was, now, place = old.columns.get(column), new.columns.get(column), f"{name}.{column}"
        free = column in old.deprecated or name in old.deprecated
        if was is None:
            yield Change(place, f"is new, {now}")
        elif now is None:
            yield Change(place, "is gone", not free)
        elif was != now:
            yield Change(place, f"is {now}, before {was}", not free)
    for deprecated in sorted(set(new.deprecated) - set(old.deprecated)):
        yield Change(name if deprecated == name else f"{name}.{deprecated}", "is deprecated")


def _folder() -> Path:
    return settings.project() / "docs" / "marts"


def _models(file: Path) -> list[dict[str, Any]]:
    return list((yaml.safe_load(file.read_text()) or {}).get("models", []))


def _mart(model: dict[str, Any]) -> Mart:
    deprecated = [one["name"] for one in (model, *model["columns"]) if one["description"].startswith(_DEPRECATED)]
    return Mart(
        key_of(model),
        {column["name"]: column["data_type"] for column in model["columns"]},
        tuple(deprecated),
    )


def _read(mart: dict[str, Any]) -> Mart:
    return Mart(tuple(mart["key"]), mart["columns"], tuple(mart["deprecated"]))
