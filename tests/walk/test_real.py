"""The registry's own walk, with the archive's own door and the dataset's own parser."""

import pytest
from helpers import rows

from sanad.archive.store import Store
from sanad.decide.collect import collect
from sanad.registry import dataset

pytestmark = pytest.mark.warehouse


def test_the_tech_hub_is_walked_twice_and_holds_firms_alone(installation, publisher, via):
    source = dataset("pseb/tech_hub")
    first = collect(source, via=via, actor="airflow")
    assert first.outcome == "accepted"
    assert [warning.partition(":")[0] for warning in first.warnings] == [
        "no answer to Sher Shah Town",
        "the same answer to Chilton Town, Zarghoon Town",
    ]
    publisher.advance()
    assert collect(source, via=via, actor="airflow").outcome == "accepted"
    releases = rows("select published_on::text, origin, redacted from archive.release order by published_on")
    assert releases == [("2023-09-05", "synthetic", True), ("2024-03-05", "synthetic", True)]
    kinds = rows("select release_id, kind, count(*) from staging.entry group by 1, 2 order by 1, 2")
    assert [kind for _, kind, _ in kinds] == ["call_centre", "company"] * 2
    assert all(count > 15 for *_, count in kinds)
    assert rows("select count(*) from staging.rejected") == [(0,)]
    names = [name.lower() for (name,) in rows("select name from staging.entry")]
    assert all(name.startswith("synthetic ") for name in names)
    assert not [name for name in names if "person" in name]
    store = Store.open()
    written = b"".join(store.files.cat_file(path) for path in store.files.find(store.root))
    assert b"synthetic person" not in written.lower()
    assert not store.files.exists(f"{store.root}/walks/pseb__tech_hub.json")
