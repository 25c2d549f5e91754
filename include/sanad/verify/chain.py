"""The ledger worked out anew: hashes, order, what may follow what, and the event files.

``hash = sha256(prev_hash || RFC 8785 JSON of the row without hash)``: prev_hash as its 64 hex digits and zeros before
the first event; in the JSON ids are decimal text, instants ISO 8601 in UTC with six decimals.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import rfc8785

from sanad.archive.store import Store
from sanad.verify.report import Disagreement
from sanad.words.errors import UsageError
from sanad.words.vocabulary import FOLLOWS, Event

Row = Mapping[str, Any]
_BEGINNING = "0" * 64


def ledger(rows: Sequence[Row]) -> Iterator[Disagreement]:
    """Everything that is wrong with the rows, in their order: gaps, hashes, instants, events that may not follow."""
    first: Row = {"seq": 0, "hash": _BEGINNING, "at": datetime.min.replace(tzinfo=UTC)}
    last: dict[int, Event] = {}
    for before, row in pairwise([first, *rows]):
        if row["seq"] != before["seq"] + 1:
            yield _fault(row, f"after event {before['seq']} event {before['seq'] + 1}", f"event {row['seq']}")
        if row["prev_hash"] != before["hash"]:
            yield _fault(row, f"prev_hash {before['hash']}", row["prev_hash"])
        if row["hash"] != (expected := hash_of(row)):
            yield _fault(row, f"hash {expected}", row["hash"])
        if row["at"] < before["at"]:
            yield _fault(row, f"an instant from {_json(before['at'])} on", _json(row["at"]))
        event, was = Event(row["event"]), last.get(row["release_id"])
        if event not in FOLLOWS[was]:
            yield _fault(row, f"what may follow {was or 'nothing'}", event)
        last[row["release_id"]] = event


def hash_of(row: Row) -> str:
    """The hash a row must have."""
    content = {name: value for name, value in row.items() if name != "hash"} | {
        "at": _json(row["at"]),
        "release_id": str(row["release_id"]),
        "extraction_id": None if row["extraction_id"] is None else str(row["extraction_id"]),
    }
    return hashlib.sha256(row["prev_hash"].encode() + rfc8785.dumps(content)).hexdigest()


def stated(rows: Sequence[Row], releases: Mapping[int, Row]) -> Iterator[Disagreement]:
    """What events state of their release's publication is what the release's row says; so the chain covers it."""
    for row in rows:
        in_warehouse = _json(dict(releases[row["release_id"]]))
        for field, said in row["evidence"].get("release", {}).items():
            if in_warehouse.get(field) != said:
                yield _fault(row, f"{field} {said}, as the event states it", str(in_warehouse.get(field)))


def unheard(rows: Sequence[Row], releases: Mapping[int, Row]) -> Iterator[Disagreement]:
    """Releases that no event is about: somebody wrote them past the ledger."""
    for release_id in sorted(releases.keys() - {row["release_id"] for row in rows}):
        handle = f"{releases[release_id]['dataset']}#{releases[release_id]['sha256'][:8]}"
        yield Disagreement("ledger", handle, "an event that tells of it", "none")


def heads(rows: Sequence[Row], noted: Iterable[tuple[int, str]]) -> Iterator[Disagreement]:
    """Heads noted earlier, as (seq, hash), that are no longer in the chain: it was rewritten."""
    hashes = {row["seq"]: row["hash"] for row in rows} | {0: _BEGINNING}
    for seq, hash_ in noted:
        if hashes.get(seq) != hash_:
            yield Disagreement("ledger", f"event {seq}", f"hash {hash_}, as noted", hashes.get(seq, "no such event"))


def noted_head(rows: Sequence[Row], text: str) -> tuple[int, str]:
    """A head as a person noted it, ``HASH`` or ``SEQ:HASH``; without the seq, that of the event with this hash.

    UsageError when it is no hash. A hash that no event has stands for one that the last event should have.
    """
    seq, _, hash_ = text.strip().lower().rpartition(":")
    if len(hash_) != 64 or set(hash_) - set("0123456789abcdef") or not (seq or "0").isdecimal():
        raise UsageError(f"'{text}' is no head of a ledger: expected 64 hex digits, or seq:hash")
    if seq:
        return int(seq), hash_
    return next((row["seq"] for row in rows if row["hash"] == hash_), rows[-1]["seq"] if rows else 0), hash_


def files(store: Store, rows: Sequence[Row], tables: Mapping[str, Any], since: int) -> Iterator[Disagreement]:
    """Event files that are missing, that differ from their rows, and, after seq ``since``, what they say besides.

    ``tables`` holds the rows of release, part and extraction that an event file repeats, by release or extraction id.
    """
    for row in rows:
        path = f"{store.root}/ledger/{row['seq']:012d}.json"
        if row["seq"] <= since:
            if not store.files.exists(path):
                yield _fault(row, "its event file", "no such file")
            continue
        try:
            content = json.loads(store.files.cat_file(path))
        except FileNotFoundError:
            yield _fault(row, "its event file", "no such file")
        except ValueError as error:
            yield _fault(row, "an event file in JSON", str(error))
        else:
            yield from _file(row, content, tables)


def _file(row: Row, content: Any, tables: Mapping[str, Any]) -> Iterator[Disagreement]:
    stated = {
        "ledger": row,
        "release": tables["release"][row["release_id"]],
        "parts": tables["part"].get(row["release_id"], []),
        "extraction": tables["extraction"].get(row["extraction_id"]),
    }
    for name, in_warehouse in stated.items():
        differing = _differing(_json(in_warehouse), content.get(name) if isinstance(content, dict) else None)
        if differing:
            yield _fault(row, f"an event file with the warehouse's {name}", f"another {', '.join(differing)}")


def _differing(expected: Any, found: Any, name: str = "content") -> list[str]:
    """The fields in which two JSON values differ; a field that came after the file was written is no difference."""
    if isinstance(expected, dict) and isinstance(found, dict):
        both = sorted(expected.keys() | found.keys())
        return [field for key in both for field in _differing(expected.get(key), found.get(key), key)]
    if isinstance(expected, list) and isinstance(found, list) and name == "content":
        return _differing(_by_name(expected), _by_name(found))
    return [] if (expected or None) == (found or None) else [name]


def _by_name(parts: list[Any]) -> dict[str, Any]:
    return {part["name"]: part for part in parts}


def beyond(store: Store, head: int) -> Iterator[Disagreement]:
    """Event files of events that the ledger does not have: a row is gone from its end."""
    folder = f"{store.root}/ledger"
    if not store.files.exists(folder):
        return
    for path in sorted(store.files.ls(folder, detail=False)):
        name = str(path).rpartition("/")[2].removesuffix(".json")
        if name.isdecimal() and int(name) > head:
            yield Disagreement("ledger", f"event {int(name)}", f"a row, as ledger/{name}.json says", "no such row")


def _json(value: Any, name: str = "") -> Any:
    """A row as its JSON holds it."""
    match value:
        case dict():
            return {key: _json(inner, key) for key, inner in value.items()}
        case list():
            return [_json(inner) for inner in value]
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case date():
            return value.isoformat()
        case int() if name.endswith("_id"):
            return str(value)
    return value


def _fault(row: Row, expected: str, found: str) -> Disagreement:
    return Disagreement("ledger", f"event {row['seq']}", expected, found)
