"""One row a month: what ministries print, from the sector marts; the season comes between two models of one build."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from helpers import build_marts, rows

from sanad.decide import builds, seasons
from sanad.lineage import trace
from sanad.verify import verify
from sanad.warehouse.connect import Role, connection
from sanad.warehouse.dbt import BuildFailed

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("weighed")]
D = Decimal
#: What is built when exports have moved, and no more.
BUILT = "mart_sector_exports mart_industry_brief dim_build"
MARCH = "2026-03"


def brief(*columns, code=MARCH, schema="marts", role=Role.BI_READER):
    question = f"select {', '.join(columns)} from {schema}.mart_industry_brief where period_code = %s"
    ((*found,),) = rows(question, code, role=role)
    return [round(one, 2) if isinstance(one, Decimal) else one for one in found]


def test_march_as_a_ministry_prints_it():
    assert brief("ict_exports_usd_thousand", "ict_exports_yoy_pct") == [D("413622.89"), D("19.92")]
    assert brief("ict_to_date_usd_thousand", "ict_to_date_yoy_pct") == [D("3387915.86"), D("19.57")]
    assert brief("ict_share_of_services_pct", "call_centres_share_of_ict_pct", "freelancers_exports_usd_thousand") == [
        D("45.81"), D("8.80"), brief_of_freelancers(),
    ]  # fmt: skip
    assert brief("ict_imports_usd_thousand", "ict_balance_usd_thousand") == [D("53158.03"), D("360464.86")]


def test_rupees_are_of_the_months_rate():
    rate, ict, calls = brief("exchange_rate_pkr_per_usd", "ict_exports_pkr_million", "call_centres_exports_pkr_million")
    assert (rate, ict, calls) == (D("279.51"), D("115612.27"), D("10176.98"))
    assert brief("ict_exports_usd_thousand", "ict_exports_pkr_million", code="2026-07")[1] is None, "no rate of July"


def brief_of_freelancers():
    ((value,),) = rows(
        "select sum(value_usd_thousand) from marts.fct_services_trade where ebops_code in ('9.2.5', '10.3.5') "
        "and (measure, period_code) = ('credit', %s)", MARCH,
    )  # fmt: skip
    return round(value, 2)


def test_a_record_says_among_how_many_months():
    place, months = brief("ict_rank", "ict_months_ranked")
    before, months_before = brief("ict_rank", "ict_months_ranked", code="2026-02")
    highest = "select max(ict_exports_usd_thousand) from marts.mart_industry_brief where period_code < '2026'"
    assert place == 2 < before and brief("ict_rank", code="2025-12") == [1]
    assert rows(highest) == rows(
        "select ict_exports_usd_thousand from marts.mart_industry_brief where period_code = '2025-12'"
    )
    assert months == months_before + 1 > 40


def test_values_are_traced_to_their_cells():
    chain = trace("mart_industry_brief", MARCH)
    found = {one.column: one for one in chain.measures}
    balance = found["ict_balance_usd_thousand"]
    cells = [figure["locator"] for side in balance.inputs for figure in side.figures]
    assert len(cells) == 2 and all(cell.startswith("'EBOPS '!") for cell in cells)
    assert len(found["freelancers_exports_usd_thousand"].inputs[0].figures) == 2


def test_the_season_is_put_in_between_two_models_of_one_build(monkeypatch):
    """Each month as it is, in place of the model: the months that are there need not suffice."""
    monkeypatch.setattr(seasons, "MODEL", "as it is")
    monkeypatch.setattr(seasons, "adjusted", list)
    months = rows("select count(*) from marts.mart_industry_brief")[0][0]
    try:
        assert _changed(build_marts(builds.build, BUILT)) == (months, months)
        assert brief("ict_adjusted_usd_thousand = ict_exports_usd_thousand", "ict_adjusted_model") == [True, "as it is"]
        first, last = brief("ict_adjusted_first_period_code", "ict_adjusted_last_period_code")
        assert rows("select min(period_code), max(period_code) from marts.mart_industry_brief") == [(first, last)]
        assert _changed(build_marts(builds.build, BUILT)) == (0, 0), "a build without news changes no row"
        assert verify(mart="mart_industry_brief").disagreements == []
        _as_of_a_day_it_is_another_series()
        _what_is_planted_is_seen()
    finally:
        monkeypatch.undo()
        with connection(Role.ADMIN) as admin:
            admin.execute("delete from staging.adjusted where model = 'as it is'")
        build_marts(builds.build, BUILT)


def _changed(result):
    (node,) = (node for node in result.nodes if node.name == "mart_industry_brief")
    return node.rows_inserted, node.rows_deleted


def _as_of_a_day_it_is_another_series():
    kept = rows("select count(distinct series_sha256) from staging.adjusted")[0][0]
    builds.build_as_of("marts_then", date(2026, 3, 20))
    assert rows("select count(distinct series_sha256) from staging.adjusted")[0][0] == kept + 1
    then = brief("ict_adjusted_usd_thousand = ict_exports_usd_thousand", code="2026-02", schema="marts_then")
    assert then == [True]
    assert rows("select count(*) from marts_then.mart_industry_brief where period_code = %s", MARCH) == [(0,)]
    assert rows("select count(*) from marts_then.mart_cross_checks") == [(0,)], "it was published in April"


def _what_is_planted_is_seen():
    key = {"mart": "mart_industry_brief"}
    with connection(Role.ADMIN) as admin:
        admin.execute("update marts.mart_industry_brief set ict_adjusted_usd_thousand = 1, ict_rank = 7, "
                      "call_centres_share_of_ict_pct = 50, ict_balance_usd_thousand = 0, telecom_to_date_figure_ids = "
                      f"software_to_date_figure_ids where period_code = '{MARCH}'")  # fmt: skip
    found = {(one.key, one.measure) for one in verify(**key).disagreements}
    columns = ("ict_adjusted_usd_thousand", "ict_rank", "call_centres_share_of_ict_pct", "ict_balance_usd_thousand",
               "telecom_to_date_figure_ids", "telecom_to_date_usd_thousand", "telecom_to_date_yoy_pct")  # fmt: skip
    assert found == {(MARCH, column) for column in columns}
    with connection(Role.ADMIN) as admin:
        admin.execute(f"update staging.adjusted set adjusted_usd_thousand = 1 where period_code = '{MARCH}'")
    assert ("staging.adjusted", MARCH) in {(one.subject, one.key) for one in verify().disagreements}


def test_an_adjustment_that_fails_fails_the_build(monkeypatch):
    def stumble(schema="marts"):
        raise ValueError("no season")

    monkeypatch.setattr(seasons, "adjust", stumble)
    try:
        with pytest.raises(BuildFailed, match="no season"):
            builds.build(select="mart_sector_exports")
    finally:
        monkeypatch.undo()
        builds.build(select="dim_build")
