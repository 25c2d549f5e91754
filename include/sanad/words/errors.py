"""Errors and findings: what was expected, what was found, and exactly where."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sanad.words.vocabulary import Consequence, ExitCode


class SanadError(Exception):
    """Something a person can act on: printed as one line, with the exit code of its class."""

    exit_code = ExitCode.UNEXPECTED


class UsageError(SanadError):
    """The call was wrong: an unknown dataset, a file that is not there, a date in the future."""

    exit_code = ExitCode.USAGE


class Refused(SanadError):
    """The warehouse would not do it: an event that may not follow, a file it does not take."""


class Disagrees(SanadError):
    """Verification found something that is not what it must be."""

    exit_code = ExitCode.DISAGREES


class NotKept(Refused):
    """Bytes that may hold what is a person's and from which it cannot be cut out: nothing of them is archived.

    The message must not quote them.
    """


@dataclass(frozen=True)
class Finding:
    """One thing a gate found wrong, or worth a warning, in one release.

    ``locator`` says where in the bytes (None: the file as a whole); ``expected`` and ``found`` are words
    for a reader, with their units.
    """

    gate: str
    consequence: Consequence
    expected: str
    found: str
    locator: str | None = None

    def __str__(self) -> str:
        where = f" at {self.locator}" if self.locator else ""
        return f"{self.gate}{where}: expected {self.expected}, found {self.found}"

    def as_evidence(self) -> dict[str, Any]:
        """The finding as it is written to the ledger."""
        return {key: str(value) if value is not None else None for key, value in asdict(self).items()}


class CorrectionFailed(SanadError):
    """Declared corrections that do not hold, each named by its finding; the others are in force."""

    exit_code = ExitCode.QUARANTINED

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings


class Unreadable(SanadError):
    """The bytes could not be read as what the dataset is; carries the findings that say why."""

    exit_code = ExitCode.QUARANTINED

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings
