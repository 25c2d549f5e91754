"""The recipes of docs/bi-tools.md, run as they stand there."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import PROJECT

from sanad.cli.commands import app
from sanad.local.postgres import psql
from sanad.warehouse.connect import Form, Role, address

pytestmark = pytest.mark.warehouse
PAGE = (PROJECT / "docs" / "bi-tools.md").read_text()
RECIPES = {name: (kind, text) for kind, name, text in re.findall(r"```(sh|python) ([\w-]+)\n(.*?)```", PAGE, re.S)}
JDBC = Path("/usr/share/java/postgresql.jar")
QUESTION = "select period_code, exports_usd_thousand, flag from marts.mart_call_centres where period_code = '2026-03'"


def said(*program, reader):
    ran = subprocess.run(program, check=False, env=reader, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def run(name, reader):
    kind, text = RECIPES[name]
    program = [sys.executable, "-c"] if kind == "python" else ["bash", "-euo", "pipefail", "-c"]
    here = os.pathsep.join([str(Path(sys.executable).parent), str(Path(psql()).parent), reader["PATH"]])
    return said(*program, text, reader=reader | {"PATH": here})


def needs(*modules):
    for module in modules:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is of the bench's environment: make test-tools")


def test_psql_and_pandas(reader):
    assert re.search(r"2026-03 +\| +36409\.925100 \| P", run("psql", reader))
    assert "2026-03,36409.925100,P" in run("pandas", reader)
    assert re.search(r"35425\.465700 \| P", run("as-of", reader))


def test_adbc_keeps_every_digit(reader):
    needs("adbc_driver_postgresql", "pyarrow")
    assert "'exports_usd_thousand': '36409.925100'" in run("adbc", reader)


def test_duckdb_asks_what_adbc_brought(reader):
    needs("adbc_driver_postgresql", "pyarrow", "duckdb")
    assert "('2026-03', 36409.9251, 'P')" in run("duckdb", reader)


@pytest.mark.skipif(shutil.which("isql") is None, reason="no ODBC here: apt-get install unixodbc odbc-postgresql")
def test_odbc(reader):
    assert re.search(r"2026-03\t36409\.925100\tP", run("odbc", reader))


@pytest.mark.skipif(
    not JDBC.exists() or not shutil.which("javac"), reason="no JDBC: apt-get install libpostgresql-jdbc-java"
)
def test_jdbc(reader):
    program = ["java", "-cp", str(JDBC), str(Path(__file__).with_name("Ask.java"))]
    where = address(Role.BI_READER, Form.JDBC)
    assert said(*program, where, QUESTION, reader=reader) == "2026-03 36409.925100 P "


def test_a_password_of_odd_letters_reaches_each_driver_whole(monkeypatch):
    monkeypatch.setattr("sanad.warehouse.connect.secrets", lambda: {"bi_reader": "a;b}c&d=é/@"})
    monkeypatch.setenv("SANAD_DATABASE_URL", "postgresql://admin:x@db.example.org/sanad")
    assert address(Role.BI_READER, Form.ODBC).endswith(
        "Server=db.example.org;Port=5432;Database=sanad;Uid=bi_reader;Pwd={a;b}}c&d=é/@}"
    )
    assert address(Role.BI_READER, Form.JDBC) == (
        "jdbc:postgresql://db.example.org:5432/sanad?user=bi_reader&password=a%3Bb%7Dc%26d%3D%C3%A9%2F%40"
    )


def test_every_recipe_of_the_page_is_tried_and_its_commands_exist():
    assert RECIPES.keys() == {"psql", "pandas", "adbc", "duckdb", "odbc", "as-of"}
    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert set(re.findall(r"`?sanad ([a-z-]+)", PAGE)) <= known


def test_every_mart_column_and_function_is_described_in_postgresql(reader):
    ask = [psql(), reader["SANAD_DSN"], "-At", "-c"]
    silent = """
        select relname || coalesce('.' || attname, '') from pg_class
        inner join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
        where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v')
        and (col_description(attrelid, attnum) is null or obj_description(pg_class.oid) is null)
        union all
        select proname from pg_proc where pronamespace = 'marts'::regnamespace and obj_description(oid) is null
    """
    assert said(*ask, silent, reader=reader) == ""
    assert len(said(*ask, silent.replace("is null", "is not null"), reader=reader).split()) > 200
