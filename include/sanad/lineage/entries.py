"""From an entry of a register, or one of its fields, back to its place in the archived file."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from psycopg import Connection

from sanad.lineage.asking import asking, rows
from sanad.lineage.figures import releases
from sanad.lineage.named import named
from sanad.lineage.project import models_passed
from sanad.words.errors import UsageError

#: What is traced beside the rows of marts.
ENTRY = "entry"
_MODEL = "int_registers__correct"
_FOUND = """
    select entry_id, release_id, dataset, locator, kind, fields from staging.entry
    where entry_id = %(entry)s
       or (release_id = %(release)s and (locator = %(locator)s
           or exists (select from jsonb_each(fields) as one where one.value ->> 'locator' = %(locator)s)))
    order by entry_id
"""
_IN_FORCE = """
    select one.correction
    from (
        select evidence -> 'corrections' as corrections from archive.ledger
        where release_id = %(release)s and event = 'corrected'
        order by seq desc limit 1
    ) as newest
    cross join jsonb_array_elements(newest.corrections) as one (correction)
    where one.correction ->> 'entry_id' = %(entry)s
"""
_LEDGER_HEAD = "select seq, hash from archive.ledger order by seq desc limit 1"


@dataclass(frozen=True)
class EntryChain:
    """An entry with its chain of transmission.

    ``fields`` has each with ``field``, ``value``, ``as_printed``, ``locator``, and ``value_used``, the value as the
    ``corrections`` in force have it. ``release`` has the four that a mart row's releases have; ``models`` are the dbt
    models that read the entry.
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
        entry = _entry(connection, name)
        if field not in {None, *entry["fields"]}:
            raise UsageError(f"entry {entry['entry_id']} has no field {field}: it has {', '.join(entry['fields'])}")
        release_id = entry["release_id"]
        corrections = _in_force(connection, release_id, entry["entry_id"])
        changes = corrections[0]["fields"] if corrections else {}
        model = f"stg_{entry['dataset'].replace('/', '__')}"
        return EntryChain(
            entry_id=str(entry["entry_id"]),
            kind=entry["kind"],
            locator=entry["locator"],
            fields=[
                {"field": one, **told, "value_used": changes.get(one, told["value"])}
                for one, told in entry["fields"].items()
                if field in {None, one}
            ],
            corrections=corrections,
            is_dropped=any(one["action"] == "drop" for one in corrections),
            release=releases(connection, {release_id})[release_id],
            models=[one for one in models_passed(_MODEL) if one in {model, _MODEL}],
            ledger_head=rows(connection, _LEDGER_HEAD)[0],
        )


def _entry(connection: Connection[Any], name: str) -> dict[str, Any]:
    handle, mark, locator = name.partition("!")
    asked: dict[str, Any] = {"entry": None, "release": None, "locator": locator}
    if re.fullmatch(r"[0-9]{1,18}", name):
        asked["entry"] = int(name)
    elif mark:
        asked["release"], _ = named(connection, handle)
    else:
        raise UsageError(f"{name} names no entry: give its id, or a release and a place joined by '!'")
    found = rows(connection, _FOUND, asked)
    if len(found) != 1:
        many = f"{len(found)} entries" if found else "no staged entry"
        raise UsageError(f"{name} names {many}: a place is written as `sanad trace` shows it")
    return found[0]


def _in_force(connection: Connection[Any], release_id: int, entry_id: int) -> list[dict[str, Any]]:
    """The corrections of an entry that the ledger's newest set of its release holds: one, or none."""
    found = rows(connection, _IN_FORCE, {"release": release_id, "entry": str(entry_id)})
    return [row["correction"] for row in found]
