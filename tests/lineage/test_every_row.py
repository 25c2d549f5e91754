"""Every value of every row of every mart is its formula of the figures it cites, by SQL and by Python alike."""

from __future__ import annotations

import shutil
from collections import defaultdict
from decimal import Decimal

import pytest
import yaml
from helpers import PROJECT, rows
from psycopg.rows import dict_row

from sanad.lineage import trace
from sanad.lineage.asking import asking
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, connection
from sanad.words.numbers import equal

from .conftest import THEN_SCHEMA
from .evaluate import statistic, value

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("told")]


#: No article, exchange rate or balance of payments is told here: tests/claims traces what is weighed, chosen, converted
#: and compared.
EMPTY = {"fct_exchange_rate_print", "fct_reported_exports_print", "mart_claims_weighed", "mart_cross_checks"}
#: Of columns in rupees nothing is known without a rate.
UNKNOWN = "_pkr_"


def answer(question, *parameters):
    with asking() as connection_:
        return connection_.cursor(row_factory=dict_row).execute(question, parameters or None).fetchall()


def marts():
    found = [row["mart"] for row in answer("select distinct mart from lineage.measure order by 1")]
    assert len(found) >= 8
    filled = [mart for mart in found if answer(f"select from marts.{mart} limit 1")]
    assert set(found) - set(filled) == EMPTY
    return filled


def declared():
    """(mart, column) with meta.sanad in the YAML, and its formula."""
    found = {}
    for path in (PROJECT / "dbt_project" / "models" / "marts").glob("*.yml"):
        for model in yaml.safe_load(path.read_text()).get("models", []):
            for column in model["columns"]:
                said = column.get("config", {}).get("meta", {}).get("sanad")
                if said:
                    found[model["name"], column["name"]] = (
                        said.get("formula") or said.get("statistic") or said["statement"]
                    )
    return found


def keys_of(mart, schema="marts"):
    (columns,) = answer("select lineage.key_columns(%s::regclass) as key", f"{schema}.{mart}")
    return f"concat_ws('/', {', '.join(columns['key'])})"


def cited_by_row(mart, schema="marts"):
    """The rows of ``lineage.cited`` for all of a mart's rows, by key."""
    found = defaultdict(list)
    for row in answer(
        f"select {keys_of(mart, schema)} as key, cited.* from {schema}.{mart} as one, "
        f"lineage.cited('{mart}', to_jsonb(one), null, '{schema}') as cited"
    ):
        found[row["key"]].append(row)
    return found


@pytest.fixture(scope="module")
def staged():
    return {row["figure_id"]: row for row in answer("select * from lineage.figure")}


def recomputed(cited, staged):
    """The value of one column, from what it cites."""
    formula, figures = cited[0]["formula"], [(one["sign"], staged[one["figure_id"]]) for one in cited if one["sign"]]
    if cited[0]["input_measure"] == "prints":
        return statistic(formula, [figure for _, figure in figures])
    inputs = {one["input_measure"]: one["input_value"] for one in cited}
    added, taken = ([figure["value"] for sign, figure in figures if sign == wanted] for wanted in (1, -1))
    return value(formula, inputs, added, taken)


def same(one, other):
    return one is other if None in (one, other) else equal(Decimal(one), Decimal(other))


def test_the_warehouse_knows_the_formulas_of_the_yaml_and_no_others():
    known = {(row["mart"], row["column_name"]): row["formula"] for row in answer("select * from lineage.measure")}
    assert known == declared()
    assert len(known) > 30


@pytest.mark.parametrize("schema", ["marts", THEN_SCHEMA])
def test_every_value_is_its_formula_of_what_it_cites(staged, schema):
    checked = set()
    for mart in marts():
        for key, cited in cited_by_row(mart, schema).items():
            by_column = defaultdict(list)
            for one in cited:
                by_column[one["column_name"]].append(one)
            for column, ones in by_column.items():
                assert same(recomputed(ones, staged), ones[0]["value"]), (mart, key, column)
                checked.add((mart, column))
    # nothing was revised yet as of the day between
    filled = {one for one in declared() if one[0] not in EMPTY and UNKNOWN not in one[1]}
    expected = {one for one in filled if schema == "marts" or "revision" not in one[0]}
    if schema == "marts":
        assert checked == expected
    else:
        assert ("mart_call_centres", "exports_yoy_pct") in checked and checked <= expected


