"""The synthetic registers: nobody real in them, the real mess, the same bytes everywhere, readable by others."""

import base64
import csv
import hashlib
import hmac
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import pdfplumber
import pypdfium2
import pytest
import python_calamine
import xlrd
from helpers import PROJECT

from sanad.local import registers
from sanad.local.registers import EXPORT, LIST, certificate, months, registration_list, tech_hub
from sanad.words.errors import UsageError

PLAN = registers.plan()
FIRST, *_, LAST = PLAN.editions
EVERYBODY = registers.registrants()
FIRMS = [one for one in EVERYBODY if one.kind != "freelancer"]
RELEASES = [release for dataset in registers.datasets() for release in registers.releases(dataset)]
#: sha256 of the lines "dataset edition file sha256" of every release: changes when anything at all does.
PINNED = "a9c792f2f10a0c4d211097642b5f6faf16aab83edee9e4142589292ff2af572c"


@pytest.fixture(scope="module")
def rendered():
    return {(one.dataset, one.edition, one.file): registers.render(one) for one in RELEASES}


def the_list(rendered, edition):
    ((content),) = [content for (name, of, _), content in rendered.items() if (name, of) == (LIST, edition)]
    return content


def lines(rendered):
    return [f"{' '.join(which)} {hashlib.sha256(content).hexdigest()}" for which, content in rendered.items()]


RENDER = """
import time
time.time = lambda: {now}
import hashlib
from sanad.local import registers
for dataset in registers.datasets():
    for one in registers.releases(dataset):
        if one.edition == "2025-09":
            sha256 = hashlib.sha256(registers.render(one)).hexdigest()
            print(one.dataset, one.edition, one.file, sha256)
"""


def test_the_same_bytes_on_every_machine(rendered):
    assert hashlib.sha256("\n".join(lines(rendered)).encode()).hexdigest() == PINNED
    environment = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "America/New_York", "USER": "another", "LC_ALL": "C"}
    environment["PYTHONPATH"] = str(PROJECT / "include")
    program = [sys.executable, "-c", RENDER.format(now=2_000_000_000)]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [line for line in lines(rendered) if " 2025-09 " in line]
    assert len(done.stdout.splitlines()) == 7


def test_what_is_there():
    assert registers.datasets() == ["pseb/certificate", LIST, EXPORT, "pseb/tech_hub"]
    assert [one.edition for one in PLAN.editions] == ["2023-09", "2024-03", "2024-09", "2025-03", "2025-09", "2026-03"]
    assert {release.origin for release in RELEASES} == {"synthetic"}
    assert [release.file for release in registers.releases(LIST)] == [
        "pseb_list.xlsx", "pta_list.csv", "call_centres.html",
        "pseb_list.xls", "call_centres.pdf", "ministry_list.xlsx",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="'sbp/x' has no synthetic releases"):
        registers.releases("sbp/x")


def test_everybody_is_plainly_nobody(rendered):
    assert len(EVERYBODY) == len({one.stem for one in EVERYBODY}) == len({one.portal_key for one in EVERYBODY}) == 2000
    assert all(one.stem.startswith("Synthetic ") for one in EVERYBODY)
    everything = b"\n".join(content for (_, _, file), content in rendered.items() if not file.endswith("x"))
    assert len(everything) > 10**7
    hosts = set(re.findall(rb"https?:(?:\\?/){2}([\w.-]+)", everything))
    assert len(hosts) > 20
    assert {host.rpartition(b".")[2] for host in hosts} == {b"example"}
    assert set(re.findall(rb"\d{5}-\d{7}-\d", everything)) == {
        one.cnic.encode() for one in FIRMS if one.first_month <= LAST.month
    }
    assert all(one.cnic.startswith("00000-") and one.mobile.startswith("+92 399 ") for one in EVERYBODY)
    mobiles = re.findall(rb"(?<!\d)(?:\+92|0)[ -]?3\d\d[ -]?\d{7}(?!\d)", everything)
    assert len(mobiles) > 5_000
    assert all(number.startswith(b"+92 399 ") for number in mobiles)


