"""What each of PSEB's registers is read as."""

import json
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsers.written import as_csv, pdf, xlsx
from registers.conftest import FORMS, ROWS, card, changed, exported, page, record, reply, taken

from sanad.extract import Entry, Field, read_release
from sanad.extract.registers import unscrambled
from sanad.redact import redact
from sanad.words.errors import NotKept, Unreadable
from sanad.words.months import month_in, month_of


@pytest.mark.parametrize("form", FORMS)
def test_a_list_says_the_same_in_every_form(lists, form):
    found = taken(lists, FORMS[form](ROWS))
    assert (found.edition, found.rejected) == ("2026-02", [])
    assert [(e.certificate_no, e.name, e.place, e.kind) for e in found.entries] == [
        ("Z-25-0010/96", "First Synthetic Firm (Pvt) Ltd", "Rawalpindi", "company"),
        ("Z-25-20500/26", "Second Synthetic Firm", "Lahore", "call_centre"),
        ("CC-1/26-B2", "Second Synthetic Firm", "Karachi", "call_centre"),
    ]
    assert [(e.valid_from_month, e.valid_till_month) for e in found.entries] == [
        (date(2025, 10, 1), date(2026, 9, 1)), (date(2026, 1, 1), date(2026, 12, 1)),
        (date(2026, 1, 1), date(2026, 12, 1)),
    ]  # fmt: skip
    assert [e.fields["registered_year"].value for e in found.entries] == [1996, 2026, 2026]
    assert [e.fields.get("branch") is not None for e in found.entries] == [False, False, True]
    assert "status" in found.lacks
    assert "cnic" not in found.lacks
    assert len({e.ordinal for e in found.entries}) == 3


LOCATORS = {
    "csv": ("row=4", "cell=4,2"),
    "xls": ("'Sheet1'!4:4", "'Sheet1'!B4"),
    "xlsx": ("'Sheet1'!4:4", "'Sheet1'!B4"),
    "html": ("/html[1]/body[1]/table[1]/tbody[1]/tr[4]", "/html[1]/body[1]/table[1]/tbody[1]/tr[4]/td[2]"),
}


@pytest.mark.parametrize("form", LOCATORS)
def test_every_field_knows_its_place_in_the_archived_file(lists, form):
    first = taken(lists, FORMS[form](ROWS)).entries[0]
    assert (first.locator, first.fields["name"].locator) == LOCATORS[form]


def test_a_pdfs_fields_know_their_page_and_box(lists):
    table = [*ROWS, *([f"Z-25-{n:05d}/25", f"Firm {n}", "Multan", "BPO", "Oct 2025", "Sep 2026"] for n in range(100))]
    found = taken(lists, pdf(table))
    assert len(found.entries) == 103
    assert found.entries[-1].fields["name"].locator.startswith("page=3&viewrect=")
    assert len({entry.locator for entry in found.entries}) == 103


def test_a_pdf_without_rules_is_read_by_its_gaps(lists):
    assert len(taken(lists, pdf(ROWS, lines=False)).entries) == 3


def test_a_pdfs_box_holds_the_text_by_another_library_too(lists):
    import io
    import re

    import pdfplumber

    content = redact(lists, "x.pdf", pdf(ROWS)).content
    for entry in read_release(lists, {"x.pdf": content}).entries:
        for field in entry.fields.values():
            left, top, width, height = map(float, re.search(r"viewrect=(.*)", field.locator)[1].split(","))
            with pdfplumber.open(io.BytesIO(content)) as document:
                box = document.pages[0].crop((left - 1, top - 1, left + width + 1, top + height + 1))
                assert box.extract_text() == field.as_printed


def test_an_html_place_is_found_by_another_library_too(lists):
    import re

    from selectolax.lexbor import LexborHTMLParser

    content = redact(lists, "x.html", FORMS["html"](ROWS)).content
    tree = LexborHTMLParser(content)
    for entry in read_release(lists, {"x.html": content}).entries:
        for field in entry.fields.values():
            steps = re.findall(r"/(\w+)\[(\d+)\]", field.locator)
            found = tree.css_first(" > ".join(f"{tag}:nth-of-type({number})" for tag, number in steps))
            assert found.text() == field.as_printed


def test_dates_are_read_as_seen(lists):
    content = xlsx(changed(E4=datetime(2025, 10, 22), F4=46_295.0))
    first = taken(lists, content).entries[0]
    assert (first.fields["valid_from"].value, first.fields["valid_till"].value) == ("2025-10", "2026-09")


def test_a_heading_can_say_the_kind(lists):
    table = [["Name of Call Centre", "City"], ["Synthetic Calls", "Quetta"]]
    assert [entry.kind for entry in taken(lists, as_csv(table)).entries] == ["call_centre"]


def test_a_word_for_a_kind_that_nobody_declared_gives_none(lists):
    assert taken(lists, as_csv(changed(D4="Consortium"))).entries[0].kind is None


