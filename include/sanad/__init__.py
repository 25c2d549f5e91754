"""Sanad: a warehouse in which every figure carries its chain of transmission.

The rooms, in the order the data flows; each imports only those before it:
words, registry, warehouse, archive, collect, grid, extract, gates, stage, decide, lineage, verify, local, cli.
"""

__version__ = "0.1.0"
