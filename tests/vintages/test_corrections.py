"""What the marts, the store of vintages and the trace say of corrected figures.

The story, in one warehouse: February's call centres are overridden after the release came in; March arrives; its print
of the same month is dropped; one correction never held. Then all is withdrawn, and a release comes with wrong sums.
"""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal as D

import pytest
from helpers import DATASET, FEBRUARY, MARCH, arrival, bundled_arrival, new_installation, rows
from typer.testing import CliRunner

from corrections import CALL_CENTRES, PRINTED, correction, folder
from sanad.cli.commands import app
from sanad.decide import builds, corrections, decisions, ingest
from sanad.lineage import trace
from sanad.local.bundled import Cell, at, describe, to_xls
from sanad.registry import dataset
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role
from sanad.words.errors import CorrectionFailed
from sanad.words.ids import Handle

pytestmark = pytest.mark.warehouse
OVERRIDDEN = correction("overridden", set={"value": "40000"})
DROPPED = correction("dropped", "drop", release="@2026-03")
SLIP = correction("a_slip", "flag", figure={**CALL_CENTRES, "measure": "net"}, expect={"value": 1})
RAW, CORRECTED = (D(PRINTED + "00"), "P", False, "2026-02"), (D("40000.000000"), "P", True, "2026-02")
REVISED = (D(PRINTED + "00"), "R", False, "2026-03")
APRIL = ("Apr-25 (R)", "Mar-26 (R)", "Apr-26 (P)", "Jul-Apr, FY25 (R)", "Jul-Apr, FY26 (P)")


@pytest.fixture(scope="module")
def declared(template, tmp_path_factory):
    with new_installation(template), pytest.MonkeyPatch.context() as patch:
        yield folder(tmp_path_factory.mktemp("corrections"), patch)


@pytest.fixture(scope="module")
def instants(declared):
    """When each step of the story was over; the marts are built once, at its end, by a command that exits with 3."""
    found = {}
    for name, step in {
        "february": lambda: ingest(dataset(DATASET), bundled_arrival(FEBRUARY)),
        "overridden": lambda: declared.declare(OVERRIDDEN) or corrections.apply("tester"),
        "march": lambda: ingest(dataset(DATASET), bundled_arrival(MARCH)),
        "dropped": lambda: declared.declare(OVERRIDDEN, DROPPED, SLIP) or corrections.apply("tester"),
    }.items():
        step()
        found[name] = rows("select clock_timestamp()")[0][0]
    done = CliRunner().invoke(app, ["build"])
    assert isinstance(done.exception, CorrectionFailed), done.output
    assert done.exception.exit_code == 3
    assert f"{DATASET}:a_slip" in str(done.exception)
    assert "marts changed" in done.stdout
    return found


def ask(question, *parameters):
    return rows(question, *parameters, role=Role.BI_READER)


def as_of(day, instant):
    return ask(
        "select value_usd_thousand, flag, corrected, edition from marts.services_trade_as_of(%s, %s) "
        "where (ebops_code, measure, period_code) = ('9.1.1', 'credit', '2026-02')", day, instant,
    )  # fmt: skip


def test_as_of_before_and_after_each_correction(instants):
    for name, on_the_20th, newest in [
        ("february", RAW, RAW), ("overridden", CORRECTED, CORRECTED), ("march", CORRECTED, REVISED),
        ("dropped", CORRECTED, CORRECTED),
    ]:  # fmt: skip
        assert as_of("2026-03-20", instants[name]) == [on_the_20th], name
        assert as_of(None, instants[name]) == [newest], name


@pytest.mark.parametrize("name", ["february", "dropped"])
def test_the_function_and_a_schema_made_as_of_an_instant_say_the_same(instants, name):
    columns = "ebops_code, measure, period_code, value_usd_thousand, flag, corrected, edition, value_figure_ids"
    builds.build_as_of("marts_then", None, instants[name])
    assert ask(f"select {columns} from marts.services_trade_as_of(null, %s) order by 1, 2, 3", instants[name]) == ask(
        f"select {columns} from marts_then.fct_services_trade order by 1, 2, 3"
    )


def test_marts_show_what_is_corrected_and_keep_the_origin(instants):
    assert ask("select ebops_code, measure, period_code, origin from marts.fct_services_trade where corrected") == [
        ("9.1.1", "credit", "2026-02", "transcribed")
    ]
    assert ask(
        "select exports_usd_thousand, share_of_ict_pct = round(100 * 40000 / ict_exports_usd_thousand, 6), origin "
        "from marts.mart_call_centres where corrected and basis = 'printed'"
    ) == [(D("40000.000000"), True, "transcribed")]
    assert ask(
        "select sector_code, period_code from marts.mart_sector_exports where corrected and basis = 'printed'"
    ) == [("call_centres", "2026-02")]
    assert ask("select value_usd_thousand from marts.fct_services_trade where (ebops_code, measure, period_code) = "
               "('9.1', 'credit', '2026-02')") != [(D("40000.000000"),)], "nothing else is recomputed"  # fmt: skip


