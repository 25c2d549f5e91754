"""The lineage pages: what they say of bundled figures, and that they say it of planted ones as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from helpers import DATASET, FEBRUARY, MARCH, arrival, new_installation, release_id, rows
from parsers.eras import edition

pytestmark = [pytest.mark.airflow, pytest.mark.warehouse]

EXPORTS = "/sanad/lineage/mart_sector_exports/call_centres/2026-03"
EVIL = "9.1.1 <script>alert(1)</script>"


@pytest.fixture(scope="module")
def built(built_template) -> Iterator[Path]:
    """The bundled releases, built; tests of this module only read."""
    with new_installation(built_template) as state:
        yield state


@pytest.fixture
def page(built, logged_in):
    """Asks for a page and takes it apart."""

    def ask(path: str, status: int = 200) -> Page:
        answer = logged_in.get(path)
        assert answer.status_code == status, answer.text
        return Page(answer.text)

    return ask


class Page(HTMLParser):
    """A page: its words, its links, and the cells of the drawn sheet by class."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.source = text
        self.links: list[str] = []
        self.ways: dict[str, str] = {}
        self.sheet: list[tuple[set[str], str]] = []
        self.facts: list[str] = []
        self._inside: list[str] = []
        self._in_sheet = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self._in_sheet |= "sheet" in (told.get("class") or "").split()
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
            if "data-way" in told:
                self.ways[told["data-way"]] = told["href"]
        if tag == "td" and self._in_sheet:
            self.sheet.append((set((told.get("class") or "").split()), ""))
        self._inside.append(tag)

    def handle_endtag(self, tag):
        while self._inside and self._inside.pop() != tag:
            pass
        self._in_sheet &= tag != "table"

    def handle_data(self, text):
        if "style" in self._inside:
            return
        self.facts.append(text)
        if self._in_sheet and "td" in self._inside:
            kinds, before = self.sheet[-1]
            self.sheet[-1] = kinds, before + text

    @property
    def words(self) -> str:
        """All that is shown, its blanks collapsed."""
        return " ".join(" ".join(self.facts).split())

    def marked(self, kind: str) -> list[str]:
        """The drawn cells of a kind."""
        return [text.strip() for kinds, text in self.sheet if kind in kinds]


# a value


def test_a_value_is_shown_with_its_unit_its_marks_and_its_formula(page):
    shown = page(f"{EXPORTS}?measure=exports_yoy_pct")
    for said in (
        "Call centres, Mar-26",
        "12.87018 %",
        "Growth on a year ago in percent",
        "exports yoy = 100 * (fine(exports) / fine(exports_year_ago) - 1)",
        "= 100 × (36,409.9251 ÷ 32,258.2326 − 1) = 12.87018",
        "'EBOPS '!I61",
        "'EBOPS '!C61",
    ):
        assert said in shown.words, said
    marks = re.findall(r'<li class="mark (\w+)"', shown.source)
    assert marks == ["provisional", "transcribed", "printed"]


def test_a_measure_may_be_named_by_its_column_or_as_in_formulas_and_the_first_is_the_first(page):
    for asked in ("", "?measure=exports", "?measure=exports_usd_thousand"):
        assert "36,409.9251 thousand US$" in page(EXPORTS + asked).words
    assert "32,258.2326 thousand US$" in page(f"{EXPORTS}?measure=exports_year_ago").words


def test_a_sum_of_two_lines_names_both_and_draws_the_one_asked_for(page):
    first = page("/sanad/lineage/mart_sector_exports/freelance_all/2026-03")
    assert "= 112,979.6014 + 57,988.8063 = 170,968.4077" in first.words
    assert (first.marked("lit"), first.marked("cited")) == (["112,980"], ["57,989"])
    assert "derived" in re.findall(r'<li class="mark (\w+)"', first.source)
    (other,) = {link for link in first.links if "figure=" in link and link.endswith("#sheet")} - {
        link for link in first.links if f"figure={_lit_id(first)}" in link
    }
    second = page(other)
    assert (second.marked("lit"), second.marked("cited")) == (["57,989"], ["112,980"])


def _lit_id(shown: Page) -> str:
    """The id of the lit figure: the one of the row's links that the sheet does not have."""
    terms = [link.rpartition("/")[2] for link in shown.links if re.search(r"/lineage/figure/\d+$", link)][:2]
    return terms[0]


