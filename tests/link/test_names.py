"""Names and texts in the form in which they are compared."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sanad.link.names import Name, named
from sanad.link.text import data, plain

WRITTEN = st.lists(
    st.one_of(
        st.sampled_from([row["spelling"] for file in ("words", "legal_forms") for row in data(file)]),
        st.sampled_from(
            ["Alpha", "N", "Net", "Sol", "&", "(Pvt.)", "M/s", "12", "۱۲", "out", "business process", "C++"]
        ),
        st.text(max_size=6),
    ),
    max_size=6,
).map(" ".join)


@given(st.text() | WRITTEN)
@example("İ")
@example("ﷺ ﬃ ǆ")
def test_plain_twice_is_plain_once(text):
    assert plain(plain(text)) == plain(text)


@given(WRITTEN)
@example("business process out sourcing (Pvt) Ltd")
def test_a_name_as_compared_is_the_same_again(text):
    assert named(str(named(text))) == named(text)


@given(st.text())
def test_no_letter_or_digit_is_left_out(text):
    ascii_only = "".join(one for one in text if one.isascii())
    assert [one for one in plain(ascii_only) if one.isalnum()] == [
        one for one in ascii_only.casefold().replace("&", "and").replace("+", "plus") if one.isalnum()
    ]


KNOWN = {word for file in ("words", "legal_forms") for row in data(file) for word in plain(row["spelling"]).split()}
WORDS = st.lists(st.from_regex(r"[a-z0-9]{2,9}", fullmatch=True).filter(lambda word: word not in KNOWN), min_size=1)


@given(WORDS, WORDS)
def test_words_that_no_file_knows_keep_names_apart(one, other):
    assert (named(" ".join(one)) == named(" ".join(other))) == (one == other)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("OUTSENTIA (PRIVATE) LIMITED", "Outsentia (Pvt.) Ltd."),
        ("M/s Alpha Tech (SMC-Pvt) Ltd", "M/s. ALPHA TECHNOLOGIES SMC-Private Limited"),
        ("I.T. Minds Int'l", "Information Technology Minds International"),
        ("Café Data & Co.", "CAFE DATA AND COMPANY"),
        ("نیٹ سول سافٹ ویئر (پرائیویٹ) لمیٹڈ", "نیٹ سول Software (Pvt) Ltd"),
        ("ABC ۱۲۳", "abc 123"),
        ("علي كمپنی", "علی کمپنی"),
    ],
)
def test_one_name_written_in_two_ways(written, same):
    assert named(written) == named(same)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alpha Systems (Pvt) Ltd", "Alpha Solutions (Pvt) Ltd"),
        ("Alpha Systems 2", "Alpha Systems 3"),
        ("Alpha Systems", "Alpha Systems Labs"),
        ("Alpha Systems (Pvt) Ltd", "Alpha Systems & Co"),
        ("Net Sol", "Sol Net"),
    ],
)
def test_names_that_must_stay_apart(one, other):
    assert named(one) != named(other)


def test_a_legal_form_is_kept_apart_and_a_name_is_never_taken_for_one():
    assert named("Alpha Data & Co (Pvt) Ltd") == Name(("alpha", "data"), ("and company", "private limited"))
    assert named("Limited").words == ("limited",)
    assert named("(Pvt) Ltd").words == ("pvt",)
    assert named("!?").words == ()
