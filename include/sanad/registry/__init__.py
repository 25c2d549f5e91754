"""The registry: everything about a dataset that is not code, one YAML file a dataset."""

from sanad.registry.corrections import Correction, corrected_datasets, corrections_of
from sanad.registry.load import RegistryError, dataset, datasets
from sanad.registry.models import Collect, Coverage, Dataset, FileType, Gate, Layout, RegisterField, Url, Walk, heading

__all__ = [
    "Collect",
    "Correction",
    "Coverage",
    "Dataset",
    "FileType",
    "Gate",
    "Layout",
    "RegisterField",
    "RegistryError",
    "Url",
    "Walk",
    "corrected_datasets",
    "corrections_of",
    "dataset",
    "datasets",
    "heading",
]