def test_every_document_says_that_it_is_synthetic(rendered):
    assert len(rendered) == 6 * 7
    for (dataset, _, file), content in rendered.items():
        if file.endswith("xlsx"):
            ((sheet, *_),) = [python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()]
            assert PLAN.words["notice"] in sheet
        elif file.endswith("json") and dataset == "pseb/certificate":
            assert b"SYNTHETIC" in content  # the reply has no room for more than the name
        else:
            assert PLAN.words["notice"].encode() in content, file


def test_numbers_are_as_publishers_are():
    companies = [one for one in EVERYBODY if one.kind == "company"]
    serials = [int(one.certificate_no[5:].partition("/")[0]) for one in companies]
    assert serials == sorted(set(serials))
    assert not set(serials) & set(PLAN.words["serials_of_others"])
    for one in companies:
        assert re.fullmatch(r"Z-25-\d{4,5}/\d{2}", one.certificate_no)
        assert int(one.certificate_no[-2:]) == months.first_day(one.first_month).year % 100
    assert {one.certificate_no[-2:] for one in companies} >= {"96", "99", "00", "26"}
    assert all(re.fullmatch(r"[A-Z]{4}-\d{5}-[A-Z]{4}", one.portal_key) for one in EVERYBODY)
    freelancers = [one.certificate_no for one in EVERYBODY if one.kind == "freelancer"]
    assert all(re.fullmatch(r"FL21/PSEB/20\d\d/\d{5}", number) for number in freelancers)
    assert len({one.certificate_no for one in EVERYBODY}) == 2000


def share(happens, among=FIRMS):
    among = list(among)
    return sum(map(bool, map(happens, among))) / len(among)


def test_the_mess_has_its_stated_shares():
    shares = PLAN.shares
    versions = [version for one in FIRMS for version in one.versions]
    counts = Counter(len(one.versions) for one in FIRMS)
    assert set(counts) >= {1, 2, 3, 4, 5}
    assert counts[1] / len(FIRMS) == pytest.approx(shares["versions"][1], abs=0.03)
    assert share(lambda version: not version.activities, versions) == pytest.approx(shares["no_activity"], abs=0.04)
    moved = share(lambda one: len({version.city for version in one.versions}) > 1)
    assert 0.004 < moved <= shares["moved"]
    branches = share(lambda one: one.branches, [one for one in FIRMS if one.kind == "call_centre"])
    assert branches == pytest.approx(1 - shares["branches"][0], abs=0.06)
    assert share(lambda one: one.versions[0].town) > 0.2
    assert share(lambda one: "\u2013" in one.versions[0].address) == pytest.approx(shares["dash"], abs=0.02)
    lapsed = share(lambda one: not one.active(LAST.month), registers.registered(LAST.month, "company"))
    assert 0.35 < lapsed < 0.6  # the auditors found 52.4 %
    validities = [validity for one in FIRMS for validity in one.validities]
    long = share(lambda validity: validity.last - validity.first == 35, validities)
    assert long == pytest.approx(shares["three_years"], abs=0.01)
    gaps = [after.first - before.last for one in FIRMS for before, after in pairwise(one.validities)]
    assert {gap > 1 for gap in gaps} == {True, False}


def test_misspellings_are_printed_and_blank_places_too(rendered):
    export = json.loads(rendered[EXPORT, LAST.edition, "export_all_companies.json"])["data"]["companies"]
    places = {record["city_name"] for record in export}
    assert places >= {"", "Skardu", "Sakardu", "Muridkey", "Chenaab Nagar", "D.I. Khan", "Azad Kashmir", "New Jersey"}
    labels = {label for record in export for label in record["bussiness_acitivites_id"].split(",")}
    assert labels >= {
        "0", "Busines Process Management", "Business Procecss Outsourcing", "Embeded Systems Software",
        "Data Entry & Hosting Servcies", "Data Entry  & Hosting Servcies", " Finance & Insurance",
    }  # fmt: skip
    tools = {label for record in export for label in record["tools_technologies_id"].split(",")}
    assert tools >= {"Word Press", "wordpress", "jquery", "J Query", "angular", "Angular", "IT Consultancy"}


