"""Who was registered where, and since when it was known: invented firms, each with a history of its own."""

from __future__ import annotations

from datetime import date

import pytest
from helpers import rows
from registrations.conftest import BRANCH, CENTRE, EDITIONS, GONE, MOVER, RETURNING, SOFTWARE

from sanad.warehouse.connect import Role

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("registered")]


def history(firm, *columns):
    return rows(
        f"select published_on::text, {', '.join(columns)} from marts.fct_registration"
        " where location_code = %s order by 1",
        f"certificate:{firm[0]}",
    )


def test_a_letter_is_confirmed_and_the_certificate_renewed():
    assert history(CENTRE, "is_provisional", "valid_till_month::text", "succession") == [
        ("2024-03-05", True, "2024-04-01", "new"),
        ("2024-09-05", False, "2025-01-01", "confirmed"),
        ("2025-03-05", False, "2026-01-01", "renewed"),
    ]


def test_renewed_within_three_months_and_registered_again_later():
    assert [one[-1] for one in history(SOFTWARE, "succession")] == ["new", "renewed"], "a month late"
    assert [one[-1] for one in history(RETURNING, "succession")] == ["new", "re_registered"], "six months late"


def test_a_firm_moves_and_changes_its_kind():
    assert history(MOVER, "place_code", "kind", "superseded_on::text") == [
        ("2024-03-05", "lahore", "company", "2025-03-05"),
        ("2025-03-05", "karachi", "call_centre", None),
    ]


def test_a_branch_has_its_firms_code_and_its_own_place():
    ((code, _, place, is_branch, linked_by),) = set(
        rows(
            "select registrant_code, is_branch, place_code, is_branch, linked_by from marts.fct_registration"
            " where location_code = %s",
            f"certificate:{BRANCH[0]}",
        )
    )
    assert (code, place, is_branch, linked_by) == (f"certificate:{CENTRE[0]}", "karachi", True, "name")


def test_unlisted_from_the_complete_list_that_leaves_it_out_until_it_is_sighted_again():
    unlisted = history(GONE, "is_listed", "lapses_on::text", "dataset")
    assert [one[:3] for one in unlisted] == [
        ("2024-03-05", True, "2025-01-01"),
        ("2024-09-05", False, "2025-01-01"),
        ("2025-06-05", True, "2025-01-01"),
    ]
    assert {one[1] for one in history(SOFTWARE, "is_listed")} == {True}, "the list was of call centres"


def test_as_of_a_day():
    def known(day, role=Role.BI_READER):
        asked = (
            "select location_code, is_listed, is_lapsed from marts.registrations_as_of(%s) where location_code like"
            " 'certificate:CC-%%'"
        )
        return {one[0].removeprefix("certificate:"): one[1:] for one in rows(asked, day, role=role)}

    assert known(date(2024, 3, 4)) == {}
    assert known(date(2024, 3, 5)) == {"CC-1/24": (True, False), "CC-2/23": (True, True), "CC-3/24": (True, False)}
    assert known(date(2024, 5, 1))["CC-1/24"] == (True, True), "the letter has run out, and no more is known"
    assert known(date(2024, 9, 5))["CC-3/24"] == (False, False), "unlisted, and valid for all that is known"
    assert known(date(2025, 1, 1))["CC-3/24"] == (False, True), "and lapsed besides"
    assert known(None) == known(max(EDITIONS))


def test_who_is_registered():
    ((name, names, kinds, numbers, is_linked, origin),) = rows(
        "select registrant_name, names, kinds, certificate_nos, is_linked, origin from marts.dim_registrant"
        " where registrant_code = %s",
        f"certificate:{CENTRE[0]}",
    )
    assert (name, names, kinds) == (CENTRE[1], [CENTRE[1]], ["call_centre"])
    assert numbers == [CENTRE[0], BRANCH[0]]
    assert (is_linked, origin) == (True, "synthetic")
    assert rows("select count(*) from marts.dim_registrant") == [(5,)]


def test_another_road_agrees_and_finds_what_was_planted():
    from sanad.verify import verify
    from sanad.warehouse.connect import connection

    report = verify()
    assert report.disagreements == []
    assert report.not_covered == []
    for mart in ("dim_registrant", "fct_registration"):
        assert report.marts[mart].rows >= 5
    with connection(Role.OWNER) as planting:
        planting.execute("update marts.fct_registration set succession = 'unclear' where succession = 'renewed'")
        planting.execute("update marts.dim_registrant set kinds = '{}' where is_linked")
        planting.execute("update intermediate.int_registrations__span set kind = 'unknown' where measure = 'renewed'")
    try:
        found = {(one.subject, one.measure) for one in verify().disagreements}
    finally:
        with connection(Role.OWNER) as mending:
            mending.execute("update marts.fct_registration set succession = 'renewed' where succession = 'unclear'")
            mending.execute("update marts.dim_registrant set kinds = '{call_centre}' where is_linked")
            mending.execute(
                "update intermediate.int_registrations__span set kind = 'call_centre' where kind = 'unknown'"
            )
    of_the_view = {one for one in found if one[0] == "mart_registrations_member"}
    assert of_the_view, "what is counted rests on it"
    assert found - of_the_view == {("fct_registration", "succession"), ("dim_registrant", "kinds")}
