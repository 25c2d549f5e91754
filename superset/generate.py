"""Write superset/bundle from datasets.yml, dashboards/*.yml and dbt's contracts: ``python superset/generate.py``.

The words of a column (type, description, whether it is a measure) are taken from the mart's contract and stand nowhere
else. What is written is committed, and is what is provisioned; a test fails when the two differ.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sanad.warehouse.contracts import key_of, models

HERE = Path(__file__).resolve().parent
_NAMES = uuid.UUID("5a0d0000-0000-4000-8000-000000000000")
_DATABASE = "5a0d0000-0000-4000-8000-000000000001"
_ALL_WIDE = 12

#: How sure a value is, in one word each, the least sure first: the colours are told apart by the colour-blind too.
STANDINGS = {
    "synthetic": ("#7f7f7f", "invented rows, of a register that nobody publishes"),
    "press": ("#cc79a7", "rests on what the press or others printed, not on the publisher's own figures"),
    "derived": ("#009e73", "computed by us from printed figures: a sum, or a difference of two periods"),
    "provisional": ("#e69f00", "printed by the publisher, who marks it provisional (P)"),
    "revised": ("#56b4e9", "printed by the publisher, who marks it revised (R)"),
    "printed": ("#1f4e79", "printed by the publisher without a mark"),
}


def write(bundle: Path) -> None:
    """Write the bundle's generated folders, and remove what is no longer generated."""
    files = assets()
    for folder in ("datasets", "charts", "dashboards"):
        for path in (bundle / folder).glob("*.yaml"):
            if f"{folder}/{path.name}" not in files:
                path.unlink()
    for name, text in files.items():
        (bundle / name).parent.mkdir(parents=True, exist_ok=True)
        (bundle / name).write_text(text)


def assets() -> dict[str, str]:
    """Every generated file of the bundle by its path, as text."""
    datasets = _read(HERE / "datasets.yml")
    made = {f"datasets/{name}.yaml": dataset(name, said) for name, said in datasets.items()}
    for path in sorted((HERE / "dashboards").glob("*.yml")):
        said = _read(path)
        slug = path.stem
        for one in said["charts"]:
            made[f"charts/{slug}__{_slug(one['name'])}.yaml"] = chart(slug, one)
        made[f"dashboards/{slug}.yaml"] = dashboard(slug, said)
    return {
        name: yaml.dump(one, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)
        for name, one in made.items()
    }


class _Plain(yaml.SafeDumper):
    """YAML for people: text of several lines as a block, nothing by reference."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write it out each time."""
        return True


_Plain.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def _read(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text()))


def _id(*names: str) -> str:
    return str(uuid.uuid5(_NAMES, "/".join(names)))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


# datasets


#: What the contracts say of each mart, read once.
contracts = cache(models)


