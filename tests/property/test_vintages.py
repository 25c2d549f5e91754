"""The vintage store against a model of it that is nothing but loops, over random ledgers.

A ledger is a few releases (late, duplicate, of one day, with states that come back) and a sequence of events about them
(accepted, retracted, reinstated, corrected; some in one instant). The model answers "what was known as of (P, R)" from
the list of events; the rectangles of the SQL must say the same at every P and R there is.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from helpers import DATASET, build_marts, new_installation
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, connection
from sanad.words import settings as places

pytestmark = pytest.mark.warehouse

#: the mart and what it is made of; the tests of other models stay out
MODELS = ("stg_sbp__trade_in_services int_releases__state int_releases__history int_corrections__history "
          "int_releases__touched int_releases__append int_services_trade__touched dim_release "
          "fct_services_trade_print fct_services_trade_vintage")  # fmt: skip
EPOCH = datetime(2026, 5, 1, tzinfo=UTC)
PERIODS = {"2026-02": ("month", date(2026, 2, 1), date(2026, 3, 1)),
           "FY26.Jul-Mar": ("fiscal_year_to_date", date(2025, 7, 1), date(2026, 4, 1)),
           None: (None, None, None)}  # fmt: skip
EDITIONS = ("2026-02", "2026-03", "2026-04")
STATES = [(value, flag) for value in ("1.5", "2.5", None) for flag in ("P", "R")] + [("1.5000001", "P"), ("1.5", "P")]
ATTRIBUTES = ("value", "null_reason", "flag", "corrected", "release_id", "published_on", "published_seq",
              "is_first_print")  # fmt: skip
VISIBLE = {"accepted", "reinstated", "corrected"}
NEXT = {None: ["received"], "received": ["accepted"], "retracted": ["reinstated"],
        **{event: ["retracted", "corrected", "corrected"] for event in VISIBLE}}  # fmt: skip
#: what a correction makes of a figure, None where it leaves it out; twice the state that most releases print anyhow
CORRECTED = [None, ("1.5", None, "P"), ("1.5", None, "P"), ("1.5", None, None)]


@dataclass(frozen=True)
class Release:
    release_id: int
    day: int
    saved: int | None
    edition: str
    prints: dict[str | None, tuple[str | None, str]]

    def printed(self, period):
        value, flag = self.prints[period]
        return (None if value is None else str(round(float(value), 6)), "N/A" if value is None else None, flag, False)


@dataclass(frozen=True)
class Happening:
    at: int
    event: str
    release_id: int
    #: the whole set of a `corrected` event, by period
    corrections: dict[str | None, tuple[str | None, str | None, str | None] | None] = field(default_factory=dict)


@st.composite
def ledgers(draw):
    """Releases and events; every event may follow the one before it of its release."""
    count = draw(st.integers(2, 5))
    releases = [
        Release(
            number,
            draw(st.integers(0, 3)),
            draw(st.none() | st.integers(0, 1)),
            draw(st.sampled_from(EDITIONS)),
            draw(st.dictionaries(st.sampled_from(list(PERIODS)), st.sampled_from(STATES), min_size=1)),
        )
        for number in range(1, count + 1)
    ]
    order = draw(st.lists(st.integers(1, count), min_size=2 * count, max_size=5 * count))
    waits = draw(st.lists(st.integers(0, 1), min_size=len(order), max_size=len(order)))
    states, at, events = {}, 0, []
    for number, wait in zip(order, waits, strict=True):
        at += wait
        states[number] = draw(st.sampled_from(NEXT[states.get(number)]))
        periods = st.sampled_from(list(releases[number - 1].prints))
        corrected = draw(st.dictionaries(periods, st.sampled_from(CORRECTED))) if states[number] == "corrected" else {}
        events.append(Happening(at, states[number], number, corrected))
    return releases, events


# ---- the model


def seqs(releases, events):
    """(day, published_seq) of every release the ledger has heard of."""
    heard = {happening.release_id for happening in events}
    days = defaultdict(list)
    for release in releases:
        if release.release_id in heard:
            days[release.day].append((release.saved is not None, release.saved or 0, release.release_id))
    return {last[-1]: (day, seq) for day, found in days.items() for seq, last in enumerate(sorted(found), 1)}


def visible(releases, events, at):
    """The releases that count at an instant, in published order."""
    last = {happening.release_id: happening.event for happening in events if happening.at <= at}
    order = seqs(releases, events)
    found = [release for release in releases if last.get(release.release_id) in VISIBLE]
    return sorted(found, key=lambda release: order[release.release_id])


def stated(releases, events, period, at):
    """Each release that counts at an instant and the state its figure had then; those left out are not there."""
    sets = {e.release_id: e.corrections for e in events if e.at <= at and e.event == "corrected"}
    found = []
    for release in visible(releases, events, at):
        if period in release.prints:
            corrections = sets.get(release.release_id, {})
            if period not in corrections:
                found.append((release, release.printed(period)))
            elif corrections[period] is not None:
                found.append((release, (*corrections[period], True)))
    return found


def known(releases, events, period, day, at):
    """The row that holds as of (day, at), and the edition that printed its state last; None before the first."""
    order = seqs(releases, events)
    printed = stated(releases, events, period, at)
    past = [release for release, _ in printed if release.day <= day]
    if not past:
        return None
    here = first = len(past) - 1
    while first and printed[first - 1][1] == printed[here][1]:
        first -= 1
    while here + 1 < len(printed) and printed[here + 1][1] == printed[first][1]:
        here += 1
    release, state = printed[first]
    ends = f"{PERIODS[period][2] - timedelta(days=1):%Y-%m}"
    row = (*state, release.release_id, *order[release.release_id], first == 0 and ends == release.edition)
    return dict(zip(ATTRIBUTES, row, strict=True)), printed[here][0].edition


# ---- the warehouse


def instant(at):
    return EPOCH + timedelta(hours=at)


def day_of(day, year=2026):
    return date(year, 3, 1) + timedelta(days=day)


def load(cursor, releases, number=0):
    """Releases, readings and figures of one ledger; ``number`` sets it apart from others in one warehouse."""
    year, series = 2026 + number, f"s{number}"
    for release in releases:
        key = number * 100 + release.release_id
        saved = None if release.saved is None else datetime(year, 3, 1 + release.day, release.saved, tzinfo=UTC)
        cursor.execute(
            "insert into archive.release values (%s, %s, %s, 'synthetic', false, %s, 'stated', %s, %s, null)",
            (key, DATASET, f"sha{key}", day_of(release.day, year), saved, EPOCH),
        )
        cursor.execute("insert into archive.extraction values (%s, %s, 'p', '1', %s, null, 0, 0, 0)",
                       (key, key, release.edition))  # fmt: skip
        for period, (value, flag) in release.prints.items():
            if number and period is None:  # a check of this dataset's, not of the store's
                continue
            kind, start, end = PERIODS[period]
            cursor.execute(
                "insert into staging.figure (figure_id, dataset, release_id, extraction_id, series_code, measure, "
                "period_start, period_end, period_kind, period_code, value, null_reason, unit, flag, locator, "
                "as_printed) values (%s, %s, %s, %s, %s, 'credit', %s, %s, %s, %s, %s, %s, 'usd_thousand', "
                "%s, 'A1', 'x')",
                (figure(key, period), DATASET, key, key, series, start, end, kind, period, value,
                 "N/A" if value is None else None, flag),
            )  # fmt: skip


def figure(key, period):
    return key * 100 + list(PERIODS).index(period)


def note(cursor, happening, seq, number=0, at=None):
    key = number * 100 + happening.release_id
    cursor.execute(
        "insert into archive.ledger values (%s, %s, %s, %s, %s, 'a', 'r', %s, 'x', %s)",
        (seq, instant(happening.at if at is None else at), happening.event, key,
         key if happening.event == "accepted" else None, evidence(happening, key), f"h{seq}"),
    )  # fmt: skip


def evidence(happening, key):
    corrections = [
        {"figure_id": str(figure(key, period)), "action": "drop" if state is None else "override",
         **dict(zip(("value", "null_reason", "flag"), state or (None, None, None), strict=True))}
        for period, state in happening.corrections.items()
    ]  # fmt: skip
    return json.dumps({"corrections": corrections} if happening.event == "corrected" else {})


QUESTION = (
    "select period_code, value_usd_thousand, null_reason, flag, corrected, release_id, published_on, published_seq, "
    "is_first_print, last_seen_edition, superseded_on, recorded_at, superseded_at from ({sql}) as mart"
)


def rectangles(cursor, sql):
    found = defaultdict(list)
    for period, value, reason, flag, corrected, release, on, seq, first, last, till, since, until in cursor.execute(
        QUESTION.format(sql=sql)
    ).fetchall():
        row = {"value": None if value is None else str(float(value)), "null_reason": reason, "flag": flag,
               "corrected": corrected, "release_id": release, "published_on": (on - day_of(0)).days,
               "published_seq": seq, "is_first_print": first, "last": last,
               "superseded_on": till and (till - day_of(0)).days,
               "recorded_at": (since - EPOCH) // timedelta(hours=1),
               "superseded_at": until and (until - EPOCH) // timedelta(hours=1)}  # fmt: skip
        found[period].append(row)
    return found


def before(this, end):
    return end is None or this < end


def as_of(rows, day, at):
    return [row for row in rows
            if row["published_on"] <= day and before(day, row["superseded_on"])
            and row["recorded_at"] <= at and before(at, row["superseded_at"])]  # fmt: skip


@pytest.fixture(scope="module")
def empty(template):
    with new_installation(template):
        build_marts()
        yield _compiled("fct_services_trade_vintage")


def _compiled(mart):
    return (places.state() / f"dbt/target/compiled/sanad/models/marts/{mart}.sql").read_text()


def computed(full, releases, events):
    """The rectangles of a ledger, by the model's own SQL in a transaction that is rolled back."""
    with connection(Role.ADMIN) as warehouse, warehouse.cursor() as cursor:
        load(cursor, releases)
        for seq, happening in enumerate(events, 1):
            note(cursor, happening, seq)
        cursor.execute("insert into ops.build (started_at, ledger_seq, invocation_id) values (%s, %s, 'x')",
                       (EPOCH, len(events)))  # fmt: skip
        found = rectangles(cursor, full)
        warehouse.rollback()
    return found


