"""Which corrections reach a release as it is read, and what keeps them from it; no warehouse is needed."""

from dataclasses import replace
from decimal import Decimal

import pytest
from helpers import DATASET

from corrections import CALL_CENTRES, PRINTED, correction, folder
from sanad.decide.reach import in_reading, reach
from sanad.extract.reading import Entry, Figure, Reading
from sanad.registry import corrections_of
from sanad.words.ids import Handle
from sanad.words.periods import Period
from sanad.words.vocabulary import Flag

RELEASE, SHA256 = Handle(DATASET, edition="2026-02"), "ab" * 32
FIGURE = Figure(7, "9.1.1", "credit", Period.month(2026, 2), Decimal(PRINTED), None, "usd_thousand", Flag.PROVISIONAL,
                "'EBOPS '!I61", "35,425")  # fmt: skip


def entry(number, **fields):
    told = {name: {"value": value, "as_printed": value, "locator": "x"} for name, value in fields.items()}
    return Entry(number, f"'Register'!A{number}", None, "shared", f"c{number}", fields["name"], fields["place"],
                 None, None, None, told)  # fmt: skip


READING = Reading(
    "a_parser", "1", "2026-02",
    figures=[
        FIGURE, replace(FIGURE, ordinal=8, measure="debit"),
        replace(FIGURE, ordinal=9, series_code="9.2.5", value=None, null_reason="N/A"),
        replace(FIGURE, ordinal=10, series_code="0", period=None),
    ],
    entries=[entry(1, name="A", place="Lahore"), entry(2, name="B", place="Lahore")],
)  # fmt: skip


@pytest.fixture
def reached(tmp_path, monkeypatch):
    declared = folder(tmp_path, monkeypatch)

    def reached(*corrections):
        declared.declare(*corrections)
        return reach(corrections_of(DATASET), RELEASE, SHA256, in_reading(1, READING))

    return reached


@pytest.mark.parametrize(
    ("said", "expected", "found"),
    [
        ({"figure": {**CALL_CENTRES, "series": "9.9"}}, "one credit of line 9.9 for 2026-02", "none"),
        ({"figure": {**CALL_CENTRES, "series": "0"}}, "one credit of line 0 for 2026-02", "none"),
        ({"expect": {"flag": "R"}}, "credit of line 9.1.1 for 2026-02 flag R", "flag P"),
        ({"expect": {"value": PRINTED, "flag": None}}, f"value {PRINTED}, no flag", f"value {PRINTED}, flag P"),
        ({"expect": {"value": None}}, "credit of line 9.1.1 for 2026-02 no value", f"value {PRINTED}"),
        ({"expect": {"value": PRINTED + "01"}}, f"value {PRINTED}01", f"value {PRINTED}"),
        ({"figure": {**CALL_CENTRES, "series": "9.2.5"}}, f"value {PRINTED}", "no value"),
        ({"entry": {"certificate_no": "c9"}, "expect": {"name": "A"}}, "one entry of certificate_no c9", "none"),
        ({"entry": {"certificate_no": "c1"}, "expect": {"name": "B"}}, "entry of certificate_no c1 name B", "name A"),
        ({"entry": {"certificate_no": "c1"}, "expect": {"plaice": None}}, "with the field plaice", "only name, place"),
        ({"entry": {"certificate_no": "c1"}, "expect": {"name": "A"}, "action": "override", "set": {"plaice": "x"}},
         "with the field plaice", "only name, place"),
        ({"entry": {"portal_key": "shared"}, "expect": {"name": "A"}}, "one entry of portal_key shared",
         "'Register'!A1, 'Register'!A2"),
    ],
)  # fmt: skip
def test_a_slip_is_found_with_what_was_expected_and_what_is_there(reached, said, expected, found):
    result = reached(correction("slip", **{"action": "flag", **said}))
    assert (result.holding, list(result.failing)) == ([], [f"{DATASET}:slip"])
    finding = result.failing[f"{DATASET}:slip"]
    assert finding.gate == "correction"
    assert finding.expected.startswith(f"{DATASET}:slip: ")
    assert finding.expected.endswith(f"{expected}, in {DATASET}@2026-02")
    assert finding.found == found


def test_two_corrections_of_one_figure_are_one_too_many(reached):
    result = reached(correction("one"), correction("two", "flag"))
    assert [one["correction"] for one in result.holding] == [f"{DATASET}:one"]
    assert result.failing[f"{DATASET}:two"].found == f"{DATASET}:one"


def test_a_guard_is_held_against_the_figure_to_six_decimals(reached):
    assert len(reached(correction(expect={"value": PRINTED + "004"})).holding) == 1
    assert len(reached(correction(expect={"value": PRINTED + "006"})).failing) == 1


def test_a_range_of_editions_passes_over_a_release_that_does_not_display_it(reached):
    elsewhere = {"figure": {**CALL_CENTRES, "period": "2026-01"}}
    assert reached(correction(**elsewhere, editions={"from": "2026-02"})).handles == set()
    assert reached(correction(**elsewhere, release="@2026-02")).failing
    assert reached(correction(**elsewhere, release="@2026-03")).handles == set()
    assert reached(correction(release=f"#{SHA256[:12]}")).holding


def test_each_action_says_what_is_used_instead(reached):
    no_value = {**CALL_CENTRES, "series": "9.2.5"}
    one, two, three, four, five = reached(
        correction("one", set={"flag": None}),
        correction("two", "drop", figure={**CALL_CENTRES, "measure": "debit"}),
        correction("three", figure=no_value, expect={"value": None}, set={"value": 0}),
        correction("four", "override", entry={"certificate_no": "c1"}, expect={"place": "Lahore"}, set={"name": "C"}),
        correction("five", "flag", entry={"certificate_no": "c2"}, expect={"place": "Lahore"}),
    ).holding
    assert (one["figure_id"], one["value"], one["null_reason"], one["flag"]) == (str(1 << 28 | 7), PRINTED, None, None)
    assert one["was"] == {"value": PRINTED, "null_reason": None, "flag": "P"}
    assert (two["value"], two["null_reason"], two["flag"]) == (None, None, None)
    assert (three["value"], three["null_reason"], three["was"]["null_reason"]) == ("0", None, "N/A")
    assert (four["entry_id"], four["fields"]) == (str(1 << 28 | 1), {"name": "C"})
    assert four["was"] == {"place": "Lahore", "name": "A"}
    assert (five["locator"], five["fields"], five["was"]) == ("'Register'!A2", {}, {"place": "Lahore"})
