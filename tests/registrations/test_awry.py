"""What goes awry between editions, through whole builds: late and partial lists, shared numbers, merges undone."""

from __future__ import annotations

from datetime import date

import pytest
from helpers import build_marts, rows
from parsers.written import as_csv

from sanad.decide import Arrival, builds, decisions, ingest, links
from sanad.link import State
from sanad.registry import dataset
from sanad.verify import verify
from sanad.words.ids import Handle
from sanad.words.vocabulary import Origin

pytestmark = pytest.mark.warehouse
LIST = "pseb/registration_list"
HEADINGS = ["Registration No", "Company Name", "City", "Category", "Valid From", "Valid Till"]
OTHERS = [[f"X-{number}/20", f"Toprin Lamsek{number} Systems", "Lahore", "IT Company", "Jan 2025", "Dec 2025"]
          for number in range(20)]  # fmt: skip
FIRM = ["Z-25-0900/01", "Zarnova Kelbit Labs (Pvt) Ltd", "Lahore", "IT Company", "Jan 2025", "Dec 2025"]
SHARED = ["Z-25-0902/01", "Hufigon Data (Pvt) Ltd", "Karachi", "IT Company", "Jan 2025", "Dec 2025"]
SHARING = ["Z-25-0902/01", "Sharni Global (Pvt) Ltd", "Karachi", "IT Company", "Jan 2025", "Dec 2025"]
CARD = ["zarnova kelbit labs", "Lahore", "IT Company", "Feb 2025", "Jan 2026"]


def take(day, coverage, listed, headings=HEADINGS):
    content = as_csv([[f"As on {day:%d %B %Y}"], headings, *listed])
    arrival = Arrival({"list.csv": content}, Origin.SYNTHETIC, "tester", "given", stated_on=day, coverage=coverage)
    done = ingest(dataset(LIST), arrival)
    assert done.entries == len(listed)
    return done


def built():
    """What rests on registers, made of what came since; before every mart is verified all are built and tested."""
    build_marts(builds.build, "dim_release dim_registrant fct_registration+,resource_type:model")


def agreed():
    assert verify().disagreements == []


def known(*columns, location):
    return rows(
        f"select published_on::text, {', '.join(columns)} from marts.fct_registration"
        " where location_code = %s order by published_on",
        location,
    )


@pytest.fixture(scope="module")
def listed(shared_installation):
    """Two lists of May 2025, one with certificates and one without; built."""
    take(date(2025, 5, 5), "partial", [*OTHERS, FIRM, SHARED, SHARING])
    take(date(2025, 5, 6), "partial", [CARD], HEADINGS[1:])
    build_marts(builds.build)


def whose_card():
    ((code, linked_by),) = rows(
        "select registrant_code, linked_by from marts.fct_registration where location_code = 'place:lahore'"
    )
    names = rows("select names from marts.dim_registrant where registrant_code = %s", code)
    return code, linked_by, sorted(names[0][0])


def test_a_merge_is_undone_and_made_again_and_every_mart_follows(listed):
    merged = (f"certificate:{FIRM[0]}", "name", [FIRM[1], CARD[0]])
    assert whose_card() == merged
    (link,) = [one for one in links.resolution().links if one.state is State.LINKED]
    links.reject(link.handle, "a person", "another firm")
    built()
    code, linked_by, names = whose_card()
    assert code != merged[0]
    assert (linked_by, names) == ("alone", [CARD[0]])
    assert rows("select names from marts.dim_registrant where registrant_code = %s", merged[0]) == [([FIRM[1]],)]
    links.withdraw(link.handle, "a person", "it was the same")
    builds.build()
    assert whose_card() == merged
    agreed()


def test_a_number_that_two_firms_show_is_one_registration_with_both_names(listed):
    assert rows("select names from marts.dim_registrant where %s = any(certificate_nos)", SHARED[0]) == [
        (sorted([SHARED[1], SHARING[1]]),)
    ]
    assert len(known("kind", location=f"certificate:{SHARED[0]}")) == 1
    ((counted,),) = rows(
        "select registered from marts.mart_registrations where (period_code, city_code) = ('2025-05', 'karachi')"
    )
    assert counted == 1


def test_late_partial_and_regional_lists_and_one_taken_back(listed):
    firm, shared = f"certificate:{FIRM[0]}", f"certificate:{SHARED[0]}"
    take(date(2025, 8, 5), "partial", [OTHERS[0]])
    regional = take(date(2025, 9, 5), "complete:company/Punjab", [OTHERS[1]])
    built()
    assert known("is_listed", location=firm) == [("2025-05-05", True), ("2025-09-05", False)], "not by the partial one"
    assert known("is_listed", location=shared) == [("2025-05-05", True)], "not by a list of Punjab"

    # an edition older than all others arrives last, and tells that the firm has moved and was renewed
    late = take(date(2024, 5, 5), "partial", [[*FIRM[:2], "Karachi", "IT Company", "Jan 2024", "Dec 2024"]])
    builds.build()
    moved = [("2024-05-05", "karachi", "new"), ("2025-05-05", "lahore", "renewed"), ("2025-09-05", "lahore", "renewed")]
    assert known("place_code", "succession", location=firm) == moved
    assert rows(
        "select city_code, moved_in, moved_out from marts.mart_registrations where moved_in + moved_out > 0 order by 1"
    ) == [("karachi", 0, 1), ("lahore", 1, 0)]
    agreed()

    for done in (late, regional):
        decisions.retract(Handle(LIST, sha256=done.sha256), "a person", "not theirs")
    built()
    assert known("place_code", "is_listed", "succession", location=firm) == [("2025-05-05", "lahore", True, "new")]
    assert rows("select count(*) from marts.mart_registrations where moved_in + moved_out > 0") == [(0,)]
