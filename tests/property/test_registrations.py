"""The history of registrations against a model of it that is nothing but loops, over random editions of registers.

Editions are lists and certificates of a few firms, some complete of a kind or a region, some taken back; what they say
is full of holes. The model walks through the days; the rows of the SQL must say the same on every one of them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from helpers import new_installation
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, connection
from sanad.words import settings as places

pytestmark = pytest.mark.warehouse

DATASETS = ("pseb/certificate", "pseb/registration_list")
COVERAGES = ("partial", "complete:all", "complete:call_centre", "complete:company/Punjab")
REGIONS = {"lahore": "punjab", "multan": "punjab", "karachi": "sindh", "unknown": None}
BEGINNINGS = {"new", "renewed", "re_registered", "unclear"}
EPOCH = datetime(2026, 5, 1, tzinfo=UTC)
ATTRIBUTES = ("kind", "place_code", "valid_from_month", "valid_till_month", "is_provisional", "succession",
              "is_listed", "release_id", "entry_ids")  # fmt: skip


def day_of(day):
    return date(2024, 1, 5) + timedelta(days=45 * day)


def month_of(number):
    return number if number is None else date(2024 + number // 12, number % 12 + 1, 1)


@dataclass(frozen=True)
class Said:
    kind: str | None
    place: str
    first: int | None
    last: int | None
    status: str | None


@dataclass(frozen=True)
class Release:
    number: int
    day: int
    dataset: str
    saved: int
    coverage: str
    rows: dict[int, Said]
    is_retracted: bool

    @property
    def release_id(self):
        return self.number


@st.composite
def validities(draw):
    last = draw(st.sampled_from([None, 2, 5, 11, 14, 23]))
    first = draw(st.sampled_from([None, 0, 3, 7, 12])) if last is not None else None
    return first if first is None or first <= last else None, last


@st.composite
def editions(draw, firms=3, most=6):
    found = []
    for number in range(1, draw(st.integers(1, most)) + 1):
        rows = {}
        for firm in draw(st.sets(st.integers(0, firms - 1))):
            first, last = draw(validities())
            rows[firm] = Said(
                draw(st.sampled_from([None, "company", "company", "call_centre"])), draw(st.sampled_from([*REGIONS])),
                first, last, draw(st.sampled_from([None, "Active", "Provisional"])),
            )  # fmt: skip
        found.append(Release(
            number, draw(st.integers(0, 6)), draw(st.sampled_from(DATASETS)), draw(st.integers(0, 2)),
            draw(st.sampled_from(COVERAGES)), rows, draw(st.sampled_from([False, False, False, True])),
        ))  # fmt: skip
    return found


# ---- the model


def ordered(releases):
    """Of one day: by dataset, then the later one; who is last counts."""
    return sorted(releases, key=lambda one: (one.day, [-ord(c) for c in one.dataset], one.saved, one.number))


def told(releases, firm, day):
    """What is known of a firm on a day, None before it is named."""
    state, lasting, last_seen = None, {}, None
    for today in range(day + 1):
        ones = [one for one in ordered(releases) if one.day == today and not one.is_retracted]
        saying = [one for one in ones if firm in one.rows]
        if saying:
            last_seen = entry(saying[-1].number, firm)
            state = said(state, lasting, saying[-1], saying[-1].rows[firm], last_seen)
        elif state and state["is_listed"]:
            lists = sorted((one for one in ones if covers(one.coverage, state)), key=lambda one: one.release_id)
            if lists:
                state = state | {"is_listed": False, "release_id": lists[0].release_id, "entry_ids": [last_seen]}
    return state


def covers(coverage, state):
    if coverage == "partial":
        return False
    kind, _, region = coverage.removeprefix("complete:").partition("/")
    return kind in {"all", state["kind"]} and (not region or REGIONS[state["place_code"]] == region.lower())


def said(before, lasting, release, row, entry_id):
    was = before or {"kind": None, "place_code": "unknown", "valid_till_month": None, "is_provisional": False,
                     "succession": None}  # fmt: skip
    last = row.last if row.last is not None else was["valid_till_month"]
    # months are numbers here, and what was stated for a last month holds for it
    stated = lasting.setdefault(last, {"first": None, "provisional": None})
    if row.first is not None:
        stated["first"] = row.first
    if row.status is not None:
        stated["provisional"] = row.status == "Provisional"
    now = {
        "kind": row.kind or was["kind"],
        "place_code": row.place if row.place != "unknown" else was["place_code"],
        "valid_from_month": stated["first"],
        "valid_till_month": last,
        "is_provisional": bool(stated["provisional"]),
        "is_listed": True,
    }
    succession = was["succession"]
    if last is not None and last != was["valid_till_month"]:
        succession = followed(was, now, release.day)
    if before and all(before[name] == value for name, value in now.items()):
        return before
    return now | {"succession": succession, "release_id": release.release_id, "entry_ids": [entry_id]}


def followed(was, now, day):
    end, start = was["valid_till_month"], now["valid_from_month"]
    if end is None:
        return "new"
    if now["valid_till_month"] < end:
        return "restated"
    published = day_of(day)
    begun = (published.year - 2024) * 12 + published.month - 1 if start is None else start
    if was["is_provisional"] and not now["is_provisional"] and begun < end + 2:
        return "confirmed"
    if begun < end + 4:
        return "renewed"
    return "unclear" if start is None else "re_registered"


# ---- the warehouse


def entry(number, firm):
    return number << 28 | firm + 1


def load(cursor, releases, events=True):
    for one in releases:
        cursor.execute(
            "insert into archive.release values (%s, %s, %s, 'synthetic', false, %s, 'stated', %s, %s, null, %s)",
            (one.release_id, one.dataset, f"sha{one.number}", day_of(one.day),
             datetime(2024, 1, 1, one.saved, tzinfo=UTC), EPOCH, one.coverage),
        )  # fmt: skip
        cursor.execute("insert into archive.extraction values (%s, %s, 'p', '1', null, null, 0, %s, 0)",
                       (one.release_id, one.release_id, len(one.rows)))  # fmt: skip
        for firm, row in one.rows.items():
            no = f"X-{firm}/20"
            cursor.execute(
                "insert into staging.entry values (%s, %s, %s, %s, 'x', %s, null, %s, %s, %s, %s, %s, %s, %s)",
                (entry(one.number, firm), one.dataset, one.release_id, one.release_id, row.kind, no, f"Firm {firm}",
                 row.place, month_of(row.first), month_of(row.last), row.status, fields(row, no)),
            )  # fmt: skip
            cursor.execute("insert into staging.identity values (%s, %s, %s, 'key', false, null)",
                           (entry(one.number, firm), f"certificate:{no}", row.place))  # fmt: skip


def fields(row, no):
    month = {number: value and f"{value:%Y-%m}" for number, value in ((n, month_of(n)) for n in (row.first, row.last))}
    stated = {"certificate_no": no, "name": "Firm", "place": row.place, "status": row.status,
              "valid_from": month[row.first], "valid_till": month[row.last]}  # fmt: skip
    return json.dumps({name: {"value": value, "as_printed": "x", "locator": "x"} for name, value in stated.items()})


def note(cursor, seq, release_id, event):
    cursor.execute(
        "insert into archive.ledger values (%s, %s, %s, %s, %s, 'a', 'r', '{}', 'x', %s)",
        (seq, EPOCH + timedelta(hours=seq), event, release_id, release_id if event == "accepted" else None, f"h{seq}"),
    )


def build_seen(cursor, seq):
    cursor.execute("insert into ops.build (started_at, ledger_seq, invocation_id) values (%s, %s, 'x')", (EPOCH, seq))


def history(cursor, sql):
    found = defaultdict(list)
    names = (*ATTRIBUTES, "published_on", "superseded_on")
    for firm, *row in cursor.execute(f"select location_code, {', '.join(names)} from ({sql}) as mart").fetchall():
        told = dict(zip(names, row, strict=True))
        for name in ("valid_from_month", "valid_till_month"):
            month = told[name]
            told[name] = None if month is None else (month.year - 2024) * 12 + month.month - 1
        found[int(firm.partition("X-")[2].partition("/")[0])].append(told)
    return found


@pytest.fixture(scope="module")
def compiled(template):
    """The model's own SQL for all registrants, as compiled for an empty warehouse, whose store it is made into."""
    with new_installation(template):
        dbt.build()
        yield (places.state() / "dbt/target/compiled/sanad/models/marts/fct_registration.sql").read_text()


