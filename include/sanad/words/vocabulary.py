"""The closed lists of words. The same spellings stand in YAML, SQL and the dashboards."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Origin(StrEnum):
    """Who says so, strongest first."""

    OFFICIAL = "official"
    TRANSCRIBED = "transcribed"
    PRESS = "press"
    SYNTHETIC = "synthetic"


class Basis(StrEnum):
    """How a value is known, strongest first."""

    PRINTED = "printed"
    DERIVED = "derived"
    IMPLIED = "implied"


class Flag(StrEnum):
    """The publisher's own mark on a figure; no mark is None, never a third word."""

    PROVISIONAL = "P"
    REVISED = "R"


class Event(StrEnum):
    """What can happen to a release."""

    RECEIVED = "received"
    QUARANTINED = "quarantined"
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    RETRACTED = "retracted"
    REINSTATED = "reinstated"
    CORRECTED = "corrected"
    IDENTIFIED = "identified"


#: The events after which the figures of a release are visible.
VISIBLE = frozenset({Event.ACCEPTED, Event.REINSTATED, Event.CORRECTED, Event.IDENTIFIED})

#: What may follow what; None stands for a release the ledger has not heard of.
FOLLOWS: dict[Event | None, frozenset[Event]] = {
    None: frozenset({Event.RECEIVED}),
    Event.RECEIVED: frozenset({Event.QUARANTINED, Event.ACCEPTED, Event.DUPLICATE}),
    Event.QUARANTINED: frozenset({Event.QUARANTINED, Event.ACCEPTED, Event.DUPLICATE, Event.REJECTED}),
    Event.ACCEPTED: frozenset({Event.RETRACTED, Event.CORRECTED, Event.IDENTIFIED}),
    Event.RETRACTED: frozenset({Event.REINSTATED}),
    Event.REINSTATED: frozenset({Event.RETRACTED, Event.CORRECTED, Event.IDENTIFIED}),
    Event.CORRECTED: frozenset({Event.RETRACTED, Event.CORRECTED, Event.IDENTIFIED}),
    Event.IDENTIFIED: frozenset({Event.RETRACTED, Event.CORRECTED, Event.IDENTIFIED}),
    Event.DUPLICATE: frozenset(),
    Event.REJECTED: frozenset(),
}


class Consequence(StrEnum):
    """What a failed gate does."""

    WARN = "warn"
    QUARANTINE = "quarantine"


class PublishedFrom(StrEnum):
    """How the day of publication is known, strongest first."""

    STATED = "stated"
    DOCUMENT = "document"
    HTTP = "http"
    OBSERVED = "observed"


class Privacy(StrEnum):
    """Whose a register's field is: anybody's to read, a firm's way to be reached, or a person's own."""

    PUBLIC = "public"
    BUSINESS_CONTACT = "business_contact"
    PERSONAL = "personal"


class PeriodKind(StrEnum):
    """What sort of span a reference period is."""

    MONTH = "month"
    QUARTER = "quarter"
    FISCAL_YEAR = "fiscal_year"
    FISCAL_YEAR_TO_DATE = "fiscal_year_to_date"
    CALENDAR_YEAR = "calendar_year"


class Scope(StrEnum):
    """How much a verification looked at."""

    FULL = "full"
    CHANGED = "changed"
    SAMPLE = "sample"


class Verdict(StrEnum):
    """What a verification came to."""

    AGREES = "agrees"
    DISAGREES = "disagrees"


class ExitCode:
    """The exit codes of every command."""

    GOOD = 0
    UNEXPECTED = 1
    USAGE = 2
    QUARANTINED = 3
    DISAGREES = 4
    INTERRUPTED = 130


def weakest(origins: Iterable[Origin]) -> Origin:
    """The origin of a value computed from figures of these origins: the weakest among them."""
    order = list(Origin)
    return max(origins, key=order.index)


def weakest_basis(bases: Iterable[Basis]) -> Basis:
    """How a value computed from values so known is known: as the weakest among them."""
    order = list(Basis)
    return max(bases, key=order.index)
