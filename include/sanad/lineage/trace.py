"""``trace``: from a row of a mart to the figures it was made of, and each figure's chain of transmission."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row

from sanad.lineage.project import formulas, models_passed
from sanad.warehouse.connect import Role, connection
from sanad.words.errors import UsageError

_IDS = "_figure_ids"
_LESS_IDS = "_less_figure_ids"
#: A measure's own column is its name and its unit.
_UNITS = ("usd_thousand", "pkr_million", "pct")


@dataclass(frozen=True)
class Input:
    """One input measure of a value: the figures it is the sum of, and those taken away from it."""

    measure: str
    column: str | None
    value: Decimal | None
    figures: list[dict[str, Any]]
    less: list[dict[str, Any]]


@dataclass(frozen=True)
class Measure:
    """One value of the row: its formula over the inputs, and the inputs."""

    column: str
    value: Decimal | None
    formula: str
    inputs: list[Input]


@dataclass(frozen=True)
class Chain:
    """The chain of one mart row."""

    mart: str
    key: dict[str, str]
    row: dict[str, Any]
    measures: list[Measure]
    models: list[str]
    build: dict[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON; ids are text."""
        return asdict(self)


def trace(mart: str, key: str, measure: str | None = None) -> Chain:
    """The chain of the row of ``mart`` whose primary-key values, joined by ``/``, are ``key``.

    ``measure`` is a column or an input measure (``exports``); without it every value of the row is traced.
    UsageError names the marts, the key's columns or the measures when one of them is not there.
    """
    with connection(Role.AUDITOR) as asking:
        columns = _primary_key(asking, mart)
        row = _row(asking, mart, columns, key)
        build = _build(asking, row.get("dataset"))
        inputs = _inputs(asking, row, _seen(asking, row, build))
        measures = _measures(mart, row, inputs, measure)
    shown = {name: value for name, value in row.items() if not name.endswith(_IDS)}
    return Chain(mart, {name: str(row[name]) for name in columns}, shown, measures, models_passed(mart), build)


def _primary_key(asking: Connection[Any], mart: str) -> list[str]:
    found = asking.execute(
        """
        select attribute.attname
        from pg_index as index
        join pg_class as class on class.oid = index.indrelid and index.indisprimary
        join pg_namespace as namespace on namespace.oid = class.relnamespace and namespace.nspname = 'marts'
        cross join unnest(index.indkey) with ordinality as key (attnum, place)
        join pg_attribute as attribute on attribute.attrelid = class.oid and attribute.attnum = key.attnum
        where class.relname = %s order by key.place
        """,
        [mart],
    ).fetchall()
    if not found:
        known = asking.execute(
            """
            select distinct table_name from information_schema.columns
            where table_schema = 'marts' and column_name like '%%\\_figure\\_ids' order by 1
            """
        ).fetchall()
        names = ", ".join(name for (name,) in known) or "none yet: run `make run`"
        raise UsageError(f"no mart '{mart}' with figures to trace; known: {names}")
    return [name for (name,) in found]


def _row(asking: Connection[Any], mart: str, columns: list[str], key: str) -> dict[str, Any]:
    # compared as a whole: a dataset's name has a stroke of its own
    joined = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("select * from marts.{} where concat_ws('/', {}) = %s").format(sql.Identifier(mart), joined)
    row = asking.cursor(row_factory=dict_row).execute(query, [key]).fetchone()
    if row is None:
        raise UsageError(f"{mart} has no row {key}; a key of {mart} is {'/'.join(columns)}")
    return row


def _seen(asking: Connection[Any], row: dict[str, Any], build: dict[str, Any] | None) -> int | None:
    """The ledger event up to which the row was made: that of its own instant, else that of the build."""
    if "recorded_at" in row:
        found = asking.execute("select max(seq) from archive.ledger where at <= %s", [row["recorded_at"]]).fetchone()
        return found[0] if found else None
    return build["ledger_seq"] if build else None


def _inputs(asking: Connection[Any], row: dict[str, Any], seen: int | None) -> dict[str, Input]:
    inputs = {}
    for name, ids in row.items():
        if name.endswith(_IDS) and not name.endswith(_LESS_IDS):
            measure = name.removesuffix(_IDS)
            column = next((f"{measure}_{unit}" for unit in _UNITS if f"{measure}_{unit}" in row), None)
            added = figures(asking, ids or [], seen)
            less = figures(asking, row.get(f"{measure}{_LESS_IDS}") or [], seen)
            inputs[measure] = Input(measure, column, row[column] if column else None, added, less)
    return inputs


