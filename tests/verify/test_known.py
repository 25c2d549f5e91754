"""What was known when, by the loops of verification: visibility, order, corrections, vintages."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from sanad.verify.known import Known, Print, State, releases_at
from sanad.verify.marts import derived, revisions, services_trade
from sanad.verify.marts.vintages import vintages
from sanad.verify.staging import check

D = Decimal
BEGAN = datetime(2026, 5, 1, tzinfo=UTC)
FEBRUARY, MARCH = 1, 2
_RELEASE = {"dataset": "a/b", "origin": "official", "url": None, "published_on_from": "stated", "last_saved_at": None,
            "first_fetched_at": BEGAN}  # fmt: skip
RELEASES = [
    _RELEASE | {"release_id": FEBRUARY, "sha256": "f" * 64, "published_on": date(2026, 3, 17)},
    _RELEASE | {"release_id": MARCH, "sha256": "e" * 64, "published_on": date(2026, 4, 17)},
]
READ = {
    FEBRUARY: {"extraction_id": FEBRUARY, "edition": "2026-02", "figures": 1, "entries": 0, "rejected": 0},
    MARCH: {"extraction_id": MARCH, "edition": "2026-03", "figures": 1, "entries": 0, "rejected": 0},
}


def at(hour):
    return BEGAN + timedelta(hours=hour)


def ledger(*events):
    """Rows from (hour, event, release, corrections)."""
    return [
        {"seq": seq, "at": at(hour), "event": event, "release_id": release, "actor": "a", "reason": "r",
         "extraction_id": release if event == "accepted" else None,
         "evidence": {"corrections": corrections[0]} if corrections else {}}
        for seq, (hour, event, release, *corrections) in enumerate(events, 1)
    ]  # fmt: skip


def correction(action="override", value="12", flag="P", was="10"):
    after = dict.fromkeys(("value", "null_reason", "flag")) if action == "drop" else {
        "value": value, "null_reason": None if value else "withheld", "flag": flag}  # fmt: skip
    return {"correction": "a/b:one", "figure_id": str(FEBRUARY << 28), "action": action, "was": {"value": was}, **after}


def printed(release, value, flag):
    return Print(
        release.release_id << 28, release, "9", "credit", date(2026, 2, 1), date(2026, 3, 1), "month", "2026-02",
        D(value), None, flag, "A1", "9 a line", 0, None,
    )  # fmt: skip


def known(*events, february="10", march="10"):
    rows = ledger(*events)
    releases = releases_at(len(rows), RELEASES, READ, rows)
    prints = [printed(releases[FEBRUARY], february, "P")]
    if MARCH in releases:
        prints.append(printed(releases[MARCH], march, "R"))
    return Known(len(rows), BEGAN, releases, prints)


ACCEPTED = ((0, "accepted", FEBRUARY), (1, "accepted", MARCH))


def test_a_release_counts_from_the_last_event_of_an_instant_to_the_next():
    now = known((0, "accepted", FEBRUARY), (2, "retracted", FEBRUARY), (4, "reinstated", FEBRUARY),
                (6, "retracted", FEBRUARY), (6, "reinstated", FEBRUARY), (8, "retracted", FEBRUARY))  # fmt: skip
    february = now.releases[FEBRUARY]
    assert february.visible == [(at(0), at(2)), (at(4), at(8))]
    assert not february.is_visible
    assert [february.stood_at(at(hour)) for hour in (-1, 0, 1, 2, 3, 4, 6, 7, 8)] == [0, 1, 1, 0, 0, 1, 1, 1, 0]


def test_later_events_are_not_known():
    rows = ledger(*ACCEPTED, (2, "retracted", MARCH))
    assert [one.release_id for one in releases_at(1, RELEASES, READ, rows).values()] == [FEBRUARY]
    assert releases_at(2, RELEASES, READ, rows)[MARCH].is_visible


def test_releases_of_a_day_follow_each_other_by_last_saved_then_by_id():
    same = [
        RELEASES[0] | {"release_id": number, "last_saved_at": saved}
        for number, saved in ((1, at(5)), (2, None), (3, at(1)), (4, None))
    ]
    rows = ledger(*((0, "received", number) for number in (1, 2, 3, 4)))
    found = releases_at(4, same, READ, rows)
    assert {number: one.published_seq for number, one in found.items()} == {2: 1, 4: 2, 3: 3, 1: 4}


def test_a_correction_is_what_a_figure_says_from_its_event_to_the_next():
    now = known(*ACCEPTED, (2, "corrected", FEBRUARY, [correction()]), (4, "corrected", FEBRUARY, [correction("drop")]),
                (6, "corrected", FEBRUARY, []))  # fmt: skip
    one = now.by_id[FEBRUARY << 28]
    assert one.said(at(1)) == State(D(10), None, "P")
    assert one.said(at(2)) == State(D(12), None, "P", corrected=True)
    assert one.said(at(5)) is None
    assert one.said(at(6)) == one.said() == State(D(10), None, "P")
    assert now.corrected == 0


def test_a_correction_stays_in_force_over_a_retraction():
    now = known(*ACCEPTED, (2, "corrected", FEBRUARY, [correction()]), (3, "retracted", FEBRUARY),
                (4, "reinstated", FEBRUARY))  # fmt: skip
    assert now.by_id[FEBRUARY << 28].said() == State(D(12), None, "P", corrected=True)
    assert now.corrected == 1


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (correction(value=None), State(None, "withheld", "P", corrected=True)),
        (correction("flag", value="10", flag="R"), State(D(10), None, "R", corrected=True)),
        (correction(value="12.00000049"), State(D(12), None, "P", corrected=True)),
    ],
)
def test_what_a_corrected_figure_says_in_the_marts(one, said):
    now = known((0, "accepted", FEBRUARY), (1, "corrected", FEBRUARY, [one]))
    [(_, row)] = services_trade.latest(now)
    assert (row["flag"], row["null_reason"], row["corrected"]) == (said.flag, said.null_reason, True)
    assert now.by_id[FEBRUARY << 28].said() == said


def test_a_dropped_figure_is_in_no_mart():
    now = known((0, "accepted", FEBRUARY), (1, "corrected", FEBRUARY, [correction("drop")]))
    assert list(services_trade.latest(now)) == list(derived.derived_periods(now)) == []
    assert list(revisions.revisions(now)) == []
    assert now.corrected == 1


def test_a_correction_of_another_figure_or_of_another_value_is_a_disagreement():
    rows = ledger((0, "accepted", FEBRUARY), (1, "corrected", FEBRUARY, [correction(was="11")]))
    release = releases_at(2, RELEASES, READ, rows)[FEBRUARY]
    row = {"figure_id": FEBRUARY << 28, "value": D(10)} | dict.fromkeys(
        ("series_code", "measure", "period_start", "period_end", "period_kind", "period_code", "null_reason", "flag",
         "locator", "label_raw", "indent", "parent_code", "unit", "resolution", "qualifier", "details"))  # fmt: skip
    [told] = check(release, [row], [], {}, None, None).disagreements
    assert (told.expected, told.found) == ("11.000000 before correction a/b:one", "10.000000")
    [told] = check(release, [row | {"figure_id": 7}], [], {}, None, None).disagreements
    assert (told.expected, told.found) == (f"figure {FEBRUARY << 28}, of correction a/b:one", "no such figure")


# ---- vintages: rows as the mart would hold them


def rectangle(release, value, flag, since, until=None, superseded_on=None, first=None, seen=None, corrected=False):
    day, edition = {FEBRUARY: (date(2026, 3, 17), "2026-02"), MARCH: (date(2026, 4, 17), "2026-03")}[release]
    return {
        "dataset": "a/b", "series_code": "9", "measure": "credit", "period_code": "2026-02", "period_kind": "month",
        "published_on": day, "published_seq": 1, "superseded_on": superseded_on, "recorded_at": at(since),
        "superseded_at": None if until is None else at(until), "value_usd_thousand": D(value), "null_reason": None,
        "flag": flag, "corrected": corrected, "is_first_print": release == FEBRUARY if first is None else first,
        "last_seen_edition": seen or edition, "value_figure_ids": [release << 28],
    }  # fmt: skip


def judged(now, *rows):
    """Rows missing, rows that must not be, and columns that differ."""
    found = Counter()
    for expected, row in vintages(now, rows):
        if row is None:
            found["missing"] += 1
        elif expected is None:
            found["wrong"] += 1
        else:
            found.update(name for name, due in expected[1].items() if name in row and row[name] != due)
    return dict(found)


STORY = (*ACCEPTED, (2, "retracted", MARCH), (3, "corrected", FEBRUARY, [correction()]), (4, "reinstated", MARCH))
APRIL = date(2026, 4, 17)
RECTANGLES = (
    rectangle(FEBRUARY, 10, "P", 0, 1),
    rectangle(FEBRUARY, 10, "P", 1, 2, APRIL),
    rectangle(MARCH, 10, "R", 1, 2, first=False),
    rectangle(FEBRUARY, 10, "P", 2, 3),
    rectangle(FEBRUARY, 12, "P", 3, 4, corrected=True),
    rectangle(FEBRUARY, 12, "P", 4, superseded_on=APRIL, corrected=True),
    rectangle(MARCH, 10, "R", 4, first=False),
)  # fmt: skip


def test_the_rectangles_of_a_story_with_a_retraction_and_a_correction():
    assert judged(known(*STORY), *RECTANGLES) == {}


def test_each_rectangle_is_needed():
    for number in range(len(RECTANGLES)):
        assert judged(known(*STORY), *RECTANGLES[:number], *RECTANGLES[number + 1 :]) == {"missing": 1}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"superseded_on": date(2026, 4, 18)}, {"missing": 1, "wrong": 1}),
        ({"recorded_at": at(0.5)}, None),
        ({"superseded_at": at(9)}, None),
        ({"value_usd_thousand": D(11)}, {"missing": 1, "wrong": 1}),
        ({"flag": None}, {"missing": 1, "wrong": 1}),
        ({"corrected": None}, {"missing": 1, "wrong": 1}),
        ({"value_figure_ids": [7]}, {"missing": 1, "wrong": 1}),
        ({"published_seq": 2}, {"published_seq": 1}),
        ({"last_seen_edition": "2025-12"}, {"last_seen_edition": 1}),
        ({"period_kind": "quarter"}, {"period_kind": 1}),
    ],
)
def test_whatever_is_changed_in_a_rectangle_is_told(change, told):
    for number, row in enumerate(RECTANGLES):
        found = judged(known(*STORY), *RECTANGLES[:number], row | change, *RECTANGLES[number + 1 :])
        assert found == told if told else found.get("wrong", 0) >= 1, number


def test_a_rectangle_twice_and_one_that_holds_at_no_instant():
    now = known(*STORY)
    assert judged(now, *RECTANGLES, dict(RECTANGLES[0])) == {"wrong": 1}
    assert judged(now, *RECTANGLES, RECTANGLES[0] | {"superseded_at": at(0)}) == {"wrong": 1}
