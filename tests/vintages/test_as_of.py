"""As of a day and an instant: the SQL function and a dbt run into a schema of its own say the same."""

from datetime import date, timedelta
from decimal import Decimal as D

import psycopg
import pytest
from helpers import build_marts, rows
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.decide import builds
from sanad.warehouse import dbt
from sanad.warehouse.as_of import as_day, as_instant
from sanad.warehouse.connect import Role, connection
from sanad.words.errors import UsageError

pytestmark = pytest.mark.warehouse
RELEASED = (date(2026, 3, 17), date(2026, 4, 17))
#: each function and the mart it is the past of
FUNCTIONS = {
    "services_trade_as_of": "fct_services_trade",
    "sector_exports_as_of": "mart_sector_exports",
    "call_centres_as_of": "mart_call_centres",
}
SERVICES = (
    "select value_usd_thousand, flag, edition from marts.services_trade_as_of(%s, %s) "
    "where (ebops_code, measure, period_code) = ('0', 'credit', '2026-02')"
)
FIRST, SECOND = (D("812245.695592"), "P", "2026-02"), (D("800206.041911"), "R", "2026-03")


def ask(question, *parameters, role=Role.BI_READER):
    return rows(question, *parameters, role=role)


def test_what_was_said_on_a_day(history):
    for day, expected in [
        ("2026-03-16", []), ("2026-03-17", [FIRST]), ("2026-04-16", [FIRST]), ("2026-04-17", [SECOND]),
        (None, [SECOND]),
    ]:  # fmt: skip
        assert ask(SERVICES, day, None) == expected, day


def test_what_the_warehouse_knew_at_an_instant(history):
    for name, expected in [("february", FIRST), ("march", SECOND), ("retracted", FIRST), ("reinstated", SECOND)]:
        assert ask(SERVICES, None, history.instants[name]) == [expected], name
        assert ask(SERVICES, "2026-03-20", history.instants[name]) == [FIRST]
    assert ask(SERVICES, None, history.instants["february"] - timedelta(hours=1)) == []


def test_call_centres_of_a_year_to_date_on_a_day_and_at_an_instant(history):
    question = (
        "select exports_usd_thousand, edition, basis from marts.call_centres_as_of(%s, %s) "
        "where period_code = 'FY26.Jul-Jan'"
    )
    value = D("217222.575200")
    assert ask(question, "2026-03-16", None) == []
    assert ask(question, "2026-04-16", None) == [(value, "2026-02", "derived")]
    assert ask(question, "2026-04-17", None) == [(value, "2026-03", "derived")]
    assert ask(question, None, history.instants["retracted"]) == [(value, "2026-02", "derived")]


@pytest.mark.parametrize(("function", "mart"), FUNCTIONS.items())
def test_without_arguments_it_is_the_mart(history, function, mart):
    found = ask(f"select * from marts.{function}() order by 1, 2, 3")
    assert len(found) > 10
    assert found == ask(f"select * from marts.{mart} order by 1, 2, 3")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("marts.services_trade_as_of('2026-03-20') where ebops_code = '9.1.1'", 15),
        ("marts.sector_exports_as_of('2026-03-20') where (sector_code, period_code) = ('call_centres', '2026-02')", 1),
        ("marts.call_centres_as_of('2026-03-20') where period_code = 'FY26.Jul-Dec'", 1),
    ],
)
def test_an_auditor_may_ask_too_and_the_query_reaches_the_marts(history, question, expected):
    assert ask(f"select count(*) from {question}", role=Role.AUDITOR) == [(expected,)]
    plan = str(ask(f"explain select * from {question}"))
    assert "_as_of" not in plan, "PostgreSQL puts the function's text into the query"


def test_a_function_is_written_only_when_it_is_another(history):
    question = "select proname, oid, xmin::text from pg_proc where pronamespace = 'marts'::regnamespace order by 1"
    before = ask(question, role=Role.AUDITOR)
    assert [name for name, *_ in before] == sorted([*FUNCTIONS, "registrations_as_of"])
    with connection(Role.OWNER) as warehouse:
        warehouse.execute("drop function marts.call_centres_as_of(date, timestamptz)")
    build_marts(select=f"fct_registration {' '.join(FUNCTIONS.values())} dim_build")
    after = ask(question, role=Role.AUDITOR)
    assert {row[0] for row in set(after) - set(before)} == {"call_centres_as_of"}
    assert after[1:] == before[1:]


