"""What a collect cycle came to."""

from __future__ import annotations

from dataclasses import dataclass, field

from sanad.decide.arrival import Ingested
from sanad.words.vocabulary import Event


@dataclass(frozen=True)
class Collected:
    """What a cycle came to. ``outcome`` is unchanged, accepted, duplicate or quarantined.

    ``warnings`` are about the addresses, not about the release: a person should look, nothing stops.
    """

    outcome: str
    summary: str
    handle: str | None = None
    release_id: int | None = None
    figures: int = 0
    findings: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, done: Ingested) -> Collected:
        """What an ingest came to, as a cycle's end."""
        findings = [str(finding) for finding in done.findings]
        outcome = done.event.value if done.new else "unchanged"
        summary = "; ".join([done.summary, *findings]) if done.event is Event.QUARANTINED else done.summary
        return cls(
            outcome, summary, handle=done.handle, release_id=done.release_id, figures=done.figures, findings=findings
        )
