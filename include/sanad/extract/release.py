"""Reading a release with the parser its registry file names."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from sanad.extract.reading import Reading
from sanad.registry import Dataset
from sanad.words.memory import uncollected

Parts = dict[str, bytes]


def parser(dataset: Dataset) -> ModuleType:
    """The parser's module: it has ``VERSION`` and one public function, ``extract(dataset, parts)``."""
    return import_module(f"sanad.extract.{dataset.parser}")


def read_release(dataset: Dataset, parts: Parts) -> Reading:
    """Everything in a release's parts (bytes by name).

    Unreadable, with the findings of the gate that stood in the way, when the bytes are not what the dataset is.
    """
    with uncollected():
        reading: Reading = parser(dataset).extract(dataset, parts)
    return reading
