"""Registers as the portal's own export: every version of every company and call centre, under the portal's keys.

The keys, their order and their misspellings are the portal's. Columns called ``_id`` hold labels joined by commas,
``"0"`` for none. What its whole numbers mean nobody has said; here they mean nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from sanad.local.registers import months
from sanad.local.registers.draws import Draws
from sanad.local.registers.months import Month
from sanad.local.registers.plan import Edition, plan
from sanad.local.registers.population import Registrant, Version, registered

#: The portal's own record ids go up by this much from one registrant to the next.
_IDS_A_REGISTRANT = 13
#: When, in its first month, the portal was filled with all that was known before.
_LOADED_AFTER = timedelta(days=16, hours=11, minutes=45)


def render(edition: Edition) -> bytes:
    """The export as it answers in an edition."""
    everybody = registered(edition.month, "company", "call_centre")
    records = [record for one in everybody for record in _records(one, edition)]
    reply = {"success": True, "message": plan().words["notice"], "status": 200, "data": {"companies": records}}
    return json.dumps(reply, separators=(",", ":")).encode()


def _records(one: Registrant, edition: Edition) -> Iterator[dict[str, Any]]:
    """The registrant's versions up to the edition; each but the last is archived."""
    versions = [version for version in one.versions if version.since <= edition.month]
    for turn, version in enumerate(versions):
        following = versions[turn + 1] if turn + 1 < len(versions) else None
        yield _record(one, turn, version, following)


def _record(one: Registrant, turn: int, version: Version, following: Version | None) -> dict[str, Any]:
    draws = one.draws.under("record", turn)
    record_id = one.number * _IDS_A_REGISTRANT + turn
    created = _instant(draws, version.since)
    archived = _instant(one.draws.under("record", turn + 1), following.since) if following else None
    call_centre = one.kind == "call_centre"
    return {
        "id": record_id,
        "registration_no": one.portal_key,
        "registration_certificate": None,
        "type": "callcenter" if call_centre else "company",
        "full_name": f"{one.stem} {version.legal_form}".strip(),
        "address": version.address,
        "state_id": "0",
        "bussiness_acitivites_id": _joined(version.activities),
        "bussiness_acitivites_secondary_id": _some(draws, "activity", 0.2, 2),
        "internet_provider_id": draws.one_of("provider", plan().words["providers"]),
        "connectivity_backup_provider_id": draws.one_of("backup", ["0", *plan().words["providers"]]),
        "connectivity_media_id": draws.one_of("media", plan().words["media"]),
        "connectivity_backup_media_id": draws.one_of("backup media", ["0", *plan().words["media"]]),
        "bpo_services_id": _some(draws, "bpo_service", 0.9 if call_centre else 0.1, 3),
        "bpo_services_secondary_id": "0",
        "tools_technologies_id": _some(draws, "tool", 0.6, 5),
        "languages_id": _joined(draws.some_of("languages", plan().words["languages"], 3)),
        "cnic_number": one.cnic,
        "contact_mobile": one.mobile,
        "status": draws.one_of("status", (2, 12)),
        "nadra_status": draws.number("nadra", 0, 1),
        "fbr_status": draws.number("fbr", 0, 1),
        "secp_status": draws.number("secp", 0, 1),
        "registration_certificate_no": one.certificate_no,
        "is_submitted": 1,
        "is_archived": int(following is not None),
        "prev_id": record_id - 1 if turn else None,
        "archived_at": archived,
        "archived_by": 1 if following else None,
        "created_at": created,
        "created_by": one.number,
        "updated_at": archived or created,
        "updated_by": one.number,
        "city_name": version.place,
    }  # fmt: skip


def _instant(draws: Draws, month: Month) -> str:
    """An instant of the month; what is older than the portal was created when the portal was filled."""
    since = months.parse(plan().words["portal_since"])
    if month < since:
        start = datetime.combine(months.first_day(since), time()) + _LOADED_AFTER
        moment = start + timedelta(microseconds=draws.number("microsecond", 0, 59_999_999))
    else:
        start = datetime.combine(months.first_day(month), time(4))
        moment = start + timedelta(microseconds=draws.number("microsecond", 1, 4 * 86_400_000_000))
    return moment.isoformat(timespec="microseconds") + "Z"


def _some(draws: Draws, field: str, share: float, at_most: int) -> str:
    """Labels of a field, in this share of records."""
    labels = draws.some_of(field, plan().labels[field], at_most) if draws.happens(f"any {field}", share) else ()
    return _joined(labels)


def _joined(labels: tuple[str, ...]) -> str:
    return ",".join(labels) or "0"