def test_the_version_of_a_reading_changes_with_the_registry(lists):
    before = taken(lists, as_csv(ROWS)).parser_version
    other = lists.model_copy(update={"kinds": {**lists.kinds, "Consortium": "company"}})
    assert taken(other, as_csv(ROWS)).parser_version != before


def test_several_files_can_be_one_list(lists):
    parts = {"a.csv": as_csv(ROWS), "b.xlsx": redact(lists, "b", xlsx(ROWS)).content}
    found = read_release(lists, parts)
    assert len(found.entries) == len({e.ordinal for e in found.entries}) == 6
    assert found.entries[-1].locator == "b.xlsx!'Sheet1'!6:6"
    assert found.entries[0].fields["name"].locator == "a.csv!cell=4,2"


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Oct 2025", date(2025, 10, 1)), ("May-2026", date(2026, 5, 1)), ("Mar-25", date(2025, 3, 1)),
        ("Oct 96", date(1996, 10, 1)), ("2025-10-31", date(2025, 10, 1)), ("31/10/2025", date(2025, 10, 1)),
        ("22nd October, 2025", date(2025, 10, 1)), ("October 22, 2025", date(2025, 10, 1)), ("10/31/2025", None),
        ("2025-13", None), ("31 Jun 2025", None), ("Marketing 2025", None), ("2025", None), ("Z-25", None),
        ("Z-25-0010/96", None),
    ],
)  # fmt: skip
def test_a_month_is_what_people_write_and_nothing_else(text, month):
    assert month_of(text) == month


def test_a_title_states_its_month():
    assert month_in("List of registrants as on 05 September 2024") == date(2024, 9, 1)
    assert month_in("All Z-25-0010/96 of Marketing 2025") is None


# -- the portal's export -----------------------------------------------------------------------------------------


def test_an_export_has_an_entry_for_each_version(export):
    found = taken(export, exported(record(1, is_archived=1), record(2, prev_id=1), record(3, type="callcenter")))
    assert [(e.kind, e.portal_key, e.certificate_no, e.place) for e in found.entries] == [
        ("company", "ABCD-00001-WXYZ", "Z-25-00001/22", "Sakardu"),
        ("company", "ABCD-00002-WXYZ", "Z-25-00002/22", "Sakardu"),
        ("call_centre", "ABCD-00003-WXYZ", "Z-25-00003/22", "Sakardu"),
    ]
    fields = found.entries[1].fields
    assert fields["activities"] == (
        ["IT Consultancy", "Sofware Outsourcing"],
        "IT Consultancy,Sofware Outsourcing",
        "/data/companies/1/bussiness_acitivites_id",
    )
    assert (fields["tools"].value, fields["previous_record_id"].value, fields["is_archived"].value) == ([], 1, False)
    assert fields["created_at"].value == "2019-05-17T11:45:26.181804+00:00"
    assert found.edition is None


def test_a_persons_record_is_gone_and_the_others_stay_where_they_were(export):
    content = redact(export, "x", exported(record(1), record(2, type="freelancer"), record(3))).content
    assert json.loads(content)["data"]["companies"][1] is None
    assert [e.locator for e in read_release(export, {"x": content}).entries] == [
        "/data/companies/0", "/data/companies/2",
    ]  # fmt: skip


def test_a_record_whose_id_was_borne_before_is_rejected(export):
    found = taken(export, exported(record(1), record(1)))
    assert [(row.locator, row.gate) for row in found.rejected] == [("/data/companies/1", "record_id")]


@pytest.mark.parametrize("document", [{"data": {}}, {"data": []}, {"companies": []}, []])
def test_an_export_without_records_is_refused(export, document):
    with pytest.raises(Unreadable, match="records"):
        read_release(export, {"x": json.dumps(document or {}).encode()})


# -- certificates ------------------------------------------------------------------------------------------------


def certificate(**lines: str) -> bytes:
    """A certificate's page; ``CNIC=...`` adds a labelled line."""
    told = {
        "Name:": "SYNTHETIC FIRM (PRIVATE) LIMITED", "Valid From:": "May-2026", "Valid Till:": "Apr-2027",
        "Registration No:": "Z-25-20500/26",
    } | {f"{label.replace('_', ' ')}:": value for label, value in lines.items() if label != "kind"}  # fmt: skip
    kind = lines.get("kind", "Company")
    above = [["CERTIFICATE OF"], ["REGISTRATION"], ["Z-25-20500/26", None, kind]]
    said = f"This is to certify that the {kind} mentioned below is registered with Pakistan Software Export Board."
    return pdf([*above, [said], *([label, value] for label, value in told.items()), ["Toll Free: 0800-01010"]])


def test_a_reply_and_a_page_are_read_alike(certificates):
    told = taken(certificates, reply(registrationNo="Z-25-20500/26", validFrom="May 2026", validTill="Apr 2027"))
    shown = taken(certificates, certificate())
    assert told.claim == shown.claim == "Z-25-20500/26"
    for found in (told, shown):
        (entry,) = found.entries
        assert (entry.kind, entry.name) == ("company", "SYNTHETIC FIRM (PRIVATE) LIMITED")
        assert (entry.valid_from_month, entry.valid_till_month) == (date(2026, 5, 1), date(2027, 4, 1))
    assert shown.entries[0].fields["name"].locator.startswith("page=1&viewrect=")


