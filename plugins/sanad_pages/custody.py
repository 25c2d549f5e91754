"""The custody of a release, step by step: published, fetched, archived, read, decided about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sanad.words.vocabulary import VISIBLE, Event
from sanad_pages.wording import moment, published_from

#: A decision shows at most so many of the findings it was made in view of.
_MOST_FINDINGS = 10


@dataclass(frozen=True)
class Step:
    """One thing that happened: when, what in a word, and the rest by name; ``kind`` is its class in the style sheet."""

    when: str
    what: str
    said: tuple[tuple[str, str], ...]
    kind: str = ""


def steps(found: Mapping[str, Any], check: str) -> list[Step]:
    """The steps of a release, or of a figure's, in order; ``check`` says what came of hashing its bytes just now."""
    release, extraction = found["release"], found["extraction"]
    known = published_from(release["published_on_from"])
    listed = [Step(release["published_on"], "Published", (("known from", known),)), *_fetched(found)]
    listed.append(Step("", "Archived", (("sha256", release["sha256"]), ("check", check))))
    if extraction:
        parser = f"{extraction['parser']} {extraction['parser_version']}"
        listed.append(Step("", "Read", (("parser", parser),)))
    return listed + [_decided(event) for event in found["custody"] or []]


def hidden_since(found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The event that hid the release's figures from the marts, None while they are visible."""
    last: Mapping[str, Any] = found["custody"][-1]
    return None if Event(last["event"]) in VISIBLE else last


def _fetched(found: Mapping[str, Any]) -> Iterator[Step]:
    release, fetches = found["release"], found.get("fetches")
    if not fetches:
        address = release["url"] or "handed over without an address"
        yield Step(moment(release["first_fetched_at"]), "Fetched", (("from", address),))
    for fetch in fetches or []:
        said = [("from", fetch["url"]), ("via", fetch["via"]), ("run", fetch["airflow_run"])]
        yield Step(moment(fetch["started_at"]), "Fetched", tuple((name, text) for name, text in said if text))


def _decided(event: Mapping[str, Any]) -> Step:
    said = [("by", event["actor"]), ("why", event["reason"])]
    findings = event.get("findings") or []
    said += [("found", _finding(one)) for one in findings[:_MOST_FINDINGS]]
    if len(findings) > _MOST_FINDINGS:
        said.append(("", f"and {len(findings) - _MOST_FINDINGS} more"))
    if event.get("overruled"):
        said.append(("overruled", "accepted in spite of its gates"))
    said.append(("ledger event", str(event["seq"])))
    return Step(moment(event["at"]), event["event"].capitalize(), tuple(said), event["event"])


def _finding(one: Mapping[str, Any]) -> str:
    where = f" at {one['locator']}" if one["locator"] else ""
    return f"{one['gate']}{where}: expected {one['expected']}, found {one['found']}"
