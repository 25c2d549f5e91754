"""What the lineage pages ask the warehouse beside the trace itself, as the auditor."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row

from sanad.lineage import Chain
from sanad.warehouse.connect import Role, connection

#: How many values a search lists.
MOST_FOUND = 60
_ID = re.compile(r"[0-9]{1,19}")
_LARGEST_ID = 2**63 - 1
#: Longer words and more of them find nothing that shorter ones do not.
_MOST_WORDS, _LONGEST_WORD = 8, 40

# A word is heard in what a value is about or in its period; all of them must be. Codes are matched from their start.
_FOUND = """
    with words as (
        select word, place from unnest(%(words)s::text[]) with ordinality as heard (word, place)
    ),
    subjects as (
        select
            'mart_sector_exports' as mart, sector_code as key, sector_name as title, 'exports' as measure,
            0 as sort_group, sort_order, sector_code || ebops_codes as codes,
            lower(concat_ws(' ', sector_code, sector_name, 'sector exports')) as said
        from marts.dim_sector
        union all
        select
            'fct_services_trade', line.ebops_code || '/' || measure, line.label, measure,
            1, line.sort_order * 3 + array_position(array['credit', 'debit', 'net'], measure), array[line.ebops_code],
            lower(concat_ws(' ', line.label, line.label_raw, measure, case measure when 'credit' then 'exports'
                when 'debit' then 'imports' else 'balance' end))
        from marts.dim_ebops_line as line
        cross join unnest(array['credit', 'debit', 'net']) as measure
    ),
    about as (
        select
            subjects.*,
            array(select place from words where strpos(said, word) > 0
                  or exists (select from unnest(codes) as code where starts_with(lower(code), word))) as heard,
            exists (select from words where word = any(codes)) as is_exact
        from subjects
    ),
    spans as (
        select
            period_code, period_label, period_start, period_end,
            array(select place from words where starts_with(lower(period_code), word)
                  or strpos(lower(period_label), word) > 0 or lower(fiscal_year_code) = word) as heard
        from marts.dim_period
    ),
    rows as (
        select 'mart_sector_exports' as mart, sector_code as key, period_code, exports_usd_thousand as value, flag
        from marts.mart_sector_exports
        union all
        select 'fct_services_trade', ebops_code || '/' || measure, period_code, value_usd_thousand, flag
        from marts.fct_services_trade
    )
    select
        rows.mart, rows.key || '/' || rows.period_code as key, about.title, about.measure, about.codes[1] as code,
        spans.period_label as period, rows.value, rows.flag, count(*) over () as of_all
    from rows
    join about using (mart, key)
    join spans using (period_code)
    where (select coalesce(array_agg(place), '{}') from words) <@ (about.heard || spans.heard)
    order by about.is_exact desc, about.sort_group, about.sort_order, spans.period_end desc, spans.period_start desc
    limit %(most)s
"""
_NEWEST = """
    with printed as (
        select 0 as sort_group, 'mart_sector_exports' as mart, sector_code as code, sector_code as key, period_code,
               exports_usd_thousand as value, flag, dataset, edition
        from marts.mart_sector_exports where exports_origin <> 'press'
        union all
        select 1, 'fct_services_trade', ebops_code, ebops_code || '/credit', period_code,
               value_usd_thousand, flag, dataset, edition
        from marts.fct_services_trade where measure = 'credit'
    ),
    subjects as (
        select 0 as sort_group, sector_code as code, sector_name as title, sort_order, 0 as level from marts.dim_sector
        union all
        select 1, ebops_code, label, sort_order, level from marts.dim_ebops_line
    )
    select
        printed.mart, printed.code, subjects.title, subjects.level, printed.key || '/' || printed.period_code as key,
        period.period_label as period, printed.value, printed.flag, printed.dataset, printed.edition
    from printed
    join subjects using (sort_group, code)
    join marts.dim_period as period using (period_code)
    join marts.dim_build as build on build.dataset = printed.dataset and build.newest_edition = printed.edition
    order by printed.sort_group, subjects.sort_order, period.period_kind <> 'month', period.period_start,
        period.period_end
