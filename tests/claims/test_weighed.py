"""What the mart finds in the printed record without being told; each with the interval it rests on."""

from __future__ import annotations

import csv
import re
from decimal import Decimal

import pytest
from helpers import PROJECT, rows
from psycopg.rows import dict_row
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.lineage import trace
from sanad.verify import verify
from sanad.warehouse.connect import Role, connection

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("weighed")]
D = Decimal
FACTS = PROJECT.parent / "shared" / "facts" / "claims.csv"


def claims(where, *parameters):
    with connection(Role.BI_READER) as asking:
        return asking.cursor(row_factory=dict_row).execute(
            f"select * from marts.mart_claims_weighed where {where} order by published_on, claim_id", parameters
        ).fetchall()  # fmt: skip


def of(series, period, value, measure="credit"):
    found = claims("(series_code, period_code, value, measure) = (%s, %s, %s, %s)", series, period, D(value), measure)
    assert found
    return found


def due(claim, moment="now"):
    return claim[f"due_{moment}_low"], claim[f"due_{moment}_high"]


def verdicts(claim):
    return claim["verdict_then"], claim["verdict_now"]


def printed_by(claim, moment="now"):
    """The evidence as (series, period, value)."""
    return {
        (series, period, value)
        for series, period, value in rows(
            "select series_code, period_code, round(value, 6) from staging.figure where figure_id = any(%s)",
            claim[f"evidence_{moment}_figure_ids"],
        )
    }


def test_every_printed_claim_has_a_verdict():
    ((total, unlike),) = rows(
        "select count(*), count(*) filter (where verdict_then != verdict_now) from marts.mart_claims_weighed"
    )
    assert total == 632 and unlike > 50
    found = dict(rows("select verdict_now, count(*) from marts.mart_claims_weighed group by 1"))
    assert found.keys() == {"consistent", "inconsistent", "disputed", "cannot be checked"}
    assert claims("published_on is null and verdict_then != 'cannot be checked'") == []
    assert claims("origin != 'press' or dataset != 'reported/figures'") == []


def test_growth_of_fy25_follows_from_263_and_328():
    for claim in of("call_centres", "FY25", "24.6", "credit_growth"):
        assert (claim["rule_now"], claim["verdict_now"]) == ("article_levels", "consistent")
        assert [round(bound, 2) for bound in due(claim)] == [D("24.29"), D("25.14")]
        assert printed_by(claim) == {("call_centres", "FY25", 328), ("call_centres", "FY24", 263)}
        assert claim["distance_now"] == 0
        dated = claim["published_on"] is not None
        assert claim["verdict_then"] == ("consistent" if dated else "cannot be checked")


def test_20_percent_does_not_follow_from_166_and_207():
    found = of("call_centres", "FY25.Jul-Feb", "20", "credit_growth")
    assert len(found) == 3
    for claim in found:
        assert verdicts(claim) == ("inconsistent", "inconsistent")
        assert [round(bound, 2) for bound in due(claim)] == [D("24.02"), D("25.38")]
        assert claim["distance_now"] == due(claim)[0] - D("20.5")


def test_exchanged_labels_are_found_and_named():
    (claim,) = of("hardware_consultancy", "FY24.Jul-Jan", "475.783")
    assert verdicts(claim) == ("inconsistent", "inconsistent")
    assert (claim["rule_now"], claim["exchanged_with"]) == ("labels_exchanged", "software_consultancy")
    assert ("hardware_consultancy", "FY24.Jul-Apr", D("5.715")) in printed_by(claim)
    assert due(claim) == (D("3.5415"), D("3.5425")), "what the same article prints under the other label"
    assert "exchanges the labels hardware_consultancy and software_consultancy" in claim["sentence_now"]
    assert "3.5415 to 3.5425 million US$" in claim["sentence_now"]
    (apr,) = of("hardware_consultancy", "FY24.Jul-Apr", "5.715")
    assert apr["verdict_now"] != "inconsistent" and apr["exchanged_with"] is None


def test_exchanging_the_labels_leaves_nothing_that_falls():
    fallen = """
        with read as (
            select coalesce(exchanged_with, series_code) as series, period_start, period_end, value_low, value_high
            from marts.mart_claims_weighed
            where measure = 'credit' and extract(month from period_start) = 7 and period_kind != 'calendar_year'
        )
        select count(*) from read as one join read as longer
            on one.{series} = longer.{series} and one.period_start = longer.period_start
            and one.period_end < longer.period_end and one.value_low > longer.value_high
    """
    as_labelled = fallen.replace("coalesce(exchanged_with, series_code)", "series_code").format(series="series")
    assert rows(as_labelled)[0][0] > 20
    assert rows(fallen.format(series="series")) == [(0,)]