def computed(sql, releases, order):
    with connection(Role.ADMIN) as warehouse, warehouse.cursor() as cursor:
        load(cursor, releases)
        for seq, one in enumerate(order, 1):
            note(cursor, 2 * seq - 1, one.release_id, "accepted")
            if one.is_retracted:
                note(cursor, 2 * seq, one.release_id, "retracted")
        build_seen(cursor, 2 * len(order))
        found = history(cursor, sql)
        warehouse.rollback()
    return found


examples = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@examples
@given(editions())
def test_the_rows_say_what_was_known_on_every_day(compiled, releases):
    found = computed(compiled, releases, releases)
    for firm in range(3):
        for day in range(8):
            rows = [row for row in found[firm] if row["published_on"] <= day_of(day)
                    and (row["superseded_on"] is None or row["superseded_on"] > day_of(day))]  # fmt: skip
            expected = told(releases, firm, day)
            assert len(rows) == (expected is not None), (firm, day)
            if expected:
                assert {name: rows[0][name] for name in ATTRIBUTES} == expected, (firm, day)


@examples
@given(editions(), st.randoms())
def test_the_order_of_arrival_does_not_matter(compiled, releases, chance):
    other = chance.sample(releases, len(releases))
    assert computed(compiled, releases, releases) == computed(compiled, releases, other)


