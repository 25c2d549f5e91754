"""What becomes of a release: accepted, quarantined, or a duplicate of the one before it."""

from sanad.decide.arrival import Arrival, Ingested, ingest

__all__ = ["Arrival", "Ingested", "ingest"]
