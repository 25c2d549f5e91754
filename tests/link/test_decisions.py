"""Who is who in a warehouse: what a person decides of links, through the ledger, and back from the archive alone."""

from __future__ import annotations

import json
import shutil

import pytest
from helpers import events, new_installation, rows
from parsers.written import as_csv
from typer.testing import CliRunner

from sanad.archive.store import Store
from sanad.cli.commands import app
from sanad.decide import Arrival, decisions, ingest, links
from sanad.decide.rebuild import rebuild
from sanad.link import By, State
from sanad.registry import dataset
from sanad.words.errors import Refused, UsageError
from sanad.words.ids import Handle
from sanad.words.vocabulary import Origin

pytestmark = [pytest.mark.warehouse, pytest.mark.usefixtures("installation")]
LIST = "pseb/registration_list"
FIRMS = [
    *([f"X-{number}/20", f"Toprin Lamsek{number} Systems", "Lahore"] for number in range(20)),
    ["Z-25-0900/01", "Zarnova Kelbit Labs (Pvt) Ltd", "Lahore"],
    ["Z-25-0901/01", "Zarnova Kelbit Labs (Pvt) Ltd", "Lahore"],
    ["Z-25-0902/01", "Hufigon Data (Pvt) Ltd", "Karachi"],
]
CARDS = [["zarnova kelbit labs", "Ravi Town"], ["Hufigon Data", "Karachi"], ["Sharni Global", "Pall"]]


def take(headings: list[str], told: list[list[str]]):
    content = as_csv([["List as on 05 February 2026"], headings, *told])
    return ingest(dataset(LIST), Arrival({"list.csv": content}, Origin.SYNTHETIC, "tester", "handed over"))


@pytest.fixture
def cards() -> Handle:
    """A list with certificates and one without are staged: the second one's handle."""
    assert take(["Registration No", "Company Name", "City"], FIRMS).entries == len(FIRMS)
    done = take(["Company Name", "City"], CARDS)
    assert done.entries == len(CARDS)
    return Handle(LIST, sha256=done.sha256)


def whom(name: str) -> tuple[str | None, By]:
    """The certificate of the registrant that a row names, None for nobody's; and how that is known."""
    (entry_id,) = [row_id for row_id, found in rows("select entry_id, name from staging.entry") if found == name]
    (one,) = [each for each in links.resolution().identities if each.row_id == str(entry_id)]
    return one.registrant_code.removeprefix("certificate:") if one.by is not By.ALONE else None, one.by


def states() -> list[State]:
    return sorted(one.state for one in links.resolution().links)


def of(name: str, state: State) -> str:
    """The handle of a name's first link in a state."""
    return next(one.handle for one in links.resolution().links if (one.asked.name, one.state) == (name, state))


def test_a_person_decides_between_candidates_parts_what_was_linked_and_takes_it_back(cards):
    assert states() == [State.CANDIDATE, State.CANDIDATE, State.LINKED]
    assert (whom("zarnova kelbit labs"), whom("Hufigon Data")) == ((None, By.ALONE), ("Z-25-0902/01", By.NAME))

    accepted = links.accept(of("zarnova kelbit labs", State.CANDIDATE), "a person", "asked the firm")
    assert whom("zarnova kelbit labs") == (accepted.known.certificate_no, By.PERSON)
    links.reject(of("Hufigon Data", State.LINKED), "a person", "another firm of that name")
    assert whom("Hufigon Data") == (None, By.ALONE)
    assert states() == [State.ACCEPTED, State.REJECTED]

    links.withdraw(accepted.handle, "a person", "the firm was wrong")
    assert states() == [State.CANDIDATE, State.CANDIDATE, State.REJECTED]
    assert events()[-3:] == ["identified"] * 3
    assert len({release_id for (release_id,) in rows(
        "select release_id from archive.ledger where event = 'identified'")}) == 1  # fmt: skip
    _, about = links.found(accepted.handle)
    assert [(one.actor, one.reason, one.decision.is_same) for one in about] == [
        ("a person", "asked the firm", True), ("a person", "the firm was wrong", None),
    ]  # fmt: skip


def test_what_cannot_be_decided_is_refused_and_leaves_no_event(cards):
    linked, before = of("Hufigon Data", State.LINKED), events()
    with pytest.raises(UsageError, match="needs a reason"):
        links.reject(linked, "a person", " ")
    with pytest.raises(UsageError, match="no link 00000000"):
        links.accept("00000000", "a person", "why not")
    with pytest.raises(Refused, match=f"link {linked} is linked: nothing to withdraw"):
        links.withdraw(linked, "a person", "undo")
    assert events() == before
    links.reject(linked, "a person", "another firm")
    with pytest.raises(Refused, match=f"link {linked} is rejected already"):
        links.reject(linked, "a person", "another firm")
    assert len(events()) == len(before) + 1


def test_a_decision_outlives_its_release_s_retraction_and_the_warehouse(cards, template, tmp_path):
    links.reject(of("Hufigon Data", State.LINKED), "a person", "another firm")
    decisions.retract(cards, "a person", "withdrawn")
    assert "Hufigon Data" not in [one.asked.name for one in links.resolution().links if one.is_made]
    decisions.reinstate(cards, "a person", "back")
    before = links.resolution()
    assert State.REJECTED in [one.state for one in before.links]
    root = Store.open().root
    shutil.copytree(root, tmp_path / "archive")
    with new_installation(template):
        rebuild(Store.open(str(tmp_path / "archive")))
        assert links.resolution() == before
        assert events()[-3:] == ["identified", "retracted", "reinstated"]


def test_the_commands(cards, monkeypatch):
    def said(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["links", *arguments])
        assert done.exit_code == code, done.output
        return done.output

    waiting = json.loads(said("list", "--json"))
    assert [one["state"] for one in waiting] == ["candidate"] * 2
    assert all(isinstance(one["asked"]["entry_id"], str) for one in waiting)
    assert said("list").count("zarnova kelbit labs, Ravi Town  is  Zarnova Kelbit Labs") == 2
    assert "linked" in said("list", "--all")
    handle = waiting[0]["link"]
    assert "words" in said("show", handle)
    said("accept", handle, "--reason", "asked the firm")
    assert "accepted by tester" in said("show", handle)
    assert said("list") == "Nobody waits for a decision.\n"
    assert json.loads(said("show", handle, "--json"))["decisions"][0]["reason"] == "asked the firm"
    said("withdraw", handle, "--reason", "was wrong")
    assert len(json.loads(said("list", "--json"))) == 2
    assert said("places") == "Pall  ?  1\n"
    assert ["Ravi", "Town", "lahore_ravi_town", "1"] in [line.split() for line in said("places", "--all").splitlines()]
