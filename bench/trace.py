"""From a row of a mart to its cells, and the other way: in SQL, and in Python with everything around it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from random import Random
from statistics import quantiles
from typing import Any

from psycopg import Connection, sql
from sqlalchemy import text

from bench.installation import DATASET, as_admin, installation, server_version
from bench.measure import Goal, Report, versions
from sanad.archive import ledger
from sanad.archive.ledger import Entry
from sanad.decide import Arrival, Ingested, ingest
from sanad.lineage import Chain, trace
from sanad.local import bundled
from sanad.registry import dataset
from sanad.warehouse import dbt
from sanad.warehouse.connect import Role, connection, engine
from sanad.words import ids
from sanad.words.vocabulary import Event, Origin

EDITIONS = 40
KEYS_A_MART = 40
SQL, AS_OF, PYTHON = "lineage.trace()", "lineage.trace() as of a day", "trace() in Python"
FIGURE, RELEASE = "lineage.impact() of a figure", "lineage.impact() of a release"


def run() -> Report:
    report = Report("trace", "Tracing a figure")
    with installation():
        *_, newest = (_arrives(release) for release in bundled.editions(DATASET))
        dbt.build()
        _ask(report, "two editions")
        for number in range(1, EDITIONS - 1):
            _revises_everything(newest, number)
        as_admin("analyze")  # as autovacuum would within a minute
        dbt.build()
        as_admin("analyze")
        _ask(report, f"{EDITIONS} editions")
        report.versions = versions("psycopg") | {"PostgreSQL": server_version()}
    for group in dict.fromkeys(one.group for one in report.results):
        p95 = report.result(group, SQL).more["p95 ms"]
        report.goals.append(Goal(f"{group}: p95 in SQL below 20 ms", f"{p95} ms", p95 < 20))
    report.notes.append(
        f"{KEYS_A_MART} rows of each mart, drawn by lot. SQL is asked over one open connection as the auditor, every "
        "row fetched; Python opens a connection of its own and adds custody, fetches and the build. 95 of 100 "
        f"questions stay below `p95 ms`. Of the {EDITIONS} editions two are the bundled ones; each of the others "
        "prints the 1,320 figures of the newest anew, with other values."
    )
    return report


def _arrives(release: bundled.BundledRelease) -> Ingested:
    content = {"dt.xls": bundled.render(release)}
    arrival = Arrival(content, Origin.TRANSCRIBED, "bench", "handed over", http_last_modified=release.last_saved)
    return ingest(dataset(DATASET), arrival)


_ANOTHER = (
    """
    insert into archive.release
    select (jsonb_populate_record(release, cast(:other as jsonb))).*
    from archive.release where release_id = :model
    """,
    """
    insert into archive.extraction
    select (jsonb_populate_record(extraction, cast(:other as jsonb))).*
    from archive.extraction where release_id = :model
    """,
    """
    insert into staging.figure
    select (jsonb_populate_record(figure, cast(:other as jsonb) || jsonb_build_object(
        'figure_id', figure_id + :apart, 'value', value * (1 + :number * 0.001)
    ))).*
    from staging.figure where release_id = :model
    """,
)


def _revises_everything(model: Ingested, number: int) -> None:
    """Another release of the same figures, all of them larger by so many tenths of a per cent."""
    sha256 = f"{number:064x}"
    release_id = ids.release_id(DATASET, sha256)
    other = {
        "release_id": release_id,
        "extraction_id": ids.extraction_id(release_id, "bench", "1"),
        "sha256": sha256,
        "canonical_sha256": sha256,
        "published_on": str(model.published_on + timedelta(days=number)),
        "last_saved_at": None,
        "edition": f"2026-03.{number}",
    }
    apart = release_id - model.release_id << ids.ORDINAL_BITS
    asked = {"other": json.dumps(other), "model": model.release_id, "apart": apart, "number": number}
    with engine(Role.LOADER).begin() as loading:
        for statement in _ANOTHER:
            loading.execute(text(statement), asked)
        accepted = Entry(Event.ACCEPTED, release_id, "bench", other["extraction_id"])
        ledger.append(loading, "bench", Entry(Event.RECEIVED, release_id, "bench"), accepted)


def _ask(report: Report, group: str) -> None:
    """Every question of every key in turn, so that whatever else the machine does falls on all of them."""
    with connection(Role.AUDITOR) as asking:
        keys = _keys(asking)
        last = asking.execute("select max(published_on) from marts.dim_release").fetchone()[0]
        cells = asking.execute(
            "select figure_id, release_id from staging.figure where series_code = '9.1.1' order by figure_id limit 5"
        ).fetchall()
        questions = {
            SQL: [(_TRACE, key) for key in keys],
            AS_OF: [(_TRACE_AS_OF, (*key, last)) for key in keys if key[0] == "fct_services_trade"],
            FIGURE: [(_IMPACT, (figure, figure)) for figure, _ in cells],
            RELEASE: [(_IMPACT, (release << 28, (release + 1 << 28) - 1)) for _, release in cells],
        }
        for question in (_TRACE, keys[0]), questions[AS_OF][0], questions[FIGURE][0]:
            asking.execute(*question).fetchall()  # PL/pgSQL compiles a function when a session first calls it
        for method, asked in questions.items():
            _time(report, group, method, [lambda q=one: asking.execute(*q).fetchall() for one in asked])
        _time(report, group, PYTHON, [lambda k=key: trace(*k) for key in keys[::10]])


_TRACE = "select * from lineage.trace(%s, %s)"
_TRACE_AS_OF = "select * from lineage.trace(%s, %s, null, %s)"
_IMPACT = "select * from lineage.impact(%s, %s)"


def _keys(asking: Connection[Any]) -> list[tuple[str, str]]:
    """(mart, key) of some rows of each mart, drawn by lot and always the same."""
    marts = asking.execute(
        "select distinct mart, lineage.key_columns(('marts.' || mart)::regclass) from lineage.measure order by mart"
    ).fetchall()
    keys: list[tuple[str, str]] = []
    for mart, columns in marts:
        listed = sql.SQL("select concat_ws('/', {}) from {} order by 1").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier("marts", mart)
        )
        found = [(mart, key) for (key,) in asking.execute(listed)]
        keys += Random(mart).sample(found, min(KEYS_A_MART, len(found)))
    Random(0).shuffle(keys)
    return keys


def _time(report: Report, group: str, method: str, calls: list[Callable[[], list[Any] | Chain]]) -> None:
    row = report.result(group, method)
    for call in calls:
        began = time.perf_counter()
        assert call(), method
        row.seconds.append(time.perf_counter() - began)
    if len(row.seconds) >= 20:
        row.more["p95 ms"] = round(quantiles(row.seconds, n=20, method="inclusive")[-1] * 1000, 1)