def _measures(mart: str, row: dict[str, Any], inputs: dict[str, Input], wanted: str | None) -> list[Measure]:
    declared = formulas(mart)
    measures = [
        Measure(one.column, one.value, _sum(one), [one])
        for one in inputs.values()
        if one.column and one.figures and wanted in {None, one.measure, one.column}
    ]
    for column, formula in declared.items():
        used = [one for one in inputs.values() if one.column != column and _mentions(formula, one.measure)]
        if used and row.get(column) is not None and wanted in {None, column}:
            measures.append(Measure(column, row[column], formula, used))
    if not measures:
        known = [*filter(None, (one.column for one in inputs.values())), *declared]
        raise UsageError(f"{mart} has no measure '{wanted}' in this row; known: {', '.join(dict.fromkeys(known))}")
    return measures


def _sum(one: Input) -> str:
    if len(one.figures) > 1:
        added = f"the sum of {len(one.figures)} figures"
    else:
        added = "the figure as corrected" if one.figures[0]["corrections"] else "the figure as printed"
    return f"{added} less {len(one.less)}" if one.less else added


def _mentions(formula: str, measure: str) -> bool:
    # exports is no part of exports_year_ago
    return measure in formula.replace("(", " ").replace(")", " ").split()


def figures(asking: Connection[Any], ids: list[int], seen: int | None = None) -> list[dict[str, Any]]:
    """Figures with their chains of transmission, in the order of their ids; shapes as in ``sanad trace --json``.

    ``value`` is as printed, ``value_used`` as the ``corrections`` have it that were in force at ledger event ``seen``.
    """
    cursor = asking.cursor(row_factory=dict_row)
    rows = cursor.execute(
        """
        select
            figure.figure_id::text as figure_id, figure.series_code, figure.measure, figure.period_code, figure.value,
            figure.null_reason, figure.unit, figure.flag, figure.locator, figure.as_printed, figure.header_locator,
            figure.header_as_printed, figure.label_raw,
            jsonb_build_object(
                'release_id', release.release_id::text, 'dataset', release.dataset, 'edition', extraction.edition,
                'origin', release.origin, 'sha256', release.sha256, 'url', release.url,
                'published_on', release.published_on, 'published_on_from', release.published_on_from,
                'first_fetched_at', release.first_fetched_at
            ) as release,
            jsonb_build_object(
                'extraction_id', extraction.extraction_id::text, 'parser', extraction.parser,
                'parser_version', extraction.parser_version
            ) as extraction,
            (
                select jsonb_agg(
                    jsonb_build_object(
                        'seq', ledger.seq, 'at', ledger.at, 'event', ledger.event, 'actor', ledger.actor,
                        'reason', ledger.reason
                    ) order by ledger.seq
                )
                from archive.ledger where ledger.release_id = release.release_id
            ) as custody,
            coalesce((
                select jsonb_agg(one.correction)
                from (
                    select ledger.evidence from archive.ledger
                    where ledger.release_id = release.release_id and ledger.event = 'corrected'
                        and ledger.seq <= coalesce(%(seen)s, ledger.seq)
                    order by ledger.seq desc limit 1
                ) as last_set
                cross join jsonb_array_elements(last_set.evidence -> 'corrections') as one (correction)
                where one.correction ->> 'figure_id' = figure.figure_id::text
            ), '[]') as corrections
        from staging.figure
        join archive.release using (release_id)
        join archive.extraction using (extraction_id)
        where figure.figure_id = any(%(ids)s) order by figure.figure_id
        """,
        {"ids": ids, "seen": seen},
    ).fetchall()
    if len(rows) != len(set(ids)):
        missing = sorted(set(ids) - {int(row["figure_id"]) for row in rows})
        raise UsageError(f"the row cites figures that are not staged: {', '.join(map(str, missing))}")
    return [row | {"value_used": _used(row)} for row in rows]


def _used(figure: dict[str, Any]) -> Decimal | None:
    for correction in figure["corrections"]:
        return None if correction["value"] is None else Decimal(correction["value"])
    return Decimal(figure["value"]) if figure["value"] is not None else None


def _build(asking: Connection[Any], dataset: str | None) -> dict[str, Any] | None:
    row = (
        asking.cursor(row_factory=dict_row)
        .execute("select * from marts.dim_build where dataset = %s", [dataset])
        .fetchone()
    )
    return dict(row) if row else None