def test_what_is_taken_away_has_a_minus(page, monkeypatch):
    from sanad_pages import lineage

    def less(mart, key, **asked):
        chain = traced(mart, key, **asked)
        (one, other) = chain.measures[0].inputs[0].figures
        taken = SimpleNamespace(**{**vars(chain.measures[0].inputs[0]), "figures": [one], "less": [other]})
        return replace(chain, measures=[replace(chain.measures[0], inputs=[taken])])

    traced = lineage.trace
    monkeypatch.setattr(lineage, "trace", less)
    shown = page("/sanad/lineage/mart_sector_exports/freelance_all/2026-03")
    assert "= 112,979.6014 − 57,988.8063" in shown.words
    assert '<td class="sign">−</td>' in shown.source


def test_a_statistic_shows_its_formula_without_making_a_sum_of_it(page, monkeypatch):
    from sanad_pages import lineage

    def counted(mart, key, **asked):
        chain = traced(mart, key, **asked)
        return replace(chain, measures=[replace(chain.measures[0], formula="count(newest)")])

    traced = lineage.trace
    monkeypatch.setattr(lineage, "trace", counted)
    words = page("/sanad/lineage/mart_sector_exports/freelance_all/2026-03").words
    assert "exports = count(newest)" in words
    assert "112,979.6014 +" not in words


def test_a_correction_is_shown_with_what_was_printed_and_why(page, monkeypatch):
    from decimal import Decimal

    from sanad_pages import lineage

    correction = {
        "correction": "call-centres-digit", "action": "replace", "was": "36409.9251", "value": "36490.9251",
        "reason": "two digits were swapped", "reporter": "A. Reader", "reported_on": "2026-05-02",
    }  # fmt: skip

    def corrected(mart, key, **asked):
        chain = traced(mart, key, **asked)
        chain.measures[0].inputs[0].figures[0].update(corrections=[correction], value_used=Decimal("36490.9251"))
        return chain

    traced = lineage.trace
    monkeypatch.setattr(lineage, "trace", corrected)
    shown = page(EXPORTS)
    for said in ("36,490.9251", "36409.9251", "two digits were swapped", "A. Reader"):
        assert said in shown.words, said
    assert "corrected" in re.findall(r'<li class="mark (\w+)"', shown.source)


def test_beside_a_value_are_its_periods_and_its_lines(page):
    ways = page(f"{EXPORTS}?measure=exports").ways
    assert ways == {
        "left": "/sanad/lineage/mart_sector_exports/call_centres/2026-02?measure=exports_usd_thousand",
        "down": "/sanad/lineage/mart_sector_exports/telecommunication_services/2026-03?measure=exports_usd_thousand",
    }
    ways = page("/sanad/lineage/fct_services_trade/9.1.1/credit/2026-02").ways
    assert {way: link.partition("?")[0].removeprefix("/sanad/lineage/") for way, link in ways.items()} == {
        "left": "fct_services_trade/9.1.1/credit/2026-01",
        "right": "fct_services_trade/9.1.1/credit/2026-03",
        "up": "fct_services_trade/9.1/credit/2026-02",
        "down": "fct_services_trade/9.1.2/credit/2026-02",
    }
    # a year to date is beside its like, never beside a month
    assert (
        page("/sanad/lineage/mart_call_centres/FY26.Jul-Feb")
        .ways["right"]
        .endswith("mart_call_centres/FY26.Jul-Mar?measure=exports_usd_thousand")
    )