examples = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@examples
@given(ledgers())
def test_the_rectangles_say_what_was_known_as_of_every_day_and_instant(empty, ledger):
    releases, events = ledger
    found = computed(empty, releases, events)
    assert None not in found, "a figure without a period has no vintages"
    now = events[-1].at + 1
    for period in filter(None, PERIODS):
        for day in range(-1, 5):
            for at in range(-1, now + 1):
                expected = known(releases, events, period, day, at)
                rows = as_of(found[period], day, at)
                assert len(rows) == (expected is not None), (period, day, at)
                if expected:
                    assert {name: rows[0][name] for name in ATTRIBUTES} == expected[0], (period, day, at)
                    if at == now:
                        assert rows[0]["last"] == expected[1]


@examples
@given(ledgers())
def test_rectangles_of_a_key_meet_and_neither_overlap_nor_repeat_themselves(empty, ledger):
    releases, events = ledger
    for rows in computed(empty, releases, events).values():
        keys = [(row["published_on"], row["published_seq"], row["recorded_at"]) for row in rows]
        assert len(keys) == len(set(keys))
        instants = sorted({at for row in rows for at in (row["recorded_at"], row["superseded_at"]) if at is not None})
        for at in instants:
            line = sorted(
                (row["published_on"], row["published_seq"], row["superseded_on"])
                for row in rows if row["recorded_at"] <= at and before(at, row["superseded_at"])
            )  # fmt: skip
            for (_, _, end), (start, _, _) in pairwise(line):
                assert end == start, "a hole or an overlap on the published axis"
            assert not line or line[-1][-1] is None
        stood = defaultdict(list)
        for row in rows:
            assert row["superseded_at"] is None or row["recorded_at"] < row["superseded_at"]
            stood[tuple(row[name] for name in (*ATTRIBUTES, "superseded_on"))].append(
                (row["recorded_at"], row["superseded_at"])
            )
        for spans in stood.values():
            for (_, end), (start, _) in pairwise(sorted(spans)):
                assert end < start, "one rectangle written as two"