@examples
@given(editions())
def test_a_row_ends_where_the_next_begins_and_says_something_else(compiled, releases):
    for rows in computed(compiled, releases, releases).values():
        rows.sort(key=lambda row: row["published_on"])
        assert rows[-1]["superseded_on"] is None
        for one, other in pairwise(rows):
            assert one["superseded_on"] == other["published_on"] > one["published_on"]
            assert any(one[name] != other[name] for name in ATTRIBUTES[:7])


@settings(examples, max_examples=20)
@given(editions(firms=2))
def test_a_registration_counts_once_a_month_and_begins_only_where_it_is_counted(compiled, releases):
    """Of the view over what the model gives: whatever is stated, restated and left out."""
    with connection(Role.ADMIN) as warehouse, warehouse.cursor() as cursor:
        load(cursor, releases)
        for seq, one in enumerate(releases, 1):
            note(cursor, seq, one.release_id, "accepted")
        build_seen(cursor, len(releases))
        cursor.execute(f"insert into marts.fct_registration {compiled}")
        members = cursor.execute(
            "select measure, location_code, period_code from marts.mart_registrations_member"
        ).fetchall()
        warehouse.rollback()
    registered = [(location, month) for measure, location, month in members if measure == "registered"]
    assert len(registered) == len(set(registered))
    begun = {(location, month) for measure, location, month in members if measure in BEGINNINGS}
    assert begun <= set(registered)


def test_incremental_equals_full_refresh_whatever_the_order_of_events(compiled):
    """Forty firms in eight editions: some at once, then one a build, at last two late ones and a retraction."""
    drawn = []

    @settings(max_examples=12, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(editions(firms=40, most=8))
    def draw(releases):
        drawn.append(releases)

    draw()
    releases = max(drawn, key=lambda found: sum(len(one.rows) for one in found))
    in_time, late = ordered(releases), Random(1).sample(releases, 2)
    arriving = [one for one in in_time if one not in late] + late
    assert len(arriving) >= 6
    seq, changed = 0, []
    for step in (arriving[:-4], arriving[-4:-3], arriving[-3:-2], arriving[-2:]):
        with connection(Role.ADMIN) as warehouse, warehouse.cursor() as cursor:
            load(cursor, step)
            for one in step:
                seq += 1
                note(cursor, seq, one.release_id, "accepted")
            for gone in releases[:1] if step == late else []:
                seq += 1
                note(cursor, seq, gone.release_id, "retracted")
        result = dbt.build(select="fct_registration dim_release dim_registrant")
        changed += [node.changed for node in result.of("model") if node.name == "fct_registration"]
        assert difference(compiled) == (0, 0), f"after {step}"
    assert all(changed) and len(changed) == 4


def difference(full):
    with connection(Role.ADMIN) as warehouse:
        names = ", ".join((*ATTRIBUTES, "registrant_code", "published_on", "superseded_on", "linked_by"))
        stands, fresh = f"select {names} from marts.fct_registration", f"select {names} from ({full}) as full_"
        return tuple(
            warehouse.execute(f"select count(*) from ({one} except all {other}) as missing").fetchone()[0]
            for one, other in ((stands, fresh), (fresh, stands))
        )
