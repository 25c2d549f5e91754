"""What is staged of one release: against its archived bytes, and against what the ledger says was read."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import rfc8785

from sanad.registry import Dataset
from sanad.verify import locators
from sanad.verify.cells import Reread
from sanad.verify.known import Event, Print, Release
from sanad.verify.report import Disagreement, Staged
from sanad.words.numbers import plain, six_places

Row = Mapping[str, Any]


def check(
    release: Release,
    figures: Sequence[Row],
    entries: Sequence[Row],
    parts: Mapping[str, bytes],
    dataset: Dataset | None,
    wanted: Collection[int] | None,
) -> Staged:
    """Read a release's staged rows again; ``figures`` in the order of their ids.

    ``wanted`` are the figures and entries to look up, None for all. The others, and all of a release whose ``parts``
    are not at hand, keep their staged values.
    """
    done = Staged()
    opened = locators.Release(parts, is_register=dataset is not None and dataset.kind == "register")
    layout = dataset.layout_for(release.edition) if dataset and release.edition else None
    reread = Reread(release.release_id, release.handle, opened, layout, dataset)
    for row in figures:
        value = row["value"]
        if parts and (wanted is None or row["figure_id"] in wanted):
            try:
                value, faults = reread.figure(row)
                done.disagreements += faults
                done.counts["figures"] += 1
            except locators.Unread as error:
                done.unread.add(f"{release.handle}: {error}")
        done.prints.append(_print(release, row, value, {} if layout else row["details"] or {}))
    done.disagreements += [*_corrections(release, done.prints), *_entry_corrections(release, entries)]
    for row in entries:
        if parts and (wanted is None or row["entry_id"] in wanted):
            try:
                done.disagreements += reread.entry(row)
                done.counts["fields"] += len(row["fields"])
            except locators.Unread as error:
                done.unread.add(f"{release.handle}: {error}")
    done.counts.update(reread.unjudged)
    done.readers |= opened.readers
    return done


def _print(release: Release, row: Row, value: Decimal | None, details: Row) -> Print:
    return Print(
        row["figure_id"], release, row["series_code"], row["measure"], row["period_start"], row["period_end"],
        row["period_kind"], row["period_code"], value, row["null_reason"], row["flag"], row["locator"],
        row["label_raw"], row["indent"], row["parent_code"], row["unit"], row["resolution"], row["qualifier"], details,
    )  # fmt: skip


def _corrections(release: Release, prints: Sequence[Print]) -> Iterator[Disagreement]:
    """Every correction in the ledger is of a figure of the release, and was what that was."""
    known = {one.figure_id: one for one in prints} if release.corrections else {}
    for _, corrections in release.corrections:
        for figure_id, one in corrections.items():
            value = one["was"]["value"]
            was = None if value is None else six_places(Decimal(value))
            if figure_id not in known:
                yield _fault(release, f"figure {figure_id}, of correction {one['correction']}", "no such figure")
            elif (found := known[figure_id].printed.value) != was:
                yield _fault(release, f"{was} before correction {one['correction']}", str(found))


def _entry_corrections(release: Release, entries: Sequence[Row]) -> Iterator[Disagreement]:
    """Every correction of an entry that is in force is of one of the release's, and was what that says."""
    corrections = release.entry_corrections
    known = {row["entry_id"]: row["fields"] for row in entries} if corrections else {}
    for entry_id, one in corrections.items():
        fields = known.get(entry_id)
        if fields is None:
            yield _fault(release, f"entry {one['entry_id']}, of correction {one['correction']}", "no such entry")
        elif any(fields.get(name, {}).get("value") != value for name, value in one["was"].items()):
            yield _fault(release, f"the fields before correction {one['correction']}", "others")


def as_read(
    release: Release, reading: Row | None, figures: Sequence[Row], entries: Sequence[Row], rejected: int
) -> Iterator[Disagreement]:
    """Staged rows are those of the release's last reading, no more and no fewer, and say what it said."""
    if reading is None:
        if figures or entries:
            yield _fault(
                release, "nothing staged: no reading of it was accepted", f"{len(figures) + len(entries)} rows"
            )
        return
    for thing, found in (("figures", len(figures)), ("entries", len(entries)), ("rejected", rejected)):
        if found != reading[thing]:
            yield _fault(release, f"{reading[thing]} {thing}, as its extraction says", f"{found} {thing}")
    if {row["extraction_id"] for row in [*figures, *entries]} - {reading["extraction_id"]}:
        yield _fault(release, f"rows of extraction {reading['extraction_id']}", "rows of another")
    if {row["dataset"] for row in [*figures, *entries]} - {release.dataset}:
        yield _fault(release, f"rows of {release.dataset}", "rows of another dataset")
    told = {reading["canonical_sha256"]}
    told |= {one.evidence["canonical_sha256"] for one in release.events if _tells_of(one, reading)}
    claims = [one.evidence["claim"] for one in release.events if _tells_of(one, reading) and "claim" in one.evidence]
    staged_sha256 = canonical_sha256(figures, entries, *claims[-1:])
    for sha256 in told - {staged_sha256}:
        yield _fault(release, f"canonical sha256 {sha256}", f"{staged_sha256} from the staged rows")


def _tells_of(event: Event, reading: Row) -> bool:
    return event.extraction_id == reading["extraction_id"] and "canonical_sha256" in event.evidence


def canonical_sha256(figures: Sequence[Row], entries: Sequence[Row], *claim: str) -> str:
    """sha256 over the sorted lines of all figures and entries: what was read, free of layout.

    ``claim`` is the line above them that tells documents of one claimant each apart.
    """
    lines = [*map(_figure_line, figures), *map(_entry_line, entries)]
    return hashlib.sha256("\n".join([*claim, *sorted(lines)]).encode()).hexdigest()


def _figure_line(row: Row) -> str:
    value = "" if row["value"] is None else plain(six_places(row["value"]))
    said = row["period_code"], row["unit"], value, row["flag"], row["null_reason"]
    return "\t".join([row["series_code"], row["measure"], *(text or "" for text in said)])


def _entry_line(row: Row) -> str:
    values = {name: one["value"] for name, one in row["fields"].items()}
    return f"{row['kind'] or ''}\t{rfc8785.dumps(values).decode()}"


def _fault(release: Release, expected: str, found: str) -> Disagreement:
    return Disagreement("staging", release.handle, expected, found)