@pytest.mark.parametrize(
    "path",
    [EXPORTS, "/sanad/lineage/fct_services_trade/9.1.1/credit/2026-02", "/sanad/lineage?q=9.1.1"],
)
def test_every_link_leads_somewhere(page, path):
    links = sorted({link.partition("#")[0] for link in page(path).links if not link.startswith("#")})
    for link in links[:: len(links) // 8 + 1]:
        page(link)


@pytest.mark.parametrize(
    "row",
    ["mart_derived_periods/9.1.1/credit/FY26.Jul-Dec", "mart_call_centres/2026-02", "fct_services_trade/0/net/2026-03"],
)
def test_every_mart_has_its_page(page, row):
    assert page(f"/sanad/lineage/{row}").marked("lit")


def test_custody_says_who_accepted_the_release_and_why(page):
    words = page(EXPORTS).words
    order = ["Published 2026-04-17", "Fetched", "Archived", "a440911d33c5", "Read", "Received", "Accepted"]
    places = [words.index(said, words.index("Custody of the release")) for said in order]
    assert places == sorted(places)
    assert "why passed every gate, 1 warning" in words
    assert "the archived bytes are what their name says" in words
    assert "mart_sector_exports" in words[words.index("Through the models") :]


def test_as_of_a_day_the_value_of_that_day_is_shown(page):
    asked = "/sanad/lineage/fct_services_trade/0/credit/2026-02?as_of="
    assert "812,245.695592 thousand US$" in page(f"{asked}2026-03-20").words
    assert "800,206.041911 thousand US$" in page(f"{asked}2026-04-20").words
    assert "as_of=2026-03-20" in page(f"{asked}2026-03-20").ways["left"]
    page(f"{asked}2026-03-01", 404)


# a cell


@pytest.fixture(scope="module")
def february_services(built) -> str:
    """The id of the first print of services, credit, February 2026."""
    return _figure(release_id(FEBRUARY), "'EBOPS '!I9")


def _figure(release: int, locator: str) -> str:
    ((found,),) = rows(
        "select figure_id::text from staging.figure where release_id = %s and locator = %s", release, locator
    )
    return found


def test_a_cell_is_lit_in_its_sheet_with_its_headers_and_its_line(page, february_services):
    shown = page(f"/sanad/lineage/figure/{february_services}")
    assert shown.marked("lit") == ["812,246"]
    assert shown.marked("header") == ["(Amount in Thousand US$)", "Feb-26 (P)", "Credit"]
    assert shown.marked("label") == ["Services"]
    assert "stored in it as 812,245.6955920" not in shown.words
    assert "812,245.695592 thousand US$" in shown.words
    assert "sheet “EBOPS”, cell I9" in shown.words


def test_the_sheet_is_drawn_as_the_file_has_it(page, february_services):
    import xlrd

    from sanad.local import bundled

    shown = page(f"/sanad/lineage/figure/{february_services}")
    sheet = xlrd.open_workbook(file_contents=bundled.render(FEBRUARY)).sheet_by_index(0)
    numbers = sum(sheet.cell_type(row, column) == 2 for row in range(8, 96) for column in range(2, 17))
    assert len(shown.marked("number")) == 88 * 15
    assert numbers == 88 * 15 - 10  # N/A is the rest
    texts = [text for _, text in shown.sheet]
    for row in range(sheet.nrows):
        label = " ".join(str(sheet.cell_value(row, 1)).split())
        assert not label or label in [" ".join(text.split()) for text in texts], label
    assert len([link for link in shown.links if "/lineage/figure/" in link]) >= 88 * 15 - 1


def test_beside_a_cell_are_those_of_its_measure_in_its_row_and_those_of_its_column(page, february_services):
    ways = page(f"/sanad/lineage/figure/{february_services}").ways
    found = {way: page(link).words for way, link in ways.items()}
    assert found.keys() == {"left", "right", "down"}  # services is the first line
    assert "'EBOPS '!F9" in found["left"]
    assert "'EBOPS '!L9" in found["right"]
    assert "'EBOPS '!I10" in found["down"]


def test_its_prints_are_charted_with_their_marks_and_listed(page, february_services):
    shown = page(f"/sanad/lineage/figure/{february_services}")
    chart = shown.source[shown.source.index("<svg") : shown.source.index("</svg>")]
    assert "2026-02: 812,245.695592 provisional. 2026-03: 800,206.041911 revised." in chart
    assert chart.count("<circle") == 2  # the provisional print, and the ring around this one
    assert chart.count("<path") == 1
    assert "−12,039.653681" in shown.words


def test_a_figure_that_is_printed_once_has_no_chart(page):
    shown = page(EXPORTS)
    assert "<svg" not in shown.source
    assert "printed once so far" in shown.words


# picking and searching


def test_the_front_page_has_the_newest_figures_of_every_sector_and_line(page):
    front = page("/sanad/lineage")
    assert "36,409.9251" in front.words
    assert "/sanad/lineage/mart_sector_exports/freelance_all/FY26.Jul-Mar" in front.links
    assert len([link for link in front.links if "/fct_services_trade/" in link]) == 88 * 5
    assert len([link for link in front.links if "/mart_sector_exports/" in link]) == 17 * 6, "one is derived"


@pytest.mark.parametrize(
    ("words", "first", "found"),
    [
        ("call centres 2026-03", "mart_sector_exports/call_centres/2026-03", 4),
        ("9.1.1 mar-26 exports", "mart_sector_exports/call_centres/2026-03", 2),
        ("religious debit jan", "fct_services_trade/4.2.3.1/debit/2026-01", 1),
        ("freelance_all fy26", "mart_sector_exports/freelance_all/2026-03", None),
        ("CREDIT 12.3 Jul-Mar", "fct_services_trade/12.3/credit/FY26.Jul-Mar", 2),
    ],
)
def test_a_search_finds_by_sector_line_code_and_period(page, words, first, found):
    results = page(f"/sanad/lineage?q={quote(words)}")
    listed = [link for link in results.links if re.match(r"/sanad/lineage/(mart|fct)", link)][: -(88 * 5 + 17 * 6)]
    assert listed[0] == f"/sanad/lineage/{first}"
    assert found is None or len(listed) == found


@pytest.mark.parametrize("words", ["%", "call_centres 1999", "' or 1=1 --", "\x00", "<script>", "x" * 5000])
def test_a_search_for_what_is_not_there_finds_nothing_and_says_so(page, words):
    found = page(f"/sanad/lineage?q={quote(words)}")
    assert "Nothing found" in found.words or words == "\x00"
    assert "<script>" not in found.source


def test_a_long_list_says_that_there_is_more(page):
    assert re.search(r"[\d,]+ found, the first 60 here", page("/sanad/lineage?q=services").words)


# what is not there


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("mart_nothing/x", "known: fct_"),
        ("mart_call_centres/2026-09", "mart_call_centres has no row 2026-09"),
        ("mart_call_centres/..%2F..%2F..%2Fetc%2Fpasswd", "mart_call_centres has no row ../../../etc/passwd"),
        ("mart_call_centres/2026-03%00", "no mart 'mart_call_centres' has a row"),
        ("pg_catalog.pg_authid/x", "no mart 'pg_catalog.pg_authid'"),
        ("mart_call_centres/2026-03?measure=imports", "known: exports_usd_thousand, "),
        ("mart_call_centres/2026-03?as_of=yesterday", "'yesterday' is no day: expected one like 2026-03-20"),
        ("mart_call_centres/%3Cscript%3Ealert(1)", "has no row <script>alert(1)"),
        ("figure/1", "no figure '1' is staged"),
        ("figure/9223372036854775808", "is staged: a figure's id is a number"),
        ("figure/one", "no figure 'one' is staged"),
        ("figure/-1", "no figure '-1' is staged"),
        ("entry/1", "no entry '1' is staged"),
        ("dim_release/1", "1 is the id of no release"),
        ("dim_release/sbp/trade_in_services@2030-01", "no release sbp/trade_in_services@2030-01 in the archive"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(page, path, said):
    shown = page(f"/sanad/lineage/{path}", 404)
    assert said in shown.words
    assert "<script>" not in shown.source


def test_no_warehouse_and_no_marts_are_said(built, template, logged_in, monkeypatch, tmp_path):
    for path in ("/sanad/lineage", EXPORTS, "/sanad/lineage/figure/1"):
        with monkeypatch.context() as patch:
            patch.setenv("SANAD_STATE", str(tmp_path))
            answer = logged_in.get(path)
            assert answer.status_code == 503
            assert "make run" in answer.text
    with new_installation(template):
        answer = logged_in.get("/sanad/lineage")
        assert answer.status_code == 503
        assert "There are no marts yet" in answer.text
        assert logged_in.get(EXPORTS).status_code == 404


# what was planted


@contextmanager
def _moved(path: Path) -> Iterator[None]:
    aside = path.with_name(f"{path.name}.aside")
    path.rename(aside)
    try:
        yield
    finally:
        aside.rename(path)


def test_bytes_that_are_gone_or_changed_are_said_and_the_chain_is_shown_all_the_same(built, page):
    (archived,) = (built / "archive" / "sha256").glob("*/a440911d*")
    page(EXPORTS)  # the reading is kept from here on, and must not stand in for the bytes
    with _moved(archived):
        gone = page(EXPORTS)
        archived.write_bytes(b"something else")
        changed = page(EXPORTS)
        archived.unlink()
    for shown, said in ((gone, "the archive has no content a440911d"), (changed, "now hashes to")):
        assert re.search(f"The sheet cannot be shown: .*{said}", shown.words)
        assert "36,409.9251 thousand US$" in shown.words
        assert "Accepted" in shown.words
        assert shown.sheet == []
        assert "9.1.1 Call centres" in shown.words
    assert page(EXPORTS).marked("lit") == ["36,410"]


def test_labels_and_sheets_are_shown_as_text(built_template, logged_in):
    from sanad.decide import ingest
    from sanad.local.bundled import Cell
    from sanad.local.bundled.sheet import to_xls
    from sanad.registry import dataset

    sheet = edition("2026-04")
    sheet.cells[60, 1] = replace(sheet.cells[60, 1], value=EVIL)
    sheet.cells[0, 1] = Cell("<img src=x onerror=alert(2)>")
    with new_installation(built_template):
        done = ingest(dataset(DATASET), arrival(to_xls(sheet), stated_on=date(2026, 5, 18)))
        assert done.event == "accepted", done
        answer = logged_in.get(
            f"/sanad/lineage/figure/{_figure(done.release_id, chr(39) + 'EBOPS ' + chr(39) + '!I61')}"
        )
    assert answer.status_code == 200
    shown = Page(answer.text)
    assert shown.marked("label") == [EVIL]
    assert "<img src=x onerror=alert(2)>" in [text for _, text in shown.sheet]
    assert re.findall(r"<script[^>]*>", answer.text) == ['<script src="/sanad/lineage.js" defer>']
    assert "<img" not in answer.text


def test_a_figure_of_a_release_that_was_taken_back_says_so(built_template, logged_in):
    from sanad.archive import ledger
    from sanad.archive.ledger import Entry
    from sanad.warehouse.connect import Role, engine
    from sanad.words.vocabulary import Event

    with new_installation(built_template):
        figure = _figure(release_id(MARCH), "'EBOPS '!I61")
        with engine(Role.LOADER).begin() as writing:
            ledger.append(writing, "A. Person", Entry(Event.RETRACTED, release_id(MARCH), "the wrong file"))
        shown = Page(logged_in.get(f"/sanad/lineage/figure/{figure}").text)
    assert re.search(r"it was retracted on [\d: -]+UTC by A. Person, the wrong file", shown.words)
    assert shown.marked("lit") == ["36,410"]


# the answers themselves


@pytest.mark.parametrize("path", ["/sanad/lineage?q=call", EXPORTS, "figure", "/sanad/lineage.js"])
def test_no_page_asks_another_host_or_runs_another_script(built, logged_in, february_services, path):
    answer = logged_in.get(path if path != "figure" else f"/sanad/lineage/figure/{february_services}")
    assert not re.search(r"(src|href|action)=\"(https?:)?//|\son\w+=|@import|url\(|javascript:", answer.text)
    assert set(re.findall(r"<script[^>]*>", answer.text)) <= {'<script src="/sanad/lineage.js" defer>'}
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_demos_reader_may_read_and_may_not_run_anything(built, plugin, monkeypatch):
    from airflow import settings
    from airflow.api_fastapi import app as airflow_app
    from airflow.models import import_all_models
    from airflow.models.base import Base
    from fastapi.testclient import TestClient

    from sanad.local import stack

    for name, value in stack.environment(8080, None).items():
        if "SIMPLE_AUTH" in name or name.startswith("AIRFLOW__API"):
            monkeypatch.setenv(name, value)
    stack._write_passwords()
    import_all_models()
    Base.metadata.create_all(settings.engine)
    airflow_app.purge_cached_app()
    with TestClient(airflow_app.create_app(apps="core"), base_url="http://127.0.0.1:8080") as airflow:
        assert airflow.get(EXPORTS).status_code == 401
        codes = {}
        for user, (_, secret) in stack.USERS.items():
            said = {"username": user, "password": stack.secrets.ensure()[secret]}
            token = airflow.post("/auth/token", json=said).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            codes[user] = [
                airflow.get(EXPORTS, headers=headers).status_code,
                airflow.get("/sanad/lineage.js", headers=headers).status_code,
                airflow.post(
                    "/api/v2/dags/build__marts/dagRuns", headers=headers, json={"logical_date": None}
                ).status_code,
                airflow.patch("/api/v2/dags/build__marts", headers=headers, json={"is_paused": True}).status_code,
            ]
    airflow_app.purge_cached_app()
    # 404: may, and there is no such DAG in this empty Airflow
    assert codes == {"admin": [200, 200, 404, 404], "reader": [200, 200, 403, 403]}