def test_an_export_holds_every_version_and_the_next_one_the_same_and_more(rendered):
    exports = [
        json.loads(rendered[EXPORT, edition.edition, "export_all_companies.json"])["data"]["companies"]
        for edition in PLAN.editions
    ]
    for earlier, later in pairwise(exports):
        assert len(earlier) < len(later)
        known = {record["id"]: record for record in later}
        for record in earlier:
            after = known[record["id"]]
            told = {"is_archived", "archived_at", "archived_by", "updated_at"}
            assert {key for key in record if record[key] != after[key]} <= told
    records = exports[-1]
    assert list(records[0])[:3] == ["id", "registration_no", "registration_certificate"]
    assert list(records[0])[-3:] == ["updated_at", "updated_by", "city_name"]
    assert len(records[0]) == 34
    by_id = {record["id"]: record for record in records}
    later_versions = [record for record in records if record["prev_id"]]
    assert len(later_versions) > 500
    for record in later_versions:
        before = by_id[record["prev_id"]]
        assert before["registration_no"] == record["registration_no"]
        assert (before["is_archived"], before["archived_at"]) == (1, record["created_at"])
    loaded = [record for record in records if record["created_at"].startswith("2019-05-17T11:45:")]
    assert len(loaded) > 200


class Tables(HTMLParser):
    """The cells of every row of an HTML page."""

    def __init__(self):
        super().__init__()
        self.rows = []

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip("\n")


def read_html(content):
    parser = Tables()
    parser.feed(content.decode())
    return parser.rows


def read_xlsx(content):
    return python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def read_xls(content):
    sheet = xlrd.open_workbook(file_contents=content, formatting_info=True).sheet_by_index(0)
    return [sheet.row_values(row) for row in range(sheet.nrows)]


def read_pdf(content):
    with pdfplumber.open(io.BytesIO(content)) as document:
        return [row for page in document.pages for table in page.extract_tables() for row in table]


def read_csv(content):
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@pytest.mark.parametrize(
    ("edition", "read", "number", "certificates"),
    [
        ("2023-09", read_xlsx, 1, 1214),
        ("2024-03", read_csv, 2, 1333),
        ("2024-09", read_html, 3, 326),
        ("2025-03", read_xls, 0, 1647),
        ("2025-09", read_pdf, 1, 354),
        ("2026-03", read_xlsx, 7, 2019),
    ],
)
def test_a_list_is_read_by_others_as_it_was_written(rendered, edition, read, number, certificates):
    (described,) = [one for one in PLAN.editions if one.edition == edition]
    headings = list(described.listed["columns"].values())
    rows = read(the_list(rendered, edition))
    assert headings in rows
    table = registration_list.describe(described)
    assert len(table.rows) == certificates
    body = [row for row in rows[rows.index(headings) + 1 :] if row != headings]
    assert [row[number] for row in body] == [row[number] for row in table.rows]
    if read is not read_xls:  # whose dates are numbers
        shown = [[str(int(cell) if isinstance(cell, float) else cell) for cell in row] for row in body]
        assert shown == [[str(cell) for cell in row] for row in table.rows]


def test_dates_are_written_in_many_ways(rendered):
    first = {edition: the_list(rendered, edition) for edition in ("2023-09", "2024-09", "2026-03")}
    assert re.fullmatch(r"[A-Z][a-z]{2} \d{4}", read_xlsx(first["2023-09"])[4][6])
    assert re.fullmatch(r"[A-Z][a-z]+ \d{4}", read_html(first["2024-09"])[1][4])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", read_xlsx(first["2026-03"])[4][0])
    book = xlrd.open_workbook(file_contents=the_list(rendered, "2025-03"), formatting_info=True)
    cell = book.sheet_by_index(0).cell(4, 4)
    assert cell.ctype == xlrd.XL_CELL_DATE
    assert book.format_map[book.xf_list[cell.xf_index].format_key].format_str == "mmm\\-yy"