def test_a_wrong_value_would_be_seen(staged):
    """The evaluator is no yes-sayer: a row whose value, input or figure is another does not recompute."""
    cited = [one for one in cited_by_row("mart_call_centres")["2026-03"] if one["column_name"] == "exports_yoy_pct"]
    assert same(recomputed(cited, staged), cited[0]["value"])
    assert not same(recomputed([{**cited[0], "input_value": Decimal(1)}, *cited[1:]], staged), cited[0]["value"])
    exports = [one for one in cited_by_row("mart_call_centres")["2026-03"] if one["input_column"] == one["column_name"]]
    moved = {**exports[0], "figure_id": exports[0]["figure_id"] + 1}
    assert not same(recomputed([moved], staged), exports[0]["value"])
    (statistics, *_) = cited_by_row("mart_revision_statistics").values()
    mean = [one for one in statistics if one["column_name"] == "mean_revision_usd_thousand"]
    assert not same(recomputed(mean[:1] * 2, staged), mean[0]["value"])


_SHAPES = """
    select distinct on (shape) {key} as key, shape
    from marts.{mart} as one
    cross join lateral (
        select string_agg(
            name || case jsonb_typeof(content)
                when 'array' then jsonb_array_length(content)::text when 'null' then 'null' else '' end,
            ',' order by name
        ) as shape
        from jsonb_each(to_jsonb(one)) as listed (name, content)
    ) as shaped
    order by shape, key
"""


def shapes():
    """One key for each way in which rows differ: which values are NULL, how many figures are cited."""
    return [(mart, row["key"]) for mart in marts() for row in answer(_SHAPES.format(key=keys_of(mart), mart=mart))]


_PYTHON_OF_SQL = {
    "series_code": "series_code", "figure_measure": "measure", "period_code": "period_code", "figure_value": "value",
    **{name: name for name in (
        "null_reason", "unit", "flag", "locator", "as_printed", "header_locator", "header_as_printed",
        "measure_header_locator", "measure_header_as_printed", "unit_locator", "unit_as_printed", "label_raw",
    )},
}  # fmt: skip
_RELEASE_OF_SQL = {"release": "handle", **{name: name for name in ("release_id", "origin", "sha256", "url")}}


def test_sql_and_python_say_the_same_of_every_shape_of_row():
    found = shapes()
    assert {mart for mart, _ in found} == set(marts())
    assert len(found) > 20
    for mart, key in found:
        chain = trace(mart, key)
        told = [
            (measure.column, measure.value, measure.formula, one.measure, sign, figure)
            for measure in chain.measures
            for one in measure.inputs
            for sign, figures in ((1, one.figures), (-1, one.less))
            for figure in figures
        ]
        asked = answer("select * from lineage.trace(%s, %s)", mart, key)
        assert asked, key
        assert [(row["column_name"], row["value"], row["formula"], row["input_measure"], row["sign"], row["figure_id"])
                for row in asked] == [(*row[:5], row[5]["figure_id"]) for row in told], key  # fmt: skip
        for row, (*_, figure) in zip(asked, told, strict=True):
            assert {name: row[name] for name in _PYTHON_OF_SQL} == {
                name: figure[other] for name, other in _PYTHON_OF_SQL.items()
            }, key
            assert {name: row[name] for name in _RELEASE_OF_SQL} == {
                name: figure["release"][other] for name, other in _RELEASE_OF_SQL.items()
            }, key
            assert str(row["published_on"]) == figure["release"]["published_on"]
            accepted = figure["custody"][-1]
            assert (row["accepted_by"], row["accepted_reason"]) == (accepted["actor"], accepted["reason"])
            assert (row["parser"], row["parser_version"], row["canonical_sha256"]) == tuple(
                figure["extraction"][name] for name in ("parser", "parser_version", "canonical_sha256")
            )


