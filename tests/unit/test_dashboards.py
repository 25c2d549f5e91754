"""The dashboards' files: generated from the contracts and whole; what is typed into a filter never reaches the SQL."""

from __future__ import annotations

import importlib.util
import re

import pytest
import yaml
from helpers import PROJECT
from jinja2 import TemplateError

SUPERSET = PROJECT / "superset"
BUNDLE = SUPERSET / "bundle"


def module(name):
    spec = importlib.util.spec_from_file_location(f"superset_files_{name}", SUPERSET / f"{name}.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


generate, provision = module("generate"), module("provision")


@pytest.fixture
def config(monkeypatch, tmp_path):
    """superset_config.py, without Superset."""
    (tmp_path / "key").write_text("k" * 48)
    monkeypatch.setenv("SUPERSET_META_URI", "postgresql://nobody@127.0.0.1/none")
    monkeypatch.setenv("SUPERSET_SECRET_KEY_FILE", str(tmp_path / "key"))
    return module("superset_config")


@pytest.fixture
def files(monkeypatch):
    monkeypatch.setenv("SANAD_MARTS_URI", "postgresql://bi_reader@127.0.0.1:1/sanad")
    return provision.read(BUNDLE)


def committed(folder):
    return {f"{folder}/{path.name}": yaml.safe_load(path.read_text()) for path in (BUNDLE / folder).glob("*.yaml")}


def test_what_is_committed_is_what_is_generated():
    made = generate.assets()
    there = {f"{path.parent.name}/{path.name}": path.read_text() for path in BUNDLE.glob("*/*.yaml")}
    assert len(made) > 40
    assert {name: text for name, text in there.items() if name != provision.DATABASE} == made, "call make dashboards"


def test_a_changed_contract_is_a_changed_dataset(monkeypatch):
    before = generate.assets()["datasets/sector_exports.yaml"]
    changed = yaml.safe_load(yaml.safe_dump(generate.contracts()))
    column = next(one for one in changed["mart_sector_exports"]["columns"] if one["name"] == "exports_usd_thousand")
    column["description"] = "Something else."
    monkeypatch.setattr(generate, "contracts", lambda: changed)
    assert generate.assets()["datasets/sector_exports.yaml"] != before


def test_datasets_have_the_columns_of_their_contract():
    datasets = yaml.safe_load((SUPERSET / "datasets.yml").read_text())
    made = committed("datasets")
    of_marts = {name: said["mart"] for name, said in datasets.items() if "mart" in said}
    assert len(of_marts) >= 10
    for name, mart in of_marts.items():
        found = {one["column_name"]: one for one in made[f"datasets/{name}.yaml"]["columns"]}
        for column in generate.contracts()[mart]["columns"]:
            assert found[column["name"]]["description"] == " ".join(column["description"].split()), (name, column)
            if column["data_type"].startswith("bigint"):  # a browser would round it
                assert found[column["name"]]["type"] == "TEXT"
                assert f"cast(facts.{column['name']} as text)" in made[f"datasets/{name}.yaml"]["sql"]


def test_every_chart_is_on_a_dashboard_and_names_its_source():
    shown = [part["meta"]["uuid"] for one in committed("dashboards").values() for part in one["position"].values()
             if isinstance(part, dict) and part.get("type") == "CHART"]  # fmt: skip
    charts = committed("charts")
    assert sorted(shown) == sorted(one["uuid"] for one in charts.values())
    for name, one in charts.items():
        if not name.endswith("source_and_edition.yaml"):
            assert re.search(
                r"Sources?: .*(edition|document|article|named above|ledger|State Bank)", one["description"]
            ), name


def test_every_dashboard_says_where_its_figures_come_from_first():
    for name, one in committed("dashboards").items():
        first = one["position"]["CHART-chart-1"]["meta"]["sliceName"]
        assert first == ("Freshness" if name == "dashboards/data_health.yaml" else "Source and edition"), name
        code = one["position"]["MARKDOWN-words"]["meta"]["code"]
        assert len(code) > 100, name


def test_every_table_links_each_row_to_its_lineage_page():
    datasets = {one["uuid"]: one for one in committed("datasets").values()}
    tables = {name: one for name, one in committed("charts").items() if one["viz_type"] == "table"}
    assert len(tables) >= 20
    for name, one in tables.items():
        assert "chain" in one["params"]["all_columns"], name
        assert "chain" in {column["column_name"] for column in datasets[one["dataset_uuid"]]["columns"]}, name


def test_columns_that_charts_ask_for_are_there():
    datasets = {one["uuid"]: one for one in committed("datasets").values()}
    for name, one in committed("charts").items():
        asked = datasets[one["dataset_uuid"]]
        columns = {column["column_name"] for column in asked["columns"]}
        metrics = {metric["metric_name"] for metric in asked["metrics"]}
        params = one["params"]
        wanted = [*params.get("all_columns", []), *params.get("groupby", []), *params.get("groupbyRows", []),
                  *params.get("groupbyColumns", []), *([params["x_axis"]] if "x_axis" in params else [])]  # fmt: skip
        assert set(wanted) <= columns, name
        assert set(params.get("metrics", [])) <= metrics, name


def test_the_colours_mean_one_thing_everywhere():
    colours = {word: colour for word, (colour, _) in generate.STANDINGS.items()}
    assert len(set(colours.values())) == len(colours)
    for one in committed("dashboards").values():
        assert one["metadata"]["label_colors"].items() >= colours.items()


def test_the_bundle_is_whole(files):
    provision.require_whole(files)


@pytest.mark.parametrize(
    ("file", "field", "said"),
    [
        ("charts/revisions__triangle.yaml", "dataset_uuid", "names 00000000"),
        ("datasets/prints.yaml", "database_uuid", "names 00000000"),
        ("datasets/prints.yaml", "uuid", "which is not in the bundle"),
        ("charts/revisions__triangle.yaml", "uuid", "which is not in the bundle"),
    ],
)
def test_a_bundle_that_is_not_whole_is_refused(files, file, field, said):
    asset = yaml.safe_load(files[file])
    files[file] = yaml.safe_dump({**asset, field: "00000000-0000-4000-8000-000000000000"})
    with pytest.raises(provision.Broken, match=said):
        provision.require_whole(files)


def test_a_file_that_is_no_yaml_and_one_twice_are_refused(files):
    twice = {**files, "charts/again.yaml": files["charts/revisions__triangle.yaml"]}
    with pytest.raises(provision.Broken, match="two files of the bundle are called"):
        provision.require_whole(twice)
    with pytest.raises(provision.Broken, match=r"charts/bad\.yaml is no YAML"):
        provision.require_whole({**files, "charts/bad.yaml": "a: [b"})
    with pytest.raises(provision.Broken, match=r"charts/bad\.yaml holds no asset"):
        provision.require_whole({**files, "charts/bad.yaml": "- a"})


def test_the_password_of_the_marts_is_in_no_file(files, monkeypatch):
    monkeypatch.setenv("SANAD_MARTS_URI", "postgresql://bi_reader:told@127.0.0.1:1/sanad")
    said = yaml.safe_load(provision.read(BUNDLE)[provision.DATABASE])
    assert said["sqlalchemy_uri"] == "postgresql+psycopg2://bi_reader:XXXXXXXXXX@127.0.0.1:1/sanad"
    assert said["allow_dml"] is False
    assert said["extra"]["engine_params"]["connect_args"]["options"] == (
        "-c default_transaction_read_only=on -c statement_timeout=30000"
    )


def test_what_is_not_set_is_said(monkeypatch, capsys):
    monkeypatch.delenv("SANAD_MARTS_URI", raising=False)
    assert provision.main() == 1
    assert capsys.readouterr().err == "superset: SANAD_MARTS_URI is not set\n"


def test_a_day_is_all_that_reaches_the_sql(config):
    assert config.as_of([]) == ""
    assert config.as_of(["2026-03-20"]) == "cast('2026-03-20' as date)"


@pytest.mark.parametrize(
    "said",
    ["2026-02-30", "20260320", "2026-W12-5", "", "now", "2026-03-20'); drop table marts.dim_build; --", "2026-03-20\n",
     "٢٠٢٦-٠٣-٢٠", None],
)  # fmt: skip
def test_what_is_no_day_is_refused_in_words(config, said):
    with pytest.raises(TemplateError, match="is no day: choose one like 2026-03-20"):
        config.as_of([said])


def test_two_days_are_refused(config):
    with pytest.raises(TemplateError, match="'2026-03-20, 2026-03-21' is no day"):
        config.as_of(["2026-03-20", "2026-03-21"])


def test_the_lineage_page_is_an_address(config, monkeypatch):
    monkeypatch.setenv("SANAD_LINEAGE_URL", "https://airflow.example.org/sanad/lineage/")
    assert config.lineage_url() == "https://airflow.example.org/sanad/lineage"
    for bad in ("javascript:alert(1)", "http://a/'||x||'", 'http://a/">', "nowhere"):
        monkeypatch.setenv("SANAD_LINEAGE_URL", bad)
        with pytest.raises(TemplateError, match="SANAD_LINEAGE_URL is no address"):
            config.lineage_url()


def test_pages_may_ask_nobody_else(config):
    policy = config.TALISMAN_CONFIG["content_security_policy"]
    allowed = {source for sources in policy.values() for source in ([sources] if isinstance(sources, str) else sources)}
    assert allowed == {"'self'", "'none'", "'unsafe-inline'", "'strict-dynamic'", "blob:", "data:"}
    assert "'unsafe-inline'" not in policy["script-src"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ('relation "marts.dim_sector" does not exist', "The marts are not built yet"),
        ("function marts.sector_exports_as_of(date) does not exist", "The marts are not built yet"),
        ('FATAL:  role "bi_reader" is not permitted to log in', "The role bi_reader is locked"),
        ('connection to server at "127.0.0.1", port 1 failed: Connection refused', "The warehouse is down"),
        ("canceling statement due to statement timeout", "longer than 30 seconds"),
    ],
)
def test_the_warehouse_s_errors_are_told_in_words(config, error, words):
    assert words.lower() in config.in_words(error).lower()


def test_any_other_error_is_left_as_it_is(config):
    assert config.in_words("Columns missing in dataset") is None