def dataset(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """One dataset: a mart's columns, those of the dimensions beside it, and what is said of every row."""
    columns = list(_columns(said))
    return {
        "table_name": name,
        "description": " ".join((said.get("description") or contracts()[said["mart"]]["description"]).split()),
        "schema": "marts",
        "sql": said.get("sql") or _sql(said, columns),
        "uuid": _id("datasets", name),
        "database_uuid": _DATABASE,
        "version": "1.0.0",
        "columns": [_column(one) for one in columns],
        "metrics": [*(one["metric"] for one in columns if one.get("metric")), _ROWS],
    }


def _columns(said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The columns in order, each with its expression in SQL."""
    names = set()
    if "mart" in said:
        for one in contracts()[said["mart"]]["columns"]:
            read = _as_read(f"facts.{one['name']}", one["data_type"])
            yield {**one, "expression": read, "metric": _metric(one, said.get("adds_up", []))}
            names.add(one["name"])
    for alias, joined in said.get("beside", {}).items():
        of = {one["name"]: one for one in contracts()[joined["mart"]]["columns"]}
        for column in joined["columns"]:
            named, _, wanted = column.partition(" as ")
            one = of[named]
            yield {**one, "name": wanted or named, "expression": _as_read(f"{alias}.{named}", one["data_type"])}
    for column, one in said.get("also", {}).items():
        named = {"name": column, "data_type": "text", **one}
        yield {**named, "metric": _metric(named, said.get("adds_up", []))}
    if "origin" in names:
        how_sure = f"How sure it is: {'; '.join(_legend())}."
        yield _computed("standing", _standing(names), how_sure)
        yield {**_computed("standing_mark", _marked(_standing(names)), how_sure), "label": "Standing"}
    if said.get("chain"):
        yield _computed("chain", _chain(said), "The row's lineage page: its formula, its figures, their cells.")
    if "as_of" in said:
        yield _computed("as_of_on", "cast({{ day or 'null' }} as text)",
                        "The day of publication up to which this was known; empty for all that is known.")  # fmt: skip


def _computed(name: str, expression: str, description: str) -> dict[str, Any]:
    return {"name": name, "data_type": "text", "expression": expression, "description": description}


def _legend() -> list[str]:
    return [f"{word}, {why}" for word, (_, why) in STANDINGS.items()]


def _as_read(expression: str, data_type: str) -> str:
    # a browser's numbers are doubles: an id of 63 bits is text, as in every export
    return f"cast({expression} as text)" if data_type.startswith("bigint") else expression


def _standing(names: Collection[str]) -> str:
    """The least sure word that a row's origin, basis and flag allow, as far as the mart has them.

    Of exports it is their own origin that counts: the rupees beside them may rest on the print of another.
    """
    origin = "exports_origin" if "exports_origin" in names else "origin"
    whens = [
        ("synthetic", origin, f"facts.{origin} = 'synthetic'"),
        ("press", origin, f"facts.{origin} = 'press'"),
        ("derived", "basis", "facts.basis in ('derived', 'implied')"),
        ("provisional", "flag", "facts.flag = 'P'"),
        ("revised", "flag", "facts.flag = 'R'"),
    ]
    cases = " ".join(f"when {when} then '{word}'" for word, column, when in whens if column in names)
    return f"case {cases} else 'printed' end"


def _marked(standing: str) -> str:
    """The word with a square of its colour before it, as a table's cell shows it."""
    colours = " ".join(f"when '{word}' then '{colour}'" for word, (colour, _) in STANDINGS.items())
    return f"'<span style=\"color:' || case {standing} {colours} end || '\">■</span> ' || {standing}"


def _chain(said: Mapping[str, Any]) -> str:
    """A link to the row's lineage page: the mart and its key, in the contract's order."""
    mart = said["mart"]
    path = " || '/' || ".join(f"cast(facts.{column} as text)" for column in key_of(contracts()[mart]))
    day = "{% if day %} || '?as_of=' || {{ day }}{% endif %}" if "as_of" in said else ""
    return f"'<a href=\"{{{{ lineage_url() }}}}/{mart}/' || {path}{day} || '\">chain</a>'"


def _sql(said: Mapping[str, Any], columns: list[dict[str, Any]]) -> str:
    mart = said["mart"]
    source, day = f"marts.{mart}", ""
    if "as_of" in said:
        # the function computes; what is known now stands in the mart
        day = "{% set day = as_of(filter_values('as_of_on', remove_filter=True)) %}\n"
        source = f"{{% if day %}}marts.{said['as_of']}({{{{ day }}}}){{% else %}}{source}{{% endif %}}"
    listed = ",\n    ".join(f"{one['expression']} as {one['name']}" for one in columns)
    joins = "".join(
        f"\n{joined.get('how', 'inner')} join marts.{joined['mart']} as {alias} on {joined['by']}"
        for alias, joined in said.get("beside", {}).items()
    )
    where = f"\nwhere {said['where']}" if "where" in said else ""
    return f"{day}select\n    {listed}\nfrom {source} as facts{joins}{where}\n"


def _column(one: Mapping[str, Any]) -> dict[str, Any]:
    kind = one["data_type"].partition("(")[0].upper()
    return {
        "column_name": one["name"],
        "verbose_name": label(one),
        "is_dttm": kind in {"DATE", "TIMESTAMP WITH TIME ZONE"},
        "type": "TEXT" if kind.startswith("BIGINT") else kind,
        "groupby": True,
        "filterable": True,
        "description": " ".join(one["description"].split()),
    }


_UNITS = {"usd_thousand": "thousand US$", "pkr_million": "million rupees", "pct": "%"}


def label(one: Mapping[str, Any]) -> str:
    """A column's name for people: its words, and the unit that its suffix says."""
    if "label" in one:
        return str(one["label"])
    name = str(one["name"])
    for suffix, unit in _UNITS.items():
        if name.endswith(f"_{suffix}"):
            return f"{_words(name.removesuffix(f'_{suffix}'))} ({unit})"
    return _words(name)


def _words(name: str) -> str:
    said = re.sub(r"_code$|_name$|_label$|_on$", "", name).replace("_", " ")
    return said[0].upper() + said[1:].replace("yoy", "growth on a year ago").replace(" ict", " ICT")


_ROWS = {
    "metric_name": "rows",
    "verbose_name": "Rows",
    "metric_type": None,
    "expression": "count(*)",
    "description": "How many rows.",
}


def _metric(one: Mapping[str, Any], adds_up: Collection[str]) -> dict[str, Any] | None:
    """What is declared to add up is added up; a figure is shown where one row says it, for spans overlap."""
    name = one["name"]
    if name in adds_up:
        expression, how = f"sum({name})", "Added up over places and kinds, never over months."
    elif one.get("config", {}).get("meta", {}).get("sanad"):
        expression, how = f"case when count(*) = 1 then max({name}) end", "Of one row; empty where several meet."
    else:
        return None
    return {
        "metric_name": name,
        "verbose_name": label(one),
        "metric_type": None,
        "expression": expression,
        "description": f"{' '.join(one['description'].split())} {how}",
    }


# charts


def chart(slug: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """One chart by its kind."""
    kind, params = _KINDS[said["kind"]](said)
    return {
        "slice_name": said["name"],
        "description": " ".join(said["says"].split()),
        "viz_type": kind,
        "params": {
            "viz_type": kind,
            "adhoc_filters": _conditions(slug, said),
            "row_limit": said.get("at_most", 10_000),
            "extra_form_data": {},
            **params,
        },
        "query_context": None,
        "cache_timeout": None,
        "uuid": _id("charts", slug, said["name"]),
        "version": "1.0.0",
        "dataset_uuid": _id("datasets", said["dataset"]),
    }


def _conditions(slug: str, said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What rows must meet to be in a chart, or to be offered by a filter."""
    if "where" not in said:
        return []
    sql = said["where"]
    return [{"clause": "WHERE", "expressionType": "SQL", "sqlExpression": sql, "filterOptionName": _id(slug, sql)}]


def _table(said: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    columns = ["standing_mark" if name == "standing" else name for name in said["columns"]]
    return "table", {
        "query_mode": "raw",
        "all_columns": columns,
        "order_by_cols": [json.dumps([name.lstrip("-"), not name.startswith("-")]) for name in said.get("order", [])],
        "page_length": said.get("page", 20),
        "table_timestamp_format": "%Y-%m-%d",
        "allow_render_html": True,
        "show_cell_bars": False,
        "column_config": {
            name: {"d3NumberFormat": _format(name, said)} for name in said["columns"] if _format(name, said)
        },
    }  # fmt: skip


def _format(name: str, said: Mapping[str, Any]) -> str:
    given = said.get("formats", {}).get(name)
    if given:
        return str(given)
    return ",.1f" if name.endswith(tuple(_UNITS)) else ""


def _series(said: Mapping[str, Any]) -> dict[str, Any]:
    y = said["y"]
    return {
        "x_axis": said["x"],
        "metrics": [y] if isinstance(y, str) else y,
        "groupby": said.get("by", []),
        "x_axis_time_format": said.get("x_format", "%b %Y"),
        "tooltipTimeFormat": said.get("x_format", "%b %Y"),
        "x_axis_title": said.get("x_title", ""),
        "x_axis_title_margin": 30,
        "y_axis_format": said.get("format", ",.0f"),
        "y_axis_title": said["y_title"],
        "y_axis_title_margin": 60,
        "y_axis_title_position": "Left",
        "y_axis_bounds": said.get("bounds", [None, None]),
        "show_legend": True,
        "legendType": "scroll",
        "legendOrientation": "top",
        "rich_tooltip": True,
        "color_scheme": "supersetColors",
        "sort_series_type": "name",
        "truncateYAxis": False,
        "zoomable": False,
        "x_axis_sort_asc": True,
    }


def _bars(said: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    lying = (
        {"orientation": "horizontal", "y_axis_title_margin": 40, "x_axis_title_margin": 40} if said.get("lying") else {}
    )
    return "echarts_timeseries_bar", {**_series(said), "stack": "Stack" if said.get("by") else None, **lying}


def _lines(said: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    return "echarts_timeseries_line", {**_series(said), "markerEnabled": True, "markerSize": 5, "connectNulls": False}


def _triangle(said: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    return "pivot_table_v2", {
        "groupbyRows": said["rows"],
        "groupbyColumns": said["across"],
        "metrics": said["values"],
        "metricsLayout": "COLUMNS",
        "aggregateFunction": "Maximum",
        "valueFormat": said.get("format", ",.1f"),
        "rowOrder": said.get("row_order", "key_a_to_z"),
        "colOrder": "key_a_to_z",
        "rowTotals": False,
        "colTotals": False,
        "date_format": "%Y-%m-%d",
    }


_KINDS = {"table": _table, "bars": _bars, "lines": _lines, "triangle": _triangle}


# dashboards

#: Words take the room they need, also on a phone, and stand on the page's own ground.
_CSS = """
.dashboard-component-markdown, .dashboard-markdown .resizable-container { height: auto !important; }
.dashboard-markdown, .dashboard-markdown .dashboard-component { background: transparent; }
.dt-is-null, .dashboard-chart p { color: #595959 !important; }
"""


def dashboard(slug: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """One dashboard: words and legend first, then one chart below the other, each with its words under it."""
    charts = said["charts"]
    return {
        "dashboard_title": said["title"],
        "description": " ".join(said["about"].split()),
        "css": _CSS,
        "slug": slug,
        "published": True,
        "uuid": _id("dashboards", slug),
        "version": "1.0.0",
        "position": _position(slug, said),
        "metadata": {
            "native_filter_configuration": [_filter(slug, one, charts) for one in said.get("filters", [])],
            "label_colors": {word: colour for word, (colour, _) in STANDINGS.items()} | said.get("colours", {}),
            "filter_bar_orientation": "HORIZONTAL",
            "cross_filters_enabled": False,
            "refresh_frequency": 0,
            "timed_refresh_immune_slices": [],
        },
    }


def _position(slug: str, said: Mapping[str, Any]) -> dict[str, Any]:
    placed = {"words": _markdown(_words_of(said), 26)}
    for number, one in enumerate(said["charts"], 1):
        placed[f"chart-{number}"] = _placed(slug, number, one)
        placed[f"says-{number}"] = _markdown(" ".join(one["says"].split()), 6)
    made: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {
            "type": "GRID", "id": "GRID_ID", "children": [f"ROW-{name}" for name in placed], "parents": ["ROOT_ID"],
        },
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": said["title"]}},
    }  # fmt: skip
    for name, one in placed.items():
        row, inner = f"ROW-{name}", f"{one['type']}-{name}"
        made[row] = {"type": "ROW", "id": row, "children": [inner], "parents": ["ROOT_ID", "GRID_ID"],
                     "meta": {"background": "BACKGROUND_TRANSPARENT"}}  # fmt: skip
        made[inner] = {**one, "id": inner, "children": [], "parents": ["ROOT_ID", "GRID_ID", row]}
    return made


def _placed(slug: str, number: int, said: Mapping[str, Any]) -> dict[str, Any]:
    # one below the other: side by side would be too narrow on a phone
    meta = {"chartId": number, "uuid": _id("charts", slug, said["name"]), "sliceName": said["name"]}
    return {"type": "CHART", "meta": {**meta, "width": _ALL_WIDE, "height": said.get("height", 50)}}


def _markdown(text: str, height: int) -> dict[str, Any]:
    return {"type": "MARKDOWN", "meta": {"width": _ALL_WIDE, "height": height, "code": text}}


def _words_of(said: Mapping[str, Any]) -> str:
    """The dashboard's words, and the legend of the colours it uses."""
    shown = [(word, *STANDINGS[word]) for word in said.get("legend", STANDINGS)]
    legend = "\n".join(f'- <span style="color:{colour}">■</span> **{word}**: {why}' for word, colour, why in shown)
    return f"{said['about'].strip()}\n\n{legend}\n"


def _filter(slug: str, said: Mapping[str, Any], charts: list[dict[str, Any]]) -> dict[str, Any]:
    """A filter over one column; every chart whose dataset has it follows, but for those that are said not to."""
    numbers = {one["name"]: number for number, one in enumerate(charts, 1)}
    chosen = said.get("chosen")
    mask: dict[str, Any] = {"extraFormData": {}, "filterState": {}, "ownState": {}}
    if chosen:
        mask["filterState"] = {"value": [chosen], "label": chosen}
        mask["extraFormData"] = {"filters": [{"col": said["column"], "op": "IN", "val": [chosen]}]}
    return {
        "id": f"NATIVE_FILTER-{said['column']}",
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "name": said["name"],
        "description": said.get("says", ""),
        "adhoc_filters": _conditions(slug, said),
        "targets": [{"datasetUuid": _id("datasets", said["dataset"]), "column": {"name": said["column"]}}],
        "controlValues": {
            "multiSelect": False,
            "enableEmptyFilter": False,
            "defaultToFirstItem": False,
            "sortAscending": not said.get("newest_first"),
            "searchAllOptions": False,
            "inverseSelection": False,
            "creatable": bool(said.get("any_value")),
        },
        "defaultDataMask": mask,
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": [numbers[name] for name in said.get("not_of", [])]},
    }


if __name__ == "__main__":
    write(HERE / "bundle")
