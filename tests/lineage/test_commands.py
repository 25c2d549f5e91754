"""``sanad trace`` for a person, and ``sanad impact``."""

from __future__ import annotations

import json

import pytest
from helpers import DATASET, arrival, rows
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.decide import ingest
from sanad.lineage import impact
from sanad.words.errors import UsageError

from .conftest import THEN_SCHEMA

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("told")]
CELL = f"{DATASET}@2026-03!'EBOPS '!I61"


def sanad(*arguments):
    done = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "80"})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout.splitlines()


def test_a_chain_for_a_person_fits_eighty_columns():
    lines = sanad("trace", "mart_call_centres", "2026-03")
    assert lines[0] == "mart_call_centres 2026-03"
    assert [line.partition("= ")[2] for line in lines[1:8] if "=" in line] == [
        "[1]", "[2]", "[3]", "100 * (fine(exports) / fine(exports_year_ago) - 1)",
        "100 * fine(exports) / fine(ict_exports)",
    ]  # fmt: skip
    assert "  exports_usd_thousand            36,409.925100  = [1]" in lines
    assert "[1] 'EBOPS '!I61  36,409.925099999986 usd_thousand (P)" in lines
    assert "    measure 'Credit' at 'EBOPS '!I8" in lines
    assert "    published  2026-04-17, as HTTP's Last-Modified says" in lines
    assert [line for line in lines if "warn value_moved at 'EBOPS '!H80" in line]
    ((seq,),) = rows("select max(ledger_seq) from ops.build")
    assert [line for line in lines if line.startswith("Built ") and line.endswith(f"by build_1 at ledger seq {seq}")]
    assert [line for line in lines if len(line) > 80] == []


def test_one_ratio_is_shown_with_the_values_it_is_made_of():
    lines = sanad("trace", "mart_call_centres", "2026-03", "--measure", "exports_yoy_pct")
    assert [line.split()[0] for line in lines[1:5]] == [
        "exports_usd_thousand", "exports_year_ago_usd_thousand", "exports_yoy_pct", "=",
    ]  # fmt: skip


def test_as_of_and_schema_stand_in_the_first_line():
    lines = sanad(
        "trace", "fct_services_trade", "0/credit/2026-02", "--as-of", "2026-03-20", "--recorded", "2999-01-01"
    )
    assert lines[0] == "fct_services_trade 0/credit/2026-02 as of 2026-03-20 as recorded by 2999-01-01 00:00:00 UTC"
    assert lines[1] == "  value_usd_thousand  812,245.695592  = [1]"
    assert sanad("trace", "mart_call_centres", "2026-02", "--schema", THEN_SCHEMA)[0].endswith(f"in {THEN_SCHEMA}")
    with pytest.raises(UsageError, match="of one day already"):
        sanad("trace", "mart_call_centres", "2026-02", "--schema", THEN_SCHEMA, "--as-of", "2026-03-20")
    with pytest.raises(UsageError, match="is no day"):
        sanad("trace", "mart_call_centres", "2026-02", "--as-of", "March")


def test_statistics_and_releases_for_a_person():
    lines = sanad("trace", "mart_revision_statistics", f"{DATASET}/0/credit/month")
    assert [line.split() for line in lines[1:3]] == [
        ["prints", "2", "figures", "[1]", "+", "[2]"], ["revisions", "1", "=", "count(newest)"],
    ]  # fmt: skip
    lines = sanad("trace", "dim_release", f"{DATASET}@2026-02")
    assert lines[2].startswith(f"{DATASET}@2026-02, transcribed, accepted, release ")
    assert "200, run_1, and 1 more" in " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= 80


def test_impact_counts_first_and_rows_when_asked():
    lines = sanad("impact", f"{DATASET}@2026-03")
    assert lines[0].startswith(f"{DATASET}@2026-03, accepted, release ")
    assert ["fct_services_trade", "1,320", "rows"] in [line.split() for line in lines]
    lines = sanad("impact", CELL, "--rows")
    assert lines[0].startswith("'EBOPS '!I61  36,409.925099999986")
    assert ["mart_call_centres", "2", "rows"] in [line.split() for line in lines]
    assert "mart_call_centres 2026-03  added to exports" in lines
    assert "mart_call_centres FY26.Jul-Jan  taken away from exports" in lines


def test_a_figure_has_three_names_and_a_release_three():
    [(release_id, figure_id, sha256)] = rows(
        "select release_id::text, figure_id::text, sha256 from staging.figure join archive.release using (release_id) "
        "where locator = %s and sha256 in (select sha256 from marts.dim_release where edition = '2026-03')",
        "'EBOPS '!I61",
    )
    told = json.loads("\n".join(sanad("impact", CELL, "--json")))
    assert told["figure"]["figure_id"] == figure_id
    assert {row["mart"]: row["columns"] for row in told["rows"]}["mart_call_centres"] == [
        "exports_usd_thousand", "exports_yoy_pct", "share_of_ict_pct",
    ]  # fmt: skip
    for name in (figure_id, f"{DATASET}#{sha256[:10]}!'EBOPS '!I61"):
        assert impact(name).rows == told["rows"]
    whole = impact(f"{DATASET}@2026-03")
    assert whole.figure is None
    assert [impact(name).rows for name in (release_id, f"{DATASET}#{sha256}")] == [whole.rows] * 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("1", "1 is the id of no release and of no staged figure or entry"),
        ("9999999999999999999", "names no release"),
        (f"{DATASET}@2020-01", f"no release {DATASET}@2020-01 in the archive"),
        (f"{DATASET}@2026-03!'EBOPS '!A1", "has no staged figure or entry at 'EBOPS '!A1"),
        (f"{DATASET}@2026-03!", "has no staged figure or entry at : a locator"),
        ("call_centres", "names no release: write publisher/dataset@edition"),
    ],
)
def test_what_is_not_there_is_named(name, said):
    with pytest.raises(UsageError) as wrong:
        impact(name)
    assert said in str(wrong.value)


def test_a_release_that_nothing_was_staged_of_is_used_by_no_row(installation, trade_in_services):
    held = ingest(trade_in_services, arrival(b"no workbook at all"))
    named = f"{DATASET}#{held.sha256[:8]}"
    assert sanad("impact", named) == [
        f"{named}, quarantined, release {held.release_id}", "No row of the marts uses it.",
    ]  # fmt: skip
