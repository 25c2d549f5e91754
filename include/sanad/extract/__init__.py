"""From archived bytes to figures and entries, by one parser a dataset."""

from sanad.extract.reading import Entry, Field, Figure, Reading, Rejected
from sanad.extract.release import read_release

__all__ = ["Entry", "Field", "Figure", "Reading", "Rejected", "read_release"]
