"""Who is who in the warehouse's registers, and what a person decides of it, through the ledger.

A decision is an event `identified` of the release in which the row that is asked for stands. Its evidence has both rows
as they were printed, with their entries' ids, and whether they name one registrant; null withdraws. The last event
about a pair counts, whatever becomes of the release. Nothing else remembers a decision, so the archive's event files
are enough to rebuild it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, text

from sanad.archive import ledger
from sanad.archive.ledger import Entry
from sanad.archive.store import Store
from sanad.decide.decisions import check_reason
from sanad.link import Decision, Link, Resolution, Row, State, resolve
from sanad.link.places import Sighting, sightings
from sanad.registry import datasets
from sanad.warehouse import tables
from sanad.warehouse.connect import Role, engine
from sanad.words import ids
from sanad.words.errors import Refused, UsageError
from sanad.words.vocabulary import VISIBLE, Event

#: As corrected; `published` and `recorded` as the warehouse knew them then, NULL is now.
_ROWS = """
    with last_events as (
        select distinct on (release_id) release_id, event
        from archive.ledger
        where at <= coalesce(cast(:recorded as timestamptz), 'infinity')
        order by release_id, seq desc
    ),
    corrections as (
        select distinct on (release_id) release_id, evidence -> 'corrections' as in_force
        from archive.ledger
        where event = 'corrected' and at <= coalesce(cast(:recorded as timestamptz), 'infinity')
        order by release_id, seq desc
    ),
    changes as (
        select cast(one.correction ->> 'entry_id' as bigint) as entry_id, one.correction -> 'fields' as changed
        from corrections cross join jsonb_array_elements(in_force) as one (correction)
        where one.correction ->> 'entry_id' is not null
    )
    select
        entry.entry_id, coalesce(changed ->> 'kind', entry.kind) as kind,
        coalesce(changed -> 'name', to_jsonb(entry.name)) #>> '{}' as name,
        coalesce(changed -> 'place', to_jsonb(entry.place)) #>> '{}' as place,
        coalesce(changed -> 'region', entry.fields -> 'region' -> 'value') #>> '{}' as region,
        coalesce(changed -> 'certificate_no', to_jsonb(entry.certificate_no)) #>> '{}' as certificate_no,
        coalesce(changed -> 'portal_key', to_jsonb(entry.portal_key)) #>> '{}' as portal_key,
        coalesce(changed -> 'website', entry.fields -> 'website' -> 'value') #>> '{}' as website,
        coalesce((entry.fields -> 'branch' ->> 'value')::boolean, false) as is_branch, release.published_on as seen_on
    from staging.entry
    join archive.release using (release_id)
    join last_events using (release_id)
    left join changes using (entry_id)
    where
        last_events.event = any(:visible) and release.dataset = any(:registers)
        and release.published_on <= coalesce(cast(:published as date), 'infinity')
    order by release.published_on, entry.entry_id
"""
#: What is kept of a row in a decision's evidence.
_KEPT = ("name", "place", "region", "kind", "certificate_no", "portal_key", "is_branch")


@dataclass(frozen=True)
class Decided:
    """A decision with who made it, when, and why."""

    decision: Decision
    actor: str
    reason: str
    at: datetime


def rows(connection: Connection, published: date | None = None, recorded: datetime | None = None) -> list[Row]:
    """The rows of every register that are visible now, or as of a day and an instant; the oldest release's first."""
    registers = [name for name, source in datasets().items() if source.kind == "register"]
    asked = {"visible": [*VISIBLE], "registers": registers, "published": published, "recorded": recorded}
    found = connection.execute(text(_ROWS), asked).mappings()
    return [Row(str(row["entry_id"]), **{name: row[name] for name in row if name != "entry_id"}) for row in found]


def decided(connection: Connection) -> list[Decided]:
    """Every decision ever made, the oldest first."""
    event = tables.ledger.c
    found = connection.execute(
        select(event.actor, event.reason, event.at, event.evidence["identity"].label("said"))
        .where(event.event == Event.IDENTIFIED)
        .order_by(event.seq)
    )
    return [Decided(_decision(one.said), one.actor, one.reason, one.at) for one in found]