@pytest.mark.skipif(not FACTS.exists(), reason="the compilation of claims is not on this machine")
def test_the_exchanged_labels_are_those_that_a_reader_found():
    with FACTS.open(encoding="utf-8", newline="") as file:
        read = {row["claim_id"]: row["series_corrected"] for row in csv.DictReader(file) if row["series_corrected"]}
    assert len(read) == 26
    assert {one["claim_id"]: one["exchanged_with"] for one in claims("exchanged_with is not null")} == read


def test_december_2024_is_disputed_and_neither_print_certified():
    found = [of("ict_total", "2024-12", value) for value in ("338", "348")]
    for claim in (one for ones in found for one in ones):
        assert claim["verdict_now"] == "disputed"
        assert claim["implied_period_codes"] == ["2024-11", "2024-12"]
        single, ytd = (
            ((claim[f"{name}_low"] + claim[f"{name}_high"]) / 2, (claim[f"{name}_high"] - claim[f"{name}_low"]) / 2)
            for name in ("implied", "implied_ytd")
        )
        assert (round(single[0], 1), single[1]) == (D("661.3"), D("2.5"))
        assert (round(ytd[0], 1), ytd[1]) == (D("660.3"), D("1.5"))
        assert "2024-11 and 2024-12 are implied as" in claim["sentence_now"]
    (nation,) = found[0]
    assert (nation["rule_now"], due(nation)) == ("printed_twice", (D("347.5"), D("348.5")))


def test_november_2024_was_restated():
    (first,) = of("ict_total", "2024-11", "324")
    assert verdicts(first) == ("cannot be checked", "inconsistent")
    assert (first["rule_now"], due(first), first["distance_now"]) == ("restated", (D("309.5"), D("310.5")), 13)
    (misprint,) = of("ict_total", "2024-11", "318")
    assert verdicts(misprint) == ("disputed", "disputed")
    assert due(misprint, "then") == (D("323.5"), D("324.5")), "the print that stood then"
    assert due(misprint, "now") == (D("309.5"), D("310.5")), "the one that stands"


def test_207_could_not_be_checked_and_is_not_what_the_workbook_says():
    found = of("call_centres", "FY25.Jul-Feb", "207")
    assert len(found) == 3, "a repeat confirms nothing"
    for claim in found:
        assert verdicts(claim) == ("cannot be checked", "inconsistent")
        assert claim["rule_now"] == "official_figure"
        assert [round(bound, 3) for bound in due(claim)] == [D("207.895")] * 2
        (cell,) = printed_by(claim)
        assert (cell[:2], round(cell[2], 1)) == (("9.1.1", "FY25.Jul-Feb"), D("207895.4"))


def test_a_million_people_earn_328_dollars_a_head():
    (claim,) = claims("unit = 'persons'")
    assert verdicts(claim) == ("cannot be checked", "disputed")
    assert (claim["value_low"], claim["value_high"], due(claim)) == (10**6, 2 * 10**6, (10**5, 2 * 10**5))
    assert (claim["exports_per_head_usd"], claim["exports_per_other_head_usd"]) == (328, 3280)
    assert printed_by(claim) == {("call_centre_employment", "2025", 100000)}
    assert "328 US$ of exports a head, the other number 3280" in claim["sentence_now"]


def test_a_difference_of_official_figures_is_official():
    (claim,) = of("freelance_computer_information", "FY26.Jul-Dec", "557")
    assert verdicts(claim) == ("cannot be checked", "consistent")
    assert len(claim["evidence_now_figure_ids"]) == 3
    assert round(due(claim)[0], 3) == D("557.027")


def test_then_is_what_was_published_by_then():
    """February's services were 812.2 in the workbook of March 2026 and 800.2 in that of April."""
    (claim,) = of("services_total_exports", "2026-02", "800")
    assert verdicts(claim) == ("inconsistent", "consistent")
    assert [round(due(claim, moment)[0], 1) for moment in ("then", "now")] == [D("812.2"), D("800.2")]


