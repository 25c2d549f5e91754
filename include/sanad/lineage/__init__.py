"""The chain of a mart figure, back to the cell of the archived file; and from a file to what rests on it."""

from sanad.lineage.chain import AsOf, Chain, Input, Measure
from sanad.lineage.entries import ENTRY, EntryChain, trace_entry
from sanad.lineage.figures import figures
from sanad.lineage.impact import Impact, impact
from sanad.lineage.members import COUNT, Part
from sanad.lineage.trace import trace

__all__ = [
    "COUNT", "ENTRY", "AsOf", "Chain", "EntryChain", "Impact", "Input", "Measure", "Part", "figures", "impact", "trace",
    "trace_entry",
]  # fmt: skip