def test_the_tokens_dates_are_not_the_registrations(certificates):
    (entry,) = taken(certificates, reply()).entries
    assert entry.fields["token_expires_at"].value == "2026-01-20T08:57:36+00:00"
    assert entry.valid_till_month == date(2026, 9, 1)
    assert entry.fields["is_valid"].value is True


def test_two_certificates_that_differ_by_their_number_are_not_the_same(certificates):
    one, other = (taken(certificates, reply(registrationNo=number)) for number in ("Z-25-1234/24", "Z-25-1234/25"))
    assert one.canonical_sha256 != other.canonical_sha256


@pytest.mark.parametrize(
    "content",
    [
        reply(type="freelancer"), reply(type="Freelancer "), reply(type="individual"), reply(type="something new"),
        reply(type="new", registrationNo=None), reply(type=None), reply(registrationNo="FL21/PSEB/2026/25386"),
        certificate(kind="Freelancer"),
        certificate(CNIC="00000-0000001-0"), certificate(Registration_No="FL21/PSEB/2026/25386"),
        certificate(kind="Somebody"),
    ],
)  # fmt: skip
def test_a_persons_certificate_is_refused(certificates, content):
    with pytest.raises(NotKept, match="was not kept") as refused:
        redact(certificates, "x", content)
    assert "SYNTHETIC" not in str(refused.value)


@pytest.mark.parametrize("missing", ["name", "validFrom", "validTill"])
def test_a_certificate_that_lacks_a_field_is_refused(certificates, missing):
    with pytest.raises(Unreadable, match="certificate"):
        taken(certificates, reply(**{missing: None}))


# -- the directory -----------------------------------------------------------------------------------------------

HEADS = (
    "<div class='staff-holder'><span>120</span> Seats</div>"
    "<div class='staff-holder'><span>1,080</span> CSR Agents</div>"
)


def test_cards_are_entries_wherever_they_came_from(hub):
    calls = card("synthetic calls", kind="tech-callcenter-profile", more=HEADS)
    firm = card("synthetic firm", more="<div class='staff-holder'><span>12</span> Staff</div>"
                "<div class='experience'>3 Yrs Experience</div>")  # fmt: skip
    parts = {"page.html": page(firm, calls), "karachi.json": json.dumps({"html": firm}).encode()}
    kept = {name: redact(hub, name, content).content for name, content in parts.items()}
    found = read_release(hub, kept)
    assert [(e.kind, e.name) for e in found.entries] == [
        ("company", "synthetic firm"),
        ("call_centre", "synthetic calls"),
    ]
    first, second = found.entries
    assert first.locator == "karachi.json!/html!/html[1]/body[1]/div[1]/div[1]"
    assert (first.fields["staff"].value, first.fields["experience_years"].value) == (12, 3)
    assert (second.fields["seats"].value, second.fields["csr_agents"].value) == (120, 1080)
    assert first.fields["expertise"].value == ["SEO"], "Array is the site's slip"
    assert first.fields["website"].value == "https://firm.example/"


def test_a_walk_without_a_card_is_refused(hub):
    with pytest.raises(Unreadable, match="cards"):
        taken(hub, page())


#: Bytes that Windows-1252 has no letter for.
_UNUSED = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})
_TEXTS = st.text(st.characters(exclude_categories=("Cs",)))
_VALUES = st.one_of(st.none(), st.booleans(), st.integers(1 - 2**53, 2**53 - 1), _TEXTS, st.lists(_TEXTS))


# -- texts -------------------------------------------------------------------------------------------------------


def test_what_was_scrambled_once_is_undone_and_nothing_else():
    assert unscrambled("CafÃ©") == "Café"
    assert unscrambled("پاکستان".encode().decode("cp1252")) == "پاکستان"
    assert unscrambled("فیصل".encode().decode("cp1252", "replace")) is None, "a letter is lost"
    assert [unscrambled(text) for text in ("plain", "Café", "پاکستان", "50 €")] == [None] * 4


@given(_TEXTS)
def test_what_was_scrambled_comes_back_letter_by_letter(text):
    scrambled = "".join(bytes([one]).decode("latin-1" if one in _UNUSED else "cp1252") for one in text.encode())
    assert unscrambled(scrambled) == (None if text.isascii() else text)


@given(st.dictionaries(st.sampled_from("abcde"), _VALUES))
def test_an_entrys_canonical_form_is_rfc_8785(values):
    import rfc8785

    fields = {name: Field(value, "", "") for name, value in values.items()}
    entry = Entry(0, "", "company", None, None, None, None, None, None, None, fields)
    assert entry.canonical == f"company\t{rfc8785.dumps(values).decode()}"