"""
_NAMES = """
    select
        (select sector_name from marts.dim_sector where sector_code = %(sector_code)s) as sector,
        (select label from marts.dim_ebops_line where ebops_code = %(ebops_code)s) as line,
        coalesce(
            (select period_label from marts.dim_period where period_code = %(period_code)s), %(period_code)s
        ) as period,
        replace(%(kind)s, '_', ' ') as kind,
        (select place_name from marts.dim_place where place_code = %(region_code)s) as region,
        (select place_name from marts.dim_place where place_code = %(city_code)s) as city,
        (select registrant_name from marts.dim_registrant where registrant_code = %(registrant_code)s) as registrant,
        (select handle from marts.dim_release where release_id::text = %(release_id)s) as release
"""
#: What of the key a page's title names, in this order.
_OF_IT = ("release", "registrant", "kind", "city", "region", "period")
_NAMED = ("measure", "kind", "region_code", "city_code", "registrant_code", "release_id", "count_id", "period_code")
_DESCRIBED = """
    select attname, col_description(attrelid, attnum) from pg_attribute
    where attrelid = to_regclass(format('marts.%%I', %(mart)s::text)) and attnum > 0
"""
_ON_SHEETS = """
    select figure_id::text as figure_id, locator, measure, header_as_printed, label_raw
    from staging.figure where release_id = %s
"""
_VALUE_OF = """
    select concat_ws('/', ebops_code, measure, period_code) as key
    from marts.fct_services_trade
    where dataset = %s and (ebops_code, measure, period_code) = (%s, %s, %s)
"""
#: The rows beside a row along one column of its key, all others the same: the dimension that orders them and names
#: them. Periods are beside periods of their own kind.
_NEIGHBOURS = """
    select code_before, name_before, code_after, name_after from (
        select
            other.{along} as code,
            lag(other.{along}) over beside as code_before, lag({name}) over beside as name_before,
            lead(other.{along}) over beside as code_after, lead({name}) over beside as name_after
        from marts.{mart} as other
        join marts.{dimension} as place on place.{key} = other.{along}
        where {same}
        window beside as (order by {order})
    ) as rows where code = {here}
"""


@dataclass(frozen=True)
class _Axis:
    """A direction to go in: by which dimension, ordered how, and what its rows are called."""

    dimension: str
    key: str
    name: str
    order: str
    alike: str | None = None


_PERIODS = _Axis("dim_period", "period_code", "period_label", "place.period_start, place.period_end", "period_kind")
_SECTORS = _Axis("dim_sector", "sector_code", "sector_name", "place.sort_order")
_LINES = _Axis("dim_ebops_line", "ebops_code", "label", "place.sort_order")
_AXES = {"period_code": _PERIODS, "sector_code": _SECTORS, "ebops_code": _LINES, "series_code": _LINES}


@dataclass(frozen=True)
class Found:
    """One value that a search or the front page lists."""

    mart: str
    key: str
    title: str
    code: str
    period: str
    value: Decimal | None
    flag: str | None
    measure: str = ""
    level: int = 0
    dataset: str = ""
    edition: str = ""


@dataclass(frozen=True)
class Beside:
    """A row beside another: which way it lies (left and right are periods, up and down lines), and what it is."""

    way: str
    name: str
    key: str


@dataclass(frozen=True)
class About:
    """What a mart row is about in words, its columns' descriptions, and the rows beside it."""

    title: str
    descriptions: Mapping[str, str]
    beside: tuple[Beside, ...]


def search(text: str) -> tuple[list[Found], int]:
    """Values whose sector, line, code or period holds every word, and how many there are in all."""
    words = [word[:_LONGEST_WORD] for word in text.lower().split()[:_MOST_WORDS]]
    if not words:
        return [], 0
    rows = _rows(_FOUND, {"words": words, "most": MOST_FOUND})
    of_all = rows[0]["of_all"] if rows else 0
    return [Found(**{name: value for name, value in row.items() if name != "of_all"}) for row in rows], of_all


