"""The archived bytes against their names: every part hashed again, releases and ids worked out anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sanad.archive.store import Store
from sanad.verify.known import Release
from sanad.verify.report import Disagreement

Row = Mapping[str, Any]


def read_parts(store: Store, release: Release, parts: Sequence[Row]) -> tuple[dict[str, bytes], list[Disagreement]]:
    """The contents of a release's parts that are what they were, and all that disagrees."""
    contents: dict[str, bytes] = {}
    faults: list[Disagreement] = []
    for part in parts:
        path = f"{store.root}/sha256/{part['sha256'][:2]}/{part['sha256']}"
        try:
            content = bytes(store.files.cat_file(path))
        except FileNotFoundError:
            faults.append(_fault(release, f"content {part['sha256']}", "no such file", part["name"]))
            continue
        if (found := hashlib.sha256(content).hexdigest()) != part["sha256"]:
            faults.append(_fault(release, f"content {part['sha256']}", f"content {found}", part["name"]))
        elif len(content) != part["bytes"]:
            faults.append(_fault(release, f"{part['bytes']} bytes", f"{len(content)} bytes", part["name"]))
        else:
            contents[part["name"]] = content
    return contents, faults


def identity(release: Release, parts: Sequence[Row]) -> Iterator[Disagreement]:
    """A release's sha256 is that of its one part, or of the sorted ``name sha256`` lines; its id follows from it."""
    if not parts:
        yield _fault(release, "a part", "none")
        return
    lines = "".join(f"{part['name']} {part['sha256']}\n" for part in sorted(parts, key=lambda part: part["name"]))
    whole = parts[0]["sha256"] if len(parts) == 1 else hashlib.sha256(lines.encode()).hexdigest()
    if whole != release.sha256:
        yield _fault(release, f"sha256 {release.sha256}", f"{whole} from its parts")
    if (number := _bits(35, release.dataset, release.sha256)) != release.release_id:
        yield _fault(release, f"release id {number}", str(release.release_id))


def extraction(release: Release, row: Row) -> Iterator[Disagreement]:
    """An extraction's id follows from release, parser and version, and an event cites it."""
    if row["extraction_id"] not in {event.extraction_id for event in release.events}:
        yield _fault(release, f"an event of extraction {row['extraction_id']}", "none")
    expected = _bits(63, str(release.release_id), row["parser"], row["parser_version"])
    if row["extraction_id"] != expected:
        yield _fault(release, f"extraction id {expected}", str(row["extraction_id"]))


def _bits(count: int, *texts: str) -> int:
    digest = hashlib.sha256("\0".join(texts).encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - count)


def _fault(release: Release, expected: str, found: str, part: str | None = None) -> Disagreement:
    return Disagreement("archive", release.handle, expected, found, locator=part)