def test_the_balance_of_payments_speaks_where_trade_in_services_prints_nothing():
    """A year that the workbook does not print; and one that it printed two days later, otherwise."""
    (year,) = of("services_total_exports", "FY24", "7689")
    assert (*verdicts(year), year["rule_now"]) == ("consistent", "consistent", "official_figure")
    assert due(year) == (D("7688.5"), D("7689.5")), "the rounding of the summary"
    assert printed_by(year) == {("exports_of_services", "FY24", 7689)}
    (to_march,) = of("services_total_exports", "FY26.Jul-Mar", "7348")
    assert verdicts(to_march) == ("consistent", "inconsistent")
    assert printed_by(to_march, "then") == {("exports_of_services", "FY26.Jul-Mar", 7348)}
    assert [(series, period, round(value, 2)) for series, period, value in printed_by(to_march)] == [
        ("0", "FY26.Jul-Mar", D("7345347.62"))
    ]


def test_a_total_that_its_parts_do_not_make_is_disputed_with_all_of_them():
    (total,) = of("telecom_total", "FY23.Jul-Dec", "268.021")
    assert (total["rule_now"], total["verdict_now"], total["distance_now"]) == ("article_sum", "disputed", D("0.18295"))
    for claim_id in total["evidence_now_claim_ids"]:
        (part,) = claims("claim_id = %s", claim_id)
        assert (part["rule_then"], part["verdict_then"]) == ("article_sum", "disputed")


def test_no_claim_is_named_in_what_weighs_claims():
    files = [
        *(PROJECT / "dbt_project").glob("models/**/*.sql"), *(PROJECT / "dbt_project").glob("macros/*.sql"),
        *(PROJECT / "dbt_project").glob("seeds/*.csv"),
        *(PROJECT / "include" / "sanad" / "verify" / "marts" / "claims").glob("*.py"),
        *(PROJECT / "include" / "sanad" / "lineage").glob("*.py"),
    ]  # fmt: skip
    assert len(files) > 60
    named = re.compile(r"\b[cn]\d{4}\b")
    assert [file.name for file in files if named.search(file.read_text())] == []
    values = re.compile(r"\b(?:475|328|263|338|348|318|324|207|166)\b")
    assert [file.name for file in files if "claims" in file.name and values.search(file.read_text())] == []


def test_verification_weighs_them_alike_and_sees_what_is_planted():
    assert verify(mart="mart_claims_weighed").disagreements == []
    planted = {"verdict_now": "'consistent'", "due_now_low": "due_now_low + 0.000001", "sentence_now": "'Well.'",
               "implied_low": "implied_low - 1", "exports_per_head_usd": "3280"}  # fmt: skip
    with connection(Role.ADMIN) as admin:
        admin.execute("create table public.kept as table marts.mart_claims_weighed")
        spoilt = {
            (column, key)
            for column, value in planted.items()
            for (key,) in admin.execute(
                f"update marts.mart_claims_weighed set {column} = {value} where claim_id in (select claim_id from "
                f"public.kept where verdict_now = 'disputed' and {column} is not null) returning claim_id"
            ).fetchall()
        }
    try:
        found = [(one.measure, one.key) for one in verify(mart="mart_claims_weighed").disagreements]
        assert set(found) == spoilt and len(found) == len(spoilt)
        assert {column for column, _ in spoilt} == planted.keys()
    finally:
        with connection(Role.ADMIN) as admin:
            admin.execute("delete from marts.mart_claims_weighed")
            admin.execute("insert into marts.mart_claims_weighed table public.kept")
            admin.execute("drop table public.kept")


def test_a_claim_is_traced_to_its_article():
    (claim,) = of("call_centres", "FY25.Jul-Feb", "207")[:1]
    chain = trace("mart_claims_weighed", claim["claim_id"])
    found = {measure.column: measure.inputs[0] for measure in chain.measures}
    assert found.keys() == {"value", "distance_now"}, "nothing was known then"
    assert found["value"].figures[0]["locator"][:8] == "/claims/"
    (cell,) = found["distance_now"].figures
    assert (found["distance_now"].measure, cell["locator"]) == ("evidence_now", "'EBOPS '!L61")
    shown = CliRunner().invoke(app, ["trace", "mart_claims_weighed", claim["claim_id"]])
    assert shown.exit_code == 0, shown.output
    assert "apart(value, evidence_now)" in shown.output and "'EBOPS '!L61" in shown.output