def newest() -> list[Found]:
    """What the newest editions print of every sector and every line, in order."""
    return [Found(**row) for row in _rows(_NEWEST, {})]


def about(asking: Connection[Any], chain: Chain) -> About:
    """The words and the neighbours of a mart row."""
    key = chain.key
    codes: dict[str, str | None] = {
        "sector_code": key.get("sector_code"),
        "ebops_code": key.get("ebops_code") or key.get("series_code"),
        **{name: key.get(name) for name in _NAMED},
    }
    names = asking.cursor(row_factory=dict_row).execute(_NAMES, codes).fetchone() or {}
    described = asking.execute(_DESCRIBED, {"mart": chain.mart}).fetchall()
    line = " ".join(filter(None, [codes["ebops_code"], names["line"]]))
    subject = names["sector"] or line or chain.mart.partition("_")[2].replace("_", " ").capitalize()
    of_it = (codes["measure"], codes["count_id"], *(names[name] for name in _OF_IT))
    title = ", ".join(filter(None, dict.fromkeys((subject, *of_it))))
    return About(title, {name: text for name, text in described if text}, tuple(_beside(asking, chain)))


def _beside(asking: Connection[Any], chain: Chain) -> Iterator[Beside]:
    for column, axis in _AXES.items():
        if column not in chain.key:
            continue
        ways = ("left", "right") if axis is _PERIODS else ("up", "down")
        row = asking.execute(_neighbours(chain, column, axis), chain.key).fetchone()
        for way, (code, name) in zip(ways, (row[:2], row[2:]) if row else (), strict=False):
            if code is not None:
                yield Beside(way, name, "/".join({**chain.key, column: code}.values()))


def _neighbours(chain: Chain, along: str, axis: _Axis) -> sql.Composed:
    others: list[sql.Composable] = [
        sql.SQL("other.{} = {}").format(sql.Identifier(name), sql.Placeholder(name))
        for name in chain.key
        if name != along
    ]
    if axis.alike:
        others.append(
            sql.SQL("place.{0} = (select {0} from marts.{1} where {2} = {3})").format(
                *map(sql.Identifier, (axis.alike, axis.dimension, axis.key)), sql.Placeholder(along)
            )
        )
    return sql.SQL(_NEIGHBOURS).format(
        along=sql.Identifier(along),
        name=sql.Identifier("place", axis.name),
        mart=sql.Identifier(chain.mart),
        dimension=sql.Identifier(axis.dimension),
        key=sql.Identifier(axis.key),
        same=sql.SQL(" and ").join(others or [sql.SQL("true")]),
        order=sql.SQL(axis.order),
        here=sql.Placeholder(along),
    )


def may_be_id(text: str) -> bool:
    """Whether a text is a number as large as ids are."""
    return bool(_ID.fullmatch(text)) and int(text) <= _LARGEST_ID


def is_entry(entry_id: str) -> bool:
    """Whether there is such a row of a register."""
    return bool(_rows("select from staging.entry where entry_id = %(entry_id)s", {"entry_id": entry_id}))


def is_staged(asking: Connection[Any], figure_id: str) -> bool:
    """Whether there is such a figure."""
    return asking.execute("select 1 from staging.figure where figure_id = %s", [figure_id]).fetchone() is not None


def on_sheets(asking: Connection[Any], release_id: str) -> list[dict[str, Any]]:
    """Every figure of a release: its id, locator, measure, header and label."""
    return asking.cursor(row_factory=dict_row).execute(_ON_SHEETS, [release_id]).fetchall()


def value_of(asking: Connection[Any], figure: Mapping[str, Any]) -> str | None:
    """The key of fct_services_trade whose newest print the figure is, or was; None for figures of other datasets."""
    asked = [figure["release"]["dataset"], figure["series_code"], figure["measure"], figure["period_code"]]
    row = asking.execute(_VALUE_OF, asked).fetchone()
    return row[0] if row else None


def _rows(question: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection(Role.AUDITOR) as asking:
        return asking.cursor(row_factory=dict_row).execute(question, parameters).fetchall()
