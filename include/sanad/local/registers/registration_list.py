"""Registers as lists that somebody hands over: a row a certificate, in another file and another order each time.

A call centre's certificate is for one location, so its branches have rows of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sanad.local.registers import months
from sanad.local.registers.months import Month
from sanad.local.registers.plan import Edition, plan
from sanad.local.registers.population import PROVISIONAL_MONTHS, Kind, Registrant, Validity, registered
from sanad.local.registers.tables import Table, Value, write

_KINDS: dict[Kind, str] = {"company": "IT Company", "call_centre": "Call Centre"}


@dataclass(frozen=True)
class Certificate:
    """One certificate as it stands in a month."""

    holder: Registrant
    certificate_no: str
    place: str
    kind: str
    validity: Validity
    provisional: bool = False


def certificates(month: Month, *kinds: Kind) -> Iterator[Certificate]:
    """Every certificate ever given to registrants of the kinds, with its newest validity."""
    for one in registered(month, *kinds):
        kind, validity = _KINDS[one.kind], one.validity(month)
        if one.provisional(month):
            validity = Validity(validity.first, validity.first + PROVISIONAL_MONTHS - 1)
        yield Certificate(one, one.certificate_no, one.version(month).place, kind, validity, one.provisional(month))
        for branch in one.branches:
            if branch.since <= month:
                yield Certificate(one, branch.certificate_no, branch.place, f"{kind} (Branch)", validity)


def describe(edition: Edition) -> Table:
    """The edition's list as a table."""
    listed = edition.listed
    kinds: tuple[Kind, ...] = tuple(listed.get("kinds", _KINDS))
    rows = tuple(
        tuple(_COLUMNS[column](one, edition, number) for column in listed["columns"])
        for number, one in enumerate(certificates(edition.month, *kinds), 1)
    )
    above = (plan().words["notice"], f"List of registrants as on {edition.published_at:%d %B %Y}")
    table = Table(above, tuple(listed["columns"].values()), rows, edition.published_at)
    return _misdecoded(table) if listed.get("misdecoded") else table


def render(edition: Edition) -> bytes:
    """The edition's list as the file in which it was handed over."""
    return write(describe(edition), edition.listed["file"].rpartition(".")[2])


def _misdecoded(table: Table) -> Table:
    """As it looks when UTF-8 has once been taken for Windows-1252."""
    rows = tuple(
        tuple(value.encode().decode("cp1252") if isinstance(value, str) else value for value in row)
        for row in table.rows
    )
    return replace(table, rows=rows)


def _status(one: Certificate, edition: Edition, number: int) -> str:
    if one.provisional:
        return "Provisional"
    return "Active" if edition.month <= one.validity.last else "Expired"


def _shown(day: date, edition: Edition) -> Value:
    form = edition.listed["months"]
    return day if form == "date" else day.strftime(form)


_COLUMNS: Mapping[str, Callable[[Certificate, Edition, int], Value]] = {
    "number": lambda one, edition, number: number,
    "certificate_no": lambda one, edition, number: one.certificate_no,
    "name": lambda one, edition, number: one.holder.name(edition.month),
    "place": lambda one, edition, number: one.place,
    "address": lambda one, edition, number: one.holder.version(edition.month).address,
    "kind": lambda one, edition, number: one.kind,
    "valid_from": lambda one, edition, number: _shown(months.first_day(one.validity.first), edition),
    "valid_till": lambda one, edition, number: _shown(months.last_day(one.validity.last), edition),
    "status": _status,
    "owner": lambda one, edition, number: one.holder.owner,
    "cnic": lambda one, edition, number: one.holder.cnic,
    "mobile": lambda one, edition, number: one.holder.mobile,
    "email": lambda one, edition, number: one.holder.email,
}
