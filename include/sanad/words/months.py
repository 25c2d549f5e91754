"""Days and months as registers print them: ``Oct 2025``, ``May-2026``, ``October, 2025``, ``31-10-2025``, ISO."""

from __future__ import annotations

import re
from datetime import date, datetime

from sanad.words.periods import full_year, month_number

_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_YEAR}-(?P<month>\d{{2}})(?:-(?P<day>\d{{2}})(?:[T ][\d:.]+Z?)?)?",
        rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s\-/.,]+)?{_NAME}[\s\-/.,]*(?:{_YEAR}|(?P<short>\d{{2}}))",
        rf"{_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}",
        rf"(?:(?P<day>\d{{1,2}})[\-/.])?(?P<month>\d{{1,2}})[\-/.]{_YEAR}",  # the day stands first in Pakistan
    )
)
_STATED = tuple(re.compile(rf"(?<![\w]){form.pattern}(?![\w])", re.IGNORECASE) for form in _FORMS)


def month_of(text: str) -> date | None:
    """The first day of the month that a text is; None when it is none. A day is heeded only for being one."""
    return next(filter(None, (_month(form.fullmatch(text)) for form in _FORMS)), None)


def month_in(text: str) -> date | None:
    """The first day of the month that a text states somewhere, with its year in four digits."""
    return _month(_stating(text))


def month_said(text: str) -> str | None:
    """The words of a text that state its month, and nothing else of it; None when it states none."""
    found = _stating(text)
    return found[0] if found else None


def _stating(text: str) -> re.Match[str] | None:
    stated = (found for form in _STATED for found in form.finditer(text))
    return next((found for found in stated if found["year"] and _month(found)), None)


def _month(found: re.Match[str] | None) -> date | None:
    if found is None:
        return None
    said = found.groupdict()
    year = int(said["year"]) if said["year"] else full_year(int(said["short"]))
    try:
        month = month_number(said["name"]) if said.get("name") else int(said["month"])
        return date(year, month, int(said.get("day") or 1)).replace(day=1)
    except ValueError:  # the 31st of June, or a thirteenth month
        return None


def instant_of(text: str) -> datetime | None:
    """The instant an ISO 8601 text is; None when it is none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