def _decision(said: dict[str, Any]) -> Decision:
    def row(told: dict[str, Any]) -> Row:
        return Row(told["entry_id"], **{name: told[name] for name in _KEPT})

    return Decision(row(said["asked"]), row(said["known"]), said["is_same"])


def resolution(published: date | None = None, recorded: datetime | None = None) -> Resolution:
    """Whom each visible row of each register names, by today's names, places and weights.

    As of a day and an instant: the rows that were visible then, by the decisions made until then.
    """
    with engine(Role.AUDITOR).connect() as connection:
        return _resolution(connection, published, recorded)


def _resolution(connection: Connection, published: date | None = None, recorded: datetime | None = None) -> Resolution:
    decisions = [one.decision for one in decided(connection) if recorded is None or one.at <= recorded]
    return resolve(rows(connection, published, recorded), decisions)


def found(handle: str) -> tuple[Link, list[Decided]]:
    """A link by its handle, with the decisions about its pair of rows' registrants; UsageError when there is none."""
    with engine(Role.AUDITOR).connect() as connection:
        link = _named(_resolution(connection), handle)
        about = [one for one in decided(connection) if _is_about(one.decision, link)]
    return link, about


def _is_about(decision: Decision, link: Link) -> bool:
    """Whether a decision was about the rows of a link, or about rows of the same words and keys."""
    pairs = ((decision.asked, link.asked), (decision.known, link.known))
    return all((one.keys and one.keys == other.keys) or one.subject == other.subject for one, other in pairs)


def _named(resolution: Resolution, handle: str) -> Link:
    named = [one for one in resolution.links if one.handle == handle]
    if not named:
        raise UsageError(f"no link {handle}: `sanad links list --all` names those there are")
    return named[0]


def accept(handle: str, actor: str, reason: str) -> Link:
    """Two codes are one registrant from now on, whatever their probability."""
    return _decide(handle, actor, reason, is_same=True)


def reject(handle: str, actor: str, reason: str) -> Link:
    """Two codes are two registrants from now on; what was linked is parted."""
    return _decide(handle, actor, reason, is_same=False)


def withdraw(handle: str, actor: str, reason: str) -> Link:
    """What was decided of two codes is so no longer: arithmetic says again what they are."""
    return _decide(handle, actor, reason, is_same=None)


def _decide(handle: str, actor: str, reason: str, *, is_same: bool | None) -> Link:
    check_reason(reason)
    store = Store.open()
    with engine(Role.LOADER).begin() as writing:
        ledger.lock(writing)
        ledger.mend_last(writing, store)
        link = _named(_resolution(writing), handle)
        _check(link, is_same)
        seqs = ledger.append(writing, actor, _entry(link, reason, is_same))
    with engine(Role.LOADER).connect() as reading:
        ledger.write_files(reading, store, seqs)
    return link


def _check(link: Link, is_same: bool | None) -> None:
    """Refused when a person has said so already, or when there is nothing to withdraw."""
    said = {State.ACCEPTED: True, State.REJECTED: False}.get(link.state)
    if said is is_same:
        raise Refused(
            f"link {link.handle} is {link.state}{' already' if said is not None else ': nothing to withdraw'}"
        )


def _entry(link: Link, reason: str, is_same: bool | None) -> Entry:
    def told(row: Row) -> dict[str, Any]:
        return {"entry_id": row.row_id, **{name: getattr(row, name) for name in _KEPT}}

    identity = {
        "link": link.handle,
        "asked": told(link.asked),
        "known": told(link.known),
        "is_same": is_same,
        "probability": None if link.probability is None else f"{link.probability:.6f}",
    }
    return Entry(Event.IDENTIFIED, ids.release_of(int(link.asked.row_id)), reason, evidence={"identity": identity})


def places() -> list[Sighting]:
    """Every spelling of a place in the visible rows of registers, with what it stands for and its number of rows."""
    with engine(Role.AUDITOR).connect() as connection:
        return sightings(row.place for row in rows(connection))