def test_one_list_has_gone_through_a_wrong_encoding(rendered):
    content = the_list(rendered, "2024-03").decode()
    assert content.count("\u00e2\u20ac\u201c") > 100
    assert "\u2013" not in content


def test_branches_lapses_and_provisional_letters_are_listed():
    rows = list(registration_list.certificates(LAST.month, "call_centre"))
    kinds = Counter(row.kind for row in rows)
    assert (kinds["Call Centre"], kinds["Call Centre (Branch)"]) == (260, 119)
    provisional = [row for row in rows if row.provisional]
    assert provisional
    assert all(row.validity.last - row.validity.first == 2 for row in provisional)
    assert {row.validity.last < LAST.month for row in rows} == {True, False}
    assert len({row.certificate_no for row in rows}) == len(rows)


def test_a_workbook_says_when_it_was_last_saved(rendered):
    from sanad.grid import properties

    assert properties(the_list(rendered, "2026-03")) == LAST.published_at


def claims(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def test_a_certificate_is_verified_as_the_api_answers():
    company = EVERYBODY[800]
    for edition in PLAN.editions:
        answer = json.loads(certificate.reply(company, edition))
        assert list(answer) == ["message", "data"]
        data = answer["data"]
        assert list(data) == [
            "registrationNo", "type", "iat", "exp", "name", "validFrom", "validTill", "isValid",
        ]  # fmt: skip
        assert data["exp"] - data["iat"] == 90 * 86_400
        assert re.fullmatch(r"[A-Z][a-z]{2} \d{4}", data["validTill"])
        assert data["isValid"] is company.active(edition.month)
        assert data["name"] == data["name"].upper()
    token = certificate.token(company, FIRST)
    assert claims(token) == {key: json.loads(certificate.reply(company, FIRST))["data"][key] for key in claims(token)}
    signed, _, signature = token.rpartition(".")
    assert base64.urlsafe_b64decode(signature + "=") == hmac.digest(b"synthetic", signed.encode(), "sha256")


def test_some_registrations_are_valid_though_their_token_is_not_and_some_are_over():
    companies = registers.registered(LAST.month, "company")
    answers = [json.loads(certificate.reply(one, LAST))["data"] for one in companies]
    now = LAST.published_at.timestamp()
    assert {(one["isValid"], one["exp"] < now) for one in answers} >= {(True, True), (True, False), (False, True)}


def test_a_token_is_answered_only_when_it_is_one_of_ours():
    company = EVERYBODY[800]
    given = certificate.token(company, FIRST)
    status, answer = certificate.verified(json.dumps({"token": given}).encode(), LAST)
    assert (status, json.loads(answer)["data"]["registrationNo"]) == (200, company.certificate_no)
    for wrong in (given[:-3] + "abc", "a.b", "", "x.eyJhIjoxfQ.y"):
        assert certificate.verified(json.dumps({"token": wrong}).encode(), LAST)[0] == 400
    for body in (b"", b"[]", b"{}", b"\xff"):
        assert certificate.verified(body, LAST)[0] == 400
    newest = EVERYBODY[1639]
    assert newest.first_month > FIRST.month
    assert certificate.verified(json.dumps({"token": certificate.token(newest, LAST)}).encode(), FIRST)[0] == 400


@pytest.mark.parametrize(("which", "heading", "cnic"), [(800, "Company", False), (1999, "Freelancer", True)])
def test_the_certificate_has_a_text_layer(which, heading, cnic):
    one = EVERYBODY[which]
    page = pypdfium2.PdfDocument(certificate.pdf(one, LAST))[0]
    text = page.get_textpage().get_text_bounded()
    assert page.get_width() > page.get_height()
    lines = text.splitlines()
    assert lines[:4] == ["CERTIFICATE OF", "REGISTRATION", one.certificate_no, heading]
    labels = [label for label in ("Name:", "CNIC:", "Valid From:", "Valid Till:", "Registration No:") if label in text]
    assert ("CNIC:" in labels) is cnic
    assert len(labels) == 4 + cnic
    assert [text.index(label) for label in labels] == sorted(text.index(label) for label in labels)
    assert re.search(r"Valid Till:\s+[A-Z][a-z]{2}-\d{4}\s", text)
    assert one.name(LAST.month).upper() in text
    assert ("LIMITED" in text or "LTD" in text) is not cnic
    assert PLAN.words["notice"] in text


def cards(content):
    return content.count(b"tech-api-profile")


def test_the_portals_page_has_fifteen_cards_of_each_kind():
    for edition in PLAN.editions:
        page = tech_hub.page(edition)
        assert cards(page) == 45
        kinds = re.split(rb"tech-(?:company|callcenter|user)-profile", page)
        assert [cards(kind) for kind in kinds] == [0, 15, 15, 15]
        assert b"ecperties-overflow" in page
        assert not re.search(rb"Z-25|FL21|@", page)  # no number, no mail on a card


def html_of(content):
    return json.loads(content)["html"]


def test_a_search_answers_with_its_first_page_alone():
    in_karachi = [one for one in tech_hub.listed(LAST, "company") if tech_hub.located(one, LAST) == "Karachi"]
    assert len(in_karachi) > 60
    answer = html_of(tech_hub.search(LAST, "Karachi"))
    companies = answer.partition("tech-callcenter-profile")[0]
    assert companies.count("tech-api-profile") == 20
    assert set(re.findall(r"class='location'>([^<]*)<", answer)) == {"Karachi"}
    assert "Seats" in answer
    assert "CSR Agents" in answer
    assert b"<\\/div>" in tech_hub.search(LAST, "Karachi")


def test_a_town_of_two_cities_answers_with_companies_of_both():
    located = {
        one.version(LAST.month).city
        for one in tech_hub.listed(LAST, "company")
        if tech_hub.located(one, LAST) == "Gulberg Town"
    }
    assert located == {"Karachi", "Lahore"}
    answer = html_of(tech_hub.search(LAST, "Gulberg Town"))
    assert set(re.findall(r"class='location'>([^<]*)<", answer)) == {"Gulberg Town"}
    assert not re.search("Karachi|Lahore|tech-user-profile", answer)


def test_a_search_by_name():
    answer = html_of(tech_hub.search(LAST, "", "sigma"))
    names = re.findall(r"class='name'>([^<]*)<", answer)
    assert names
    assert all("sigma" in name.lower() for name in names)


def test_the_site_knows_its_own_spellings_only():
    assert "tech-api-profile" in html_of(tech_hub.search(LAST, "Bin Qaism Town"))
    assert "tech-api-profile" not in html_of(tech_hub.search(LAST, "Bin Qasim Town"))


def test_some_answers_are_not_json_and_some_forget_the_place():
    assert tech_hub.search(LAST, "Sher Shah Town") == b"0"
    everything = tech_hub.search(LAST, "")
    assert cards(everything) == 20
    assert tech_hub.search(LAST, "Chilton Town") == tech_hub.search(LAST, "Zarghoon Town") == everything


def test_load_more_forgets_the_place():
    places = set(re.findall(r"class='location'>([^<]*)<", html_of(tech_hub.load_more(LAST, 2))))
    assert len(places) > 3
    assert cards(tech_hub.load_more(LAST, 999)) == 0


def test_arrays_and_trade_names_stand_on_cards():
    companies = [tech_hub.search(LAST, place) for place in ("Karachi", "Lahore", "Islamabad", "Rawalpindi")]
    answers = "".join(map(html_of, companies))
    assert re.search(r"class='name'>synthetic [a-z ]+\d{4}<", answers)
    everybody = b"".join(tech_hub.load_more(LAST, turn) for turn in range(1, 40))
    arrays = everybody.count(b"<div>Array<")
    assert arrays / cards(everybody) == pytest.approx(PLAN.shares["array"], abs=0.02)


def test_months_count_on_over_the_years():
    december = months.parse("2025-12")
    assert months.first_day(december + 1) == date(2026, 1, 1)
    assert months.last_day(december) == date(2025, 12, 31)
