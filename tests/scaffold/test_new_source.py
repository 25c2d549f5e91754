"""``sanad new-source``: what it writes runs at once, in a copy of the project, and nothing else needs to know of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from helpers import PROJECT
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.registry.load import load
from sanad.words.errors import UsageError

ROOMS = ("include", "dbt_project", "dags", "plugins", "tests")
FILES = ("pyproject.toml", ".yamllint")
BIN = Path(sys.executable).parent
KNOWN = "sbp/trade_in_services"
URL = "https://statistics.example/prices"


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the project in a folder of its own."""
    copy = tmp_path_factory.mktemp("a project")
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info", "target", "logs")
    for room in ROOMS:
        shutil.copytree(PROJECT / room, copy / room, ignore=unwanted)
    for file in FILES:
        shutil.copy(PROJECT / file, copy)
    return copy


@pytest.fixture(scope="module")
def run(project):
    """Run something in the copy, with the copy's own code."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "SANAD_", "PYTEST"))}
    ours = {
        "PYTHONPATH": str(project / "include"),
        "SANAD_PROJECT": str(project),
        "SANAD_SOURCES": str(project / "include" / "sources"),
        "SANAD_STATE": str(project / ".sanad"),
        "NO_COLOR": "1",
    }

    def run(*command: object, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, command)),
            cwd=project, env=clean | ours | more, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def sanad(project):
    """The command in this process, on the copy: an error that a person can act on is the result's ``exception``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANAD_PROJECT", str(project))
        patch.delenv("SANAD_SOURCES", raising=False)
        yield lambda *arguments: CliRunner().invoke(app, arguments)


@pytest.fixture(scope="module")
def scaffolded(sanad):
    """Datasets of every kind and file type, one of them collected."""
    asked = {
        "acme/prices": ["--url", f"{URL}.xlsx", "--url", f"{URL}-mirror.xlsx", "--title", "Prices: what Acme's cost"],
        "acme/volumes": ["--file-type", "csv"],
        "sbp/reserves": ["--file-type", "xls"],
        "guild/members": ["--kind", "register"],
        "guild/former_members": ["--kind", "register", "--file-type", "csv"],
    }
    return {name: sanad("new-source", name, *options) for name, options in asked.items()}


def test_each_dataset_is_six_files_of_one_name_and_what_is_next_is_said(scaffolded, project):
    for name, done in scaffolded.items():
        assert done.exit_code == 0, done.output
        publisher, dataset = name.split("/")
        for path in (
            f"include/sources/{publisher}/{dataset}.yml",
            f"include/sanad/extract/{publisher}/__init__.py",
            f"include/sanad/extract/{publisher}/{dataset}.py",
            f"dbt_project/models/staging/stg_{publisher}__{dataset}.sql",
            f"dbt_project/models/staging/stg_{publisher}__{dataset}.yml",
            f"tests/parsers/test_{publisher}__{dataset}.py",
        ):
            assert (project / path).exists()
        assert f"sanad ingest {name} FILE" in done.stdout
    assert "Its DAG is collect__acme__prices" in scaffolded["acme/prices"].stdout
    assert "no collect DAG" in scaffolded["guild/members"].stdout


def test_the_registry_holds_them(scaffolded, project):
    found = {name: load(project / "include" / "sources" / f"{name}.yml") for name in [*scaffolded, KNOWN]}
    prices = found["acme/prices"]
    assert prices.title == "Prices: what Acme's cost"
    assert [str(one.url) for one in prices.collect.urls] == [f"{URL}.xlsx", f"{URL}-mirror.xlsx"]
    assert found["acme/volumes"].collect is None
    assert found["sbp/reserves"].publisher == found[KNOWN].publisher, "a known publisher is the one that is known"


def test_their_tests_pass_as_they_are(scaffolded, run):
    tests = [f"tests/parsers/test_{name.replace('/', '__')}.py" for name in scaffolded]
    done = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert int(done.stdout.split(" passed")[0].split()[-1]) >= 45


def test_what_is_written_is_as_clean_as_the_rest(scaffolded, run):
    for command in (
        ("ruff", "check", "--no-cache", "include", "tests/parsers"),
        ("ruff", "format", "--check", "--no-cache", "include", "tests/parsers"),
        ("yamllint", "--strict", "include/sources", "dbt_project"),
        ("sqlfluff", "lint", "--disable-progress-bar", "dbt_project/models/staging"),
        ("lint-imports", "--no-cache"),
    ):
        done = run(BIN / command[0], *command[1:])
        assert done.returncode == 0, f"{command[0]}: {done.stdout[-3000:]} {done.stderr}"


