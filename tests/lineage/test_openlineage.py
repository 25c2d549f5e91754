"""Lineage events: one connected graph from a publisher's address to a column of a mart."""

from __future__ import annotations

import json
import logging
import os
from collections import defaultdict
from pathlib import Path

import pytest
from helpers import DATASET, FEBRUARY, URL, arrival, bundled_arrival, new_installation, rows

from sanad.decide import ingest
from sanad.lineage import openlineage
from sanad.registry import dataset
from sanad.warehouse import dbt

pytestmark = pytest.mark.warehouse


@pytest.fixture(scope="module", autouse=True)
def built(template):
    """A built warehouse, and what was said of how it came about."""
    with new_installation(template):
        release = ingest(dataset(DATASET), bundled_arrival(FEBRUARY)).release_id
        sent = openlineage.of_release(release)
        made = dbt.build()
        yield sent, openlineage.of_build(made.invocation_id), made, release


@pytest.fixture(scope="module")
def events(built):
    """Every event that was sent, in order."""
    return said()


def said():
    path = Path(os.environ["SANAD_STATE"], "openlineage.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def named(one):
    return one["namespace"], one["name"]


def feeds(events):
    """What each dataset is fed by, as the events' inputs and outputs say."""
    found = defaultdict(set)
    for event in events:
        for output in event["outputs"]:
            found[named(output)] |= {named(one) for one in event["inputs"]}
    return found


def columns_feed(events):
    """Which (dataset, column) each (dataset, column) is computed from; a file has the one column None."""
    found = defaultdict(set)
    for event in events:
        for output in event["outputs"]:
            lineage = output["facets"].get("columnLineage", {"fields": {}})
            for column, field in lineage["fields"].items():
                found[named(output), column] |= {(named(one), one["field"]) for one in field["inputFields"]}
        for entry in event["job"]["facets"].get("lineage", {"entries": []})["entries"]:
            for column, field in (entry["fields"] or {None: entry}).items():
                found[named(entry), column] |= {(named(one), None) for one in field["inputs"]}
    return found


def walk(graph, start):
    reached, ahead = set(), [start]
    while ahead:
        for one in graph[ahead.pop()] - reached:
            reached.add(one)
            ahead.append(one)
    return reached


def mart(events):
    [found] = {named(one) for event in events for one in event["outputs"] if one["name"].endswith(".mart_call_centres")}
    return found


def test_events_come_in_pairs_and_every_model_has_one(built, events):
    sent, of_build, made, _ = built
    assert (sent, len(events)) == (4, 4 + of_build)
    ends = defaultdict(list)
    for event in events:
        ends[event["run"]["runId"]].append(event["eventType"])
    assert {tuple(found) for found in ends.values()} == {("START", "COMPLETE")}
    jobs = {event["job"]["name"] for event in events}
    assert jobs >= {f"dbt.{node.name}" for node in made.of("model", "seed")}


def test_a_mart_goes_back_to_the_publishers_address_through_the_archived_file(events):
    reached = walk(feeds(events), mart(events))
    [sha256] = [sha256 for (sha256,) in rows("select sha256 from archive.part")]
    assert ("https://www.sbp.org.pk", URL.removeprefix("https://www.sbp.org.pk")) in reached
    assert [name for namespace, name in reached if namespace == "file" and name.endswith(sha256)]
    assert [name for _, name in reached if name.endswith(".staging.figure")]
    outputs = {named(one) for event in events for one in event["outputs"]}
    starts = reached - outputs
    assert {namespace for namespace, _ in starts} >= {"https://www.sbp.org.pk"}
    # nothing but the publisher, what was decided about releases, and what builds did stands at the beginning
    assert {name.split(".")[1] for namespace, name in starts if namespace.startswith("postgres")} <= {"archive", "ops"}


def test_a_column_goes_back_to_the_file(events):
    graph = columns_feed(events)
    reached = walk(graph, (mart(events), "exports_usd_thousand"))
    assert {column for (_, name), column in reached if name.endswith(".staging.figure")} >= {"value"}
    assert {namespace for (namespace, _), _ in reached} >= {"file", "https://www.sbp.org.pk"}
    flags = walk(graph, (mart(events), "flag"))
    assert {column for (_, name), column in flags if name.endswith(".staging.figure")} >= {"flag"}


def test_every_column_of_every_mart_comes_from_somewhere_or_is_a_constant(events):
    graph = columns_feed(events)
    none = {f"{name.split('.')[-1]}.{column}" for (_, name), column in graph
            if ".marts." in name and not graph[(_, name), column]}  # fmt: skip
    assert not {one for one in none if one.endswith(("_usd_thousand", "_pct", "_figure_ids", ".flag", ".edition"))}


def test_ids_of_runs_are_the_same_when_sent_again(built, events):
    *_, release = built
    before = {event["run"]["runId"] for event in events if event["job"]["name"].startswith(("archive.", "stage."))}
    openlineage.of_release(release)
    again = said()[len(events) :]
    assert {event["run"]["runId"] for event in again} == before


def test_a_release_in_quarantine_has_a_reading_that_failed(built):
    held = ingest(dataset(DATASET), arrival(b"<html>gone</html>", url=URL))
    already = len(said())
    openlineage.of_release(held.release_id)
    ends = {event["job"]["name"].split(".")[0]: event for event in said()[already:] if event["eventType"] != "START"}
    assert (ends["archive"]["eventType"], ends["stage"]["eventType"]) == ("COMPLETE", "FAIL")
    assert "markup" in ends["stage"]["run"]["facets"]["errorMessage"]["message"]
    assert not ends["stage"]["outputs"]


@pytest.mark.parametrize("nowhere", ["file", "http"])
def test_that_nothing_can_be_sent_is_said_and_fails_nothing(built, monkeypatch, caplog, tmp_path, nowhere):
    *_, release = built
    config = {
        "file": {"type": "file", "log_file_path": str(tmp_path / "no" / "such" / "folder" / "file"), "append": True},
        "http": {"type": "http", "url": "http://127.0.0.1:9", "retry": {"total": 0}},
    }[nowhere]
    for name, value in config.items():
        key = f"OPENLINEAGE__TRANSPORT__{name.upper()}"
        monkeypatch.setenv(key, value if isinstance(value, str) else json.dumps(value))
    with caplog.at_level(logging.WARNING):
        assert openlineage.of_release(release) == 0
    assert f"lineage events of release {release} were not sent" in caplog.text
