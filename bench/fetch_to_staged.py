"""One dt.xls from the loopback publisher to staged figures, by ``collect()``."""

from __future__ import annotations

import logging
import time

from bench.installation import DATASET, forget, installation, server_version
from bench.measure import Goal, Report, significant, versions
from bench.profiles import shares
from sanad.registry import dataset

RUNS = 7
GROUP = "dt.xls"
_PARTS = {
    "asking and ranking the addresses": ("decide/collect.py", "_ask"),
    "reading an answer for its edition": ("decide/collect.py", "_with_edition"),
    "ingesting": ("decide/arrival.py", "ingest"),
    "of it, archiving the bytes": ("archive/store.py", "put"),
    "of it, reading": ("decide/arrival.py", "_read"),
    "of it, gates": ("gates/judge.py", "judge"),
    "of it, COPY": ("stage/load.py", "stage"),
    "of it, the ledger": ("archive/ledger.py", "append"),
    "of it, the ledger's files": ("archive/ledger.py", "write_files"),
    "new connections": ("psycopg/connection.py", "connect"),
}


def run(runs: int = RUNS) -> Report:
    from sanad.collect import Via
    from sanad.decide.collect import collect
    from sanad.local.publisher import Publisher

    report = Report("fetch_to_staged", "From the publisher to staged figures")
    logging.getLogger("sanad").setLevel(logging.ERROR)  # two of the addresses are not served
    source = dataset(DATASET)
    figures = 0
    with installation() as state, Publisher() as publisher:
        via = Via(publisher.url, allow_private=True, trust_origin=True)

        def once() -> None:
            nonlocal figures
            figures = collect(source, via=via, actor="bench").figures

        for turn in range(runs + 2):
            forget(state)
            if turn == runs + 1:
                report.profile += shares(once, _PARTS)
                break
            began = time.perf_counter()
            once()
            if turn:
                report.result(GROUP, "collect()").seconds.append(time.perf_counter() - began)
            assert figures > 1000, figures
        report.versions = versions("psycopg", "SQLAlchemy", "httpx", "xlrd") | {"PostgreSQL": server_version()}
    median = report.result(GROUP, "collect()").median
    report.goals.append(Goal("below 1 s", f"{significant(median)} s", median < 1))
    report.notes.append(
        f"{figures:,} figures of the bundled rendering: ask every address, archive the bytes, read, judge, "
        "COPY, ledger, event files. Before each run the warehouse and the archive forget the release."
    )
    return report
