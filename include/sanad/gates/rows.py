"""Gates that look at the rows of a register together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

from sanad.extract import Entry
from sanad.extract.registers import unscrambled
from sanad.gates.occasion import Occasion
from sanad.registry import Gate
from sanad.words.errors import Finding
from sanad.words.vocabulary import Consequence

#: Rows of one sort that are named one by one.
_NAMED = 5


def too_many_rejected(occasion: Occasion) -> Iterator[Finding]:
    """At most ``max_rejected_pct`` percent of a register's rows are rejected, and not all of them."""
    reading, most = occasion.reading, occasion.dataset.max_rejected_pct
    rejected, rows = len(reading.rejected), len(reading.rejected) + len(reading.entries)
    if rejected and (not reading.entries or Decimal(100 * rejected) > most * rows):
        by_gate = ", ".join(f"{gate} {times:,}" for gate, times in Counter(r.gate for r in reading.rejected).items())
        yield Finding(
            "rejected",
            Consequence.QUARANTINE,
            f"at most {most} % of {rows:,} rows rejected",
            f"{rejected:,} ({by_gate})",
            reading.rejected[0].locator,
        )


def no_entries(occasion: Occasion) -> Iterator[Finding]:
    """A register has a row."""
    reading = occasion.reading
    if occasion.dataset.kind == "register" and not reading.entries and not reading.rejected:
        yield Finding("rejected", Consequence.QUARANTINE, "a register with rows", "none")


def serials_not_in_future(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """No certificate's number is of a year after that of publication."""
    this_year = occasion.published_on.year
    for entry in occasion.reading.entries:
        year = entry.fields.get("registered_year")
        if year and year.value > this_year:
            yield Finding(
                gate.gate, gate.consequence, f"a number given by {this_year}", repr(year.as_printed), year.locator
            )


def one_name_per_certificate(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """A certificate's number stands beside one name only; which of two is right no list can say, so both stay."""
    entries: dict[str, dict[str, Entry]] = defaultdict(dict)
    for entry in occasion.reading.entries:
        if entry.certificate_no and entry.name:
            entries[entry.certificate_no].setdefault(entry.name.casefold(), entry)
    for number, names in entries.items():
        if len(names) > 1:
            first, *others = names.values()
            yield Finding(
                gate.gate,
                gate.consequence,
                f"{number} beside one name, {first.name!r} as at {first.locator}",
                ", ".join(repr(other.name) for other in others),
                others[0].locator,
            )


def kinds_are_known(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """Every word for a kind is one that the registry declares; an entry of another has no kind."""
    unknown = [entry for entry in occasion.reading.entries if entry.kind is None and "kind" in entry.fields]
    words = Counter(str(entry.fields["kind"].value) for entry in unknown)
    if words:
        told = ", ".join(f"{word!r} {times:,}" for word, times in words.most_common(_NAMED))
        yield Finding(
            gate.gate, gate.consequence, "a declared word for a kind", told, unknown[0].fields["kind"].locator
        )


def text_as_written(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """No text was UTF-8 taken for Windows-1252 on its way; where that leaves no doubt, values are what was meant."""
    scrambled = [
        field
        for entry in occasion.reading.entries
        for field in entry.fields.values()
        if unscrambled(field.as_printed) is not None
    ]
    if scrambled:
        yield Finding(
            gate.gate,
            gate.consequence,
            "text in one encoding throughout",
            f"{len(scrambled):,} fields in which UTF-8 was taken for Windows-1252",
            scrambled[0].locator,
        )
