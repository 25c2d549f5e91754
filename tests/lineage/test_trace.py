"""What a chain says of a figure, its release and the build; as of a day, an instant, a schema; and wrong calls."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest
from helpers import DATASET, MARCH, arrival, bundled_arrival, rows
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.decide import decisions, ingest
from sanad.lineage import figures, trace
from sanad.lineage.asking import asking
from sanad.local.bundled import Cell, at, describe, to_xls
from sanad.words.errors import SanadError, UsageError
from sanad.words.ids import Handle

from .conftest import THEN, THEN_SCHEMA

pytestmark = pytest.mark.warehouse
SERVICES = ("fct_services_trade", "0/credit/2026-02")
URL = "https://www.sbp.org.pk/ecodata/dt.xls"


def one_figure(chain):
    (measure,) = chain.measures
    ((figure,),) = (one.figures for one in measure.inputs)
    return measure, figure


def test_a_figure_is_told_with_its_cell_and_all_its_headers(told):
    measure, figure = one_figure(trace("mart_call_centres", "2026-03", "exports"))
    assert (measure.column, measure.unit, measure.value) == ("exports_usd_thousand", "usd_thousand", D("36409.925100"))
    assert measure.formula == "sum(figures) - sum(less_figures)"
    printed = ("locator", "as_printed", "label_raw", "flag")
    assert {name: value for name, value in figure.items() if name.endswith(printed)} == {
        "locator": "'EBOPS '!I61", "as_printed": "36,410", "flag": "P", "label_raw": "9.1.1 Call centres",
        "header_locator": "'EBOPS '!I7", "header_as_printed": "Mar-26 (P)",
        "measure_header_locator": "'EBOPS '!I8", "measure_header_as_printed": "Credit",
        "unit_locator": "'EBOPS '!L6", "unit_as_printed": "(Amount in Thousand US$)",
        "year_locator": None, "year_as_printed": None,
    }  # fmt: skip
    assert (figure["series_code"], figure["measure"], figure["period_code"]) == ("9.1.1", "credit", "2026-03")


def test_a_release_is_told_with_its_bytes_its_fetches_and_its_custody(told):
    chain = trace("dim_release", f"{DATASET}@2026-02")
    assert (chain.measures, chain.row["handle"]) == ([], f"{DATASET}@2026-02")
    assert trace("dim_release", chain.key["release_id"]).as_dict() == chain.as_dict()
    (found,) = chain.releases
    release = found["release"]
    assert (release["published_on"], release["published_on_from"]) == ("2026-03-17", "http")
    assert (release["state"], release["origin"], release["redacted"]) == ("accepted", "transcribed", False)
    (part,) = release["parts"]
    assert (part["name"], part["sha256"], part["url"]) == ("dt.xls", release["sha256"], URL)
    assert [event["event"] for event in found["custody"]] == ["received", "accepted"]
    assert {event["actor"] for event in found["custody"]} == {"collect__sbp__trade_in_services"}
    # run_2 was answered 304 and brought nothing; run_4 brought February once more
    (fetch,) = found["fetches"]
    assert (fetch["url"], fetch["via"], fetch["status"], fetch["outcome"], fetch["airflow_run"], fetch["times"]) == (
        URL, told.publisher, 200, "new", "run_1", 2,
    )  # fmt: skip
    assert fetch["started_at"] < fetch["last_at"]


def test_a_warning_stands_with_the_decision_it_did_not_stop(told):
    (found,) = trace("dim_release", f"{DATASET}@2026-03").releases
    received, accepted = found["custody"]
    assert received["findings"] == []
    assert [finding["gate"] for finding in accepted["findings"]] == ["value_moved"]
    assert not accepted["overruled"]


def test_the_build_is_told_with_its_airflow_run_and_the_ledger_head(told):
    chain = trace("mart_call_centres", "2026-03")
    head = rows("select seq, hash from archive.ledger order by seq desc limit 1")
    assert (chain.build["airflow_run"], chain.build["ledger_seq"]) == ("build_1", head[0][0])
    assert [tuple(chain.ledger_head.values())] == head
    assert {"int_releases__state", "int_sector_exports__compute"} < set(chain.models)
    assert chain.models[-2:] == ["mart_sector_exports", "mart_call_centres"]
    assert "fct_services_trade_print" not in chain.models, "built before it, and not read by it"
    assert [one["release"]["edition"] for one in chain.releases] == ["2026-03"], "each release once"


def test_ids_are_text(told):
    def numbers(value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return [number for one in value for number in numbers(one)]
        return [value] if isinstance(value, int) else []

    revised = ("mart_revisions", f"{DATASET}/0/credit/2026-02/2026-04-17/1")
    for mart, key in (SERVICES, revised, ("dim_release", f"{DATASET}@2026-03")):
        done = CliRunner().invoke(app, ["trace", mart, key, "--json"])
        assert done.exit_code == 0, done.output
        assert max(numbers(json.loads(done.output))) < 2**31
        assert json.loads(done.output)["row"]["release_id"].isdecimal()


def test_a_value_that_is_unknown_is_told_when_it_is_asked_for(told):
    chain = trace("mart_sector_exports", "freelance_all/2026-02", "share_of_ict_pct")
    (measure,) = chain.measures
    assert measure.value is None
    assert [(one.measure, len(one.figures)) for one in measure.inputs] == [("exports", 2), ("ict_exports", 0)]
    assert "share_of_ict_pct" not in {
        one.column for one in trace("mart_sector_exports", "freelance_all/2026-02").measures
    }
    measure, figure = one_figure(trace("fct_services_trade", "9.2.5/debit/2026-03"))
    assert (measure.value, figure["value"], figure["null_reason"]) == (None, None, "N/A")


def test_a_statistic_lists_the_prints_it_runs_over(told):
    chain = trace("mart_revision_statistics", f"{DATASET}/0/credit/month", "bias_pct")
    (measure,) = chain.measures
    assert (measure.formula, measure.value) == ("100 * sum(newest - first) / sum(first)", D("-1.482267"))
    ((prints,),) = (measure.inputs,)
    assert (prints.measure, prints.column) == ("prints", None)
    assert [(one["locator"], one["release"]["edition"], one["flag"]) for one in prints.figures] == [
        ("'EBOPS '!I9", "2026-02", "P"), ("'EBOPS '!F9", "2026-03", "R"),
    ]  # fmt: skip


# as of


def test_as_of_a_day_and_an_instant(told):
    def said(**as_of):
        measure, figure = one_figure(trace(*SERVICES, **as_of))
        return measure.value, figure["release"]["edition"]

    first, second = (D("812245.695592"), "2026-02"), (D("800206.041911"), "2026-03")
    assert said() == said(published=date(2026, 4, 17)) == second
    assert said(published=THEN) == said(published=date(2026, 4, 16)) == said(published=date(2026, 3, 17)) == first
    assert said(recorded=told.between) == said(published=date(2026, 5, 1), recorded=told.between) == first
    assert trace(*SERVICES, published=THEN).as_of.published == THEN


def test_a_schema_of_a_day_holds_every_other_mart(told):
    chain = trace("mart_call_centres", "2026-02", schema=THEN_SCHEMA)
    assert {one["release"]["edition"] for one in chain.releases} == {"2026-02"}
    now = trace("mart_call_centres", "2026-02")
    assert {one["release"]["edition"] for one in now.releases} == {"2026-02", "2026-03"}, (
        "a year ago stands in February's"
    )
    assert chain.row["flag"] == "P" and now.row["flag"] == "R"
    assert chain.build["built_at"] > now.build["built_at"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ((*SERVICES, "value", date(2026, 3, 16)), "no row 0/credit/2026-02 as of 2026-03-16; a key of fct_services"),
        ((*SERVICES, "value", date(2001, 1, 1)), "nothing was published by 2001-01-01: the first release is "
         "reported/counts"),
        ((*SERVICES, "value", None, datetime(2025, 1, 1, tzinfo=UTC)), "nothing was recorded by 2025-01-01 "
         "00:00:00+00: the first release, sbp/trade_in_services@2026-02, was accepted at 2"),
        (("fct_services_trade", "0/credit/2026-03", None, THEN), "no row 0/credit/2026-03 as of 2026-03-20; a key"),
        (("mart_revisions", f"{DATASET}/0/credit/2026-02/2026-04-17/1", None, THEN), "mart_revisions as of a day "
         "stands in a schema of that day: run `sanad as-of 2026-03-20`, then trace with --schema marts_2026_03_20"),
        (("fct_services_trade_vintage", "x", None, THEN), "holds both axes itself"),
        (("dim_release", f"{DATASET}@2026-02", None, THEN), "trace it as it stands now"),
        (("dim_release", f"{DATASET}@2026-01"), "no release sbp/trade_in_services@2026-01 in the archive"),
        (("dim_release", f"{DATASET}@2026-02!'EBOPS '!I61"), "dim_release has no row"),
        (("dim_sector", "call_centres"), "dim_sector holds no figures to trace: The sectors people ask for."),
        (("mart_nothing", "x"), "no mart 'mart_nothing' with figures to trace; known: fct_exchange_rate_print, "),
        (("mart_call_centres", "2026-09"), "has no row 2026-09; a key of mart_call_centres is period_code"),
        (("mart_call_centres", "2026-03' or true --"), "has no row 2026-03' or true --"),
        (("mart_call_centres", ""), "has no row"),
        (("mart_call_centres", "/".join("2026-03" * 40)), "has no row"),
        (("mart_call_centres\"; drop schema marts; --", "2026-03"), "no mart 'mart_call_centres\"; drop"),
        (("mart_revisions", f"{DATASET}/0/credit/2026-02"), "such as sbp/trade_in_services/0/credit/2026-02/2026-04-1"),
        (("mart_call_centres", "2026-03", "imports"), "no measure 'imports'; known: exports_usd_thousand, exports_"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_told_what_there_is(told, call, said):
    mart, key, measure, published, recorded = (*call, None, None, None)[:5]
    with pytest.raises(UsageError) as wrong:
        trace(mart, key, measure, published=published, recorded=recorded)
    assert said in str(wrong.value)


def test_a_schema_that_is_not_there(told):
    with pytest.raises(UsageError, match=r"no schema marts_2020_01_01: `sanad as-of DAY` makes one"):
        trace(*SERVICES, schema="marts_2020_01_01")


def test_a_figure_that_is_not_staged_is_no_usage_error(told):
    with asking() as connection, pytest.raises(SanadError, match="not staged: 1, 2") as broken:
        figures(connection, [2, 1])
    assert not isinstance(broken.value, UsageError)


@pytest.mark.parametrize("key", [
    "a/b", "a/b/c", "a/b/c/d", "a'b/c\"d", "/", "a//b",
])  # fmt: skip
def test_a_key_is_compared_as_a_whole_whatever_strokes_its_values_hold(told, key):
    """For every way to cut it into two values the condition holds, and for no other values."""
    parts = key.split("/")
    [(condition,)] = rows("select lineage.is_key(array['dataset', 'code'], %s)", key)
    values = {("/".join(parts[:cut]), "/".join(parts[cut:])) for cut in range(1, len(parts))} | {("x", key), (key, "x")}
    for dataset, code in values:
        (holds,) = rows(f"select {condition} from (values (%s, %s)) as one (dataset, code)", dataset, code)[0]
        # each value may hold one stroke of its own
        assert holds == (f"{dataset}/{code}" == key and max(dataset.count("/"), code.count("/")) <= 1)


# decisions in spite of the gates, and editions that are no names


def handles():
    return dict(rows("select * from lineage.handles(array(select release_id from archive.release))"))


def test_what_a_person_accepted_in_spite_of_its_gates_says_so(installation, trade_in_services):
    sheet = describe(MARCH)
    cell = sheet.cells[at("K61")]
    sheet.cells[at("K61")] = Cell(cell.value + 10, cell.number_format)
    held = ingest(trade_in_services, arrival(to_xls(sheet), http_last_modified=MARCH.last_saved))
    decisions.accept(Handle(DATASET, edition="2026-03"), "an auditor", "confirmed by telephone")
    [(figure_id,)] = rows("select figure_id from staging.figure where locator = %s", "'EBOPS '!K61")
    with asking() as connection:
        (figure,) = figures(connection, [figure_id])
    *_, quarantined, accepted = figure["custody"]
    assert (quarantined["event"], quarantined["findings"][0]["gate"]) == ("quarantined", "net_is_credit_less_debit")
    assert (accepted["actor"], accepted["reason"], accepted["overruled"]) == (
        "an auditor",
        "confirmed by telephone",
        True,
    )
    assert accepted["findings"][0]["locator"] == "'EBOPS '!K61"
    assert figure["release"]["handle"] == f"{DATASET}@2026-03"
    # another release of the same edition: neither is named by it while both stand
    other = ingest(trade_in_services, bundled_arrival(MARCH))
    assert handles() == {one.release_id: f"{DATASET}#{one.sha256[:8]}" for one in (held, other)}
    decisions.retract(Handle(DATASET, sha256=held.sha256), "an auditor", "it was a mistake")
    assert handles() == {held.release_id: f"{DATASET}#{held.sha256[:8]}", other.release_id: f"{DATASET}@2026-03"}


def test_before_the_first_build_there_is_nothing_to_trace(installation):
    for call in (SERVICES, ("dim_release", f"{DATASET}@2026-02")):
        with pytest.raises(UsageError, match="nothing is built yet that could be traced: run `sanad build`"):
            trace(*call)


def test_handles_are_those_of_the_mart(told):
    assert rows("select release_id, handle from marts.dim_release order by 1") == rows(
        "select * from lineage.handles(array(select release_id from archive.release)) order by 1"
    )
