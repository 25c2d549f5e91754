"""``trace``: from a row of a mart to the figures it was made of, and each figure's chain of transmission."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from psycopg import Connection, sql

from sanad.lineage.asking import asking, rows
from sanad.lineage.chain import AsOf, Chain, Input, Measure
from sanad.lineage.entries import entries
from sanad.lineage.figures import figures, releases
from sanad.lineage.members import ALL, ENTRIES, Member, Part, as_json, members
from sanad.lineage.named import named
from sanad.lineage.project import models_passed
from sanad.words.errors import UsageError

#: The one dimension that is traced: to the chain of custody of a release.
RELEASES = "dim_release"
_IDS = "_figure_ids"


def trace(
    mart: str,
    key: str,
    measure: str | None = None,
    *,
    published: date | None = None,
    recorded: datetime | None = None,
    schema: str = "marts",
    part: Part = ALL,
) -> Chain:
    """The chain of the row of ``mart`` whose primary-key values, joined by ``/``, are ``key``.

    ``measure`` is a column or an input measure (``exports``); without it every value of the row is traced.
    ``published`` (a day in the publisher's zone) and ``recorded`` (an instant) ask for the row as of then, both
    included; ``schema`` is one that ``sanad as-of`` made. A row of a mart of registers is traced to the entries it
    cites, and its counts to the registrations they count and these to theirs; ``part`` asks for some of them. A row of
    ``dim_release``, which its handle names too, is traced to the release's chain of custody.

    UsageError names the marts, the key's columns, the measures or the first release when one of them is not there.
    """
    as_of = AsOf(published, recorded, schema)
    with asking() as connection:
        if mart == RELEASES:
            return _of_release(connection, key, as_of)
        row, in_json = _row(connection, mart, key, as_of)
        measures, cited = _measures(connection, mart, row, in_json, measure, as_of)
        counts, found = members(connection, mart, in_json, measure, schema, part)
        listed = _entries(connection, row, in_json, found, as_of)
        cited |= {int(one["release_id"]) for one in listed}
        return _chain(connection, mart, row, as_of, [*measures, *counts], cited, listed, as_json(found))


def _entries(
    connection: Connection[Any], row: dict[str, Any], in_json: str, found: list[Member], as_of: AsOf
) -> list[dict[str, Any]]:
    """The entries that the row and its members cite."""
    cited = {*(row.get(ENTRIES) or []), *(int(id_) for one in found for id_ in one.entry_ids)}
    (made,) = rows(connection, _SEEN, [in_json, as_of.schema, as_of.recorded])
    return entries(connection, cited, made["seen"])


_SEEN = "select lineage.seen(%s::jsonb, %s, %s)"


def _row(connection: Connection[Any], mart: str, key: str, as_of: AsOf) -> tuple[dict[str, Any], str]:
    """The row, and the same as JSON, in which the warehouse takes it back."""
    asked = {"mart": mart, "key": key, **as_of._asdict()}
    of_row = "(%(mart)s, %(key)s, %(schema)s, %(published)s, %(recorded)s)"
    (query,) = rows(connection, f"select lineage.row_query{of_row} as text", asked)
    found = rows(connection, _FOUND.format(sql.SQL(query["text"])))
    if not found:
        rows(connection, f"select lineage.no_row{of_row}", asked)
        raise AssertionError("lineage.no_row always raises")
    return found[0], found[0].pop("as_json")


_FOUND = sql.SQL("select found.*, to_jsonb(found)::text as as_json from ({}) as found")


def _measures(
    connection: Connection[Any], mart: str, row: dict[str, Any], as_json: str, wanted: str | None, as_of: AsOf
) -> tuple[list[Measure], set[int]]:
    """The row's values with their inputs, and the releases they cite."""
    of_row = [mart, as_json, wanted, as_of.schema]
    cited = rows(connection, "select * from lineage.cited(%s, %s::jsonb, %s, %s)", of_row)
    (made,) = rows(connection, _SEEN, [as_json, as_of.schema, as_of.recorded])
    listed = figures(connection, {one["figure_id"] for one in cited} - {None}, made["seen"])
    found = {int(one["figure_id"]): one for one in listed}
    measures = [
        Measure(column, row[column], formula, [_input(list(ones), found) for _, ones in groupby(of_column, _INPUT)])
        for (column, formula), of_column in groupby(cited, itemgetter("column_name", "formula"))
    ]
    return measures, {int(one["release"]["release_id"]) for one in found.values()}


_INPUT = itemgetter("input_measure")


def _input(cited: list[dict[str, Any]], found: dict[int, dict[str, Any]]) -> Input:
    """One input measure, of the rows that cite its figures; a row without a figure says that there is none."""

    def signed(sign: int) -> list[dict[str, Any]]:
        return [found[one["figure_id"]] for one in cited if one["sign"] == sign]

    first = cited[0]
    return Input(first["input_measure"], first["input_column"], first["input_value"], signed(1), signed(-1))


def _of_release(connection: Connection[Any], key: str, as_of: AsOf) -> Chain:
    if as_of != AsOf():
        raise UsageError(f"{RELEASES} has all that the ledger says of every release: trace it as it stands now")
    (marts,) = rows(connection, "select to_regclass('marts.dim_release') is not null as built")
    if not marts["built"]:
        raise UsageError("nothing is built yet that could be traced: run `sanad build`")
    release_id, figure_id = named(connection, key)
    found = rows(connection, "select * from marts.dim_release where release_id = %s", [release_id])
    if not found or figure_id is not None:
        raise UsageError(f"{RELEASES} has no row {key}: it has the releases of the last build, by release_id or handle")
    return _chain(connection, RELEASES, found[0], as_of, [], {release_id}, [], [])


def _chain(
    connection: Connection[Any],
    mart: str,
    row: dict[str, Any],
    as_of: AsOf,
    measures: list[Measure],
    cited: set[int],
    listed: list[dict[str, Any]],
    counted: list[dict[str, Any]],
) -> Chain:
    (primary,) = rows(connection, _PRIMARY_KEY, [f"{as_of.schema}.{mart}"])
    return Chain(
        mart=mart,
        key={name: str(row[name]) for name in primary["key"]},
        row={
            name: str(value) if name.endswith("_id") else value
            for name, value in row.items()
            if not name.endswith(_IDS) and name != ENTRIES
        },
        measures=measures,
        models=models_passed(mart),
        build=_build(connection, as_of.schema, row.get("dataset")),
        releases=list(releases(connection, cited).values()),
        as_of=as_of,
        ledger_head=next(iter(rows(connection, _LEDGER_HEAD)), None),
        entries=listed,
        members=counted,
    )


_PRIMARY_KEY = "select lineage.key_columns(%s::regclass) as key"
_LEDGER_HEAD = "select seq, hash from archive.ledger order by seq desc limit 1"
_BUILD = """
    select dim_build.*, build.invocation_id, run.airflow_run
    from {} as dim_build
    left join ops.build
        on build.started_at = dim_build.built_at and build.ledger_seq = dim_build.ledger_seq
    left join lateral (
        select max(result.airflow_run) as airflow_run
        from ops.dbt_result as result
        where result.invocation_id = build.invocation_id
    ) as run on true
    where dim_build.dataset = coalesce(%(dataset)s, dim_build.dataset)
    order by dim_build.dataset
    limit 1
"""


def _build(connection: Connection[Any], schema: str, dataset: str | None) -> dict[str, Any] | None:
    """The build that made the schema's marts, with its dbt run and the Airflow run that started it."""
    query = sql.SQL(_BUILD).format(sql.Identifier(schema, "dim_build"))
    return next(iter(rows(connection, query, {"dataset": dataset})), None)
