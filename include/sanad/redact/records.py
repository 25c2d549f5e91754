"""JSON: only declared keys keep their values, any other value is null; and the text layer of a certificate."""

from __future__ import annotations

import json
from typing import Any

from sanad.grid import read_json
from sanad.grid.pdf import pages_alone, read_lines
from sanad.redact.cutting import Cutting
from sanad.registry import heading

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
    return cutting.text(path, value)


def _member(cutting: Cutting, key: str, value: Any, path: str, depth: int) -> Any:
    """What stays under a key: an envelope's contents, a declared field's value."""
    field = cutting.fields.get(heading(key))
    inside = key in cutting.dataset.envelope if field is None else type(value) in {dict, list}
    return _kept(cutting, value, path, depth + 1) if inside else cutting.value(path, field, value)


def _is_person(cutting: Cutting, record: dict[str, Any]) -> bool:
    """Whether an object is a person's record; in a certificate also one of a kind that nobody has declared."""
    kind, number, name = (
        next((record[key] for key in record if cutting.fields.get(heading(key)) == field), None)
        for field in ("kind", "certificate_no", "name")
    )
    if cutting.person(kind, number):
        return True
    certifies = cutting.dataset.form == "certificate" and (number is not None or name is not None)
    return certifies and heading(str(kind)) not in map(heading, cutting.dataset.kinds)


def _token(key: str) -> str:
    """A key in a JSON Pointer."""
    if "~" not in key and "/" not in key:
        return key
    return key.replace("~", "~0").replace("/", "~1")


def check_certificate(cutting: Cutting, content: bytes) -> bytes:
    """A certificate's pages alone, when it is a firm's: of a declared kind, without a word that only persons' bear."""
    bare = pages_alone(content)
    lines = [" ".join(text for text, _ in line) for line in read_lines(bare)]
    words = {heading(text) for line in read_lines(bare) for text, _ in line}
    said = {heading(line) for line in lines} | words
    persons = {heading(word) for word in cutting.dataset.persons.kinds}
    bears = any(word in text.split() for word in persons for text in said)
    if bears or any(cutting.person(None, line) for line in lines):
        raise cutting.refused("a firm's certificate", "a person's")
    if not said & {heading(word) for word in cutting.dataset.kinds}:
        raise cutting.refused("a certificate that says of which kind it is", "none of the declared kinds")
    for line in lines:
        cutting.text("", line)
    if cutting.removed:
        raise cutting.refused(
            "a firm's certificate", f"{', '.join(sorted({what for _, what in cutting.removed}))} in it"
        )
    return bare
