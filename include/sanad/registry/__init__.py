"""The registry: everything about a dataset that is not code, one YAML file a dataset."""

from sanad.registry.corrections import Correction, corrected_datasets, corrections_of
from sanad.registry.load import RegistryError, dataset, datasets
from sanad.registry.models import Collect, Dataset, FileType, Gate, Layout, Url

__all__ = [
    "Collect",
    "Correction",
    "Dataset",
    "FileType",
    "Gate",
    "Layout",
    "RegistryError",
    "Url",
    "corrected_datasets",
    "corrections_of",
    "dataset",
    "datasets",
]
