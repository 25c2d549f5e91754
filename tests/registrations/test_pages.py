"""The lineage pages of what registers list: whom a count counts, page by page, down to the row of a list."""

from __future__ import annotations

import pytest
from dags.test_lineage_pages import Page
from helpers import rows
from registrations.conftest import BRANCH, CENTRE, LIST, MOVER

from sanad.lineage import Part, trace

pytestmark = [pytest.mark.airflow, pytest.mark.warehouse, pytest.mark.usefixtures("registered")]
KARACHI = "mart_registrations/2025-03/call_centre/sindh/karachi"
PLACES = [f"{LIST}@2025-03!row=6", f"{LIST}@2024-09!row=5", f"{LIST}@2025-03!row=4"]


@pytest.fixture
def page(logged_in):
    """Asks for a page below the lineage pages and takes it apart."""

    def ask(path, status=200):
        answer = logged_in.get(f"/sanad/lineage/{path}")
        assert answer.status_code == status, answer.text
        return Page(answer.text)

    return ask


def test_a_count_is_told_in_words_with_those_whom_it_counts(page):
    shown = page(KARACHI)
    for said in (
        "Registrations, call centre, Karachi, Sindh, Mar-25",
        "Registrations whose validity covers the month.",
        "registered = count(members)",
        "one for each registration that is listed here, 3 in all",
        "1 to 3 of 3, in the order of their codes",
        MOVER[1],
        f"certificate:{BRANCH[0]}",
        "synthetic",
        'sanad trace mart_registrations "2025-03/call_centre/sindh/karachi" --measure registered --json',
        "Custody of the 2 releases",
        "int_registrations__span → mart_registrations",
    ):
        assert said in shown.words, said
    listed = [link for link in shown.links if "/entry/" in link]
    told = [page(link.removeprefix("/sanad/lineage/")).words for link in listed]
    assert [place for place, said in zip(PLACES, told, strict=True) if place.replace("!", " ") in said] == PLACES
    assert "moved in 1" in shown.words
    moved = page(f"{KARACHI}?measure=moved_in")
    assert "1 to 1 of 1" in moved.words and CENTRE[1] not in moved.words
    assert "It counts nobody." in page(f"{KARACHI}?measure=lapsed").words


def test_a_page_lists_fifty_and_leads_to_those_before_and_after(page, monkeypatch):
    from sanad_pages import registers

    assert registers.A_PAGE == 50
    monkeypatch.setattr(registers, "A_PAGE", 2)
    first = page(KARACHI)
    assert "1 to 2 of 3" in first.words
    (after,) = [link for link in first.links if "first=" in link]
    last = page(after.removeprefix("/sanad/lineage/"))
    assert "3 to 3 of 3" in last.words
    assert [link for link in last.links if "first=" in link] == [f"/sanad/lineage/{KARACHI}?measure=registered&first=1"]

    def named(shown):
        return [link for link in shown.links if "/dim_registrant/" in link]

    members = trace("mart_registrations", KARACHI.partition("/")[2], "registered").members
    assert [link.rpartition("/dim_registrant/")[2] for link in named(first) + named(last)] == [
        one["registrant_code"].replace(":", "%3A") for one in members
    ]


@pytest.mark.parametrize("measure", ["registered", "listed_active"])
def test_a_page_of_members_is_that_part_of_all(measure):
    mart, key = {
        "registered": ("mart_registrations", "2025-03/call_centre/sindh/karachi"),
        "listed_active": ("mart_registered_counts", "n0081"),
    }[measure]
    whole = trace(mart, key, measure)
    assert len(whole.members) == 3
    for skipped in range(4):
        part = trace(mart, key, measure, part=Part(2, skipped))
        assert part.members == whole.members[skipped : skipped + 2]
        assert part.measures == whole.measures
        cited = {id_ for one in part.members for id_ in one["entry_ids"]}
        assert part.entries == [one for one in whole.entries if one["entry_id"] in cited]


def test_a_published_count_leads_to_what_the_lists_show(page):
    claimed = page("mart_registered_counts/n0081")
    assert "Registered counts, n0081" in claimed.words
    (active,) = [link for link in claimed.links if "measure=listed_active" in link]
    shown = page(active.removeprefix("/sanad/lineage/"))
    assert "1 to 3 of 3" in shown.words
    assert f"{LIST}@2025-03" in shown.words

    def marks(one):
        return [mark for mark in ("press", "synthetic") if f'<li class="mark {mark}"' in one.source]

    assert (marks(claimed), marks(shown)) == (["press"], ["synthetic"]), "what is counted is no article's"


def test_a_registrant_and_a_registration_show_the_rows_they_cite(page):
    shown = page(f"dim_registrant/certificate:{CENTRE[0]}")
    assert shown.words.count("row=") == 2
    assert "The rows of registers that say so" in shown.words
    shown = page(f"fct_registration/certificate:{CENTRE[0]}/certificate:{CENTRE[0]}/2024-09-05")
    assert "row=3" in shown.words and "lapses on 2025-02-01" in shown.words


def test_a_release_has_its_page(page):
    by_handle = page(f"dim_release/{LIST}@2025-03")
    ((release_id,),) = rows("select release_id::text from marts.dim_release where handle = %s", f"{LIST}@2025-03")
    by_id = page(f"dim_release/{release_id}")
    assert by_id.words == by_handle.words
    for said in (f"Release, {LIST}@2025-03", "Received", "Accepted", "coverage partial"):
        assert said in by_id.words, said


def test_a_business_contact_is_not_on_the_page(page, monkeypatch):
    from sanad_pages import registers

    ((entry_id,),) = rows("select min(entry_id)::text from staging.entry where dataset = %s", LIST)
    shown = page(f"entry/{entry_id}")
    assert "Lahore" in shown.words and "business contact" not in shown.words
    monkeypatch.setattr(registers, "_contacts", lambda chain: {"place"})
    kept = page(f"entry/{entry_id}")
    assert "A business contact is not shown here" in kept.words
    assert "Lahore" not in kept.words


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("mart_registrations/2025-03/call_centre/sindh/nowhere", "has no row 2025-03/call_centre/sindh/nowhere"),
        (f"{KARACHI}?measure=valid", "has no measure 'valid' in this row; known: registered, new, renewed"),
        (f"{KARACHI}?first=4", "registered counts 3, and none of them is number 4"),
        (f"{KARACHI}?first=0", "none of them is number 0"),
        (f"{KARACHI}?first=%3Cscript%3E", "none of them is number <script>"),
        (f"{KARACHI}?as_of=2025-03-05", "run `sanad as-of 2025-03-05`"),
        ("mart_registrations_member/x", "mart_registrations_member holds no figures to trace"),
        ("dim_registrant/nobody", "dim_registrant has no row nobody"),
        ("entry/9223372036854775808", "no entry '9223372036854775808' is staged"),
        ("entry/x", "no entry 'x' is staged: an entry's id is a number of up to 19 digits"),
        ("entry/FIGURE", "is staged: an entry's id is a number"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(page, path, said):
    ((figure,),) = rows("select min(figure_id)::text from staging.figure")
    shown = page(path.replace("FIGURE", figure), 404)
    assert said in shown.words
    assert "<script>" not in shown.source


@pytest.mark.parametrize("path", [KARACHI, f"dim_release/{LIST}@2025-03", "entry/1"])
def test_who_is_not_logged_in_is_refused(anonymous, path):
    assert anonymous.get(f"/sanad/lineage/{path}").status_code == 401
    sent = anonymous.get(f"/sanad/lineage/{path}", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (sent.status_code, "/auth/login?next=" in sent.headers["location"]) == (303, True)
