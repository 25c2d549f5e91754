"""The registry: everything about a dataset that is not code, one YAML file a dataset."""

from sanad.registry.load import RegistryError, dataset, datasets
from sanad.registry.models import Collect, Dataset, FileType, Gate, Layout, Url, Walk

__all__ = ["Collect", "Dataset", "FileType", "Gate", "Layout", "RegistryError", "Url", "Walk", "dataset", "datasets"]
