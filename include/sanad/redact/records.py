"""JSON: only declared keys keep their values, any other value is null; and the text layer of a certificate."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

from sanad.grid import read_json
from sanad.grid.pdf import pages_alone, read_lines
from sanad.redact.cutting import UNDECLARED, Cutting
from sanad.registry import heading
from sanad.words.personal import MARK

#: Deeper than any register's reply.
_DEPTH_MOST = 32


def cut(cutting: Cutting, content: bytes) -> bytes:
    """The document with the values of declared keys; records of persons are null. A person's certificate is refused."""
    document = read_json(content, cutting.dataset.max_bytes)
    kept = _kept(cutting, document, "", 0)
    if not cutting.removed:
        return content
    if cutting.dataset.form == "certificate" and any(what == "person" for _, what in cutting.removed):
        raise cutting.refused("a firm's certificate", "a person's, or one of a kind the registry does not know")
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def _kept(cutting: Cutting, value: Any, path: str, depth: int) -> Any:
    """What stays of a node. Lists and objects are changed in place: an export is large."""
    if depth > _DEPTH_MOST:
        raise cutting.refused(f"JSON of at most {_DEPTH_MOST} levels", "more")
    if isinstance(value, list):
        for number, one in enumerate(value):
            value[number] = _kept(cutting, one, f"{path}/*", depth + 1)
        return value
    if isinstance(value, dict):
        if _is_person(cutting, value):
            cutting.removed[path, "person"] += 1
            return None
        for key, one in value.items():
            if one is not None:
                value[key] = _member(cutting, key, one, f"{path}/{_token(key)}", depth)
        return value
    if value is None or value == MARK:
        return value
    cutting.removed[path, UNDECLARED] += 1  # it has no key of its own; the mark tells that there was something
    return MARK


def _member(cutting: Cutting, key: str, value: Any, path: str, depth: int) -> Any:
    """What stays under a key: an envelope's contents, a declared field's value. No field holds a list or an object."""
    if isinstance(value, dict | list):
        inside = key in cutting.dataset.envelope
        return _kept(cutting, value, path, depth + 1) if inside else cutting.value(path, None, value)
    return cutting.value(path, cutting.fields.get(heading(key)), value)


def _is_person(cutting: Cutting, record: dict[str, Any]) -> bool:
    """Whether an object is a person's record; in a certificate also one of a kind that nobody has declared."""
    values = [(cutting.fields.get(heading(key)), value) for key, value in record.items()]
    said = dict(values)
    kind = said.get("kind")
    if cutting.person(kind, (value for field, value in values if not cutting.is_contact(field))):
        return True
    certifies = cutting.dataset.form == "certificate" and bool(said.get("certificate_no") or said.get("name"))
    return certifies and heading(str(kind)) not in map(heading, cutting.dataset.kinds)


def _token(key: str) -> str:
    """A key in a JSON Pointer."""
    if "~" not in key and "/" not in key:
        return key
    return key.replace("~", "~0").replace("/", "~1")


def check_certificate(cutting: Cutting, content: bytes) -> bytes:
    """A certificate's pages alone, when it is a firm's: of a declared kind, without a word that only persons' bear, and
    without a label that nobody has declared.
    """  # fmt: skip
    bare = pages_alone(content)
    pieces = [[text for text, _ in line] for line in read_lines(bare)]
    lines = [" ".join(line) for line in pieces]
    said = {heading(text) for text in [*lines, *chain.from_iterable(pieces)]}
    persons = {heading(word) for word in cutting.dataset.persons.kinds}
    bears = any(word in text.split() for word in persons for text in said)
    if bears or cutting.person(None, chain.from_iterable(pieces)):
        raise cutting.refused("a firm's certificate", "a person's")
    known = {heading(label) for label in cutting.dataset.envelope} | cutting.fields.keys()
    if unknown := sum(heading(one.partition(":")[0]) not in known for one in chain.from_iterable(pieces) if ":" in one):
        raise cutting.refused("a certificate with declared labels alone", f"{unknown} of others")
    if not said & {heading(word) for word in cutting.dataset.kinds}:
        raise cutting.refused("a certificate that says of which kind it is", "none of the declared kinds")
    for line in lines:
        cutting.text("", line)
    if cutting.removed:
        raise cutting.refused(
            "a firm's certificate", f"{', '.join(sorted({what for _, what in cutting.removed}))} in it"
        )
    return bare