def test_impact_is_trace_the_other_way(staged):
    expected = defaultdict(set)
    for mart in marts():
        for key, cited in cited_by_row(mart).items():
            for one in cited:
                figure = staged[one["figure_id"]]
                role = "added" if one["sign"] == 1 else "taken away"
                use = (mart, key, one["input_measure"], role)
                expected[figure["release_id"]].add(use)
                if (figure["series_code"], figure["measure"]) == ("9.1.1", "credit"):
                    expected[one["figure_id"]].add(use)
    counts = {one["release_id"] for one in staged.values() if one["measure"] in {"stock", "flow", "share", "serial"}}
    assert len(expected.keys() & counts) >= 15
    assert len(expected.keys() - counts) == 2 + 10
    for number, uses in expected.items():
        first, last = (number, number) if number in staged else (number << 28, (number + 1 << 28) - 1)
        found = answer("select * from lineage.impact(%s, %s)", first, last)
        assert {(row["mart"], row["key"], row["measure"], row["role"]) for row in found} == uses
        assert len(found) == len(uses)


def test_figures_that_are_taken_away():
    """The convention by which a mart cites them, on a row and on a column of the test's own."""
    cited = answer(
        "select sign, figure_id from lineage.cited('mart_call_centres', "
        """'{"exports_usd_thousand": 1, "exports_figure_ids": [3, 5], "exports_less_figure_ids": [4]}', 'exports')"""
    )
    assert [(row["sign"], row["figure_id"]) for row in cited] == [(1, 3), (1, 5), (-1, 4)]
    with connection(Role.OWNER) as owner:
        owner.execute("alter table marts.mart_call_centres add column if not exists exports_less_figure_ids bigint[]")
        owner.execute(
            "update marts.mart_call_centres set exports_less_figure_ids = '{4}' where period_code = '2026-03'"
        )
        used = owner.execute("select mart, key, measure, role, columns from lineage.impact(4, 4)").fetchall()
        owner.rollback()
    assert used == [
        ("mart_call_centres", "2026-03", "exports", "taken away",
         ["exports_usd_thousand", "exports_yoy_pct", "share_of_ict_pct"]),
    ]  # fmt: skip


def test_a_formula_over_what_is_no_measure_stops_the_build_before_its_first_model(tmp_path, monkeypatch):
    before = answer("select mart, column_name, formula, inputs from lineage.measure order by 1, 2")
    shutil.copytree(PROJECT / "dbt_project", tmp_path / "dbt_project")
    declared_in = tmp_path / "dbt_project" / "models" / "marts" / "_sector_exports.yml"
    declared_in.write_text(
        declared_in.read_text().replace(
            "100 * fine(exports) / fine(ict_exports)", "100 * fine(exports) / fine(imports)"
        )
    )
    monkeypatch.setenv("SANAD_PROJECT", str(tmp_path))
    with pytest.raises(dbt.BuildFailed, match="share_of_ict_pct: its formula names imports, which no column") as failed:
        dbt.build(select="mart_call_centres")
    assert failed.value.result is None, "no node had begun"
    assert answer("select mart, column_name, formula, inputs from lineage.measure order by 1, 2") == before
    assert answer("select distinct complete from marts.dim_build") == [{"complete": True}]


@pytest.mark.parametrize("role", [Role.BI_READER, Role.LOADER, Role.TRANSFORMER])
def test_the_functions_are_the_auditors(role):
    assert rows("select count(*) > 0 from lineage.trace('mart_call_centres', '2026-03')") == [(True,)]
    (allowed,) = rows(
        "select coalesce(bool_or(has_function_privilege(%s, oid, 'execute')), true) from pg_proc "
        "where pronamespace = 'lineage'::regnamespace", role.value
    )[0]  # fmt: skip
    assert not allowed