def test_a_difference_and_a_revision_are_corrected_where_a_side_is(instants):
    found = dict(ask("select period_code, (corrected, value_usd_thousand)::text from marts.mart_derived_periods "
                     "where (series_code, measure) = ('9.1.1', 'credit')"))  # fmt: skip
    # March displays February no more: July to December is what February's edition leaves when 40,000 are taken away
    assert found["FY26.Jul-Dec"] == f"(t,{D('184106.475900') + D(PRINTED) - 40000:.6f})"
    assert found["FY25.Jul-Jan"].startswith("(f,")
    assert ask("select count(*) filter (where corrected), count(*) > 0 from marts.mart_revisions") == [(0, True)]
    silent = ask("select series_code, measure from marts.mart_silent_revisions where corrected")
    assert silent == [], "without February on both sides nothing of it was compared"


def test_the_trace_tells_what_was_printed_what_is_used_and_why(instants):
    chain = trace("fct_services_trade", "9.1.1/credit/2026-02")
    [measure] = chain.measures
    [figure] = measure.inputs[0].figures
    assert (measure.value, measure.formula) == (D("40000.000000"), "sum(figures)")
    assert (figure["value"], figure["value_used"], figure["as_printed"]) == (D(PRINTED), D("40000"), "35,425")
    [one] = figure["corrections"]
    assert (one["correction"], one["action"]) == (f"{DATASET}:overridden", "override")
    assert one["was"] == {"value": PRINTED, "null_reason": None, "flag": "P"}
    shown = " ".join(CliRunner().invoke(app, ["trace", "mart_call_centres", "2026-02"]).stdout.split())
    assert f"instead 40,000 (P) is used: override by {DATASET}:overridden" in shown
    assert "A slip of the pen.; a tester, 2026-05-01" in shown
    [uncorrected] = trace("fct_services_trade", "9.1.1/debit/2026-02").measures[0].inputs[0].figures
    assert (uncorrected["corrections"], uncorrected["value_used"]) == ([], uncorrected["value"])


def test_the_trace_of_a_vintage_is_as_of_its_own_instant(instants):
    keys = ask(
        "select concat_ws('/', dataset, series_code, measure, period_code, published_on, published_seq, recorded_at), "
        "corrected from marts.fct_services_trade_vintage "
        "where (series_code, measure, period_code) = ('9.1.1', 'credit', '2026-02') and edition = '2026-02'"
    )
    assert {corrected for _, corrected in keys} == {True, False}
    for key, corrected in keys:
        [measure] = trace("fct_services_trade_vintage", key).measures
        [figure] = measure.inputs[0].figures
        assert (bool(figure["corrections"]), round(figure["value_used"], 6)) == (corrected, measure.value)


def test_withdrawn_corrections_leave_what_was_known_and_a_doubted_sum_can_be_published(instants, declared):
    """The last step: one build fails for a sum that does not come out, the next does not, for its figure is flagged."""
    declared.declare()
    sheet = describe(replace(MARCH, headers=dict(zip(MARCH.headers, APRIL, strict=True))))
    sheet.cells[at("I61")] = Cell(1.0)
    held = ingest(dataset(DATASET), arrival(to_xls(sheet), http_last_modified=datetime(2026, 5, 18, 7, tzinfo=UTC)))
    decisions.accept(Handle.parse(held.handle), "a person", "the publisher says that the cell is right")
    corrections.apply("tester")
    with pytest.raises(dbt.BuildFailed) as failure:
        dbt.build()
    stopped = {node.name for node in failure.value.result.failed}
    assert stopped >= {
        "children_add_up_to_their_parent", "net_is_credit_less_debit", "nine_sectors_add_up_to_ict",
    }  # fmt: skip
    doubted = {"series": "9.1.1", "measure": "credit", "period": "2026-04"}
    declared.declare(correction("doubted", "flag", release="@2026-04", figure=doubted, expect={"value": 1}))
    assert CliRunner().invoke(app, ["build"]).exit_code == 0
    assert ask("select ebops_code, value_usd_thousand from marts.fct_services_trade where corrected") == [
        ("9.1.1", D("1.000000"))
    ]
    assert as_of(None, None) == [REVISED]
    assert as_of(None, instants["dropped"]) == [CORRECTED]
    assert ask("select count(*) from marts.mart_revisions where corrected") == [(0,)]
    assert ask("select state from marts.dim_release order by published_on") == [("corrected",)] * 3
