"""What is counted of registrations, published counts beside it, and exports for each registered centre."""

from __future__ import annotations

from decimal import Decimal

import pytest
from helpers import rows
from registrations.conftest import MOVER

from sanad.lineage import trace
from sanad.warehouse.connect import Role

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("registered")]
D = Decimal


def asked(question, *parameters):
    return rows(question, *parameters, role=Role.BI_READER)


def counted(kind, city):
    found = asked(
        "select period_code, registered, new, renewed, re_registered, lapsed, unlisted, moved_in, moved_out, coverage"
        " from marts.mart_registrations where kind = %s and city_code = %s order by 1",
        kind,
        city,
    )
    return {period: tuple(numbers) for period, *numbers in found}


def test_call_centres_month_by_month():
    lahore = counted("call_centre", "lahore")
    assert lahore["2024-01"] == (1, 1, 0, 0, 0, 0, 0, 0, "partial")
    assert lahore["2024-02"] == (2, 1, 0, 0, 0, 0, 0, 0, "partial"), "a letter"
    assert lahore["2024-05"] == (2, 0, 0, 0, 0, 0, 0, 0, "partial"), "which was confirmed, so it never lapsed"
    assert lahore["2024-09"] == (2, 0, 0, 0, 0, 1, 0, 0, "complete"), "one is left out, and is valid all the same"
    assert lahore["2025-01"] == (1, 0, 0, 0, 1, 0, 0, 0, "complete")
    assert lahore["2025-02"] == (1, 0, 1, 0, 0, 0, 0, 0, "complete"), "renewed without a day between"
    assert max(lahore) == "2025-06", "months run to the newest release"


def test_a_gap_is_lapsed_first_and_registered_again_later():
    karachi = counted("call_centre", "karachi")
    assert karachi["2024-01"][:5] == (0, 0, 0, 0, 1)
    assert karachi["2024-07"][:5] == (1, 0, 0, 1, 0)
    assert karachi["2024-08"][:2] == (2, 1), "a branch counts where it is"


def test_who_moves_leaves_one_city_for_another():
    assert counted("company", "lahore")["2025-03"][6:8] == (0, 1)
    assert counted("call_centre", "karachi")["2025-03"][6:8] == (1, 0)


def test_every_number_is_that_of_its_members():
    members = asked(
        "select registrant_code, measure, cardinality(entry_ids) from marts.mart_registrations_member"
        " where period_code = '2025-03' and measure like 'moved%%' order by measure"
    )
    assert members == [(f"certificate:{MOVER[0]}", "moved_in", 1), (f"certificate:{MOVER[0]}", "moved_out", 1)]
    assert asked("select distinct origin from marts.mart_registrations") == [("synthetic",)]


def reasons(count_id):
    ((claimed, said, serial),) = asked(
        "select claimed, reasons, serial from marts.mart_registered_counts where count_id = %s", count_id
    )
    return int(claimed), set(said), serial and int(serial)


def test_the_contradictions_that_the_counts_can_show_come_to_light():
    claimed, said, serial = reasons("n0068")
    assert (claimed, serial) == (20711, 17156)
    assert said >= {"above_the_serial", "basis_not_stated", "another_registrars_count_is_close"}
    for region, earlier, later in (("Khyber Pakhtunkhwa", 276, 243), ("Balochistan", 47, 43)):
        ((claimed, said),) = asked(
            "select claimed, reasons from marts.mart_registered_counts"
            " where region = %s and counted_what = 'registered_companies'",
            region,
        )
        assert (claimed, "fewer_than_before" in said) == (later, True), earlier
    assert "fewer_than_before" in reasons("n0040")[1], "5,109 in March 2023, 6,387 in August 2022"
    assert "vague_date" in reasons("n0046")[1], "7,574 is undated"
    assert reasons("n0011")[1] >= {"vague_date", "basis_not_stated"}, "4,066 call centres"
    for count_id in ("n0076", "n0079", "n0081"):
        assert reasons(count_id)[1] >= {"claimants_disagree", "fewer_than_before"}, "1,000, 1,100, 2,000 of 2025"
    shares = asked(
        "select sum(claimed), bool_and('shares_do_not_add_up' = any(reasons)) from marts.mart_registered_counts"
        " where count_kind = 'share'"
    )
    assert shares == [(D("101.4"), True)]
    assert "another_registrars_count_is_close" in reasons("n0049")[1], "20,000 of SECP's, 20,711 of PSEB's"
    assert reasons("n0023")[1].isdisjoint({"fewer_than_before", "above_the_serial"})


def test_claims_stand_against_what_the_lists_show():
    ((active, ever, branches, gap, origin, listed_origin, said),) = asked(
        "select listed_active, listed_ever, listed_branches, gap, origin, listed_origin, reasons"
        " from marts.mart_registered_counts where count_id = 'n0081'"
    )
    assert (active, ever, branches) == (3, 5, 1)
    assert gap == 1000 - 3
    assert (origin, listed_origin) == ("press", "synthetic")
    assert {"branches", "ever_issued_or_active", "lists_are_synthetic"} <= set(said)
    assert asked("select gap from marts.mart_registered_counts where count_id = 'n0011'") == [(None,)], "no list yet"


def test_exports_for_each_registered_centre_are_a_range_with_both_counts_behind_it():
    ((exports, least, most, low, high, origin, left_out),) = asked(
        "select round(exports_usd_thousand), registrants_least, registrants_most,"
        " round(exports_per_registrant_least_usd_thousand), round(exports_per_registrant_most_usd_thousand), origin,"
        " cardinality(left_out_figure_ids) from marts.mart_exports_per_registrant where period_code = 'FY25.Jul-Mar'"
    )
    assert (exports, least, most, low, high) == (240154, 1000, 1100, 218, 240)
    assert (origin, left_out) == ("press", 1)
    chain = trace("mart_exports_per_registrant", "FY25.Jul-Mar", measure="exports_per_registrant_least_usd_thousand")
    told = str(chain)
    assert "reported/counts" in told and "sbp/trade_in_services" in told


def test_readers_see_no_business_contact():
    for table in ("dim_registrant", "fct_registration", "mart_registrations_member"):
        columns = asked("select column_name from information_schema.columns where table_name = %s", table)
        assert columns
        assert not {"phone", "address", "company_email", "fields", "website"} & {name for (name,) in columns}