def test_dbt_finds_their_models_and_sources(scaffolded, run, project):
    done = run(
        BIN / "dbt", "parse", "--project-dir", "dbt_project", "--profiles-dir", "dbt_project", "--no-partial-parse",
        "--target-path", project / "target", "--log-path", project / "logs", "--no-send-anonymous-usage-stats",
        "--write-json",
        SANAD_DBT_HOST="127.0.0.1", SANAD_DBT_PORT="5432", SANAD_DBT_USER="nobody", SANAD_DBT_PASSWORD="none",
        SANAD_DBT_DBNAME="none", DO_NOT_TRACK="1",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    manifest = yaml.load((project / "target" / "manifest.json").read_text(), yaml.CSafeLoader)
    for name in scaffolded:
        model = manifest["nodes"][f"model.sanad.stg_{name.replace('/', '__')}"]
        landing = "entry" if name.startswith("guild/") else "figure"
        assert model["depends_on"]["nodes"] == [f"source.sanad.staging.{landing}"]
        assert model["schema"].endswith("staging")
        described = {column for column, told in model["columns"].items() if told["description"]}
        assert described == set(_selected(project, name))


def _selected(project: Path, name: str) -> list[str]:
    """The columns a staging model's select names, in order."""
    sql = (project / "dbt_project/models/staging" / f"stg_{name.replace('/', '__')}.sql").read_text()
    columns = sql.partition("renamed as (")[2].partition("from ")[0].replace("select", "")
    return [line.strip().rstrip(",").split(" as ")[-1] for line in columns.splitlines() if line.strip()]


@pytest.mark.airflow
def test_a_dag_appears_for_the_one_that_is_collected_and_the_build_waits_for_all(scaffolded, run, project):
    code = (
        "from airflow.dag_processing.dagbag import DagBag; import json; "
        f"bag = DagBag(dag_folder={str(project / 'dags')!r}); assert bag.import_errors == {{}}, bag.import_errors; "
        "build = bag.dags['build__marts'].timetable.asset_condition; "
        "print(json.dumps([sorted(bag.dag_ids), sorted(one.uri for one in build.objects)]))"
    )
    home = project / "airflow"
    done = run(
        sys.executable, "-c", code,
        AIRFLOW_HOME=str(home), AIRFLOW__CORE__LOAD_EXAMPLES="False", SCARF_ANALYTICS="false",
        AIRFLOW__CORE__DAGS_FOLDER=str(project / "dags"), AIRFLOW__CORE__PLUGINS_FOLDER=str(project / "plugins"),
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home}/airflow.db",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    dags, waited_for = yaml.safe_load(done.stdout.splitlines()[-1])
    assert dags == [
        "build__marts", "collect__acme__prices", "collect__pseb__tech_hub", "collect__sbp__bop_summary",
        "collect__sbp__exchange_rates", "collect__sbp__trade_in_services", "verify__lineage",
    ]  # fmt: skip
    assert {f"x-sanad://staging/{name}" for name in scaffolded} < set(waited_for)


def test_nothing_is_overwritten(scaffolded, run, project):
    parser = project / "include/sanad/extract/acme/prices.py"
    before = parser.read_text()
    done = run(sys.executable, "-c", "from sanad.cli import main; main()", "new-source", "acme/prices")
    assert done.returncode == 2
    assert "not overwritten: include/sources/acme/prices.yml" in done.stderr
    assert parser.read_text() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["prices"], "expected publisher/dataset"),
        (["acme/a/b"], "expected publisher/dataset"),
        (["Acme/prices"], "lower-case"),
        (["acme/sale__prices"], "single _"),
        (["acme/1st"], "lower-case"),
        (["../etc/passwd"], "lower-case"),
        (["acme/class"], "lower-case"),
        (["release/x"], "a module of that name"),
        (["acme/" + "x" * 60], "at most 51 characters"),
        (["acme/new", "--title", 'He said "no"'], "--title"),
        (["acme/new", "--title", "two\nlines"], "--title"),
        (["acme/new", "--timezone", "Moon/Crater"], "no time zone"),
        (["acme/new", "--url", "ftp://acme.example/x"], "collect.urls.0.url"),
    ],
)
def test_a_call_that_is_wrong_writes_nothing(sanad, project, arguments, said):
    before = sorted(project.rglob("*new*"))
    done = sanad("new-source", *arguments)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)
    assert sorted(project.rglob("*new*")) == before
