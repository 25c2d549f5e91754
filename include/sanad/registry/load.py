"""Reading the registry; an error names the file and the field."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from sanad.registry.models import Dataset
from sanad.words import settings
from sanad.words.errors import UsageError


class RegistryError(UsageError):
    """A registry file is wrong; the message has one line a field."""


Shape = TypeVar("Shape", bound=BaseModel)


def load(path: Path) -> Dataset:
    """Read one registry file; its place gives the dataset's name. RegistryError names file and field."""
    return validated(path, Dataset, name=named(path))


def named(path: Path) -> str:
    """The dataset that a file is about, by its place: ``<publisher>/<dataset>.yml``."""
    return f"{path.parent.name}/{path.stem}"


def validated(path: Path, shape: type[Shape], **known: Any) -> Shape:
    """A YAML file as the model it must fit, with what its place says of it. RegistryError names file and field."""
    try:
        content = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RegistryError(f"{path}: not YAML: {error}") from error
    if not isinstance(content, dict):
        raise RegistryError(f"{path}: a mapping is expected, found {type(content).__name__}")
    try:
        return shape.model_validate({**content, **known})
    except ValidationError as error:
        problems = (
            f"{path}: {'.'.join(map(str, problem['loc'])) or 'file'}: {problem['msg']} (found {problem['input']!r:.80})"
            for problem in error.errors()
        )
        raise RegistryError("\n".join(problems)) from error


def datasets() -> dict[str, Dataset]:
    """Every dataset of the registry by name, in the order of their names."""
    return _datasets(settings.sources())


@cache
def _datasets(folder: Path) -> dict[str, Dataset]:
    return {found.name: found for found in map(load, sorted(folder.glob("*/*.yml")))}


def dataset(name: str) -> Dataset:
    """One dataset; UsageError lists the known ones when it is not there."""
    known = datasets()
    if name not in known:
        raise UsageError(f"no dataset '{name}' in the registry; known: {', '.join(known) or 'none'}")
    return known[name]
