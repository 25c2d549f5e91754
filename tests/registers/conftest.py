"""Registers of a few rows, written here in every form, and what becomes of them."""

from __future__ import annotations

import json

import pytest
from parsers.written import WRITERS, Table, html, pdf

from sanad.extract import Reading, read_release
from sanad.redact import redact
from sanad.registry import Dataset, dataset

FORMS = {**WRITERS, "html": html, "pdf": pdf}
HEADINGS = ["Registration No", "Company Name", "City", "Category", "Valid From", "Valid Till"]
ROWS: Table = [
    ["List of registrants as on 05 February 2026"],
    [],
    HEADINGS,
    ["Z-25-0010/96", "First Synthetic Firm (Pvt) Ltd", "Rawalpindi", "IT Company", "Oct 2025", "Sep 2026"],
    ["Z-25-20500/26", "Second Synthetic Firm", "Lahore", "Call Centre", "Jan-2026", "Dec-2026"],
    ["CC-1/26-B2", "Second Synthetic Firm", "Karachi", "Call Centre (Branch)", "2026-01-15", "31-12-2026"],
]


def changed(**cells) -> Table:
    """The rows of a list; ``B4=None`` changes one cell, ``G4=...`` adds a column."""
    rows = [list(row) for row in ROWS]
    for address, value in cells.items():
        row, column = rows[int(address[1:]) - 1], ord(address[0]) - ord("A")
        row += [None] * (column + 1 - len(row))
        row[column] = value
    return rows


@pytest.fixture(scope="session")
def lists() -> Dataset:
    return dataset("pseb/registration_list")


@pytest.fixture(scope="session")
def export() -> Dataset:
    return dataset("pseb/registry_export")


@pytest.fixture(scope="session")
def certificates() -> Dataset:
    return dataset("pseb/certificate")


@pytest.fixture(scope="session")
def hub() -> Dataset:
    return dataset("pseb/tech_hub")


def taken(source: Dataset, content: bytes, name: str = "list") -> Reading:
    """What is read of a file after it came through the archive's door."""
    return read_release(source, {name: redact(source, name, content).content})


def reply(**changes) -> bytes:
    """The verification API's answer about a firm; None takes a key away."""
    data = {
        "registrationNo": "Z-25-20500/25", "type": "company", "iat": 1761123456, "exp": 1768899456,
        "name": "SYNTHETIC FIRM (PRIVATE) LIMITED", "validFrom": "Oct 2025", "validTill": "Sep 2026", "isValid": True,
    } | changes  # fmt: skip
    data = {key: value for key, value in data.items() if value is not None}
    return json.dumps({"message": "Certificate verified successfully", "data": data}).encode()


def record(number: int, **changes) -> dict[str, object]:
    """A record of the portal's export."""
    return {
        "id": number, "registration_no": f"ABCD-{number:05d}-WXYZ", "registration_certificate": None, "type": "company",
        "full_name": f"Synthetic Firm {number}", "address": "Plot 1, Synthetic Street",
        "bussiness_acitivites_id": "IT Consultancy,Sofware Outsourcing", "tools_technologies_id": "0",
        "cnic_number": "00000-0000001-0", "contact_mobile": "+92 399 0000001", "status": 12,
        "registration_certificate_no": f"Z-25-{number:05d}/22", "is_archived": 0, "prev_id": None,
        "created_at": "2019-05-17T11:45:26.181804Z", "created_by": 7, "city_name": "Sakardu",
    } | changes  # fmt: skip


def exported(*records) -> bytes:
    """An export of these records."""
    return json.dumps({"success": True, "message": "ok", "status": 200, "data": {"companies": list(records)}}).encode()


def card(name: str, *, kind: str = "tech-company-profile", more: str = "", place: str = "Bin Qaism Town") -> str:
    """A card in its container."""
    return (
        f"<div class='{kind}'><div class='tech-api-profile'><h4 class='name'>{name}</h4>"
        f"<p class='location'>{place}</p>{more}"
        "<div class='EXPERTISE'><div class='ecperties-overflow'><div>SEO</div><div>Array</div></div></div>"
        "<div class='View-Profile'><a href='https://firm.example/'>View Profile</a></div></div></div>"
    )


def page(*cards: str) -> bytes:
    """The directory's page."""
    return f"<html><head><script>var x='{'x'}'</script></head><body>{''.join(cards)}</body></html>".encode()