@examples
@given(ledgers())
def test_a_late_restatement_of_an_old_edition_never_displaces_a_newer_one(empty, ledger):
    releases, events = ledger
    now = events[-1].at
    found = computed(empty, releases, events)
    for period in filter(None, PERIODS):
        printed = stated(releases, events, period, now)
        latest = [row for row in found[period] if row["superseded_on"] is None and row["superseded_at"] is None]
        assert len(latest) == bool(printed)
        if printed:
            assert tuple(latest[0][name] for name in ATTRIBUTES[:4]) == printed[-1][1]


@examples
@given(ledgers())
def test_a_retraction_equals_never_having_accepted(empty, ledger):
    releases, events = ledger
    gone = {number for number in {e.release_id for e in events}
            if [e.event for e in events if e.release_id == number][-1] == "retracted"}  # fmt: skip
    without = [happening for happening in events if happening.release_id not in gone or happening.event == "received"]

    def standing(found):
        return {
            period: sorted(
                (tuple((name, row[name]) for name in row if name not in {"recorded_at", "superseded_at"})
                 for row in rows if row["superseded_at"] is None), key=repr,
            )
            for period, rows in found.items() if any(row["superseded_at"] is None for row in rows)
        }  # fmt: skip

    assert standing(computed(empty, releases, events)) == standing(computed(empty, releases, without))


