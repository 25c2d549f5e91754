"""One registrant's certificate: the reply of the verification API, and the PDF's text layer.

The API writes ``Oct 2025`` where the PDF writes ``Oct-2025``. A token lives for 90 days, a registration for twelve
months: ``isValid`` follows the registration. The PDF has no QR code, as older ones have none.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from functools import cache
from http import HTTPStatus

from sanad.local.registers import months
from sanad.local.registers.plan import Edition, plan
from sanad.local.registers.population import Registrant, registrants
from sanad.local.registers.tables import new_pdf

_TOKEN_DAYS = 90
#: What tokens are signed with here. Nothing is protected by it.
_SIGNED_WITH = b"synthetic"
_HEADINGS = {"company": "Company", "freelancer": "Freelancer"}


def reply(one: Registrant, edition: Edition) -> bytes:
    """What the verification API answers about a company or a freelancer in an edition."""
    validity = one.validity(edition.month)
    valid = one.active(edition.month)
    data = _claims(one, edition) | {
        "name": one.name(edition.month).upper(),
        "validFrom": f"{months.first_day(validity.first):%b %Y}",
        "validTill": f"{months.first_day(validity.last):%b %Y}",
        "isValid": valid,
    }
    message = "Certificate verified successfully" if valid else "Certificate is not valid"
    return json.dumps({"message": message, "data": data}, separators=(",", ":")).encode()


def token(one: Registrant, edition: Edition) -> str:
    """The token of a registrant's newest certificate: a JWT, signed with HS256."""
    signed = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(_claims(one, edition))}"
    signature = hmac.digest(_SIGNED_WITH, signed.encode(), hashlib.sha256)
    return f"{signed}.{_base64(signature)}"


def verified(body: bytes, edition: Edition) -> tuple[HTTPStatus, bytes]:
    """Status and answer of the API to the body of a request, ``{"token": ...}``.

    What it says to a token that is none of its own nobody has written down; here it refuses.
    """
    try:
        given = str(json.loads(body)["token"])
        number = json.loads(base64.urlsafe_b64decode(given.split(".")[1] + "=="))["registrationNo"]
        one = _by_certificate()[number]
    except (ValueError, TypeError, KeyError, IndexError):
        return _refusal()
    if one.first_month > edition.month or not any(given == token(one, issued) for issued in plan().editions):
        return _refusal()
    return HTTPStatus.OK, reply(one, edition)


def pdf(one: Registrant, edition: Edition) -> bytes:
    """The certificate, an A4 page across with a text layer."""
    heading, validity = _HEADINGS[one.kind], one.validity(edition.month)
    page = new_pdf(_issued_at(one, edition))
    page.add_page()
    page.set_font("Helvetica", "B", 22)
    for line in ("CERTIFICATE OF", "REGISTRATION", one.certificate_no, heading):
        page.cell(0, 12, line, new_x="LMARGIN", new_y="NEXT")
    page.set_font("Helvetica", "", 12)
    said = f"This is to certify that the {heading} mentioned below is registered with Pakistan Software Export Board."
    page.cell(0, 14, said, new_x="LMARGIN", new_y="NEXT")
    fields = {
        "Name:": one.name(edition.month).upper(),
        **({"CNIC:": one.cnic} if one.kind == "freelancer" else {}),
        "Valid From:": f"{months.first_day(validity.first):%b-%Y}",
        "Valid Till:": f"{months.first_day(validity.last):%b-%Y}",
        "Registration No:": one.certificate_no,
    }
    for label, value in fields.items():
        page.cell(50, 9, label)
        page.cell(0, 9, value, new_x="LMARGIN", new_y="NEXT")
    for line in ("Toll Free: 0800-01010", plan().words["notice"]):
        page.cell(0, 14, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())


def _claims(one: Registrant, edition: Edition) -> dict[str, str | int]:
    issued_at = _issued_at(one, edition)
    return {
        "registrationNo": one.certificate_no,
        "type": one.kind,
        "iat": int(issued_at.timestamp()),
        "exp": int((issued_at + timedelta(days=_TOKEN_DAYS)).timestamp()),
    }


def _issued_at(one: Registrant, edition: Edition) -> datetime:
    """Some day of the first month of the newest registration."""
    first_day = months.first_day(one.validity(edition.month).first)
    return datetime.combine(first_day, time(9, 8, 34), UTC) + timedelta(days=one.draws.number("issued", 1, 20))


@cache
def _by_certificate() -> dict[str, Registrant]:
    return {one.certificate_no: one for one in registrants() if one.kind in _HEADINGS}


def _refusal() -> tuple[HTTPStatus, bytes]:
    return HTTPStatus.BAD_REQUEST, json.dumps({"message": "Invalid token"}).encode()


def _encoded(content: Mapping[str, str | int]) -> str:
    return _base64(json.dumps(content, separators=(",", ":")).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
