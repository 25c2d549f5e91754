"""What is a person's does not pass the archive's door."""

import io
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsers.written import as_csv, pdf
from registers.conftest import ROWS
from registers.planted import PLANTED, files, refused, seen

from sanad.redact import redact
from sanad.registry import dataset
from sanad.words.errors import NotKept
from sanad.words.personal import MARK, scrub

FIRM = "Known Synthetic Firm"
CUT = [(name, part, content) for name, parts in files(FIRM) for part, content in parts.items()]
LABELS = [f"{name} {part}" for name, part, _ in CUT]


def unpacked(content: bytes) -> bytes:
    """All that is in a file, also inside a package."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return b"".join([*map(package.read, package.namelist()), *(name.encode() for name in package.namelist())])


@pytest.mark.parametrize(("name", "part", "content"), CUT, ids=LABELS)
def test_nothing_planted_is_left_and_the_firm_is(name, part, content):
    assert seen(unpacked(content)), "something is planted in it"
    kept = redact(dataset(name), part, content)
    assert seen(unpacked(kept.content)) == []
    assert seen(str(kept.removed_paths)) == []
    assert FIRM.encode() in unpacked(kept.content) or (name.endswith("list") and part.endswith((".xls", ".pdf")))
    assert kept.original_sha256


@pytest.mark.parametrize(("name", "part", "content"), CUT, ids=LABELS)
def test_the_same_bytes_give_the_same_bytes_and_those_stay(name, part, content):
    kept = redact(dataset(name), part, content)
    assert redact(dataset(name), part, content) == kept
    assert redact(dataset(name), part, kept.content) == (kept.content, None, {})


@pytest.mark.parametrize(("name", "parts"), list(refused()))
def test_what_cannot_be_cut_is_refused_without_a_word_of_it(name, parts):
    ((_, content),) = parts.items()
    with pytest.raises(NotKept, match="was not kept") as error:
        redact(dataset(name), "001", content)
    assert seen(f"{error.value!r} {error.value.__cause__!r}") == []


def test_the_account_names_columns_and_not_values(lists):
    content = as_csv([[*ROWS[2], "CNIC", "Guarantor"], [*ROWS[3], PLANTED["cnic"], PLANTED["director"]]])
    assert redact(lists, "x", content).removed_paths == {
        "col=7": "cnic 1",
        "col=8": "heading 1, undeclared 1",
    }


def test_a_text_file_without_anything_personal_stays_byte_for_byte(lists):
    content = as_csv(ROWS[2:]).replace(b"\r\n", b"\n")
    assert redact(lists, "x", content) == (content, None, {})


def test_a_dataset_without_declared_fields_keeps_its_bytes():
    source = dataset("sbp/trade_in_services")
    assert redact(source, "dt.xls", b"anything") == (b"anything", None, {})


def test_a_pdfs_properties_are_no_page_of_it(lists):
    kept = redact(lists, "x", pdf(ROWS, author=PLANTED["author"])).content
    assert b"Author" not in kept


@pytest.mark.parametrize(
    "text",
    ["42101-1234567-1", "4210112345671", "42101 1234567 1", "42101\u200f-1234567\u200e-1", "٤٢١٠١-١٢٣٤٥٦٧-١",
     "42101/1234567/1", "42101_1234567_1", "(42101) 1234567 (1)", "42101–1234567–1", "４２１０１-１２３４５６７-１",
     "0300-1234567", "+92 (0) 300 1234567", "+92 300 1234567", "00923001234567", "3001234567", "(0300) 1234567",
     "0300.123.4567", "someone@mail.example", "someone%40mail.example", "https://pk.linkedin.com/in/some-one",
     "www.fiverr.com/someone"],
)  # fmt: skip
def test_numbers_and_addresses_of_persons_are_known_however_they_are_written(text):
    assert re.sub(r"[+()]", "", scrub(f"call {text} now").text) == f"call {MARK} now"


@pytest.mark.parametrize(
    "text",
    ["Z-25-17156/25", "042-35712345", "+92 42 35712345", "MFHL-45084-RXKH", "2019-05-17T11:45:26.181804Z",
     "https://www.linkedin.com/company/a-firm",
     "1761123456", "0800-01010", "Plot 12, 54000", "www.firm.example", "FL21/PSEB/2025/13053"],
)  # fmt: skip
def test_what_is_a_firms_stays(text):
    assert scrub(text) == (text, ())


@given(st.from_regex(r"[0-9]{5}-[0-9]{7}-[0-9]", fullmatch=True), st.text(st.characters(categories=("L",)), max_size=9))
def test_a_cnic_is_found_in_any_text(number, around):
    assert number not in scrub(f"{around} {number}{around}").text
