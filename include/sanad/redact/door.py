"""The one door: a part's bytes in, the bytes that may be archived out."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from sanad.grid.read import told_type
from sanad.redact import cards, records, tables
from sanad.redact.cutting import Cutting
from sanad.registry import Dataset
from sanad.words.errors import NotKept, Unreadable
from sanad.words.memory import uncollected


class Redacted(NamedTuple):
    """A part as it may be archived. ``original_sha256`` is None when nothing was changed; ``removed_paths`` says of
    each path what was cut out, and how often.
    """  # fmt: skip

    content: bytes
    original_sha256: str | None
    removed_paths: dict[str, str]


def redact(dataset: Dataset, name: str, content: bytes) -> Redacted:
    """The part without what is a person's; the same bytes for the same bytes, and unchanged when given again.

    A dataset without declared fields keeps its bytes. NotKept when the part cannot be read as what the register is,
    or cannot be edited safely: then nothing of it may be kept.
    """
    if not dataset.fields:
        return Redacted(content, None, {})
    cutting = Cutting(dataset, name)
    try:
        with uncollected():
            kept = _cut(cutting, content)
    except NotKept:
        raise
    except Unreadable as unreadable:
        raise cutting.refused(unreadable.findings[0].expected, _unquoted(unreadable)) from None
    except Exception as error:  # its words may quote the file
        raise cutting.refused("a file that can be read", f"one that {type(error).__name__} stopped") from None
    removed: dict[str, list[str]] = {}
    for (path, what), times in sorted(cutting.removed.items()):
        removed.setdefault(path, []).append(f"{what} {times}")
    original = None if kept == content else hashlib.sha256(content).hexdigest()
    return Redacted(kept, original, {path: ", ".join(told) for path, told in removed.items()})


def _unquoted(unreadable: Unreadable) -> str:
    """What was found, without the file's first bytes; of a library's words only which library's."""
    cause = unreadable.__cause__
    return (
        f"one that {type(cause).__name__} stopped" if cause else unreadable.findings[0].found.split(" that begin ")[0]
    )


def _cut(cutting: Cutting, content: bytes) -> bytes:
    dataset = cutting.dataset
    kind = told_type(content, dataset.file_types, dataset.max_bytes)
    match dataset.form, kind:
        case "cards", "html" | "json":
            return cards.cut(cutting, kind, content)
        case "certificate", "pdf":
            return records.check_certificate(cutting, content)
        case "records" | "certificate", "json":
            return records.cut(cutting, content)
        case "table", "csv" | "xls" | "xlsx" | "html" | "pdf":
            return tables.cut(cutting, kind, content)
    raise cutting.refused(f"a file of the form '{dataset.form}'", f"a .{kind} file")
