"""Places by the ways in which they are written."""

from __future__ import annotations

import csv
from collections import Counter

import pytest
from helpers import PROJECT
from hypothesis import given
from hypothesis import strategies as st

from sanad.link.places import ABROAD, AMBIGUOUS, UNKNOWN, find, places, sightings
from sanad.link.text import plain


def seed(name):
    with (PROJECT / "dbt_project" / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("Lahore", "lahore"),
        (" LAHORE. ", "lahore"),
        ("لاہور", "lahore"),
        ("D.I. Khan", "dera_ismail_khan"),
        ("D I Khan", "dera_ismail_khan"),
        ("Sakardu", "skardu"),
        ("Muridkey", "muridke"),
        ("Hub Chowki", "hub"),
        ("Gilgit Baltistan", "gilgit_baltistan"),
        ("Azad Kashmir", "azad_jammu_and_kashmir"),
        ("Mirpur, Azad Kashmir", "mirpur"),
        ("Bin Qaism Town", "karachi_bin_qasim_town"),
        ("Shah Rukn E Alam Town", "multan_shah_rukn_e_alam_town"),
        ("Gulberg Town", AMBIGUOUS),
        ("Gulberg", AMBIGUOUS),
        ("Iqbal Town", AMBIGUOUS),
        ("Gulberg Town, Lahore", "lahore_gulberg_town"),
        ("Karachi - Gulberg Town", "karachi_gulberg_town"),
        ("Westridge-1, Rawalpindi", "rawalpindi"),
        ("Lahore, Pakistan", "lahore"),
        ("Lahore / Karachi", AMBIGUOUS),
        ("Cantt", AMBIGUOUS),
        ("Cantt, Lahore", "lahore"),
        ("New Jersey", ABROAD),
        ("Lahore / Dubai", AMBIGUOUS),
        ("", UNKNOWN),
        (None, UNKNOWN),
        ("N/A", UNKNOWN),
    ],
)
def test_what_a_spelling_stands_for(printed, code):
    found = find(printed)
    assert (found.place.place_code, found.is_matched) == (code, True)


def test_what_nobody_knows_is_said_to_be_unmatched():
    assert find("Pall") == (places()[UNKNOWN], False)


def test_a_wider_place_tells_which_town_is_meant():
    assert find("Iqbal Town", "Faisalabad").place.place_code == "faisalabad_iqbal_town"
    assert find("Iqbal Town", "Sindh").place.place_code == AMBIGUOUS
    assert find("Quetta", "Balochistan").place.place_code == "quetta"


def test_spellings_are_counted_with_what_they_stand_for():
    told = sightings(["Lahore", "Pall", "LHR", "Lahore", None, "Pall", "Pall"])
    assert told == [
        ("Pall", UNKNOWN, 3, False),
        ("Lahore", "lahore", 2, True),
        ("", UNKNOWN, 1, True),
        ("LHR", "lahore", 1, True),
    ]


@given(st.lists(st.text() | st.sampled_from([row["spelling"] for row in seed("place_spelling")]), max_size=3))
def test_every_text_comes_to_a_place(parts):
    assert find(*parts).place in places().values()


@pytest.mark.parametrize("code", sorted(places()))
def test_every_place_is_found_by_its_own_name_and_city(code):
    place = places()[code]
    city = places()[place.city_code].place_name if place.place_kind == "town" else None
    assert find(place.place_name, city).place == place


def test_the_places_hold_together():
    rows = seed("place")
    kinds = Counter(row["place_kind"] for row in rows)
    assert (kinds["province"], kinds["territory"]) == (4, 3)
    assert (kinds["unknown"], kinds["ambiguous"], kinds["abroad"]) == (1, 1, 1)
    assert kinds["city"] > 100
    for place in places().values():
        if place.place_kind in {"town", "city"}:
            city = places()[place.city_code]
            assert (city.place_kind, city.region_code) == ("city", place.region_code), place
            assert places()[place.region_code].place_kind in {"province", "territory"}
    for row in seed("place_spelling"):
        assert row["place_code"] in places()
        assert plain(row["spelling"]) == row["spelling"] or not row["spelling"].isascii(), row


def test_every_place_of_the_bundled_registers_is_known_but_one():
    from sanad.local.registers.plan import plan

    printed = [*plan().cities, *(town for towns in plan().towns.values() for town in towns)]
    assert {text for text in printed if not find(text).is_matched} == {"Pall"}
