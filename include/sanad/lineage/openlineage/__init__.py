"""Lineage for any backend that speaks OpenLineage: publisher -> file -> staging -> models -> marts, one graph."""

from sanad.lineage.openlineage.emit import emit, of_build, of_release

__all__ = ["emit", "of_build", "of_release"]
