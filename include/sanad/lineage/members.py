"""Whom the counts of a mart's row count: registrations, each with the entries that say so."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from psycopg import Connection

from sanad.lineage.asking import rows
from sanad.lineage.chain import Measure

#: The formula of a count: lineage is by membership.
COUNT = "count(members)"
#: The column of a row, and of a member, that cites entries.
ENTRIES = "entry_ids"
_MEMBERS = "select * from lineage.members(%(mart)s, %(row)s::jsonb, %(measure)s, %(schema)s, %(most)s, %(skipped)s)"


class Part(NamedTuple):
    """Of each count at most so many members, after so many that are skipped; ``most`` None is all of them."""

    most: int | None = None
    skipped: int = 0


ALL = Part()


@dataclass(frozen=True)
class Member:
    """A registration that a count counts, and the entries that say so; ids are text."""

    measure: str
    registrant_code: str
    location_code: str
    origin: str
    entry_ids: list[str]


def members(
    connection: Connection[Any], mart: str, row: str, measure: str | None, schema: str, part: Part
) -> tuple[list[Measure], list[Member]]:
    """The counts of a row, given as JSON, and whom they count, in the order of columns and codes.

    Without ``measure`` every count that has a value; with it that one, or none where it is no count.
    """
    asked = {"mart": mart, "row": row, "measure": measure, "schema": schema, **part._asdict()}
    found = rows(connection, _MEMBERS, asked)
    values = {one["column_name"]: one["value"] for one in found}
    counts = [Measure(name, value, COUNT, []) for name, value in values.items()]
    return counts, [_member(one) for one in found if one["registrant_code"] is not None]


def _member(one: dict[str, Any]) -> Member:
    ids = [str(entry_id) for entry_id in one["entry_ids"]]
    return Member(one["column_name"], one["registrant_code"], one["location_code"], one["origin"], ids)


def as_json(found: list[Member]) -> list[dict[str, Any]]:
    """Members as a chain hands them on."""
    return [asdict(one) for one in found]
