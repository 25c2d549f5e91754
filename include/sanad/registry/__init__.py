"""The registry: everything about a dataset that is not code, one YAML file a dataset."""

from sanad.registry.load import RegistryError, dataset, datasets
from sanad.registry.models import Collect, Coverage, Dataset, FileType, Gate, Layout, RegisterField, Url, Walk, heading

__all__ = [
    "Collect",
    "Coverage",
    "Dataset",
    "FileType",
    "Gate",
    "Layout",
    "RegisterField",
    "RegistryError",
    "Url",
    "Walk",
    "dataset",
    "datasets",
    "heading",
]
