"""Printed figures come in: from the bundled articles, and one by one by hand. What nobody can have printed does not."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from helpers import events, rows
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.decide import Arrival, ingest
from sanad.extract import read_release
from sanad.local.handed_over import figures
from sanad.registry import dataset
from sanad.words.errors import Unreadable, UsageError
from sanad.words.printed import amount
from sanad.words.vocabulary import Event, Origin

FIGURES = "reported/figures"
GOOD = ("claim", "add", "--series", "call_centres", "--printed", "$328 million", "--period", "FY25",
        "--source", "https://example.org/a", "--date", "2025-08-19")  # fmt: skip


def claim(**changed):
    said = {"claim_id": "c1", "measure": "credit", "series": "call_centres", "period_code": "FY25", "value": "328",
            "unit": "usd_million", "as_printed": "$328 million", "resolution": "1"}  # fmt: skip
    return {name: value for name, value in {**said, **changed}.items() if value is not None}


def article(*claims, **changed):
    said = {"source": "https://example.org/a", "published_on": "2025-08-31", "published_precision": "month"}
    content = {**said, "claims": list(claims or [claim()]), **changed}
    return json.dumps({name: value for name, value in content.items() if value is not None}).encode()


def read(content):
    return read_release(dataset(FIGURES), {"a.json": content})


def sanad(*arguments):
    return CliRunner().invoke(app, list(arguments))


def replaced(option, value, arguments=GOOD):
    at = arguments.index(option) + 1
    return (*arguments[:at], value, *arguments[at + 1 :])


# -- what a printed number says ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unit", "value", "step", "qualifier"),
    [
        ("$328 million", "usd_million", "328", "1", None),
        ("US$ 1950.08 million", "usd_million", "1950.08", "0.01", None),
        ("$1.06 billion", "usd_million", "1060", "10", None),
        ("nearly $7.68bn", "usd_million", "7680", "10", "nearly"),
        ("Rs 72 crore", "pkr_million", "720", "10", None),
        ("Rs 72.034 million", "pkr_million", "72.034", "0.001", None),
        ("Rs 2 lakh crore", "pkr_million", "2000000", "1000000", None),
        ("Rs 1,00,000 crore", "pkr_million", "1000000", "10", None),
        ("۳۲۸ ملین ڈالر", "usd_million", "328", "1", None),
        ("٢٤٫٦ percent", "pct", "24.6", "0.1", None),
        ("+24.6%", "pct", "24.6", "0.1", None),
        ("-3 per cent", "pct", "-3", "1", None),
    ],
)
def test_a_printed_number_is_read(text, unit, value, step, qualifier):
    assert amount(text) == (Decimal(value), unit, Decimal(step), qualifier)


def test_crores_are_not_taken_for_millions():
    assert amount("Rs 72 crore").value != amount("Rs 72.034 million").value
    with pytest.raises(UsageError, match="expected usd_million, found pkr_million"):
        amount("Rs 72 crore", "usd_million")


def test_people_are_rounded_at_their_last_digit_that_is_not_0():
    assert amount("over 1,000", "centres") == (1000, "centres", 1000, "over")
    assert amount("around 500", "centres") == (500, "centres", 100, "about")
    assert amount("1,234", "persons").resolution == 1


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    [
        ("328", None, "expected a unit, found none"),
        ("$328", None, "expected thousand, lakh, million, crore or billion, found none"),
        ("24.6 percent", "usd_million", "expected usd_million, found pct"),
        ("$300-310 million", None, "found a range"),
        ("between 300 and 310 million dollars", None, "found a range"),
        ("10 to 12 percent", None, "found a range"),
        ("millions of dollars", None, "expected one number, found none"),
        ("$ 1,5,0 million", None, "expected one number, found 1,5,0"),
    ],
)
def test_what_is_no_one_number_is_refused(text, unit, why):
    with pytest.raises(UsageError, match=why):
        amount(text, unit)


# -- documents ---------------------------------------------------------------------------------------------------


def test_every_bundled_claim_is_a_figure_of_its_article():
    documents = list(figures())
    found = [figure for document in documents for figure in read(document.render()).figures]
    by_id = {figure.details["claim_id"]: figure for figure in found}
    assert (len(documents), len(found), len(by_id)) == (91, 632, 632)
    assert {document.origin for document in documents} == {Origin.PRESS}
    assert sum(figure.details.get("held_by") == "official_secondhand" for figure in found) == 84
    misprint = by_id["c0196"]
    assert (misprint.value, misprint.details["as_printed"]) == (Decimal("268.021"), "$268.0210 million")
    growth = by_id["c0603"]
    assert (growth.measure, growth.unit, growth.details["base_period_code"]) == ("credit_growth", "pct", "FY24")
    undated = [document for document in documents if document.published_on is None]
    assert undated and {document.url for document in undated if "SPIN" in document.render().decode()} == {None}
    assert not any("corrected" in document.render().decode() for document in documents), "the right label is not told"


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (article(source=None), "source at /source"),
        (article(source="  "), "source at /source"),
        (article(published_on="31 August"), "/published_on"),
        (article(published_precision="roughly"), "/published_precision"),
        (article(claims=[]), "/claims"),
        (article(claim(period_code="FY25.Jul-Foo")), "/claims/0/period_code"),
        (article(claim(period_code="2025-13")), "/claims/0/period_code"),
        (article(claim(period_code=None)), "/claims/0/period_code"),
        (article(claim(unit=None)), "/claims/0/unit"),
        (article(claim(unit="usd_thousand")), "/claims/0/unit"),
        (article(claim(), claim(value="۳۲۸")), "/claims/1/value"),
        (article(claim(value="300-310")), "/claims/0/value"),
        (article(claim(value="1e3")), "/claims/0/value"),
        (article(claim(resolution="0")), "/claims/0/resolution"),
        (article(claim(qualifier="perhaps")), "/claims/0/qualifier"),
        (article(claim(measure="credit_growth", unit="pct")), "/claims/0/base_period_code"),
        (article(claim(base_period_code="FY24")), "/claims/0/base_period_code"),
        (article(claim(whole="ict_total")), "/claims/0/whole"),
        (article(claim(claim_id=None)), "/claims/0/claim_id"),
        (article(claim(series="Call Centres")), "/claims/0/series"),
        (b"[]", "file"),
    ],
)
def test_a_document_that_is_none_names_the_place(content, where):
    with pytest.raises(Unreadable, match=where):
        read(content)


def test_a_claim_stands_where_its_pointer_says():
    document = next(figures())
    content = json.loads(document.render())
    for figure in read(document.render()).figures:
        claims, number, value = figure.locator.split("/")[1:]
        assert content[claims][int(number)][value] == figure.as_printed


# -- through the ledger --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (replaced("--source", " "), "needs its source"),
        ((*GOOD[: GOOD.index("--source")], "--date", "2025-08"), "--source is missing"),
        (replaced("--period", "FY25.Jul-Foo"), "--period"),
        (replaced("--period", "2025-13"), "is no period"),
        (replaced("--period", "FY26"), "had not ended on 2025-08-19"),
        (replaced("--printed", "328"), "expected a unit"),
        (replaced("--printed", "$300-310 million"), "found a range"),
        (replaced("--printed", "24.6%"), "expected credit in pkr_million or usd_million, found pct"),
        (replaced("--date", "2099-01"), "lies in the future"),
        (replaced("--date", "last week"), "--date last week"),
        ((*GOOD, "--measure", "credit_growth"), "found usd_million"),
        ((*replaced("--printed", "24.6%"), "--measure", "credit_growth"), "--base"),
        ((*GOOD, "--measure", "exports"), "--measure exports"),
        ((*GOOD, "--whole", "ict_total"), "--whole is of a share"),
        (replaced("--series", "Call centres"), "--series"),
    ],
)
def test_a_wrong_call_is_told_and_records_nothing(arguments, why):
    done = sanad(*arguments)
    assert isinstance(done.exception, UsageError), done.output
    assert why in str(done.exception)


@pytest.mark.warehouse
def test_claims_are_recorded_once_and_a_changed_page_is_another_release(installation):
    done = sanad(*GOOD, "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["event"], told["new"], told["claim_id"][0]) == (0, "accepted", True, "c")
    again = json.loads(sanad(*GOOD, "--json").stdout)
    assert (again["release_id"], again["new"]) == (told["release_id"], False), "a duplicate is known"
    changed = json.loads(sanad(*replaced("--printed", "$329 million"), "--claim-id", told["claim_id"], "--json").stdout)
    assert changed["event"] == "accepted" and changed["release_id"] != told["release_id"]
    urdu = sanad(*replaced("--printed", "۳۲۸ ملین ڈالر", replaced("--source", "https://example.org/urdu")))
    assert urdu.exit_code == 0, urdu.output
    found = rows(
        "select value, resolution, unit, period_code, details ->> 'as_printed' from staging.figure order by release_id"
    )
    assert sorted(found)[-1] == (329, 1, "usd_million", "FY25", "$329 million")
    assert len(found) == 3 and {one[0] for one in found} == {328, 329}
    assert {origin for (origin,) in rows("select origin from archive.release")} == {"press"}
    assert events().count("accepted") == 3


@pytest.mark.warehouse
def test_a_period_that_had_not_ended_is_quarantined_and_one_key_twice_is_not(installation):
    def taken(content):
        return ingest(dataset(FIGURES), Arrival({"a.json": content}, Origin.PRESS, "tester", "handed over",
                                                stated_on=None))  # fmt: skip

    early = taken(article(claim(period_code="FY90.Jul-Feb"), claim(claim_id="c2", period_code="FY68")))
    assert early.event is Event.QUARANTINED
    assert [(finding.gate, finding.locator) for finding in early.findings] == [
        ("periods_had_ended", "/claims/1/period_code")
    ]
    twice = taken(article(claim(value="348"), claim(claim_id="c2", value="338")))
    assert twice.event is Event.ACCEPTED and twice.figures == 2
