"""A row of a mart of registers is traced to entries, a count to whom it counts, an entry to the rows that use it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import pytest
from helpers import rows
from registrations.conftest import BRANCH, CENTRE, GONE, LIST, MOVER
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.lineage import impact, trace, trace_entry
from sanad.words.errors import UsageError

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("registered")]
KARACHI = "2025-03/call_centre/sindh/karachi"


def places(chain):
    handles = {one["release"]["release_id"]: one["release"]["handle"] for one in chain.releases}
    return {one["entry_id"]: f"{handles[one['release_id']]}!{one['locator']}" for one in chain.entries}


def test_a_count_is_traced_to_its_members_and_they_to_their_rows():
    chain = trace("mart_registrations", KARACHI)
    assert {one.column: one.value for one in chain.measures if one.value} == {"registered": 3, "moved_in": 1}
    assert {one.formula for one in chain.measures} == {"count(members)"}
    by_measure = {}
    for one in chain.members:
        by_measure.setdefault(one["measure"], []).append(one["location_code"].removeprefix("certificate:"))
    assert by_measure == {"moved_in": [MOVER[0]], "registered": [BRANCH[0], "CC-2/23", MOVER[0]]}
    assert set(places(chain).values()) == {f"{LIST}@2025-03!row=4", f"{LIST}@2025-03!row=6", f"{LIST}@2024-09!row=5"}
    assert [one["release"]["handle"] for one in chain.releases] == [f"{LIST}@2024-09", f"{LIST}@2025-03"]
    (only,) = trace("mart_registrations", KARACHI, "moved_in").members
    assert (only["registrant_code"], only["measure"]) == (f"certificate:{MOVER[0]}", "moved_in")


def test_every_count_of_every_row_has_so_many_members():
    for mart in ("mart_registrations", "mart_registered_counts"):
        found, keys = 0, rows(f"select lineage.key_columns('marts.{mart}'::regclass)")[0][0]
        for (key,) in rows(f"select concat_ws('/', {', '.join(keys)}) from marts.{mart} order by 1")[::7]:
            chain = trace(mart, key)
            counted = {one.column: one.value for one in chain.measures if one.formula == "count(members)"}
            assert {name: value for name, value in counted.items() if value} == Counter(
                member["measure"] for member in chain.members
            ), key
            found += sum(counted.values())
        assert found > 5


def by_sql(mart, key, *more):
    """(column, value, formula, registrant, location, entry, place in its release) of every row that SQL gives."""
    return rows(
        "select column_name, value::bigint, formula, registrant_code, location_code, entry_id,"
        f" release || '!' || locator from lineage.trace(%s, %s{', %s' * len(more)}) where figure_id is null",
        mart, key, *more,
    )  # fmt: skip


def by_python(mart, key, *more):
    """The same of the chain."""
    chain = trace(mart, key, *more)
    places_of = places(chain)
    counts = [one for one in chain.measures if one.formula == "count(members)"]
    told = [("entry_ids", None, None, None, None, id_, places_of[id_]) for id_ in places_of if not counts]
    for count in counts:
        of_count = (count.column, count.value, count.formula)
        of_it = [one for one in chain.members if one["measure"] == count.column]
        told += [
            (
                count.column,
                count.value,
                count.formula,
                one["registrant_code"],
                one["location_code"],
                id_,
                places_of[id_],
            )
            for one in of_it
            for id_ in one["entry_ids"]
        ] or [(*of_count, None, None, None, None)]
    return told


@pytest.mark.parametrize(
    ("mart", "key", "found"),
    [
        ("mart_registrations", KARACHI, 11),
        ("mart_registered_counts", "n0081", 9),
        ("dim_registrant", f"certificate:{CENTRE[0]}", 2),
        ("fct_registration", f"certificate:{GONE[0]}/certificate:{GONE[0]}/2024-09-05", 1),
    ],
)
def test_sql_says_the_same(mart, key, found):
    asked = by_sql(mart, key)
    assert asked == by_python(mart, key)
    assert len(asked) == found
    for column in {one[0] for one in asked} - {"entry_ids"}:
        assert by_sql(mart, key, column) == by_python(mart, key, column) == [one for one in asked if one[0] == column]


def test_sql_says_where_a_member_stands_and_who_let_it_in():
    ((name, certificate, place, parser, accepted_by, corrections, sha256),) = rows(
        "select name, certificate_no, place, parser, accepted_by, corrections, sha256"
        " from lineage.trace('mart_registrations', %s, 'moved_in')", KARACHI,
    )  # fmt: skip
    assert (certificate, name, place) == (*MOVER, "Karachi")
    assert (parser, accepted_by, corrections) == ("pseb.registration_list", "tester", [])
    assert [(sha256,)] == rows("select sha256 from marts.dim_release where handle = %s", f"{LIST}@2025-03")


def test_sql_gives_a_part_of_each_count():
    asked = "select location_code from lineage.trace('mart_registrations', %s, 'registered', most_members => %s,"
    whole = [one[4] for one in by_sql("mart_registrations", KARACHI, "registered")]
    assert len(whole) == 3
    for skipped in range(3):
        part = rows(f"{asked} skipped_members => %s)", KARACHI, 2, skipped)
        assert [code for (code,) in part] == whole[skipped : skipped + 2]
    assert rows(f"{asked} skipped_members => 3)", KARACHI, 2) == [(None,)], "the count, without a member there"


def test_a_registrant_and_a_registration_are_traced_to_the_entries_they_cite():
    chain = trace("dim_registrant", f"certificate:{CENTRE[0]}")
    assert set(places(chain).values()) == {f"{LIST}@2024-03!row=5", f"{LIST}@2024-09!row=4"}
    key = f"certificate:{GONE[0]}/certificate:{GONE[0]}/2024-09-05"
    (entry,) = trace("fct_registration", key).entries
    told = {one["field"]: one["as_printed"] for one in entry["fields"]}
    assert (told["certificate_no"], told["valid_till"]) == (GONE[0], "Dec 2024"), "unlisted: the row that named it last"
    assert entry == {
        name: value for name, value in trace_entry(entry["entry_id"]).as_dict().items() if name in entry
    } | {"release_id": entry["release_id"]}


def test_a_published_count_is_traced_to_its_figure_and_to_what_the_lists_show():
    chain = trace("mart_registered_counts", "n0081")
    values = {one.column: one.value for one in chain.measures}
    assert [values[f"listed_{what}"] for what in ("active", "ever", "branches")] == [3, 5, 1]
    assert values["claimed"] == 1000
    (branch,) = [one for one in chain.members if one["measure"] == "listed_branches"]
    assert branch["location_code"] == f"certificate:{BRANCH[0]}"
    datasets = {one["release"]["dataset"] for one in chain.releases}
    assert datasets == {"reported/counts", LIST}
    claimed = trace("mart_registered_counts", "n0081", "claimed")
    assert claimed.members == []
    assert [one.column for one in claimed.measures] == ["claimed"]


def test_impact_is_the_same_the_other_way():
    entry_id = rows(
        "select entry_ids[1]::text from marts.fct_registration"
        " where location_code = %s and published_on = '2025-03-05'",
        f"certificate:{BRANCH[0]}",
    )[0][0]
    found = impact(entry_id)
    assert found.entry["entry_id"] == entry_id
    assert found.figure is None
    assert found.rows == [
        dict(zip(("mart", "key", "measure", "role", "columns"), row, strict=True))
        for row in rows("select * from lineage.impact(%s, %s) order by mart, key, measure, role", *[int(entry_id)] * 2)
    ]
    uses = {(row["mart"], row["key"], row["measure"]) for row in found.rows}
    assert ("mart_registrations", KARACHI, "registered") in uses
    for row in found.rows:
        chain = trace(row["mart"], row["key"], row["measure"] if row["role"] == "counted" else None)
        assert entry_id in {one["entry_id"] for one in chain.entries}, row
    whole = impact(f"{LIST}@2025-03")
    assert whole.entry is None
    assert {row["mart"] for row in whole.rows} == {
        "fct_registration", "mart_registered_counts", "mart_registrations",
    }  # fmt: skip
    assert uses < {(row["mart"], row["key"], row["measure"]) for row in whole.rows}
    assert impact(f"{LIST}@2025-03!cell=6,3").rows == found.rows


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (("mart_registrations", KARACHI, "valid"), "has no measure 'valid'; known: registered, new, renewed"),
        (("mart_registrations", "2025-03"), "a key of mart_registrations is period_code/kind/region_code/city_code"),
        (("dim_registrant", "certificate:CC-1/24", "names"), "has no measure 'names'; known: none"),
        (("dim_place", "lahore"), "holds no figures to trace"),
        (("mart_registrations_member", KARACHI), "holds no figures to trace"),
    ],
)
def test_a_wrong_call_is_told_what_there_is(call, said):
    with pytest.raises(UsageError, match=said):
        trace(*call)


def test_as_of_a_day_they_stand_in_a_schema_of_that_day():
    with pytest.raises(UsageError, match="run `sanad as-of 2025-03-05"):
        trace("mart_registrations", KARACHI, published=date(2025, 3, 5))


def test_the_commands():
    call = CliRunner().invoke
    shown = call(app, ["trace", "mart_registrations", KARACHI])
    assert shown.exit_code == 0, shown.output
    assert "registered     3  = count(members)" in shown.stdout
    assert f"at {LIST}@2025-03!row=6" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
    told = json.loads(call(app, ["trace", "dim_registrant", f"certificate:{CENTRE[0]}", "--json"]).stdout)
    assert all(isinstance(one["entry_id"], str) for one in told["entries"])
    assert "entry_ids" not in told["row"]
    used = call(app, ["impact", f"{LIST}@2025-03!row=6", "--rows"])
    assert used.exit_code == 0, used.output
    assert f"mart_registrations {KARACHI}  counted in registered" in used.stdout