@pytest.mark.parametrize(
    ("days_before", "released", "instant"),
    [(1, 0, "march"), (0, 0, "retracted"), (1, 1, "march"), (0, 1, "march"), (0, 1, "retracted")],
)
def test_functions_and_schema_say_the_same(history, days_before, released, instant):
    day = RELEASED[released] - timedelta(days=days_before)
    at = history.instants[instant]
    builds.build_as_of("marts_then", day, at)
    for function, mart in FUNCTIONS.items():
        found = ask(f"select * from marts.{function}(%s, %s) order by 1, 2, 3", day, at)
        assert ask(f"select * from marts_then.{mart} order by 1, 2, 3") == found, function
        assert bool(found) == (day >= RELEASED[0])


def test_marts_stay_as_they_are_and_the_next_build_knows_where_it_was(history):
    before = ask("table marts.mart_call_centres"), ask("table marts.fct_services_trade_vintage order by 2, 3, 4, 8, 9")
    views = rows("select viewname, definition from pg_views where schemaname = 'intermediate' order by 1")
    watermarks = rows("select model, ledger_seq from ops.watermark order by 1")
    [(newest,)] = rows("select max(seq) from archive.ledger")
    stores = (
        "fct_exchange_rate_print", "fct_registration", "fct_services_trade_print", "fct_services_trade_vintage"
    )  # fmt: skip
    assert watermarks == [(store, newest) for store in stores]
    builds.build_as_of("marts_2026_03_20", date(2026, 3, 20))
    assert ask("select max(period_end)::text from marts_2026_03_20.mart_call_centres") == [("2026-03-01",)]
    assert ask("select complete from marts.dim_build") == [(True,)]
    assert rows("select viewname, definition from pg_views where schemaname = 'intermediate' order by 1") == views
    assert rows("select model, ledger_seq from ops.watermark order by 1") == watermarks
    assert build_marts().changed_marts == ()
    assert (
        ask("table marts.mart_call_centres"), ask("table marts.fct_services_trade_vintage order by 2, 3, 4, 8, 9"),
    ) == before  # fmt: skip
    assert ask("select count(*) > 0 from marts_2026_03_20.dim_release", role=Role.AUDITOR) == [(True,)]


@pytest.mark.parametrize("schema", ["marts", "staging", "archive", "public", "pg_x", 'x"; drop', "Marts", "somebodys"])
def test_no_schema_of_others_is_written_over(history, schema):
    with connection(Role.OWNER) as warehouse:
        warehouse.execute("create schema if not exists somebodys")
    with pytest.raises(UsageError, match="schema"):
        builds.build_as_of(schema, date(2026, 3, 20))


def test_as_of_variables_alone_never_reach_the_marts(history):
    with pytest.raises(dbt.BuildFailed, match="as_of_schema"):
        dbt.invoke("run", "--select", "mart_call_centres", "--vars", '{"as_of_published": "2026-03-20"}')


def test_a_day_is_cast_and_nonsense_is_a_usage_error(history):
    assert as_day("2026-03-20") == date(2026, 3, 20)
    assert as_instant("2026-03-20T00:00:00+05:00") == as_instant("2026-03-19T19:00:00")
    for nonsense in ("2026-02-30", "yesterday", ""):
        with pytest.raises(UsageError, match="no day"):
            as_day(nonsense)
        with pytest.raises(UsageError, match="no instant"):
            as_instant(nonsense)
    with pytest.raises(psycopg.errors.InvalidDatetimeFormat):
        ask("select * from marts.services_trade_as_of('yesterdays')")


def test_the_command_makes_the_schema(history):
    done = CliRunner().invoke(app, ["as-of", "2026-03-20"])
    assert done.exit_code == 0, done.output
    assert "marts_2026_03_20" in done.output
    wrong = CliRunner().invoke(app, ["as-of", "soon"])
    assert isinstance(wrong.exception, UsageError)
