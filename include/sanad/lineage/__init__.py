"""The chain of a mart figure, back to the cell of the archived file."""

from sanad.lineage.trace import Chain, Input, Measure, trace

__all__ = ["Chain", "Input", "Measure", "trace"]
