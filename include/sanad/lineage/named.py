"""What people call a release, a figure and an entry."""

from __future__ import annotations

import re
from typing import Any

from psycopg import Connection

from sanad.archive import releases
from sanad.warehouse.connect import Role, engine
from sanad.words import ids
from sanad.words.errors import UsageError
from sanad.words.ids import Handle
from sanad.words.vocabulary import VISIBLE

_AT = """
    select figure_id as id from staging.figure where release_id = %(release)s and locator = %(locator)s
    union all
    select entry_id from staging.entry
    where release_id = %(release)s and (
        locator = %(locator)s or exists (
            select from jsonb_each(fields) as one where one.value ->> 'locator' = %(locator)s
        )
    )
"""
_STAGED = """
    select from staging.figure where figure_id = %(id)s union all select from staging.entry where entry_id = %(id)s
"""


def named(connection: Connection[Any], name: str) -> tuple[int, int | None]:
    """The ids of the release and, when one figure or entry of it is meant, of that.

    A release is named by its handle or its id; a figure or an entry by its id, or by a handle and a locator joined by
    ``!``: ``sbp/trade_in_services@2026-03!'EBOPS '!I61``, for an entry that of its row or of any of its fields.
    UsageError says what is not there.
    """
    if re.fullmatch(r"[0-9]{1,18}|[0-8][0-9]{18}", name):
        return _by_id(connection, int(name))
    handle, mark, locator = name.partition("!")
    release_id = _by_handle(Handle.parse(handle))
    if not mark:
        return release_id, None
    found = connection.execute(_AT, {"release": release_id, "locator": locator}).fetchall()
    if len(found) != 1:
        many = f"{len(found)} entries" if found else "no staged figure or entry"
        raise UsageError(f"{handle} has {many} at {locator}: a locator is written as `sanad trace` shows it")
    return release_id, found[0][0]


def _by_id(connection: Connection[Any], number: int) -> tuple[int, int | None]:
    if connection.execute("select 1 from archive.release where release_id = %s", [number]).fetchone():
        return number, None
    if connection.execute(_STAGED, {"id": number}).fetchone() is not None:
        return ids.release_of(number), number
    raise UsageError(f"{number} is the id of no release and of no staged figure or entry")


def _by_handle(handle: Handle) -> int:
    """Of several releases of an edition the visible one, then the newest; a hash must name one alone."""
    with engine(Role.AUDITOR).connect() as reading:
        fitting = [one for one in releases.known(reading, handle.dataset) if one.named(handle)]
    if not fitting:
        raise UsageError(f"no release {handle} in the archive")
    if handle.sha256 and len(fitting) > 1:
        raise UsageError(f"{handle} names {len(fitting)} releases: give more digits of its sha256")
    return max(fitting, key=lambda one: (one.state in VISIBLE, one.release.order)).release.release_id
