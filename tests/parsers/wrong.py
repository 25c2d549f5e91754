"""Workbooks that are wrong: the bundled ones with other values in some cells, and what stands against them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sanad.extract import read_release
from sanad.gates import Before, Occasion, judge
from sanad.local.bundled import Cell, at, describe, to_xls
from sanad.registry import dataset
from sanad.words.errors import Unreadable


def findings(name: str, file: str, sheet, before: Before | None, published_on: date):
    """What stands against a sheet: from the reading, else from the gates."""
    try:
        reading = read_release(dataset(name), {file: to_xls(sheet)})
    except Unreadable as unreadable:
        return list(unreadable.findings)
    return judge(Occasion(dataset(name), reading, published_on, before))


def changed(release, **values):
    """A bundled release's sheet with other values at some addresses; None empties a cell."""
    sheet = describe(release)
    for address, value in values.items():
        cell = sheet.cells.pop(at(address), Cell(""))
        if value is not None:
            sheet.cells[at(address)] = replace(cell, value=value)
    return sheet
