"""One load in a process of its own, so that its peak memory is its own: ``python -m bench.loaders METHOD FIGURES``.

Each method first prepares what it takes (rows in its own native form; a CSV file for psql), then loads it into
``staging.figure``: 24 columns, primary key, index, foreign keys and checks. Printed as JSON: seconds of both, peak
resident memory, and what the process held before it began.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import synthetic
from sanad.stage import stage
from sanad.warehouse import tables
from sanad.warehouse.connect import Role, dsn, engine, url
from sanad.words import ids

COLUMNS = [column.name for column in tables.figure.columns]
Timed = tuple[float, float]


def tuples(figures: int) -> Iterator[tuple[Any, ...]]:
    """What a loader that knows nothing of figures takes."""
    for release_id, extraction_id, reading in synthetic.readings(figures):
        for figure in reading.figures:
            period = figure.period
            assert period
            yield (
                ids.figure_id(release_id, figure.ordinal), synthetic.DATASET, release_id, extraction_id,
                figure.series_code, figure.measure, period.start, period.end, period.kind.value, period.code,
                figure.value, figure.null_reason, figure.unit, figure.resolution, figure.qualifier,
                figure.flag and figure.flag.value, figure.locator, figure.header_locator, figure.as_printed,
                figure.header_as_printed, figure.label_raw, figure.indent, figure.parent_code, None,
            )  # fmt: skip


def _prepared(prepare: Callable[[], Any], load: Callable[[Any], object]) -> Timed:
    began = time.perf_counter()
    rows = prepare()
    ready = time.perf_counter()
    load(rows)
    return ready - began, time.perf_counter() - ready


def sanad(figures: int) -> Timed:
    """``stage()``, one transaction a release. Its native form is the reading, as a parser hands it over."""
    preparing = loading = 0.0
    loader = engine(Role.LOADER)
    with loader.connect():
        pass
    releases = synthetic.readings(figures)
    while True:
        began = time.perf_counter()
        release = next(releases, None)
        ready = time.perf_counter()
        preparing += ready - began
        if release is None:
            return preparing, loading
        with loader.begin() as connection:
            stage(connection, synthetic.DATASET, *release)
        loading += time.perf_counter() - ready
        del release


def psql(figures: int) -> Timed:
    """The server's own psql, reading CSV from a file that is there already; its process's start counts."""
    from sanad.local.postgres import psql as program

    path = Path(os.environ["SANAD_STATE"]) / f"figures-{figures}.csv"

    def prepare() -> None:
        if not path.exists():
            with path.open("w", newline="") as file:
                csv.writer(file).writerows(tuples(figures))

    def load(_: None) -> None:
        copy = f"\\copy staging.figure ({', '.join(COLUMNS)}) from '{path}' (format csv)"
        where = url(Role.LOADER)
        variables = {
            "PGHOST": where.host, "PGPORT": where.port, "PGUSER": where.username, "PGPASSWORD": where.password,
            "PGDATABASE": where.database,
        }  # fmt: skip
        environment = os.environ | {name: str(value) for name, value in variables.items()}
        subprocess.run([program(), "-X", "-q", "-c", copy], env=environment, check=True)

    return _prepared(prepare, load)


def adbc(figures: int) -> Timed:
    """ADBC's bulk ingest of an Arrow table (binary COPY in C++)."""
    import adbc_driver_postgresql.dbapi as driver
    import pyarrow as arrow

    types = {
        "BIGINT": arrow.int64(),
        "SMALLINT": arrow.int16(),
        "DATE": arrow.date32(),
        "NUMERIC": arrow.decimal128(38, 6),
    }
    schema = arrow.schema([(column.name, types.get(str(column.type), arrow.string())) for column in tables.figure.c])

    def prepare() -> Any:
        columns = zip(*tuples(figures), strict=True)
        arrays = [
            arrow.array(values, type=kind.type, from_pandas=False) for values, kind in zip(columns, schema, strict=True)
        ]
        return arrow.Table.from_arrays(arrays, schema=schema)

    def load(table: Any) -> None:
        with driver.connect(dsn(Role.LOADER)) as connection, connection.cursor() as cursor:
            cursor.adbc_ingest("figure", table, mode="append", db_schema_name="staging")
            connection.commit()

    return _prepared(prepare, load)


def _to_sql(figures: int, **options: Any) -> Timed:
    import pandas
    from sqlalchemy import create_engine

    target = create_engine(url(Role.LOADER).set(drivername="postgresql+psycopg2"))
    return _prepared(
        lambda: pandas.DataFrame.from_records(list(tuples(figures)), columns=COLUMNS),
        lambda frame: frame.to_sql("figure", target, schema="staging", if_exists="append", index=False, **options),
    )


def pandas_default(figures: int) -> Timed:
    """``DataFrame.to_sql`` through psycopg2, as most people write it."""
    return _to_sql(figures)


def pandas_multi(figures: int) -> Timed:
    """``to_sql(method="multi")``, 1,000 rows a statement."""
    return _to_sql(figures, method="multi", chunksize=1000)


def sqlalchemy_core(figures: int) -> Timed:
    """``connection.execute(insert(table), rows)`` through psycopg 3."""
    from sqlalchemy import insert

    def load(rows: list[dict[str, Any]]) -> None:
        with engine(Role.LOADER).begin() as connection:
            connection.execute(insert(tables.figure), rows)

    return _prepared(lambda: [dict(zip(COLUMNS, row, strict=True)) for row in tuples(figures)], load)


def dlt(figures: int) -> Timed:
    """A dlt pipeline that appends rows to a table of its own making: no key, no checks, two columns of dlt's own."""
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": os.environ["SANAD_STATE"] + "/dlt"}
    os.environ |= {"RUNTIME__LOG_LEVEL": "ERROR"}
    import dlt as tool
    from sqlalchemy import Date

    types = {"BIGINT": "bigint", "SMALLINT": "bigint", "NUMERIC": "decimal", "DATE": "date"}
    hints = {
        column.name: {"data_type": "date" if isinstance(column.type, Date) else types.get(str(column.type), "text")}
        for column in tables.figure.c
    }
    folder = os.environ["SANAD_STATE"] + f"/dlt-{os.getpid()}"

    def load(rows: list[dict[str, Any]]) -> None:
        to = tool.destinations.postgres(dsn(Role.ADMIN))
        pipeline = tool.pipeline("bench", pipelines_dir=folder, destination=to, dataset_name="bench_dlt")
        pipeline.run(rows, table_name="figure", write_disposition="append", columns=hints)

    return _prepared(lambda: [dict(zip(COLUMNS, row, strict=True)) for row in tuples(figures)], load)


METHODS: dict[str, Callable[[int], Timed]] = {
    "psql \\copy": psql,
    "Sanad stage()": sanad,
    "ADBC ingest": adbc,
    "SQLAlchemy Core executemany": sqlalchemy_core,
    "pandas.to_sql": pandas_default,
    "pandas.to_sql multi": pandas_multi,
    "dlt append": dlt,
}


def main() -> None:
    method, figures = sys.argv[1], int(sys.argv[2])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    preparing, loading = METHODS[method](figures)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    said = {"prepare": preparing, "load": loading, "peak_mib": peak / 1024, "before_mib": before / 1024}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
