"""The one value to believe of each period: how far back it reaches, who says so, and what stands in its way."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from helpers import build_marts, rows
from psycopg.rows import dict_row

from sanad.decide import builds
from sanad.lineage import trace
from sanad.verify import verify
from sanad.warehouse.connect import Role, connection
from sanad.words.periods import Period

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("weighed")]
D = Decimal
#: what is known to both, whatever order a mart that has grown has its columns in
COLUMNS = "sector_code, period_code, exports_usd_thousand, exports_resolution_usd_thousand, disputed, exports_yoy_pct, "
COLUMNS += "exports_origin, origin, basis, edition, source_url, exports_figure_ids, exports_less_figure_ids"


def ask(question, *parameters):
    with connection(Role.BI_READER) as asking:
        return asking.cursor(row_factory=dict_row).execute(question, parameters or None).fetchall()


def exports(sector, period, source="marts.mart_sector_exports"):
    (found,) = ask(f"select * from {source} where (sector_code, period_code) = (%s, %s)", sector, period)
    return found


def claims_of(row, less=False):
    """The claims that a row cites, those added or those taken away."""
    ids = row["exports_less_figure_ids" if less else "exports_figure_ids"]
    question = "select claim_id from marts.fct_reported_exports_print where value_figure_ids <@ %s order by 1"
    return [one["claim_id"] for one in ask(question, ids)]


def said(row):
    return row["exports_usd_thousand"], row["exports_resolution_usd_thousand"], row["disputed"]


def test_ict_has_every_month_from_december_2022_to_july_2026():
    found = ask(
        "select period_code, exports_usd_thousand from marts.mart_sector_exports "
        "where sector_code = 'ict_total' and period_kind = 'month' and period_start >= '2022-12-01' order by 1"
    )
    months = [Period.month(2022 + (month - 1) // 12, (month - 1) % 12 + 1).code for month in range(12, 12 * 4 + 8)]
    assert [one["period_code"] for one in found] == months
    assert all(one["exports_usd_thousand"] > 100000 for one in found)


@pytest.mark.parametrize(
    ("period", "value", "resolution", "added", "taken"),
    [
        ("2023-09", "205930", "1010", ["c0234"], ["c0551"]),
        ("2023-10", "238042", "11", ["c0214"], ["c0234"]),
        # an article's copy of SBP's year to date, less SBP's own of the month before
        ("2025-04", "317643.1969", "10", ["c0036"], []),
    ],
)
def test_months_that_nobody_printed_are_implied_by_the_press(period, value, resolution, added, taken):
    found = exports("ict_total", period)
    assert said(found) == (D(value), D(resolution), False)
    assert (found["exports_origin"], found["origin"], found["basis"]) == ("press", "press", "implied")
    assert (claims_of(found), claims_of(found, less=True)) == (added, taken)
    assert len(found["exports_less_figure_ids"]) == 1
    assert (found["dataset"], found["edition"][0]) == ("reported/figures", "#")
    assert found["source_url"].startswith("https://")


def test_official_goes_before_press_and_keeps_its_own_origin():
    found = exports("ict_total", "2026-02")
    assert said(found) == (D("363809.9711"), None, False), "365 was printed, and is inconsistent"
    assert (found["exports_origin"], found["dataset"]) == ("transcribed", "sbp/trade_in_services")
    january = exports("ict_total", "2026-01")
    assert (january["exports_origin"], january["origin"]) == ("transcribed", "press"), "a year ago is the press's"
    displaced = """
        select chosen.period_code
        from marts.mart_sector_exports as chosen
        join marts.fct_services_trade as official
            on (official.ebops_code, official.measure, official.period_code) = ('9', 'credit', chosen.period_code)
        where chosen.sector_code = 'ict_total' and chosen.exports_origin = 'press'
    """
    assert ask(displaced) == []


def test_call_centres_reach_back_to_fy18():
    found = ask("select * from marts.mart_call_centres order by period_start, period_end")
    assert (found[0]["period_code"], found[0]["exports_usd_thousand"]) == ("FY18.Jul-Dec", 45424)
    assert found[0]["source_url"].startswith("https://nation.com.pk/04-Mar-2019/"), "the print with a date"
    years = {one["period_code"][:4] for one in found if one["period_code"].startswith("FY")}
    assert years == {f"FY{year}" for year in range(18, 27)}
    by_period = {one["period_code"]: one for one in found}
    assert {code: by_period[code]["exports_usd_thousand"] for code in ("FY24", "FY25")} == {
        "FY24": 263000,
        "FY25": 328000,
    }
    growth = by_period["FY25"]
    assert (growth["exports_yoy_pct"], growth["origin"], growth["basis"]) == (D("24.714829"), "press", "printed")
    assert all(one["exports_origin"] and one["basis"] and one["dataset"] and one["edition"] for one in found)


@pytest.mark.parametrize(
    ("period", "value", "claim"),
    [("2024-10", 330000, "c0497"), ("2024-11", 310000, "c0579"), ("2024-12", 348000, "c0499")],
)
def test_the_disputed_months(period, value, claim):
    found = exports("ict_total", period)
    assert said(found) == (value, 1000, True)
    assert claims_of(found) == [claim]


def test_no_other_month_of_ict_is_disputed():
    found = ask("select period_code from marts.mart_sector_exports "
                "where sector_code = 'ict_total' and period_kind = 'month' and disputed order by 1")  # fmt: skip
    assert [one["period_code"] for one in found] == ["2024-10", "2024-11", "2024-12"]


@pytest.mark.parametrize(
    ("period", "claim", "why"),
    [
        ("FY22", "c0118", "finer, and the last of a chain that restates"),
        ("FY23", "c0540", "restates what restated the first"),
        ("FY23.Jul-Mar", "c0544", "two restate the same: the earlier of them"),
        ("FY24.Jul-Dec", "c0581", "coarser, but it restates the finer one"),
        ("2025-06", "c0504", "restates, though their intervals touch"),
        ("FY18", "c0532", "without a date, where nothing else is"),
    ],
)
def test_which_print_stands(period, claim, why):
    assert claims_of(exports("ict_total", period)) == [claim], why


def test_what_exchanges_labels_stands_nowhere():
    assert claims_of(exports("hardware_consultancy", "FY24.Jul-Apr")) != []
    assert rows("select count(*) from marts.fct_reported_exports_print where is_exchanged") == [(26,)]
    cited = """
        select chosen.period_code
        from marts.mart_sector_exports as chosen
        join marts.fct_reported_exports_print as said
            on said.value_figure_ids <@ (chosen.exports_figure_ids || chosen.exports_less_figure_ids)
        where said.is_exchanged
    """
    assert rows(cited) == []


def test_undated_prints_never_displace_dated_ones():
    wrong = """
        select chosen.sector_code, chosen.period_code
        from marts.mart_sector_exports as chosen
        join marts.fct_reported_exports_print as said on said.value_figure_ids = chosen.exports_figure_ids
        join marts.fct_reported_exports_print as dated
            on dated.sector_code = said.sector_code and dated.period_code = said.period_code
            and dated.printed_on is not null and not dated.is_exchanged
        where said.printed_on is null
    """
    assert ask(wrong) == []
    ((undated,),) = rows("select count(*) from marts.fct_reported_exports_print where printed_on is null")
    assert undated > 5


_OUT = """
    with weighed as (
        select
            claim_id, verdict_now = 'inconsistent' or exchanged_with is not null
            or claim_id in (select restates from {schema}.mart_claims_weighed where restates is not null) as is_out
        from {schema}.mart_claims_weighed
    )
