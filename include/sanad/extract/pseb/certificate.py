"""One registrant's certificate: the verification API's reply, or the text layer of the PDF.

- The reply writes months as ``Oct 2025``, the PDF as ``May-2026``; a registration runs to the end of its last month.
- ``iat`` and ``exp`` are the token's, which lives 90 days. ``isValid`` goes by the registration: a reply was recorded
  that is valid although its token had expired.
- The PDF has a heading, the number, the kind in a line of its own, then labels with their values beside them.
- A freelancer's certificate is a person's: it never gets here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sanad.extract.reading import Entry, Reading
from sanad.extract.registers import Printed, Rows, UnfitError, stop, version_of
from sanad.grid import read_json
from sanad.grid.read import told_type, whole
from sanad.registry import Dataset, heading

PARSER = "pseb.certificate"
VERSION = "1"

_WANTED = ("certificate_no", "kind", "name", "valid_from", "valid_till")


def extract(dataset: Dataset, parts: dict[str, bytes]) -> Reading:
    """One entry a part; a reply and a PDF of one certificate may come together.

    Unreadable (gates ``file``, ``certificate``) when a field is missing or wrong, or parts are of two certificates.
    """
    entries = [
        _entry(dataset, f"{name}!" if len(parts) > 1 else "", number, content)
        for number, (name, content) in enumerate(sorted(parts.items()))
    ]
    numbers = {str(entry.certificate_no) for entry in entries}
    if len(numbers) > 1:
        raise stop("certificate", "parts of one certificate", " and ".join(sorted(numbers)))
    return Reading(PARSER, version_of(dataset, VERSION), None, entries=entries, claim=min(numbers))


def _entry(dataset: Dataset, prefix: str, ordinal: int, content: bytes) -> Entry:
    if told_type(content, dataset.file_types, dataset.max_bytes) == "json":
        printed, locator = dict(_reply(dataset, content, prefix)), f"{prefix}/data"
    else:
        printed, locator = dict(_page(dataset, content, prefix)), f"{prefix}page=1"
    if lacking := [name for name in _WANTED if name not in printed]:
        raise stop(
            "certificate", "a certificate's number, kind, name and validity", f"no {', '.join(lacking)}", locator
        )
    try:
        return Rows(dataset).entry(ordinal, locator, printed)
    except UnfitError as unfit:
        raise stop(unfit.gate, "a certificate as it should be", str(unfit), locator) from unfit


def _reply(dataset: Dataset, content: bytes, prefix: str) -> Iterator[tuple[str, Printed]]:
    """The API's ``{"message": ..., "data": {...}}``."""
    document = read_json(content, dataset.max_bytes)
    for place, members in (("", document), ("/data", document.get("data") if isinstance(document, dict) else None)):
        for key, value in members.items() if isinstance(members, dict) else ():
            field = dataset.printed_as.get(heading(key))
            if field and value is not None and not isinstance(value, dict | list):
                shown = str(value).lower() if isinstance(value, bool) else str(value)
                yield field, Printed(value, shown, f"{prefix}{place}/{key}")


def _page(dataset: Dataset, content: bytes, prefix: str) -> Iterator[tuple[str, Printed]]:
    """Each label's value: what stands right of it in its line; the kind is a line of its own."""
    from sanad.grid.pdf import read_lines

    kinds = {heading(kind) for kind in dataset.kinds}
    with whole(("pdf",)):
        lines = read_lines(content)
    for line in lines:
        for (label, _), (value, place) in pairwise(line):
            if field := dataset.printed_as.get(heading(label)):
                yield field, Printed(value, value, prefix + place)
        for text, place in line:
            if heading(text) in kinds:
                yield "kind", Printed(text, text, prefix + place)
            elif field := _labelled(dataset, text):
                value = text.partition(":")[2].strip()
                yield field, Printed(value, value, prefix + place)


def _labelled(dataset: Dataset, text: str) -> str | None:
    """The field of a label that stands in one piece with its value, ``Name: ...``."""
    label, colon, value = text.partition(":")
    return dataset.printed_as.get(heading(label)) if colon and value.strip() else None
