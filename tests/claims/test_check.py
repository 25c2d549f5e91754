"""Sentences weighed by the rules of the mart: what is understood, what is assumed, what is not understood."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from helpers import rows
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.lineage.sentences import parse
from sanad.words.errors import UsageError

HEADLINE = "call centres FY25 328 million, up 24.6 percent"


def understood(text):
    return [
        (
            one["series_code"],
            one["measure"],
            one["period_code"],
            one["base_period_code"],
            Decimal(one["value"]),
            one["unit"],
        )
        for one in parse(text).claims
    ]


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        (HEADLINE, [("call_centres", "credit", "FY25", None, 328, "usd_million"),
                    ("call_centres", "credit_growth", "FY25", "FY24", Decimal("24.6"), "pct")]),
        ("Call centers earned $207 million in July-February FY25 from $166 million",
         [("call_centres", "credit", "FY25.Jul-Feb", None, 207, "usd_million"),
          ("call_centres", "credit", "FY24.Jul-Feb", None, 166, "usd_million")]),
        ("ICT exports fell 3% in February 2023", [("ict_total", "credit_growth", "2023-02", "2022-02", -3, "pct")]),
        ("IT exports Dec-24 +12% over Nov-24", [("ict_total", "credit_growth", "2024-12", "2024-11", 12, "pct")]),
        ("software consultancy FY2023-24 Rs 72 crore",
         [("software_consultancy", "credit", "FY24", None, 720, "pkr_million")]),
        ("call centres employ over a million people FY25",
         [("call_centre_employment", "stock", "FY25", None, 10**6, "persons")]),
        ("آئی call centres FY25 ۳۲۸ million", [("call_centres", "credit", "FY25", None, 328, "usd_million")]),
    ],
)  # fmt: skip
def test_a_sentence_is_claims(text, claims):
    assert understood(text) == claims


def test_what_is_assumed_and_what_is_not_understood_is_said():
    sentence = parse(HEADLINE + ", says the minister")
    assert sentence.assumed == ["measured against FY24, a year earlier", "'328 million' in US dollars"]
    assert sentence.not_understood == ["says", "minister"]
    assert parse("call centres FY25 $328 million").assumed == []
    assert parse("call centres and ICT FY25 $328 million").not_understood == ["ICT"], "one sector a sentence"
    assert parse("software consultancy employs 500 people FY25 $1 million").not_understood == [
        "500 people (of software_consultancy)"
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [("the moon FY25 328 million", "no sector"), ("call centres 328 million", "no period"),
     ("call centres FY25", "no figure"), ("", "no sector"), ("call centres FY25 328", "no figure")],
)  # fmt: skip
def test_what_is_no_claim_is_refused(text, why):
    with pytest.raises(UsageError, match=why):
        parse(text)


def sanad(*arguments):
    done = CliRunner().invoke(app, ["check", *arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.mark.warehouse
@pytest.mark.usefixtures("weighed")
class TestWeighed:
    def test_the_headline_of_fy25(self):
        done = sanad(HEADLINE, "--json")
        told = json.loads(done.stdout)
        assert done.exit_code == 0
        level, growth = told["claims"]
        assert level["verdict_now"] == growth["verdict_now"] == "cannot be checked", "a repeat confirms nothing"
        assert {one["verdict_now"] for one in growth["repeats"]} == {"consistent"}
        with_base = json.loads(sanad("call centres FY25 $328 million, up 24.6% from $263 million", "--json").stdout)
        growth = with_base["claims"][-1]
        assert (growth["rule_now"], growth["verdict_now"]) == ("article_levels", "consistent")
        assert (growth["due_now_low"], growth["due_now_high"]) == ("24.288425", "25.142857")

    def test_an_inconsistent_sentence_shows_the_cell_that_says_so(self):
        done = sanad("call centres $207 million Jul-Feb FY25, up 20 percent from $166 million")
        assert done.exit_code == 4
        assert "Inconsistent: SBP's figures say 207.895422 million US$, 0.395422 million US$ away." in done.stdout
        assert "sbp/trade_in_services@2026-02 9.1.1 FY25.Jul-Feb 207,895" in done.stdout
        assert "'EBOPS '!L61" in done.stdout
        assert "the levels in the article give 24.024024 to 25.377644 percent" in done.stdout
        assert "claim 1 of the sentence" in done.stdout

    def test_then_and_now(self):
        question = ("ICT exports $324 million November 2024", "--on", "2024-12-18", "--json")
        (claim,) = json.loads(sanad(*question).stdout)["claims"]
        assert (claim["verdict_then"], claim["verdict_now"]) == ("cannot be checked", "disputed")
        services = json.loads(
            sanad("services exports $800 million February 2026", "--on", "2026-04-15", "--json").stdout
        )
        (claim,) = services["claims"]
        assert (claim["verdict_then"], claim["verdict_now"]) == ("inconsistent", "consistent")

    def test_a_cumulative_sentence_cannot_fall(self):
        done = sanad("hardware consultancy $475.783 million Jul-Jan FY24", "--json")
        (claim,) = json.loads(done.stdout)["claims"]
        assert (done.exit_code, claim["rule_now"], claim["due_now_high"]) == (4, "falls", "5.715500")

    def test_nothing_is_written(self):
        before = rows("select (select count(*) from staging.figure), (select count(*) from archive.ledger)")
        sanad(HEADLINE)
        assert rows("select (select count(*) from staging.figure), (select count(*) from archive.ledger)") == before