"""


def test_what_stands_is_what_the_weighing_leaves():
    """Inconsistent, part of a named exchange, or replaced: exactly these prints stand nowhere."""
    found = rows(
        _OUT.format(schema="marts") + "select weighed.is_out, standing.claim_id is not null, count(*) "
        "from marts.fct_reported_exports_print as said join weighed using (claim_id) "
        "left join intermediate.int_reported_exports__stand as standing using (claim_id) group by 1, 2 order by 1"
    )
    assert [(is_out, stands) for is_out, stands, _ in found] == [(False, True), (True, False)]
    assert min(count for *_, count in found) > 50


#: When November 2024 was restated, long before the first official release of here; the day before the second of them.
DAYS = [date(2025, 1, 31), date(2026, 4, 16)]


@pytest.mark.parametrize("day", DAYS)
def test_as_of_a_day_function_and_schema_and_weighing_agree(day):
    builds.build_as_of("marts_then", day)
    asked = f"select {COLUMNS} from {{}} order by sector_code, period_code"
    by_function = ask(asked.format(f"marts.sector_exports_as_of('{day}')"))
    assert len(by_function) > 100
    assert by_function == ask(asked.format("marts_then.mart_sector_exports"))
    out = rows(
        _OUT.format(schema="marts_then") + "select count(*) filter (where is_out), "
        "count(*) filter (where is_out and cited.sector_code is not null), "
        "count(*) filter (where not is_out and given.sector_code is null) "
        "from marts_then.fct_reported_exports_print as said join weighed using (claim_id) "
        "left join marts_then.mart_sector_exports as cited "
        "on said.value_figure_ids <@ (cited.exports_figure_ids || cited.exports_less_figure_ids) "
        "left join marts_then.mart_sector_exports as given "
        "on (given.sector_code, given.period_code) = (said.sector_code, said.period_code)",
        role=Role.ADMIN,
    )
    assert out[0][0] > 10 and out[0][1:] == (0, 0)
    report = verify(mart="mart_sector_exports")
    assert report.disagreements == []


def test_a_print_stands_until_the_day_another_takes_its_place():
    def november(day):
        found = exports("ict_total", "2024-11", f"marts.sector_exports_as_of('{day}')")
        return found["exports_usd_thousand"], found["disputed"]

    restated = date(2025, 1, 31)
    assert november("2024-12-18") == (324000, False)
    assert november("2024-12-31") == (324000, True), "318 was printed too"
    assert november(restated - timedelta(days=1)) == (324000, True)
    assert november(restated) == (310000, True)
    april = "marts.sector_exports_as_of('{}') where (sector_code, period_code) = ('ict_total', '2025-04')"
    assert ask(f"select * from {april.format('2026-05-17')}") == [], "the longer year to date was not printed yet"
    (found,) = ask(f"select * from {april.format('2026-05-18')}")
    assert found["exports_usd_thousand"] == D("317643.1969")


def test_growth_of_what_is_rounded_too_much_is_not_computed():
    (wrong,) = ask("""
        select
            count(*) filter (where coalesce(exports_resolution_usd_thousand, 0) > exports_usd_thousand / 100
                and num_nonnulls(exports_yoy_pct, share_of_ict_pct) > 0) as computed,
            count(*) filter (where exports_resolution_usd_thousand > exports_usd_thousand / 100
                and exports_year_ago_usd_thousand is not null) as left_out,
            count(*) filter (where exports_yoy_pct is not null and exports_origin = 'transcribed' and origin = 'press')
                as of_both
        from marts.mart_sector_exports
    """)
    assert wrong["computed"] == 0 and wrong["left_out"] > 0 and wrong["of_both"] > 0
    february = exports("call_centres", "2024-02")
    assert (february["exports_resolution_usd_thousand"], february["share_of_ict_pct"]) == (1001, None)
    assert february["ict_exports_usd_thousand"] == 257000


def test_exports_per_registrant_hold_fy25():
    (found,) = ask("select * from marts.mart_exports_per_registrant where period_code = 'FY25'")
    assert (found["exports_usd_thousand"], found["registrants_least"], found["registrants_most"]) == (
        328000,
        1000,
        1100,
    )
    assert found["exports_per_registrant_least_usd_thousand"] == D("298.181818")
    assert found["exports_per_registrant_most_usd_thousand"] == 328


def test_a_difference_of_the_press_is_traced_to_both_articles():
    chain = trace("mart_sector_exports", "ict_total/2023-09", "exports")
    (measure,) = chain.measures
    assert (measure.value, measure.formula) == (205930, "sum(figures) - sum(less_figures)")
    ((whole,), (less,)) = measure.inputs[0].figures, measure.inputs[0].less
    assert [(one["value"], one["unit"], one["period_code"]) for one in (whole, less)] == [
        (D("654.93"), "usd_million", "FY24.Jul-Sep"), (449, "usd_million", "FY24.Jul-Aug"),
    ]  # fmt: skip
    assert whole["release"]["url"].startswith("https://www.app.com.pk/")


@contextmanager
def planted(setting, where):
    with connection(Role.ADMIN) as admin:
        admin.execute("create table public.kept as table marts.mart_sector_exports")
        done = admin.execute(f"update marts.mart_sector_exports set {setting} where {where}")
        assert done.rowcount
    try:
        yield
    finally:
        with connection(Role.ADMIN) as admin:
            admin.execute("delete from marts.mart_sector_exports")
            admin.execute("insert into marts.mart_sector_exports table public.kept")
            admin.execute("drop table public.kept")


_OTHER = (
    "(select value_figure_ids from marts.fct_reported_exports_print where claim_id = 'c0586')"
    ", exports_usd_thousand = 318000, exports_yoy_pct = null"
)


@pytest.mark.parametrize(
    ("setting", "where", "measures"),
    [
        (f"exports_figure_ids = {_OTHER}", "period_code = '2024-11'", {"exports_figure_ids", "exports_yoy_pct"}),
        ("disputed = false", "period_code = '2024-11'", {"disputed"}),
        ("exports_resolution_usd_thousand = 11", "period_code = '2023-09'", {"exports_resolution_usd_thousand"}),
        ("exports_usd_thousand = exports_usd_thousand / 1000", "period_code = '2024-07'", {"exports_usd_thousand"}),
        ("exports_yoy_pct = 20", "period_code = '2024-02'", {"exports_yoy_pct"}),
        ("exports_origin = 'official'", "period_code = '2025-04'", {"exports_origin"}),
        ("source_url = null", "period_code = '2025-04'", {"source_url"}),
    ],
)
def test_verification_chooses_alike_and_sees_what_is_planted(setting, where, measures):
    sector = "call_centres" if "2024-02" in where else "ict_total"
    if sector == "call_centres":
        setting = setting.replace("exports_yoy_pct", "share_of_ict_pct")
        measures = {"share_of_ict_pct"}
    with planted(setting, f"sector_code = '{sector}' and {where}"):
        report = verify(mart="mart_sector_exports")
        assert {one.measure for one in report.disagreements} >= measures
    assert verify(mart="mart_sector_exports").disagreements == []


def test_a_build_without_news_changes_nothing():
    assert build_marts().changed_marts == ()
