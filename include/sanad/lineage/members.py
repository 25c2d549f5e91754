"""What a row of a mart of registers rests on: the entries it cites, or the registrations that its counts count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from psycopg import Connection, sql

from sanad.lineage.asking import rows
from sanad.lineage.chain import AsOf, Measure
from sanad.words.errors import UsageError

#: The formula of a count: lineage is by membership.
COUNT = "count(members)"
#: The column of a row, and of a member, that cites entries.
ENTRIES = "entry_ids"
_OF_REGISTERS = """
    select
        exists (
            select from pg_attribute where attrelid = mart.relation and attname = 'entry_ids' and not attisdropped
        ) as cites_entries,
        to_regclass(format('%%I.%%I', %(schema)s::text, %(mart)s || '_member')) is not null as has_members,
        exists (select from lineage.measure where measure.mart = %(mart)s) as has_figures,
        array(select unnest(lineage.key_columns(mart.relation))) as key,
        array(
            select attname from pg_attribute
            where attrelid = mart.relation and atttypid in ('integer'::regtype, 'bigint'::regtype)
                and attnum > 0 and attname !~ '_id$'
            order by attnum
        ) as numbers
    from (select to_regclass(format('%%I.%%I', %(schema)s::text, %(mart)s::text)) as relation) as mart
"""


@dataclass(frozen=True)
class OfRegisters:
    """How a mart tells what of registers it rests on: by ids in its rows, by a view of members, or not at all."""

    cites_entries: bool
    has_members: bool
    has_figures: bool
    key: list[str]
    numbers: list[str]

    @property
    def is_traced_by_entries(self) -> bool:
        """Whether its rows rest on entries, and on no figures."""
        return bool(self.key) and (self.cites_entries or self.has_members) and not self.has_figures


@dataclass(frozen=True)
class Member:
    """A registration that a count counts, and the entries that say so; ids are text."""

    measure: str
    registrant_code: str
    location_code: str
    origin: str
    entry_ids: list[str]


def of_registers(connection: Connection[Any], mart: str, as_of: AsOf) -> OfRegisters:
    """What there is of a mart in the schema asked for; nothing where it is no mart."""
    (found,) = rows(connection, _OF_REGISTERS, {"mart": mart, "schema": as_of.schema})
    return OfRegisters(**found)


def row_query(connection: Connection[Any], mart: str, key: str, as_of: AsOf, told: OfRegisters) -> str:
    """The query of a row that rests on entries alone; UsageError where it is asked for as of a day or an instant."""
    if as_of.published or as_of.recorded:
        raise UsageError(
            f"{mart} as of a day stands in a schema of that day: run `sanad as-of {as_of.published or 'DAY'}`, "
            "then trace with --schema"
        )
    (condition,) = rows(connection, "select lineage.is_key(%s, %s) as is_key", [told.key, key])
    query = sql.SQL("select * from {} as found where ").format(sql.Identifier(as_of.schema, mart))
    return query.as_string(connection) + str(condition["is_key"])


def counts(row: Mapping[str, Any], told: OfRegisters, wanted: str | None) -> list[Measure]:
    """The counts of a row, its whole numbers that are no id; the one that is ``wanted`` also where it has no value."""
    if not told.has_members:
        return []
    return [
        Measure(name, row[name], COUNT, [])
        for name in told.numbers
        if wanted == name or (wanted is None and row[name] is not None)
    ]


def members(
    connection: Connection[Any], mart: str, row: Mapping[str, Any], as_of: AsOf, told: OfRegisters, counted: list[str]
) -> list[Member]:
    """Those whom the row's counts of these names count, in the order of measure and code."""
    if not counted:
        return []
    same = sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in told.key
    )
    query = sql.SQL(
        "select measure, registrant_code, location_code, origin, entry_ids::text[] as entry_ids from {} where {}"
        " and measure = any(%(counted)s) order by measure, registrant_code, location_code, entry_ids"
    ).format(sql.Identifier(as_of.schema, f"{mart}_member"), same)
    found = rows(connection, query, {**{name: row[name] for name in told.key}, "counted": counted})
    return [Member(**one) for one in found]


def as_json(found: list[Member]) -> list[dict[str, Any]]:
    """Members as a chain hands them on."""
    return [asdict(one) for one in found]


_CITING = """
    select tables.table_name as name, tables.table_type = 'VIEW' as is_view
    from information_schema.columns
    join information_schema.tables using (table_schema, table_name)
    where columns.table_schema = 'marts' and columns.column_name = 'entry_ids'
    order by 1
"""
_USES = """
    select distinct {mart} as mart, concat_ws('/', {key}) as key, {measure} as measure, {role} as role,
        array[{measure}] as columns
    from {relation}
    where exists (
        select from unnest(entry_ids) as listed (entry_id) where listed.entry_id between %(first)s and %(last)s
    )
"""


def uses(connection: Connection[Any], first: int, last: int) -> list[dict[str, Any]]:
    """The rows of the marts that cite entries of a range of ids, or count registrations that do."""
    found: list[dict[str, Any]] = []
    for relation in rows(connection, _CITING):
        mart = relation["name"].removesuffix("_member") if relation["is_view"] else relation["name"]
        key = of_registers(connection, mart, AsOf()).key
        query = sql.SQL(_USES).format(
            mart=sql.Literal(mart),
            key=sql.SQL(", ").join(map(sql.Identifier, key)),
            measure=sql.Identifier("measure") if relation["is_view"] else sql.Literal(ENTRIES),
            role=sql.Literal("counted" if relation["is_view"] else "cited"),
            relation=sql.Identifier("marts", relation["name"]),
        )
        found += rows(connection, query, {"first": first, "last": last})
    return sorted(found, key=lambda row: (row["mart"], row["key"], row["measure"]))
