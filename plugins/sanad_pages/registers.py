"""What pages show of rows that rest on registers: whom a count counts, the entries a row cites, one entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sanad.lineage import Chain, EntryChain, Measure, Part, trace, trace_entry
from sanad.registry import dataset
from sanad.words.errors import UsageError
from sanad.words.vocabulary import Privacy
from sanad_pages import custody, questions
from sanad_pages.wording import column_words

#: A page lists so many of those whom a count counts.
A_PAGE = 50
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_UNCHECKED = "not made for this page; sanad verify makes it"


@dataclass(frozen=True)
class Entry:
    """A row of a register that a list names: the release it stands in, its place there, and what it says."""

    entry_id: str
    locator: str
    release: Mapping[str, Any]
    name: str
    certificate: str
    place: str


@dataclass(frozen=True)
class Counted:
    """One of those whom a count counts, by its place among them, with the entries that say so."""

    number: int
    registrant: str
    location: str
    entries: list[Entry]


@dataclass(frozen=True)
class Listed:
    """A page of those whom a count counts: which of how many they are, and where the pages beside it begin."""

    counted: list[Counted]
    first: int
    of_all: int
    before: int | None
    after: int | None

    @property
    def last(self) -> int:
        """The place of the last one listed."""
        return self.first + len(self.counted) - 1


def listed(chain: Chain, count: Measure, first: str) -> tuple[Chain, Listed]:
    """The chain of one count of a row with the page of its members that begins with the ``first``, and that page."""
    begin, of_all = _begin(chain, count, first), int(count.value or 0)
    asked = trace(chain.mart, chain.joined_key, count.column, part=Part(A_PAGE, begin - 1))
    entries = by_id(asked)
    counted = [
        Counted(number, one["registrant_code"], one["location_code"], [entries[id_] for id_ in one["entry_ids"]])
        for number, one in enumerate(asked.members, start=begin)
    ]
    before = max(1, begin - A_PAGE) if begin > 1 else None
    after = begin + A_PAGE if begin + A_PAGE <= of_all else None
    return asked, Listed(counted, begin, of_all, before, after)


def _begin(chain: Chain, count: Measure, first: str) -> int:
    if _NUMBER.fullmatch(first) and (int(first) == 1 or int(first) <= int(count.value or 0)):
        return int(first)
    counted = f"{column_words(count.column)} counts {count.value or 0}"
    raise UsageError(f"{chain.mart} {chain.joined_key}: {counted}, and none of them is number {first}")


def by_id(chain: Chain) -> dict[str, Entry]:
    """The entries of a chain by their ids, in the chain's order."""
    releases = {one["release"]["release_id"]: one["release"] for one in chain.releases}
    return {one["entry_id"]: _entry(one, releases[one["release_id"]]) for one in chain.entries}


def _entry(one: Mapping[str, Any], release: Mapping[str, Any]) -> Entry:
    said = {field["field"]: field["as_printed"] for field in one["fields"]}
    place = ", ".join(filter(None, (said.get("place"), said.get("region"))))
    return Entry(one["entry_id"], one["locator"], release, said.get("name", ""), said.get("certificate_no", ""), place)


def releases_of(chain: Chain) -> list[tuple[Mapping[str, Any], list[custody.Step]]]:
    """The releases of a chain, each with its custody."""
    return [(one["release"], custody.steps(one, _UNCHECKED)) for one in chain.releases]


def entry(entry_id: str) -> dict[str, Any]:
    """One row of a register: its fields as printed and as used, and its release's custody."""
    if not questions.may_be_id(entry_id) or not questions.is_entry(entry_id):
        raise UsageError(f"no entry '{entry_id}' is staged: an entry's id is a number of up to 19 digits")
    chain = trace_entry(entry_id)
    contacts = _contacts(chain)
    return {
        "entry": chain,
        "fields": [one for one in chain.fields if one["field"] not in contacts],
        "kept_back": [one["field"] for one in chain.fields if one["field"] in contacts],
        "title": next((one["as_printed"] for one in chain.fields if one["field"] == "name"), f"Entry {entry_id}"),
        "steps": custody.steps(chain.release, _UNCHECKED),
        "hidden": custody.hidden_since(chain.release),
        "address": f"/lineage/entry/{entry_id}",
    }


def _contacts(chain: EntryChain) -> set[str]:
    """The fields that are a firm's way to be reached; a page is read by more people than the warehouse."""
    declared = dataset(chain.release["release"]["dataset"]).fields
    return {name for name, told in declared.items() if told.privacy is not Privacy.PUBLIC}
