"""What is bundled: one folder a dataset, in it `dataset.yml`, and one description and one CSV an edition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sanad.words import settings
from sanad.words.errors import UsageError
from sanad.words.vocabulary import Origin


@dataclass(frozen=True)
class Address:
    """Where a publisher keeps a file: ``www.sbp.org.pk``, ``/ecodata/dt.xls``."""

    host: str
    path: str


@dataclass(frozen=True)
class BundledRelease:
    """One edition of a bundled dataset.

    ``last_saved`` is the workbook's own property, in UTC; ``transcribes_sha256`` the hash of the publisher's
    file, whose figures these are and whose bytes these are not; ``headers`` maps the role of a period column, or
    an address, to the header as found (a float is an Excel date).
    """

    dataset: str
    edition: str
    origin: Origin
    media_type: str
    last_saved: datetime
    transcribes_sha256: str
    headers: Mapping[str, float | str] = field(hash=False)
    layout_file: Path
    figures_file: Path


def datasets() -> list[str]:
    """The bundled datasets, by name."""
    return sorted(file.parent.relative_to(_folder()).as_posix() for file in _folder().glob("*/*/dataset.yml"))


def only_with_all() -> frozenset[str]:
    """The bundled datasets that `make run` takes only where all is asked for."""
    return frozenset(name for name in datasets() if _describe_dataset(name).get("only_with_all", False))


def published_at(dataset: str) -> list[Address]:
    """The addresses at which the dataset's publisher served it."""
    return [Address(**address) for address in _describe_dataset(dataset)["published_at"]]


@cache
def editions(dataset: str) -> tuple[BundledRelease, ...]:
    """The bundled releases of a dataset in the order of issue; UsageError for an unknown dataset."""
    media_type = _describe_dataset(dataset)["media_type"]
    releases = (
        _read_release(dataset, media_type, file) for file in (_folder() / dataset).glob("[0-9][0-9][0-9][0-9]-*.yml")
    )
    return tuple(sorted(releases, key=lambda release: release.last_saved))


def read_yaml(file: Path) -> dict[str, Any]:
    """The mapping in a YAML file."""
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return content


def _folder() -> Path:
    return settings.project() / "include" / "bundled"


def _describe_dataset(dataset: str) -> dict[str, Any]:
    if dataset not in datasets():
        raise UsageError(f"'{dataset}' is not bundled: there are {', '.join(datasets())}")
    return read_yaml(_folder() / dataset / "dataset.yml")


def _read_release(dataset: str, media_type: str, file: Path) -> BundledRelease:
    content = read_yaml(file)
    return BundledRelease(
        dataset=dataset,
        edition=content["edition"],
        origin=Origin(content["origin"]),
        media_type=media_type,
        last_saved=content["last_saved"],
        transcribes_sha256=content["transcribes_sha256"],
        headers=content["headers"],
        layout_file=file.with_name(content["layout"]),
        figures_file=file.with_suffix(".csv"),
    )
