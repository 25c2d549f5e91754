"""Everything that is bundled and handed over comes in: published counts, and the synthetic registers."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from helpers import rows

from sanad.extract import read_release
from sanad.local import registers
from sanad.local.handed_over import counts, synthetic_registers
from sanad.registry import dataset
from sanad.words.errors import Unreadable
from sanad.words.vocabulary import Event

COUNTS = "reported/counts"


def read(document):
    return read_release(dataset(COUNTS), {document.name: document.render()})


def test_every_count_is_a_figure_of_the_document_that_says_it():
    documents = list(counts())
    found = [figure for document in documents for figure in read(document).figures]
    assert (len(documents), len(found)) == (42, 106)
    assert len({read(document).claim for document in documents if document.url}) == len(
        [document for document in documents if document.url]
    )
    by_id = {figure.details["count_id"]: figure for figure in found}
    may = by_id["n0068"]
    assert (may.series_code, may.measure, may.value, may.period.code) == (
        "registered_companies", "stock", Decimal(20711), "2025-05",
    )  # fmt: skip
    assert (may.details["claimant"], may.details["counted"], may.details["region"]) == ("PSEB", "unknown", "Pakistan")
    assert by_id["n0079"].qualifier == "over"
    assert by_id["n0008"].period is None, "undated"


def test_a_flow_has_a_period_only_where_its_span_is_stated():
    periods = {
        f.details["count_id"]: f.period and f.period.code for document in counts() for f in read(document).figures
    }
    assert (periods["n0016"], periods["n0037"], periods["n0015"], periods["n0102"]) == ("2021-06", "2022", None, None)


def test_a_count_stands_where_its_pointer_says():
    document = next(one for one in counts() if one.url and "20711" in one.url)
    for figure in read(document).figures:
        node = json.loads(document.render())
        for step in figure.locator.split("/")[1:]:
            node = node[int(step) if step.isdigit() else step]
        assert node == figure.as_printed


@pytest.mark.parametrize(
    "changed", [{"counts": []}, {"counts": [{}]}, {"counts": [{"value": "many", "measure": "x"}]}, {}]
)
def test_a_document_without_counts_is_refused(changed):
    with pytest.raises(Unreadable, match="counts"):
        read_release(dataset(COUNTS), {"x": json.dumps({"source_url": "x", **changed}).encode()})


@pytest.mark.warehouse
def test_all_of_it_is_accepted_and_holds_nobody(installation):
    documents = [*counts(), *synthetic_registers()]
    done = [document.take() for document in documents]
    assert len(done) == 42 + 36
    assert {one.event for one in done} <= {Event.ACCEPTED, Event.DUPLICATE}
    assert {one.summary for one in done if one.rejected} == set()
    assert [document.take().new for document in documents[:3]] == [False] * 3
    found = dict(rows("select dataset, count(distinct release_id) from staging.entry group by 1"))
    assert (found["pseb/registration_list"], found["pseb/registry_export"]) == (6, 6)
    assert rows("select count(*) from staging.figure where dataset = %s", COUNTS) == [(106,)]
    personal = {"cnic", "mobile", "owner", "email", "users"}
    assert not personal & {field for (field,) in rows("select distinct jsonb_object_keys(fields) from staging.entry")}
    persons = {one.certificate_no for one in registers.registrants() if one.kind == "freelancer"}
    assert not persons & {number for (number,) in rows("select distinct certificate_no from staging.entry")}