def _many():
    """Sixty ledgers, drawn once: a warehouse that remembers is nothing to shrink in."""
    drawn = []

    @settings(max_examples=60, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(ledgers())
    def draw(ledger):
        drawn.append(ledger)

    draw()
    return drawn


def test_incremental_equals_full_refresh_whatever_the_order_of_events(empty):
    """Sixty ledgers in one warehouse, each with lines and years of its own, their events in several builds."""
    many, chance, steps = _many(), Random(1), 5
    full = {"fct_services_trade_vintage": empty, "fct_services_trade_print": _compiled("fct_services_trade_print")}
    assert len(many) >= 40
    shares = []
    for number, (_, events) in enumerate(many, 1):
        cuts = sorted(chance.randint(0, len(events)) for _ in range(steps - 1))
        shares.append([[(number, e) for e in events[a:b]] for a, b in pairwise([0, *cuts, len(events)])])
    with connection(Role.ADMIN) as warehouse, warehouse.cursor() as cursor:
        for number, (releases, _) in enumerate(many, 1):
            load(cursor, releases, number)
    seq = at = 0
    touched = []
    for step in range(steps):
        with connection(Role.ADMIN) as warehouse, warehouse.cursor() as cursor:
            for share in shares:
                for number, happening in share[step]:
                    seq, at = seq + 1, at + chance.randint(0, 1)
                    note(cursor, happening, seq, number, at)
        result = dbt.build(select=MODELS)
        touched += [node.changed for node in result.of("model") if node.name in full]
        for mart, sql in full.items():
            assert _difference(mart, sql) == (0, 0), f"{mart} after build {step + 1}"
    assert len(touched) == 2 * steps and all(touched), "every build had something to do"
    assert not dbt.build(select=MODELS).changed_marts


def _columns(cursor, mart):
    found = cursor.execute(
        f"select attname from pg_attribute where attrelid = 'marts.{mart}'::regclass and attnum > 0 order by attnum"
    )
    return ", ".join(name for (name,) in found)


def _difference(mart, full):
    with connection(Role.ADMIN) as warehouse:
        columns = _columns(warehouse, mart)
        stands, fresh = (
            f"select {columns} from marts.{mart}",
            f"select {columns} from ({full}) as full_",
        )
        return tuple(
            warehouse.execute(f"select count(*) from ({one} except all {other}) as missing").fetchone()[0]
            for one, other in ((stands, fresh), (fresh, stands))
        )


# ---- releases that only add


@st.composite
def additions(draw):
    """A ledger that stands, and releases after all of it: new, and published on later days."""
    releases, events = draw(ledgers())
    last, at = max(release.day for release in releases), events[-1].at
    added, news = [], []
    for number in range(len(releases) + 1, len(releases) + 1 + draw(st.integers(1, 2))):
        added.append(Release(
            number, last + draw(st.integers(1, 2)), None, draw(st.sampled_from(EDITIONS)),
            draw(st.dictionaries(st.sampled_from(["2026-02", "FY26.Jul-Mar"]), st.sampled_from(STATES), min_size=1)),
        ))  # fmt: skip
        history = ["received", "accepted", *draw(st.sampled_from([[], ["corrected"]])), "retracted", "reinstated"]
        for event in history[: draw(st.integers(2, len(history)))]:
            at += draw(st.integers(0, 1))
            corrected = st.dictionaries(st.sampled_from(list(added[-1].prints)), st.sampled_from(CORRECTED), min_size=1)
            news.append(Happening(at, event, number, draw(corrected) if event == "corrected" else {}))
    return [*releases, *added], events, news


@pytest.fixture(scope="module")
def appending(empty):
    """The mart's SQL as compiled for a release that only adds; the release's id stands in it as {}."""
    late = Release(1, 0, None, "2026-02", {"2026-02": ("1.5", "P")})
    with connection(Role.ADMIN) as warehouse, warehouse.cursor() as cursor:
        load(cursor, [late], 99)
        [(seq, at)] = cursor.execute("select coalesce(max(seq), 0), coalesce(max(at), %s) from archive.ledger", [EPOCH])
        note(cursor, Happening(0, "accepted", 1), seq + 1, 99, (at - EPOCH) // timedelta(hours=1))
    dbt.build(select=MODELS)
    assert _difference("fct_services_trade_vintage", empty) == (0, 0)
    sql = _compiled("fct_services_trade_vintage")
    assert "in (9901)" in sql
    return sql.replace("in (9901)", "in ({})")


@examples
@given(additions())
def test_releases_that_only_add_are_computed_from_what_stands(empty, appending, addition):
    releases, stood, news = addition
    full = f"select * from ({empty}) as mart where series_code = 's100'"
    with connection(Role.ADMIN) as warehouse, warehouse.cursor() as cursor:
        load(cursor, releases, 100)
        [(seq, since)] = cursor.execute("select max(seq), max(at) from archive.ledger")
        hours = (since - EPOCH) // timedelta(hours=1)
        for part in (stood, news):
            for happening in part:
                seq += 1
                note(cursor, happening, seq, 100, hours + happening.at)
            cursor.execute(
                "insert into ops.build (started_at, ledger_seq, invocation_id) values (now(), %s, 'x')", [seq]
            )
            if part is stood:
                columns = _columns(cursor, "fct_services_trade_vintage")
                cursor.execute(
                    f"insert into marts.fct_services_trade_vintage ({columns}) select {columns} from ({full}) as fresh"
                )
                cursor.execute("update ops.watermark set ledger_seq = %s", [seq])
        appended = [i for (i,) in cursor.execute("select release_id from intermediate.int_releases__append")]
        assert set(appended) == {10000 + happening.release_id for happening in news}
        cursor.execute("create temporary table fct_services_trade_vintage__within on commit drop as "
                       "select * from intermediate.int_services_trade__touched")  # fmt: skip
        fresh = appending.format(", ".join(map(str, appended)))
        whole = f"{full} and (series_code, measure, period_code) in (table pg_temp.fct_services_trade_vintage__within)"
        for one, other in ((fresh, whole), (whole, fresh)):
            assert (
                cursor.execute(f"select * from ({one}) as a except all select * from ({other}) as b").fetchall() == []
            )
        warehouse.rollback()
