"""Who is who, over plain rows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bench.labelled import SAME, labelled
from bench.links import by_sanad, confusion, shares
from hypothesis import given, settings
from hypothesis import strategies as st

from sanad.link import By, Decision, Row, State, resolve
from sanad.link.evidence import Record, probabilities, weights
from sanad.link.names import named
from sanad.link.pairs import candidates
from sanad.link.places import find

LISTED = Row("1", "Zarnova Kelbit Systems (Pvt) Ltd", "Lahore", kind="company", certificate_no="Z-25-0900/01")
CARD = Row("2", "zarnova kelbit systems", "Ravi Town", kind="company")
#: Firms that make words and cities as rare as they are.
OTHERS = [
    Row(f"9{number}", f"Toprin{number % 4} Lamsek{number} Systems (Pvt) Ltd", city, None, "company", f"X-{number}")
    for number, city in enumerate(["Lahore", "Karachi", "Islamabad", "Multan"] * 10)
]


def told(rows, decisions=()):
    return {one.row_id: one for one in resolve([*rows, *OTHERS], decisions).identities}


def links(rows, decisions=()):
    return resolve([*rows, *OTHERS], decisions).links


@pytest.mark.parametrize("seed", [11, 12])
def test_links_on_a_labelled_set_that_no_weight_was_chosen_on(seed, capsys):
    one = labelled(seed, 4_000)
    counted = confusion(one, by_sanad(one))
    right, found = shares(counted)
    with capsys.disabled():
        print(f"\nseed {seed}: right {right:.4f}, found {found:.4f}")
        for sort, outcomes in sorted(counted.items()):
            print(f"  {sort:<24} {dict(outcomes)}")
    assert right >= 0.99
    assert found >= 0.95
    for sort in set(counted) - set(SAME):
        assert counted[sort]["right"] == 0
        assert counted[sort].total() > 150, "nobody of this sort was asked for"


def test_a_weight_turned_round_is_noticed(monkeypatch):
    """The measure can fail: without what an exchanged word says, look-alikes are linked."""
    one = labelled(11, 2_000)
    blind = replace(weights(), exchanged=0.0, missing=0.0, missing_rare=0.0, number=0.0)
    monkeypatch.setattr("sanad.link.evidence.weights", lambda: blind)
    assert shares(confusion(one, by_sanad(one)))[0] < 0.97


def test_a_key_is_enough_whatever_the_names():
    export = Row("3", "ZARNOVA KELBIT", "Karachi", certificate_no="z-25-0900/01 ", portal_key="ABCD-00001-EFGH")
    version = Row("4", "Another Name", "Karachi", portal_key="ABCD-00001-EFGH")
    found = told([LISTED, export, version])
    assert {found[one].registrant_code for one in "134"} == {"certificate:Z-25-0900/01"}
    assert {found[one].by for one in "134"} == {By.KEY}
    assert resolve([LISTED, export, version]).doubts == {"certificate:Z-25-0900/01": [LISTED, export, version]}


def test_a_card_without_a_key_is_linked_by_name_and_place_with_its_probability():
    found = told([LISTED, CARD])
    assert found["2"].registrant_code == found["1"].registrant_code
    assert (found["2"].by, found["2"].place_code) == (By.NAME, "lahore_ravi_town")
    assert weights().linked <= found["2"].probability < 1


def test_two_certificates_are_never_one_by_name():
    twin = replace(LISTED, row_id="5", certificate_no="Z-25-0901/01")
    assert links([LISTED, twin]) == []
    assert told([LISTED, twin])["5"].registrant_code == "certificate:Z-25-0901/01"


def test_who_may_be_either_of_two_is_left_to_a_person():
    twin = replace(LISTED, row_id="5", certificate_no="Z-25-0901/01")
    found = links([LISTED, twin, CARD])
    assert [one.state for one in found] == [State.CANDIDATE] * 2
    assert all(0.4 < one.probability < 0.5 for one in found)
    assert told([LISTED, twin, CARD])["2"].by is By.ALONE


def test_a_declared_branch_is_its_firm_elsewhere():
    branch = replace(LISTED, row_id="6", place="Karachi", certificate_no="Z-25-0900/01-B1", is_branch=True)
    found = told([LISTED, branch])
    assert found["6"].registrant_code == found["1"].registrant_code
    assert (found["6"].is_branch, found["6"].place_code, found["1"].is_branch) == (True, "karachi", False)
    assert told([LISTED, replace(branch, is_branch=False)])["6"].registrant_code != found["1"].registrant_code


@pytest.mark.parametrize(
    "name",
    [
        "Zarnova Kelbit Foods (Pvt) Ltd",
        "Zarnova Kelbit Systems 2",
        "Zarnova Toprin Systems",
        "Kelbit Foods",
        "Zarnova",
    ],
)
def test_look_alikes_are_not_linked(name):
    other = Row("7", name, "Lahore", kind="company")
    assert not [one for one in links([LISTED, other]) if one.is_made]
    assert told([LISTED, other])["7"].registrant_code != LISTED.keys[0]


def test_a_firm_that_is_written_in_many_ways_makes_its_own_words_no_less_rare():
    (before,) = links([LISTED, CARD])
    ways = [replace(LISTED, row_id=f"6{way}", place=place) for way, place in enumerate(["Karachi", "Multan", "Gujrat"])]
    (now,) = links([LISTED, *ways, CARD])
    assert (now.probability, now.evidence.words) == (before.probability, before.evidence.words)


def test_a_slip_in_another_city_is_left_to_a_person():
    here = Row("8", "Zarnova Kelbet Systems", "Lahore", kind="company")
    (found,) = links([LISTED, here])
    assert (found.state, found.evidence.spelling) == (State.LINKED, weights().misspelt)
    assert not [one for one in links([LISTED, replace(here, place="Karachi")]) if one.is_made]


def test_a_person_parts_what_was_linked_and_joins_it_again():
    apart = Decision(CARD, LISTED, is_same=False)
    assert told([LISTED, CARD], [apart])["2"].registrant_code == CARD.subject
    (link,) = links([LISTED, CARD], [apart])
    assert (link.state, link.probability) == (State.REJECTED, None)
    again = told([LISTED, CARD], [apart, Decision(CARD, LISTED, is_same=True)])["2"]
    assert (again.registrant_code, again.by) == (LISTED.keys[0], By.PERSON)
    assert told([LISTED, CARD])["2"].by is By.NAME


def test_a_decision_holds_for_the_same_card_of_a_later_walk():
    stranger = Row("70", "Kelbit Foods", "Lahore", kind="company")
    later = replace(stranger, row_id="71", name="KELBIT FOODS", place="LHR")
    found = told([LISTED, later], [Decision(stranger, LISTED, is_same=True)])
    assert (found["71"].registrant_code, found["71"].by) == (LISTED.keys[0], By.PERSON)


def test_cards_of_nobody_known_are_one_when_they_name_one():
    one, other = Row("2", "Zarnova Kelbit Labs", "Lahore"), Row("3", "Zarnova Kelbit Lab", "Lahore")
    slip = Row("4", "Zarnvoa Kelbit Labs", "Lahore")
    found = told([one, other, slip])
    assert len({found[row].registrant_code for row in "234"}) == 1
    assert found["2"].registrant_code.startswith("name:")


ROWS = [
    LISTED,
    CARD,
    Row("3", "Zarnova Kelbit Sys", "Lahore", kind="company"),
    Row("4", "Zarnova Kelbit", "Karachi"),
    Row("5", "Zarnova Kelbit Systems", None, certificate_no="Z-25-0901/01"),
    Row("6", "Toprin Data", "Quetta", portal_key="ABCD-00001-EFGH"),
    Row("7", "Toprin Data Lab", "Quetta"),
    Row("8", "Toprin Data", "Quetta", certificate_no="Z-25-0902/01", portal_key="ABCD-00001-EFGH"),
]


@given(st.permutations(ROWS))
@settings(max_examples=40, deadline=None)
def test_the_order_of_arrival_does_not_matter(rows):
    assert resolve([*rows, *OTHERS]) == resolve([*OTHERS, *ROWS])


@given(st.lists(st.floats(-40, 40), max_size=5))
def test_probabilities_of_being_one_of_several_leave_room_for_none(bits):
    found = probabilities(bits)
    assert all(0 <= one <= 1 for one in found)
    assert sum(found) <= 1 + 1e-12
    order = sorted(range(len(bits)), key=lambda at: bits[at])
    assert [found[at] for at in order] == sorted(found)


@given(st.sampled_from(["Zarnova Kelbit Systems", "Toprin Lamsek Data", "Hufigon"]), st.data())
def test_a_name_with_any_one_letter_lost_is_still_compared(name, data):
    at = data.draw(st.integers(1, len(name) - 1))
    known = [Record("k", named(name), find("Lahore").place)]
    lost = Record("a", named(name[:at] + name[at + 1 :]), find("Lahore").place)
    assert list(candidates(known, [lost])) == [(0, [0])]
