"""Every printed claim weighed: by the query alone, as a node of the build, and a sentence that nobody recorded."""

from __future__ import annotations

import time

from bench.build import arrives
from bench.installation import DATASET, installation, server_version
from bench.measure import Goal, Report, significant, versions
from sanad.decide import Arrival, builds, ingest
from sanad.lineage.check import check
from sanad.local import bundled
from sanad.local.handed_over import counts, figures
from sanad.registry import dataset
from sanad.warehouse.connect import Role, connection
from sanad.words.vocabulary import Origin

RUNS = 7
BALANCE = "sbp/bop_summary"
GROUP = "all bundled claims"
QUERY, NODE, SENTENCE = "the query alone", "the mart's node in a build, nothing changed", "one sentence: sanad check"
HEADLINE = "call centres FY25 328 million, up 24.6 percent"
_ALL = "select count(*) from (select * from intermediate.int_claims__tell offset 0) as told"


def run(runs: int = RUNS) -> Report:
    report = Report("claims", "Weighing claims")
    with installation():
        _take_in()
        claims = {node.name: node for node in builds.build().nodes}["mart_claims_weighed"].rows_inserted
        for _ in range(runs):
            report.result(GROUP, QUERY).seconds.append(_asked(claims))
            report.result(GROUP, NODE).seconds.append(_built())
            began = time.perf_counter()
            assert check(HEADLINE, None).claims
            report.result(GROUP, SENTENCE).seconds.append(time.perf_counter() - began)
        report.versions = versions("dbt-postgres", "psycopg") | {"PostgreSQL": server_version()}
    spent = report.result(GROUP, NODE).median
    report.goals.append(Goal("every claim weighed below 2 s", f"{significant(spent)} s", spent < 2))
    report.notes.append(
        f"{claims} claims, each at two moments, beside two editions of trade in services, the balance of payments and "
        "the published counts. The node is the time that dbt gives for mart_claims_weighed: the query, and the "
        "comparison of all its rows with those that stand."
    )
    return report


def _take_in() -> None:
    for release in bundled.editions(DATASET):
        arrives(release)
    balance = bundled.editions(BALANCE)[-1]
    content = {"bop.xls": bundled.render(balance)}
    ingest(
        dataset(BALANCE),
        Arrival(content, Origin.TRANSCRIBED, "bench", "handed over", http_last_modified=balance.last_saved),
    )
    for document in [*counts(), *figures()]:
        document.take()


def _asked(claims: int | None) -> float:
    with connection(Role.TRANSFORMER) as asking:
        asking.execute("set local enable_nestloop = off")  # as the model has it
        began = time.perf_counter()
        found = asking.execute(_ALL).fetchone()
        spent = time.perf_counter() - began
    assert found == (claims,)
    return spent


def _built() -> float:
    (node,) = (one for one in builds.build(select="mart_claims_weighed").nodes if one.name == "mart_claims_weighed")
    assert node.changed == 0
    return node.seconds
