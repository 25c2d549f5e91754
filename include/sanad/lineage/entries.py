"""From an entry of a register, or one of its fields, back to its place in the archived file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from psycopg import Connection

from sanad.lineage.asking import asking, rows
from sanad.lineage.figures import releases
from sanad.lineage.named import named
from sanad.lineage.project import models_passed
from sanad.words import ids
from sanad.words.errors import SanadError, UsageError

#: What is traced beside the rows of marts.
ENTRY = "entry"
_MODEL = "int_registers__correct"
_ENTRIES = """
    select entry_id, release_id, dataset, locator, kind, fields from staging.entry
    where entry_id = any(%s) order by entry_id
"""
_IN_FORCE = """
    select
        one.correction ->> 'entry_id' as entry_id,
        one.correction || jsonb_build_object('event', jsonb_build_object(
            'seq', newest.seq, 'at', newest.at, 'actor', newest.actor, 'reason', newest.reason
        )) as correction
    from (
        select distinct on (release_id) release_id, seq, at, actor, reason, evidence -> 'corrections' as corrections
        from archive.ledger
        where release_id = any(%(releases)s) and event = 'corrected' and seq <= coalesce(%(seen)s, seq)
        order by release_id, seq desc
    ) as newest
    cross join jsonb_array_elements(newest.corrections) as one (correction)
    where one.correction ->> 'entry_id' = any(%(entries)s)
"""
_LEDGER_HEAD = "select seq, hash from archive.ledger order by seq desc limit 1"


@dataclass(frozen=True)
class EntryChain:
    """An entry with its chain of transmission.

    ``fields`` has each with ``field``, ``value``, ``as_printed``, ``locator``, and ``value_used``, the value as the
    ``corrections`` in force have it; each of these says, as ``event``, which ledger event put it in force. ``release``
    has the four that a mart row's releases have; ``models`` are the dbt models that read the entry.
    """

    entry_id: str
    kind: str | None
    locator: str
    fields: list[dict[str, Any]]
    corrections: list[dict[str, Any]]
    is_dropped: bool
    release: dict[str, Any]
    models: list[str]
    ledger_head: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """For JSON; ids are text."""
        return asdict(self)


def trace_entry(name: str, field: str | None = None) -> EntryChain:
    """The chain of a staged entry, of one ``field`` or of all.

    ``name`` is the entry's id, or a release and the place of its row or of a field, joined by ``!``:
    ``pseb/registration_list@2026-02!cell=7,2``. UsageError when there is no such release, row or field.
    """
    with asking() as connection:
        release_id, entry_id = named(connection, name)
        if entry_id is None:
            raise UsageError(f"{name} names no entry: give its id, or a release and a place joined by '!'")
        (entry,) = entries(connection, [entry_id])
        known = [told["field"] for told in entry["fields"]]
        if field not in {None, *known}:
            raise UsageError(f"entry {entry_id} has no field {field}: it has {', '.join(known)}")
        release = releases(connection, {release_id})[release_id]
        model = f"stg_{release['release']['dataset'].replace('/', '__')}"
        return EntryChain(
            **{
                name: told for name, told in entry.items() if name not in {"release_id", "fields"}
            },
            fields=[told for told in entry["fields"] if field in {None, told["field"]}],
            release=release,
            models=[one for one in models_passed(_MODEL) if one in {model, _MODEL}],
            ledger_head=rows(connection, _LEDGER_HEAD)[0],
        )  # fmt: skip


def entries(connection: Connection[Any], cited: Collection[int], seen: int | None = None) -> list[dict[str, Any]]:
    """Entries in the order of their ids, as ``EntryChain`` has them, each with its ``release_id`` as text.

    ``corrections`` are those in force at ledger event ``seen`` (None: now). SanadError when one is not staged.
    """
    found = rows(connection, _ENTRIES, [list(cited)])
    if len(found) != len(set(cited)):
        missing = sorted(set(cited) - {row["entry_id"] for row in found})
        raise SanadError(f"entries that are cited are not staged: {', '.join(map(str, missing))}")
    in_force = _in_force(connection, found, seen)
    return [_entry(row, in_force[str(row["entry_id"])]) for row in found]


def _in_force(
    connection: Connection[Any], found: list[dict[str, Any]], seen: int | None
) -> dict[str, list[dict[str, Any]]]:
    """The corrections of entries in the newest set of their releases: one, or none."""
    asked = {
        "releases": list({row["release_id"] for row in found}),
        "entries": [str(row["entry_id"]) for row in found],
        "seen": seen,
    }
    corrections = defaultdict(list)
    for row in rows(connection, _IN_FORCE, asked):
        corrections[row["entry_id"]].append(row["correction"])
    return corrections


def _entry(row: dict[str, Any], corrections: list[dict[str, Any]]) -> dict[str, Any]:
    changes = corrections[0]["fields"] if corrections else {}
    return {
        "entry_id": str(row["entry_id"]),
        "release_id": str(ids.release_of(row["entry_id"])),
        "kind": row["kind"],
        "locator": row["locator"],
        "fields": [
            {"field": name, **told, "value_used": changes.get(name, told["value"])}
            for name, told in row["fields"].items()
        ],
        "corrections": corrections,
        "is_dropped": any(one["action"] == "drop" for one in corrections),
    }
